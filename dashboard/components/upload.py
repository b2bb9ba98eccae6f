"""The begin of an import: what it is, its files, and empty files to fill in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard import importing
from dashboard.components.html import show, tag
from dashboard.components.messages import plain, refused
from dashboard.importing import LARGEST_MB, Kind
from registry.errors import OligometError
from registry.exchange.archive import pack
from registry.exchange.template import write_template

_TITLES = {
    Kind.TABLES: "Tables of the registry",
    Kind.REDCAP: "An export of REDCap",
    Kind.OWN: "My own spreadsheet",
}

_WORDS = {
    Kind.TABLES: "A workbook with a sheet for each table, or CSV files named after their tables, also several at once "
    "or in a zip file. Templates to fill in are below; an export of this registry is of the same form.",
    Kind.REDCAP: "The raw CSV export of a REDCap project that was made from this registry's dictionary: its "
    "records.csv, or a zip file with it and the CSV files of the center.",
    Kind.OWN: "One CSV file or one workbook, as you keep it. How its columns are read is said in the next step.",
}

_TYPES = {Kind.TABLES: ["csv", "xlsx", "zip"], Kind.REDCAP: ["csv", "zip"], Kind.OWN: ["csv", "xlsx"]}

_ROUND = "import-round"
"""Counts the uploads of a session: the next one begins with an empty field."""


def upload() -> None:
    """What is brought in, and the files."""
    kind = Kind(
        st.segmented_control(
            "What do you bring in?",
            [str(kind) for kind in Kind],
            format_func=lambda kind: _TITLES[Kind(kind)],
            key="import-kind",
            default=str(Kind.TABLES),
            required=True,
        )
    )
    show(tag("p", _WORDS[kind], class_="quiet"))
    round = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        "Files" if kind is not Kind.OWN else "File",
        type=_TYPES[kind],
        accept_multiple_files=True,
        key=f"import-files-{kind.name}-{round}",
        help=f"At most {LARGEST_MB} MB together. They are removed when the import is written or given up.",
    )
    words = "Check the files" if kind is not Kind.OWN else "Go on"
    if st.button(words, type="primary", disabled=not files, key="import-check") and files:
        _begin(kind, files)
    if kind is Kind.TABLES:
        _templates()


def _begin(kind: Kind, files: list[UploadedFile]) -> None:
    try:
        begun = importing.begin(kind, [(file.name, file.getvalue()) for file in files])
        if kind is not Kind.OWN:
            importing.check(begun)
    except OligometError as error:
        refused(error)
        return
    finally:
        _forget(files)
    st.session_state[_ROUND] += 1
    st.rerun()


def _forget(files: list[UploadedFile]) -> None:
    """Streamlit would keep the files in memory until its session ends."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def _templates() -> None:
    show(tag("h2", "Empty files to fill in", class_="part"))
    with st.container(horizontal=True):
        st.download_button(
            "Workbook",
            lambda: _template("xlsx"),
            file_name="oligomet-template.xlsx",
            help=plain("A sheet for each table, with drop-downs and the meaning of every column"),
            key="template-xlsx",
            on_click="ignore",
        )
        st.download_button(
            "CSV files",
            lambda: _template("csv"),
            file_name="oligomet-template.zip",
            key="template-csv",
            on_click="ignore",
        )


def _template(format: str) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / ("template.xlsx" if format == "xlsx" else "template")
        write_template(path)
        if format == "xlsx":
            return path.read_bytes()
        packed = path.with_suffix(".zip")
        pack(path, packed)
        return packed.read_bytes()
