"""The roll-up of the rules: counted once more from the case lines, divided, drawn and as a table."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pandas as pd
import pytest

from analytics.adherence import Adherence, Selection, chapter_named, flat, selected_cases
from analytics.audit.divisions import DIVISIONS, UNKNOWN, division, period_labels, periods_between
from analytics.audit.judged import Judged, judge
from analytics.audit.trend import ProcessChart
from analytics.consensus.readings import DEFAULT
from analytics.consensus.rules import CHAPTERS, RULES
from analytics.consensus.verdicts import OUTCOMES, Outcome
from registry.errors import UsageError
from tests.analytics.simulated import Simulated, simulated

ALL = tuple(RULES.values())
WINDOWED = [rule.id for rule in ALL if rule.by_window]
BY = ("year", "quarter", "route", "timing", "sex", "high_cea", "subtype")

Line = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulated(tmp_path_factory.mktemp("simulated"), patients=220, seed=11)


@pytest.fixture(scope="module")
def judged(made: Simulated) -> Judged:
    return judge([made.cohort], by=BY)


@pytest.fixture(scope="module")
def found(judged: Judged) -> Adherence:
    return Adherence(judged)


@pytest.fixture(scope="module")
def lines(made: Simulated) -> list[Line]:
    return list(selected_cases(made.cohort, ALL, OUTCOMES, Selection()))


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
    windows = len(DEFAULT.surveillance_half_yearly_months) + len(DEFAULT.surveillance_yearly_months)
    assert parts == sum(len(rule.parts) for rule in ALL) + windows


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
    picked = list(selected_cases(made.cohort, [RULES["MOL1"]], [Outcome.NON_ADHERENT], chosen))
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


# What is drawn, and the table.


def test_the_funnel_has_the_centers_cases(found: Adherence) -> None:
    printed = documents(found, "center")
    for rule_id in ("IMG1", "FUP2", "GEN7"):
        drawn, document = found.funnel(RULES[rule_id]), printed[rule_id]
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
