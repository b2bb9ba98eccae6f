"""The commands that keep the record: init, import, export, dictionary, template, mapping, simulate, and beside it.

What takes long to load (pandas, pyarrow, openpyxl) is imported by the command that needs it: help is there at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from registry.access import operator
from registry.account_cli import app as account_commands
from registry.audit_cli import app as audit_commands
from registry.backup_cli import app as backup_commands
from registry.check_cli import app as check_command
from registry.errors import InputRefused, UsageError
from registry.identity.cli import app as identity_commands
from registry.terminal import Json, messages, open_registry, print_json, progress_bar

if TYPE_CHECKING:
    from registry.intake.rows import Source

app = typer.Typer()
app.add_typer(audit_commands, name="audit")
app.add_typer(account_commands, name="user")
app.add_typer(identity_commands, name="identity")
app.add_typer(check_command)
app.add_typer(backup_commands)
mapping_commands = typer.Typer(help="Mappings: how a center's own spreadsheet is read.")
app.add_typer(mapping_commands, name="mapping")


@app.command()
def init(json: Json = False) -> None:
    """Create the registry's database, or bring it to this version of the program."""
    from registry import schema
    from registry.database import open_engine

    engine = open_engine()
    found = schema.create_or_upgrade(engine)
    if json:
        print_json({"found": found.value})
        return
    done = {schema.State.EMPTY: "created", schema.State.OLD: "upgraded"}.get(found, "up to date already")
    messages.print(f"The registry is {done}: {escape(engine.url.render_as_string())}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A folder of CSV files, one of them, a workbook, or your own file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why stored rows change; required where any does.")] = None,
    format: Annotated[str | None, typer.Option(help="csv, xlsx or redcap; by default from the name.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="How the columns of a center's own file are to be read.")] = None,
    json: Json = False,
) -> None:
    """Take records in: all of them, or with one error none."""
    from registry.actions import import_source
    from registry.import_report import print_outcome, show_outcome

    if mapping is not None and format is not None:
        raise UsageError("A mapping says itself how the file is read", remedy="Leave --format away")
    engine = open_registry()
    source = _source(path, format, mapping)
    with progress_bar(f"Importing {escape(path.name)}") as progress:
        outcome = import_source(engine, source, by=operator(), reason=reason, dry_run=dry_run, progress=progress)
    if json:
        print_outcome(outcome, source, dry_run)
    else:
        show_outcome(outcome, source, dry_run)
    if outcome.problems:
        raise typer.Exit(1)


def _source(path: Path, format: str | None, mapping: Path | None) -> Source:
    if mapping is not None:
        from registry.exchange.mapping import MappedSource

        mapped: Source = MappedSource(path, mapping)
        return mapped
    from registry.exchange.formats import open_source

    return open_source(path, format)


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
    from registry.export import export as export_records

    format = format or ("xlsx" if path.suffix.lower() == ".xlsx" else "csv")
    engine, who = open_registry(), operator()
    with progress_bar(f"Exporting to {escape(path.name)}") as progress:
        counts = export_records(
            engine, path, format, by=who, deidentify=deidentify, source="command line", progress=progress
        )
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
    from registry.exchange.dictionary import RENDERERS

    format = "json" if json else format
    if format not in RENDERERS:
        raise UsageError("There is no such format", got=format, remedy="Use csv, redcap or json")
    sys.stdout.write(RENDERERS[format]())


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="A workbook (.xlsx), or a folder for CSV files; it must not exist.")],
) -> None:
    """Write empty data files to fill in: a workbook with drop-downs, or CSV files with their headers."""
    from registry.exchange.template import write_template

    write_template(path)
    messages.print(f"Wrote an empty template to {escape(str(path))}")


@mapping_commands.command("draft")
def mapping_draft(
    path: Annotated[Path, typer.Argument(help="A center's own CSV file or workbook.")],
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook that has several.")] = None,
) -> None:
    """Print a first mapping, guessed from the header; correct it, then import with --mapping."""
    from registry.exchange.mapping import draft

    sys.stdout.write(draft(path, sheet=sheet))


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
    from registry.simulate import simulate as simulate_cohort

    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputRefused("The target exists already", got=path.name, remedy="Name a new one: nothing is overwritten")
    with progress_bar("Simulating") as progress:
        simulate_cohort(
            path, patients=patients, seed=seed, truth=truth, progress=lambda done: progress(done / patients, "patients")
        )
    messages.print(f"Wrote a simulated cohort of {patients} patients to {escape(str(path))}")
