"""What a session knows of an open form, and what is said on the run after one of its buttons."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import entering
from dashboard.components.html import show, tag
from dashboard.entry import Questioned, Row
from registry.drafts import REASON, Place
from registry.fields import CellProblem

_SAID, _EPOCHS, _FORM = "said", "form-epochs", "form|"


class Form:
    """An open form of one version of one row.

    Args:
        begins: column -> text with which its field begins, where nothing was drafted.

    Attributes:
        row: as it was when the form was opened.
        texts: column -> text as it was last kept: what another window kept since then is not written over.
        drafted: the columns of the draft.
        tried: somebody asked to save it, so what is blank is told.
        refused: texts that were sent, and what the registry said of them.
        checked: texts that were checked, and what the edit checks said of them.
    """

    def __init__(self, row: Row, begins: Mapping[str, str]) -> None:
        self.row = row
        found = entering.draft(row.place)
        self.texts = {**begins, REASON: "", **{name: typed.text for name, typed in found.items()}}
        self.drafted = set(found)
        self.tried = False
        self.refused: tuple[dict[str, str], list[tuple[str, CellProblem]]] = ({}, [])
        self.checked: tuple[dict[str, str], list[Questioned]] | None = None


def name_of(row: Row) -> str:
    """What the keys of all fields of a form begin with: record, row, version, and how often it was begun anew.

    A browser that comes back after a restart sends what it last held under the old keys; what is of another version
    is then of another field.
    """
    place = row.place
    epoch = st.session_state.get(_EPOCHS, {}).get(place, 0)
    return "|".join((place.owner, place.table, place.record_key, str(row.version), str(epoch)))


def opened(row: Row, begins: Mapping[str, str]) -> Form:
    """The open form of a row; it is made where this session has not opened it yet."""
    key = _FORM + name_of(row)
    if key not in st.session_state:
        for old in [name for name in st.session_state if str(name).startswith(_FORM)]:
            del st.session_state[old]  # one form is open at a time
        st.session_state[key] = Form(row, begins)
    found: Form = st.session_state[key]
    return found


def keep_the_rest() -> None:
    """Keeps what stands in the open form and was not kept yet, since this run found that the session has ended."""
    for key, state in list(st.session_state.items()):
        if isinstance(state, Form):
            name = str(key).removeprefix(_FORM)
            found = {column: st.session_state.get(f"{name}|{column}", text) for column, text in state.texts.items()}
            typed = {column: ";".join(text) if isinstance(text, list) else str(text) for column, text in found.items()}
            moved = {column: text for column, text in typed.items() if text != state.texts[column]}
            entering.keep_after_the_end(state.row, moved)


def begin_again(place: Place) -> None:
    """The form takes its texts anew from what is stored and drafted, on the next run."""
    epochs = st.session_state.setdefault(_EPOCHS, {})
    epochs[place] = epochs.get(place, 0) + 1
    for old in [name for name in st.session_state if str(name).startswith(_FORM)]:
        del st.session_state[old]


def say(text: str) -> None:
    """Says something on the run that follows, once."""
    st.session_state[_SAID] = text


def said() -> None:
    """What was to be said."""
    text = st.session_state.pop(_SAID, "")
    if text:
        show(tag("p", text, class_="said", role="status"))
