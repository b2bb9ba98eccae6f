"""The center table: the centers that enter records."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.center_table import center_table

st.title("Center table", anchor=False)
at = data.shown()
center_table(at, data.glance(data.counted(at)))
