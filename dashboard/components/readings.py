"""The readings of the consensus: all of them, and one that is changed, with what that changes before it does."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from analytics.consensus.readings import DEFAULT, READINGS, VERSION, Readings, Setting, setting_of, setting_text
from analytics.readings_effect import Effect, Moved, RuleMoved
from dashboard import readings
from dashboard.components.choice import choice
from dashboard.components.confirm import confirmed
from dashboard.components.form_state import say
from dashboard.components.heading import heading
from dashboard.components.html import Column, Content, Html, join, show, table, tag
from dashboard.components.messages import refused
from dashboard.components.progress import told
from dashboard.components.rates import outcome_title
from dashboard.data import Moment
from dashboard.words import NOTHING, counted, factor_title, number, percent
from registry.errors import OligometError

_EFFECT = "effect-of-a-reading"
_WAYS = 6
"""Ways of change that are shown of a definition, those of most episodes first."""

LEDE = (
    "The text of the consensus leaves limits and terms open. A reading settles one of them; every result names the "
    f"readings that are not the program's own (version {VERSION})."
)


def one_reading(at: Moment) -> None:
    """A reading, another setting of it, and what that would change; it is applied only after that was seen."""
    now = readings.current()
    name = choice("Reading", "reading", {name: f"{factor_title(name)} ({READINGS[name].id})" for name in READINGS})
    said = READINGS[name]
    show(
        tag("p", said.meaning, class_="statement"),
        tag("p", f"{said.id} · {said.source}. The program's own: {words(getattr(DEFAULT, name))}.", class_="quiet"),
    )
    text = _setting(name, getattr(now, name))
    try:
        chosen = Readings.of(now.changed() | {name: setting_of(name, text)})
    except OligometError as error:
        refused(error, {name: factor_title(name)})
        return
    if chosen == now:
        show(tag("p", "This setting holds. Choose another one to see what it would change.", class_="quiet"))
        return
    asked = (at.key, now, chosen)
    if st.button("Show what would change", type="primary", key="show-effect"):
        place = st.empty()
        with place:
            found = readings.what_changes(at, now, chosen, told("Reading the registry …"))
        place.empty()
        st.session_state[_EFFECT] = asked, found
    kept = st.session_state.get(_EFFECT)
    if kept is None or kept[0] != asked:
        return
    _show_effect(kept[1])
    _apply(now, chosen, name)


def _setting(name: str, value: Setting) -> str:
    default, key = getattr(DEFAULT, name), f"setting|{name}|{value}"
    if isinstance(default, bool):
        return str(st.selectbox("Setting", ["no", "yes"], int(bool(value)), key=key, width=420))
    if isinstance(default, str):
        options = [default, *map(str, READINGS[name].alternatives)]
        at = options.index(str(value))
        return str(st.selectbox("Setting", options, at, format_func=lambda one: _option(name, one), key=key))
    text = setting_text(value).strip("[]")
    hint = "whole months, ascending, with commas" if isinstance(default, tuple) else "a number, 0 or more"
    return st.text_input("Setting", text, key=key, width=420, autocomplete="off", help=hint)


def _option(name: str, option: str) -> str:
    meaning = READINGS[name].alternatives.get(option)
    return f"{option.replace('_', ' ')}{f': {meaning}' if meaning else ' (the program’s own)'}"


def words(value: Setting) -> str:
    """A setting as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("_", " ") if isinstance(value, str) else setting_text(value).strip("[]")


def _show_effect(found: Effect) -> None:
    heading("What would change")
    if found.is_nothing:
        show(tag("p", f"Nothing of the {counted(found.episodes, 'episode')} at this data cut."))
        return
    touched = f"{number(found.touched)} of {counted(found.episodes, 'episode')} come out otherwise."
    show(tag("p", touched, class_="said", role="status"))
    if found.moved:
        show(_classifications(found.moved))
    if found.rules:
        show(_rules(found.rules))


def _classifications(moved: Sequence[Moved]) -> Html:
    columns = (Column("Definition or factor", kind="head"), Column("Episodes", kind="num"), Column("From → to"))
    rows = ((factor_title(one.name), number(one.episodes), _ways(one)) for one in moved)
    return table(columns, rows, caption="Classifications and prognostic factors")


def _ways(moved: Moved) -> Content:
    if not moved.ways:
        return "another number of days"
    lines = [
        tag("div", f"{before.replace('_', ' ')} → {after.replace('_', ' ')}: {number(count)}")
        for (before, after), count in moved.ways.most_common(_WAYS)
    ]
    rest = len(moved.ways) - _WAYS
    return join([*lines, *([tag("div", f"and {counted(rest, 'other way')}", class_="quiet")] if rest > 0 else [])])


def _rules(moved: Sequence[RuleMoved]) -> Html:
    columns = (
        Column("Rule", kind="head"),
        Column("Title"),
        Column("Verdicts", "episodes, windows or listed cases that are judged otherwise", "num"),
        Column("Counts, before → after"),
        Column("Rate, before → after", kind="num"),
    )
    return table(columns, (_rule(one) for one in moved), caption="Rules")


def _rule(moved: RuleMoved) -> tuple[Content, ...]:
    counts = [
        tag("div", f"{outcome_title(name)}: {number(moved.before[name])} → {number(moved.after[name])}")
        for name in moved.before
    ]
    rate = f"{percent(moved.rate_before)} → {percent(moved.rate_after)}"
    same = "the same in number, of other episodes"
    return moved.rule_id, moved.title, number(moved.verdicts), join(counts) if counts else same, rate


def _apply(now: Readings, chosen: Readings, name: str) -> None:
    before, after = words(getattr(now, name)), words(getattr(chosen, name))
    reason = st.text_input("Reason for the change *", key=f"why|{name}|{after}", max_chars=500, live="800ms")
    question = (
        f"{factor_title(name)}: {before} → {after}. Every page, command and report reads the text so from now on. "
        "Snapshots keep their data, not their results."
    )
    if confirmed("Apply", question, "Apply it", key=f"apply|{name}|{after}"):
        try:
            revision = readings.apply(now, chosen, reason)
        except OligometError as error:
            refused(error)
            return
        st.session_state.pop(_EFFECT, None)
        say(f"{factor_title(name)} is {after} from now on; the trail says so in revision {revision}.")
        st.rerun()


def all_readings() -> Html:
    """Every reading with its meaning, its setting now and the others."""
    now = readings.current()
    columns = (
        Column("Reading", kind="head"),
        Column("Meaning", kind="free"),
        Column("Now"),
        Column("The program's own"),
        Column("Others that were proposed", kind="free"),
    )
    return table(columns, (_line(name, now) for name in READINGS))


def _line(name: str, now: Readings) -> tuple[Content, ...]:
    said, value, default = READINGS[name], getattr(now, name), getattr(DEFAULT, name)
    link = tag("a", factor_title(name), href=f"readings?{urlencode({'reading': name})}", target="_self")
    others = [tag("div", f"{words(other)}: {meaning}") for other, meaning in said.alternatives.items()]
    shown = tag("b", words(value), class_="changed") if value != default else words(value)
    where = join((tag("div", said.meaning), tag("div", f"{said.id} · {said.source}", class_="quiet")))
    return link, where, shown, words(default), join(others) if others else NOTHING
