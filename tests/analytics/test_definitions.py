"""Hand-made cases of every definition: yes, no and undetermined, both sides of each limit, and other readings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.consensus.definitions import Definitions
from analytics.consensus.factors import FACTORS
from analytics.consensus.facts import Facts
from analytics.consensus.readings import DEFAULT, Readings
from tests.analytics.hand import Registry

FOUND = "2020-06-01"
"""The day on which the lung metastases of the cases below are found."""


def case(*, primary: dict[str, str] | None = None, resected: str = "", **episode: str) -> Registry:
    """One patient with isolated, resectable, metachronous lung metastases, found 2020-06-01; blank: not recorded."""
    usual = {"diagnosed_on": "2019-01-10", "workup_completed_on": "2019-02-01", "site": "rectum"}
    made = Registry().patient().row("primary_tumor", **(usual | (primary or {})))
    if resected:
        made.row("local_treatment", target="primary", modality="resection", intent="radical", started_on=resected)
    recorded = {
        "other_sites_assessed": "yes",
        "lymphangitic": "no",
        "resectability": "resectable",
        "prior_polymetastatic": "no",
        "progressing_lesion": "no",
    }
    return made.episode(FOUND, **(recorded | episode))


class Classified:
    """What one of the patient's episodes is; only what is asked for is computed."""

    def __init__(self, made: Registry, readings: Readings, number: int) -> None:
        self.definitions = Definitions(Facts(made.frames(), readings))
        numbers = list(self.definitions.facts.episodes.rows["record_no"])
        self.row = numbers.index(number)

    def __getitem__(self, name: str) -> Any:
        """The value of a definition or a factor; None where there is none."""
        if name in FACTORS:
            values = FACTORS[name].of(self.definitions.facts.episodes)
        else:
            values = getattr(self.definitions, name).values
        value = values.astype(object).iloc[self.row]
        return None if pd.isna(value) else value

    def because(self, name: str) -> str:
        """Why a definition came out as it did."""
        return str(getattr(self.definitions, name).because(np.array([self.row]))[0])


def document(made: Registry, readings: Readings = DEFAULT, number: int = 1) -> Classified:
    return Classified(made, readings, number)


def reason(made: Registry, name: str) -> str:
    return document(made).because(name)


# Timing and subtype.


@pytest.mark.parametrize(
    ("workup", "treated", "timing"),
    [
        ("2020-05-31", "", "metachronous"),
        ("2020-06-01", "", "synchronous"),
        ("2020-06-02", "", "synchronous"),
        ("", "2020-06-01", "synchronous"),
        ("UNK", "2020-05-31", "metachronous"),
        ("", "", "undetermined"),
        ("UNK", "NAP", "undetermined"),
    ],
)
def test_synchronous_until_the_last_day_of_the_workup(workup: str, treated: str, timing: str) -> None:
    made = case(primary={"workup_completed_on": workup, "first_treated_on": treated})
    assert document(made)["timing"] == timing


def test_timing_says_what_it_was_read_from_and_what_to_fill() -> None:
    shown = reason(case(), "timing")
    assert "episode.detected_on 2020-06-01" in shown
    assert "primary_tumor.workup_completed_on 2019-02-01" in shown
    blank = reason(case(primary={"workup_completed_on": "UNK"}), "timing")
    assert blank.endswith("workup_completed_on UNK), fill primary_tumor.workup_completed_on")


@pytest.mark.parametrize(
    ("limit", "diagnosed", "timing"),
    [
        ("six_months", "2019-12-01", "synchronous"),
        ("six_months", "2019-11-30", "metachronous"),
        ("ninety_days", "2020-03-03", "synchronous"),
        ("ninety_days", "2020-03-02", "metachronous"),
        ("ninety_days", "", "undetermined"),
    ],
)
def test_synchronous_by_a_fixed_time(limit: str, diagnosed: str, timing: str) -> None:
    found = document(case(primary={"diagnosed_on": diagnosed}), Readings(synchronous_limit=limit))
    assert found["timing"] == timing


def test_subtype_after_resection() -> None:
    assert document(case(resected=FOUND))["subtype"] == "after_resection"
    assert document(case(resected="2020-06-02"))["subtype"] == "gap"
    assert document(case(resected="UNK"))["subtype"] is None
    emergency = case().row(
        "local_treatment", target="primary", modality="resection", intent="emergency", started_on="2020-01-01"
    )
    assert document(emergency)["subtype"] == "after_resection"


@pytest.mark.parametrize("changes", [{"residual_tumor": "R2"}, {"intent": "palliative"}])
def test_a_resection_that_leaves_the_primary(changes: dict[str, str]) -> None:
    made = case(resected="2020-01-01")
    made.rows["local_treatment"][0] |= changes
    assert document(made)["subtype"] == "gap"


@pytest.mark.parametrize(
    ("intent", "started_on", "subtype"),
    [
        ("preoperative", "2020-06-01", "during_neoadjuvant"),
        ("postoperative", "2020-01-01", "during_neoadjuvant"),
        ("preoperative", "2020-06-02", "gap"),
        ("palliative", "2020-01-01", "gap"),
        ("", "2020-01-01", None),
        ("preoperative", "UNK", None),
    ],
)
def test_subtype_during_neoadjuvant_systemic_therapy(intent: str, started_on: str, subtype: str | None) -> None:
    made = case().row("systemic_therapy", intent=intent, started_on=started_on)
    assert document(made)["subtype"] == subtype


def test_subtype_during_radiotherapy_of_the_primary() -> None:
    radiotherapy = {"target": "primary", "modality": "radiotherapy"}
    assert document(case().row("local_treatment", started_on=FOUND, **radiotherapy))["subtype"] == "during_neoadjuvant"
    assert document(case().row("local_treatment", started_on="2020-06-02", **radiotherapy))["subtype"] == "gap"
    assert document(case().row("local_treatment", started_on="", **radiotherapy))["subtype"] is None


def test_a_gap_can_be_read_as_synchronous() -> None:
    readings = Readings(gap_timing="synchronous")
    assert document(case(), readings)["timing"] == "synchronous"
    assert document(case(resected="2020-01-01"), readings)["timing"] == "metachronous"


# Sequence.


@pytest.mark.parametrize(("found", "sequence"), [("2020-04-30", "non_initial"), ("2020-05-01", "initial")])
def test_thirty_one_days_between_sites_are_one_staging_episode(found: str, sequence: str) -> None:
    made = case().row("metastasis", site="liver", detected_on=found)
    assert document(made)["sequence"] == sequence


def test_an_earlier_site_counts_when_it_was_resolved_and_only_after_the_workup() -> None:
    gone = {"site": "liver", "detected_on": "2019-06-01", "resolved_on": "2019-12-01"}
    assert document(case().row("metastasis", **gone))["sequence"] == "non_initial"
    synchronous = case(primary={"workup_completed_on": FOUND}).row("metastasis", **gone)
    assert document(synchronous)["sequence"] == "initial"


def test_sequence_without_a_complete_list() -> None:
    assert document(case(other_sites_assessed=""))["sequence"] == "undetermined"
    assert document(case(other_sites_assessed="no"))["sequence"] == "undetermined"
    undated = case().row("metastasis", site="liver", detected_on="UNK")
    assert document(undated)["sequence"] == "undetermined"
    assert "fill metastasis.detected_on" in reason(undated, "sequence")


def test_an_earlier_episode_of_the_lungs_alone_does_not_make_a_later_one_non_initial() -> None:
    made = case().episode("2022-01-01", other_sites_assessed="yes")
    assert document(made, number=2)["sequence"] == "initial"


def test_strict_order_of_sites() -> None:
    made = case().row("metastasis", site="liver", detected_on="2020-05-31")
    assert document(made, Readings(same_episode_days=0))["sequence"] == "non_initial"


# Extent and sites.


def _sites(*sites: tuple[str, str, str], assessed: str = "yes") -> Registry:
    made = case(other_sites_assessed=assessed)
    for site, found, resolved in sites:
        made.row("metastasis", site=site, detected_on=found, resolved_on=resolved)
    return made


@pytest.mark.parametrize(
    ("sites", "number"),
    [
        ((), 0),
        ((("liver", FOUND, ""),), 1),
        ((("liver", FOUND, ""), ("liver", FOUND, "")), 1),
        ((("liver", FOUND, ""), ("bone", FOUND, "")), 2),
        ((("peritoneum", FOUND, ""), ("pelvic_implant", FOUND, "")), 2),
        ((("liver", "2020-07-02", ""),), 1),
        ((("liver", "2020-07-03", ""),), 0),
        ((("liver", "2020-05-20", "2020-05-31"),), 0),
        ((("liver", "2020-05-20", "2020-06-01"),), 1),
        ((("liver", "2020-05-20", "NAP"),), 1),
        ((("liver", "2020-05-20", "UNK"),), None),
        ((("liver", "2020-05-20", "UNK"), ("liver", FOUND, "")), 1),
        ((("UNK", FOUND, ""),), 1),
        ((("UNK", FOUND, ""), ("liver", FOUND, "")), None),
        ((("liver", "UNK", ""),), None),
    ],
)
def test_active_extrapulmonary_sites(sites: tuple[tuple[str, str, str], ...], number: int | None) -> None:
    found = document(_sites(*sites))
    assert found["extrapulmonary_sites"] == number
    if number is not None:
        assert found["extent"] == ("non_isolated" if number else "isolated")
        assert found["oligometastatic"] == (number < 2)


def test_an_incomplete_list_says_only_what_its_rows_say() -> None:
    none, one = _sites(assessed=""), _sites(("liver", FOUND, ""), assessed="")
    two = _sites(("liver", FOUND, ""), ("bone", FOUND, ""), assessed="no")
    assert [document(made)["extent"] for made in (none, one, two)] == ["undetermined", "non_isolated", "non_isolated"]
    assert [document(made)["oligometastatic"] for made in (none, one, two)] == [None, None, False]
    assert [document(made)["extrapulmonary_sites"] for made in (none, one, two)] == [None, None, None]
    assert [document(made)["route"] for made in (none, one)] == ["undetermined", "undetermined"]
    synchronous = {"workup_completed_on": FOUND}
    for made, route in ((one, "undetermined"), (two, "R-MUL")):
        made.rows["primary_tumor"][0] |= synchronous
        assert document(made)["route"] == route
    assert "fill episode.other_sites_assessed" in reason(one, "route")


def test_peritoneum_and_pelvis_can_be_read_as_one_site() -> None:
    made = _sites(("peritoneum", FOUND, ""), ("pelvic_implant", FOUND, ""))
    found = document(made, Readings(peritoneum_and_pelvis="one_site"))
    assert (found["extrapulmonary_sites"], found["oligometastatic"]) == (1, True)


@pytest.mark.parametrize(("pleural", "number"), [("yes", 1), ("no", 0), ("NAP", 0), ("", None)])
def test_the_pleura_can_be_read_as_a_site(pleural: str, number: int | None) -> None:
    made = case(pleural_metastases=pleural)
    assert document(made)["extrapulmonary_sites"] == 0
    assert document(made, Readings(pleura_is_site=True))["extrapulmonary_sites"] == number


# The primary.


@pytest.mark.parametrize(
    ("site", "height", "holds"),
    [
        ("rectum", "10.0", True),
        ("rectum", "10.1", False),
        ("rectum", "", None),
        ("rectosigmoid_junction", "9", False),
        ("sigmoid_colon", "", False),
        ("", "9", None),
        ("UNK", "11", False),
        ("rectum", "NAP", None),
    ],
)
def test_middle_or_low_rectum(site: str, height: str, holds: bool | None) -> None:
    assert document(case(primary={"site": site, "rectal_height_cm": height}))["mid_low_rectum"] is holds


@pytest.mark.parametrize(
    ("c_t", "c_n", "holds"),
    [
        ("T3", "N0", True),
        ("T4b", "", True),
        ("T2", "N1c", True),
        ("", "N2", True),
        ("TX", "N1", True),
        ("T2", "N0", False),
        ("Tis", "N0", False),
        ("T0", "N0", False),
        ("T2", "NX", None),
        ("T2", "", None),
        ("TX", "N0", None),
        ("UNK", "N0", None),
        ("", "", None),
    ],
)
def test_locally_advanced(c_t: str, c_n: str, holds: bool | None) -> None:
    assert document(case(primary={"c_t": c_t, "c_n": c_n}))["locally_advanced"] is holds


def test_the_pathological_stage_can_be_read_without_preoperative_treatment() -> None:
    made = case(primary={"c_t": "T3", "c_n": "N0", "p_t": "T2", "p_n": "N0"}, resected="2019-03-01")
    readings = Readings(stage_of_primary="pathological")
    assert document(made)["locally_advanced"] is True
    assert document(made, readings)["locally_advanced"] is False
    made.row("systemic_therapy", intent="preoperative", started_on="2019-02-10")
    assert document(made, readings)["locally_advanced"] is True


# Routes.


def test_without_lung_metastases_there_is_no_route() -> None:
    assert document(case(lung_involved="no", lymphangitic=""))["route"] == "none"
    unknown = document(case(lung_involved="UNK"))
    assert (unknown["route"], unknown["lung_involved"]) == ("undetermined", None)


def test_lymphangitic_comes_first() -> None:
    made = case(lymphangitic="yes", other_sites_assessed="")
    assert document(made)["route"] == "R-LYM"
    assert document(case(lymphangitic="ND"))["route"] == "undetermined"
    assert "fill episode.lymphangitic" in reason(case(lymphangitic=""), "route")


def test_non_initial_comes_before_the_number_of_sites() -> None:
    made = _sites(("liver", "2019-06-01", ""), ("bone", FOUND, ""))
    assert document(made)["route"] == "R-NIN"


@pytest.mark.parametrize(
    ("sites", "route"), [(("liver",), "R-LIV"), (("ovary",), "R-LIV"), (("peritoneum", "pelvic_implant"), "R-MUL")]
)
def test_routes_by_the_number_of_other_sites(sites: tuple[str, ...], route: str) -> None:
    assert document(_sites(*((site, FOUND, "") for site in sites)))["route"] == route


@pytest.mark.parametrize(
    ("resectability", "route"),
    [
        ("resectable", "R-SYN"),
        ("potentially_resectable", "R-POT"),
        ("unresectable", "R-UNR"),
        ("", "undetermined"),
        ("UNK", "undetermined"),
    ],
)
def test_routes_of_isolated_metastases_with_the_primary_in_situ(resectability: str, route: str) -> None:
    synchronous = case(primary={"workup_completed_on": FOUND}, resectability=resectability)
    assert document(synchronous)["route"] == route
    gap = case(resectability=resectability)
    assert (document(gap)["subtype"], document(gap)["route"]) == ("gap", route)
    during = case(resectability=resectability).row("systemic_therapy", intent="preoperative", started_on="2020-05-01")
    assert (document(during)["subtype"], document(during)["route"]) == ("during_neoadjuvant", route)


@pytest.mark.parametrize(
    ("recurrence", "resectability", "route"),
    [
        ("none", "resectable", "R-MET"),
        ("none", "potentially_resectable", "R-POT"),
        ("none", "unresectable", "R-UNR"),
        ("resectable", "resectable", "R-SYN"),
        ("resectable", "potentially_resectable", "R-POT"),
        ("unresectable", "resectable", "R-UNR"),
        ("unresectable", "potentially_resectable", "R-UNR"),
        ("unresectable", "", "R-UNR"),
        ("", "resectable", "undetermined"),
        ("", "unresectable", "R-UNR"),
        ("NAP", "resectable", "undetermined"),
    ],
)
def test_routes_after_the_resection_of_the_primary(recurrence: str, resectability: str, route: str) -> None:
    made = case(resected="2019-03-01", local_recurrence=recurrence, resectability=resectability)
    assert document(made)["route"] == route


def test_a_blank_recurrence_means_none_only_while_the_primary_is_in_situ() -> None:
    assert document(case(local_recurrence=""))["route"] == "R-SYN"
    undated = case(resected="UNK", local_recurrence="")
    assert document(undated)["route"] == "undetermined"
    assert "fill episode.local_recurrence" in reason(undated, "route")


@pytest.mark.parametrize(
    ("curable", "therapy", "route"),
    [
        ("no", {"started_on": "2020-06-10"}, "R-UNR"),
        ("no", {"started_on": "2019-06-10", "ended_on": FOUND}, "R-UNR"),
        ("no", {"started_on": "2019-06-10"}, "R-UNR"),
        ("no", {"started_on": "2019-06-10", "ended_on": "2020-05-31", "intent": "palliative"}, "R-SYN"),
        ("no", {"started_on": "2019-06-10", "ended_on": "2020-05-31", "intent": "preoperative"}, "R-UNR"),
        ("no", {"started_on": "2019-06-10", "ended_on": "UNK", "intent": "palliative"}, "undetermined"),
        ("no", {"started_on": "UNK"}, "undetermined"),
        ("no", {"started_on": "UNK", "episode_no": "1"}, "R-UNR"),
        ("no", None, "R-SYN"),
        ("yes", {"started_on": "2020-06-10"}, "R-SYN"),
        ("", {"started_on": "2020-06-10"}, "R-SYN"),
    ],
)
def test_a_primary_that_stays_incurable(curable: str, therapy: dict[str, str] | None, route: str) -> None:
    made = case(primary={"curable": curable})
    if therapy is not None:
        made.row("systemic_therapy", **therapy)
    assert document(made)["route"] == route


def test_pleural_metastases_change_no_route() -> None:
    assert document(case(pleural_metastases="yes"))["route"] == "R-SYN"


@pytest.mark.parametrize(
    ("resectability", "therapy", "operation", "converted"),
    [
        ("potentially_resectable", "2020-07-01", {"started_on": "2020-12-01"}, True),
        ("unresectable", "2020-07-01", {"started_on": "2020-12-01"}, True),
        ("resectable", "2020-07-01", {"started_on": "2020-12-01"}, False),
        ("unresectable", "2020-07-01", {"started_on": "2020-07-01"}, False),
        ("unresectable", "", {"started_on": "2020-12-01"}, False),
        ("unresectable", "2020-07-01", {"started_on": "2020-12-01", "intent": "palliative"}, False),
        ("unresectable", "2020-07-01", {"started_on": "2020-12-01", "intent": ""}, None),
        ("unresectable", "2020-07-01", {"started_on": "", "episode_no": "1"}, None),
        ("unresectable", "UNK", {"started_on": "2020-12-01"}, None),
        ("unresectable", "2020-07-01", None, False),
    ],
)
def test_conversion_is_shown_beside_the_route(
    resectability: str, therapy: str, operation: dict[str, str] | None, converted: bool | None
) -> None:
    made = case(resectability=resectability)
    if therapy:
        made.row("systemic_therapy", started_on=therapy)
    if operation is not None:
        made.operation(**operation)
    found = document(made)
    assert found["converted"] is converted
    assert found["route"] == {"potentially_resectable": "R-POT", "unresectable": "R-UNR"}.get(resectability, "R-SYN")


# Disease-free interval.


def test_the_interval_runs_from_the_resection() -> None:
    found = document(case(resected="2018-06-01"))
    assert (found["dfi_days"], found["short_dfi"]) == (731, False)
    assert document(case(resected="2018-06-02"))["short_dfi"] is True
    assert document(case())["dfi_days"] is None
    assert document(case(resected="2018-06-01", primary={"workup_completed_on": FOUND}))["dfi_days"] is None
    assert document(case(resected="2018-06-01", primary={"workup_completed_on": ""}))["dfi_days"] is None


def test_other_readings_of_the_interval() -> None:
    made = case(resected="2018-06-01").row(
        "systemic_therapy", intent="postoperative", started_on="2018-07-01", ended_on="2018-12-01"
    )
    found = document(made, Readings(dfi_start="adjuvant_end"))
    assert (found["dfi_days"], found["short_dfi"]) == (548, True)
    synchronous = case(primary={"workup_completed_on": FOUND})
    found = document(synchronous, Readings(dfi_of_synchronous="zero"))
    assert (found["dfi_days"], found["short_dfi"]) == (0, True)


# The ESTRO/EORTC class.


@pytest.mark.parametrize(
    ("diagnosed", "omd_class"),
    [
        ("2019-12-01", "de_novo_synchronous"),
        ("2019-11-30", "de_novo_metachronous_oligorecurrence"),
        ("2021-01-01", "de_novo_synchronous"),
        ("", "undetermined"),
    ],
)
def test_de_novo_within_six_months_of_the_diagnosis(diagnosed: str, omd_class: str) -> None:
    assert document(case(primary={"diagnosed_on": diagnosed}))["omd_class"] == omd_class


UNDER = {"started_on": "2020-01-01", "ended_on": FOUND}


@pytest.mark.parametrize(
    ("state", "therapy", "progressing", "omd_class"),
    [
        ("de_novo_metachronous", UNDER, "yes", "de_novo_metachronous_oligoprogression"),
        ("de_novo_metachronous", UNDER, "no", "undetermined"),
        ("de_novo_metachronous", {**UNDER, "ended_on": "2020-05-31"}, "yes", "de_novo_metachronous_oligorecurrence"),
        ("de_novo_metachronous", {**UNDER, "ended_on": ""}, "yes", "de_novo_metachronous_oligoprogression"),
        ("de_novo_metachronous", {**UNDER, "ended_on": "UNK"}, "yes", "undetermined"),
        ("repeat", None, "", "repeat_oligorecurrence"),
        ("repeat", UNDER, "yes", "repeat_oligoprogression"),
        ("repeat", UNDER, "no", "repeat_oligopersistence"),
        ("repeat", UNDER, "", "undetermined"),
        ("induced", None, "", "induced_oligorecurrence"),
        ("induced", UNDER, "yes", "induced_oligoprogression"),
        ("induced", UNDER, "no", "induced_oligopersistence"),
        ("unknown", None, "no", "undetermined"),
    ],
)
def test_classes_by_what_happened_under_therapy(
    state: str, therapy: dict[str, str] | None, progressing: str, omd_class: str
) -> None:
    polymetastatic = {"induced": "yes", "unknown": ""}.get(state, "no")
    made = case(record_no="2", prior_polymetastatic=polymetastatic, progressing_lesion=progressing)
    if state in ("repeat", "induced"):
        made.episode("2019-06-01", record_no="1")
    if therapy is not None:
        made.row("systemic_therapy", **therapy)
    assert document(made, number=2)["omd_class"] == omd_class


def test_two_other_sites_are_outside_and_an_open_list_may_be() -> None:
    assert document(_sites(("liver", FOUND, ""), ("bone", FOUND, ""), assessed=""))["omd_class"] == "outside"
    assert document(_sites(("liver", FOUND, "")))["omd_class"] == "de_novo_metachronous_oligorecurrence"
    assert document(_sites(assessed=""))["omd_class"] == "undetermined"


def test_on_the_same_day_the_lower_number_is_the_earlier_episode() -> None:
    made = case().episode(FOUND, other_sites_assessed="yes", prior_polymetastatic="no")
    assert document(made, number=1)["omd_class"] == "de_novo_metachronous_oligorecurrence"
    assert document(made, number=2)["omd_class"] == "repeat_oligorecurrence"
    made.rows["episode"][0]["detected_on"] = "UNK"
    assert document(made, number=2)["omd_class"] == "undetermined"
