"""Every endpoint from every origin, of a simulated and of random cohorts, against slow code that goes row by row."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest

from analytics.cohort import Cohort, cohort_at
from analytics.endpoints import ENDPOINTS, analysis_set
from analytics.origins import ORIGINS
from registry.cells import frames
from tests.analytics import random_records
from tests.analytics.naive_endpoints import Naive, naive
from tests.analytics.simulated import simulated

CUTS = (dt.date(2021, 3, 1), random_records.CUT, dt.date(2026, 6, 30))


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> list[Cohort]:
    rows = random_records.cohort(11, 400)
    for treatment, code in zip(rows["local_treatment"][::20], cycle(("UNK", "ND", "NASK", "NAP"))):
        treatment["local_failure_on"] = code
    drawn = frames(rows)  # type: ignore[arg-type]
    made: Path = tmp_path_factory.mktemp("cohort")
    return [*(cohort_at(drawn, cut) for cut in CUTS), simulated(made, patients=400, seed=5).cohort]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_against_slow_code(cohorts: list[Cohort], endpoint: str, origin: str) -> None:
    for cohort in cohorts:
        for delayed_entry in (True, False):
            asked = {"endpoint": endpoint, "origin": origin, "delayed_entry": delayed_entry}
            chosen = analysis_set(cohort, **asked)  # type: ignore[arg-type]
            expected = naive(cohort, endpoint, origin, delayed_entry=delayed_entry)
            times = chosen.times
            competing = times.competing.tolist() if times.competing is not None else [False] * len(times)
            columns = (times.entry.tolist(), times.day.tolist(), times.event.tolist(), competing)
            found = list(zip(chosen.patient_id, *columns, strict=True))
            if endpoint == "local_failure":
                found, expected.times = sorted(found), sorted(expected.times)
            assert found == expected.times, asked
            assert chosen.excluded == dict(expected.excluded), asked


def test_the_random_cohorts_meet_every_reason(cohorts: list[Cohort]) -> None:
    met: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for cohort in cohorts:
        for endpoint in ENDPOINTS:
            for origin in ORIGINS:
                found: Naive = naive(cohort, endpoint, origin)
                met += found.excluded
                events[endpoint] += sum(event for *_, event, _ in found.times)
    assert set(met) >= {
        "consent_withdrawn",
        "origin_not_reached",
        "origin_date_unknown",
        "origin_undetermined",
        "not_disease_free",
        "death_date_unknown",
        "vital_status_unknown",
        "last_contact_unknown",
        "failure_unknown",
        "ends_before_origin",
        "ends_before_entry",
    }
    assert min(events.values()) > 20
