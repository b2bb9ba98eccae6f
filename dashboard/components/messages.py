"""What a page says where it cannot show what was asked for: in a sentence, with what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from registry.errors import OligometError

_OPTIONS = {"--landmark-months M": "a landmark of M months"}
"""Options of the command line that remedies name -> what they are called on the pages."""


def plain(text: str) -> str:
    """A text that Markdown shows as it is: no formatting, no link, no image."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])", r"\\\1", text).replace("\n", " ")


def refused(error: OligometError, names: Mapping[str, str] | None = None) -> None:
    """An error that a person can mend.

    Args:
        names: names of the interface in the message -> what they are called on the page.
    """
    got = f" ({error.got})" if error.got is not None else ""
    parts = [f"{error.problem}{got}."] + ([f"{error.remedy}."] if error.remedy else [])
    for name, words in {**_OPTIONS, **(names or {})}.items():
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        parts = [words.join(whole.split(part)) for part in parts]
    st.warning("  \n".join(plain(part[:1].upper() + part[1:]) for part in parts))


def failed(place: str, what: str = "This page could not be shown") -> None:
    """An error of the program; nothing of its message is shown, since that can hold values of a record."""
    st.error(plain(f"{what}. Please report the place: {place}"))


def note(text: str) -> None:
    """Something that was not as asked, and what is shown instead."""
    st.info(plain(text))
