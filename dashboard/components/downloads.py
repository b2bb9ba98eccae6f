"""What can be taken from an analysis: its figure and its numbers, nothing of a single patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

_KINDS = {
    "svg": ("SVG", "image/svg+xml"),
    "png": ("PNG", "image/png"),
    "pdf": ("PDF", "application/pdf"),
    "csv": ("CSV", "text/csv"),
}


def files(parts: Iterable[str | None], take: Callable[[str, str], Callable[[], bytes]], csv: str) -> None:
    """A button for each format; a file is made when it is asked for.

    Args:
        parts: of the file's name; None for what was not asked for.
        take: format and name -> what makes the file.
        csv: what the button of the numbers says.
    """
    name = "-".join("".join(c if c.isalnum() or c == "-" else "_" for c in part) for part in parts if part)
    with st.container(horizontal=True):
        for format, (label, kind) in _KINDS.items():
            st.download_button(
                csv if format == "csv" else label,
                take(format, f"{name}.{format}"),
                file_name=f"{name}.{format}",
                mime=kind,
                key=f"download-{format}",
                on_click="ignore",
            )
