"""How a table is declared: the column helpers and the base class that turn fields into columns and constraints.

Every column that is not a key has a companion ``<column>__absent`` with the missing-data code, so that the column
itself keeps its type and a query never takes UNK for a value. The constraints that follow from one field:

    ck_<table>_<column>_codes / _range / _form    the value is one that the field can hold
    ck_<table>_<column>_absent                    the missing-data code is one of the four
    ck_<table>_<column>_either                    value or missing-data code, never both
    ck_<table>_<column>_required                  a required column has one of the two
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from registry.fields import EARLIEST, LATEST, LONGEST_KEY, LONGEST_TEXT, MISSING_CODES, Field

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

_SQL_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "date": sa.Date,
    "boolean": sa.Boolean,
    "integer": sa.Integer,
    "number": sa.Double,
}


class Base(DeclarativeBase):
    """All tables of the database: the record's own, the audit trail and the data queries."""

    metadata = sa.MetaData(naming_convention=NAMING)


class Record(Base):
    """A table of the data dictionary. A subclass declares its fields; keys, companions and constraints follow."""

    __abstract__ = True

    fields: ClassVar[dict[str, Field]]
    keys: ClassVar[tuple[str, ...]]
    dated_by: ClassVar[str | None] = None
    """The column that dates a row: a row dated after a data cut does not exist for it."""
    ordered: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of date columns of a row, of which the second is never before the first."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        columns: list[tuple[str, MappedColumn[Any]]] = [
            (name, column) for name, column in vars(cls).items() if isinstance(column, MappedColumn)
        ]
        cls.fields = {
            name: Field(table=cls.__tablename__, name=name, **column.column.info["field"]) for name, column in columns
        }
        cls.keys = tuple(field.name for field in cls.fields.values() if field.key)
        for field in cls.fields.values():
            if not field.key:
                setattr(cls, field.absent_name, mapped_column(sa.String(4)))
        cls.version = mapped_column(sa.Integer, nullable=False)
        constraints = [check for field in cls.fields.values() for check in _checks(field)]
        constraints += [
            sa.CheckConstraint(f"{later} >= {earlier}", name=f"{later}_after_{earlier}")
            for earlier, later in cls.ordered
        ]
        constraints.append(sa.CheckConstraint("version >= 1", name="version_positive"))
        cls.__table_args__ = (*constraints, *_references(cls))
        super().__init_subclass__(**kwargs)

    version: ClassVar[Any]
    """Counts the changes of a row; a writer names the one that was seen."""


def _checks(field: Field) -> list[sa.CheckConstraint]:
    name, absent = field.name, field.absent_name
    found = []
    if field.codes:
        found.append((f"{name}_codes", _one_of_the_codes(field)))
    elif field.low is not None:
        found.append((f"{name}_range", f"{name} BETWEEN {field.low!r} AND {field.high!r}"))
    elif field.type == "date":
        found.append((f"{name}_form", f"{name} BETWEEN '{EARLIEST}' AND '{LATEST}'"))
    elif field.type == "boolean":
        found.append((f"{name}_form", f"{name} IN (TRUE, FALSE)"))
    else:
        longest = LONGEST_KEY if field.key or field.type == "ref" else LONGEST_TEXT
        found.append((f"{name}_form", f"length({name}) BETWEEN 1 AND {longest}"))
    if not field.key:
        found.append((f"{name}_absent", _any_of(absent, sorted(MISSING_CODES))))
        found.append((f"{name}_either", f"{name} IS NULL OR {absent} IS NULL"))
    if field.required and not field.key:
        found.append((f"{name}_required", f"{name} IS NOT NULL OR {absent} IS NOT NULL"))
    return [sa.CheckConstraint(text, name=label) for label, text in found]


def _one_of_the_codes(field: Field) -> str:
    if field.type == "integer":
        return f"{field.name} BETWEEN {field.codes[0]} AND {field.codes[-1]}"
    if field.type == "code":
        return _any_of(field.name, field.codes)
    # Each code is taken out once: what is left of a list of known codes, none of them twice, is one separator.
    rest = f"';' || {field.name} || ';'"
    for code in field.codes:
        rest = f"replace({rest}, ';{code};', ';')"
    return f"{rest} = ';' AND length({field.name}) > 0"


def _any_of(column: str, codes: Sequence[str]) -> str:
    # Not IN: SQLite would build an index of the list for each row, which takes ten times as long as all else.
    return " OR ".join([f"{column} IS NULL", *(f"{column} = '{code}'" for code in codes)])


def _references(cls: type[Record]) -> list[sa.ForeignKeyConstraint]:
    name = cls.__tablename__
    found = [
        sa.ForeignKeyConstraint([field.name], [f"{field.refers_to}.{field.name}"], name=f"fk_{name}_{field.name}")
        for field in cls.fields.values()
        if field.refers_to
    ]
    if "episode_no" in cls.fields:
        found.append(
            sa.ForeignKeyConstraint(
                ["patient_id", "episode_no"], ["episode.patient_id", "episode.record_no"], name=f"fk_{name}_episode_no"
            )
        )
    return found


def _column(type: str, sentence: str, *, key: bool = False, required: bool = False, **field: Any) -> MappedColumn[Any]:
    return mapped_column(
        _SQL_TYPES.get(type, sa.String),
        primary_key=key,
        nullable=not key,
        autoincrement=False,
        info={"field": {"type": type, "sentence": sentence, "key": key, "required": required or key, **field}},
    )


def owner() -> MappedColumn[Any]:
    """The patient that a row belongs to: the first part of its key."""
    return _column("ref", "Patient that the row belongs to", key=True, refers_to="patient")


def number_of_record(sentence: str = "Number of the row within the patient") -> MappedColumn[Any]:
    """The second part of the key of a table in which a patient has several rows."""
    return _column("integer", sentence, key=True, low=1, high=1_000_000)


def episode_number() -> MappedColumn[Any]:
    """The episode that a row belongs to, where the center says so."""
    return _column("integer", "Episode that the row belongs to; assigned by date where blank", low=1, high=1_000_000)


def text(sentence: str, **field: Any) -> MappedColumn[Any]:
    """Free text, or an identifier where it is a key."""
    return _column("text", sentence, **field)


def ref(sentence: str, *, to: str, **field: Any) -> MappedColumn[Any]:
    """The key of a row of another table."""
    return _column("ref", sentence, refers_to=to, **field)


def code(sentence: str, *codes: str, **field: Any) -> MappedColumn[Any]:
    """One of several codes."""
    return _column("code", sentence, codes=codes, **field)


def codes(sentence: str, *codes: str, **field: Any) -> MappedColumn[Any]:
    """Any number of several codes."""
    return _column("codes", sentence, codes=codes, **field)


def date(sentence: str, **field: Any) -> MappedColumn[Any]:
    """A day of the calendar."""
    return _column("date", sentence, **field)


def boolean(sentence: str, **field: Any) -> MappedColumn[Any]:
    """Yes or no."""
    return _column("boolean", sentence, **field)


def integer(sentence: str, **field: Any) -> MappedColumn[Any]:
    """A whole number: a count within a range, or one of several grades."""
    return _column("integer", sentence, **field)


def number(sentence: str, **field: Any) -> MappedColumn[Any]:
    """A measurement in a unit, within a range."""
    return _column("number", sentence, **field)
