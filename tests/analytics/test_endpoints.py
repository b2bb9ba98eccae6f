"""Who is analyzed from when to when: hand-made patients for each origin, endpoint and reason to be left out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from analytics import endpoints
from analytics.endpoints import COMPETING, ENDPOINTS, analysis_set
from analytics.origins import METASTASIS_TARGETS, ORIGINS
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import Registry, operated

DAY_OF_ORIGIN = {
    "lung_resection": "2020-03-01",
    "lung_local_treatment": "2020-02-01",
    "metastasis_resection": "2020-02-15",
    "ned": "2020-03-05",
    "lung_diagnosis": "2020-01-10",
    "metastasis_diagnosis": "2019-12-20",
    "primary_diagnosis": "2017-01-01",
}


def everything() -> Registry:
    """A patient in whom each origin is another day, and each of them comes once more later."""
    made = Registry().patient().row("primary_tumor", diagnosed_on="2017-01-01", workup_completed_on="2017-01-20")
    made.operation("2017-03-01", target="primary")
    made.episode(ned_on="2020-03-05").episode("2021-05-01", ned_on="2021-07-01")
    for found in ("2019-12-20", "2021-05-02"):
        made.row("metastasis", site="liver", detected_on=found)
    for day in ("2020-03-01", "2021-06-01"):
        made.operation(day, residual_tumor="R0")
    for day in ("2020-02-01", "2021-06-10"):
        made.operation(day, modality="sbrt")
    for day in ("2020-02-15", "2021-06-20"):
        made.operation(day, target="liver")
    return made


def days(registry: Registry, *, cut: str = "2025-12-31", **asked: Any) -> dict[str, tuple[int, int, bool]]:
    """patient -> (entry, day, event)."""
    times = (chosen := analysis_set(registry.cohort(cut), **asked)).times
    rows = zip(times.entry.tolist(), times.day.tolist(), times.event.tolist(), strict=True)
    return dict(zip(chosen.patient_id, rows, strict=True))


def excluded(registry: Registry, **asked: Any) -> dict[str, int]:
    chosen = analysis_set(registry.cohort(), **asked)
    assert chosen.patients == len(chosen.times) + sum(chosen.excluded.values())
    return chosen.excluded


def between(first: str, last: str) -> int:
    return (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days


def test_every_origin_has_its_case() -> None:
    assert list(DAY_OF_ORIGIN) == list(ORIGINS)


@pytest.mark.parametrize("origin", ORIGINS)
def test_time_counts_from_the_first_day_of_the_origin(origin: str) -> None:
    followed = between(DAY_OF_ORIGIN[origin], "2023-12-31")
    assert days(everything(), origin=origin) == {"P1": (0, followed, False)}


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_event_on_the_day_of_the_origin_counts_at_day_0(origin: str) -> None:
    made = everything().row("disease_event", occurred_on=DAY_OF_ORIGIN[origin], kind="recurrence")
    assert days(made, origin=origin, endpoint="rfs") == {"P1": (0, 0, True)}
    made = everything().row("disease_event", occurred_on="2016-12-31", kind="recurrence")
    assert not days(made, origin=origin, endpoint="rfs")["P1"][2], "a recurrence before the origin"


def test_death_on_the_day_of_the_origin_counts_at_day_0() -> None:
    assert days(operated().died("2020-03-01")) == {"P1": (0, 0, True)}


@pytest.mark.parametrize("origin", ORIGINS)
def test_who_does_not_reach_the_origin_is_left_out(origin: str) -> None:
    assert excluded(Registry().patient(), origin=origin) == {"origin_not_reached": 1}


@pytest.mark.parametrize("origin", ["lung_resection", "lung_local_treatment", "metastasis_resection"])
def test_a_treatment_without_a_date_or_an_intent(origin: str) -> None:
    assert excluded(Registry().patient().operation("UNK"), origin=origin) == {"origin_date_unknown": 1}
    assert excluded(Registry().patient().operation(intent=""), origin=origin) == {"origin_undetermined": 1}
    assert excluded(Registry().patient().operation(intent="palliative"), origin=origin) == {"origin_not_reached": 1}
    assert days(Registry().patient().operation(intent="").operation("2021-01-01"), origin=origin)["P1"][1] == 1094


def test_what_is_a_local_treatment_of_the_lung_or_a_resection_of_a_metastasis() -> None:
    for modality in ("sbrt", "radiofrequency_ablation", "microwave_ablation", "cryoablation"):
        made = Registry().patient().operation(modality=modality)
        assert len(days(made, origin="lung_local_treatment")) == 1
        assert excluded(made, origin="metastasis_resection") == {"origin_not_reached": 1}
    assert excluded(Registry().patient().operation(modality="radiotherapy"), origin="lung_local_treatment")
    assert "primary" not in METASTASIS_TARGETS
    assert "local_recurrence" not in METASTASIS_TARGETS
    for target in METASTASIS_TARGETS:
        assert len(days(Registry().patient().operation(target=target), origin="metastasis_resection")) == 1


def test_dates_of_origins_that_are_not_known() -> None:
    made = Registry().patient().episode("UNK", ned_on="UNK").row("primary_tumor", diagnosed_on="UNK")
    for origin in ("lung_diagnosis", "ned", "metastasis_diagnosis", "primary_diagnosis"):
        assert excluded(made, origin=origin) == {"origin_date_unknown": 1}
    unsure = Registry().patient().episode(lung_involved="UNK")
    assert excluded(unsure, origin="lung_diagnosis") == {"origin_undetermined": 1}
    assert excluded(Registry().patient().episode(lung_involved="no"), origin="lung_diagnosis")
    found_later = Registry().patient().episode("2020-01-10", lung_involved="no").episode("2021-01-10")
    assert days(found_later, origin="lung_diagnosis")["P1"][1] == between("2021-01-10", "2023-12-31")
    elsewhere_only = Registry().patient().row("metastasis", site="liver", detected_on="2020-01-10")
    assert len(days(elsewhere_only, origin="metastasis_diagnosis")) == 1
    no_metastasis = Registry().patient().row("primary_tumor", diagnosed_on="2017-01-01")
    assert len(days(no_metastasis, origin="primary_diagnosis")) == 1


def test_the_endpoints() -> None:
    made = operated().row("disease_event", occurred_on="2020-06-01", kind="progression")
    made.row("disease_event", occurred_on="2020-12-01", kind="recurrence").died("2021-03-01")
    assert days(made, endpoint="os")["P1"] == (0, between("2020-03-01", "2021-03-01"), True)
    assert days(made, endpoint="rfs")["P1"] == (0, between("2020-03-01", "2020-12-01"), True)
    assert days(made, endpoint="pfs")["P1"] == (0, between("2020-03-01", "2020-06-01"), True)
    for endpoint in ENDPOINTS:
        died = endpoint not in COMPETING
        assert days(operated().died("2021-03-01"), endpoint=endpoint)["P1"] == (0, 365, died)
        assert days(operated(), endpoint=endpoint)["P1"] == (0, between("2020-03-01", "2023-12-31"), False)


def test_the_end_of_follow_up_is_the_earlier_of_last_contact_and_cut() -> None:
    made = operated().died("2021-03-01").row("disease_event", occurred_on="2020-12-01", kind="recurrence")
    assert days(made, cut="2020-11-30", endpoint="rfs")["P1"] == (0, between("2020-03-01", "2020-11-30"), False)
    assert days(made, cut="2020-12-01", endpoint="rfs")["P1"] == (0, between("2020-03-01", "2020-12-01"), True)
    assert days(made, cut="2021-02-28")["P1"] == (0, 364, False)
    assert days(made, cut="2021-03-01")["P1"] == (0, 365, True)
    assert days(operated(last_contact_on="2020-03-11"), cut="2020-03-31")["P1"] == (0, 10, False)
    assert excluded(Registry().patient(), origin="lung_resection") == {"origin_not_reached": 1}
    assert analysis_set(made.cohort("2020-02-29")).excluded == {"origin_not_reached": 1}


def test_dates_and_statuses_that_are_missing() -> None:
    dead = {"vital_status": "dead", "death_on": "UNK"}
    assert excluded(operated(**dead)) == {"death_date_unknown": 1}
    assert excluded(operated(vital_status="UNK")) == {"vital_status_unknown": 1}
    assert excluded(operated(last_contact_on="UNK")) == {"last_contact_unknown": 1}
    assert excluded(operated(last_contact_on="UNK", vital_status="UNK")) == {"vital_status_unknown": 1}
    assert excluded(operated(last_contact_on="2020-02-29")) == {"ends_before_origin": 1}
    # Who had the event before is known to have had it, whatever came afterwards.
    made = operated(**dead).row("disease_event", occurred_on="2020-12-01", kind="recurrence")
    assert days(made, endpoint="rfs")["P1"] == (0, 275, True)
    assert days(operated(last_contact_on="UNK").row("disease_event", occurred_on="2020-12-01", kind="recurrence"),
                endpoint="pfs")["P1"] == (0, 275, True)  # fmt: skip


def test_rfs_leaves_out_who_was_never_free_of_disease() -> None:
    for residual, reasons in (("R1", {"not_disease_free": 1}), ("R2", {"not_disease_free": 1}), ("RX", {}), ("", {})):
        made = Registry().patient().episode().operation(residual_tumor=residual)
        assert excluded(made, endpoint="rfs") == reasons
        assert excluded(made, endpoint="os") == excluded(made, endpoint="pfs") == {}
    later = operated().operation("2020-09-01", residual_tumor="R2")
    assert excluded(later, endpoint="rfs") == {}, "only the operation at the origin counts"
    same_day = operated().operation("2020-03-01", residual_tumor="R1")
    assert excluded(same_day, endpoint="rfs") == {"not_disease_free": 1}


def test_late_enrollment() -> None:
    for enrolled, entry in (("2020-02-29", 0), ("2020-03-01", 0), ("2020-03-02", 1), ("2020-06-01", 92)):
        assert days(operated(enrolled_on=enrolled))["P1"][0] == entry
        assert days(operated(enrolled_on=enrolled), delayed_entry=False)["P1"][0] == 0
    assert excluded(operated(enrolled_on="2020-04-01").died("2020-04-01")) == {"ends_before_entry": 1}
    assert excluded(operated(enrolled_on="2020-04-02", last_contact_on="2020-04-01")) == {"ends_before_entry": 1}
    assert days(operated(enrolled_on="2020-04-01").died("2020-04-02"))["P1"] == (31, 32, True)
    assert excluded(operated(enrolled_on="2020-04-01").died("2020-04-01"), delayed_entry=False) == {}
    later = operated(enrolled_on="2024-04-01")
    assert analysis_set(later.cohort("2022-01-01")).excluded == {"ends_before_entry": 1}


def test_an_enrollment_without_a_date_is_counted() -> None:
    made = operated("P2", operated(enrolled_on="UNK"))
    chosen = analysis_set(made.cohort())
    assert chosen.times.entry.tolist() == [0, 0]
    assert chosen.enrollment_unknown == 1
    assert analysis_set(made.cohort(), delayed_entry=False).enrollment_unknown == 0


def test_a_landmark() -> None:
    made = operated("P2", operated(), enrolled_on="2020-09-17").died("2020-09-16")  # P1 dies on day 199
    chosen = analysis_set(made.cohort(), landmark_months=6)
    assert (chosen.landmark_day, chosen.excluded) == (183, {})
    followed = between("2020-03-01", "2023-12-31")
    assert days(made, landmark_months=6) == {"P1": (0, 199 - 183, True), "P2": (200 - 183, followed - 183, False)}
    assert excluded(operated().died("2020-08-31"), landmark_months=6) == {"ends_before_landmark": 1}
    assert days(operated().died("2020-09-01"), landmark_months=6)["P1"] == (0, 1, True)
    assert days(operated(enrolled_on="2020-04-01"), landmark_months=6)["P1"][0] == 0
    for wrong in (0, -1, 1200, float("nan")):
        with pytest.raises(UsageError, match="landmark"):
            analysis_set(made.cohort(), landmark_months=wrong)


def lobectomized() -> Registry:
    made = Registry().patient().episode().operation("2020-09-01", procedure="lobectomy")
    made.patient("P2").episode(patient_id="P2").operation("2020-02-01", "P2", procedure="wedge")
    return made.patient("P3").episode(patient_id="P3")


def labels(registry: Registry, **asked: Any) -> dict[str, str]:
    chosen = analysis_set(registry.cohort(), **asked)
    groups = [chosen.times.labels[at] for at in chosen.times.group]
    return dict(zip(chosen.patient_id, groups, strict=True))


def test_groups_of_the_future_are_refused() -> None:
    cohort = lobectomized().cohort()
    for origin in ("lung_diagnosis", "primary_diagnosis", "metastasis_diagnosis", "lung_local_treatment"):
        with pytest.raises(AnalysisRefused, match="immortal") as refused:
            analysis_set(cohort, origin=origin, by="lobectomy")
        assert "--landmark-months" in refused.value.remedy
        assert "lung_resection" in refused.value.remedy
    with pytest.raises(AnalysisRefused, match="immortal") as refused:
        analysis_set(cohort, origin="primary_diagnosis", by="high_cea")
    assert "lung_diagnosis" in refused.value.remedy


def test_groups_of_the_operation_from_the_operation_or_a_landmark() -> None:
    made = lobectomized()
    assert labels(made, by="lobectomy") == {"P1": "yes", "P2": "no"}
    # After 3 months the operation of P1 has not happened: only what is known then divides.
    assert labels(made, by="lobectomy", origin="lung_diagnosis", landmark_months=3) == {"P2": "no"}
    assert labels(made, by="lobectomy", origin="lung_diagnosis", landmark_months=9) == {"P1": "yes", "P2": "no"}
    assert excluded(made, by="lobectomy", origin="lung_diagnosis", landmark_months=3) == {"factor_missing": 2}


def test_metastases_found_after_the_landmark_divide_nobody() -> None:
    made = Registry().patient().row("primary_tumor", diagnosed_on="2019-06-01").episode("2020-01-10", cea_ng_ml="9")
    asked = {"origin": "primary_diagnosis", "by": "high_cea"}
    assert excluded(made, **asked, landmark_months=7) == {"factor_fixed_later": 1}
    assert labels(made, **asked, landmark_months=8) == {"P1": "yes"}


def test_two_sites_of_one_staging_episode_were_found_together() -> None:
    for found, reasons in (("2019-12-10", {}), ("2019-12-09", {"factor_fixed_later": 1})):
        made = Registry().patient().episode("2020-01-10", cea_ng_ml="9")
        made.row("metastasis", site="liver", detected_on=found)
        assert excluded(made, origin="metastasis_diagnosis", by="high_cea") == reasons


def test_who_has_no_value_is_left_out_and_counted() -> None:
    made = operated("P2", operated()).row("primary_tumor", site="rectum").row("primary_tumor", "P2", site="UNK")
    assert labels(made, by="rectal_primary") == {"P1": "yes"}
    assert excluded(made, by="rectal_primary") == {"factor_missing": 1}
    assert labels(made, by="sex") == {"P1": "female", "P2": "female"}
    assert labels(made, by="site") == {"P1": "rectum"}


def test_the_factor_is_that_of_the_episode_of_the_origin() -> None:
    made = Registry().patient().episode(cea_ng_ml="3").episode("2021-01-10", cea_ng_ml="9").operation("2021-02-01")
    assert labels(made, by="high_cea") == {"P1": "yes"}
    assert labels(made, by="high_cea", origin="lung_diagnosis") == {"P1": "no"}
    assert labels(Registry().patient().episode(cea_ng_ml="9", ecog="2").operation(), by="ecog") == {"P1": "2"}


def test_a_center_and_a_withdrawn_consent() -> None:
    made = operated("P3", operated("P2", operated(), center_id="B"), consent_status="withdrawn")
    assert list(days(made)) == ["P1", "P2"]
    assert excluded(made) == {"consent_withdrawn": 1}
    assert list(days(made, center="B")) == ["P2"]
    assert excluded(made, center="A") == {"consent_withdrawn": 1}
    assert excluded(made, center="B") == {}
    with pytest.raises(UsageError, match="center") as refused:
        analysis_set(made.cohort(), center="Z")
    assert "A, B" in refused.value.remedy


@pytest.mark.parametrize(("option", "known"), [("endpoint", "rfs"), ("origin", "ned"), ("by", "high_cea")])
def test_names_that_do_not_exist(option: str, known: str) -> None:
    with pytest.raises(UsageError, match="no such") as refused:
        analysis_set(operated().cohort(), **{option: "nothing"})
    assert known in refused.value.remedy
    assert refused.value.got == "nothing"


def test_strata() -> None:
    made = operated("P2", operated(), center_id="B")
    chosen = analysis_set(made.cohort(), stratify="center")
    assert chosen.strata is not None
    assert dict(zip(chosen.patient_id, chosen.strata, strict=True)) == {"P1": "A", "P2": "B"}
    assert analysis_set(made.cohort()).strata is None
    unknown = operated("P3", made, center_id="UNK")
    assert excluded(unknown, stratify="center") == {"stratum_missing": 1}
    assert excluded(unknown) == {}
    with pytest.raises(UsageError, match="stratum"):
        analysis_set(made.cohort(), stratify="sex")


def test_a_summary_says_the_same_and_names_nobody() -> None:
    chosen = analysis_set(everything().cohort("2025-12-31"))
    summary = chosen.summary()
    assert type(summary) is endpoints.Chosen
    assert not hasattr(summary, "patient_id")
    assert not hasattr(summary, "times")
    assert (summary.excluded, summary.patients, summary.start_words) == (
        chosen.excluded,
        chosen.patients,
        chosen.start_words,
    )


def test_each_patient_is_left_out_for_one_reason() -> None:
    made = operated("P2", operated(consent_status="withdrawn", vital_status="UNK"), vital_status="UNK")
    made.patient("P3", vital_status="UNK")
    assert excluded(made) == {"consent_withdrawn": 1, "origin_not_reached": 1, "vital_status_unknown": 1}


def test_every_reason_is_met_in_this_file_or_that_of_the_treatments() -> None:
    here = Path(__file__)
    text = "".join(path.read_text(encoding="utf-8") for path in (here, here.with_name("test_treatments.py")))
    reasons = [value for name, value in vars(endpoints).items() if name.isupper() and isinstance(value, str)]
    assert len(reasons) >= 8
    assert [reason for reason in reasons if f'"{reason}"' not in text] == []


def test_nobody_at_all() -> None:
    for by in (None, "high_cea", "sex"):
        chosen = analysis_set(Registry().cohort(), by=by)
        assert (len(chosen.times), chosen.patients, chosen.excluded) == (0, 0, {})
