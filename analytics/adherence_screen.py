"""Adherence on the terminal: tables by chapter, and lists of cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.adherence import Adherence
from analytics.wording import counted

_HEADS = ("score", "rate, %", "range, %", "undet.", "exc.", "pend.", "compl., %")
_NARROW, _WIDE_FROM = 4, 110
"""Columns that are shown on a terminal narrower than so many characters; the others are in --json and --csv."""


def show(found: Adherence, documents: Sequence[dict[str, Any]], by: str | None) -> None:
    """Print the figures of rules, or of bundles, by chapter; rules that apply to nobody are named beneath."""
    console, judged = Console(), found.judged
    lung = sum(found.of(rule).population for rule in judged.rules if rule.id != "GEN7" and rule.by_window is None)
    episodes = lung // max(sum(rule.met is not None and rule.by_window is None for rule in judged.rules), 1)
    console.print(
        f"[bold]{counted(episodes, 'episode')}[/] with lung metastases at the data cut {judged.data_cut.isoformat()}"
    )
    if found.selection.words:
        console.print(found.selection.words)
    for chapter, group in groupby(documents, key=lambda document: document.get("chapter", "All-or-none bundles")):
        _show_chapter(console, chapter, list(group), by)
    console.print(
        "Score: cases in which a rule was followed or not; of an option (X0, W, D) those in which it was used or not."
    )
    console.print("Range: between what the rate would lie if every undetermined case (undet.) were decided.")
    readings = judged.readings.to_dict()
    changed = f"; changed: {', '.join(readings['changed'])}" if readings["changed"] else ""
    console.print(f"Readings {readings['version']} of {readings['date']}{changed}. The text prints no target.")


def _show_chapter(console: Console, chapter: str, documents: list[dict[str, Any]], by: str | None) -> None:
    shown = len(_HEADS) if console.width >= _WIDE_FROM else _NARROW
    figures = (Column(head, justify="right", no_wrap=True) for head in _HEADS[:shown])
    columns = (Column("", no_wrap=True), Column(chapter, ratio=1), Column("", no_wrap=True), *figures)
    table = Table(*columns, box=None, pad_edge=False, expand=True, header_style="bold")
    silent = []
    for document in documents:
        id = str(document.get("rule_id", document.get("bundle_id")))
        if not sum(count for name, count in document["counts"].items() if name != "not_applicable"):
            silent.append(id)
            continue
        table.add_row(id, escape(document["title"]), document.get("strength", ""), *_cells(document)[:shown])
        for group in document.get("groups", ()) if by else ():
            table.add_row("", f"  {escape(group['group'])}", "", *_cells(group)[:shown], style="dim")
    console.print()
    console.print(table if table.row_count else f"[bold]{chapter}[/]")
    if silent:
        console.print(f"No cases: {', '.join(silent)}")


def _cells(figures: dict[str, Any]) -> tuple[str, ...]:
    counts = figures["counts"]
    score = sum(counts.get(name, 0) for name in ("adherent", "non_adherent", "taken", "not_taken"))
    rate = "no cases"
    if figures["rate"] is not None:
        limits = f"{100 * figures['ci_low']:.0f}–{100 * figures['ci_high']:.0f}"
        rate = f"{100 * figures['rate']:.1f} ({limits})"
    numerator, denominator = (counts.get(f"undetermined_{part}", 0) for part in ("numerator", "denominator"))
    low, high = figures["wide_low"], figures["wide_high"]
    decided = "–" if low is None else f"{100 * low:.0f}–{100 * high:.0f}"
    complete = "–" if figures["completeness"] is None else f"{100 * figures['completeness']:.0f}"
    out = counts.get("exception", 0) + counts.get("excluded", 0)
    return (
        f"{score:,}",
        rate,
        decided,
        f"{numerator + denominator:,}",
        f"{out:,}",
        f"{counts.get('pending', 0):,}",
        complete,
    )


def show_cases(lines: Iterable[dict[str, Any]]) -> None:
    """Print case lines as they come: what came of a rule in an episode, and the facts that decided it."""
    console, count = Console(soft_wrap=True), 0
    for line in lines:
        count += 1
        rule = line["rule_id"] if line["part"] is None else f"{line['rule_id']} {line['part']}"
        words = line["outcome"].replace("_", " ")
        where = f"{line['patient_id']}, episode {line['episode_no']}"
        console.print(f"[bold]{escape(where)}  {escape(rule)}  {words}[/]", highlight=False)
        for because in line["because"]:
            console.print(f"  {escape(because)}", highlight=False)
    console.print(f"{counted(count, 'line')}" if count else "No such case.", highlight=False)


def show_benchmarks(documents: Iterable[dict[str, Any]], data_cut: dt.date) -> None:
    """Print the figures of the consensus with the registry's beneath."""
    console = Console()
    console.print(f"Figures that the consensus prints, and the registry's at the data cut {data_cut.isoformat()}.")
    console.print("Per patient, in the first episode with lung metastases. They are no targets; nothing is tested.")
    for document in documents:
        console.print(f"\n[bold]{document['id']}  {escape(document['title'])}: {escape(document['printed'])}[/]")
        console.print(f"  Printed of: {escape(document['about'])}", highlight=False)
        if document["refused"] is not None:
            console.print(f"  No figure. {escape(document['refused'])}.", highlight=False)
        for figure in document["registry"]:
            console.print(f"  Registry: {escape(_benchmark_text(figure))}", highlight=False)
        console.print(f"  {escape(document['caution'])}", style="dim", highlight=False)


def _benchmark_text(figure: dict[str, Any]) -> str:
    about = figure["reading"] if figure.get("group") is None else f"{figure['reading']}, {figure['group']}"
    if "median_months" in figure:
        if figure["median_months"] is None:
            return f"{about}: no cases"
        low, high = figure["quartiles_months"]
        median = f"median {figure['median_months']:.1f} months (quartiles {low:.1f} and {high:.1f})"
        return f"{about}: {median}, {counted(figure['denominator'], 'patient')}"
    if figure["estimate"] is None:
        return f"{about}: {'no cases' if not figure['denominator'] else 'follow-up ends before'}"
    limits = ""
    if figure["ci_low"] is not None:
        limits = f" (95 % CI {_percent(figure['ci_low'])} to {_percent(figure['ci_high'])})"
    of = counted(figure["denominator"], "patient")
    counts = f"{figure['numerator']:,} of {of}" if "undetermined" in figure else f"{of}, {figure['numerator']:,} died"
    opened = f", {figure['undetermined']:,} undetermined" if figure.get("undetermined") else ""
    return f"{about}: {_percent(figure['estimate'])} %{limits}; {counts}{opened}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
