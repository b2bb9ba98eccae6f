"""What can be done about a case of a rule: ask about a cell that was read, or record an accepted exception."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analytics.case_pages import Case
from analytics.consensus.rule import Rule
from dashboard import data, entering, store
from dashboard.data import Moment
from dashboard.who import viewer
from dashboard.words import FORMS, column_title
from registry import actions
from registry.errors import InputRefused
from registry.queries import MANUAL, QueryKey
from registry.tables import PATIENT_TABLES, TABLES

_MENTIONED = re.compile(r"\b([a-z_0-9]+)\.([a-z_0-9]+)\b")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that can be asked about."""

    key: QueryKey
    words: str


def cells(at: Moment, case: Case) -> list[Cell]:
    """The episode as a whole, and the stored cells that the rule read or missed, in that order.

    Raises PermissionRefused where the viewer may not see records.
    """
    found = data.record(at, case.patient_id)
    if found is None:
        raise InputRefused("There is no such patient", got=case.patient_id, remedy="Load the page again")
    episode = QueryKey(case.patient_id, MANUAL, "episode", str(case.episode_no), "record_no")
    asked = {episode: f"Episode {case.episode_no} as a whole"}
    for table, column in _mentioned(case):
        for key in _rows(table, found.frames[table], case):
            words = f"{FORMS[table]} {key}".strip()
            title = column_title(TABLES[table].fields[column], unit=False)
            asked[QueryKey(case.patient_id, MANUAL, table, key, column)] = f"{words}: {title}"
    return [Cell(key, words) for key, words in asked.items()]


def _mentioned(case: Case) -> Iterator[tuple[str, str]]:
    """The columns that what was read names, each once."""
    pairs = (pair for text in case.because for pair in _MENTIONED.findall(text))
    for table, column in dict.fromkeys(pairs):
        if table in PATIENT_TABLES and column in TABLES[table].fields and not TABLES[table].fields[column].key:
            yield table, column


def _rows(table: str, frame: pd.DataFrame, case: Case) -> Iterator[str]:
    """The keys of the patient's rows in a table; of episodes only that of the case."""
    if len(TABLES[table].keys) == 1:
        yield from [""] * len(frame)
        return
    for number in frame["record_no"]:
        if table != "episode" or int(number) == case.episode_no:
            yield str(int(number))


def ask(key: QueryKey, message: str) -> None:
    """Raises a data query about a cell."""
    entering.ask(key, message)


def may_except(rule: Rule) -> bool:
    """Whether the viewer may record exceptions, and the text accepts any for the rule."""
    return viewer().may_write("rule_exception") and bool(rule.accepted)


def next_number(at: Moment, patient_id: str) -> int:
    """The number of the patient's next exception; a second click with the same number writes nothing."""
    found = data.record(at, patient_id)
    frame = None if found is None else found.frames["rule_exception"]
    return 1 if frame is None or frame.empty else int(frame["record_no"].max()) + 1


def record_exception(case: Case, rule: Rule, number: int, why: str, note: str) -> int | None:
    """Writes an accepted exception to the record; returns the revision.

    Args:
        number: of the row, as it was when the form was shown.
        why: one of the reasons that the text accepts for the rule.

    Raises InputRefused, PermissionRefused, and StaleVersion where the row was written meanwhile.
    """
    if why not in rule.accepted:
        raise InputRefused(
            f"The text accepts no such exception for {rule.id}", got=why, remedy="Choose one of the list"
        )
    row = {
        "patient_id": case.patient_id,
        "record_no": str(number),
        "episode_no": str(case.episode_no),
        "rule_id": rule.id,
        "reason": why,
        "note": note,
    }
    by, engine = viewer(), store.engine()
    reason = f"accepted exception to {rule.id}"
    saved = actions.save(engine, "rule_exception", row, by=by, reason=reason, seen_version=0, source=entering.SOURCE)
    return saved.revision
