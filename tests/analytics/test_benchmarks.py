"""The printed figures beside the registry's: counted by hand, in both readings, and never as a test."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.benchmarks import FIGURES, TABLES_READ, benchmarks
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.benchmarks import BENCHMARKS
from analytics.consensus.factors import FACTORS
from analytics.outcomes import survival_analysis
from tests.analytics.hand import CUT, Registry, operated
from tests.analytics.simulated import Simulated, simulated
from tests.analytics.test_adherence_command import cohort as cohort
from tests.analytics.test_survival_command import Command

ISOLATED = {"other_sites_assessed": "yes", "lymphangitic": "no"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulated(tmp_path_factory.mktemp("benchmarks"), patients=200, seed=7)


def at_cut(registry: Registry) -> Cohort:
    frames = registry.frames()
    return cohort_at({name: frames[name] for name in TABLES_READ}, dt.date.fromisoformat(CUT))


def figures(registry: Registry, id: str) -> list[dict[str, Any]]:
    (document,) = benchmarks(at_cut(registry), ids=[id])
    found: list[dict[str, Any]] = document["registry"]
    return found


def share(registry: Registry, id: str, at: int = 0) -> tuple[int, int, int]:
    """Numerator, denominator, undetermined."""
    found = figures(registry, id)[at]
    assert found["estimate"] == (found["numerator"] / found["denominator"] if found["denominator"] else None)
    return found["numerator"], found["denominator"], found["undetermined"]


def person(registry: Registry, patient_id: str, **episode: str) -> Registry:
    """A patient whose primary was resected before isolated lung metastases were found."""
    registry.patient(patient_id).row("primary_tumor", patient_id, site="rectum", workup_completed_on="2017-12-01")
    given = {"target": "primary", "modality": "resection", "intent": "radical", "started_on": "2018-01-01"}
    return registry.row("local_treatment", patient_id, **given).episode(
        patient_id=patient_id, **(ISOLATED | {"local_recurrence": "none"} | episode)
    )


def people() -> Registry:
    """A: isolated, operated. B: isolated, ablated. C: with liver. D: liver before (non-initial). E: sites not known."""
    registry = Registry()
    for patient_id in "ABCD":
        person(registry, patient_id)
    person(registry, "E", other_sites_assessed="")
    registry.operation(patient_id="A")
    registry.operation(patient_id="B", modality="sbrt")
    registry.row("metastasis", "C", site="liver", detected_on="2020-01-10")
    registry.row("metastasis", "D", site="liver", detected_on="2018-06-01", resolved_on="2018-12-01")
    return registry


def test_every_printed_figure_is_there_with_its_caution(made: Simulated) -> None:
    found = list(benchmarks(made.cohort))
    assert [document["id"] for document in found] == list(BENCHMARKS) == [f"B{n:02d}" for n in range(1, 16)]
    for document in found:
        assert document["caution"]
        assert document["denominator"]
        assert document["lines"]
        assert (document["refused"] is None) is (document["id"] in FIGURES) is bool(document["registry"])
        assert "test" not in document.keys() | {key for figure in document["registry"] for key in figure}


def test_what_a_registry_of_lung_metastases_cannot_compute_is_refused(made: Simulated) -> None:
    refused = [document for document in benchmarks(made.cohort, ids=["B01", "B02", "B03"]) if document["refused"]]
    assert [document["id"] for document in refused] == ["B01", "B02"]
    assert all("denominator" in document["refused"] for document in refused)


def test_shares_by_hand() -> None:
    registry = people()
    assert share(registry, "B03") == (3, 4, 1)
    assert share(registry, "B04") == (2, 3, 1)
    assert share(registry, "B05") == (1, 2, 1)
    assert share(registry, "B07") == (1, 1, 1)
    assert share(registry, "B13") == (5, 5, 0)


def test_suitable_for_local_treatment_in_both_readings() -> None:
    printed, derived = figures(people(), "B06")
    assert printed["reading"].startswith("as printed")
    assert share(people(), "B06", 0) == (2, 5, 0)
    assert derived["reading"].startswith("by its arithmetic")
    assert share(people(), "B06", 1) == (1, 3, 1)


def test_only_the_first_episode_of_a_patient_counts() -> None:
    registry = person(Registry(), "A").operation(patient_id="A").episode("2022-01-01", "A", **ISOLATED)
    registry.episode("2019-01-01", "A", lung_involved="no")
    assert share(registry, "B05") == (1, 1, 0)


def test_conversion_needs_a_complete_resection_after_systemic_therapy() -> None:
    def converted(**operation: str) -> tuple[int, int, int]:
        registry = person(Registry(), "A", resectability="potentially_resectable")
        registry.row("systemic_therapy", "A", started_on="2020-01-20", ended_on="2020-04-01", intent="conversion")
        return share(registry.operation(**({"started_on": "2020-05-01", "patient_id": "A"} | operation)), "B11")

    assert converted(residual_tumor="R0") == (1, 1, 0)
    assert converted(residual_tumor="R1") == (0, 1, 0)
    assert converted() == (0, 0, 1)
    assert converted(residual_tumor="R0", started_on="2020-01-15") == (0, 1, 0)
    assert share(person(Registry(), "A", resectability="resectable"), "B11") == (0, 0, 0)


@pytest.mark.parametrize(
    ("pathology", "expected"),
    [
        ({"p_t": "T0", "p_n": "N0"}, (1, 1, 0)),
        ({"p_t": "T2", "p_n": "N0"}, (0, 1, 0)),
        ({"p_t": "T0"}, (0, 0, 1)),
        ({"p_t": "T0", "p_n": "N0", "rectal_height_cm": "12"}, (0, 0, 0)),
        ({"p_t": "T0", "p_n": "N0", "c_t": "T2", "c_n": "N0"}, (0, 0, 0)),
    ],
)
def test_complete_response_of_the_primary(pathology: dict[str, str], expected: tuple[int, int, int]) -> None:
    primary = {"site": "rectum", "rectal_height_cm": "6", "c_t": "T3", "workup_completed_on": "2017-10-01"} | pathology
    registry = Registry().patient().row("primary_tumor", **primary).episode(**ISOLATED)
    registry.operation("2018-03-01", target="primary")
    assert share(registry, "B12") == (0, 0, 0)  # without neoadjuvant therapy
    given = {"target": "primary", "modality": "radiotherapy", "intent": "neoadjuvant", "started_on": "2017-11-01"}
    assert share(registry.row("local_treatment", **given), "B12") == expected


def test_survival_is_the_kaplan_meier_estimate(made: Simulated) -> None:
    found = {document["id"]: document["registry"] for document in benchmarks(made.cohort)}
    curve = survival_analysis(made.cohort, endpoint="os", origin="lung_resection").curves[0]
    for id, months in (("B08", 60), ("B09", 120)):
        (figure,), (rate,) = found[id], curve.rates((months,))
        assert (figure["estimate"], figure["ci_low"], figure["at_risk"]) == (rate.estimate, rate.ci_low, rate.at_risk)
        assert (figure["denominator"], figure["numerator"]) == (curve.n, curve.event_count)
    assert {figure["factor"] for figure in found["B15"]} == FACTORS.keys()
    assert {figure["group"] for figure in found["B15"] if figure["factor"] == "lobectomy"} == {
        FACTORS["lobectomy"].no,
        FACTORS["lobectomy"].yes,
    }
    (alone,) = found["B10"]
    assert "tested against nothing" in alone["reading"]


def test_chemotherapy_alone_leaves_out_who_had_a_radical_local_treatment() -> None:
    registry = operated("A")
    for patient_id, intent in (("B", ""), ("C", "palliative")):
        registry.patient(patient_id).episode(patient_id=patient_id)
        registry.row("systemic_therapy", patient_id, started_on="2020-02-01", intent="palliative")
        if intent:
            registry.operation(patient_id=patient_id, intent=intent)
    registry.row("systemic_therapy", "A", started_on="2020-02-01")
    assert figures(registry, "B10")[0]["denominator"] == 2


def test_durations_are_of_ended_therapy() -> None:
    registry = person(person(person(Registry(), "A"), "B"), "C")
    for patient_id, end, intent in (
        ("A", "2020-05-01", "postoperative"),
        ("B", "", "postoperative"),
        ("C", "", "palliative"),
    ):
        registry.row("systemic_therapy", patient_id, started_on="2020-02-01", ended_on=end, intent=intent)
    perioperative, before_liver = figures(registry, "B14")
    assert (perioperative["denominator"], before_liver["denominator"]) == (1, 0)
    assert perioperative["median_months"] == pytest.approx(90 / 30.4375)
    assert before_liver["median_months"] is None
    given = {"started_on": "2020-02-01", "ended_on": "2020-04-01", "intent": "preoperative"}
    registry.row("systemic_therapy", "C", **given).operation("2020-03-02", "C", target="liver")
    assert figures(registry, "B14")[1]["median_months"] == pytest.approx(30 / 30.4375)


def test_nobody() -> None:
    for document in benchmarks(at_cut(Registry())):
        for figure in document["registry"]:
            assert figure["denominator"] == 0
            assert figure.get("estimate") is None


def test_the_command(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    monkeypatch.setenv("COLUMNS", "160")
    command = Command(monkeypatch, capsys, "benchmarks")
    found: list[dict[str, Any]] = command.document()  # type: ignore[assignment]
    assert [document["id"] for document in found] == list(BENCHMARKS)
    status, out, err = command()
    assert (status, err) == (0, "")
    assert "No figure. A registry of patients with lung metastases cannot compute it" in out
    assert "They are no targets; nothing is tested." in out
    (initial,) = found[2]["registry"]
    assert f"{100 * initial['estimate']:.1f} %" in out
    own = command.document("--center", "C01")[2]["registry"][0]  # type: ignore[index]
    assert 0 < own["denominator"] < initial["denominator"]
    assert command("--center", "nowhere")[0] == 2
