"""Lung metastases with two or more other sites (Table 5), and multi-organ metastases as a whole."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import Fact, Term
from analytics.consensus.rule import Rule, Strength

_SECTION = "Management of lung metastases with extrapulmonary metastases"


@once
def _two_sites(cases: Cases) -> Term:
    return cases.facts.two_sites


@once
def _systemic_is_first(cases: Cases) -> Term:
    # What was under way at the detection is systemic therapy given, but not the first treatment.
    therapy = cases.therapy
    since = therapy.systemic.only(therapy.started >= therapy.systemic.lift(cases.record.detected_on))
    start = since.first(therapy.started)
    before = therapy.first_local.known & (~since.any() | (therapy.first_local < start))
    return therapy.systemic_given & ~Fact("local treatment before it", before)


@once
def _open(cases: Cases) -> Term:
    return cases.therapy.open & ~cases.therapy.treated


@once
def _local_given(cases: Cases) -> Term:
    therapy = cases.therapy
    return _two_sites(cases) & Fact("local treatment", therapy.not_emergency.any(therapy.local_started.shown))


@once
def _discussed_on_response(cases: Cases) -> Term:
    therapy, meetings = cases.therapy, cases.meetings
    local, rows = therapy.first_local_of_any_target, therapy.systemic
    start = rows.first(therapy.started)
    before = Fact("systemic therapy before the local treatment", rows.any(therapy.started < rows.lift(local)))
    between = meetings.before(local, meetings.held_on >= meetings.rows.lift(start))
    noted = rows.any(rows.recorded("best_response") & (therapy.assessed_on <= rows.lift(local)))
    discussed = Fact("an MDT meeting between them", between)
    return before & discussed & Fact("a response recorded by the local treatment", noted)


@once
def _all_curable(cases: Cases) -> Term:
    curable = Fact("other metastases curable", cases.sites.every(cases.sites.active.flag("curable")))
    return _local_given(cases) & curable


@once
def _systemic_before_local(cases: Cases) -> Term:
    therapy = cases.therapy
    rows, local = therapy.systemic, therapy.first_local_of_any_target
    return Fact("systemic therapy before the local treatment", rows.any(therapy.started < rows.lift(local)))


@once
def _multi_organ_treated(cases: Cases) -> Term:
    return cases.facts.any_site & cases.therapy.treated


@once
def _strategy_discussed(cases: Cases) -> Term:
    meetings = cases.meetings
    topics = meetings.topic("resectability", "sequence", "initial_strategy")
    discussed = meetings.before(cases.first, topics)
    return Fact("an MDT meeting on resectability, sequence or strategy on or before the first treatment", discussed)


RULES = (
    Rule(
        id="MUL1",
        title="Two or more other sites: systemic therapy first",
        statement="Systemic therapy is the main approach.",
        source=f"{_SECTION}; Table 5",
        lines="446-447",
        strength=Strength.STRONG,
        why="The disease is no longer oligometastatic.",
        applies=_two_sites,
        met=_systemic_is_first,
        reasons=("performance_status", "refusal"),
        pending=_open,
        readings=("open_days", "open_after_preoperative_days", "peritoneum_and_pelvis", "pleura_is_site"),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="MUL2",
        title="Two or more other sites: MDT on local treatment after response",
        statement="Whether to treat locally is discussed by an MDT during treatment, by efficacy and biology.",
        source=_SECTION,
        lines="447-451",
        strength=Strength.STRONG,
        why="Only selected patients gain from local treatment.",
        applies=_local_given,
        met=_discussed_on_response,
    ),
    Rule(
        id="MUL3",
        title="Two or more other sites, all curable: systemic therapy before local treatment",
        statement="Selection for local treatment is cautious, and systemic therapy comes first.",
        source="Table 5, note 2",
        lines="584-585, 598-599",
        strength=Strength.STRONG,
        why="A benefit of resection is under debate.",
        applies=_all_curable,
        met=_systemic_before_local,
    ),
    Rule(
        id="MUL4",
        title="Multi-organ metastases: MDT before treatment",
        statement="Resectability, timing of surgery and treatment as a whole are discussed by an MDT before.",
        source=_SECTION,
        lines="452-456",
        strength=Strength.STRONG,
        why="Several organs mean several specialties.",
        applies=_multi_organ_treated,
        met=_strategy_discussed,
        readings=("mdt_on_day_of_treatment",),
    ),
)
