"""Double entry on the page: drawing a sample, and what the comparison of both entries shows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analytics.audit.agreement import Agreement, Kappa
from analytics.audit.proportions import Rate
from dashboard import double_entry
from dashboard.components.html import Column, Content, Html, show, table, tag
from dashboard.components.messages import plain, refused
from dashboard.components.own_center import own_center
from dashboard.components.paging import part, start, steps
from dashboard.components.record import cell
from dashboard.words import FORMS, NOTHING, column_title, counted, number
from registry.double_entry import Compared, Sample
from registry.errors import OligometError
from registry.tables import PATIENT_TABLES, TABLES

SAMPLE = "sample"
SHOWN = 10
_LIST = "discrepancies"
_PATIENTS, _PERCENT = "Patients", "Percent"
_PAGE = Path(__file__).parent.parent / "pages" / "patient.py"


def sample_words(sample: Sample) -> str:
    """A sample in a few words."""
    drawn = f"{number(sample.patients)} of {counted(sample.eligible, 'patient')}"
    done = f"{number(sample.finished)} of {counted(sample.rows, 'form')} entered again"
    return f"No. {sample.number}: {sample.center_id}, {drawn}, drawn {sample.drawn_at[:10]}; {done}"


def draw(earlier: int) -> None:
    """Asks for a sample and draws it.

    Args:
        earlier: how many samples there are; each begins with a seed of its own.
    """
    key = f"sample-seed-{earlier}"
    st.session_state.setdefault(key, str(secrets.randbelow(900_000) + 100_000))
    center = own_center("center")
    if center is None:
        return
    forms = st.multiselect("Forms", PATIENT_TABLES, format_func=FORMS.__getitem__, key="sample-forms", select_all=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        unit = st.segmented_control(
            "Size in", (_PATIENTS, _PERCENT), default=_PATIENTS, required=True, key="sample-unit"
        )
        size = st.text_input("Size", "10", key="sample-size", width=120)
        help = "The same seed and the same patients give the same sample, on any computer."
        seed = st.text_input("Seed", key=key, width=180, help=help)
    if st.button("Draw the sample", key="sample-draw", type="primary"):
        wanted, begins = _whole(size), _whole(seed)
        if wanted is None or begins is None:
            show(tag("p", "Size and seed are whole numbers.", class_="problem", role="alert"))
            return
        try:
            of = (wanted, None) if unit == _PATIENTS else (None, float(wanted))
            drawn = double_entry.draw(center, forms, begins, *of)
        except OligometError as error:
            refused(error)
            return
        st.query_params[SAMPLE] = str(drawn)
        st.rerun()


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() and len(text.strip()) < 16 else None


def agreement_table(found: Sequence[Agreement]) -> Html:
    """Error rates with their limits, and where a field has a kappa that with its own."""
    columns = [
        Column("Form", kind="head"),
        Column("Field"),
        Column("Compared", "fields in which one of both entries holds something", "num"),
        Column("Differ", kind="num"),
        Column("Error rate (95 % CI)", "Wilson's limits; where a patient gives several fields, limits for that", "num"),
        Column("Kappa (95 % CI)", "Cohen's kappa of coded fields: agreement beyond chance", "num"),
    ]  # fmt: skip
    shown = len(columns) if any(one.kappa for one in found) else len(columns) - 1
    return table(columns[:shown], (_line(one)[:shown] for one in found))


def _line(one: Agreement) -> list[Content]:
    form = FORMS[one.table] if one.table else "All forms"
    field = column_title(TABLES[one.table].fields[one.column], unit=False) if one.column else "all fields"
    return [form, field, number(one.errors.cases), number(one.errors.met), _rate(one.errors), _kappa(one.kappa)]


def _rate(found: Rate) -> str:
    if found.estimate is None or found.ci_low is None or found.ci_high is None:
        return NOTHING
    return f"{100 * found.estimate:.1f} % ({100 * found.ci_low:.1f} to {100 * found.ci_high:.1f})"


def _kappa(found: Kappa | None) -> str:
    if found is None or found.estimate is None:
        return NOTHING
    limits = f" ({found.ci_low:.2f} to {found.ci_high:.2f})" if found.ci_low is not None else ""
    return f"{found.estimate:.2f}{limits}"


def discrepancies(compared: Sequence[Compared], *, resolves: bool) -> None:
    """The fields in which both entries differ, each with what became of it and the ways to resolve it."""
    differing = [one for one in compared if one.first != one.second]
    if not differing:
        show(tag("p", "Both entries agree in every field.", class_="quiet"))
        return
    now = double_entry.stored_now(differing)
    open_first = sorted(differing, key=lambda one: _state(one, now[one]) != "open")
    for at, one in enumerate(part(open_first, _LIST, SHOWN)):
        _discrepancy(one, _state(one, now[one]), start(_LIST) + at, resolves=resolves)
    steps(_LIST, len(differing), SHOWN, what="discrepancies")


def _state(one: Compared, now: str | None) -> str:
    if now is None:
        return "the row is gone"
    if now != one.first:
        return "corrected" if now == one.second else "changed"
    return f"left by {one.left_by}" if one.left_by else "open"


def _discrepancy(one: Compared, state: str, position: int, *, resolves: bool) -> None:
    field = TABLES[one.item.table].fields[one.column]
    columns = [Column("Field", kind="head"), Column("First entry", kind="free"), Column("Second entry", kind="free")]
    place = " ".join(part for part in (one.item.owner, FORMS[one.item.table], one.item.record_key) if part)
    row: list[Content] = [column_title(field), cell(field, one.first), cell(field, one.second), state]
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"discrepancy-{position}"):
        show(table([*columns, Column("Resolved")], [row], caption=place))
        if resolves and state == "open":
            st.button("Leave", key=f"leave-{position}", on_click=_leave, args=(one,), help="The first entry is right.")
            address = {"patient": one.item.owner, "form": one.item.table}
            if one.item.record_key:
                address["row"] = one.item.record_key
            st.page_link(_PAGE, label=plain("Correct ›"), query_params=address, help=plain(place))


def _leave(one: Compared) -> None:
    try:
        double_entry.leave(one)
    except OligometError as error:
        refused(error)
