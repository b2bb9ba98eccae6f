"""Initial metachronous lung metastases: surgery first, adjuvant therapy, and local recurrence."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.links import Links
from analytics.consensus.logic import Fact, Term, surely
from analytics.consensus.rule import Direction, Rule, Strength
from analytics.consensus.rules.synchronous import (
    PERIOP_BESIDE,
    PERIOP_READINGS,
    perioperative_given,
    surgery_unsuitable,
    under_way,
    unsuitable_filled,
    within_six_months,
)

_SECTION = "Management of initial metachronous lung metastases"


@once
def _route(cases: Cases) -> Term:
    return cases.route("R-MET")


@once
def _surgery_first(cases: Cases) -> Term:
    therapy = cases.therapy
    rows = therapy.lung_operations
    since = therapy.local_started >= rows.lift(cases.record.detected_on)
    return Fact(
        "lung surgery as the first treatment", rows.any(since & (therapy.local_started <= rows.lift(cases.first)))
    )


@once
def _documented(cases: Cases) -> Term:
    meetings = cases.meetings
    return Fact(
        "preoperative therapy discussed by the MDT", surely(meetings.rows.any(meetings.topic("preoperative_systemic")))
    )


@once
def _to_be_operated_first(cases: Cases) -> Term:
    left_out = cases.readings.documented_preoperative == "not_applicable"
    return _route(cases) & ~_documented(cases) if left_out else _route(cases)


@once
def _unsuitable_or_documented(cases: Cases) -> Term:
    return surgery_unsuitable(cases) | _documented(cases)


@once
def _open_before_treatment(cases: Cases) -> Term:
    return cases.therapy.open & ~cases.therapy.treated


@once
def _operated(cases: Cases) -> Term:
    return cases.route("R-MET") & cases.therapy.lung_operated


@once
def _after_surgery(cases: Cases) -> Links:
    therapy = cases.therapy
    rows = therapy.postoperative
    first = therapy.lung_operations.first(therapy.local_started)
    return rows.only(therapy.started > rows.lift(first))


@once
def _adjuvant(cases: Cases) -> Term:
    return Fact("postoperative therapy after the lung surgery", _after_surgery(cases).any())


@once
def _open_postoperative(cases: Cases) -> Term:
    return cases.therapy.open_postoperative


@once
def _adjuvant_given(cases: Cases) -> Term:
    return _operated(cases) & _adjuvant(cases)


@once
def _oxaliplatin(cases: Cases) -> Term:
    rows = _after_surgery(cases)
    return Fact("oxaliplatin after the lung surgery", rows.any(rows.among("backbone", ("oxaliplatin",))))


@once
def _irinotecan_before(cases: Cases) -> Links:
    therapy = cases.therapy
    rows = therapy.before_operations
    first = therapy.lung_operations.first(therapy.local_started)
    before = rows.lift(first.known) & (therapy.started < rows.lift(first))
    effective = ("CR", "PR", "SD") if cases.readings.effective_response == "with_stable" else ("CR", "PR")
    return rows.only(before & rows.among("backbone", ("irinotecan",)) & rows.among("best_response", effective))


@once
def _effective_irinotecan(cases: Cases) -> Term:
    return cases.route("R-MET") & Fact("effective irinotecan before the operation", _irinotecan_before(cases).any())


@once
def _irinotecan_excepts(cases: Cases) -> Term:
    return Fact("effective irinotecan before the operation", surely(_irinotecan_before(cases).any()))


@once
def _same_regimen(cases: Cases) -> Term:
    rows, before = _after_surgery(cases), _irinotecan_before(cases).can_be_last(cases.therapy.started)
    both_named = rows.filled("regimen") & rows.lift(before.any(before.filled("regimen")))
    regimen = rows.only(both_named).same("regimen", before)
    backbone = rows.only(~both_named).same("backbone", before)
    return Fact("the same regimen after the operation", regimen | backbone)


@once
def _open_same_regimen(cases: Cases) -> Term:
    return _open_postoperative(cases) & ~_adjuvant(cases)


@once
def _perioperative(cases: Cases) -> Term:
    return cases.route("R-MET") & perioperative_given(cases)


@once
def _metachronous_with_recurrence(cases: Cases) -> Term:
    metachronous = Fact("initial metachronous lung metastases", cases.definitions.initial_metachronous)
    return metachronous & cases.recurrence


RULES = (
    Rule(
        id="MET1",
        title="Resectable: surgery as the first treatment",
        statement="Patients with resectable metachronous metastases are operated on first.",
        source=_SECTION,
        lines="614-617",
        strength=Strength.STRONG,
        why="Surgery is the treatment with the clearest benefit.",
        applies=_to_be_operated_first,
        met=_surgery_first,
        excepted=_unsuitable_or_documented,
        reason_column="episode.surgery_unsuitable_reason",
        reason_recorded=unsuitable_filled,
        pending=_open_before_treatment,
        readings=("open_days", "documented_preoperative"),
    ),
    Rule(
        id="MET2",
        title="Postoperative chemotherapy",
        statement="Postoperative chemotherapy is reasonable.",
        source=_SECTION,
        lines="617-619",
        strength=Strength.OPTION,
        why="Perioperative therapy may be better than surgery alone.",
        applies=_operated,
        met=_adjuvant,
        pending=_open_postoperative,
        readings=("postoperative_days",),
    ),
    Rule(
        id="MET3",
        title="Postoperative chemotherapy with oxaliplatin",
        statement="Oxaliplatin-based regimens are recommended.",
        source=_SECTION,
        lines="619-621",
        strength=Strength.STRONG,
        why="As for locally advanced colorectal cancer.",
        applies=_adjuvant_given,
        met=_oxaliplatin,
        excepted=_irinotecan_excepts,
        reasons=("contraindication",),
        readings=("effective_response",),
    ),
    Rule(
        id="MET4",
        title="Effective irinotecan continued after surgery",
        statement="Where preoperative irinotecan worked, the same regimen can be continued postoperatively.",
        source=_SECTION,
        lines="621-626",
        strength=Strength.OPTION,
        why="It has worked.",
        applies=_effective_irinotecan,
        met=_same_regimen,
        pending=_open_same_regimen,
        readings=("postoperative_days", "effective_response"),
    ),
    Rule(
        id="MET5",
        title="Perioperative therapy within six months, metachronous",
        statement="Perioperative chemotherapy does not exceed six months in all.",
        source=_SECTION,
        lines="626-628",
        strength=Strength.AGAINST,
        why="Longer treatment adds toxicity.",
        applies=_perioperative,
        met=within_six_months,
        pending=under_way,
        readings=PERIOP_READINGS,
        beside=PERIOP_BESIDE,
    ),
    Rule(
        id="MET6",
        title="Local recurrence managed as a primary",
        statement="A resectable local recurrence counts as a primary, another one as an unresectable metastasis.",
        source=_SECTION,
        lines="601-609",
        strength=Strength.DEFINITION,
        why="It decides the route.",
        applies=_metachronous_with_recurrence,
        met=_metachronous_with_recurrence,
        direction=Direction.SHOWN,
    ),
)
