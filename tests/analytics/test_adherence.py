"""The roll-up of the rules: counted once more from the case lines, in parts, by hand, and against the known truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from analytics.adherence import Adherence, Selection, chapter_named, flat, selected_cases, unit_of
from analytics.audit.bundles import BUNDLES, all_or_none
from analytics.audit.divisions import DIVISIONS, UNKNOWN, division, period_labels, periods_between
from analytics.audit.judged import TABLES_READ, Judged, Key, in_parts, judge
from analytics.audit.trend import ProcessChart
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import DEFAULT
from analytics.consensus.rules import CHAPTERS, RULES
from analytics.consensus.verdicts import OUTCOMES, Outcome
from registry.access import Actor
from registry.actions import import_source
from registry.errors import UsageError
from registry.exchange.formats import open_source
from registry.frames import read_frames, read_parts
from tests.analytics.hand import CUT, Registry, operated
from tests.analytics.simulated import Simulated, simulated

ALL = tuple(RULES.values())
WINDOWED = [rule.id for rule in ALL if rule.by_window]
BY = ("year", "quarter", "route", "timing", "sex", "high_cea", "subtype")

Line = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulated(tmp_path_factory.mktemp("adherence"), patients=220, seed=11)


@pytest.fixture(scope="module")
def judged(made: Simulated) -> Judged:
    return judge([made.cohort], by=BY)


@pytest.fixture(scope="module")
def found(judged: Judged) -> Adherence:
    return Adherence(judged)


@pytest.fixture(scope="module")
def lines(made: Simulated) -> list[Line]:
    return list(selected_cases(made.cohort, ALL, OUTCOMES, Selection(), DEFAULT))


def documents(found: Adherence, by: str | None = None) -> dict[str, dict[str, Any]]:
    return {document["rule_id"]: document for document in found.documents(by)}


def counted(lines: list[Line]) -> Counter[tuple[str, str]]:
    """Outcomes of the units of each rule: the whole of a composite, the windows of a rule by windows."""
    of_units = (line for line in lines if line["part"] is None or line["rule_id"] in WINDOWED)
    return Counter((line["rule_id"], line["outcome"]) for line in of_units)


def agree(document: dict[str, Any], rule_id: str, counts: Counter[tuple[str, str]]) -> None:
    """The figures of a rule are those of plain counting."""
    n = {outcome.label: counts[rule_id, outcome.label] for outcome in OUTCOMES}
    assert {name: n[name] for name in document["counts"]} == document["counts"]
    assert sum(document["counts"].values()) == sum(n.values()) == document["population"]
    met = n["adherent"] + n["taken"]
    score, open_numerator = met + n["non_adherent"] + n["not_taken"], n["undetermined_numerator"]
    narrow, wide = score + open_numerator, score + open_numerator + n["undetermined_denominator"]
    assert document["rate"] == (met / score if score else None)
    assert document["bound_low"] == (met / narrow if narrow else None)
    assert document["bound_high"] == ((met + open_numerator) / narrow if narrow else None)
    assert document["wide_low"] == (met / wide if wide else None)
    assert document["wide_high"] == ((wide - score + met) / wide if wide else None)
    assert document["completeness"] == (score / wide if wide else None)
    assert document["denominator"] == sum(n.values()) - n["not_applicable"] - n["undetermined_denominator"]
    if score:
        assert 0 <= document["ci_low"] <= document["rate"] <= document["ci_high"] <= 1
    else:
        assert document["ci_low"] is document["ci_high"] is None


# Counted once more.


def test_every_rule_is_there_with_its_keys(found: Adherence) -> None:
    printed = documents(found)
    assert list(printed) == list(RULES)
    for rule in ALL:
        document = printed[rule.id]
        assert (document["strength"], document["scored"]) == (str(rule.strength), rule.scored)
        assert document["chapter"] in CHAPTERS
        assert rule in CHAPTERS[document["chapter"]]
    assert printed["FUP5"]["counts"] == {}
    assert printed["FUP5"]["rate"] is printed["FUP5"]["completeness"] is None
    assert "protocol" in printed["FUP5"]["note"]


def test_the_figures_are_those_of_the_case_lines(found: Adherence, lines: list[Line]) -> None:
    counts, printed = counted(lines), documents(found)
    for rule_id in RULES:
        if rule_id not in ("GEN7", "FUP5"):
            agree(printed[rule_id], rule_id, counts)


def test_the_outcomes_of_a_rule_partition_the_episodes_with_lung_metastases(
    made: Simulated, found: Adherence, lines: list[Line]
) -> None:
    episodes = int((made.cohort.frames["episode"]["lung_involved"] == True).sum())  # noqa: E712
    for rule_id, document in documents(found).items():
        if rule_id not in (*WINDOWED, "GEN7", "FUP5"):
            assert document["population"] == episodes, rule_id
            for part in (*document["parts"], *document["beside"]):
                assert part["population"] == episodes, rule_id
    units = Counter(line["rule_id"] for line in lines)
    assert all(documents(found)[rule_id]["population"] == units[rule_id] > episodes for rule_id in WINDOWED)


def test_parts_and_windows_are_those_of_the_case_lines(found: Adherence, lines: list[Line]) -> None:
    counts = Counter((line["rule_id"], line["part"], line["outcome"]) for line in lines)
    parts = 0
    for rule_id, document in documents(found).items():
        for part in document["parts"]:
            parts += 1
            assert part["counts"] == {name: counts[rule_id, part["part"], name] for name in part["counts"]}
    assert parts == 4 + 5 + 8


def test_limits_allow_for_several_units_of_a_patient(found: Adherence, lines: list[Line]) -> None:
    printed = documents(found)
    for rule_id in ("GEN1", "FUP2", "TB2A"):
        scored = [line for line in lines if line["rule_id"] == rule_id and "adherent" in line["outcome"]]
        scored = [line for line in scored if line["part"] is None or rule_id in WINDOWED]
        assert printed[rule_id]["clusters"] == len({line["patient_id"] for line in scored})
    assert printed["FUP2"]["method"] == "cluster_robust"
    one_each = [d for d in printed.values() if d["rate"] is not None and d["clusters"] == d["population"]]
    assert all(document["method"] == "wilson" for document in one_each)


def test_a_figure_beside_differs_where_its_reading_does(found: Adherence) -> None:
    printed = documents(found)
    (extended,) = printed["ASM3"]["beside"]
    assert extended["name"] == "extended"
    assert extended["denominator"] != printed["ASM3"]["denominator"]
    readings = {figure["name"]: figure["rate"] for figure in printed["PER2"]["beside"] + printed["MET5"]["beside"]}
    assert len(readings) >= 1


# Groups.


@pytest.mark.parametrize("by", ["center", *BY])
def test_groups_add_up_to_the_whole(found: Adherence, by: str) -> None:
    seen = 0
    for rule_id, document in documents(found, by).items():
        assert document["by"] == by
        if rule_id == "GEN7" and DIVISIONS[by].kind == "property":
            assert document["groups"] == []
            continue
        for name, count in document["counts"].items():
            assert sum(group["counts"][name] for group in document["groups"]) == count
        seen += len(document["groups"])
    assert seen > len(RULES)


def test_centers_are_those_of_the_patients(made: Simulated, found: Adherence, lines: list[Line]) -> None:
    patient = made.cohort.frames["patient"]
    center = dict(zip(patient["patient_id"], patient["center_id"], strict=True))
    of_center = defaultdict(list)
    for line in lines:
        of_center[center[line["patient_id"]]].append(line)
    groups = {group["group"]: group for group in documents(found, "center")["IMG1"]["groups"]}
    assert groups.keys() == of_center.keys()
    for name, own in of_center.items():
        agree(groups[name], "IMG1", counted(own))
        agree(documents(Adherence(found.judged, Selection(center=name)))["FUP2"], "FUP2", counted(own))


def test_a_period_takes_the_episodes_detected_in_it(made: Simulated, found: Adherence, lines: list[Line]) -> None:
    episode = made.cohort.frames["episode"]
    days = {
        (patient, int(number)): day.date()
        for patient, number, day in zip(
            episode["patient_id"], episode["record_no"], episode["detected_on"], strict=True
        )
    }
    first, last = dt.date(2018, 1, 1), dt.date(2019, 6, 30)
    own = [line for line in lines if first <= days[line["patient_id"], line["episode_no"]] <= last]
    chosen = Selection(since=first, until=last)
    assert 0 < len(own) < len(lines)
    for rule_id in ("GEN1", "MOL1", "FUP2"):
        agree(documents(Adherence(found.judged, chosen))[rule_id], rule_id, counted(own))
    picked = list(selected_cases(made.cohort, [RULES["MOL1"]], [Outcome.NON_ADHERENT], chosen, DEFAULT))
    assert picked == [x for x in own if x["rule_id"] == "MOL1" and x["outcome"] == "non_adherent"]
    assert chosen.words == "Detected from 2018-01-01 until 2019-06-30"
    assert Selection(center="A").words == "Center A"


def test_calendar_periods_leave_none_out() -> None:
    days = pd.Series(pd.to_datetime(["2019-12-31", "2020-01-01", None, "2021-07-01"])).astype("datetime64[s]")
    assert period_labels(days, 12).tolist()[:2] == ["2019", "2020"]
    assert period_labels(days, 3).fillna("-").tolist() == ["2019-Q4", "2020-Q1", "-", "2021-Q3"]
    assert period_labels(days, 6).fillna("-").tolist() == ["2019-H2", "2020-H1", "-", "2021-H2"]
    assert period_labels(days, 1).fillna("-").tolist() == ["2019-12", "2020-01", "-", "2021-07"]
    assert periods_between("2019-Q4", "2020-Q3", 3) == ["2019-Q4", "2020-Q1", "2020-Q2", "2020-Q3"]
    assert periods_between("2019-11", "2020-02", 1) == ["2019-11", "2019-12", "2020-01", "2020-02"]
    assert periods_between("2020-H1", "2021-H1", 6) == ["2020-H1", "2020-H2", "2021-H1"]
    assert DIVISIONS["year"].ordered(["2022", UNKNOWN, "2020"]) == ["2020", "2021", "2022", UNKNOWN]


def test_what_is_not_known_is_a_group_of_its_own(found: Adherence) -> None:
    groups = documents(found, "high_cea")["GEN1"]["groups"]
    assert [group["group"] for group in groups] == ["no", "yes", UNKNOWN]
    assert all(group["population"] > 0 for group in groups)


def test_a_division_and_a_chapter_that_do_not_exist() -> None:
    with pytest.raises(UsageError, match="Did you mean route"):
        division("routes")
    assert chapter_named("imaging") == "Imaging and assessment"
    assert chapter_named("metachronous") == "Metachronous"
    for text in ("nowhere", "lung"):
        with pytest.raises(UsageError, match="no such chapter"):
            chapter_named(text)


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

A, N, U, D, P, X, E, O = (
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
        ((A, O, O), A),
        ((A, X, E), A),
        ((A, N, U), N),
        ((N, D, P), N),
        ((A, U, O), U),
        ((A, D, O), U),
        ((P, D, O), U),
        ((A, P, O), P),
        ((O, D, X), D),
        ((O, X, E), O),
        ((Outcome.NO_LINE, A, O), A),
    ],
)
def test_all_or_none(rules: tuple[Outcome, ...], together: Outcome) -> None:
    found = all_or_none([np.array([outcome], dtype=np.int8) for outcome in rules])
    assert Outcome(found[0]) is together


def test_bundles_are_made_of_their_rules(made: Simulated, found: Adherence, lines: list[Line]) -> None:
    of_episode: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in lines:
        if line["part"] is None or line["rule_id"] in WINDOWED:
            of_episode[line["patient_id"], line["episode_no"]][line["rule_id"]].add(line["outcome"])
    printed = {document["bundle_id"]: document for document in found.bundle_documents()}
    assert printed.keys() == BUNDLES.keys()
    for bundle in BUNDLES.values():
        together = [set().union(*(of_rules[id] for id in bundle.rules)) for of_rules in of_episode.values()]
        if bundle.applies is None:
            assert printed[bundle.id]["counts"]["non_adherent"] == sum("non_adherent" in all_ for all_ in together)
        followed = {"adherent", "not_applicable", "excluded", "exception"}
        complete = sum("adherent" in all_ and all_ <= followed for all_ in together)
        assert printed[bundle.id]["counts"]["adherent"] == complete > 0
        assert printed[bundle.id]["population"] == len(of_episode)
        rates = [documents(found)[rule_id]["bound_high"] for rule_id in bundle.rules]
        assert printed[bundle.id]["wide_low"] <= min(rate for rate in rates if rate is not None)


def test_the_mdt_bundle_is_of_treated_episodes() -> None:
    untreated = Adherence(judge([_with_log(Registry().patient().episode(mdt_discussed="no"))]))
    of_mdt = next(document for document in untreated.bundle_documents() if document["bundle_id"] == "MDT")
    assert of_mdt["counts"]["not_applicable"] == of_mdt["population"] == 1
    treated = Adherence(judge([_with_log(Registry().patient().episode(mdt_discussed="no").operation())]))
    of_mdt = next(document for document in treated.bundle_documents() if document["bundle_id"] == "MDT")
    assert of_mdt["counts"]["non_adherent"] == 1


# What is drawn, and the table.


def test_the_funnel_has_the_centers_cases(found: Adherence) -> None:
    for rule_id in ("IMG1", "FUP2", "GEN7"):
        drawn, document = found.funnel(RULES[rule_id]), documents(found, "center")[rule_id]
        rates = {group["group"]: group["rate"] for group in document["groups"]}
        assert {center.label: center.rate for center in drawn.centers} == {
            label: rate for label, rate in rates.items() if rate is not None
        }
        assert drawn.rate == document["rate"]
    assert found.funnel(RULES["FUP2"]).design_effect > 1


def test_the_trend_has_every_period(found: Adherence) -> None:
    chart = found.trend(RULES["IMG1"], DIVISIONS["quarter"])
    labels = [period.label for period in chart.periods]
    assert labels == periods_between(labels[0], labels[-1], 3)
    assert isinstance(chart, ProcessChart)
    document = documents(found)["IMG1"]
    assert sum(period.met for period in chart.periods) == document["counts"]["adherent"]
    assert sum(period.cases for period in found.trend(RULES["GEN7"], DIVISIONS["year"]).periods) > 0


def test_the_flat_table_has_a_row_for_each_figure(found: Adherence) -> None:
    printed = list(found.documents("center"))
    table = flat(printed)
    inner = sum(len(document[name]) for document in printed for name in ("groups", "parts", "beside"))
    assert len(table) == len(printed) + inner
    whole = table[table["group"].isna() & table["part"].isna() & table["beside"].isna()]
    assert whole["rule_id"].tolist() == list(RULES)
    assert whole.set_index("rule_id").loc["IMG1", "rate"] == documents(found)["IMG1"]["rate"]


# Known truth.


def test_known_deviations_are_found_and_nothing_else(made: Simulated, judged: Judged) -> None:
    told = {
        (line["patient_id"], int(line["episode_no"]), line["rule_id"], line["part"] or None): line["outcome"]
        for line in made.truth
        if line["rule_id"] != "entry"
    }
    episodes = list(zip(judged.episodes["patient_id"], judged.episodes["episode_no"].astype(int), strict=True))
    found: Counter[tuple[str, bool, bool]] = Counter()
    different = []
    for key in (Key(rule_id, part) for rule_id in made.tracked for part in (None, *map(str, range(6, 61, 6)))):
        for episode, code in zip(episodes, judged.outcomes.get(key, ()), strict=key not in judged.outcomes):
            expected, outcome = told.get((*episode, key.id, key.part)), Outcome(code)
            if expected == "unstated" or outcome is Outcome.NO_LINE:
                continue
            if expected is None:
                # The truth tells only of cases that a rule may apply to; what is withheld may leave that open.
                expected = "not_applicable" if outcome is not Outcome.UNDETERMINED_DENOMINATOR else outcome.label
            found[key.id, expected == "non_adherent", outcome is Outcome.NON_ADHERENT] += 1
            if expected != outcome.label:
                different.append((episode, key, expected, outcome.label))
    assert different == []
    for rule_id in made.tracked:
        sensitivity = found[rule_id, True, True], found[rule_id, True, False]
        specificity = found[rule_id, False, False], found[rule_id, False, True]
        assert sensitivity[1] == specificity[1] == 0
        assert specificity[0] > 0
    assert sum(found[rule_id, True, True] > 0 for rule_id in made.tracked) > 20
