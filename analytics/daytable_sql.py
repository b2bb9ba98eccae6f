"""The day table of overall survival counted by the database itself, in one query, on SQLite and PostgreSQL.

No row leaves the database: what comes back is, for each group and day, how many enter, die and are censored. The counts
are those of ``analytics.endpoints`` with the rows at hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import CTE, ColumnElement, FunctionElement, Select

from analytics.daytable import DayTable
from analytics.origins import ORIGINS, TREATED
from registry.database import reading
from registry.errors import UsageError
from registry.tables import TABLES

GROUPS = ("sex", "center_id")
"""Columns of the patient by which the database can divide."""


class days_between(FunctionElement[int]):
    """The days from the second date to the first."""

    type = sa.Integer()
    inherit_cache = True
    name = "days_between"


@compiles(days_between, "postgresql")
def _postgresql(element: days_between, compiler: SQLCompiler, **options: object) -> str:
    later, earlier = element.clauses
    return f"({compiler.process(later, **options)} - {compiler.process(earlier, **options)})"


@compiles(days_between, "sqlite")
def _sqlite(element: days_between, compiler: SQLCompiler, **options: object) -> str:
    later, earlier = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


def day_table_in_database(
    engine: Engine,
    data_cut: dt.date,
    *,
    origin: str = "lung_resection",
    by: str | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
) -> DayTable:
    """The day table of overall survival, without reading rows.

    The arguments are those of :func:`analytics.endpoints.analysis_set`, ``by`` one of :data:`GROUPS`; so are the
    counts. Those who are left out are not counted here.

    Raises:
        UsageError: an unknown origin, or another grouping.
        EnvironmentRefused: the database cannot be read.
    """
    for name, known, what in ((origin, tuple(ORIGINS), "origin"), (by, (None, *GROUPS), "grouping in the database")):
        if name not in known:
            shown = ", ".join(one for one in known if one)
            raise UsageError(f"There is no such {what}", got=name, remedy=f"Take one of {shown}")
    with reading(engine) as connection:
        found = connection.execute(_query(data_cut, origin, by, delayed_entry, center)).all()
    return _table(found, list(TABLES["patient"].fields["sex"].codes) if by == "sex" else None)


def _query(
    cut: dt.date, origin: str, by: str | None, delayed_entry: bool, center: str | None
) -> sa.CompoundSelect[tuple[str, str, int, int]]:
    """Label, what is counted, day and count."""
    subjects = _subjects(cut, origin, by, delayed_entry, center)
    label, entry, day, died = (subjects.c[name] for name in ("label", "entry", "day", "died"))
    entries = sa.select(label, sa.literal("entered").label("what"), entry.label("day"), sa.func.count().label("n"))
    what = sa.case((died, "events"), else_="censored").label("what")
    ends = sa.select(label, what, day, sa.func.count())
    return sa.union_all(entries.group_by(label, entry), ends.group_by(label, what, day))


def _subjects(cut: dt.date, origin: str, by: str | None, delayed_entry: bool, center: str | None) -> CTE:
    """One row for each patient who is analyzed: label, entry, day and whether the patient died then."""
    patient = TABLES["patient"].__table__.c
    last = sa.literal(cut, sa.Date)
    start = _origin_days(origin, cut).group_by("patient_id").cte("start")
    died_on = sa.case((patient.death_on <= last, patient.death_on))
    died_later = sa.func.coalesce(patient.death_on > last, sa.false())
    # Who is heard of after the cut was alive on it.
    seen_on = sa.case((sa.or_(died_later, patient.last_contact_on > last), last), else_=patient.last_contact_on)
    alive = sa.or_(patient.vital_status == "alive", died_later)
    end = sa.case((patient.death_on <= last, patient.death_on), (alive, seen_on))
    day = days_between(end, start.c.origin_on)
    enrolled = days_between(patient.enrolled_on, start.c.origin_on)
    entry: ColumnElement[int] = sa.case((enrolled > 0, enrolled), else_=0) if delayed_entry else sa.literal(0)
    label = sa.literal("all") if by is None else patient[by]
    rows = (
        sa.select(label.label("label"), entry.label("entry"), day.label("day"), died_on.is_not(None).label("died"))
        .join_from(TABLES["patient"].__table__, start, start.c.patient_id == patient.patient_id)
        .where(sa.or_(patient.consent_status != "withdrawn", patient.consent_status.is_(None)))
        .where(label.is_not(None), day >= 0, sa.or_(entry == 0, entry < day))
    )
    if center is not None:
        rows = rows.where(patient.center_id == center)
    return rows.cte("subjects")


def _origin_days(origin: str, cut: dt.date) -> Select[tuple[str, dt.date]]:
    """The first day of each patient with the origin, up to the cut; grouped by the caller."""
    if origin in TREATED:
        targets, modalities = TREATED[origin]
        treatment = TABLES["local_treatment"].__table__.c
        return _first(treatment.patient_id, treatment.started_on, cut).where(
            treatment.target.in_(targets), treatment.modality.in_(modalities), treatment.intent == "radical"
        )
    primary, episode, metastasis = (TABLES[name].__table__.c for name in ("primary_tumor", "episode", "metastasis"))
    if origin == "primary_diagnosis":
        return _first(primary.patient_id, primary.diagnosed_on, cut)
    if origin == "ned":
        # An episode that is detected after the cut does not exist.
        exists = sa.or_(episode.detected_on.is_(None), episode.detected_on <= cut)
        return _first(episode.patient_id, episode.ned_on, cut).where(exists)
    if origin == "lung_diagnosis":
        return _first(episode.patient_id, episode.detected_on, cut).where(episode.lung_involved)
    both = sa.union_all(
        sa.select(episode.patient_id, episode.detected_on), sa.select(metastasis.patient_id, metastasis.detected_on)
    ).subquery()
    return _first(both.c.patient_id, both.c.detected_on, cut)


def _first(patient_id: ColumnElement[str], on: ColumnElement[dt.date], cut: dt.date) -> Select[tuple[str, dt.date]]:
    return sa.select(patient_id.label("patient_id"), sa.func.min(on).label("origin_on")).where(on <= cut)


def _table(rows: Sequence[sa.Row[tuple[str, str, int, int]]], order: list[str] | None) -> DayTable:
    present = {row[0] for row in rows}
    labels = [label for label in order if label in present] if order else sorted(present)
    labels = labels or ["all"]
    width = max((row[2] for row in rows), default=0) + 1
    counts = {what: np.zeros((len(labels), width), dtype=np.int64) for what in ("entered", "events", "censored")}
    for label, what, day, count in rows:
        counts[what][labels.index(label), day] = count
    return DayTable(tuple(labels), **counts)
