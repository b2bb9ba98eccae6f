"""An export: what is taken in which format, its making, and the way to the file."""

from __future__ import annotations

import streamlit as st

from dashboard import exporting
from dashboard.components.html import Column, Html, html, join, show, table, tag
from dashboard.components.messages import failed, note, refused
from dashboard.components.watch import watch
from dashboard.exporting import Export, Made
from dashboard.jobs import Cancelled
from dashboard.logs import place_of
from dashboard.who import viewer
from dashboard.words import FORMS, counted, number
from registry.access import Permission
from registry.errors import OligometError

_FORMATS = {
    "csv": ("CSV files", "a file for each table; can be imported again"),
    "xlsx": ("Workbook", "a sheet for each table; can be imported again"),
    "parquet": ("Parquet", "typed columns, for analysis programs"),
    "redcap": ("REDCap", "for a project made from this registry's dictionary"),
    "fhir": ("FHIR R4", "resources as NDJSON"),
}
_WHOLE, _DEIDENTIFIED = "whole", "deidentified"
_WHAT = {_WHOLE: "Whole records", _DEIDENTIFIED: "De-identified records"}
_ABOUT = {
    _WHOLE: "With birth dates, ids and free text: for the center itself, not to be passed on.",
    _DEIDENTIFIED: "Pseudonyms for patients and centers, all dates of a patient shifted by the same number of days, ages "
    "for birth dates, no free text. Who knows a rare history may still recognize it: pass it on under an agreement only.",
}


def export_page() -> None:
    """The choice, and what was made of the last one."""
    who = viewer()
    whats = [_WHOLE, _DEIDENTIFIED] if who.may(Permission.EXPORT) else [_DEIDENTIFIED]
    of = f"of center {who.center_id}" if who.center_id else "of all centers"
    what = st.radio(
        f"What, {of}",
        whats,
        format_func=_WHAT.__getitem__,
        key="export-what",
        captions=[_ABOUT[what] for what in whats],
    )
    format = st.radio(
        "Format",
        list(_FORMATS),
        format_func=lambda name: _FORMATS[name][0],
        key="export-format",
        captions=[words for _, words in _FORMATS.values()],
        horizontal=True,
    )
    work = exporting.current()
    if work is not None and not work.job.done:
        watch(work.job, "It is not in your hands before it is ready.")
        return
    if st.button("Make the file", type="primary", key="export-make"):
        try:
            exporting.make(str(format), str(what) == _DEIDENTIFIED)
        except OligometError as error:
            refused(error)
        else:
            st.rerun()
    if work is not None:
        _ready(work)


def _ready(work: Export) -> None:
    try:
        made = work.job.result()
    except Cancelled:
        note("This was cancelled. There is no file.")
    except OligometError as error:
        refused(error)
    except Exception as error:  # logged by the job
        failed(place_of(error), "This did not work, and nothing came of it")
    else:
        show(tag("div", join(_file(work, made)), class_="export"))


def _file(work: Export, made: Made) -> tuple[Html, ...]:
    size = made.path.stat().st_size if made.path.is_file() else 0
    link = Html(f'<a class="take" href="{html(work.address())}" download="{html(made.path.name)}">Download</a>')
    words = f"{made.path.name}, {number(max(1, round(size / 1000)))} kB, {counted(sum(made.counts.values()), 'row')}. "
    note = "It waits for a quarter of an hour. Each download stands in the audit trail."
    rows = [(FORMS[name], number(count)) for name, count in made.counts.items() if count]
    return (
        tag("p", join((link, tag("b", words), tag("span", note, class_="quiet")))),
        table((Column("Table", kind="head"), Column("Rows", kind="num")), rows, narrow=True),
    )
