"""The commands of snapshots: snapshot create, list, show, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from registry.access import operator
from registry.terminal import DataCut, Json, data_cut, messages, open_registry, print_json, print_json_list

if TYPE_CHECKING:
    from analytics.snapshot_manifest import Manifest

app = typer.Typer(help="Snapshots: the data of a publication, frozen so that its analyses can be made again.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the snapshot, such as paper-2025.")]


@app.command()
def create(
    name: Name,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Freeze the registry as it stands at the data cut."""
    from analytics.snapshots import create_snapshot

    made = create_snapshot(open_registry(), name, data_cut(data_cut_on), by=operator(), note=note)
    if json:
        print_json(made.to_dict())
    else:
        rows = sum(table["rows"] for table in made.tables.values())
        messages.print(f"Froze {rows:,} rows at the data cut {made.data_cut}: use it with --snapshot {escape(name)}")


@app.command("list")
def list_(json: Json = False) -> None:
    """List the snapshots."""
    from analytics.snapshot_manifest import list_snapshots

    found = list_snapshots()
    if json:
        print_json_list(made.to_dict() if made else {"name": name, "changed": True} for name, made in found.items())
        return
    columns = ("name", "data cut", Column("patients", justify="right"), "created", "by", "note")
    table = Table(*columns, box=None, pad_edge=False)
    for name, made in found.items():
        if made is None:
            table.add_row(escape(name), "", "", "", "", "[red]not what was written[/]")
            continue
        table.add_row(
            escape(name),
            made.data_cut.isoformat(),
            f"{made.tables['patient']['rows']:,}",
            made.created_at[:10],
            escape(made.created_by),
            escape(made.note),
        )
    Console().print(table if found else "There is no snapshot yet: oligomet snapshot create NAME")


@app.command()
def show(name: Name, json: Json = False) -> None:
    """Show what a snapshot holds, and hold its files against its manifest."""
    from analytics.snapshots import read_snapshot

    made = read_snapshot(name).manifest
    if json:
        print_json(made.to_dict())
    else:
        _show(made)


@app.command()
def remove(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a snapshot; results from it can then no longer be made again."""
    from analytics.snapshot_manifest import existing
    from analytics.snapshots import remove_snapshot

    existing(name)
    if not yes:
        question = f"Remove the snapshot {name}? Results from it can then no longer be made again."
        typer.confirm(question, abort=True, err=True)
    remove_snapshot(name, by=operator(), reason=reason)
    messages.print(f"Removed the snapshot {escape(name)}")


def _show(made: Manifest) -> None:
    console = Console()
    console.print(f"[bold]{escape(made.name)}[/] {escape(made.note)}".rstrip())
    console.print(f"Data cut {made.data_cut}; created {made.created_at} by {escape(made.created_by)}")
    console.print(f"Written by oligomet {made.program}")
    console.print(f"Last revision of the trail: {made.trail['number']} ({made.trail['hash'][:12]})")
    changed = ", ".join(made.readings["changed"]) or "none"
    console.print(f"Readings {made.readings['version']} of {made.readings['date']}; changed: {changed}")
    console.print(f"Fingerprint of all tables: {made.fingerprint}", soft_wrap=True)
    table = Table("table", Column("rows", justify="right"), "fingerprint", box=None, pad_edge=False)
    for name, said in made.tables.items():
        table.add_row(name, f"{said['rows']:,}", said["fingerprint"][:12])
    console.print(table)
    console.print("Every file is what was written.")
