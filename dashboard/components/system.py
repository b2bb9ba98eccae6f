"""The system at a glance, its tables, and its backups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard import system
from dashboard.components.cards import Card, cards
from dashboard.components.form_state import say
from dashboard.components.heading import heading
from dashboard.components.html import Column, Content, Html, show, table, tag
from dashboard.components.messages import plain, refused
from dashboard.components.progress import told
from dashboard.data import Moment
from dashboard.system import System
from dashboard.words import FORMS, NOTHING, counted, moment_words, number
from registry import times
from registry.backup import Manifest
from registry.errors import OligometError

_LOG = (
    "The log is what oligomet serve writes to standard error, a JSON object a line: where systemd runs it, "
    "journalctl -u oligomet shows it. It says who signed in and out, refused attempts with their address, and the "
    "place of every failure; no cell of a record is in it. /healthz answers whether the registry can be reached."
)
_BESIDE = {
    "account": "Accounts",
    "alembic_version": "Version of the schema",
    "change": "Audit trail, changed rows",
    "data_query": "Data queries",
    "data_query_message": "Messages of data queries",
    "draft": "Drafts, fields",
    "revision": "Audit trail, revisions",
    "session": "Sessions",
    "sign_off": "Sign-offs",
    "sign_in_delay": "Delays of sign-ins",
    "double_entry": "Double entry, samples",
    "double_entry_form": "Double entry, rows",
    "double_entry_cell": "Double entry, fields",
}
"""Tables beside the record -> what they are called."""


def at_a_glance(at: Moment) -> System:
    """The numbers of the installation, and a warning where no backup is recent."""
    found = system.system(at)
    if found.backup_is_old:
        st.warning(plain(_warning(found)))
    proof = f"revision {number(found.verified.number)}" if found.verified else "never on this machine"
    made = found.last_backup
    show(
        cards(
            (
                Card("Program", found.program, f"schema {found.counted.schema}"),
                Card("Database", size(found.bytes), found.database),
                Card("Trail", number(found.revisions), "revisions"),
                Card(
                    "Trail verified",
                    age(found.verified_at),
                    proof,
                    "by the page Audit trail or `oligomet audit verify`",
                ),
                Card("Last backup", age(made.at if made else None), size(made.bytes) if made else "none was made here"),
                Card("Open sessions", number(found.sessions), "signed-in browsers"),
            )
        ),
        tag("p", found.address, class_="quiet"),
    )
    return found


def _warning(found: System) -> str:
    days = counted(round(found.warn_after.total_seconds() / 86400), "day")
    if found.last_backup is None:
        return "No backup was made on this machine yet. Make one below, and copy it to another machine."
    return f"The last backup is older than {days}. Make one below, and copy it to another machine."


def age(moment: dt.datetime | None) -> str:
    """How long ago something was, in its largest unit."""
    if moment is None:
        return NOTHING
    seconds = max(0.0, (times.now() - moment).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "just now"


def size(count: int) -> str:
    """A size in bytes with three digits."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def backups(found: System) -> None:
    """The button that makes a backup, and those that were made."""
    heading("Backups")
    words = (
        "A backup holds the database as of one moment, the readings, the settings and the snapshots, readable by the "
        "account of the server only. The keys are not in it: keep a copy of the folder keys in another place. "
        f"It is restored on the command line, with oligomet restore. Folder: {found.backups}"
    )
    show(tag("p", words, class_="quiet"))
    if st.button("Make a backup", type="primary", key="make-backup"):
        with st.empty():
            try:
                place = system.make_backup(told("Beginning …"))
            except OligometError as error:
                refused(error)
                return
        say(f"The backup {place.name} is made.")
        st.rerun()
    made = system.backups()
    show(_listed(made) if made else tag("p", "There is none in this folder yet."))


def _listed(made: Sequence[tuple[Path, Manifest | None]]) -> Html:
    columns = (
        Column("Backup", kind="head"),
        Column("Made (UTC)"),
        Column("By", kind="free"),
        Column("Size", kind="num"),
        Column("Patients", kind="num"),
        Column("Up to revision", kind="num"),
    )
    rows: list[tuple[Content, ...]] = []
    for path, manifest in made:
        if manifest is None:
            rows.append((path.name, tag("span", "not what was written", class_="warn"), *([NOTHING] * 4)))
            continue
        patients, revision = manifest.tables.get("patient", 0), int(manifest.head["number"])
        made_at = moment_words(manifest.made_at)
        rows.append((path.name, made_at, manifest.made_by, size(manifest.bytes), number(patients), number(revision)))
    return table(columns, rows)


def tables(found: System) -> Html:
    """How many rows each table has."""
    columns = (Column("Table", kind="head"), Column("Rows", kind="num"))
    names = {**FORMS, **_BESIDE}
    order = sorted(found.counted.tables, key=lambda name: (list(names).index(name) if name in names else 99, name))
    rows = ((names.get(name, name), number(found.counted.tables[name])) for name in order)
    return table(columns, rows, narrow=True)


def log_hints() -> Html:
    """Where the log is, and what stands in it."""
    return tag("p", _LOG, class_="quiet")
