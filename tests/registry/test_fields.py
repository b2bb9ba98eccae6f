"""A field takes what it says it takes, in one spelling, and tells what is wrong with anything else."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.fields import CLEAR, LONGEST_KEY, LONGEST_TEXT, MISSING_CODES, Absent, CellProblem, Field
from registry.tables import TABLES
from tests.registry.strategies import FIELDS, NASTY, TODAY, anything, canonical

RUN = settings(max_examples=60, deadline=None, derandomize=True)


def field(name: str) -> Field:
    table, column = name.split(".")
    return TABLES[table].fields[column]


ACCEPTED = [
    ("patient.birth_date", "1950-05-01", "1950-05-01"),
    ("patient.birth_date", " 1950-05-01\t", "1950-05-01"),
    ("patient.birth_date", "1950-05-01 00:00:00", "1950-05-01"),
    ("patient.birth_date", "1950-05-01T00:00:00.000", "1950-05-01"),
    ("patient.birth_date", "1900-01-01", "1900-01-01"),
    ("patient.birth_date", "2024-02-29", "2024-02-29"),
    ("patient.birth_date", "2024-06-30", "2024-06-30"),
    ("patient.birth_date", "UNK", "UNK"),
    ("episode.symptomatic", "yes", "yes"),
    ("episode.symptomatic", " no ", "no"),
    ("episode.symptomatic", "NASK", "NASK"),
    ("episode.laterality", "left", "left"),
    ("episode.laterality", "", ""),
    ("episode.laterality", " \n ", ""),
    ("episode.laterality", "<clear>", CLEAR),
    ("disease_event.sites", "lung", "lung"),
    ("disease_event.sites", "liver;lung", "lung;liver"),
    ("disease_event.sites", " lung ; liver;;lung; ", "lung;liver"),
    ("episode.lesion_count", "3", "3"),
    ("episode.lesion_count", "00012", "12"),
    ("episode.lesion_count", " 7 ", "7"),
    ("episode.lesion_count", "+7", "7"),
    ("episode.lesion_count", "-0", "0"),
    ("episode.lesion_count", "3.0", "3"),
    ("episode.lesion_count", "3.", "3"),
    ("episode.lesion_count", "1000", "1000"),
    ("episode.ecog", "04", "4"),
    ("episode.largest_mm", "7.4", "7.4"),
    ("episode.largest_mm", "7.40", "7.4"),
    ("episode.largest_mm", "12.0", "12"),
    ("episode.largest_mm", ".5", "0.5"),
    ("episode.largest_mm", "1e2", "100"),
    ("episode.largest_mm", "-0", "0"),
    ("episode.largest_mm", "-0.0", "0"),
    ("episode.largest_mm", "0.1", "0.1"),
    ("episode.largest_mm", "500", "500"),
    ("episode.largest_mm", "ND", "ND"),
    ("episode.biology_note", "two\r\nlines\rthree", "two\nlines\nthree"),
    ("episode.biology_note", "tab\there", "tab\there"),
    ("episode.biology_note", "e\u0301", "é"),
    ("episode.biology_note", "\u202eright to left", "\u202eright to left"),
    ("episode.biology_note", "unk", "unk"),
    ("episode.biology_note", "UNK, said the note", "UNK, said the note"),
    ("episode.biology_note", "UNK ", "UNK"),
    ("episode.biology_note", "0", "0"),
    ("episode.biology_note", "x" * LONGEST_TEXT, "x" * LONGEST_TEXT),
    ("patient.patient_id", " P 1 ", "P 1"),
    ("patient.patient_id", "Ä-٣", "Ä-٣"),
    ("patient.patient_id", "x" * LONGEST_KEY, "x" * LONGEST_KEY),
    ("patient.center_id", "NAP", "NAP"),
    ("study.record_no", "01", "1"),
]

REFUSED = [
    ("patient.birth_date", "1950-5-1", "not a date"),
    ("patient.birth_date", "01.05.1950", "not a date"),
    ("patient.birth_date", "1950/05/01", "not a date"),
    ("patient.birth_date", "19500501", "not a date"),
    ("patient.birth_date", "1950-W01-1", "not a date"),
    ("patient.birth_date", "18264", "not a date"),
    ("patient.birth_date", "1950-05-01 13:30", "not a date"),
    ("patient.birth_date", "1950-05-01T00:00:00Z", "not a date"),
    ("patient.birth_date", "１９５０-05-01", "not a date"),
    ("patient.birth_date", "1950-05-٣1", "not a date"),
    ("patient.birth_date", "-1950-05-01", "not a date"),
    ("patient.birth_date", "1950-05-01\n1950-05-02", "not a date"),
    ("patient.birth_date", "unk", "not a date"),
    ("patient.birth_date", "2023-02-29", "no such day"),
    ("patient.birth_date", "1900-02-29", "no such day"),
    ("patient.birth_date", "0000-01-01", "no such day"),
    ("patient.birth_date", "1899-12-31", "before 1900-01-01"),
    ("patient.birth_date", "2024-07-01", "after today"),
    ("patient.birth_date", "9999-12-31", "after today"),
    ("patient.birth_date", CLEAR, "cannot be emptied"),
    ("episode.symptomatic", "Yes", "neither yes nor no"),
    ("episode.symptomatic", "TRUE", "neither yes nor no"),
    ("episode.symptomatic", "1", "neither yes nor no"),
    ("episode.symptomatic", "y", "neither yes nor no"),
    ("episode.laterality", "Left", "unknown code"),
    ("episode.laterality", "lung", "unknown code"),
    ("episode.laterality", "left;right", "unknown code"),
    ("disease_event.sites", "lung,liver", "unknown code"),
    ("disease_event.sites", "lung;Liver", "unknown code 'Liver'"),
    ("disease_event.sites", "lung;UNK", "unknown code 'UNK'"),
    ("disease_event.sites", ";", "no code at all"),
    ("episode.lesion_count", "3.5", "not a whole number"),
    ("episode.lesion_count", "1e2", "not a whole number"),
    ("episode.lesion_count", "many", "not a whole number"),
    ("episode.lesion_count", "1_000", "not a whole number"),
    ("episode.lesion_count", "1,000", "not a whole number"),
    ("episode.lesion_count", "٣", "not a whole number"),
    ("episode.lesion_count", "²", "not a whole number"),
    ("episode.lesion_count", "1 2", "not a whole number"),
    ("episode.lesion_count", "9" * 400, "not a whole number"),
    ("episode.lesion_count", "-1", "outside its range"),
    ("episode.lesion_count", "1001", "outside its range"),
    ("episode.ecog", "5", "unknown code"),
    ("episode.largest_mm", "7,4", "not a number"),
    ("episode.largest_mm", "7 mm", "not a number"),
    ("episode.largest_mm", "<5", "not a number"),
    ("episode.largest_mm", "nan", "not a number"),
    ("episode.largest_mm", "inf", "not a number"),
    ("episode.largest_mm", "1_000", "not a number"),
    ("episode.largest_mm", "0x10", "not a number"),
    ("episode.largest_mm", "٣", "not a number"),
    ("episode.largest_mm", ".", "not a number"),
    ("episode.largest_mm", "1e999", "not a finite number"),
    ("episode.largest_mm", "-0.1", "outside its range"),
    ("episode.largest_mm", "500.0001", "outside its range"),
    ("episode.biology_note", "a\x00b", "control characters"),
    ("episode.biology_note", "\ud800", "control characters"),
    ("episode.biology_note", "a\x1fb", "control characters"),
    ("episode.biology_note", "a\x7fb", "control characters"),
    ("episode.biology_note", "x" * (LONGEST_TEXT + 1), "longer than"),
    ("patient.patient_id", "", "the key is blank"),
    ("patient.patient_id", " \t", "the key is blank"),
    ("patient.patient_id", "UNK", "cannot be missing"),
    ("patient.patient_id", CLEAR, "cannot be missing"),
    ("patient.patient_id", "UN\u212a", "cannot be missing"),
    ("patient.patient_id", "P\t1", "characters"),
    ("patient.patient_id", "P\n1", "characters"),
    ("patient.patient_id", "P\u200b1", "characters"),
    ("patient.patient_id", "\ufeffP1", "characters"),
    ("patient.patient_id", "P\u202e1", "characters"),
    ("patient.patient_id", "P\xa01", "characters"),
    ("patient.patient_id", "x" * (LONGEST_KEY + 1), "longer than 64"),
    ("patient.center_id", "x" * (LONGEST_KEY + 1), "longer than 64"),
    ("screening_log.patient_id", "P\u200b1", "characters"),
    ("study.record_no", "0", "outside its range"),
    ("study.record_no", "ND", "cannot be missing"),
    ("study.episode_no", "1.5", "not a whole number"),
]


@pytest.mark.parametrize(("name", "text", "cell"), ACCEPTED)
def test_a_form_that_is_accepted(name: str, text: str, cell: str) -> None:
    assert field(name).parse(text, today=TODAY) == cell


@pytest.mark.parametrize(("name", "text", "problem"), REFUSED)
def test_a_form_that_is_refused(name: str, text: str, problem: str) -> None:
    with pytest.raises(CellProblem, match=problem) as refused:
        field(name).parse(text, today=TODAY)
    assert refused.value.remedy


def test_the_remedy_knows_what_was_meant() -> None:
    def remedy(name: str, text: str) -> str:
        with pytest.raises(CellProblem) as refused:
            field(name).parse(text, today=TODAY)
        return refused.value.remedy

    assert remedy("episode.laterality", "bilatral").startswith("write bilateral? Or one of left, right, bilateral")
    assert remedy("primary_tumor.c_t", "t4A").startswith("write T4a? Or")
    assert remedy("disease_event.sites", "lung;livr").startswith("write liver? Or")
    assert remedy("episode.largest_mm", "7,4") == "write a decimal point, no comma"
    assert (
        remedy("episode.largest_mm", "501") == "write a number with a decimal point from 0 to 500 mm, or UNK where "
        "it is not known"
    )
    assert "YYYY-MM-DD" in remedy("patient.birth_date", "1.5.1950")


@pytest.mark.parametrize("each", FIELDS, ids=lambda each: f"{each.table}.{each.name}")
def test_each_column_takes_missing_codes_and_blanks_as_it_should(each: Field) -> None:
    for code in Absent:
        if each.key:
            with pytest.raises(CellProblem, match="cannot be missing"):
                each.parse(code.value, today=TODAY)
        else:
            assert each.parse(f" {code.value} ", today=TODAY) == code.value
            assert each.value(code.value) is None
            assert each.cell(None, code.value) == code.value
    if each.key:
        with pytest.raises(CellProblem, match="blank"):
            each.parse("", today=TODAY)
    else:
        assert each.parse("  ", today=TODAY) == ""  # whether it may be blank is a question about its row
        assert each.value("") is None
        assert each.cell(None) == ""
    if each.required:
        with pytest.raises(CellProblem):
            each.parse(CLEAR, today=TODAY)
    else:
        assert each.parse(CLEAR, today=TODAY) == CLEAR


def test_every_missing_code_says_what_it_means() -> None:
    assert {code.value for code in Absent} == MISSING_CODES == {"UNK", "ND", "NAP", "NASK"}
    assert len({code.sentence for code in Absent}) == 4


def test_today_is_the_last_day_that_a_date_may_be() -> None:
    birth = field("patient.birth_date")
    for today in (dt.date(2024, 2, 29), dt.date(2024, 12, 31), dt.date(2019, 3, 7)):
        assert birth.parse(today.isoformat(), today=today) == today.isoformat()
        with pytest.raises(CellProblem, match=f"after today \\({today}\\)"):
            birth.parse((today + dt.timedelta(days=1)).isoformat(), today=today)
    now = dt.date.today()
    assert birth.parse(now.isoformat()) == now.isoformat()
    with pytest.raises(CellProblem, match="after today"):
        birth.parse((now + dt.timedelta(days=2)).isoformat())


def test_numbers_at_both_ends_of_their_range() -> None:
    ranged = [each for each in FIELDS if each.low is not None and each.high is not None]
    assert len(ranged) > 30
    for each in ranged:
        for end, past in ((each.low, -1), (each.high, 1)):
            assert end is not None
            cell = each.parse(f"{end:.15g}", today=TODAY)
            assert each.value(cell) == end
            with pytest.raises(CellProblem, match=r"range|whole"):
                each.parse(f"{end + past:.15g}", today=TODAY)


def _parsed(each: Field, text: str) -> str | CellProblem:
    try:
        return each.parse(text, today=TODAY)
    except CellProblem as problem:
        return problem


KINDS = [
    next(items)
    for _, items in itertools.groupby(
        sorted(FIELDS, key=lambda f: (f.type, f.key, bool(f.codes))), key=lambda f: (f.type, f.key, bool(f.codes))
    )
]


def _holds(each: Field, text: str) -> None:
    """Whatever is entered is a cell in its one spelling, or a problem with a remedy."""
    cell = _parsed(each, text)
    if isinstance(cell, CellProblem):
        assert cell.problem.strip()
        assert cell.remedy.strip()
        return
    assert _parsed(each, cell) == cell, "the canonical spelling is not the last word"
    assert "\x00" not in cell, "PostgreSQL cannot store it"
    cell.encode("utf-8")
    assert cell == cell.strip()
    if each.key:
        assert cell not in ("", CLEAR, *MISSING_CODES)
        assert cell.isprintable()
    if cell == CLEAR or cell in MISSING_CODES:
        return
    value = each.value(cell)
    assert (value is None) == (cell == "")
    assert each.cell(value) == cell
    if each.low is not None and each.high is not None and value is not None:
        assert each.low <= float(value) <= each.high  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NASTY)
def test_what_parsers_trip_over_is_a_cell_or_a_problem(text: str) -> None:
    for each in FIELDS:
        _holds(each, text)


@RUN
@given(text=anything())
def test_any_text_is_a_cell_or_a_problem(text: str) -> None:
    for each in KINDS:
        _holds(each, text)


@RUN
@given(number=st.floats() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False))
@example(number=1e22)
@example(number=5e-324)
def test_any_number_is_a_cell_or_a_problem(number: object) -> None:
    for each in KINDS:
        if each.type in ("integer", "number"):
            _holds(each, str(number))


@RUN
@given(text=st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]{0,15})?", fullmatch=True))
def test_any_text_like_a_date_is_a_day_of_the_calendar_or_a_problem(text: str) -> None:
    birth = field("patient.birth_date")
    _holds(birth, text)
    cell = _parsed(birth, text)
    if isinstance(cell, str):
        assert cell == text[:10]
        assert dt.date(1900, 1, 1) <= dt.date.fromisoformat(cell) <= TODAY


@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_column_gives_back_what_it_took(data: st.DataObject) -> None:
    for each in FIELDS:
        cell = data.draw(canonical(each))
        assert each.parse(cell, today=TODAY) == cell
        value = each.value(cell)
        absent = cell if cell in MISSING_CODES and not each.key else None
        assert each.cell(value, absent) == cell
        expected = {"date": dt.date, "boolean": bool, "integer": int, "number": float}.get(each.type, str)
        assert value is None or type(value) is expected


def test_the_form_of_a_column_is_a_sentence_about_it() -> None:
    assert field("patient.birth_date").form == "a date as YYYY-MM-DD"
    assert field("episode.lesion_count").form == "a whole number from 0 to 1000"
    assert field("episode.largest_mm").form == "a number with a decimal point from 0 to 500 mm"
    assert field("episode.cea_ng_ml").form == "a number with a decimal point from 0 to 1000000 ng/ml"
    assert field("patient.center_id").form == "the key of a row of center"
    assert all(each.form for each in FIELDS)
