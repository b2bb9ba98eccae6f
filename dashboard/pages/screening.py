"""Every case that an MDT listed, enrolled or not."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.screening import screening_log

st.title("Screening log", anchor=False)
screening_log(data.shown())
