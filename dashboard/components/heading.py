"""The headings of the parts of a page: one level below its title, as who listens to a page expects."""

from __future__ import annotations

from dashboard.components.html import show, tag


def heading(text: str) -> None:
    """Begins a part of the page."""
    show(tag("h2", text, class_="part"))
