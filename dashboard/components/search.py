"""Finding a patient by a part of the id, or by who it is: text fields, and a short list that the database pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import data, identities
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.components.paging import start, steps
from dashboard.lookup import Hit, Narrowed
from dashboard.words import counted
from registry.errors import OligometError

_PAGES = Path(__file__).parent.parent / "pages"
_TEXT, _LIST, _PATIENT = "find-text", "patients", "patient"
_WHO, _FOUND = "find-who", "found-who"
_COLUMNS = ("Patient", "Center", "Sex", "Enrolled", "Vital status", "Last contact")


def find_patient(narrowing: Callable[[], Narrowed] | None = None) -> str | None:
    """The id of the patient that the address names; else the list to choose one from, and None.

    Args:
        narrowing: shows the filters of the list, and says what they are set to.
    """
    asked = st.query_params.get(_PATIENT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, hint = "Find a patient", "id, or a part of it"
        text = st.text_input(label, key=_TEXT, placeholder=hint, on_change=_forget, width=320).strip()
        by_identity = _by_identity()
        if asked or by_identity is not None:
            st.button("All patients", on_click=_begin_again)
    if asked:
        return asked
    narrowed = narrowing() if narrowing else Narrowed()
    if by_identity is not None:
        among = by_identity if narrowed.among is None else [found for found in by_identity if found in narrowed.among]
        narrowed = replace(narrowed, among=among)
    page = data.search(text, start(_LIST), narrowed)
    if page.total == 1 and page.rows[0].patient_id == text:
        _open(text)
    said = f"{counted(page.total, 'patient')} with “{text}” in the id" if text else counted(page.total, "patient")
    said += " of those with that hospital number or name" if by_identity is not None else ""
    show(tag("p", f"{said}. Choose one to open the record." if page.total else f"{said}.", class_="quiet"))
    chosen = _choose(page.rows) if page.rows else None
    steps(_LIST, page.total, data.LISTED, what="patients")
    if chosen:
        _open(chosen)
    return None


def _by_identity() -> tuple[str, ...] | None:
    """The patients that were found by who they are; None where nobody was searched for so, or may be."""
    if not identities.may_view():
        st.session_state.pop(_FOUND, None)
        return None
    label, hint = "Hospital number or name", "the whole number, or whole words"
    help = "What is typed here is searched for once, then forgotten. The audit trail says who was found, not by what."
    st.text_input(label, key=_WHO, placeholder=hint, on_change=_search, width=320, autocomplete="off", help=help)
    found = st.session_state.get(_FOUND)
    if isinstance(found, OligometError):
        del st.session_state[_FOUND]
        refused(found)
        return None
    return found.patients if found is not None else None


def _search() -> None:
    """Searches for what was typed, and takes it off the page."""
    text = st.session_state.pop(_WHO, "")
    _forget()
    st.session_state.pop(_FOUND, None)
    if not text.strip():
        return
    try:
        found = identities.search(text)
    except OligometError as error:
        st.session_state[_FOUND] = error
        return
    st.session_state[_FOUND] = found
    if len(found.patients) == 1:
        st.query_params[_PATIENT] = found.patients[0]


def to_mdt_view(patient_id: str) -> None:
    """The way from a record to what the MDT sees of the same patient."""
    st.page_link(_PAGES / "mdt.py", label="MDT view of this patient", query_params={_PATIENT: patient_id})


def to_record(patient_id: str) -> None:
    """The way from the MDT view to the record."""
    st.page_link(_PAGES / "patient.py", label="Record of this patient", query_params={_PATIENT: patient_id})


def from_the_start() -> None:
    """The list begins again: it is another one."""
    start(_LIST, again=True)


def _forget() -> None:
    """No record is open any more, and the list begins again."""
    from_the_start()
    for name in ("form", "row"):
        st.query_params.pop(name, None)
    st.query_params.pop(_PATIENT, None)


def _begin_again() -> None:
    """The list shows everybody."""
    st.session_state[_TEXT] = ""
    st.session_state.pop(_FOUND, None)
    _forget()


def _open(patient_id: str) -> None:
    """Puts the patient into the address, and runs the page again with it."""
    st.query_params[_PATIENT] = patient_id
    st.rerun()


def _choose(hits: Sequence[Hit]) -> str | None:
    """The id of the row that somebody chose."""
    rows = [
        (hit.patient_id, hit.center_id, hit.sex, hit.enrolled_on, hit.vital_status, hit.last_contact_on) for hit in hits
    ]
    chosen = st.dataframe(
        pd.DataFrame(rows, columns=list(_COLUMNS)),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"list-{hits[0].patient_id}-{len(hits)}",
        alt="Patients found",
    )
    cells = chosen["selection"]["cells"]
    return hits[cells[0][0]].patient_id if cells and cells[0][0] < len(hits) else None
