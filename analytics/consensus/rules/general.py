"""General guidelines for multidisciplinary therapy, and what the consensus asks of a center's registry."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.columns import earliest
from analytics.consensus.logic import NO, Fact, Term, all_of
from analytics.consensus.markers import ROUTINE
from analytics.consensus.rule import Rule, Strength
from analytics.consensus.rules.synchronous import table_2_row_2_without_preoperative
from analytics.consensus.therapy import CONTROLLED

_SECTION = "General guidelines for multidisciplinary therapy"


@once
def _untreated(cases: Cases) -> Term:
    return ~cases.therapy.treated


@once
def _discussed_in_time(cases: Cases) -> Term:
    return Fact("an MDT meeting on or before the first treatment", cases.meetings.before(cases.first))


@once
def _curability_assessed(cases: Cases) -> Term:
    months = cases.readings.early_phase_months
    early = earliest((cases.therapy.first_radical, cases.first.plus_months(months)))
    assessed = cases.meetings.rows.flag("curability_assessed", not_done=NO)
    return Fact("an MDT meeting assessed curability in the early phase", cases.meetings.before(early, assessed))


@once
def _goal_determined(cases: Cases) -> Term:
    return Fact("a treatment goal set by an MDT meeting", cases.meetings.any(cases.meetings.goal_recorded))


@once
def _radical_for_ned(cases: Cases) -> Term:
    radical = Fact("a radical local treatment", cases.therapy.radical.any(cases.therapy.local_started.shown))
    listed_without = Fact("Table 2, row 2, option 2 or 3", table_2_row_2_without_preoperative(cases))
    return cases.goal_ned & radical & ~cases.route("R-MET") & ~listed_without


@once
def _systemic_first(cases: Cases) -> Term:
    therapy = cases.therapy
    before = therapy.starts_before(therapy.systemic, therapy.first_radical)
    return Fact("systemic therapy before the first radical local treatment", before)


@once
def _local_in_palliative(cases: Cases) -> Term:
    given = cases.therapy.not_emergency.any(cases.therapy.local_started.shown)
    return cases.goal_palliative & Fact("a local treatment other than an emergency's", given)


@once
def _controlled_and_discussed(cases: Cases) -> Term:
    therapy, local = cases.therapy, cases.therapy.first_local_of_any_target
    before = Fact("systemic therapy before the local treatment", therapy.starts_before(therapy.systemic, local))
    controlled = Fact("disease controlled before the local treatment", therapy.last_response(local, *CONTROLLED))
    discussed = Fact("an MDT meeting on or before the local treatment", cases.meetings.before(local))
    return before & controlled & discussed


@once
def _three_months_of_systemic(cases: Cases) -> Term:
    therapy = cases.therapy
    months = cases.readings.monitored_from_months
    lasted = therapy.systemic.any(therapy.lasted_months(months))
    return Fact(f"systemic therapy of {months} months or more", lasted)


@once
def _monitored(cases: Cases) -> Term:
    therapy, studies = cases.therapy, cases.studies
    rows = therapy.systemic.only(therapy.lasted_months(cases.readings.monitored_from_months))
    assessed = rows.day("response_assessed_on")
    until = therapy.ended_or_cut
    noted = rows.recorded("response_assessed_on") & (therapy.started <= assessed) & (assessed <= until)
    responses = studies.rows.only(studies.rows.among("purpose", ("response",)))
    shown = responses.any_within(studies.performed_on, rows, therapy.started, until)
    return Fact("response assessed during the therapy", rows.any(noted | shown))


@once
def _trial_offered(cases: Cases) -> Term:
    return Fact("a trial was offered", cases.record.patient.among("trial_participation", ("declined", "entered")))


@once
def _systemic_by_table_4_or_5(cases: Cases) -> Term:
    given = Fact("systemic therapy from the detection on", cases.therapy.first_systemic.known)
    return cases.route("R-LIV", "R-MUL", "R-LYM") & given


@once
def _considered(cases: Cases) -> Term:
    start = cases.therapy.first_systemic
    return all_of(
        (
            Fact("performance status recorded", cases.episode.recorded("ecog")),
            Fact("site of the primary recorded", cases.primary.recorded("site")),
            Fact(
                "RAS, BRAF and MSI or MMR reported by then",
                cases.markers.tested_by(ROUTINE, start),
            ),
        )
    )


RULES = (
    Rule(
        id="GEN1",
        title="MDT discussion before treatment",
        statement="Treatment follows a multidisciplinary discussion.",
        source=_SECTION,
        lines="189-191",
        strength=Strength.STRONG,
        why="Number, site, size and genotype of the metastases, the primary and other sites all bear on the decision.",
        excluded=_untreated,
        met=_discussed_in_time,
        readings=("mdt_on_day_of_treatment",),
    ),
    Rule(
        id="GEN2",
        title="Curability assessed early",
        statement="Early in treatment the MDT determines whether metastases and primary can be cured.",
        source=_SECTION,
        lines="203-207",
        strength=Strength.STRONG,
        why="Whether a cure is possible sets the goal of all that follows.",
        excluded=_untreated,
        met=_curability_assessed,
        readings=("early_phase_months", "mdt_on_day_of_treatment"),
    ),
    Rule(
        id="GEN3",
        title="Goal of treatment set",
        statement="The MDT sets the goal of treatment.",
        source=_SECTION,
        lines="198-202",
        strength=Strength.STRONG,
        why="A plan for no evidence of disease differs from one for survival and quality of life.",
        excluded=_untreated,
        met=_goal_determined,
    ),
    Rule(
        id="GEN4",
        title="Systemic therapy before radical local treatment",
        statement="Where all disease could be removed, systemic therapy usually comes before radical local treatment.",
        source=_SECTION,
        lines="207-210",
        strength=Strength.USUAL,
        why="The response tells how the tumor behaves.",
        applies=_radical_for_ned,
        met=_systemic_first,
        unscored="Table 2 and the section on metachronous metastases also list surgery first; they win (AMB-09).",
        scored_by="score_systemic_first",
        readings=("score_systemic_first",),
    ),
    Rule(
        id="GEN5",
        title="Palliative goal: local treatment under control of the disease",
        statement="Without a chance of cure, the MDT decides on local treatment when the disease is controlled.",
        source=_SECTION,
        lines="210-216",
        strength=Strength.STRONG,
        why="Local treatment of one lesion helps little while others grow.",
        applies=_local_in_palliative,
        met=_controlled_and_discussed,
        readings=("mdt_on_day_of_treatment",),
    ),
    Rule(
        id="GEN6",
        title="Response monitored",
        statement="Behavior of the tumor and response are monitored during treatment; the text sets no interval.",
        source=_SECTION,
        lines="216-219",
        strength=Strength.STRONG,
        why="What does not work has to be changed in time.",
        applies=_three_months_of_systemic,
        met=_monitored,
        readings=("monitored_from_months",),
    ),
    Rule(
        id="GEN7",
        title="Every oligometastatic case enrolled prospectively",
        statement="Centers are encouraged to enter every oligometastatic case in a prospective registry.",
        source=_SECTION,
        lines="245-249",
        strength=Strength.ENCOURAGED,
        why="Only a complete registry serves quality control and outcome analysis.",
    ),
    Rule(
        id="GEN8",
        title="Multicenter trial offered",
        statement="Centers are encouraged to take part in multicenter trials.",
        source=_SECTION,
        lines="241-246",
        strength=Strength.ENCOURAGED,
        why="High-level evidence is scarce.",
        met=_trial_offered,
    ),
    Rule(
        id="GEN9",
        title="Choice of systemic therapy informed",
        statement="Physical status, site of the primary and molecular features are considered before systemic therapy.",
        source=f"{_SECTION}; notes to Tables 4 and 5",
        lines="228-231, 572, 593",
        strength=Strength.STRONG,
        why="Drugs are chosen by what the patient can bear and what the tumor responds to.",
        applies=_systemic_by_table_4_or_5,
        met=_considered,
    ),
)
