"""Isolated metastases that are potentially resectable (Table 3) or unresectable."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.links import Links, Precedes
from analytics.consensus.logic import Fact, Term, surely
from analytics.consensus.rule import Asked, Beside, Rule, Strength, not_failed, still_possible
from analytics.consensus.rules.synchronous import open_treatment, row_2_parts, row_2_strategy

_POTENTIALLY = "Management of isolated and potentially resectable lung metastases"
_UNRESECTABLE = "Management of isolated and unresectable lung metastases"
_OPEN = ("open_days", "open_after_preoperative_days")


@once
def _potentially(cases: Cases) -> Term:
    return cases.facts.potentially_resectable


@once
def _resectability_discussed(cases: Cases) -> Term:
    meetings = cases.meetings
    return Fact("an MDT meeting on resectability", meetings.any(meetings.topic("resectability")))


@once
def _converted(cases: Cases) -> Term:
    return cases.route("R-POT") & Fact("radical lung resection after systemic therapy", cases.therapy.converted)


@once
def _systemic_before_lung(cases: Cases) -> Term:
    therapy = cases.therapy
    term = Precedes((therapy.before_operations, therapy.started), (therapy.lung_operations, therapy.local_started))
    return Fact("systemic therapy before the lung surgery", term)


@once
def _table_3(cases: Cases) -> Term:
    return _systemic_before_lung(cases) & row_2_strategy(cases)


@once
def _open_table_3(cases: Cases) -> Term:
    return not_failed(_systemic_before_lung(cases)) & still_possible(*row_2_parts(cases))


@once
def _converted_r0(cases: Cases) -> Term:
    therapy = cases.therapy
    rows = therapy.radical_lung_operations
    r0 = rows.among("residual_tumor", ("R0",), ("R1", "R2"))
    others = rows.any(~r0)
    return _converted(cases) & ~Fact("lung resection other than R0", others)


@once
def _preoperative(cases: Cases) -> Links:
    """The last systemic therapy before the first radical lung resection."""
    therapy = cases.therapy
    rows = therapy.before_operations
    first = therapy.radical_lung_operations.first(therapy.local_started)
    return rows.only(therapy.started < rows.lift(first)).can_be_last(therapy.started)


@once
def _after_operation(cases: Cases) -> Links:
    therapy, rows = cases.therapy, cases.therapy.postoperative
    return rows.only(therapy.started > rows.lift(therapy.radical_lung_operations.first(therapy.local_started)))


@once
def _same_backbone(cases: Cases) -> Term:
    same = _after_operation(cases).same("backbone", _preoperative(cases))
    return Fact("postoperative backbone as before the operation", same)


@once
def _postoperative_missing(cases: Cases) -> Term:
    return cases.therapy.open_postoperative & ~Fact("postoperative therapy", _after_operation(cases).any())


@once
def _same_targeted(cases: Cases) -> Term:
    rows = cases.therapy.postoperative
    return Fact("targeted agent as before the operation", rows.same("targeted_agent", _preoperative(cases)))


@once
def _incurable_local(cases: Cases) -> Term:
    local = cases.facts.primary_incurable | cases.facts.unresectable_recurrence
    return local & cases.therapy.systemic_given


@once
def _reassessed(cases: Cases) -> Term:
    therapy, meetings = cases.therapy, cases.meetings
    rows = therapy.systemic
    assessed = rows.only(rows.recorded("response_assessed_on"))
    first = assessed.first(assessed.day("response_assessed_on"))
    recorded = Fact("a response assessed", rows.any(rows.recorded("response_assessed_on")))
    after = meetings.any((meetings.held_on > meetings.rows.lift(first)) & meetings.topic("reassessment"))
    return recorded & Fact("an MDT meeting on reassessment after it", after)


def _route(*routes: str) -> Asked:
    def holds(cases: Cases) -> Term:
        return cases.route(*routes)

    return holds


@once
def _systemic(cases: Cases) -> Term:
    return cases.therapy.systemic_given


@once
def _asymptomatic(cases: Cases) -> Term:
    symptoms = Fact("symptoms of the lung metastases", cases.episode.flag("symptomatic"))
    return cases.route("R-UNR") & ~cases.facts.unresectable_recurrence & ~symptoms


@once
def _observed(cases: Cases) -> Term:
    return Fact("observation chosen", cases.episode.flag_or_blank("observation_chosen"))


@once
def _observation_taken(cases: Cases) -> Term:
    return surely(_asymptomatic(cases)) & surely(_observed(cases))


@once
def _small(cases: Cases) -> Term:
    limit = cases.readings.small_lesion_mm
    small = Fact(f"lesions smaller than {limit:g} mm", cases.episode.below("largest_mm", limit))
    return _asymptomatic(cases) & small


@once
def _unresectable_systemic(cases: Cases) -> Term:
    return cases.route("R-UNR") & cases.therapy.systemic_given


def _failed(cases: Cases, line: int) -> Links:
    rows = cases.therapy.systemic
    progressed = rows.among("stop_reason", ("progression",)), rows.among("best_response", ("PD",))
    return rows.only(rows.equals("line", line) & (progressed[0] | progressed[1]))


@once
def _two_lines_failed(cases: Cases) -> Term:
    first = Fact("first line failed", _failed(cases, 1).any())
    return first & Fact("second line failed", _failed(cases, 2).any())


@once
def _regorafenib(cases: Cases) -> Term:
    therapy, rows = cases.therapy, cases.therapy.systemic
    first, second = (_failed(cases, line).first(therapy.started) for line in (1, 2))
    later = (therapy.started > rows.lift(first)) & (therapy.started > rows.lift(second))
    later = later & rows.among("targeted_agent", ("regorafenib",))
    return Fact("regorafenib after it", rows.any(later))


@once
def _first_systemic(cases: Cases) -> Links:
    """The first systemic therapy; where one has no day, any may be the first."""
    therapy, rows = cases.therapy, cases.therapy.systemic
    return rows.only(therapy.started <= rows.lift(rows.first(therapy.started)))


@once
def _goal_set(cases: Cases) -> Term:
    therapy, meetings = cases.therapy, cases.meetings
    rows = therapy.systemic
    goal = meetings.before(rows.first(therapy.started), meetings.goal_recorded)
    return Fact("a treatment goal set on or before the first systemic therapy", goal)


@once
def _goal_and_toxicity(cases: Cases) -> Term:
    return _goal_set(cases) & _toxicity(cases)


@once
def _toxicity(cases: Cases) -> Term:
    recorded = _first_systemic(cases).any(cases.therapy.systemic.recorded("worst_toxicity_grade"))
    return Fact("its worst toxicity recorded", recorded)


@once
def _first_under_way(cases: Cases) -> Term:
    therapy = cases.therapy
    rows = therapy.systemic
    under_way = _first_systemic(cases).any(therapy.ended > rows.lift(cases.record.cut))
    toxicity = _toxicity(cases), Fact("the first systemic therapy under way", under_way)
    return not_failed(_goal_set(cases)) & still_possible(toxicity)


@once
def _ecog(cases: Cases) -> Term:
    return Fact("performance status recorded", cases.episode.recorded("ecog"))


RULES = (
    Rule(
        id="POT1",
        title="Potentially resectable: MDT on resectability",
        statement="An MDT determines whether lesions are potentially resectable.",
        source="Table 3, note 1",
        lines="507",
        strength=Strength.STRONG,
        why="There is no clear definition of potentially resectable.",
        applies=_potentially,
        met=_resectability_discussed,
    ),
    Rule(
        id="POT2",
        title="After conversion: Table 3",
        statement="Conversion therapy and resection of the primary in either order, resection of the lung metastases, "
        "postoperative therapy.",
        source="Table 3",
        lines="498-505",
        strength=Strength.STRATEGY,
        why="The table lists two strategies.",
        applies=_converted,
        met=_table_3,
        pending=_open_table_3,
        readings=(*_OPEN, "postoperative_days"),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="POT3",
        title="After conversion and R0: the same regimen after the operation",
        statement="After conversion and R0 resection the preoperative regimen is given postoperatively.",
        source="Table 3, note 2",
        lines="508-509",
        strength=Strength.STRONG,
        why="It has worked.",
        applies=_converted_r0,
        met=_same_backbone,
        reasons=("toxicity", "progression"),
        pending=_postoperative_missing,
        readings=("postoperative_days",),
        beside=(Beside("targeted", "with the same targeted agent too", met=_same_targeted),),
    ),
    Rule(
        id="POT4",
        title="Incurable primary or recurrence: reassessed after systemic therapy",
        statement="A primary or recurrence that could not be treated radically is reassessed after systemic therapy.",
        source="Fig. 1, note 1",
        lines="283-286",
        strength=Strength.STRONG,
        why="It may have become curable.",
        applies=_incurable_local,
        met=_reassessed,
    ),
    Rule(
        id="UNR1",
        title="Unresectable: palliative treatment",
        statement="Unresectable lung metastases get systemic therapy, with palliative local treatment where it helps.",
        source=_UNRESECTABLE,
        lines="403-405",
        strength=Strength.STRONG,
        why="It prolongs survival and keeps quality of life.",
        applies=_route("R-UNR"),
        met=_systemic,
        excepted=_observation_taken,
        reasons=("performance_status", "refusal"),
        pending=open_treatment,
        readings=_OPEN,
    ),
    Rule(
        id="UNR2",
        title="Observation of small asymptomatic metastases",
        statement="Regular follow-up can be considered without symptoms, particularly for lesions below 1 cm.",
        source=_UNRESECTABLE,
        lines="408-412",
        strength=Strength.OPTION,
        why="They can grow slowly for a long time.",
        applies=_asymptomatic,
        met=_observed,
        readings=("small_lesion_mm",),
        beside=(Beside("small", "lesions below 1 cm", applies=_small),),
    ),
    Rule(
        id="UNR3",
        title="Combination or single agent, with or without targeted therapy",
        statement="Combination or single-agent chemotherapy with or without targeted therapy can be considered.",
        source=_UNRESECTABLE,
        lines="407-408",
        strength=Strength.OPTION,
        why="The choice follows goal and tolerance.",
        applies=_unresectable_systemic,
        met=_systemic,
    ),
    Rule(
        id="UNR4",
        title="Regorafenib after two lines",
        statement="Regorafenib may be a choice after failure of the first and second line.",
        source=_UNRESECTABLE,
        lines="412-413",
        strength=Strength.OPTION,
        why="It works where others have failed.",
        applies=_two_lines_failed,
        met=_regorafenib,
    ),
    Rule(
        id="UNR5",
        title="Goal and toxicity considered",
        statement="Treatment goal and toxicity are considered in systemic therapy.",
        source=_UNRESECTABLE,
        lines="405-407",
        strength=Strength.STRONG,
        why="Palliative therapy must not harm more than it helps.",
        applies=_unresectable_systemic,
        met=_goal_and_toxicity,
        pending=_first_under_way,
        beside=(Beside("ecog", "performance status recorded", met=_ecog),),
        version=2,
        since="2026-11-29",
    ),
)
