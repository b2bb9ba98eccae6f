"""Double entry: forms of a random sample of patients, entered by a second person who does not see the first entry.

It measures how often what is stored is not what a second reader of the same sources writes. It lies beside the record,
as drafts do: it changes no row, stands in no trail, no export and no analysis of patients. What it finds is corrected
through the form of the record, with a reason, or left.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Mapped, mapped_column

from registry import store, times
from registry.access import Actor, Permission
from registry.audit import ChangeRow, Revision
from registry.database import writing
from registry.drafts import LONGEST, storable
from registry.errors import InputRefused, PermissionRefused
from registry.fields import CellProblem, Field
from registry.tables import PATIENT_TABLES, TABLES, Base


class DoubleEntry(Base):
    """A sample: who was drawn from whom, and with which seed."""

    __tablename__ = "double_entry"
    __table_args__ = (
        sa.CheckConstraint("patients BETWEEN 1 AND eligible", name="patients_drawn"),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"]),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    center_id: Mapped[str]
    forms: Mapped[str]
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    eligible: Mapped[int]
    patients: Mapped[int]
    drawn_by: Mapped[str]
    drawn_at: Mapped[str]


class DoubleEntryForm(Base):
    """A row of a form to be entered a second time; ``account`` is who began to."""

    __tablename__ = "double_entry_form"
    __table_args__ = (
        sa.ForeignKeyConstraint(["number"], ["double_entry.number"]),
        sa.CheckConstraint("finished_at IS NULL OR account IS NOT NULL", name="finished_by_somebody"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    record_key: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str | None]
    finished_at: Mapped[str | None]


class DoubleEntryCell(Base):
    """What was typed into a field, and once the form is finished the cell of it and that of the first entry."""

    __tablename__ = "double_entry_cell"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["number", "owner", "table_name", "record_key"],
            [f"double_entry_form.{name}" for name in ("number", "owner", "table_name", "record_key")],
            name="fk_double_entry_cell_form",
        ),
        sa.CheckConstraint(f"length(typed) <= {LONGEST}", name="typed_length"),
        sa.CheckConstraint("(first_cell IS NULL) = (second_cell IS NULL)", name="both_cells"),
        sa.CheckConstraint("(left_at IS NULL) = (left_by IS NULL)", name="left_by_somebody"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    record_key: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    typed: Mapped[str]
    first_cell: Mapped[str | None]
    second_cell: Mapped[str | None]
    left_at: Mapped[str | None]
    left_by: Mapped[str | None]


_SAMPLE, _FORM, _CELL = DoubleEntry.__table__, DoubleEntryForm.__table__, DoubleEntryCell.__table__


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample.

    Args:
        forms: the tables whose rows are entered again.
        eligible: patients of the center when it was drawn; ``patients`` of them were.
        rows: of these forms to be entered again; ``finished`` of them are.
    """

    number: int
    center_id: str
    forms: tuple[str, ...]
    seed: int
    eligible: int
    patients: int
    drawn_by: str
    drawn_at: str
    rows: int
    finished: int


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a form that is entered again: ``record_key`` as in drafts."""

    number: int
    owner: str
    table: str
    record_key: str

    def where(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        """The condition that selects what belongs to it."""
        place = (self.number, self.owner, self.table, self.record_key)
        return sa.and_(*(table.c[name] == part for name, part in zip(_PLACE, place, strict=True)))


_PLACE = ("number", "owner", "table_name", "record_key")


@dataclass(frozen=True, slots=True)
class Compared:
    """A field of a finished form.

    Args:
        first: the cell of the record when the form was finished; "" where blank.
        second: the cell that was entered the second time.
        left_by: who decided that the first one is right; None where nobody did.
    """

    item: Item
    column: str
    first: str
    second: str
    left_by: str | None


def naming(table: str) -> tuple[str, ...]:
    """The columns that say which of a patient's rows is meant: told to the second person, and not compared."""
    declared = TABLES[table]
    if len(declared.keys) == 1:
        return ()
    if declared.dated_by:
        return (declared.dated_by,)
    return tuple(field.name for field in declared.fields.values() if field.required and not field.key)


def compared_fields(table: str) -> tuple[Field, ...]:
    """The fields that are entered again: all but the keys, the center, and what names the row."""
    left_out = {"center_id", *naming(table)}
    return tuple(f for f in TABLES[table].fields.values() if not f.key and f.name not in left_out)


def draw(
    engine: Engine, center: str, forms: Sequence[str], *, seed: int, by: Actor, size: int | None = None,
    percent: float | None = None,
) -> int:  # fmt: skip
    """Draws a sample of a center's patients; returns its number.

    The patients come in the order of SHA-256 of seed and id, and the first are taken: the same seed and the same
    patients give the same sample on any machine, and a patient enrolled later leaves the order of the others.

    Args:
        size: patients; or
        percent: of the center's patients, rounded up.
    """
    by.require(Permission.WRITE_RECORDS)
    by.require_center(center)
    tables = tuple(table for table in PATIENT_TABLES if table in forms)
    if not tables or (size is None) == (percent is None):
        raise InputRefused(
            "The sample is not described", remedy="Choose a form, and a number of patients or a percentage"
        )
    with writing(engine) as connection:
        patient = TABLES["patient"].__table__
        ids = connection.execute(sa.select(patient.c.patient_id).where(patient.c.center_id == center)).scalars().all()
        wanted = size if size is not None else math.ceil(len(ids) * (percent or 0) / 100)
        if not 1 <= wanted <= len(ids):
            raise InputRefused(
                "The sample cannot be drawn",
                got=f"{wanted} of {len(ids)} patients",
                remedy="Choose at least 1, at most all",
            )
        chosen = sorted(sorted(ids, key=lambda patient_id: _rank(seed, patient_id))[:wanted])
        rows = [(owner, table, key) for table in tables for owner, key in _stored_keys(connection, table, chosen)]
        if not rows:
            raise InputRefused(
                "The patients drawn have no row in these forms", remedy="Choose other forms, or more patients"
            )
        number = int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(_SAMPLE.c.number), 0))).scalar_one()) + 1
        connection.execute(
            sa.insert(DoubleEntry).values(
                number=number, center_id=center, forms=";".join(tables), seed=seed, eligible=len(ids), patients=wanted,
                drawn_by=by.name, drawn_at=times.text(times.now()),
            )
        )  # fmt: skip
        places = [dict(zip(_PLACE, (number, *row), strict=True)) for row in rows]
        connection.execute(sa.insert(DoubleEntryForm), places)
    return number


def _rank(seed: int, patient_id: str) -> str:
    return hashlib.sha256(f"{seed}\x1f{patient_id}".encode()).hexdigest()


def _stored_keys(connection: Connection, table: str, owners: Sequence[str]) -> list[tuple[str, str]]:
    stored = store.load(connection, table, owners)
    names = TABLES[table].keys
    rest = stored.columns[names[1]] if len(names) > 1 else [""] * len(stored)
    return list(zip(stored.columns[names[0]], rest, strict=True))


def samples(connection: Connection, *, by: Actor) -> list[Sample]:
    """The samples of the centers that somebody may see, the latest first."""
    by.require(Permission.VIEW_QUALITY)
    counted = (
        sa.select(_FORM.c.number, sa.func.count().label("rows"), sa.func.count(_FORM.c.finished_at).label("finished"))
        .group_by(_FORM.c.number)
        .subquery()
    )
    query = (
        sa.select(_SAMPLE, counted.c.rows, counted.c.finished)
        .join(counted, counted.c.number == _SAMPLE.c.number)
        .order_by(_SAMPLE.c.number.desc())
    )
    if by.center_id is not None:
        query = query.where(_SAMPLE.c.center_id == by.center_id)
    return [
        Sample(**{**row._mapping, "forms": tuple(row.forms.split(";"))})  # type: ignore[arg-type]
        for row in connection.execute(query)
    ]


def to_enter(connection: Connection, number: int, *, by: Actor) -> list[Item]:
    """The rows that somebody can enter: not finished, not begun by another, not entered by the same person at first."""
    by.require(Permission.WRITE_RECORDS)
    _require_center(connection, number, by)
    query = (
        sa.select(*(_FORM.c[name] for name in _PLACE))
        .where(_FORM.c.number == number, _FORM.c.finished_at.is_(None))
        .where(sa.or_(_FORM.c.account.is_(None), _FORM.c.account == by.name))
        .order_by(_FORM.c.owner, _FORM.c.table_name, _FORM.c.record_key)
    )
    items = [Item(*row) for row in connection.execute(query)]
    own = _written_by(connection, sorted({item.owner for item in items}), by)
    order = {table: at for at, table in enumerate(PATIENT_TABLES)}
    free = [item for item in items if (item.owner, item.table, item.record_key) not in own]
    return sorted(free, key=lambda item: (item.owner, order[item.table], len(item.record_key), item.record_key))


def _written_by(connection: Connection, owners: Sequence[str], by: Actor) -> set[tuple[str, str, str]]:
    """The rows that somebody wrote into: a second entry by the same person is none."""
    query = (
        sa.select(ChangeRow.owner, ChangeRow.table_name, ChangeRow.record_key)
        .join(Revision, Revision.revision_id == ChangeRow.revision_id)
        .where(Revision.written_by == by.name, ChangeRow.owner.in_(owners))
        .distinct()
    )
    return {(owner, table, key) for owner, table, key in connection.execute(query)}


def named(connection: Connection, item: Item, *, by: Actor) -> dict[str, str]:
    """The cells that tell the second person which row is meant; nothing else of it. Empty where it is gone."""
    by.require(Permission.WRITE_RECORDS)
    by.require_center(store.center_of(connection, item.owner))
    first = _first_cells(connection, item)
    return {name: first.get(name, "") for name in naming(item.table)} if first is not None else {}


def typed(connection: Connection, item: Item, *, by: Actor) -> dict[str, str]:
    """What somebody typed into a form so far: column -> text."""
    _require_own(connection, item, by)
    query = sa.select(_CELL.c.column_name, _CELL.c.typed).where(item.where(_CELL))
    return {row.column_name: row.typed for row in connection.execute(query)}


def keep(connection: Connection, item: Item, texts: Mapping[str, str], *, by: Actor) -> None:
    """Keeps what was typed, and with the first text the form as this person's own.

    Raises PermissionRefused where somebody else enters it, or where the same person entered it at first.
    """
    _require_own(connection, item, by)
    connection.execute(sa.update(DoubleEntryForm).where(item.where(_FORM)).values(account=by.name))
    names = {field.name for field in compared_fields(item.table)}
    place = dict(zip(_PLACE, (item.number, item.owner, item.table, item.record_key), strict=True))
    columns = (*_PLACE, "column_name")
    insertion = sa.text(
        f"INSERT INTO double_entry_cell ({', '.join(columns)}, typed) "
        f"VALUES ({', '.join(f':{name}' for name in columns)}, :typed) "
        f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET typed = excluded.typed"
    )
    for column in names & texts.keys():
        connection.execute(insertion, {**place, "column_name": column, "typed": storable(texts[column])})


def finish(engine: Engine, item: Item, *, by: Actor, today: dt.date | None = None) -> None:
    """Ends the second entry of a form: from now on it is compared with what the record holds at this moment.

    Raises InputRefused where a text is none that its field can hold, or the row is gone from the record.
    """
    with writing(engine) as connection:
        texts = typed(connection, item, by=by)
        first = _first_cells(connection, item)
        if first is None:
            raise InputRefused("The row is not in the record any more", got=item.owner, remedy="Enter another form")
        second = {}
        for field in compared_fields(item.table):
            try:
                second[field.name] = field.parse(texts.get(field.name, ""), today=today)
            except CellProblem as problem:
                raise InputRefused(f"{field.name}: {problem.problem}", remedy=problem.remedy.capitalize()) from None
        keep(connection, item, {name: texts.get(name, "") for name in second}, by=by)
        for name, cell in second.items():
            here = sa.and_(item.where(_CELL), _CELL.c.column_name == name)
            connection.execute(
                sa.update(DoubleEntryCell).where(here).values(first_cell=first.get(name, ""), second_cell=cell)
            )
        done = sa.update(DoubleEntryForm).where(item.where(_FORM))
        connection.execute(done.values(account=by.name, finished_at=times.text(times.now())))


def compared(connection: Connection, number: int, *, by: Actor) -> list[Compared]:
    """Every field of the finished forms of a sample in which one of the two entries holds something."""
    by.require(Permission.VIEW_QUALITY)
    _require_center(connection, number, by)
    query = (
        sa.select(*(_CELL.c[name] for name in (*_PLACE, "column_name", "first_cell", "second_cell", "left_by")))
        .where(_CELL.c.number == number, _CELL.c.first_cell.is_not(None))
        .order_by(_CELL.c.owner, _CELL.c.table_name, _CELL.c.record_key, _CELL.c.column_name)
    )
    return [
        Compared(Item(row.number, row.owner, row.table_name, row.record_key), row.column_name, row.first_cell,
                 row.second_cell, row.left_by)
        for row in connection.execute(query)
        if row.first_cell or row.second_cell
    ]  # fmt: skip


def leave(engine: Engine, item: Item, column: str, *, by: Actor) -> None:
    """Notes that the first entry is right: the discrepancy is the second one's, and the record stays as it is."""
    by.require(Permission.WRITE_RECORDS)
    with writing(engine) as connection:
        _require_center(connection, item.number, by)
        here = sa.and_(item.where(_CELL), _CELL.c.column_name == column, _CELL.c.first_cell != _CELL.c.second_cell)
        noted = sa.update(DoubleEntryCell).where(here).values(left_at=times.text(times.now()), left_by=by.name)
        if not connection.execute(noted).rowcount:
            raise InputRefused("There is no such discrepancy", remedy="Read the list again")


def _first_cells(connection: Connection, item: Item) -> dict[str, str] | None:
    """The cells of the record; None where there is no such row."""
    stored = store.load(connection, item.table, [item.owner])
    keys = TABLES[item.table].keys
    for at in range(len(stored)):
        if "".join(str(stored.columns[name][at]) for name in keys[1:]) == item.record_key:
            return {name: str(column[at]) for name, column in stored.columns.items()}
    return None


def _require_center(connection: Connection, number: int, by: Actor) -> None:
    center = connection.execute(sa.select(_SAMPLE.c.center_id).where(_SAMPLE.c.number == number)).scalar_one_or_none()
    by.require_center(center)
    if center is None:
        raise InputRefused("There is no such sample", got=number, remedy="Choose one of the list")


def _require_own(connection: Connection, item: Item, by: Actor) -> None:
    """The form is free or this person's, is not finished, and was first entered by somebody else."""
    by.require(Permission.WRITE_RECORDS)
    _require_center(connection, item.number, by)
    by.require_center(store.center_of(connection, item.owner))
    row = connection.execute(sa.select(_FORM.c.account, _FORM.c.finished_at).where(item.where(_FORM))).one_or_none()
    if row is None or row.finished_at is not None:
        raise InputRefused("This form is not to be entered, or no longer", remedy="Choose one of the list")
    if row.account not in (None, by.name):
        raise PermissionRefused("Somebody else enters this form", remedy="Choose another one of the list")
    if (item.owner, item.table, item.record_key) in _written_by(connection, [item.owner], by):
        raise PermissionRefused(
            "You entered this form yourself: the second entry is another person's",
            remedy="Ask somebody else of the center",
        )
