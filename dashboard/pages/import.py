"""Many rows at once: files that are checked, looked at, and written as a whole or not at all."""

from __future__ import annotations

import streamlit as st

from dashboard.components.importing import import_page

st.title("Import", anchor=False)
import_page()
