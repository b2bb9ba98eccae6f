"""The commands that audit care by the consensus: `adherence`, `measure-report`, `benchmarks`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from analytics.readings_file import ReadingsFile, readings_in
from analytics.source import Snapshot
from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import (
    DataCut,
    Json,
    messages,
    print_json,
    print_json_list,
)

if TYPE_CHECKING:
    from analytics.adherence import Adherence, Selection
    from analytics.adherence_source import Source
    from analytics.consensus.rule import Rule

app = typer.Typer()

Center = Annotated[str | None, typer.Option(help="Only the episodes of this center's patients.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Only episodes detected from this day on.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="Only episodes detected until this day.")
]

_CASES_AT_ONCE = 1_000
"""Patients whose reasons are held at a time."""


@app.command()
def adherence(
    cases: Annotated[bool, typer.Option("--cases", help="List every episode and rule, with the reasons.")] = False,
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be given several times.")] = None,
    chapter: Annotated[str | None, typer.Option(help="Only the rules of this chapter.")] = None,
    strength: Annotated[str | None, typer.Option(help="Only rules of this class: S, Q, X, X0, W, T, I or D.")] = None,
    outcome: Annotated[list[str] | None, typer.Option(help="With --cases, only this outcome; several times.")] = None,
    center: Center = None,
    since: From = None,
    until: Until = None,
    by: Annotated[
        str | None,
        typer.Option(help="Divide by center, year, half_year, quarter, month, route, timing, a factor or a column."),
    ] = None,
    bundles: Annotated[bool, typer.Option("--bundles", help="The all-or-none bundles instead of the rules.")] = False,
    readings: ReadingsFile = None,
    snapshot: Snapshot = None,
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw one rule: by center a funnel, by a period its course, else its cases."),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the figures as CSV.")] = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Judge every episode by every rule of the consensus: counts, rates, limits, and what is undetermined."""
    from analytics.adherence_source import Source

    chosen, source = _rules(rule, chapter, strength), Source(data_cut_on, snapshot, readings_in(readings))
    if cases:
        _refuse({"--by": by, "--figure": figure, "--csv": csv, "--bundles": bundles or None}, "--cases")
        _list(source, chosen, outcome, _selection(center, since, until), json)
        return
    _refuse({"--outcome": outcome}, None)
    if figure is not None:
        _require_drawable(figure, chosen, by)
    found = _adherence(source, chosen, _selection(center, since, until), by)
    if figure is not None:
        _write(figure, _drawn(found, chosen[0], by, figure.suffix.lstrip(".").lower()))
    documents = found.bundle_documents(by) if bundles else found.documents(by)
    if csv is not None:
        from analytics.adherence import flat

        _write(csv, flat(documents).to_csv(index=False, lineterminator="\n").encode())
        documents = found.bundle_documents(by) if bundles else found.documents(by)
    if json:
        print_json_list(documents)
    else:
        from analytics.adherence_screen import show

        show(found, list(documents), by)


@app.command("measure-report")
def measure_report(
    rule: Annotated[str, typer.Argument(help="The rule, such as IMG1.")],
    center: Center = None,
    since: From = None,
    until: Until = None,
    readings: ReadingsFile = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Print the figures of one rule as a MeasureReport of FHIR R4, of the registry or of one center."""
    from analytics.adherence_source import Source
    from analytics.measure_report import measure_report as report

    chosen = _rules([rule], None, None)
    source, selection = Source(data_cut_on, snapshot, readings_in(readings)), _selection(center, since, until)
    print_json(report(_adherence(source, chosen, selection, None), chosen[0]))


@app.command()
def benchmarks(
    center: Center = None,
    readings: ReadingsFile = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Lay the registry's figures beside those that the consensus prints."""
    from analytics.adherence_source import Source
    from analytics.benchmarks import TABLES_READ
    from analytics.benchmarks import benchmarks as beside

    cohort = Source(data_cut_on, snapshot, readings_in(readings)).whole(TABLES_READ, center)
    found = beside(cohort)
    if json:
        print_json_list(found)
    else:
        from analytics.adherence_screen import show_benchmarks

        show_benchmarks(found, cohort.data_cut)


def _rules(ids: Sequence[str] | None, chapter: str | None, strength: str | None) -> tuple[Rule, ...]:
    from analytics.adherence import chapter_named
    from analytics.consensus.rule import Strength
    from analytics.consensus.rules import CHAPTERS, RULES

    for id in ids or ():
        if id not in RULES:
            raise UsageError("There is no such rule", got=id, remedy=f"Take one of {', '.join(RULES)}")
    if strength is not None and strength not in list(Strength):
        raise UsageError("There is no such strength", got=strength, remedy=f"Take one of {', '.join(Strength)}")
    of_chapter = RULES.values() if chapter is None else CHAPTERS[chapter_named(chapter)]
    chosen = [rule for rule in of_chapter if (not ids or rule.id in ids) and strength in (None, rule.strength)]
    if not chosen:
        raise UsageError("No rule is left", remedy="Give fewer of --rule, --chapter and --strength")
    return tuple(chosen)


def _selection(center: str | None, since: str | None, until: str | None) -> Selection:
    from analytics.adherence import Selection

    return Selection(center, _day(since, "--from"), _day(until, "--until"))


def _day(text: str | None, option: str) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is not a date", got=text, remedy="Write it as YYYY-MM-DD") from None


def _refuse(options: dict[str, Any], with_: str | None) -> None:
    for name, value in options.items():
        if value is not None:
            problem = f"{name} does not go with {with_}" if with_ else f"{name} goes with --cases only"
            raise UsageError(problem, remedy="Leave one of them out")


def _adherence(source: Source, rules: Sequence[Rule], selection: Selection, by: str | None) -> Adherence:
    from analytics.adherence import Adherence
    from analytics.audit.divisions import division
    from analytics.audit.judged import PATIENTS_AT_ONCE, judge

    if selection.center is not None:
        source.require_center(selection.center)
    divided = [] if by is None else [division(by)]
    whole = any(one.whole_cohort for one in divided)
    names = [one.name for one in divided if one.kind != "center"]
    parts = source.parts(10**9 if whole else PATIENTS_AT_ONCE, "Judging")
    judged = judge(parts, rules=rules, by=names)
    return Adherence(judged, selection)


# The list of cases.


def _list(
    source: Source,
    rules: Sequence[Rule],
    outcomes: Sequence[str] | None,
    selection: Selection,
    json: bool,
) -> None:
    from analytics.consensus.verdicts import OUTCOMES, Outcome

    names = {outcome.label: outcome for outcome in OUTCOMES}
    for name in outcomes or ():
        if name not in names:
            raise UsageError("There is no such outcome", got=name, remedy=f"Take one of {', '.join(names)}")
    if selection.center is not None:
        source.require_center(selection.center)
    kept = {names[name] for name in outcomes or names}
    if not json and not outcomes:
        kept.discard(Outcome.NOT_APPLICABLE)
    lines = _lines(source, rules, kept, selection)
    if json:
        print_json_list(lines)
    else:
        from analytics.adherence_screen import show_cases

        show_cases(lines)


def _lines(source: Source, rules: Sequence[Rule], kept: set[Any], selection: Selection) -> Iterator[dict[str, Any]]:
    from analytics.adherence import selected_cases

    for cohort in source.parts(_CASES_AT_ONCE, "Listing"):
        yield from selected_cases(cohort, rules, kept, selection)


# Figures and files.


def _require_drawable(path: Path, rules: Sequence[Rule], by: str | None) -> None:
    from analytics.audit.divisions import division
    from analytics.figures.style import FORMATS

    if path.suffix.lstrip(".").lower() not in FORMATS:
        raise UsageError("A figure is not written in this format", got=path.name, remedy=f"Take {', '.join(FORMATS)}")
    if len(rules) != 1:
        raise UsageError("A figure is of one rule", got=len(rules), remedy="Name it with --rule")
    if by is not None and division(by).kind == "property":
        raise UsageError(
            "There is no figure of this division", got=by, remedy="Divide by center or a period, or not at all"
        )


def _drawn(found: Adherence, rule: Rule, by: str | None, format: str) -> bytes:
    from analytics.audit.divisions import division
    from analytics.figures.adherence import rule_figure
    from analytics.figures.style import save

    drawn = BytesIO()
    save(rule_figure(found, rule, None if by is None else division(by)), drawn, format)
    return drawn.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise EnvironmentRefused(
            f"The file cannot be written ({error.strerror})", got=str(path), remedy="Name a file in a writable folder"
        ) from error
    messages.print(f"Wrote {escape(str(path))}")
