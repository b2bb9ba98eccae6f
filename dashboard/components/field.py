"""One field of a form, as its declaration says: a choice for codes, a text for everything else.

Numbers and dates are texts, since the browser's own fields for them save other values than they show.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.html import join, show, tag
from dashboard.components.messages import plain
from dashboard.words import NOTHING, cell_words, column_title, in_words
from registry.fields import Absent, CellProblem, Field

TYPED_AFTER = "800ms"
"""The pause in typing after which a text is kept."""

Options = Mapping[str, str]
"""Cells -> words, of a field whose values are rows of other tables."""


def ask(field: Field, text: str, key: str, options: Options | None = None) -> str:
    """The text of a field: as it begins, or as the person left it.

    Args:
        text: with which the field begins.
        key: names the field of this version of this row.
        options: where the field names rows of another table.
    """
    # Not escaped: a label is also read aloud as it is, and a column's title holds nothing of Markdown's.
    label = column_title(field) + (" *" if field.required else "")
    help = _help(field)
    if options is not None or field.type in ("code", "boolean") or (field.codes and field.type == "integer"):
        return _choice(field, label, text, key, help, options)
    if field.type == "codes":
        return _choices(field, label, text, key, help)
    if field.type == "text" and field.identifying:  # words of a meeting or a physician: more than a line
        return st.text_area(label, text, key=key, help=help, height=110)
    return st.text_input(
        label, text, key=key, help=help, placeholder=_shape(field), autocomplete="off", live=TYPED_AFTER
    )


def _choice(field: Field, label: str, text: str, key: str, help: str, options: Options | None) -> str:
    words = {"": NOTHING} | (dict(options) if options is not None else _codes(field)) | _missing(field)
    words.setdefault(text, text)
    chosen = st.selectbox(
        label, list(words), index=list(words).index(text), format_func=lambda cell: words[cell], key=key, help=help
    )
    return str(chosen or "")


def _choices(field: Field, label: str, text: str, key: str, help: str) -> str:
    words = _codes(field) | _missing(field)
    begins = [part for part in text.split(";") if part in words]
    chosen = st.multiselect(
        label, list(words), begins, format_func=lambda cell: words[cell], key=key, help=help, placeholder=NOTHING,
        select_all=False,
    )  # fmt: skip
    return ";".join(code for code in words if code in chosen)


def _codes(field: Field) -> dict[str, str]:
    codes = ("yes", "no") if field.type == "boolean" else field.codes
    return {code: cell_words(field, code) for code in codes}


def _missing(field: Field) -> dict[str, str]:
    return {} if field.key else {code.value: cell_words(field, code.value) for code in Absent}


def _shape(field: Field) -> str:
    """What a text should look like, inside the empty field."""
    if field.type == "date":
        return "YYYY-MM-DD"
    if field.low is not None and field.high is not None:
        return f"{field.low:.15g} to {field.high:.15g}"
    return ""


def _help(field: Field) -> str:
    form = "" if field.type in ("code", "codes", "boolean", "text") else f" ({field.form})"
    where = ""
    if field.only_where:
        question, answers = field.only_where
        where = f" Applies only where {question.replace('_', ' ')} is {' or '.join(answers).replace('_', ' ')}."
    return plain(f"{field.sentence}{form}.{where}")


def say_problem(problem: CellProblem) -> None:
    """What is wrong with a text, beside its field."""
    show(tag("p", f"{_sentence(problem.problem)}: {problem.remedy}.", class_="problem", role="alert"))


def say_question(sentence: str, remedy: str, *, is_error: bool) -> None:
    """What an edit check says about a value, beside its field."""
    words = join((tag("span", in_words(sentence)), " ", tag("span", in_words(remedy), class_="quiet")))
    if is_error:
        show(tag("p", words, class_="problem", role="alert"))
    else:
        show(tag("p", words, class_="question", role="status"))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
