"""What an empty registry says: how patients come in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.components.enroll import ENROLL
from registry.access import Actor, Permission

_PAGES = Path(__file__).parent.parent / "pages"


def empty(who: Actor) -> None:
    """The first thing that somebody sees who has just made a registry."""
    st.subheader("There are no patients in this registry yet")
    st.markdown(
        "Bring in what your center has, here or on the command line, or try the program on simulated patients:\n\n"
        "| to | run |\n|---|---|\n"
        "| import a folder of CSV files or a workbook | `oligomet import PATH` |\n"
        "| import a center's own spreadsheet | `oligomet mapping draft FILE`, "
        "then `oligomet import FILE --mapping MAP.toml` |\n"
        "| get empty files to fill in | `oligomet template PATH` |\n"
        "| see the pages with simulated patients | `oligomet demo` |\n\n"
        "Load this page again when they are in."
    )
    if who.may(Permission.IMPORT):
        st.page_link(_PAGES / "import.py", label="Import files here")
    if who.may(Permission.WRITE_RECORDS):
        st.page_link(_PAGES / "patient.py", label="Enroll the first patient here", query_params={ENROLL: "yes"})
