"""The twelve factors of the consensus: true, false, not known, every limit, and what they read."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import FACTORS
from analytics.grouping import GROUPINGS
from registry.fields import MISSING_CODES
from registry.tables.primary_tumor import PrimaryTumor
from tests.analytics.hand import Registry

Answer = bool | None
MISSING = ["", *sorted(MISSING_CODES)]


def answers(registry: Registry, name: str, cut: str = "2025-12-31") -> list[Answer]:
    """The factor of each episode."""
    column = FACTORS[name].of(Episodes(registry.cohort(cut).frames))
    assert column.dtype == "boolean"
    return [None if pd.isna(value) else bool(value) for value in column]


def of_episode(name: str, **cells: str) -> Answer:
    return answers(Registry().patient().episode(**cells), name)[0]


def of_primary(name: str, **cells: str) -> Answer:
    return answers(Registry().patient().row("primary_tumor", **cells).episode(), name)[0]


def of_operations(name: str, *operations: dict[str, str]) -> Answer:
    made = Registry().patient().episode()
    for cells in operations:
        made.operation(**cells)
    return answers(made, name)[0]


def test_there_are_twelve_and_each_divides_into_no_and_yes() -> None:
    assert len(FACTORS) == 12
    for name, factor in FACTORS.items():
        assert GROUPINGS[name].words == {"no": factor.no, "yes": factor.yes}
        assert GROUPINGS[name].fixed is factor.fixed


@pytest.mark.parametrize(
    ("name", "cells", "answer"),
    [
        ("multiple_lesions", {"lesion_count": "1"}, False),
        ("multiple_lesions", {"lesion_count": "2"}, True),
        ("more_than_three_lesions", {"lesion_count": "3"}, False),
        ("more_than_three_lesions", {"lesion_count": "4"}, True),
        ("more_than_four_or_bilateral", {"lesion_count": "4", "laterality": "left"}, False),
        ("more_than_four_or_bilateral", {"lesion_count": "5", "laterality": "right"}, True),
        ("more_than_four_or_bilateral", {"lesion_count": "2", "laterality": "bilateral"}, True),
        ("more_than_four_or_bilateral", {"laterality": "bilateral"}, True),
        ("more_than_four_or_bilateral", {"lesion_count": "5"}, True),
        ("more_than_four_or_bilateral", {"lesion_count": "4"}, None),
        ("more_than_four_or_bilateral", {"laterality": "left"}, None),
        ("thoracic_nodes", {"thoracic_nodes": "confirmed"}, True),
        ("thoracic_nodes", {"thoracic_nodes": "none"}, False),
        ("thoracic_nodes", {"thoracic_nodes": "suspected"}, None),
        ("high_cea", {"cea_ng_ml": "5"}, False),
        ("high_cea", {"cea_ng_ml": "5.1"}, True),
    ],
)
def test_limits_of_the_episode(name: str, cells: dict[str, str], answer: Answer) -> None:
    assert of_episode(name, **cells) is answer


@pytest.mark.parametrize("code", MISSING)
def test_a_missing_value_is_no_value(code: str) -> None:
    made = Registry().patient(birth_date=code)
    made.row("primary_tumor", p_n=code, c_n=code, site=code, workup_completed_on=code, first_treated_on=code)
    made.episode(
        detected_on=code,
        lesion_count=code,
        laterality=code,
        largest_mm=code,
        thoracic_nodes=code,
        cea_ng_ml=code,
    )
    made.operation(episode_no="1", residual_tumor=code, procedure=code)
    # Another patient of whom all is known, in the same cohort.
    made.patient("P2").row("primary_tumor", "P2", site="rectum", c_n="N1", workup_completed_on="2018-02-01")
    made.episode("2020-03-15", "P2", lesion_count="5", thoracic_nodes="confirmed", cea_ng_ml="9", largest_mm="9")
    made.operation("2018-04-01", "P2", target="primary")
    made.operation("2020-04-01", "P2", residual_tumor="R1", procedure="lobectomy")
    expected = {name: [None, name not in ("large_tumor", "older_than_70")] for name in FACTORS}
    assert {name: answers(made, name) for name in FACTORS} == expected
    assert answers(Registry().patient().episode(code), "older_than_70") == [None]
    assert dfis({"detected_on": code}, {"workup": code}, {"resected": code}) == [None, None, None]


def test_the_median_diameter_is_that_of_all_lung_episodes_at_the_cut() -> None:
    made = Registry()
    for name, size in (("P1", "10"), ("P2", "20"), ("P3", "30"), ("P4", "UNK")):
        made.patient(name).episode(patient_id=name, largest_mm=size)
    made.patient("P5").episode(patient_id="P5", lung_involved="no")
    made.row("metastasis", "P5", site="liver", detected_on="2020-01-10", largest_mm="21")
    made.patient("P6").episode("2024-01-01", "P6", largest_mm="25")
    assert answers(made, "large_tumor", cut="2023-12-31") == [False, False, True, None, True]
    assert answers(made, "large_tumor") == [False, False, True, None, False, True]  # the median is 22.5 now
    assert answers(Registry().patient().episode(lung_involved="no"), "large_tumor") == [None]
    made.patient("P7", consent_status="withdrawn").episode(patient_id="P7", largest_mm="1")
    assert answers(made, "large_tumor") == [False, False, True, None, False, True]


def dfis(*cases: dict[str, str]) -> list[tuple[int, Answer] | None]:
    """For a patient each, the days of the interval and whether it is short; None where both are not known."""
    made = Registry()
    for at, case in enumerate(cases):
        name, resection = f"P{at:02}", {"target": "primary"} | case
        made.patient(name).row(
            "primary_tumor",
            name,
            workup_completed_on=resection.pop("workup", "2018-02-01"),
            first_treated_on=resection.pop("first_treated", ""),
        )
        made.episode(resection.pop("detected_on", "2020-03-15"), name)
        made.operation(resection.pop("resected", "2018-03-15"), name, **resection)
    days, short = Episodes(made.cohort().frames).dfi_days, answers(made, "short_dfi")
    assert days.isna().tolist() == [answer is None for answer in short]
    return [None if answer is None else (int(found), answer) for found, answer in zip(days, short, strict=True)]


def test_24_calendar_months() -> None:
    cases = [
        ("2018-03-15", "2020-03-15", False),  # 24 months to the day
        ("2018-03-15", "2020-03-14", True),
        ("2018-02-28", "2020-02-28", False),
        ("2018-02-28", "2020-02-27", True),
        ("2018-08-31", "2020-08-30", True),
        ("2018-08-31", "2020-08-31", False),
        ("2016-02-29", "2018-02-28", False),  # the month has no 29th: its last day
        ("2016-02-29", "2018-02-27", True),
    ]
    found = dfis(*({"resected": first, "detected_on": then, "workup": "2016-01-01"} for first, then, _ in cases))
    assert found == [((pd.Timestamp(then) - pd.Timestamp(first)).days, short) for first, then, short in cases]


def test_no_interval_where_synchronous_or_in_situ() -> None:
    cases: list[tuple[dict[str, str], tuple[int, Answer] | None]] = [
        ({}, (731, False)),
        ({"workup": "2020-03-15"}, None),
        ({"workup": "2020-03-14"}, (731, False)),
        ({"workup": "", "first_treated": "2020-03-15"}, None),
        ({"workup": "UNK", "first_treated": "2018-02-01"}, (731, False)),
        ({"workup": "2018-02-01", "first_treated": "2020-03-15"}, (731, False)),
        ({"resected": "2020-03-16"}, None),
        ({"resected": "2020-03-15"}, (0, True)),
        ({"residual_tumor": "R2"}, None),
        ({"residual_tumor": "R1"}, (731, False)),
        ({"residual_tumor": "RX"}, (731, False)),
        ({"intent": "palliative"}, None),
        ({"intent": "emergency"}, (731, False)),
        ({"intent": ""}, (731, False)),
        ({"target": "local_recurrence"}, None),
        ({"modality": "stent"}, None),
    ]
    assert dfis(*(case for case, _ in cases)) == [expected for _, expected in cases]


def test_the_interval_of_a_later_episode_counts_from_the_first_resection_too() -> None:
    made = Registry().patient().row("primary_tumor", workup_completed_on="2018-02-01")
    made.operation("2018-03-15", target="primary").operation("2019-03-15", target="primary")
    made.episode("2019-06-01").episode("2021-06-01")
    assert answers(made, "short_dfi") == [True, False]


def test_a_resection_without_a_date_beside_a_dated_one() -> None:
    made = Registry().patient().row("primary_tumor", workup_completed_on="2018-02-01").episode()
    made.operation("UNK", target="primary")
    assert Episodes(made.cohort().frames).primary_in_situ.isna().all()
    made.operation("2018-03-15", target="primary")
    assert answers(made, "short_dfi") == [True]


@pytest.mark.parametrize(
    ("born", "detected_on", "answer"),
    [
        ("1949-01-11", "2020-01-10", False),  # 70 years and 364 days
        ("1949-01-10", "2020-01-10", True),  # 71 that day
        ("1949-01-09", "2020-01-10", True),
        ("1950-01-10", "2020-01-10", False),  # 70 that day
        ("1948-02-29", "2019-02-28", False),
        ("1948-02-29", "2019-03-01", True),
    ],
)
def test_age_in_completed_years(born: str, detected_on: str, answer: Answer) -> None:
    assert answers(Registry().patient(birth_date=born).episode(detected_on), "older_than_70") == [answer]


def test_age_is_that_at_the_first_lung_operation() -> None:
    made = Registry().patient(birth_date="1949-02-01").episode("2020-01-10")
    assert answers(made, "older_than_70") == [False]
    made.operation("2020-01-20", target="liver").operation("UNK").operation("2020-05-01")
    assert answers(made, "older_than_70") == [True]
    made.operation("2020-01-31", intent="palliative")
    assert answers(made, "older_than_70") == [False]


@pytest.mark.parametrize(
    ("p_n", "c_n", "answer"),
    [
        ("N1a", "N0", True),
        ("N0", "N2", False),
        ("NX", "N1c", True),
        ("", "N0", False),
        ("ND", "N2b", True),
        ("N0", "", False),
        ("NX", "NX", None),
        ("", "NX", None),
    ],
)
def test_nodes_of_the_primary_pathological_before_clinical(p_n: str, c_n: str, answer: Answer) -> None:
    assert of_primary("advanced_primary", p_n=p_n, c_n=c_n) is answer


def test_every_stage_of_the_nodes_is_read() -> None:
    made, codes = Registry(), PrimaryTumor.fields["p_n"].codes
    for code in codes:
        made.patient(code).row("primary_tumor", code, p_n=code).episode(patient_id=code)
    expected = {"NX": None, "N0": False}
    assert answers(made, "advanced_primary") == [expected.get(code, True) for code in codes]


def test_the_rectosigmoid_junction_is_colon() -> None:
    made, codes = Registry(), PrimaryTumor.fields["site"].codes
    for code in codes:
        made.patient(code).row("primary_tumor", code, site=code).episode(patient_id=code)
    assert answers(made, "rectal_primary") == [code == "rectum" for code in codes]


def test_without_a_row_of_the_primary() -> None:
    for name in ("advanced_primary", "rectal_primary", "short_dfi"):
        assert answers(Registry().patient().episode(), name) == [None]


@pytest.mark.parametrize(
    ("residuals", "answer"),
    [
        (["R0"], False),
        (["R1"], True),
        (["R2"], True),
        (["RX"], None),
        ([""], None),
        (["R0", "R1"], True),
        (["RX", "R2"], True),
        (["R0", "RX"], None),
        (["R0", "R0"], False),
        ([], None),
    ],
)
def test_residual_tumor_of_all_lung_operations(residuals: list[str], answer: Answer) -> None:
    assert of_operations("incomplete_resection", *({"residual_tumor": code} for code in residuals)) is answer


@pytest.mark.parametrize(
    ("procedures", "answer"),
    [
        (["wedge"], False),
        (["segmentectomy"], False),
        (["lobectomy"], True),
        (["pneumonectomy"], True),
        (["other"], None),
        (["wedge", "lobectomy"], True),
        (["wedge", "segmentectomy"], False),
        (["wedge", ""], None),
        ([], None),
    ],
)
def test_procedures_of_all_lung_operations(procedures: list[str], answer: Answer) -> None:
    assert of_operations("lobectomy", *({"procedure": code} for code in procedures)) is answer


def test_only_resections_of_the_lung_are_lung_operations() -> None:
    for cells in ({"target": "liver"}, {"modality": "sbrt"}, {"modality": ""}):
        assert of_operations("lobectomy", {"procedure": "lobectomy"} | cells) is None
    assert of_operations("lobectomy", {"procedure": "lobectomy", "intent": "palliative"}) is True


def test_operations_belong_to_their_episode() -> None:
    made = Registry().patient().episode("2020-01-10").episode("2021-01-10")
    made.operation("2020-02-01", procedure="wedge").operation("2021-01-10", procedure="lobectomy")
    assert answers(made, "lobectomy") == [False, True]
    made = Registry().patient().episode("2020-01-10").episode("2021-01-10")
    made.operation("2021-02-01", procedure="lobectomy", episode_no="1").operation("2019-12-31", procedure="wedge")
    assert answers(made, "lobectomy") == [True, None]
    under_way = Registry().patient().episode("2020-01-10")
    under_way.operation("2020-01-08", ended_on="2020-01-10", procedure="wedge")
    assert answers(under_way, "lobectomy") == [False]
    assert answers(Registry().patient().episode().operation("", procedure="wedge"), "lobectomy") == [None]
    named = Registry().patient().episode().operation("", procedure="wedge", episode_no="1")
    assert answers(named, "lobectomy") == [False]


def test_without_lung_metastases_the_rows_of_metastasis_count() -> None:
    made = Registry().patient().episode("2020-01-10", lung_involved="no")
    made.row("metastasis", site="liver", detected_on="2020-01-10", lesion_count="2", largest_mm="30")
    made.row("metastasis", site="ovary", detected_on="2020-02-10", lesion_count="1", largest_mm="40")
    # Not of this episode: found more than 31 days later; gone the day before.
    made.row("metastasis", site="brain", detected_on="2020-02-11", lesion_count="7")
    made.row("metastasis", site="bone", detected_on="2019-01-01", resolved_on="2020-01-09", lesion_count="7")
    found = Episodes(made.cohort().frames)
    assert (found.lesion_count[0], found.largest_mm[0]) == (3, 40)
    expected = {"multiple_lesions": True, "more_than_three_lesions": False, "more_than_four_or_bilateral": False}
    assert {name: answers(made, name)[0] for name in expected} == expected
    made.row("metastasis", site="adrenal", detected_on="2019-01-01", resolved_on="2020-01-10", lesion_count="UNK")
    assert Episodes(made.cohort().frames).lesion_count.isna().all(), "a site without a count leaves the sum unknown"
    assert of_episode("multiple_lesions", lung_involved="no", lesion_count="3") is None
