"""Adherence to the consensus: every rule by chapter, the bundles, and where cases go, centers differ and time tells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from analytics.report.html import Column, Content, Html, Row, heading, html, join, missing, paragraph, table, tag
from analytics.report.material import Material
from analytics.report.sections.adherence_figures import center_signals, funnels, trends, waterfalls
from analytics.report.small import Small

_MET = ("adherent", "taken")
_SCORE = ("adherent", "non_adherent", "taken", "not_taken")
_OPTION = ("X0", "W", "D")


def adherence(material: Material) -> Html:
    """The section."""
    documents = list(material.adherence.documents())
    population = len(material.adherence.all.rows)
    if not population:
        return missing("There is no episode to judge.")
    lung = _with_lung_metastases(documents)
    parts: list[Content] = [paragraph(_intro(material, lung))]
    if not lung:
        parts.append(
            missing(
                "No episode has lung metastases, and the rules are about these. So no rule applies to anybody; only "
                "rules that count listed cases could have figures."
            )
        )
        documents = [document for document in documents if document["population"]]
    if lung:
        parts += [heading("All-or-none bundles"), _bundles(material)]
    if documents:
        parts += [heading("Every rule, by chapter"), paragraph(_how_to_read(material), kind="note")]
    for chapter, group in groupby(documents, key=lambda document: document["chapter"]):
        parts.append(_chapter(material, chapter, list(group)))
    if lung:
        parts += [
            heading("Where the cases go"),
            waterfalls(material),
            heading("Centers"),
            funnels(material),
            center_signals(material),
            heading("Over time"),
            trends(material),
        ]
    return join(parts)


def score_of(document: dict[str, Any]) -> tuple[int, int]:
    """The cases in the score of a rule, and those of them in which it was followed (of an option: used)."""
    counts = document["counts"]
    return sum(counts.get(name, 0) for name in _SCORE), sum(counts.get(name, 0) for name in _MET)


def undetermined_of(document: dict[str, Any]) -> int:
    """The undetermined cases of a rule."""
    counts = document["counts"]
    return sum(counts.get(f"undetermined_{part}", 0) for part in ("denominator", "numerator"))


def _with_lung_metastases(documents: Sequence[dict[str, Any]]) -> int:
    return max((document["population"] for document in documents if document["unit"] == "episode"), default=0)


def _intro(material: Material, lung: int) -> str:
    return (
        f"Every recommendation of the consensus was asked of every episode with lung metastases: "
        f"{material.small.count(lung)} at the data cut. A rate counts the cases that could be decided. Cases with an "
        "accepted exception, and those whose time is not up, are no failures. The text prints no target for any rate."
    )


def _how_to_read(material: Material) -> str:
    limit = material.settings.min_cell
    hidden = (
        f" Counts from 1 to {limit - 1} are shown as < {limit}, and rates that would give them away as a bound."
        if limit > 1
        else ""
    )
    return (
        "Score: cases in which the rule was followed, of those in which it was followed or not. Rate with limits at "
        "95 %. Range: between what the rate would lie if every undetermined case were decided. Out: accepted "
        "exceptions and exclusions. Class, from the printed word: S recommended, Q usual, X advised against (followed "
        "where it did not happen), T a strategy of a table, I encouraged of centers; X0, W and D are options or goals, "
        f"whose rate is of use and no judgement.{hidden}"
    )


_HEADS = [
    Column("Rule", number=False),
    Column("Class", number=False),
    Column("Score"),
    Column("Rate (95 % limits)"),
    Column("Range"),
    Column("Undeter\u00admined"),
    Column("Out"),
    Column("Pending"),
]


def _chapter(material: Material, chapter: str, documents: list[dict[str, Any]]) -> Html:
    rows, silent = [], []
    for document in documents:
        seen = sum(count for name, count in document["counts"].items() if name != "not_applicable")
        if not seen:
            silent.append(document["rule_id"])
            continue
        head = join([tag("b", document["rule_id"]), Html(" "), Html(html(document["title"]))])
        rows.append(Row(head, [document["strength"], *figures(material.small, document)]))
    notes = [f"No case: {', '.join(silent)}."] if silent else []
    if not rows:
        return paragraph(f"{chapter}: no rule has a case.", kind="note")
    return table(chapter, _HEADS, rows, notes=notes, kind="rules")


def _bundles(material: Material) -> Html:
    rows = [
        Row(f"{document['title']} ({', '.join(document['rules'])})", figures(material.small, document))
        for document in material.adherence.bundle_documents()
    ]
    heads = [_HEADS[0], *_HEADS[2:]]
    note = "A bundle is met where every one of its rules that applies is. The more rules, the lower it must be."
    return table("Bundles", heads, rows, notes=[note], kind="bundles")


def figures(small: Small, document: dict[str, Any]) -> list[str]:
    """The cells of a rule or a bundle: score, rate, range, undetermined, out, pending."""
    counts, (cases, met), opened = document["counts"], score_of(document), undetermined_of(document)
    out = counts.get("exception", 0) + counts.get("excluded", 0)
    range_ = "–"
    # The range would give a small number of undetermined cases away, and with it what is hidden of the score.
    hidden = any(map(small.hides, (opened, met, cases - met)))
    if opened and not hidden and document["wide_low"] is not None:
        range_ = f"{100 * document['wide_low']:.0f} to {100 * document['wide_high']:.0f} %"
    return [
        small.of(met, cases),
        small.share(met, cases, document["ci_low"], document["ci_high"]),
        range_,
        small.count(opened),
        small.count(out),
        small.count(counts.get("pending", 0)),
    ]
