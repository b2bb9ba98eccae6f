"""Records to take away: whole ones of one's own center, or de-identified ones."""

from __future__ import annotations

import streamlit as st

from dashboard.components.exporting import export_page

st.title("Export", anchor=False)
export_page()
