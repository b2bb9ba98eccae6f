"""Adherence in tables: the rules of a chapter, one rule in full, centers and periods, with the way to the cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from analytics.audit.funnel import Funnel
from analytics.audit.proportions import percent
from analytics.consensus.rule import STRENGTH_WORDS, Rule, Strength
from dashboard.adherence import Line
from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.components.rates import (
    limit_words,
    outcome_title,
    range_words,
    rate_bar,
    rate_words,
    score_words,
    undetermined,
)
from dashboard.words import NOTHING, number

_RATE = (
    Column("n of N", "cases in which it was followed (of an option: used), of those that could be decided", "num"),
    Column("Rate (95 % limits)", kind="num"),
    Column("0 to 100 %", "the mark on its limits; dashed: what the undetermined leave open", "bar"),
    Column("Range", "between what the rate would lie if every undetermined case were decided", "num"),
    Column("Undet.", "undetermined cases: what decides is not recorded", "num"),
)
PLACES = {"inside": "inside", "alert": "beyond 95\u00a0%", "alarm": "beyond 99.8\u00a0%"}
"""Where a center lies on the control limits, in words."""


def chapter_table(chapter: str, lines: Sequence[Line], address: Mapping[str, str]) -> Html:
    """The rules of a chapter; those that apply to nobody are named beneath."""
    columns = (
        Column("Rule", kind="rule"),
        Column("Class", "S recommended, Q usual, X advised against, T strategy; X0, W, D, I are no judgement"),
        *_RATE,
        Column("Over time", "the latest signal of the run chart, or XmR chart, of half-years"),
    )
    rows = [_line(line, address) for line in lines if line.has_cases]
    silent = [line.document["rule_id"] for line in lines if not line.has_cases]
    parts = [table(columns, rows, caption=chapter)] if rows else [tag("p", tag("b", chapter))]
    if silent:
        parts.append(tag("p", f"No case: {', '.join(silent)}.", class_="quiet"))
    return tag("div", join(parts), class_="chapter")


def _line(line: Line, address: Mapping[str, str]) -> tuple[Content, ...]:
    document = line.document
    name = join((tag("b", document["rule_id"]), f" {document['title']}"))
    link = tag("a", name, href=_to("", address, rule=document["rule_id"]), target="_self", title=document["statement"])
    strength = tag("abbr", document["strength"], title=STRENGTH_WORDS[Strength(document["strength"])])
    course = tag("span", line.course, class_="quiet" if line.course in ("no signal", "too few periods") else "")
    return (link, strength, *_figures(document), course)


def _figures(figures: dict[str, Any]) -> tuple[Content, ...]:
    opened = undetermined(figures)
    return (
        score_words(figures),
        rate_words(figures),
        rate_bar(figures),
        range_words(figures),
        number(opened) if opened else NOTHING,
    )


def bundle_table(documents: Iterable[dict[str, Any]]) -> Html:
    """The all-or-none bundles."""
    columns = (Column("Bundle", kind="rule"), *_RATE)
    rows = [
        (tag("span", one["title"], title=f"{one['over']}: {', '.join(one['rules'])}"), *_figures(one))
        for one in documents
    ]
    caption = "All-or-none bundles: met where every one of the rules that applies is followed"
    return table(columns, rows, caption=caption)


def rule_head(rule: Rule, document: dict[str, Any]) -> Html:
    """What the rule says, where it stands, how strongly, and its figures."""
    said = (
        f"{rule.source}, lines {rule.lines} · {rule.strength} {STRENGTH_WORDS[rule.strength]} · {document['chapter']}"
    )
    parts: list[Content] = [tag("p", rule.statement, class_="statement"), tag("p", said, class_="quiet")]
    if "note" in document:
        parts.append(tag("p", document["note"], class_="quiet"))
    counts = document["counts"]
    out = counts.get("exception", 0) + counts.get("excluded", 0)
    complete = document["completeness"]
    items = [
        Card("Score", score_words(document), f"{document['unit']}s that could be decided"),
        Card("Rate", percent(document["rate"]), limit_words(document)),
        Card("Undetermined", number(undetermined(document)), f"range {range_words(document)}"),
        Card("Out", number(out), "accepted exceptions and exclusions"),
        Card("Pending", number(counts.get("pending", 0)), "the time is not up"),
        Card("Complete", NOTHING if complete is None else percent(complete, 0), "decided, of what is or may be in it"),
    ]
    return join((*parts, tag("div", cards(items), class_="rule-cards")))


def outcome_table(document: dict[str, Any], address: Mapping[str, str] | None) -> Html:
    """The cases by outcome, each leading to its list; without an address to none."""
    rows: list[tuple[Content, ...]] = []
    for label, count in document["counts"].items():
        words: Content = outcome_title(label)
        if count and address is not None:
            words = tag("a", words, href=_to("cases", address, outcome=label), target="_self")
        rows.append((words, number(count)))
    columns = (Column("Outcome", kind="head"), Column("Cases", kind="num"))
    return table(columns, rows, foot=("All", number(document["population"])))


def center_table(found: Funnel, address: Mapping[str, str] | None) -> Html:
    """The named centers of a funnel, those farthest from the average first."""
    columns = [Column("Center", kind="head"), Column("n of N", kind="num"), Column("Rate", kind="num")]
    columns += [Column("95 % limits", "control limits at this number of cases", "num"), Column("Place")]
    rows: list[tuple[Content, ...]] = []
    for one in sorted((one for one in found.centers if one.label), key=lambda one: -abs(one.z or 0.0)):
        name: Content = one.label
        if address is not None:
            name = tag("a", name, href=_to("cases", address, center=one.label), target="_self")
        outside = one.place != "inside"
        place = tag("span", f"{one.direction}, {PLACES[one.place]}" if outside else "inside", class_="place")
        limits = f"{100 * one.low_95:.0f} to {100 * one.high_95:.0f} %"
        rows.append((name, f"{number(one.met)} of {number(one.cases)}", percent(one.rate), limits, place))
    foot = ("All", f"{number(found.met)} of {number(found.cases)}", percent(found.rate), "", "")
    return tag("div", table(columns, rows, foot=foot), class_="by-center")


def inner_table(title: str, documents: Sequence[dict[str, Any]], name: str) -> Html:
    """The parts of a composite rule, or the figures beside a rule."""
    columns = (Column(title, kind="rule"), *_RATE)
    return table(columns, ((one[name], *_figures(one)) for one in documents))


def _to(page: str, address: Mapping[str, str], **more: str) -> str:
    """An address with a selection, which names nobody."""
    return f"{page}?{urlencode({**address, **more})}"
