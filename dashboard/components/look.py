"""The frame of all pages: icon, name, and the colors of our own HTML in the theme that the browser shows."""

from __future__ import annotations

import functools
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from dashboard.components.figure import theme

_ASSETS = Path(__file__).parent.parent / "assets"

_COLORS = {
    "light": {
        "accent": "#14616b",
        "on-accent": "#ffffff",
        "second": "#9cc7c9",
        "quiet": "#58656a",
        "line": "#dbe2e4",
        "soft": "#f3f6f7",
        "warn": "#a33b00",
    },
    "dark": {
        "accent": "#5cc0c7",
        "on-accent": "#14171c",
        "second": "#33646a",
        "quiet": "#a3aeb4",
        "line": "#353d45",
        "soft": "#1d2228",
        "warn": "#ff9a4d",
    },
}

_ON_PAPER = {
    "light": "",
    "dark": "@media print { [data-testid='stImage'] img { filter: invert(1) hue-rotate(180deg); } }",
}
"""Figures that were drawn for the dark are turned light on paper."""

_ABOUT = (
    f"**oligomet {version('oligomet')}** · the registry of oligometastatic colorectal cancer, "
    "with outcome analytics and consensus audit. "
    "Months are 30.4375 days; times of the audit trail are in UTC."
)


@functools.cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def look() -> None:
    """Sets the frame; the first thing of every run."""
    shown = theme()
    st.set_page_config(page_title="oligomet", page_icon=_asset("icon.svg"), layout="wide", menu_items={"About": _ABOUT})
    st.logo(_asset(f"logo-{shown}.svg"), size="medium")
    variables = "".join(f"--om-{name}: {color};" for name, color in _COLORS[shown].items())
    st.html(f"<style>:root {{{variables}}}\n{_asset('style.css')}{_ON_PAPER[shown]}</style>")
