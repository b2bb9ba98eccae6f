"""A first mapping of a file: what it names, what it leaves open, and that filling that in is enough to import."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from registry import actions
from registry.access import Actor
from registry.cli import app
from registry.errors import InputRefused, OligometError
from registry.exchange.mapping import MappedSource, draft
from registry.intake.rows import Problem

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tcia_crlm" / "clinical_data_april_2023.xlsx"
SHEET = "TCIA_n=197"

OWN = """Patient ID;Gender;DOB;Status;Last contact;CEA;Größe "max";Notes
1;M;01.02.1950;alive;03.04.2021;5.5;1,5;"line
break"
2;W;05.06.1960;lost;07.08.2021;7;2;
"""

TCIA_ANSWERS = {
    "center_id": ["C1"],
    "sex": ["female", "male"],
    "origin": ["2000-01-01"],
    "enrolled_on": ["UNK"],
    "consent_status": ["UNK"],
    "vital_status": ["alive", "dead"],
    "death_on": ["1", "0"],
    "detected_on": ["UNK"],
    "lung_involved": ["UNK"],
    "largest_mm": ["cm"],
    "cea_ng_ml": ["ng/ml"],
}
OWN_ANSWERS = {
    "center_id": ["C1"],
    "sex": ["male", "female"],
    "birth_date": ["DD.MM.YYYY"],
    "enrolled_on": ["UNK"],
    "consent_status": ["UNK"],
    "vital_status": ["UNK"],
    "last_contact_on": ["DD.MM.YYYY"],
    "detected_on": ["UNK"],
    "lung_involved": ["no"],
    "cea_ng_ml": ["ng/ml"],
}


def filled_in(text: str, answers: dict[str, list[str]]) -> str:
    """A draft with an answer for each ``?`` of a line, by its key."""
    lines = []
    for line in text.splitlines():
        for answer in answers.get(line.split(" = ")[0], []):
            line = line.replace('"?"', f'"{answer}"', 1)
        lines.append(line)
    return "\n".join(lines) + "\n"


def opened(folder: Path, file: Path, text: str) -> MappedSource:
    mapping = folder / "mapping.toml"
    mapping.write_text(text, encoding="utf-8")
    return MappedSource(file, mapping)


def open_lines(text: str) -> list[int]:
    """The line of each open place, comments left out."""
    written = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
    return [number for number, line in written for _ in range(line.count('"?"'))]


def import_with_center(engine: Engine, source: MappedSource, somebody: Actor) -> tuple[list[Problem], dict[str, int]]:
    center = {"center_id": "C1", "name": "Köln"}
    actions.save(engine, "center", center, by=somebody, reason=None, seen_version=0)
    outcome = actions.import_source(engine, source, by=somebody, reason=None)
    return outcome.problems, {table: count["new"] for table, count in outcome.counts.items() if count["new"]}


def test_a_draft_of_the_real_cohort(tmp_path: Path, sqlite_engine: Engine, somebody: Actor) -> None:
    text = draft(EXAMPLE, sheet=SHEET)
    assert tomllib.loads(text)["source"] == {"sheet": SHEET, "patient_id": {"from": "Patient-ID"}}
    names = next(openpyxl.load_workbook(EXAMPLE)[SHEET].iter_rows(max_row=1, values_only=True))
    assert all(f'"{str(name).strip()}"' in text for name in names)
    problems = list(opened(tmp_path, EXAMPLE, text).read())
    assert [(item.file, item.line, item.value) for item in problems if isinstance(item, Problem)] == [
        ("mapping.toml", line, "?") for line in open_lines(text)
    ]
    assert len(problems) == 14
    contact = {"from": "overall_survival_months", "unit": "months", "after": "origin"}
    assert tomllib.loads(text)["patient"]["last_contact_on"] == contact

    decided = filled_in(text, TCIA_ANSWERS).replace("# missing =", "missing =")
    found = import_with_center(sqlite_engine, opened(tmp_path, EXAMPLE, decided), somebody)
    assert found == ([], {"patient": 197, "episode": 197})


def test_a_draft_of_a_csv(tmp_path: Path, sqlite_engine: Engine, somebody: Actor) -> None:
    file = tmp_path / "my\ncenter.csv"
    file.write_text(OWN, encoding="utf-8")
    text = draft(file)
    declared = tomllib.loads(text)
    assert declared["source"] == {"delimiter": ";", "patient_id": {"from": "Patient ID"}}
    assert declared["patient"]["sex"] == {"from": "Gender", "codes": {"M": "?", "W": "?"}}
    assert declared["patient"]["vital_status"] == {"from": "Status", "codes": {"alive": "alive", "lost": "?"}}
    assert declared["patient"]["birth_date"] == {"from": "DOB", "date_format": "?"}
    assert '"Größe \\"max\\""' in text
    assert '"Notes"' in text
    problems = list(opened(tmp_path, file, text).read())
    assert [(item.line, item.value) for item in problems if isinstance(item, Problem)] == [
        (line, "?") for line in open_lines(text)
    ]

    source = opened(tmp_path, file, filled_in(text, OWN_ANSWERS))
    assert import_with_center(sqlite_engine, source, somebody) == ([], {"patient": 2, "episode": 2})
    assert source.unmapped == ['Größe "max"', "Notes"]


@pytest.mark.parametrize(
    ("name", "unit"),
    [("OS_months", "months"), ("Survival (days)", "days"), ("Follow-up in years", "years"), ("overall survival", "?")],
)
def test_a_time_to_the_last_contact_is_counted_from_an_origin(tmp_path: Path, name: str, unit: str) -> None:
    file = tmp_path / "center.csv"
    file.write_text(f"id,{name},Dead\n1,20,y\n", encoding="utf-8")
    declared = tomllib.loads(draft(file))
    contact = {"from": name, "unit": unit, "after": "origin"}
    assert declared["dates"] == {"origin": {"value": "?"}}
    assert declared["patient"]["last_contact_on"] == contact
    assert declared["patient"]["death_on"] == {**contact, "when": {"from": "Dead", "yes": "?", "no": "?"}}


def test_the_command_prints_it(tmp_path: Path) -> None:
    file = tmp_path / "center.csv"
    file.write_text(OWN, encoding="utf-8")
    result = CliRunner().invoke(app, ["mapping", "draft", str(file)])
    assert (result.exit_code, result.stdout) == (0, draft(file))


def test_files_that_no_draft_can_be_made_of(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="There is no such file"):
        draft(tmp_path / "none.csv")
    with pytest.raises(InputRefused, match=r"sheets 'TCIA_n=197', 'Data Dictionary'.*--sheet"):
        draft(EXAMPLE)
    with pytest.raises(InputRefused, match="no such sheet"):
        draft(EXAMPLE, sheet="Other")
    for content in (b"", b"\n\n", "Größe\n1\n".encode("cp1252"), "id\n1\n".encode("utf-16"), b'"id"x,y\n'):
        file = tmp_path / "center.csv"
        file.write_bytes(content)
        with pytest.raises(InputRefused):
            draft(file)


NAMES = st.one_of(
    st.sampled_from(["Patient ID", "sex", "Age", "CEA", "last follow-up", "dob", "ECOG", "lung involved"]),
    st.text(max_size=8),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("draft")


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.lists(st.lists(NAMES, min_size=3, max_size=3), min_size=1, max_size=4))
def test_any_file_has_a_draft_or_is_refused(folder: Path, rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    file = folder / "center.csv"
    file.write_text(written.getvalue(), encoding="utf-8", newline="")
    try:
        text = draft(file)
    except OligometError:
        return
    tomllib.loads(text)
    for item in opened(folder, file, text).read():
        if isinstance(item, Problem) and item.file == "mapping.toml":
            assert item.value == "?" or item.problem == "center.csv has several columns of this name"
