"""A judged cohort: in parts, on both engines, empty; listed cases and bundles by hand; the known truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from analytics.adherence import Adherence, Selection, selected_cases, unit_of
from analytics.audit.bundles import BUNDLES, all_or_none
from analytics.audit.judged import TABLES_READ, Judged, in_parts, judge
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import OUTCOMES, Outcome
from registry.access import Actor
from registry.actions import import_source
from registry.exchange.formats import open_source
from registry.frames import read_frames, read_parts
from tests.analytics.hand import CUT, Registry, operated
from tests.analytics.simulated import Simulated, simulated

BY = ("quarter", "route", "sex", "high_cea", "subtype")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulated(tmp_path_factory.mktemp("simulated"), patients=220, seed=11)


@pytest.fixture(scope="module")
def judged(made: Simulated) -> Judged:
    return judge([made.cohort], by=BY)


def documents(found: Adherence, by: str | None = None) -> dict[str, dict[str, Any]]:
    return {document["rule_id"]: document for document in found.documents(by)}


# In parts.


def same(one: Judged, other: Judged) -> None:
    pd.testing.assert_frame_equal(one.episodes, other.episodes, check_categorical=False)
    assert one.outcomes.keys() == other.outcomes.keys()
    for key, outcomes in one.outcomes.items():
        assert np.array_equal(outcomes, other.outcomes[key]), key
    assert np.array_equal(one.screening, other.screening)
    pd.testing.assert_frame_equal(one.listed, other.listed)


def test_a_cohort_in_parts_gives_the_same(made: Simulated, judged: Judged) -> None:
    parts = list(in_parts(made.cohort, 37))
    assert len(parts) == -(-len(made.cohort.frames["patient"]) // 37)
    found = judge(parts, by=BY)
    same(found, judged)
    for by in (None, "center"):
        assert list(Adherence(found).documents(by)) == list(Adherence(judged).documents(by))
        assert list(Adherence(found).bundle_documents(by)) == list(Adherence(judged).bundle_documents(by))


def test_both_engines_give_the_same_in_parts(engine: Engine, somebody: Actor, made: Simulated, judged: Judged) -> None:
    assert not import_source(engine, open_source(made.folder), by=somebody, reason=None).problems
    cut = made.cohort.data_cut
    parts = read_parts(engine, TABLES_READ, 64, once=("screening_log",))
    same(judge((cohort_at(frames, cut) for _, frames in parts), by=BY), judged)


def test_tables_in_parts_are_the_whole_tables(engine: Engine, somebody: Actor, made: Simulated) -> None:
    (share, frames), *more = read_parts(engine, ("patient", "study"), 10)
    assert (share, len(frames["patient"]), more) == (1.0, 0, [])
    assert not import_source(engine, open_source(made.folder), by=somebody, reason=None).problems
    parts = list(read_parts(engine, ("patient", "study"), 100, once=("center",)))
    assert [share for share, _ in parts] == pytest.approx([100 / 220, 200 / 220, 1.0])
    assert ["center" in frames for _, frames in parts] == [True, False, False]
    whole = read_frames(engine, ("patient", "study"))
    for name in whole:
        joined = pd.concat([frames[name] for _, frames in parts], ignore_index=True)
        pd.testing.assert_frame_equal(joined, whole[name])


def test_some_rules_alone_give_the_same(made: Simulated, judged: Judged) -> None:
    chosen = [RULES["PER2"], RULES["FUP3"]]
    found = judge([made.cohort], rules=chosen)
    assert found.bundles == ()
    for key in found.outcomes:
        assert np.array_equal(found.outcomes[key], judged.outcomes[key])
    assert {key.id for key in found.outcomes} == {"PER2", "FUP3"}


def test_nobody_gives_no_cases_and_never_zero() -> None:
    found = Adherence(judge([_with_log(Registry())], by=("route", "year")))
    for by in (None, "route", "year", "center"):
        for document in found.documents(by):
            assert document["rate"] is document["ci_low"] is document["bound_low"] is document["completeness"] is None
            assert set(document["counts"].values()) <= {0}
            assert document.get("groups", []) == []


# The screening log.


def _with_log(registry: Registry, cut: str = CUT) -> Cohort:
    frames = registry.frames()
    kept = {name: frames[name] for name in (*TABLES_READ, "screening_log")}
    return cohort_at(kept, dt.date.fromisoformat(cut))


def listed(registry: Registry, patient_id: str = "", center: str = "A", **changes: str) -> Registry:
    rows = registry.rows["screening_log"]
    row = {"center_id": center, "record_no": str(len(rows) + 1), "listed_on": "2020-01-20", "lung_metastases": "yes"}
    rows.append(row | {"patient_id": patient_id} | changes)
    return registry


@pytest.mark.parametrize(
    ("enrolled", "log", "outcome"),
    [
        ("2020-03-01", {}, "adherent"),
        ("2020-03-02", {}, "non_adherent"),
        ("UNK", {}, "undetermined_numerator"),
        ("2020-03-01", {"lung_metastases": "no"}, "not_applicable"),
        ("2020-03-01", {"lung_metastases": ""}, "undetermined_denominator"),
        ("2020-03-01", {"not_enrolled_reason": "ineligible"}, "excluded"),
        ("2020-03-01", {"patient_id": "", "not_enrolled_reason": "missed"}, "non_adherent"),
        ("2020-03-01", {"patient_id": "UNK"}, "undetermined_numerator"),
    ],
)
def test_a_listed_case(enrolled: str, log: dict[str, str], outcome: str) -> None:
    registry = listed(operated(enrolled_on=enrolled), **({"patient_id": "P1"} | log))
    document = documents(Adherence(judge([_with_log(registry)])))["GEN7"]
    assert {name: count for name, count in document["counts"].items() if count} == {outcome: 1}
    assert document["unit"] == unit_of(RULES["GEN7"]) == "listed case"


def test_before_any_treatment_an_enrollment_by_the_data_cut_is_in_time() -> None:
    registry = listed(Registry().patient(enrolled_on="2020-05-01").episode(), "P1")
    for cut, outcome in (("2020-05-01", "adherent"), ("2020-04-30", "non_adherent")):
        document = documents(Adherence(judge([_with_log(registry, cut)])))["GEN7"]
        assert document["counts"][outcome] == document["population"] == 1


def test_the_first_episode_counts_and_a_withdrawn_patient_does_not() -> None:
    registry = operated(enrolled_on="2021-01-01")
    registry.episode("2022-01-01").operation("2022-02-01")
    listed(registry, "P1").patient("P2", consent_status="withdrawn")
    listed(listed(registry, "P2"), center="B", listed_on="2021-05-05", not_enrolled_reason="declined_consent")
    found = Adherence(judge([_with_log(registry)]))
    document = documents(found, "center")["GEN7"]
    assert document["counts"]["non_adherent"] == document["population"] == 2
    assert [(group["group"], group["population"]) for group in document["groups"]] == [("A", 1), ("B", 1)]
    of_b = Adherence(found.judged, Selection(center="B", since=dt.date(2021, 5, 5)))
    assert documents(of_b)["GEN7"]["population"] == 1


# Bundles.

A, N, U, D, P, X, E, NA = (
    Outcome.ADHERENT,
    Outcome.NON_ADHERENT,
    Outcome.UNDETERMINED_NUMERATOR,
    Outcome.UNDETERMINED_DENOMINATOR,
    Outcome.PENDING,
    Outcome.EXCLUDED,
    Outcome.EXCEPTION,
    Outcome.NOT_APPLICABLE,
)


@pytest.mark.parametrize(
    ("rules", "together"),
    [
        ((A, A, A), A),
        ((A, NA, NA), A),
        ((A, X, E), A),
        ((A, N, U), N),
        ((N, D, P), N),
        ((A, U, NA), U),
        ((A, D, NA), U),
        ((P, D, NA), U),
        ((A, P, NA), P),
        ((NA, D, X), D),
        ((NA, X, E), NA),
        ((Outcome.NO_LINE, A, NA), A),
    ],
)
def test_all_or_none(rules: tuple[Outcome, ...], together: Outcome) -> None:
    found = all_or_none([np.array([outcome], dtype=np.int8) for outcome in rules])
    assert Outcome(found[0]) is together


def test_bundles_are_made_of_their_rules(made: Simulated, judged: Judged) -> None:
    found, lines = Adherence(judged), selected_cases(made.cohort, judged.rules, OUTCOMES, Selection())
    of_episode: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in lines:
        if line["part"] is None or RULES[line["rule_id"]].by_window:
            of_episode[line["patient_id"], line["episode_no"]][line["rule_id"]].add(line["outcome"])
    printed = {document["bundle_id"]: document for document in found.bundle_documents()}
    of_rules = documents(found)
    assert printed.keys() == BUNDLES.keys()
    for bundle in BUNDLES.values():
        together = [set().union(*(outcomes[id] for id in bundle.rules)) for outcomes in of_episode.values()]
        if bundle.applies is None:
            assert printed[bundle.id]["counts"]["non_adherent"] == sum("non_adherent" in all_ for all_ in together)
        followed = {"adherent", "not_applicable", "excluded", "exception"}
        complete = sum("adherent" in all_ and all_ <= followed for all_ in together)
        assert printed[bundle.id]["counts"]["adherent"] == complete > 0
        assert printed[bundle.id]["population"] == len(of_episode)
        rates = [of_rules[rule_id]["bound_high"] for rule_id in bundle.rules]
        assert printed[bundle.id]["wide_low"] <= min(rate for rate in rates if rate is not None)


def test_the_mdt_bundle_is_of_treated_episodes() -> None:
    untreated = Adherence(judge([_with_log(Registry().patient().episode(mdt_discussed="no"))]))
    of_mdt = next(document for document in untreated.bundle_documents() if document["bundle_id"] == "MDT")
    assert of_mdt["counts"]["not_applicable"] == of_mdt["population"] == 1
    treated = Adherence(judge([_with_log(Registry().patient().episode(mdt_discussed="no").operation())]))
    of_mdt = next(document for document in treated.bundle_documents() if document["bundle_id"] == "MDT")
    assert of_mdt["counts"]["non_adherent"] == 1


# Known truth.


_PARTS = {part.id for rule in RULES.values() for part in rule.parts}


def test_known_deviations_are_found_and_nothing_else(made: Simulated, judged: Judged) -> None:
    told = {
        (line["patient_id"], int(line["episode_no"]), line["rule_id"], line["part"] or None): line["outcome"]
        for line in made.truth
        if line["rule_id"] != "entry"
    }
    episodes = list(zip(judged.episodes["patient_id"], judged.episodes["episode_no"].astype(int), strict=True))
    verdicts = {
        (*episode, key.id, key.part): Outcome(code)
        for key, outcomes in judged.outcomes.items()
        if key.id in made.tracked and not key.beside and key.part not in _PARTS
        for episode, code in zip(episodes, outcomes, strict=True)
        if code != Outcome.NO_LINE
    }
    stated = {key: outcome for key, outcome in told.items() if outcome != "unstated"}
    assert stated.keys() <= verdicts.keys()
    found: Counter[tuple[str, bool, bool]] = Counter()
    for key, outcome in verdicts.items():
        if told.get(key) == "unstated" or (key not in told and outcome is Outcome.UNDETERMINED_DENOMINATOR):
            continue  # the truth tells of cases that a rule may apply to; what is withheld may leave that open
        expected = stated.get(key, "not_applicable")
        assert outcome.label == expected, key
        found[key[2], expected == "non_adherent", outcome is Outcome.NON_ADHERENT] += 1
    for rule_id in made.tracked:
        assert found[rule_id, True, False] == found[rule_id, False, True] == 0
        assert found[rule_id, False, False] > 0
    assert sum(found[rule_id, True, True] > 0 for rule_id in made.tracked) > 15
