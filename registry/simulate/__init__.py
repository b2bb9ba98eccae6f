"""A simulated multicenter cohort with known truth, written as data files; the same seed gives the same bytes.

What is simulated, and where each figure is from: docs/simulation.md and parameters.py.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from registry.errors import UsageError
from registry.simulate import parameters as P
from registry.simulate.care import care_for
from registry.simulate.deviations import TRACKED
from registry.simulate.deviations import truth as truth_of
from registry.simulate.disease import first_course
from registry.simulate.draws import Draws, Stream
from registry.simulate.followup import surveil, visit
from registry.simulate.outcome import after_ned
from registry.simulate.population import begin, enroll, listing
from registry.simulate.quality import degrade
from registry.simulate.story import Course, Row, Story
from registry.simulate.workup import diagnose, meet, stage, test_genes
from registry.simulate.writing import DataFiles, open_csv
from registry.tables import TABLES

TRUTH_COLUMNS = ("patient_id", "episode_no", "rule_id", "part", "outcome", "what")
_REPORT_EVERY = 500


def simulate(
    path: Path | str,
    *,
    patients: int,
    seed: int = 1,
    truth: Path | str | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Writes a cohort in the data-file format.

    Patients are made and written one by one: the memory that this takes does not grow with their number, and the
    first of them are the same whatever their number.

    Args:
        path: the folder of the data files; it is made where it is missing.
        patients: how many are enrolled.
        seed: of the whole cohort, 0 or greater.
        truth: a folder beside the data for the known truth: truth.csv (TRUTH_COLUMNS; a line with rule_id ``entry``
            is an implausible entry made on purpose) and truth.json (the data cut that verdicts hold for, and the
            true hazards).
        progress: called with the number of patients done.

    Raises UsageError for a folder that holds data files already, and for numbers that make no cohort.
    """
    folder = Path(path)
    if patients < 1 or seed < 0:
        raise UsageError("a cohort has at least one patient, and a seed is not negative", got=(patients, seed))
    if any((folder / f"{table}.csv").exists() for table in TABLES):
        raise UsageError("the folder holds data files already", got=str(folder), remedy="Name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with DataFiles(folder) as files, ExitStack() as stack:
        record = None
        if truth is not None:
            Path(truth).mkdir(parents=True, exist_ok=True)
            (Path(truth) / "truth.json").write_text(_parameters(seed), encoding="utf-8")
            record = open_csv(stack, Path(truth) / "truth.csv", TRUTH_COLUMNS)
        files.write("center", ({key: getattr(c, key) for key in TABLES["center"].fields} for c in P.CENTERS))
        stream, listed = Stream(seed), Counter[str]()
        for number in range(1, patients + 1):
            story, entries = _patient(stream, number)
            _write(files, story)
            files.write("screening_log", _numbered(entries, listed))
            if record is not None:
                record.writerows(_truth_lines(story))
            if progress is not None and (number % _REPORT_EVERY == 0 or number == patients):
                progress(number)


def _patient(stream: Stream, number: int) -> tuple[Story, list[tuple[str, Row]]]:
    """One enrolled patient, and what the screening logs hold because of those who were not."""
    draws = stream.patient(number)
    entries: list[tuple[str, Row]] = []
    while True:
        story = _live(draws, number)
        enrolled = enroll(story)
        entries += [(story.center.center_id, entry) for entry in listing(story, enrolled)]
        if enrolled:
            degrade(story)
            return story, entries


def _live(draws: Draws, number: int) -> Story:
    """A patient from the first episode to the last contact."""
    story = Story(draws, number)
    detected = draws.days(P.FIRST_DETECTION, P.LAST_DETECTION)
    begin(story, detected)
    course: Course | None = first_course(story, detected)
    while course is not None:
        story.courses.append(course)
        care_for(story, course)
        following = after_ned(story, course)
        stage(story, course)
        diagnose(story, course)
        meet(story, course)
        surveil(story, course)
        course = following
    test_genes(story)
    visit(story)
    return story


def _write(files: DataFiles, story: Story) -> None:
    for course in story.courses:
        if story.center.numbers_episodes or len(story.courses) > 1:
            for row in course.dated_rows():
                row["episode_no"] = course.number
        for rule_id, reason in course.exceptions.items():
            story.add("rule_exception", episode_no=course.number, rule_id=rule_id, reason=reason)
        story.add("episode", **course.row)
    story.patient["patient_id"] = story.primary["patient_id"] = story.patient_id
    files.write("patient", [story.patient])
    files.write("primary_tumor", [story.primary])
    for table in TABLES:
        rows = story.rows[table]
        if rows and table not in ("patient", "primary_tumor"):
            files.write_numbered(table, rows, story.patient_id)


def _numbered(entries: list[tuple[str, Row]], listed: Counter[str]) -> list[Row]:
    rows = []
    for center_id, entry in entries:
        listed[center_id] += 1
        rows.append({"center_id": center_id, "record_no": listed[center_id], **entry})
    return rows


def _truth_lines(story: Story) -> list[tuple[str | int, ...]]:
    lines: list[tuple[str | int, ...]] = [
        (story.patient_id, course.number, rule_id, verdict.part, verdict.outcome, verdict.what)
        for course, rule_id, verdict in truth_of(story)
    ]
    lines += [(story.patient_id, "", "entry", "", "implausible", what) for what in story.mistakes]
    return lines


def _parameters(seed: int) -> str:
    """The true hazards, and what the verdicts of truth.csv hold for."""
    facts = {
        "seed": seed,
        "data_cut": dt.date.fromordinal(P.END).isoformat(),
        "rules": TRACKED,
        "death": {
            "origin": "first resection of lung metastases, else first treatment (start of care where there is none)",
            "survival": "exp(-(t / scale) ** shape * product of the hazard ratios that apply), t in years",
            "shape": P.DEATH_SHAPE,
            "scale": P.DEATH_SCALE_YEARS,
            "hazard_ratios": P.HAZARD_RATIOS,
        },
        "recurrence": {
            "origin": "NED",
            "shape": P.RECURRENCE_SHAPE,
            "scale": P.RECURRENCE_SCALE_YEARS,
            "hazard_ratios": "those of death to the power",
            "power": P.RECURRENCE_POWER,
            "earliest_days": P.EARLIEST_RECURRENCE_DAYS,
            "correlation_of_normal_scores_with_death": P.CORRELATION,
        },
        "centers": [asdict(center) for center in P.CENTERS],
    }
    return json.dumps(facts, indent=1) + "\n"
