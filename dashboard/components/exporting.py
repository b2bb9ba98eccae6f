"""An export: what is taken in which format, its making, and the way to the file."""

from __future__ import annotations

from collections.abc import Mapping

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
    "csv": ("CSV files", "A file for each table, in a zip file. It can be imported again."),
    "xlsx": ("Workbook", "A sheet for each table. It can be imported again."),
    "parquet": ("Parquet", "Typed columns for analysis programs, in a zip file."),
    "redcap": ("REDCap", "For a REDCap project that was made from this registry's dictionary, in a zip file."),
    "fhir": ("FHIR R4", "Resources as NDJSON, in a zip file."),
}
_WHOLE, _DEIDENTIFIED = "whole", "deidentified"
_WHAT = {_WHOLE: "Whole records", _DEIDENTIFIED: "De-identified records"}
_ABOUT = {
    _WHOLE: "With ids, birth dates and free text: for the center itself, not to be passed on.",
    _DEIDENTIFIED: "Pseudonyms for patients and centers, ages for birth dates, all dates of a patient moved by the "
    "same number of days, no free text. Who knows a rare history may still recognize it: pass it on only under an "
    "agreement.",
}


def export_page() -> None:
    """The choice, and what was made of the last one."""
    who = viewer()
    whats = [_WHOLE, _DEIDENTIFIED] if who.may(Permission.EXPORT) else [_DEIDENTIFIED]
    of = f"Records of center {who.center_id}" if who.center_id else "Records of all centers"
    what = _choice(of, "export-what", {name: _WHAT[name] for name in whats})
    show(tag("p", _ABOUT[what], class_="quiet"))
    format = _choice("Format", "export-format", {name: title for name, (title, _) in _FORMATS.items()})
    show(tag("p", _FORMATS[format][1], class_="quiet"))
    work = exporting.current()
    if work is not None and not work.job.done:
        watch(work.job, "It is not in your hands before it is ready.")
        return
    if st.button("Make the file", type="primary", key="export-make"):
        try:
            exporting.make(format, what == _DEIDENTIFIED)
        except OligometError as error:
            refused(error)
        else:
            st.rerun()
    if work is not None:
        _ready(work)


def _choice(label: str, key: str, options: Mapping[str, str]) -> str:
    default = next(iter(options))
    return str(
        st.segmented_control(
            label, list(options), format_func=options.__getitem__, key=key, default=default, required=True
        )
    )


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
    words = f"{made.path.name}, {number(max(1, round(size / 1000)))} kB, {counted(sum(made.counts.values()), 'row')}"
    note = " · It waits for a quarter of an hour. Each download stands in the audit trail."
    rows = [(FORMS[name], number(count)) for name, count in made.counts.items() if count]
    return (
        tag("p", join((link, tag("b", words), tag("span", note, class_="quiet")))),
        table((Column("Table", kind="head"), Column("Rows", kind="num")), rows, narrow=True),
    )
