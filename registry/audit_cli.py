"""The commands of the audit trail: audit log, audit verify."""

from __future__ import annotations

import csv
import dataclasses
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from registry.access import Permission, operator
from registry.errors import InputRefused
from registry.terminal import Json, messages, open_registry, print_json, print_json_list, progress_bar

if TYPE_CHECKING:
    from registry.audit import Entries, Head

app = typer.Typer(help="The audit trail: who wrote what, when and why; and whether it is still what was written.")

SHOWN = 50


@app.command()
def log(
    patient: Annotated[str | None, typer.Option(help="Only this patient.")] = None,
    by: Annotated[str | None, typer.Option(help="Only writers whose name holds this text.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or UTC time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to and with this day or UTC time.")] = None,
    table: Annotated[str | None, typer.Option(help="Only this table.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all of it as CSV.")] = False,
    json: Json = False,
) -> None:
    """Show the changes of the record; --json and --csv print all of them."""
    from registry import audit
    from registry.database import reading

    operator().require(Permission.READ_TRAIL)
    with reading(open_registry()) as connection:
        entries = audit.log(connection, patient=patient, by=by, since=since, until=until, table=table)
        if json:
            print_json_list(map(dataclasses.asdict, entries))
        elif as_csv:
            _print_csv(entries)
        else:
            _show(entries)


def _print_csv(entries: Entries) -> None:
    from registry.trail_lines import COLUMNS, lines

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines(entries))


def _show(entries: Entries) -> None:
    table = Table("no.", "when (UTC)", "who", "why", "row", "action", "what")
    more = 0
    for at, entry in enumerate(entries):
        if at >= SHOWN:
            more += 1
            continue
        if entry.event and not entry.table:
            what = ""
        elif entry.action == "update":
            what = "; ".join(f"{column}: {old or 'blank'} → {new or 'blank'}" for column, old, new in entry.cells())
        else:
            what = f"{len(entry.new or entry.old or {})} cells"
        when = entry.written_at[:19].replace("T", " ")
        row = f"{entry.table} {entry.key}".strip()
        table.add_row(str(entry.number), when, entry.written_by, entry.reason, row, entry.action, what)
    messages.print(table, markup=False)
    if more:
        messages.print(f"… and {more} more: narrow the search, or print all with --json or --csv")


@app.command()
def verify(
    trail_only: Annotated[bool, typer.Option("--trail-only", help="Do not compare the record with the trail.")] = False,
    expect_head: Annotated[
        str | None, typer.Option(metavar="NUMBER:HASH", help="A head noted earlier that the trail must still hold.")
    ] = None,
    json: Json = False,
) -> None:
    """Verify that nothing in the trail or in the record was changed behind its back; exit 1 where it was."""
    from registry.verification import verify as verify_registry

    engine = open_registry()
    known = _head(expect_head) if expect_head else None
    with progress_bar("Verifying") as progress:
        found = verify_registry(engine, known=known, trail_only=trail_only, progress=progress)
    head, broken = found.head, found.broken
    if json:
        document: dict[str, object] = {"intact": broken is None, "head": dataclasses.asdict(head)}
        print_json({**document, "broken": dataclasses.asdict(broken) if broken else None})
    elif broken is None:
        messages.print(f"The trail is intact: {head.number} revisions. Head {head.number}:{head.hash}", highlight=False)
    else:
        messages.print(f"The trail is BROKEN: {broken.problem}.", style="bold red", markup=False)
    if broken is not None:
        raise typer.Exit(1)


def _head(text: str) -> Head:
    from registry.audit import Head

    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise InputRefused("This is not a head of a trail", got=text, remedy="Write NUMBER:HASH as `audit verify` does")
    return Head(int(number), digest)
