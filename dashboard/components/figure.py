"""Figures on the page: drawn for its theme, as wide as the page, with their content in words."""

from __future__ import annotations

import streamlit as st

from analytics.figures.style import ThemeName


def theme() -> ThemeName:
    """The theme that the viewer's browser shows; light until it has said so."""
    return "dark" if st.context.theme.type == "dark" else "light"


def figure(svg: str, words: str) -> None:
    """An SVG as an image, with its content in words for those who cannot see it."""
    st.image(svg, width="stretch", alt=words)
