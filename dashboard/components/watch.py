"""Work under way: how far it is, and the way to end it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.components.html import show, tag
from dashboard.jobs import Job

EVERY_SECONDS = 0.7


def watch(job: Job[Any], words: str) -> None:
    """Shows the progress until the work has ended, then runs the page anew.

    Args:
        job: what is under way.
        words: what somebody who ends it should know.
    """
    st.fragment(_watched, run_every=EVERY_SECONDS)(job, words)


def _watched(job: Job[Any], words: str) -> None:
    if job.done:
        st.rerun()
    st.progress(min(job.share, 1.0), text=f"{job.step[:1].upper()}{job.step[1:]} …")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Cancel", key="job-cancel", on_click=job.cancel)
        show(tag("span", f"You may leave this page meanwhile. {words}", class_="quiet"))
