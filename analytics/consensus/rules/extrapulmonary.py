"""Lung metastases with one other site (Table 4)."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import Fact, Term, all_of, surely
from analytics.consensus.markers import RAS_BRAF
from analytics.consensus.rule import Beside, Direction, Rule, Strength, not_failed, still_possible
from analytics.consensus.rules.synchronous import (
    PERIOP_READINGS,
    open_treatment,
    perioperative_given,
    under_way,
    within_six_months,
)
from registry.tables import TABLES

_TABLE = "Table 4"
_EPISODE = TABLES["episode"]
_SITES = tuple(TABLES["metastasis"].fields["site"].codes)
_OPEN = ("open_days", "open_after_preoperative_days")
_RULED_OUT = {
    "not_technical": ("lung_function", "tolerance", "refusal"),
    "technical": ("site", "extent", "number", "location", "size", "near_hilum_or_vessel"),
}
"""Reasons against lung surgery, by the reading of the text's "non-technically unresectable"."""


@once
def _lung_curable(cases: Cases) -> Term:
    return Fact("lung metastases curable", cases.episode.flag("curable"))


@once
def _others_curable(cases: Cases) -> Term:
    rows = cases.sites.active
    return Fact("other metastases curable", cases.sites.every(rows.flag("curable")))


@once
def _row_1(cases: Cases) -> Term:
    return cases.route("R-LIV") & _lung_curable(cases) & _others_curable(cases)


@once
def _row_2(cases: Cases) -> Term:
    return cases.route("R-LIV") & _lung_curable(cases) & ~_others_curable(cases)


@once
def _row_3(cases: Cases) -> Term:
    return cases.route("R-LIV") & ~_lung_curable(cases) & _others_curable(cases)


@once
def _row_4(cases: Cases) -> Term:
    return cases.route("R-LIV") & ~_lung_curable(cases) & ~_others_curable(cases)


@once
def _all_treated(cases: Cases) -> Term:
    therapy = cases.therapy
    lung = Fact("radical local treatment of the lung", therapy.complete.any(therapy.target("lung")))
    resections = therapy.primary_operations
    clear = ~surely(resections.among("residual_tumor", ("R1", "R2")))
    primary = Fact("resection of the primary", resections.any(clear))
    sites = [
        ~Fact(f"{site} metastases", cases.sites.has(site))
        | Fact(f"radical local treatment: {site}", therapy.complete.any(therapy.target(site)))
        for site in _SITES
    ]
    # Where it is not known which site it is, none can have been treated without any such treatment.
    outside = Fact("radical local treatment outside the lung", therapy.complete.any(therapy.target(*_SITES)))
    return all_of((~cases.facts.primary_in_situ | primary, lung, *sites, ~cases.facts.any_site | outside))


@once
def _table_4_row_1(cases: Cases) -> Term:
    return _all_treated(cases) & perioperative_given(cases) & within_six_months(cases)


@once
def _open_row_1(cases: Cases) -> Term:
    therapy = cases.therapy
    return still_possible(
        (_all_treated(cases), therapy.open),
        (perioperative_given(cases), therapy.open | therapy.open_postoperative),
        (within_six_months(cases), under_way(cases)),
    )


@once
def _systemic_first(cases: Cases) -> Term:
    therapy = cases.therapy
    first = therapy.systemic.first(therapy.started)
    rows = therapy.radical.only(therapy.target("lung"))
    before = rows.any(therapy.local_started < rows.lift(first))
    return therapy.systemic_given & ~Fact("radical lung treatment before it", before)


@once
def _open_before_lung(cases: Cases) -> Term:
    treated = cases.therapy.radical.any(cases.therapy.target("lung"))
    return cases.therapy.open & ~Fact("the lung treated without it", treated)


@once
def _other_surgery(cases: Cases) -> Term:
    therapy = cases.therapy
    return therapy.modality("resection") & therapy.target(*_SITES) & ~surely(therapy.intent("emergency"))


@once
def _elective(cases: Cases) -> Term:
    therapy = cases.therapy
    rows = therapy.local.only(_other_surgery(cases))
    operated = Fact("surgery of the other site", rows.any())
    day = rows.first(therapy.local_started)
    effective = Fact("response before it other than progression", therapy.last_response(day, "CR", "PR", "SD", "NE"))
    discussed = Fact("an MDT meeting on or before it", cases.meetings.before(day))
    return ~operated | (effective & discussed)


@once
def _systemic_then_elective(cases: Cases) -> Term:
    return cases.therapy.systemic_given & _elective(cases)


@once
def _open_before_surgery(cases: Cases) -> Term:
    return not_failed(_elective(cases)) & still_possible((cases.therapy.systemic_given, cases.therapy.open))


@once
def _systemic(cases: Cases) -> Term:
    return cases.therapy.systemic_given


@once
def _row_1_with_local(cases: Cases) -> Term:
    therapy = cases.therapy
    return _row_1(cases) & Fact("local treatment", therapy.not_emergency.any(therapy.local_started.shown))


@once
def _sequence_discussed(cases: Cases) -> Term:
    meetings, first = cases.meetings, cases.therapy.first_local_of_any_target
    discussed = meetings.before(first, meetings.topic("sequence"))
    return Fact("an MDT meeting on the sequence on or before the first local treatment", discussed)


@once
def _first_operations(cases: Cases) -> tuple[Term, Term, Term]:
    """Whether lung and liver were operated on, and whether the lung, or the liver, came first."""
    therapy = cases.therapy
    lung = therapy.lung_operations
    liver = therapy.local.only(therapy.target("liver") & therapy.modality("resection"))
    both = Fact("lung surgery", lung.any()) & Fact("liver surgery", liver.any())
    lung_on, liver_on = lung.first(therapy.local_started), liver.first(therapy.local_started)
    return both, lung_on < liver_on, liver_on < lung_on


@once
def _sequential(cases: Cases) -> Term:
    both, lung_first, liver_first = _first_operations(cases)
    liver = Fact("liver metastases", cases.sites.has("liver"))
    return cases.route("R-LIV") & liver & both & Fact("one after the other", lung_first | liver_first)


@once
def _harder_first(cases: Cases) -> Term:
    _, lung_first, liver_first = _first_operations(cases)
    lung_harder = Fact("the lung harder to resect", cases.episode.among("resection_difficulty", ("lung_harder",)))
    lung, liver = Fact("the lung first", lung_first), Fact("the liver first", liver_first)
    return (lung_harder & lung) | (~lung_harder & liver)


@once
def _neoadjuvant_then_liver(cases: Cases) -> Term:
    therapy = cases.therapy
    liver = Fact("liver metastases", cases.sites.has("liver"))
    operations = therapy.local.only(therapy.target("liver") & therapy.modality("resection"))
    before = therapy.starts_before(therapy.before_operations, operations.first(therapy.local_started))
    operated = Fact("liver surgery", operations.any())
    return liver & operated & Fact("systemic therapy before the liver surgery", before)


@once
def _short_neoadjuvant(cases: Cases) -> Term:
    therapy = cases.therapy
    operations = therapy.local.only(therapy.target("liver") & therapy.modality("resection"))
    limit = cases.readings.neoadjuvant_liver_days
    days = therapy.days_before(operations.first(therapy.local_started), limit)
    return Fact(f"at most {limit} days of systemic therapy before the liver surgery", days)


@once
def _short_of_two_months(cases: Cases) -> Term:
    therapy = cases.therapy
    operations = therapy.local.only(therapy.target("liver") & therapy.modality("resection"))
    return Fact("fewer than 61 days", therapy.days_before(operations.first(therapy.local_started), 60))


@once
def _conversion(cases: Cases) -> Term:
    return Fact("conversion therapy", surely(cases.therapy.given_for("conversion").any()))


@once
def _not_operable(cases: Cases) -> Term:
    counted = _RULED_OUT[cases.readings.surgery_ruled_out]
    unsuitable, unresectable = (
        cases.episode.among_or_blank(column, tuple(code for code in counted if code in _EPISODE.fields[column].codes))
        for column in ("surgery_unsuitable_reason", "unresectable_reason")
    )
    ruled_out = Fact("surgery ruled out for such a reason", unsuitable | unresectable)
    return cases.route("R-LIV") & ~cases.therapy.lung_operated & ruled_out


@once
def _sbrt_or_ablation(cases: Cases) -> Term:
    return Fact("SBRT or ablation of the lung", cases.therapy.lung_non_surgical_of_any_intent.any())


@once
def _targeted(cases: Cases) -> Term:
    rows = cases.therapy.perioperative
    given = rows.any(~rows.among("targeted_agent", ("none",)))
    return cases.route("R-LIV") & Fact("targeted therapy in perioperative treatment", given)


@once
def _ras_braf_known(cases: Cases) -> Term:
    rows = cases.therapy.perioperative
    start = rows.only(~rows.among("targeted_agent", ("none",))).first(cases.therapy.started)
    return Fact("RAS and BRAF reported on or before its start", cases.markers.tested_by(RAS_BRAF, start))


@once
def _non_isolated(cases: Cases) -> Term:
    return cases.facts.any_site


@once
def _lung_is_main(cases: Cases) -> Term:
    burden = Fact("large lung tumor burden", cases.episode.flag("large_burden"))
    return burden & Fact("symptoms of the lung metastases", cases.episode.flag("symptomatic"))


RULES = (
    Rule(
        id="LIV1",
        title="All curable: radical local treatment of all, with perioperative therapy",
        statement="Primary, lung and the other site are treated radically in stages, with six months of perioperative "
        "therapy in all.",
        source=f"{_TABLE}, row 1",
        lines="550-552",
        strength=Strength.STRATEGY,
        why="All disease can be removed.",
        applies=_row_1,
        met=_table_4_row_1,
        reasons=("progression", "performance_status", "refusal"),
        pending=_open_row_1,
        readings=(*PERIOP_READINGS, *_OPEN, "postoperative_days"),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="LIV2",
        title="Lung curable, other site not: systemic therapy first",
        statement="Systemic treatment.",
        source=f"{_TABLE}, row 2",
        lines="554",
        strength=Strength.STRATEGY,
        why="Removing the lung metastases alone leaves disease.",
        applies=_row_2,
        met=_systemic_first,
        reasons=("mdt_decision",),
        pending=_open_before_lung,
        readings=_OPEN,
    ),
    Rule(
        id="LIV3",
        title="Other site curable, lung not: systemic therapy, elective local treatment",
        statement="On effective systemic treatment the other site can be treated radically after an MDT discussion.",
        source=f"{_TABLE}, row 3 and note 4",
        lines="556-557, 574-575",
        strength=Strength.STRONG,
        why="Resection of the liver may prolong survival in selected patients.",
        applies=_row_3,
        met=_systemic_then_elective,
        pending=_open_before_surgery,
        readings=_OPEN,
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="LIV4",
        title="Neither curable: systemic therapy",
        statement="Systemic treatment.",
        source=f"{_TABLE}, row 4",
        lines="559",
        strength=Strength.STRATEGY,
        why="Local treatment does not reach all disease.",
        applies=_row_4,
        met=_systemic,
        pending=open_treatment,
        readings=_OPEN,
    ),
    Rule(
        id="LIV5",
        title="Sequence decided by an MDT",
        statement="Sequence and method of local treatment are decided by an MDT.",
        source=f"{_TABLE}, note 1",
        lines="561",
        strength=Strength.STRONG,
        why="Several operations depend on each other.",
        applies=_row_1_with_local,
        met=_sequence_discussed,
        readings=("mdt_on_day_of_treatment",),
    ),
    Rule(
        id="LIV6",
        title="The harder resection first, else the liver",
        statement="The metastases that are hardest to resect come first; at equal difficulty the liver.",
        source=f"{_TABLE}, note 1",
        lines="562-566",
        strength=Strength.USUAL,
        why="Reduced lung function may affect the anesthesia for the second operation.",
        applies=_sequential,
        met=_harder_first,
    ),
    Rule(
        id="LIV7",
        title="Neoadjuvant chemotherapy before liver surgery at most three months",
        statement="Neoadjuvant chemotherapy is usually limited to two to three months.",
        source=f"{_TABLE}, note 2",
        lines="569-570",
        strength=Strength.USUAL,
        why="Longer treatment harms the liver.",
        applies=_neoadjuvant_then_liver,
        met=_short_neoadjuvant,
        excepted=_conversion,
        direction=Direction.AVOIDED,
        readings=("neoadjuvant_liver_days",),
        beside=(
            Beside(
                "under_two_months",
                "fewer than 61 days: the text sets no minimum",
                met=_short_of_two_months,
            ),
        ),
    ),
    Rule(
        id="LIV8",
        title="SBRT or ablation where surgery is ruled out for other than technical reasons",
        statement="SBRT or ablation is highly recommended for lung metastases that could be resected technically.",
        source=f"{_TABLE}, note 1",
        lines="565-567",
        strength=Strength.STRONG,
        why="They are effective local treatments too.",
        applies=_not_operable,
        met=_sbrt_or_ablation,
        readings=("surgery_ruled_out",),
    ),
    Rule(
        id="LIV9",
        title="RAS and BRAF known before targeted therapy",
        statement="RAS and BRAF status is considered before chemotherapy is combined with targeted therapy.",
        source=f"{_TABLE}, note 2",
        lines="570-571",
        strength=Strength.STRONG,
        why="Antibodies against EGFR do not work in mutated tumors.",
        applies=_targeted,
        met=_ras_braf_known,
    ),
    Rule(
        id="LIV10",
        title="The other metastases are the main consideration",
        statement="Metastases elsewhere usually guide treatment, unless lung disease is large and causes symptoms.",
        source="Management of lung metastases with extrapulmonary metastases",
        lines="431-435",
        strength=Strength.DEFINITION,
        why="Lung metastases have the best prognosis among metastases.",
        applies=_non_isolated,
        met=_non_isolated,
        direction=Direction.SHOWN,
        beside=(Beside("lung_is_main", "large lung burden with symptoms", applies=_lung_is_main),),
    ),
)
