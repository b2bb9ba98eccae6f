"""The readings of the consensus, and what changes when one is changed, before it is."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.form_state import said
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.readings import LEDE, all_readings, one_reading

st.title("Readings", anchor=False)
said()
show(tag("p", LEDE, class_="quiet"))
one_reading(data.shown())
heading("All readings")
show(all_readings())
