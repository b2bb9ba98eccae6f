"""Hand-made cases of non-initial metastases: NIN1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analytics.hand import Registry
from tests.analytics.rules.cases import (
    Expected,
    Row,
    case,
    each,
    exception,
    gives,
    local,
    meeting,
    outcome,
    site,
    systemic,
)

EARLIER = site("liver", "2019-06-01", resolved_on="2019-12-01")
DRUGS = systemic("2020-06-10")
MEETING = meeting("2020-06-10")
EXAMINED = {
    "ecog": "1",
    "prior_treatment_review": "FOLFOX, no toxicity",
    "drug_free_months": "0",
    "biology_note": "slow",
}


def later(*rows: Row, **changes: Any) -> Registry:
    """Lung metastases after liver metastases, with all that the MDT examines."""
    usual: dict[str, Any] = dict(EXAMINED)
    return case(EARLIER, *rows, **(usual | changes))


@each(
    {
        "examined": gives(
            "adherent",
            later(MEETING, DRUGS),
            "mdt_meeting.held_on 2020-06-10",
            "episode.ecog 1",
            "episode.prior_treatment_review recorded",
            "episode.drug_free_months 0",
            "episode.biology_note recorded",
            "metastasis.detected_on 2019-06-01",
        ),
        "discussed the day after": gives("non_adherent", later(meeting("2020-06-11"), DRUGS), "held_on 2020-06-11"),
        "never discussed": gives("non_adherent", later(DRUGS, mdt_discussed="no"), "episode.mdt_discussed no"),
        "no meeting recorded": gives("undetermined_numerator", later(DRUGS), fill="episode.mdt_discussed"),
        "31 days before the detection is one episode": gives(
            "not_applicable", case(site("liver", "2020-05-01"), MEETING, DRUGS)
        ),
        "32 days before": gives("undetermined_numerator", case(site("liver", "2020-04-30"), MEETING, DRUGS)),
        "found with the liver": gives("not_applicable", case(site("liver"), MEETING, DRUGS)),
        "synchronous": gives("not_applicable", later(MEETING, DRUGS, synchronous=True)),
        "only an earlier episode of the lungs": gives(
            "not_applicable",
            case(MEETING, DRUGS, ("episode", {"record_no": "2", "detected_on": "2019-08-01", "lung_involved": "yes"})),
        ),
        "untreated": gives("not_applicable", later(MEETING), "a treatment other than an emergency's: no"),
        "only an emergency": gives(
            "not_applicable", later(MEETING, local("2020-06-10", "bone", "other", intent="emergency"))
        ),
        "sites not listed": gives(
            "undetermined_denominator",
            case(MEETING, DRUGS, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "day of the earlier site not known": gives(
            "undetermined_denominator", case(site("liver", "UNK"), MEETING, DRUGS), fill="metastasis.detected_on"
        ),
        "no reason is listed": gives(
            "non_adherent", later(DRUGS, exception("NIN1", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_nin1(one: Expected) -> None:
    assert one.differences("NIN1") == []


@pytest.mark.parametrize("column", EXAMINED)
def test_each_item_has_to_be_recorded(column: str) -> None:
    blank: dict[str, Any] = {column: ""}
    for value in ("", "UNK", "NASK"):
        made = later(MEETING, DRUGS, **{column: value})
        assert gives("undetermined_numerator", made, fill=f"episode.{column}").differences("NIN1") == []
    not_done = later(MEETING, DRUGS, **{column: "ND"})
    assert gives("non_adherent", not_done, f"episode.{column} ND").differences("NIN1") == []
    assert outcome(later(meeting("2020-06-11"), DRUGS, **blank), "NIN1") == "non_adherent"
    assert outcome(later(DRUGS, mdt_discussed="no"), "NIN1", "recorded") == "adherent"
    assert outcome(later(DRUGS, mdt_discussed="no", **blank), "NIN1", "recorded") == "undetermined_numerator"
