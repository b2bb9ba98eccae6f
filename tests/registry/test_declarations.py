"""Every table and column is declared once, as the data dictionary that others rely on has it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from registry.exchange.dictionary import rows
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.strategies import FIELDS

DICTIONARY = Path(__file__).resolve().parents[1] / "reference" / "dictionary.csv"
"""The agreed data dictionary. What it names never changes its meaning; columns may be added."""

with DICTIONARY.open(encoding="utf-8", newline="") as file:
    AGREED = list(csv.DictReader(file))

DECLARED = {(field.table, field.name): field for field in FIELDS}

OWN_WORDS = {
    ("primary_tumor", "patient_id"): "the same sentence as in every table of a patient",
    ("study", "episode_no"): "the same sentence as in every table with an episode",
    ("pathology", "ck20"): "says which stain",
}
"""Where the sentence is not that of the dictionary, and why."""


def _label(row: dict[str, str]) -> str:
    return f"{row['table']}.{row['column']}"


@pytest.mark.parametrize("row", AGREED, ids=_label)
def test_a_column_is_declared_as_agreed(row: dict[str, str]) -> None:
    place = row["table"], row["column"]
    field = DECLARED[place]
    codes = field.refers_to or ";".join(field.codes)
    required = "yes" if field.required else "no"
    assert (field.type, field.unit, codes, required) == (row["type"], row["unit"], row["codes"], row["required"])
    if place not in OWN_WORDS:
        assert row["description"] in ("", field.sentence)


def test_no_column_is_missing_and_none_stands_twice() -> None:
    agreed = [(row["table"], row["column"]) for row in AGREED]
    assert len(agreed) == len(set(agreed)) == 173
    assert len(DECLARED) == len(FIELDS)
    assert set(DECLARED) == set(agreed)
    for table, declared in TABLES.items():
        assert list(declared.fields) == [column for name, column in agreed if name == table]
        assert declared.__tablename__ == table
        assert all((field.table, field.name) == (table, name) for name, field in declared.fields.items())
    assert set(OWN_WORDS) <= set(agreed)


def test_the_command_prints_what_is_agreed() -> None:
    printed = {(row["table"], row["column"]): row for row in rows()}
    agreed = {(row["table"], row["column"]): row for row in AGREED}
    assert list(rows()[0]) == list(AGREED[0])
    for place, row in agreed.items():
        described = {"description": printed[place]["description"]}
        assert printed[place] == {**row, **described}


def test_the_keys() -> None:
    """A repeating table has a record_no; what belongs to a patient begins its key with the patient."""
    for table, declared in TABLES.items():
        columns = {row["column"] for row in AGREED if row["table"] == table}
        first = "center_id" if table in ("center", "screening_log") else "patient_id"
        assert declared.keys == ((first, "record_no") if "record_no" in columns else (first,))
        assert all(declared.fields[key].required for key in declared.keys)
        assert (table in PATIENT_TABLES) == (first == "patient_id")


def test_rows_refer_to_earlier_tables() -> None:
    order = list(TABLES)
    for field in FIELDS:
        assert (field.refers_to is not None) == (field.type == "ref"), field
        if field.refers_to:
            assert TABLES[field.refers_to].keys == (field.name,)
            assert order.index(field.refers_to) < order.index(field.table)
        if field.name == "episode_no":
            assert order.index("episode") < order.index(field.table)


def test_every_column_has_a_sentence() -> None:
    for field in FIELDS:
        assert field.sentence == field.sentence.strip(), field
        assert len(field.sentence) > 2, field
        assert not field.sentence.endswith("."), field
    for table in TABLES.values():
        assert (table.__doc__ or "").strip().endswith(".")


def test_every_number_has_a_range_and_nothing_else_has() -> None:
    for field in FIELDS:
        ranged = field.low is not None and field.high is not None
        assert ranged == (field.type in ("integer", "number") and not field.codes), field
        assert (field.low is None) == (field.high is None)
        if field.low is not None and field.high is not None:
            assert 0 <= field.low < field.high
        assert not field.unit or field.type == "number"


def test_codes_can_be_written_and_told_apart() -> None:
    for field in FIELDS:
        assert bool(field.codes) == (field.type in ("code", "codes") or field.name in CODED_NUMBERS), field
        assert len(set(field.codes)) == len({code.lower() for code in field.codes}) == len(field.codes)
        assert all(code.isidentifier() or code.isdigit() for code in field.codes), field
        assert not {code.upper() for code in field.codes} & {"UNK", "ND", "NAP", "NASK"}, field
        if field.name in CODED_NUMBERS:
            first = int(field.codes[0])  # the database holds them as a range
            assert [int(code) for code in field.codes] == list(range(first, first + len(field.codes)))


CODED_NUMBERS = {"ecog", "worst_toxicity_grade"}

IDENTIFYING = {
    "patient.birth_date": "exported as an age",
    "episode.prior_treatment_review": "a person's own words",
    "episode.biology_note": "a person's own words",
    "mdt_meeting.recommendation": "a person's own words",
    "rule_exception.note": "a person's own words",
}
WORDS_THAT_IDENTIFY_NOBODY = {
    "center.center_id": "exported as a pseudonym",
    "center.name": "a hospital; left out of every de-identified export",
    "center.country": "a country; left out of every de-identified export",
    "patient.patient_id": "exported as a pseudonym",
    "molecular_test.variant": "kept only where it has the form of a variant",
    "systemic_therapy.regimen": "kept only where it is a list of drugs",
    "rule_exception.rule_id": "kept only where it has the form of a rule's number",
}


def test_it_is_decided_of_each_free_text_whether_it_identifies_a_person() -> None:
    """A new column of free text, or a new identifying one, has to be entered above, with the reason."""
    declared = {f"{field.table}.{field.name}" for field in FIELDS if field.identifying}
    assert declared == set(IDENTIFYING)
    free = {f"{field.table}.{field.name}" for field in FIELDS if field.type == "text"}
    assert free == (set(IDENTIFYING) - {"patient.birth_date"}) | set(WORDS_THAT_IDENTIFY_NOBODY)


def test_a_column_depends_on_codes_that_there_are() -> None:
    depending = [field for field in FIELDS if field.only_where]
    assert len(depending) > 20
    for field in depending:
        assert field.only_where is not None
        column, codes = field.only_where
        other = TABLES[field.table].fields[column]
        assert other.name != field.name
        assert other.type in ("code", "boolean")
        permitted = other.codes or ("yes", "no")
        assert codes, field
        assert set(codes) < set(permitted), field
        assert not field.required, "a required column must be open in every form"
        assert list(TABLES[field.table].fields).index(column) < list(TABLES[field.table].fields).index(field.name)


def test_pairs_of_dates_that_are_ordered() -> None:
    pairs = {(table, *pair) for table, declared in TABLES.items() for pair in declared.ordered}
    assert pairs == {
        ("patient", "birth_date", "death_on"),
        ("patient", "birth_date", "last_contact_on"),
        ("metastasis", "detected_on", "resolved_on"),
        ("systemic_therapy", "started_on", "ended_on"),
        ("local_treatment", "started_on", "ended_on"),
    }
    for table, *pair in pairs:
        assert all(TABLES[table].fields[column].type == "date" for column in pair)


def test_a_dated_table_names_a_date_of_its_own() -> None:
    for table, declared in TABLES.items():
        dates = [field.name for field in declared.fields.values() if field.type == "date"]
        assert declared.dated_by is None or declared.dated_by in dates
        repeating = "record_no" in declared.keys
        assert (declared.dated_by is not None) == (repeating and bool(dates)), table
