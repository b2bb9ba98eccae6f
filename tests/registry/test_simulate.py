"""The simulated cohort: reproducible, in the data-file format, consistent, believable, and of known truth."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import pytest

from registry import cells, checks
from registry.errors import UsageError
from registry.fields import MISSING_CODES
from registry.simulate import parameters as P
from registry.simulate import simulate
from registry.simulate.deviations import TRACKED
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry import naive_verdicts as naive

END = dt.date.fromordinal(P.END)
PATIENTS, SEED = 2500, 20
Row = dict[str, str]


@dataclass
class Cohort:
    """A cohort read back from its files."""

    tables: dict[str, list[Row]]
    truth: list[Row]
    patients: dict[str, naive.Patient]

    def first_lung(self) -> list[naive.Episode]:
        """The first episode with lung metastases of each patient who has one."""
        found = []
        for patient in self.patients.values():
            lung = [row for row in patient.episodes if row["lung_involved"] == "yes"]
            if lung:
                found.append(naive.Episode(patient, lung[0]))
        return found


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "data", patients=PATIENTS, seed=SEED, truth=folder / "truth")
    tables = {path.stem: read(path) for path in (folder / "data").iterdir()}
    return Cohort(tables, read(folder / "truth" / "truth.csv"), dict(naive.patients(tables)))


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# The same seed.


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    simulate(tmp_path / "a", patients=80, seed=7, truth=tmp_path / "truth")
    simulate(tmp_path / "b", patients=80, seed=7)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_first_patients_are_the_same_whatever_their_number(tmp_path: Path) -> None:
    simulate(tmp_path / "few", patients=40, seed=7)
    simulate(tmp_path / "many", patients=90, seed=7)
    few, many = contents(tmp_path / "few"), contents(tmp_path / "many")
    assert all(many[name].startswith(content) for name, content in few.items())


def test_another_seed_gives_another_cohort(tmp_path: Path) -> None:
    simulate(tmp_path / "a", patients=40, seed=7)
    simulate(tmp_path / "b", patients=40, seed=8)
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert [name for name in a if a[name] == b.get(name)] == ["center.csv"]


def test_a_folder_that_holds_data_is_left_alone(tmp_path: Path) -> None:
    simulate(tmp_path, patients=3, seed=1)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="holds data files already"):
        simulate(tmp_path, patients=4, seed=1)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(("patients", "seed"), [(0, 1), (5, -1)])
def test_numbers_that_make_no_cohort_are_refused(tmp_path: Path, patients: int, seed: int) -> None:
    with pytest.raises(UsageError):
        simulate(tmp_path / "data", patients=patients, seed=seed)
    assert not (tmp_path / "data").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    simulate(tmp_path, patients=620, seed=1, progress=told.append)
    assert told == [500, 620]


# The data-file format.


def test_every_table_is_written_with_its_columns_in_order(cohort: Cohort) -> None:
    assert set(cohort.tables) == set(TABLES)
    for name, rows in cohort.tables.items():
        assert list(rows[0]) == list(TABLES[name].fields)


def test_every_cell_is_canonical(cohort: Cohort) -> None:
    for name, rows in cohort.tables.items():
        for column, field in TABLES[name].fields.items():
            for cell in {row[column] for row in rows}:
                assert field.parse(cell, today=END) == cell, (name, column)


def test_keys_are_unique_and_required_cells_are_filled(cohort: Cohort) -> None:
    for name, rows in cohort.tables.items():
        table = TABLES[name]
        keys = Counter(tuple(row[key] for key in table.keys) for row in rows)
        assert max(keys.values()) == 1
        required = [field.name for field in table.fields.values() if field.required]
        assert all(row[column] for row in rows for column in required), name


def test_every_reference_exists(cohort: Cohort) -> None:
    episodes = {(row["patient_id"], row["record_no"]) for row in cohort.tables["episode"]}
    for name, rows in cohort.tables.items():
        for column, field in TABLES[name].fields.items():
            if field.refers_to:
                there = {row[column] for row in cohort.tables[field.refers_to]}
                assert {row[column] for row in rows} - {""} <= there, (name, column)
        if "episode_no" in TABLES[name].fields:
            assert {(row["patient_id"], row["episode_no"]) for row in rows if row["episode_no"]} <= episodes


def test_missing_codes_and_blanks_occur(cohort: Cohort) -> None:
    used = {cell for rows in cohort.tables.values() for row in rows for cell in row.values()}
    assert used >= MISSING_CODES | {""}


# What can have happened.


def test_nothing_is_dated_after_the_end(cohort: Cohort) -> None:
    for name, rows in cohort.tables.items():
        for column in dates_of(name):
            assert max((row[column] for row in rows if row[column][:1].isdigit()), default="") <= END.isoformat()


def test_nothing_happens_after_death_or_last_contact(cohort: Cohort) -> None:
    last = {row["patient_id"]: row["last_contact_on"] for row in cohort.tables["patient"]}
    for row in cohort.tables["patient"]:
        assert row["vital_status"] == "alive" or row["death_on"] == row["last_contact_on"]
    for name in PATIENT_TABLES:
        for row in cohort.tables[name]:
            days = [row[column] for column in dates_of(name) if row[column][:1].isdigit()]
            assert max(days, default="") <= last[row["patient_id"]], (name, row)


def dates_of(table: str) -> list[str]:
    return [column for column, field in TABLES[table].fields.items() if field.type == "date"]


def test_the_edit_checks_find_the_implausible_entries_and_nothing_else(cohort: Cohort) -> None:
    found = checks.run(cells.frames(cohort.tables), today=END)
    assert set(found["severity"]) == {"warning"}
    queried = {cohort.tables[table][row]["patient_id"] for table, row in zip(found["table"], found["row"], strict=True)}
    entered = {line["patient_id"] for line in cohort.truth if line["rule_id"] == "entry"}
    assert queried <= entered
    assert len(queried) >= 0.9 * len(entered)
    assert 0.02 <= len(entered) / PATIENTS <= 0.045


# Believable.


def test_every_route_and_timing_occurs(cohort: Cohort) -> None:
    first = cohort.first_lung()
    routes = Counter(episode.route() for episode in first)
    assert set(routes) == {"R-LYM", "R-NIN", "R-MUL", "R-LIV", "R-SYN", "R-MET", "R-POT", "R-UNR", "undetermined"}
    assert min(routes.values()) >= 20
    assert any(episode.during_neoadjuvant for episode in first)
    assert {row["emergency"] for row in cohort.tables["episode"]} == {"none", "bleeding", "perforation", "obstruction"}


def near(count: int, total: int, share: float, *, besides: float = 0.0) -> bool:
    """Within four standard errors of a share, and what else moves it."""
    return abs(count / total - share) <= 4 * sqrt(share * (1 - share) / total) + besides


def test_the_published_prevalences_come_out(cohort: Cohort) -> None:
    first = cohort.first_lung()
    known = [episode for episode in first if episode.non_initial() is not None]
    initial = [episode for episode in known if not episode.non_initial()]
    assert near(len(initial), len(known), P.INITIAL, besides=0.005)
    listed = [episode for episode in initial if episode.active() or episode.row["other_sites_assessed"] == "yes"]
    isolated = [episode for episode in listed if not episode.active()]
    assert near(len(isolated), len(listed), P.ISOLATED, besides=0.01)
    others = [{row["site"] for row in episode.active()} for episode in listed if episode.active()]
    assert near(sum("liver" in sites for sites in others), len(others), P.LIVER)
    # Lymphangitic carcinomatosis is never a single lesion here.
    solitary = sum(episode.row["lesion_count"] == "1" for episode in first)
    assert near(solitary, len(first), P.SOLITARY, besides=0.01)
    assert near(
        sum(row["site"] == "rectum" for row in cohort.tables["primary_tumor"]), PATIENTS, P.RECTUM, besides=0.01
    )
    assert near(sum(episode.timing() is True for episode in first), len(first), P.SYNCHRONOUS)


def test_radical_surgery_and_conversion_are_as_often_as_published(cohort: Cohort) -> None:
    def operated(episode: naive.Episode) -> bool:
        return any(row["residual_tumor"] not in ("R1", "R2") for row in episode.lung_operations())

    alone = [e for e in cohort.first_lung() if e.non_initial() is False and not e.active()]
    assert 0.25 <= sum(map(operated, alone)) / len(alone) <= 0.37
    not_at_first = [e for e in alone if e.row["resectability"] in ("potentially_resectable", "unresectable")]
    assert 0.03 <= sum(map(operated, not_at_first)) / len(not_at_first) <= 0.11


def test_patients_have_a_registry_s_number_of_rows_and_second_episodes(cohort: Cohort) -> None:
    rows = sum(len(cohort.tables[name]) for name in PATIENT_TABLES)
    assert 25 <= rows / PATIENTS <= 35
    again = sum(len(patient.episodes) > 1 for patient in cohort.patients.values())
    assert 0.08 <= again / PATIENTS <= 0.15


def survival(times: list[tuple[int, int, bool]], until: float) -> float:
    """Kaplan-Meier with delayed entry, the slow way: (entry, end, died)."""
    estimate = 1.0
    for day in sorted({end for _, end, died in times if died and end <= until}):
        at_risk = sum(entry < day <= end for entry, end, _ in times)
        estimate *= 1 - sum(died and end == day for _, end, died in times) / at_risk
    return estimate


@pytest.mark.parametrize(("operated", "low", "high"), [(True, 0.48, 0.62), (False, 0.15, 0.27)])
def test_five_year_survival_is_as_published(cohort: Cohort, operated: bool, low: float, high: float) -> None:
    times = []
    for patient in cohort.patients.values():
        local = [row for row in patient.table("local_treatment") if row["target"] == "lung"]
        radical = [row["started_on"] for row in local if row["modality"] == "resection" and row["intent"] == "radical"]
        episodes = [naive.Episode(patient, row) for row in patient.episodes if row["lung_involved"] == "yes"]
        origin = dt.date.fromisoformat(min(radical)) if radical else None
        if not operated:
            origin = episodes[0].first if episodes and not local else None
        if origin is not None:
            person = patient.person
            entry = (dt.date.fromisoformat(person["enrolled_on"]) - origin).days
            end = (dt.date.fromisoformat(person["last_contact_on"]) - origin).days
            times.append((max(entry, 0), end, person["vital_status"] == "dead"))
    assert low <= survival(times, 5 * 365.25) <= high


def test_centers_differ_in_adherence_and_completeness(cohort: Cohort) -> None:
    def share(center: str, holds: Callable[[Row], bool], among: Callable[[Row], bool]) -> float:
        lines = [row for row in cohort.truth if row["patient_id"].startswith(center) and among(row)]
        return sum(map(holds, lines)) / len(lines)

    def adherent(center: str) -> float:
        return share(center, lambda r: r["outcome"] == "adherent", lambda r: "adherent" in r["outcome"])

    def unknown(center: str) -> float:
        return share(center, lambda r: r["outcome"] == "undetermined_numerator", lambda r: r["rule_id"] == "GEN1")

    assert adherent("C01") > adherent("C09") + 0.1
    assert unknown("C01") < unknown("C09")


# Known truth.


def test_the_known_truth_is_what_the_rules_say_of_the_written_rows(cohort: Cohort) -> None:
    told = {
        (row["patient_id"], row["episode_no"], row["rule_id"], row["part"]): row["outcome"]
        for row in cohort.truth
        if row["rule_id"] != "entry"
    }
    different, judged = [], set()
    for patient_id, patient in cohort.patients.items():
        for episode_no, rule_id, part, verdict in naive.verdicts(patient):
            key = (patient_id, episode_no, rule_id, part)
            judged.add(key)
            expected = told.get(key, "not_applicable")
            silent = key not in told and verdict == "undetermined_denominator"
            if expected not in ("unstated", verdict) and not silent:
                different.append((key, expected, verdict))
    assert not different
    assert told.keys() <= judged


def test_every_rule_of_known_truth_is_followed_and_left(cohort: Cohort) -> None:
    outcomes = defaultdict(Counter)
    for row in cohort.truth:
        outcomes[row["rule_id"]][row["outcome"]] += 1
    for rule_id in TRACKED:
        assert min(outcomes[rule_id]["adherent"], outcomes[rule_id]["non_adherent"]) >= 1, rule_id
    unstated = sum(counts["unstated"] for counts in outcomes.values())
    assert unstated < 0.03 * sum(map(Counter.total, outcomes.values()))


def test_withdrawn_patients_have_no_verdicts(cohort: Cohort) -> None:
    withdrawn = {row["patient_id"] for row in cohort.tables["patient"] if row["consent_status"] == "withdrawn"}
    assert withdrawn
    assert not withdrawn & {row["patient_id"] for row in cohort.truth if row["rule_id"] != "entry"}


# The page of the parameters.


def test_the_documentation_lists_every_parameter() -> None:
    page = Path(__file__).parents[2] / "docs" / "simulation.md"
    assert P.table() in page.read_text(encoding="utf-8"), "paste registry.simulate.parameters.table() into the page"
