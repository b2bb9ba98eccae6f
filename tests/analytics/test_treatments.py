"""Endpoints with which death competes, and treatments as units: hand-made cases for each rule."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.endpoints import COMPETING, analysis_set
from analytics.origins import ORIGINS
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import Registry, operated
from tests.analytics.test_endpoints import between, excluded


def competed(registry: Registry, **asked: Any) -> list[tuple[bool, bool]]:
    """Event and competing event of each unit."""
    times = analysis_set(registry.cohort(), **asked).times
    assert times.competing is not None
    return list(zip(times.event.tolist(), times.competing.tolist(), strict=True))


def test_death_competes_with_recurrence() -> None:
    assert COMPETING == ("recurrence", "local_failure")
    recurred = operated().row("disease_event", occurred_on="2020-12-01", kind="recurrence")
    assert competed(recurred, endpoint="recurrence") == [(True, False)]
    assert competed(operated().died("2021-03-01"), endpoint="recurrence") == [(False, True)]
    assert competed(operated(), endpoint="recurrence") == [(False, False)]
    recurred.died("2020-12-01")
    assert competed(recurred, endpoint="recurrence") == [(True, False)], "found on the day of death"
    progressed = operated().row("disease_event", occurred_on="2020-12-01", kind="progression").died("2021-03-01")
    assert competed(progressed, endpoint="recurrence") == [(False, True)]
    made = Registry().patient().episode().operation(residual_tumor="R1")
    assert excluded(made, endpoint="recurrence") == {"not_disease_free": 1}
    assert analysis_set(operated().cohort()).times.competing is None


def treated() -> Registry:
    """Two patients with three radical local treatments of metastases, and treatments that are none."""
    made = operated("P2", Registry().patient().episode())
    made.operation("2020-02-01", target="liver", modality="sbrt", dose_gy="50", fractions="5")
    made.operation("2020-06-01", modality="microwave_ablation", local_failure_on="2020-12-01")
    for other in ({"target": "primary"}, {"target": "local_recurrence"}, {"intent": "palliative"}):
        made.operation("2020-03-01", **other)
    return made.operation("2020-03-01", modality="radiotherapy")


def treatment_days(registry: Registry, **asked: Any) -> list[tuple[str, int, int, bool]]:
    """Patient, entry, day and event of each treatment, in the order of time."""
    chosen = analysis_set(registry.cohort(), endpoint="local_failure", **asked)
    times = chosen.times
    columns = (times.entry.tolist(), times.day.tolist(), times.event.tolist())
    return sorted(zip(chosen.patient_id, *columns, strict=True))


def test_local_failure_counts_treatments_from_their_start_whatever_the_origin() -> None:
    last = "2023-12-31"
    expected = [
        ("P1", 0, between("2020-02-01", last), False),
        ("P1", 0, between("2020-06-01", "2020-12-01"), True),
        ("P2", 0, between("2020-03-01", last), False),
    ]
    for origin in ORIGINS:
        assert treatment_days(treated(), origin=origin) == sorted(expected)
    chosen = analysis_set(treated().cohort(), endpoint="local_failure", origin="ned")
    assert (chosen.origin.name, chosen.patients, chosen.excluded) == ("ned", 2, {})
    assert "treatment" in chosen.start_words
    clusters = dict(zip(chosen.patient_id, chosen.times.cluster.tolist(), strict=True))
    assert len(set(clusters.values())) == 2, "the treatments of a patient are one cluster"
    died = treated().died("2020-11-01")
    assert [row[3] for row in treatment_days(died)] == [False, False, False]
    assert competed(died, endpoint="local_failure").count((False, True)) == 2
    late = operated(enrolled_on="2020-04-01")
    assert treatment_days(late) == [("P1", 31, between("2020-03-01", last), False)]
    assert treatment_days(late, delayed_entry=False)[0][1] == 0


def test_treatments_that_are_left_out() -> None:
    def reasons(**changes: str) -> dict[str, int]:
        made = Registry().patient().operation(**{"started_on": "2020-03-01", **changes})
        return analysis_set(made.cohort(), endpoint="local_failure").excluded

    assert reasons(started_on="UNK") == {"origin_date_unknown": 1}
    assert reasons(intent="") == {"origin_undetermined": 1}
    for code in ("UNK", "ND", "NASK"):
        assert reasons(local_failure_on=code) == {"failure_unknown": 1}
    assert reasons(local_failure_on="NAP") == reasons() == {}
    assert reasons(local_failure_on="2020-02-01") == {"ends_before_origin": 1}
    gone = treated()
    gone.patient("P3", consent_status="withdrawn").operation("2020-03-01", "P3")
    chosen = analysis_set(gone.cohort(), endpoint="local_failure")
    assert (chosen.patients, chosen.excluded, len(chosen.times)) == (3, {}, 3)


def treatment_labels(registry: Registry, **asked: Any) -> list[tuple[str, str]]:
    chosen = analysis_set(registry.cohort(), endpoint="local_failure", **asked)
    groups = [chosen.times.labels[at] for at in chosen.times.group]
    return sorted(zip(chosen.patient_id, groups, strict=True))


def test_treatments_by_modality_dose_and_properties_of_the_patient() -> None:
    made = treated()
    modalities = [("P1", "microwave_ablation"), ("P1", "sbrt"), ("P2", "resection")]
    assert treatment_labels(made, by="modality") == modalities
    assert treatment_labels(made, by="bed10") == [("P1", "above")]
    chosen = analysis_set(made.cohort(), endpoint="local_failure", by="bed10")
    assert chosen.excluded == {"factor_not_applicable": 2}
    for dose, fractions, label in (("50", "5", "above"), ("40", "5", "below"), ("60", "15", "below")):
        one = Registry().patient().operation(modality="sbrt", dose_gy=dose, fractions=fractions)
        assert treatment_labels(one, by="bed10") == [("P1", label)]
    for missing in ({"dose_gy": "50"}, {"fractions": "5"}, {"dose_gy": "UNK", "fractions": "5"}):
        one = Registry().patient().operation(modality="sbrt", **missing)
        assert analysis_set(one.cohort(), endpoint="local_failure", by="bed10").excluded == {"factor_missing": 1}
    made.row("primary_tumor", site="rectum").row("primary_tumor", "P2", site="cecum")
    sites = [("P1", "rectum"), ("P1", "rectum"), ("P2", "cecum")]
    assert treatment_labels(made, by="site") == sites
    with_cea = Registry().patient().episode(cea_ng_ml="9").operation().operation("2020-05-01")
    assert treatment_labels(with_cea, by="high_cea") == [("P1", "yes")] * 2
    assert treatment_labels(made, by="sex") == [("P1", "female"), ("P1", "female"), ("P2", "female")]


def test_groupings_of_treatments_need_treatments_and_operations_a_landmark() -> None:
    for name in ("modality", "bed10"):
        with pytest.raises(UsageError, match="treatments") as refused:
            analysis_set(treated().cohort(), by=name)
        assert "local_failure" in refused.value.remedy
    with pytest.raises(AnalysisRefused, match="immortal"):
        analysis_set(treated().cohort(), endpoint="local_failure", by="lobectomy")
    with pytest.raises(UsageError, match="no such factor") as refused:
        analysis_set(treated().cohort(), endpoint="local_failure", by="modalty")
    assert "modality" in refused.value.remedy


def test_a_landmark_for_treatments() -> None:
    made = treated()  # the ablation fails on day 183
    followed = between("2020-02-01", "2023-12-31")
    assert [row[2] for row in treatment_days(made, landmark_months=5)][:2] == [183 - 152, followed - 152]
    chosen = analysis_set(made.cohort(), endpoint="local_failure", landmark_months=6.1)
    assert chosen.excluded == {"ends_before_landmark": 1}
