"""What can be taken from a survival analysis: the figure and its numbers, nothing of a single patient."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.data import Moment, Question

_FILES = {
    "svg": ("SVG", "image/svg+xml"),
    "png": ("PNG", "image/png"),
    "pdf": ("PDF", "application/pdf"),
    "csv": ("CSV of the curves", "text/csv"),
}


def downloads(at: Moment, asked: Question) -> None:
    """A button for each format; a file is made when it is asked for."""
    parts = (asked.endpoint, asked.origin, asked.by, asked.center, at.cut.isoformat())
    name = "-".join("".join(c if c.isalnum() or c == "-" else "_" for c in part) for part in parts if part)
    with st.container(horizontal=True):
        for format, (label, kind) in _FILES.items():
            st.download_button(
                label,
                data.survival_file(at, asked, format, f"{name}.{format}"),
                file_name=f"{name}.{format}",
                mime=kind,
                key=f"download-{format}",
                on_click="ignore",
            )
