"""Double entry: a sample that can be drawn again, a second person who is not shown the first entry, what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from registry import actions, audit, double_entry
from registry.access import Actor, Role
from registry.database import reading, writing
from registry.double_entry import Item
from registry.errors import InputRefused, PermissionRefused
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.rows import ENTRY, ROWS, row

FIRST = Actor("anna", Role.DATA_MANAGER, "A")
SECOND = Actor("ben", Role.DATA_MANAGER, "A")
AUDITOR = Actor("ada", Role.AUDITOR)
EPISODE = Item(1, "P1", "episode", "1")


def draw(engine: Engine, **how: object) -> int:
    arguments = {"seed": 7, "size": 1, "by": FIRST, **how}
    return double_entry.draw(engine, "A", arguments.pop("forms", ("episode",)), **arguments)  # type: ignore[arg-type]


def to_enter(engine: Engine, by: Actor = SECOND, number: int = 1) -> list[Item]:
    with reading(engine) as connection:
        return double_entry.to_enter(connection, number, by=by)


def keep(engine: Engine, texts: dict[str, str], by: Actor = SECOND, item: Item = EPISODE) -> None:
    with writing(engine) as connection:
        double_entry.keep(connection, item, texts, by=by)


def compared(engine: Engine, by: Actor = AUDITOR) -> dict[str, tuple[str, str]]:
    with reading(engine) as connection:
        return {one.column: (one.first, one.second) for one in double_entry.compared(connection, 1, by=by)}


def samples(engine: Engine, by: Actor = AUDITOR) -> list[double_entry.Sample]:
    with reading(engine) as connection:
        return double_entry.samples(connection, by=by)


def _more_patients(engine: Engine, count: int) -> None:
    for number in range(2, count + 2):
        cells = row("patient", patient_id=f"P{number}")
        actions.save(engine, "patient", cells, by=ENTRY, reason=None, seen_version=0)


def test_the_same_seed_draws_the_same_patients(filled: Engine) -> None:
    _more_patients(filled, 9)
    for how in ({"size": 4}, {"size": 4}, {"size": None, "percent": 35}, {"size": 4, "seed": 8}, {"size": 10}):
        draw(filled, forms=("patient",), **how)
    drawn = [{item.owner for item in to_enter(filled, number=number)} for number in range(1, 6)]
    ranked = sorted(
        (f"P{number}" for number in range(1, 11)), key=lambda one: hashlib.sha256(f"7\x1f{one}".encode()).hexdigest()
    )
    assert drawn[0] == drawn[1] == drawn[2] == set(ranked[:4])
    assert drawn[3] != drawn[0]
    assert len(drawn[4]) == 10
    later = row("patient", patient_id="Q1")
    actions.save(filled, "patient", later, by=ENTRY, reason=None, seen_version=0)
    draw(filled, forms=("patient",), size=4)
    assert len({item.owner for item in to_enter(filled, number=6)} - set(ranked[:4])) <= 1
    first = samples(filled)[-1]
    assert (first.seed, first.eligible, first.patients, first.rows, first.finished) == (7, 10, 4, 4, 0)
    assert first.drawn_by == "anna"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"size": 0}, "cannot be drawn"),
        ({"size": 2}, "cannot be drawn"),
        ({"size": None, "percent": 101}, "cannot be drawn"),
        ({"forms": ()}, "not described"),
        ({"forms": ("center",)}, "not described"),
        ({"size": 1, "percent": 5}, "not described"),
    ],
)
def test_a_sample_that_is_none_is_refused(filled: Engine, how: dict[str, object], words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        draw(filled, **how)
    assert samples(filled) == []


def test_every_row_of_the_chosen_forms_is_entered_again(filled: Engine) -> None:
    draw(filled, forms=PATIENT_TABLES)
    assert [(item.table, item.record_key) for item in to_enter(filled)] == [
        (table, "1" if len(TABLES[table].keys) > 1 else "") for table in PATIENT_TABLES
    ]


@pytest.mark.parametrize("table", PATIENT_TABLES)
def test_the_second_person_is_told_which_row_is_meant_and_no_more(filled: Engine, table: str) -> None:
    draw(filled, forms=(table,))
    (item,) = to_enter(filled)
    with reading(filled) as connection:
        told = double_entry.named(connection, item, by=SECOND)
        assert double_entry.typed(connection, item, by=SECOND) == {}
    asked = {field.name for field in double_entry.compared_fields(table)}
    assert not asked & told.keys()
    assert asked | told.keys() | {*TABLES[table].keys, "center_id"} >= TABLES[table].fields.keys()
    assert told == {name: ROWS[table].get(name, "") for name in double_entry.naming(table)}


def test_both_entries_are_compared_as_cells(filled: Engine) -> None:
    draw(filled)
    keep(
        filled, {"lung_involved": "yes", "lesion_count": "01", "largest_mm": "1.25e1", "cea_ng_ml": "7.4", "ecog": "1"}
    )
    keep(filled, {"ecog": "0"})
    assert compared(filled) == {}
    double_entry.finish(filled, EPISODE, by=SECOND)
    assert compared(filled) == {
        "lung_involved": ("yes", "yes"),
        "lesion_count": ("1", "1"),
        "largest_mm": ("12.5", "12.5"),
        "cea_ng_ml": ("UNK", "7.4"),
        "ecog": ("0", "0"),
        "ned_on": ("2020-03-01", ""),
        "biology_note": ("slow; =1+1", ""),
    }
    assert samples(filled)[0].finished == 1
    assert to_enter(filled) == []
    for again in (lambda: keep(filled, {"ecog": "2"}), lambda: double_entry.finish(filled, EPISODE, by=SECOND)):
        with pytest.raises(InputRefused, match="no longer"):
            again()


def test_what_is_corrected_later_stays_a_discrepancy_and_what_is_right_is_left(filled: Engine) -> None:
    draw(filled)
    keep(filled, {"ecog": "2"})
    double_entry.finish(filled, EPISODE, by=SECOND)
    actions.save(filled, "episode", row("episode", ecog="2"), by=FIRST, reason="double entry", seen_version=1)
    assert compared(filled)["ecog"] == ("0", "2")
    double_entry.leave(filled, EPISODE, "largest_mm", by=FIRST)
    with reading(filled) as connection:
        found = {one.column: one.left_by for one in double_entry.compared(connection, 1, by=AUDITOR)}
    assert (found["largest_mm"], found["ecog"]) == ("anna", None)
    for column in ("no_such", "sequence"):
        with pytest.raises(InputRefused, match="no such discrepancy"):
            double_entry.leave(filled, EPISODE, column, by=FIRST)


def test_a_text_that_no_field_holds_is_not_finished(filled: Engine) -> None:
    draw(filled)
    keep(filled, {"largest_mm": "12,5"})
    with pytest.raises(InputRefused, match="largest_mm: not a number"):
        double_entry.finish(filled, EPISODE, by=SECOND)
    with reading(filled) as connection:
        assert double_entry.typed(connection, EPISODE, by=SECOND) == {"largest_mm": "12,5"}


def test_a_row_that_is_gone_is_not_compared(filled: Engine) -> None:
    draw(filled, forms=("study",))
    actions.delete(filled, "study", ("P1", "1"), by=ENTRY, reason="twice", seen_version=1)
    with pytest.raises(InputRefused, match="not in the record"):
        double_entry.finish(filled, Item(1, "P1", "study", "1"), by=SECOND)


def test_the_second_entry_is_another_persons(filled: Engine) -> None:
    draw(filled)
    actions.save(filled, "episode", row("episode", ecog="1"), by=FIRST, reason="x", seen_version=1)
    assert to_enter(filled, FIRST) == []
    with pytest.raises(PermissionRefused, match="entered this form yourself"):
        keep(filled, {"ecog": "1"}, by=FIRST)
    keep(filled, {"ecog": "1"}, by=SECOND)
    third = Actor("cora", Role.DATA_MANAGER, "A")
    assert to_enter(filled, third) == []
    for attempt in (
        lambda: keep(filled, {"ecog": "1"}, by=third),
        lambda: double_entry.finish(filled, EPISODE, by=third),
    ):
        with pytest.raises(PermissionRefused, match="Somebody else"):
            attempt()


@pytest.mark.parametrize(
    "who",
    [
        Actor("x", Role.AUDITOR),
        Actor("x", Role.CLINICIAN, "A"),
        Actor("x", Role.RESEARCHER),
        Actor("x", Role.DATA_MANAGER, "B"),
    ],
    ids=lambda who: who.role,
)
def test_only_data_managers_of_the_center_draw_enter_and_leave(filled: Engine, who: Actor) -> None:
    draw(filled)

    def name() -> dict[str, str]:
        with reading(filled) as connection:
            return double_entry.named(connection, EPISODE, by=who)

    attempts: list[Callable[[], object]] = [
        lambda: draw(filled, by=who),
        lambda: to_enter(filled, who),
        lambda: keep(filled, {"ecog": "1"}, by=who),
        lambda: double_entry.finish(filled, EPISODE, by=who),
        lambda: double_entry.leave(filled, EPISODE, "ecog", by=who),
        name,
    ]
    for attempt in attempts:
        with pytest.raises(PermissionRefused):
            attempt()
    if who.role is Role.AUDITOR:
        assert compared(filled, who) == {}
        assert len(samples(filled, who)) == 1
        return
    with pytest.raises(PermissionRefused):
        compared(filled, who)
    if who.role is Role.DATA_MANAGER:
        assert samples(filled, who) == []


def test_it_is_no_part_of_the_record(filled: Engine) -> None:
    with reading(filled) as connection:
        before = audit.head(connection)
    draw(filled)
    keep(filled, {"ecog": "2"})
    double_entry.finish(filled, EPISODE, by=SECOND)
    with reading(filled) as connection:
        assert audit.head(connection) == before
    assert not [name for name in TABLES if name.startswith("double_entry")]


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("patients_drawn", "UPDATE double_entry SET patients = 2"),
        ("finished_by_somebody", "UPDATE double_entry_form SET account = NULL, finished_at = '2020'"),
        ("typed_length", f"UPDATE double_entry_cell SET typed = '{'x' * 20001}'"),
        ("both_cells", "UPDATE double_entry_cell SET first_cell = NULL, second_cell = 'x'"),
        ("left_by_somebody", "UPDATE double_entry_cell SET left_at = '2020'"),
    ],
)
def test_the_database_holds_what_double_entry_is(filled: Engine, constraint: str, statement: str) -> None:
    draw(filled)
    keep(filled, {"ecog": "1"})
    with pytest.raises(sa.exc.IntegrityError, match=constraint), writing(filled) as connection:
        connection.execute(sa.text(statement))
