"""What can be taken from an analysis: its figure and its numbers, nothing of a single patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

FIGURES = {
    "svg": ("SVG", "image/svg+xml"),
    "png": ("PNG", "image/png"),
    "pdf": ("PDF", "application/pdf"),
}
"""The formats of a figure -> what their button says, and their kind."""

TABLES = {
    "csv": ("CSV", "text/csv"),
    "html": ("HTML", "text/html"),
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
"""The formats of a table of patients."""


def with_numbers(words: str) -> Mapping[str, tuple[str, str]]:
    """The formats of a figure with the CSV of its numbers, and what that button says."""
    return FIGURES | {"csv": (words, "text/csv")}


def files(
    parts: Iterable[str | None],
    take: Callable[[str, str], Callable[[], bytes]],
    formats: Mapping[str, tuple[str, str]],
) -> None:
    """A button for each format; a file is made when it is asked for.

    Args:
        parts: of the file's name; None for what was not asked for.
        take: format and name -> what makes the file.
        formats: what is offered.
    """
    name = "-".join("".join(c if c.isalnum() or c == "-" else "_" for c in part) for part in parts if part)
    with st.container(horizontal=True):
        for format, (label, kind) in formats.items():
            st.download_button(
                label,
                take(format, f"{name}.{format}"),
                file_name=f"{name}.{format}",
                mime=kind,
                key=f"download-{format}",
                on_click="ignore",
            )
