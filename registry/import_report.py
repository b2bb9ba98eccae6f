"""What became of an import, for a person and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.table import Table

from registry.intake.intake import Outcome
from registry.intake.rows import Problem, Source
from registry.terminal import messages, print_json_lists

SHOWN = 20
"""How many problems, warnings or differences a person is shown at once; --json has all of them."""

KINDS = ("new", "changed", "unchanged", "refused")


def print_outcome(outcome: Outcome, source: Source, dry_run: bool) -> None:
    """One JSON object: the numbers, what a mapping left aside, every error, warning and (of a dry run) difference."""
    head: dict[str, Any] = {
        "accepted": outcome.accepted,
        "unchanged": outcome.total("unchanged"),
        "dry_run": dry_run,
        "tables": {name: {kind: count[kind] for kind in KINDS} for name, count in outcome.counts.items()},
    }
    unmapped, notes = _left_aside(source)
    if unmapped is not None:
        head |= {"unmapped_columns": unmapped, "notes": notes}
    lists: dict[str, Any] = {"errors": map(_as_json, outcome.problems), "warnings": outcome.warnings}
    if dry_run:
        lists |= {"differences": outcome.differences, "new_rows": outcome.new_rows}
    print_json_lists(head, lists)


def show_outcome(outcome: Outcome, source: Source, dry_run: bool) -> None:
    """The same as a table and sentences, cut to what a person can read."""
    table = Table("table", *KINDS, title="What would happen" if dry_run else None)
    for name, count in outcome.counts.items():
        if any(count.values()):
            table.add_row(name, *(str(count[kind]) for kind in KINDS))
    messages.print(table)
    unmapped, notes = _left_aside(source)
    if unmapped:
        messages.print(f"Not mapped, so not imported: {', '.join(map(_shown, unmapped))}", markup=False)
    for note in notes:
        messages.print(f"Note: {note}", markup=False)
    for at, item in enumerate(outcome.differences):
        if at == SHOWN:
            break
        change = f"{_shown(item['from']) or 'blank'} → {_shown(item['to']) or 'blank'}"
        messages.print(f"  {item['table']} {_shown(item['key'])} {item['column']}: {change}", markup=False)
    _more(len(outcome.differences), "changed cells")
    for at, item in enumerate(outcome.new_rows):
        if at == SHOWN:
            break
        messages.print(f"  {item['table']} {_shown(item['key'])}: new", markup=False)
    _more(len(outcome.new_rows), "new rows")
    for problem in outcome.problems[:SHOWN]:
        messages.print(f"  {_sentence(problem)}", markup=False, style="red")
    _more(len(outcome.problems), "errors")
    if outcome.problems:
        errors = "1 error" if len(outcome.problems) == 1 else f"{len(outcome.problems)} errors"
        messages.print(f"[bold red]Refused: {errors}. Nothing was written.[/]")
        return
    _show_warnings(outcome)
    verb = "would be written" if dry_run else "written"
    messages.print(f"[bold]{outcome.written} rows {verb}, {outcome.total('unchanged')} unchanged.[/]")
    if len(outcome.warnings):
        kept = "would become" if dry_run else "are now"
        messages.print(f"{len(outcome.warnings)} implausible values {kept} open data queries: see `oligomet check`.")
    if dry_run and outcome.first_change:
        messages.print("Stored rows would change: the import will ask for --reason.")


def _show_warnings(outcome: Outcome) -> None:
    """The implausible values by check, each with its first place: a hundred of one kind are one thing to know."""
    count: Counter[str] = Counter()
    first: dict[str, dict[str, Any]] = {}
    for item in outcome.warnings:
        count[item["check_id"]] += 1
        first.setdefault(item["check_id"], item)
    for check_id, number in count.most_common():
        item = first[check_id]
        place = f"{item['file']}, line {item['line']}, {item['column']} = {item['value'] or 'blank'}"
        times = f"{number} times, first in {place}" if number > 1 else place
        messages.print(f"  {check_id}: {item['problem'].rstrip('.')} ({times}).", markup=False, style="yellow")


def _as_json(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("file", "line", "column", "value", "problem", "remedy")}


def _left_aside(source: Source) -> tuple[list[str] | None, list[str]]:
    return getattr(source, "unmapped", None), list(getattr(source, "notes", []))


def _sentence(problem: Problem) -> str:
    line = f"line {problem.line}" if problem.line else ""
    place = ", ".join(_shown(part) for part in (problem.file, line, problem.column) if part)
    got = f" (got '{_shown(problem.value)}')" if problem.value else ""
    remedy = f"{problem.remedy[:1].upper()}{problem.remedy[1:].rstrip('.')}"
    return f"{place}: {_shown(problem.problem.rstrip('.'), 300)}{got}. {remedy}."


def _shown(text: str, longest: int = 80) -> str:
    """What a file says, so that it neither fills the screen nor moves its cursor."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)


def _more(count: int, what: str) -> None:
    if count > SHOWN:
        messages.print(f"  … and {count - SHOWN} more {what} (--json lists them all)")
