"""The commands that keep the record: init, import, export, dictionary, simulate, check, audit."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from registry import schema
from registry.access import Permission, operator
from registry.actions import import_source
from registry.audit_cli import app as audit_commands
from registry.check_cli import app as check_command
from registry.database import open_engine, reading
from registry.errors import InputRefused, UsageError
from registry.exchange.deidentify import deidentification_key, deidentified
from registry.exchange.dictionary import RENDERERS
from registry.exchange.formats import open_source, write_export
from registry.exchange.tables import stored_tables
from registry.exchange.template import write_template
from registry.intake.intake import Outcome
from registry.simulate import simulate as simulate_cohort
from registry.terminal import Json, messages, open_registry, print_json, print_json_lists, progress_bar

app = typer.Typer()
app.add_typer(audit_commands, name="audit")
app.add_typer(check_command)

SHOWN = 20
"""How many problems, warnings or differences a person is shown at once; --json has all of them."""


@app.command()
def init(json: Json = False) -> None:
    """Create the registry's database, or bring it to this version of the program."""
    engine = open_engine()
    found = schema.create_or_upgrade(engine)
    if json:
        print_json({"found": found.value})
    else:
        done = {schema.State.EMPTY: "created", schema.State.OLD: "upgraded"}.get(found, "up to date already")
        messages.print(f"The registry is {done}: {escape(engine.url.render_as_string())}")


@app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(help="A folder of CSV files, a CSV file, a workbook, or a center's own file.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why stored rows change; required where any does.")] = None,
    format: Annotated[str | None, typer.Option(help="csv, xlsx or redcap; by default from the name.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="How the columns of a center's own file are to be read.")] = None,
    json: Json = False,
) -> None:
    """Take records in: all of them, or with one error none."""
    source = open_source(path, format)
    engine = open_registry()
    with progress_bar(f"Importing {escape(path.name)}") as progress:
        outcome = import_source(engine, source, by=operator(), reason=reason, dry_run=dry_run, progress=progress)
    if json:
        _print_outcome(outcome, dry_run)
    else:
        _show_outcome(outcome, dry_run)
    if outcome.problems:
        raise typer.Exit(1)


def _print_outcome(outcome: Outcome, dry_run: bool) -> None:
    head: dict[str, Any] = {"accepted": outcome.accepted, "unchanged": outcome.total("unchanged")}
    head["tables"] = {name: dict(count) for name, count in outcome.counts.items()}
    lists: dict[str, Any] = {"errors": map(dataclasses.asdict, outcome.problems), "warnings": outcome.warnings}
    if dry_run:
        lists["differences"] = outcome.differences
    print_json_lists(head, lists)


def _show_outcome(outcome: Outcome, dry_run: bool) -> None:
    table = Table("table", "new", "changed", "unchanged", "refused", title="What would happen" if dry_run else None)
    for name, count in outcome.counts.items():
        if any(count.values()):
            table.add_row(name, *(str(count[kind]) for kind in ("new", "changed", "unchanged", "refused")))
    messages.print(table)
    for at, item in enumerate(outcome.differences):
        if at < SHOWN:
            change = f"{item['from'] or 'blank'} → {item['to'] or 'blank'}"
            messages.print(f"  {item['table']} {item['key']} {item['column']}: {change}", markup=False)
    _more(len(outcome.differences), "changed cells")
    for problem in outcome.problems[:SHOWN]:
        place = ", ".join(
            part for part in (problem.file, f"line {problem.line}" if problem.line else "", problem.column) if part
        )
        got = f" (got {problem.value!r})" if problem.value else ""
        messages.print(f"  {place}: {problem.problem}{got}: {problem.remedy}", markup=False, style="red")
    _more(len(outcome.problems), "errors")
    if outcome.problems:
        messages.print(f"[bold red]Refused: {len(outcome.problems)} errors. Nothing was written.[/]")
        return
    warned = len(outcome.warnings)
    queries = f" {warned} implausible values: see `oligomet check`." if warned else ""
    verb = "would be written" if dry_run else "written"
    messages.print(f"[bold]{outcome.accepted} rows {verb}, {outcome.total('unchanged')} unchanged.[/]{queries}")


def _more(count: int, what: str) -> None:
    if count > SHOWN:
        messages.print(f"  … and {count - SHOWN} more {what} (--json lists them all)")


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A folder or file that does not exist yet.")],
    format: Annotated[
        str | None, typer.Option(help="csv, xlsx, redcap, parquet or fhir; by default from the name, else csv.")
    ] = None,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Pseudonyms, shifted dates, ages; no birth dates, no free text.")
    ] = False,
    json: Json = False,
) -> None:
    """Write all records out, with a manifest of their number."""
    operator().require(Permission.EXPORT)
    format = format or ("xlsx" if path.suffix.lower() == ".xlsx" else "csv")
    key = deidentification_key() if deidentify else None
    with reading(open_registry()) as connection:
        tables = stored_tables(connection)
        counts = write_export(path, deidentified(tables, key) if key else tables, format)
    if json:
        print_json({"rows": counts})
    else:
        filled = sum(count > 0 for count in counts.values())
        messages.print(f"Wrote {sum(counts.values())} rows of {filled} tables to {escape(str(path))}")


@app.command()
def dictionary(
    format: Annotated[str, typer.Option(help="csv, redcap or json.")] = "csv",
    json: Json = False,
) -> None:
    """Print the data dictionary: every column with its type, unit, codes and sentence."""
    format = "json" if json else format
    if format not in RENDERERS:
        raise UsageError("There is no such format", got=format, remedy="Use csv, redcap or json")
    sys.stdout.write(RENDERERS[format]())


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="A workbook (.xlsx), or a folder for CSV files; it must not exist.")],
) -> None:
    """Write empty data files to fill in: a workbook with drop-downs, or CSV files with their headers."""
    write_template(path)
    messages.print(f"Wrote an empty template to {escape(str(path))}")


@app.command()
def simulate(
    path: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    patients: Annotated[int, typer.Option(min=1, help="How many patients.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    truth: Annotated[
        Path | None, typer.Option(help="Also write what is known of the cohort, such as deviations from the consensus.")
    ] = None,
) -> None:
    """Write a simulated cohort of several centers as data files."""
    if path.exists() and any(path.iterdir()):
        raise InputRefused("The folder is not empty", got=path.name, remedy="Name a new one: nothing is overwritten")
    with progress_bar("Simulating") as progress:
        simulate_cohort(
            path, patients=patients, seed=seed, truth=truth, progress=lambda done: progress(done / patients, "patients")
        )
    messages.print(f"Wrote a simulated cohort of {patients} patients to {escape(str(path))}")
