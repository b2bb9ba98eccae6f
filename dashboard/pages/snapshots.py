"""Snapshots: the data of a publication, frozen; the one that outcomes are computed from, and making another."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from dashboard import data, frozen
from dashboard.components import chosen
from dashboard.components.carried import SNAPSHOT, keep
from dashboard.components.choice import choice
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.snapshot import contents, freezing, snapshot_list

WHAT = (
    "A snapshot freezes what the registry held at a data cut, so that every analysis of it can be made again. Choose "
    "one, and all pages of outcomes compute from it until you go back to the registry."
)
NONE = "There is no snapshot yet. "
WHO = "An administrator makes them, here or with oligomet snapshot create NAME."

at = data.shown()
st.title("Snapshots", anchor=False)
show(tag("p", WHAT))
found = frozen.listed()
whole = {name: f"{name}, data cut {made.data_cut.isoformat()}" for name, made in found.items() if made is not None}
with st.container(width=480):
    choice("Snapshot", SNAPSHOT, {"": "None: outcomes are of the registry as it stands"} | whole)
keep()
if (st.query_params.get(SNAPSHOT) or None) != at.snapshot:
    st.rerun()  # the strip above is of the choice before
if at.snapshot is not None:
    heading(f"What {at.snapshot} holds")
    show(contents(frozen.held(at)))
    chosen.ways_on("snapshots")
heading("All snapshots")
show(snapshot_list(found) if found else tag("p", NONE + ("" if frozen.may_freeze() else WHO)))
if frozen.may_freeze():
    heading("Make a snapshot")
    freezing(dt.date.today())
elif found:
    show(tag("p", WHO, class_="quiet"))
