"""What there is to do: drafts, overdue chest CTs and follow-up, data queries, blank cells."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.worklist import worklist

st.title("Worklist", anchor=False)
worklist(data.shown())
