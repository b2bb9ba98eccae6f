"""The commands of the audit trail: audit log, audit verify."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from registry.access import Permission, operator
from registry.errors import InputRefused, UsageError
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
    since, until = _moment("--since", since), _moment("--until", until)
    if table is not None and table not in audit.TABLE_NAMES:
        raise UsageError("The trail has no such table", got=table, remedy=f"Take one of {', '.join(audit.TABLE_NAMES)}")
    with reading(open_registry()) as connection:
        entries = audit.log(connection, patient=patient, by=by, since=since, until=until, table=table)
        if json:
            print_json_list(map(dataclasses.asdict, entries))
        elif as_csv:
            _print_csv(entries)
        else:
            _show(entries)


def _moment(option: str, text: str | None) -> str | None:
    """A day, or a time in UTC, as the trail writes it."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        remedy = "Write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, in UTC"
        raise UsageError(f"{option} is neither a day nor a time", got=text, remedy=remedy) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="seconds")


def _print_csv(entries: Entries) -> None:
    from registry.trail_lines import COLUMNS, lines

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines(entries))


def _show(entries: Entries) -> None:
    row, what = (Column(name, overflow="fold", min_width=16) for name in ("row", "what"))  # half a key names nobody
    table = Table("no.", "when (UTC)", "who", "why", row, what)
    more = 0
    for at, entry in enumerate(entries):
        if at >= SHOWN:
            more += 1
            continue
        if entry.event and not entry.table:
            done = entry.action
        elif entry.action == "update":
            done = "; ".join(f"{column}: {old or 'blank'} → {new or 'blank'}" for column, old, new in entry.cells())
        else:
            done = f"{entry.action}: {len(entry.new or entry.old or {})} cells"
        when = entry.written_at[:19].replace("T", " ")
        place = f"{entry.table} {entry.key}".strip()
        table.add_row(str(entry.number), when, entry.written_by, entry.reason, place, done)
    if not table.rows:
        messages.print("The trail holds no such entry.")
        return
    Console().print(table, markup=False)
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
