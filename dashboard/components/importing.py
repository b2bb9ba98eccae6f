"""An import from its files to what became of it: where it stands, and what can be done next."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import importing
from dashboard.components.html import join, show, tag
from dashboard.components.mapping import begin_again, mapping
from dashboard.components.messages import failed, note, refused
from dashboard.components.paging import start
from dashboard.components.preview import aside, counts, differences, errors, warnings
from dashboard.components.upload import upload
from dashboard.components.watch import watch
from dashboard.importing import Checked, Import, Kind
from dashboard.jobs import Cancelled, Job
from dashboard.logs import place_of
from dashboard.words import counted
from registry.actions import PreviewOutdated
from registry.errors import OligometError
from registry.intake.intake import Outcome

_PAGES = Path(__file__).parent.parent / "pages"
_LISTS = ("import-errors", "import-differences", "import-warnings")


def import_page() -> None:
    """The step that the session's import is at."""
    work = importing.current()
    if work is None:
        upload()
        return
    _head(work)
    if work.running is not None:
        watch(work.running, "Nothing is written before all of it is." if work.write else "Nothing is written.")
    elif (outcome := work.written) is not None:
        _done(outcome)
    elif work.write is not None and work.write.failed:
        _stopped(work, work.write)
    elif work.check is None:
        mapping(work)
    elif work.check.failed:
        _stopped(work, work.check)
        if work.kind is Kind.OWN:
            mapping(work)
    else:
        outcome = work.write.result() if work.write is not None else work.check.result().outcome
        _checked(work, work.check.result(), outcome)


def _head(work: Import) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        show(tag("p", join((tag("b", work.name), f" · {work.kind}"))))
        done = work.written is not None
        words = "Import something else" if done else "Give up this import"
        if work.running is None:
            st.button(words, key="import-again", on_click=_again)


def _again() -> None:
    importing.give_up()
    begin_again()
    _from_the_start()


def _from_the_start() -> None:
    for name in _LISTS:
        start(name, again=True)


def _stopped(work: Import, job: Job[Checked] | Job[Outcome]) -> None:
    """Why a check or the writing ended without a result, and the way on."""
    try:
        job.result()
    except Cancelled:
        note("This was cancelled. Nothing was written.")
    except PreviewOutdated as error:
        refused(error)
    except OligometError as error:
        refused(error)
    except Exception as error:  # logged by the job
        failed(place_of(error), "This did not work, and nothing came of it")
    if work.kind is not Kind.OWN or job is work.write:
        st.button("Check again", key="import-check-again", type="primary", on_click=_check, args=(work,))


def _check(work: Import) -> None:
    _from_the_start()
    importing.check(work)


def _checked(work: Import, checked: Checked, outcome: Outcome) -> None:
    show(counts(outcome))
    aside(checked, work.left)
    if outcome.problems:
        errors(outcome.problems)
        if work.kind is Kind.OWN:
            show(tag("p", "Correct the mapping below, or mend the file and begin again.", class_="quiet"))
            mapping(work)
        else:
            show(tag("p", "Mend the file where it comes from, then choose it again.", class_="quiet"))
            st.button("Choose the mended file", key="import-mended", type="primary", on_click=_again)
        return
    if not outcome.written:
        note("Every row is stored already as it is in the file: there is nothing to write.")
        return
    differences(outcome)
    warnings(outcome, written=False)
    _confirm(work, outcome)


def _confirm(work: Import, outcome: Outcome) -> None:
    needs = outcome.first_change is not None
    reason = st.text_input(
        "Reason for the changes *" if needs else "Reason",
        work.reason,
        key="import-reason",
        placeholder="such as: second reading by radiology" if needs else "first entry",
        help="It stands in the audit trail beside every value that is written.",
        max_chars=500,
        width=640,
    )
    work.reason = reason
    if st.button(f"Write {counted(outcome.written, 'row')}", type="primary", key="import-write"):
        if needs and not reason.strip():
            show(tag("p", "Stored values would change: give a reason.", class_="problem", role="alert"))
            return
        importing.write(work, reason)
        st.rerun()


def _done(outcome: Outcome) -> None:
    st.success(f"{counted(outcome.accepted, 'row')} written, {outcome.total('unchanged')} unchanged.")
    show(counts(outcome))
    warnings(outcome, written=True)
    with st.container(horizontal=True):
        st.page_link(_PAGES / "worklist.py", label="What there is to do now, data queries among it")
        st.page_link(_PAGES / "patient.py", label="The patients")
