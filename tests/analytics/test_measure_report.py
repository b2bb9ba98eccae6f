"""A MeasureReport of a rule has the shape that FHIR R4 asks for, and the figures of the rule."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from analytics.adherence import Adherence, Selection
from analytics.audit.judged import Judged, judge
from analytics.consensus.rules import RULES
from analytics.measure_report import measure_report
from registry.exchange.fhir import reference
from tests.analytics.simulated import simulated

STATUS = {"complete", "pending", "error"}
TYPES = {"individual", "subject-list", "summary", "data-collection"}
ELEMENTS = {
    "resourceType",
    "id",
    "extension",
    "status",
    "type",
    "measure",
    "date",
    "reporter",
    "period",
    "improvementNotation",
    "group",
}
POPULATIONS = {
    "initial-population",
    "numerator",
    "numerator-exclusion",
    "denominator",
    "denominator-exclusion",
    "denominator-exception",
    "measure-population",
}
"""Of http://terminology.hl7.org/CodeSystem/measure-population, those that count cases."""
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
REPORTED = ("IMG1", "MOL1", "SUR1", "FUP2", "GEN7", "MET2", "FUP5", "REC4")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge([simulated(tmp_path_factory.mktemp("measure"), patients=120, seed=5).cohort])


def counts(report: dict[str, Any]) -> dict[str, int]:
    (group,) = report["group"]
    return {population["code"]["coding"][0]["code"]: population["count"] for population in group["population"]}


def check_shape(report: dict[str, Any]) -> None:
    """The elements of MeasureReport (4.0.1): cardinality, required codes, types."""
    assert report["resourceType"] == "MeasureReport"
    assert report.keys() <= ELEMENTS
    assert report["status"] in STATUS
    assert report["type"] in TYPES
    assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", report["id"])
    canonical, _, version = report["measure"].partition("|")
    assert re.fullmatch(r"urn:\S+", canonical)
    assert version.isdigit()
    assert DATE.fullmatch(report["date"])
    assert report["period"].keys() <= {"start", "end"}
    assert report["period"]
    assert all(DATE.fullmatch(day) for day in report["period"].values())
    if "reporter" in report:
        assert re.fullmatch(r"Organization/[A-Za-z0-9\-.]{1,64}", report["reporter"]["reference"])
    (extension,) = report["extension"]
    assert extension.keys() == {"url", "valueString"}
    assert json.loads(extension["valueString"])["version"]
    for group in report["group"]:
        assert group.keys() <= {"code", "population", "measureScore"}
        for population in group["population"]:
            assert population.keys() == {"code", "count"}
            assert type(population["count"]) is int
            assert population["count"] >= 0
            (coding,) = population["code"]["coding"]
            if "terminology.hl7.org" in coding["system"]:
                assert coding["code"] in POPULATIONS
            else:
                assert coding["system"].startswith("urn:oligomet")
        if "measureScore" in group:
            score = group["measureScore"]
            assert (score["system"], score["code"]) == ("http://unitsofmeasure.org", "1")
            assert 0 <= score["value"] <= 1


@pytest.mark.parametrize("rule_id", REPORTED)
def test_the_shape_and_the_score(judged: Judged, rule_id: str) -> None:
    found = Adherence(judged)
    report = measure_report(found, RULES[rule_id])
    check_shape(report)
    assert json.loads(json.dumps(report)) == report
    n, figures = counts(report), found.of(RULES[rule_id])
    assert n["initial-population"] == figures.population
    score = n["denominator"] - n["denominator-exclusion"] - n["denominator-exception"]
    value = report["group"][0].get("measureScore", {}).get("value")
    assert value == figures.rate.estimate
    assert value == (n["numerator"] / score if score else None)
    open_ = n["undetermined_denominator"] + n["undetermined_numerator"] + n["pending"] + n["not_applicable"]
    assert n["denominator"] + open_ == n["initial-population"]
    assert ("improvementNotation" in report) is not RULES[rule_id].is_option


def test_undetermined_cases_are_no_failures(judged: Judged) -> None:
    found = Adherence(judged)
    n, figures = counts(measure_report(found, RULES["MOL1"])), found.of(RULES["MOL1"])
    assert n["undetermined_numerator"] > 0
    assert n["numerator"] / n["denominator"] != figures.rate.estimate or not n["denominator-exception"]
    assert n["denominator"] < figures.denominator


def test_a_center_and_a_period(judged: Judged) -> None:
    chosen = Selection("C01", dt.date(2019, 1, 1), dt.date(2020, 12, 31))
    report = measure_report(Adherence(judged, chosen), RULES["IMG1"])
    check_shape(report)
    assert report["reporter"] == reference("center", ("C01",))
    assert report["period"] == {"start": "2019-01-01", "end": "2020-12-31"}
    assert 0 < counts(report)["initial-population"] < Adherence(judged).of(RULES["IMG1"]).population
    whole = measure_report(Adherence(judged), RULES["IMG1"])
    assert "reporter" not in whole
    assert whole["period"] == {"end": judged.data_cut.isoformat()}
    assert whole["id"] != report["id"]
    assert whole["id"] == measure_report(Adherence(judged), RULES["IMG1"])["id"]
