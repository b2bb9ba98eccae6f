"""How a center's own spreadsheet is read: the mapping, drafted from the header, pasted or uploaded, and corrected."""

from __future__ import annotations

import streamlit as st

from dashboard import importing
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.importing import LONGEST_MAPPING, Import
from registry.errors import OligometError

_KEY = "import-mapping"


def mapping(work: Import) -> None:
    """The mapping of the file, to be checked with it."""
    show(tag("h2", "How the columns are read", class_="part"))
    words = (
        "A mapping says which column of your file is which field of the registry, and which code is which. Let it be "
        "drafted from the header, then fill in every question mark and correct what was guessed wrongly. Keep it: "
        "with it the next version of your file comes in at once."
    )
    show(tag("p", words, class_="quiet"))
    sheet = _sheet(work)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Draft it from the header", key="mapping-draft"):
            _draft(work, sheet)
        uploaded = st.file_uploader("or choose a mapping that you kept", type=["toml"], key="mapping-file", width=420)
    if uploaded is not None and st.session_state.get("mapping-taken") != uploaded.file_id:
        st.session_state["mapping-taken"] = uploaded.file_id
        work.mapping = uploaded.getvalue()[:LONGEST_MAPPING].decode("utf-8-sig", "replace")
        st.session_state[_KEY] = work.mapping
    if _KEY not in st.session_state:
        st.session_state[_KEY] = work.mapping
    text = st.text_area("Mapping", key=_KEY, height=420, max_chars=LONGEST_MAPPING, placeholder="[source] …")
    work.mapping = text or ""
    with st.container(horizontal=True):
        asked = st.button("Check the file", type="primary", disabled=not work.mapping.strip(), key="mapping-check")
        st.download_button(
            "Keep the mapping",
            work.mapping,
            file_name="mapping.toml",
            disabled=not work.mapping.strip(),
            key="mapping-keep",
            on_click="ignore",
        )
    if asked:
        importing.check(work)
        st.rerun()


def begin_again() -> None:
    """Forgets what stood in the field: another file comes."""
    for key in (_KEY, "mapping-taken"):
        st.session_state.pop(key, None)


def _sheet(work: Import) -> str | None:
    try:
        sheets = work.sheets()
    except OligometError:
        return None  # the check says what is wrong with the file
    if len(sheets) < 2:
        return None
    return str(st.selectbox("Sheet", sheets, key="mapping-sheet", width=320))


def _draft(work: Import, sheet: str | None) -> None:
    try:
        work.mapping = work.draft(sheet)
    except OligometError as error:
        refused(error)
        return
    st.session_state[_KEY] = work.mapping
