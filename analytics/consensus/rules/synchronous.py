"""Synchronous, isolated and resectable metastases: surgery of the lung, perioperative treatment, Table 2."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.columns import earliest
from analytics.consensus.links import Precedes
from analytics.consensus.logic import NO, Fact, Term, all_of, surely
from analytics.consensus.rule import Asked, Beside, Direction, Part, Rule, Strength, still_possible

_SURGERY = "Principles of surgical resection"
_PERIOPERATIVE = "Perioperative treatment"
_UNFIT = ("site", "lung_function", "tolerance", "refusal")
_SUBLOBAR = ("wedge", "segmentectomy")
_ACCEPTED_LOBECTOMY = ("deep", "bleeding")
_TABLE_2_REASONS = ("refusal", "toxicity", "performance_status", "contraindication")
_OPEN = ("open_days", "open_after_preoperative_days")

# SUR: surgery of the lung metastases.


@once
def _resectable(cases: Cases) -> Term:
    return cases.route("R-SYN") & cases.facts.resectable & ~cases.facts.primary_incurable


@once
def _lung_resected(cases: Cases) -> Term:
    return Fact("radical lung surgery", cases.therapy.radical_lung_operations.any())


@once
def surgery_unsuitable(cases: Cases) -> Term:
    """A reason is recorded why surgery does not suit."""
    reason = cases.episode.among_or_blank("surgery_unsuitable_reason", _UNFIT)
    return Fact("a reason why surgery does not suit", reason)


@once
def unsuitable_filled(cases: Cases) -> Term:
    """Whether that reason is filled."""
    return cases.episode.filled("surgery_unsuitable_reason")


@once
def _unfit_or_progressed(cases: Cases) -> Term:
    rows = cases.therapy.given_for("preoperative", "conversion")
    progressed = rows.among("best_response", ("PD",)), rows.among("stop_reason", ("progression",))
    any_progress = rows.any(surely(progressed[0]) | surely(progressed[1]))
    progression = Fact("progression on preoperative therapy", surely(any_progress))
    if cases.readings.unsuitable_for_surgery == "failure":
        return progression
    return surgery_unsuitable(cases) | progression


@once
def open_treatment(cases: Cases) -> Term:
    """The treatment may still come (P-OPEN)."""
    return cases.therapy.open


@once
def _resectable_unsuitable(cases: Cases) -> Term:
    return cases.facts.resectable & surgery_unsuitable(cases)


@once
def _sbrt_or_ablation(cases: Cases) -> Term:
    return Fact("SBRT or ablation of the lung", cases.therapy.lung_non_surgical_of_any_intent.any())


@once
def _lung_operated(cases: Cases) -> Term:
    return cases.therapy.lung_operated


@once
def _sublobar(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    return ~Fact("lung surgery larger than sublobar", rows.any(~rows.among("procedure", _SUBLOBAR)))


@once
def _lobectomy_accepted(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    larger = rows.only(surely(~rows.among("procedure", _SUBLOBAR)))
    accepted = surely(rows.among("lobectomy_reason", _ACCEPTED_LOBECTOMY))
    return Fact("larger for a deep tumor or bleeding", surely(larger.any()) & ~larger.any(~accepted))


@once
def _lobectomy_reason_filled(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    return ~rows.any(surely(~rows.among("procedure", _SUBLOBAR)) & ~rows.filled("lobectomy_reason"))


@once
def _lobectomy(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    return Fact("lobectomy", rows.any(rows.among("procedure", ("lobectomy",))))


@once
def _pneumonectomy(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    return Fact("pneumonectomy", rows.any(rows.among("procedure", ("pneumonectomy",))))


@once
def _last_resort(cases: Cases) -> Term:
    rows = cases.therapy.lung_operations
    other = rows.any(rows.among("procedure", ("lobectomy",)) & ~rows.among("lobectomy_reason", _ACCEPTED_LOBECTOMY))
    return ~Fact("lobectomy for another reason", other)


@once
def _operated_without_nodes(cases: Cases) -> Term:
    none = Fact("no suspected thoracic nodes", cases.episode.among("thoracic_nodes", ("none",)))
    return cases.therapy.lung_operated & none


@once
def _operated_with_nodes(cases: Cases) -> Term:
    return cases.therapy.lung_operated & cases.suspected_nodes


def _nodes(*assessments: str) -> Asked:
    def met(cases: Cases) -> Term:
        rows = cases.therapy.lung_operations
        done = rows.any(rows.among("node_assessment", assessments, not_done=NO))
        return Fact(f"thoracic nodes: {' or '.join(assessments)}", done)

    return met


@once
def _radical_lung_surgery(cases: Cases) -> Term:
    return _lung_resected(cases)


@once
def _r0(cases: Cases) -> Term:
    rows = cases.therapy.radical_lung_operations
    return ~Fact("radical lung surgery other than R0", rows.any(~rows.among("residual_tumor", ("R0",), ("R1", "R2"))))


# TB2: the strategies of Table 2.


@once
def _table_2_row_1(cases: Cases) -> Term:
    return cases.route("R-SYN") & cases.facts.resectable & cases.mid_low_rectum & cases.locally_advanced


@once
def _table_2_row_2(cases: Cases) -> Term:
    facts = cases.facts
    early = facts.rectum & ~facts.t3_t4 & ~facts.node_positive
    upper = facts.rectum & ~facts.mid_low_height
    return cases.route("R-SYN") & facts.resectable & (early | upper | ~facts.rectum)


@once
def organ_preservation(cases: Cases) -> Term:
    """The patient wants to keep the organ."""
    return cases.organ_preservation


@once
def preoperative_systemic(cases: Cases) -> Term:
    """Systemic therapy before the resection of the primary; any, while that is still to come."""
    therapy = cases.therapy
    rows, first = therapy.before_operations, therapy.primary_operated_on
    to_come = ~rows.lift(therapy.primary_operations.any())
    term = rows.any(to_come | (therapy.started < rows.lift(first)))
    return Fact("systemic therapy before the resection of the primary", term)


@once
def preoperative_radiotherapy(cases: Cases) -> Term:
    """Radiotherapy of the primary before its resection; any, while that is still to come."""
    therapy = cases.therapy
    rows, first = therapy.radiotherapy, therapy.primary_operated_on
    to_come = ~rows.lift(therapy.primary_operations.any())
    term = rows.any(to_come | (therapy.local_started < rows.lift(first)))
    return Fact("radiotherapy of the primary before its resection", term)


@once
def _both_resected(cases: Cases) -> Term:
    primary = Fact("resection of the primary", cases.therapy.primary_operations.any())
    return primary & cases.therapy.lung_operated


@once
def lung_after_primary(cases: Cases) -> Term:
    """Lung surgery on or after the day of the primary's resection."""
    therapy = cases.therapy
    term = Precedes(
        (therapy.primary_operations, therapy.primary_operations.day("started_on")),
        (therapy.lung_operations, therapy.local_started),
        or_same=True,
    )
    return Fact("lung surgery on or after the day of the primary's resection", term)


@once
def postoperative_after_both(cases: Cases) -> Term:
    """Postoperative systemic therapy after the operations of the primary and of the lung."""
    therapy = cases.therapy
    rows, primary = therapy.postoperative, therapy.primary_operations
    last_primary = primary.last(primary.day("started_on"))
    last_lung = therapy.lung_operations.last(therapy.local_started)
    after = (therapy.started > rows.lift(last_primary)) & (therapy.started > rows.lift(last_lung))
    operated = primary.any() & therapy.lung_operations.any()
    return Fact("postoperative systemic therapy after both", operated & rows.any(after))


@once
def _row_1_neoadjuvant_parts(cases: Cases) -> tuple[tuple[Term, Term], ...]:
    if cases.readings.table_2_slash == "either":
        either = preoperative_systemic(cases) | preoperative_radiotherapy(cases)
        return ((either, _open_before_primary(cases)),)
    return neoadjuvant_parts(cases)


@once
def _row_1_strategy(cases: Cases) -> Term:
    neoadjuvant = (met for met, _ in _row_1_neoadjuvant_parts(cases))
    return all_of((*neoadjuvant, _both_resected(cases), postoperative_after_both(cases), lung_after_primary(cases)))


@once
def row_2_strategy(cases: Cases) -> Term:
    """The primary and the lung resected in this order, then postoperative therapy."""
    return _both_resected(cases) & lung_after_primary(cases) & postoperative_after_both(cases)


@once
def _open_row_1(cases: Cases) -> Term:
    return still_possible(*_row_1_neoadjuvant_parts(cases), *row_2_parts(cases))


@once
def _open_row_2(cases: Cases) -> Term:
    return still_possible(*row_2_parts(cases))


@once
def neoadjuvant_parts(cases: Cases) -> tuple[tuple[Term, Term], ...]:
    """Systemic therapy and radiotherapy before the resection of the primary, each with whether it may still come."""
    before = _open_before_primary(cases)
    return (preoperative_systemic(cases), before), (preoperative_radiotherapy(cases), before)


@once
def row_2_parts(cases: Cases) -> tuple[tuple[Term, Term], ...]:
    """The operations, their order and the therapy after them, each with whether it may still come."""
    return (
        (_both_resected(cases), cases.therapy.open),
        (lung_after_primary(cases), _open_before_lung(cases)),
        (postoperative_after_both(cases), _open_or_postoperative(cases)),
    )


@once
def _open_before_primary(cases: Cases) -> Term:
    return cases.therapy.open & ~Fact("the primary resected", cases.therapy.primary_operations.any())


@once
def _open_before_lung(cases: Cases) -> Term:
    """The order is lost once the lung was operated on before the primary."""
    return cases.therapy.open & ~cases.therapy.lung_operated


@once
def _open_or_postoperative(cases: Cases) -> Term:
    return cases.therapy.open | cases.therapy.open_postoperative


@once
def _systemic_before_primary(cases: Cases) -> Term:
    therapy = cases.therapy
    rows, first = therapy.before_operations, therapy.primary_operated_on
    return Fact("systemic therapy before the primary", rows.any(therapy.started < rows.lift(first)))


@once
def _systemic_between(cases: Cases) -> Term:
    therapy = cases.therapy
    first = therapy.primary_operated_on
    last = therapy.lung_operations.last(therapy.local_started)
    rows = therapy.systemic
    between = (therapy.started >= rows.lift(first)) & (therapy.started < rows.lift(last))
    return Fact("systemic therapy between the two operations", rows.any(between))


@once
def table_2_row_2_without_preoperative(cases: Cases) -> Term:
    """Option 2 or 3 of Table 2, row 2: the primary is resected first."""
    path = _table_2_row_2(cases) & _both_resected(cases) & lung_after_primary(cases)
    return path & ~_systemic_before_primary(cases)


# PER: perioperative treatment.


@once
def _operated_first(cases: Cases) -> Term:
    therapy = cases.therapy
    operations = therapy.local.only(
        (therapy.target("lung") | (therapy.target("primary") & ~surely(therapy.intent("palliative"))))
        & therapy.modality("resection")
    )
    first = operations.first(therapy.local_started)
    before = therapy.systemic.any(therapy.started < therapy.systemic.lift(first))
    radiotherapy = therapy.radiotherapy.any(therapy.local_started < therapy.local.lift(first))
    operated = Fact("the primary or the lung metastases resected", operations.any())
    return operated & ~Fact("treatment before the first of these operations", before | radiotherapy)


@once
def _without_preoperative(cases: Cases) -> Term:
    return cases.route("R-SYN") & cases.facts.rectum & _operated_first(cases)


@once
def _oxaliplatin(cases: Cases) -> Term:
    rows = cases.therapy.postoperative
    return Fact("postoperative oxaliplatin", rows.any(rows.among("backbone", ("oxaliplatin",))))


@once
def _oxaliplatin_within_limit(cases: Cases) -> Term:
    return _oxaliplatin(cases) & within_six_months(cases)


@once
def within_six_months(cases: Cases) -> Term:
    """Perioperative therapy of at most six months (P-PERIOP)."""
    limit = cases.readings.perioperative_days
    return Fact(f"at most {limit} days of perioperative systemic therapy", cases.therapy.within(limit))


@once
def within_literal(cases: Cases) -> Term:
    """The literal reading of six months."""
    limit = cases.readings.perioperative_literal_days
    return Fact(f"at most {limit} days of perioperative systemic therapy", cases.therapy.within(limit))


@once
def within_grace(cases: Cases) -> Term:
    """The reading of six months with grace."""
    limit = cases.readings.perioperative_grace_days
    return Fact(f"at most {limit} days of perioperative systemic therapy", cases.therapy.within(limit))


@once
def under_way(cases: Cases) -> Term:
    """Perioperative therapy is under way within its limit."""
    return cases.therapy.may_still_exceed(cases.readings.perioperative_days)


@once
def _under_way_literal(cases: Cases) -> Term:
    return cases.therapy.may_still_exceed(cases.readings.perioperative_literal_days)


@once
def _under_way_grace(cases: Cases) -> Term:
    return cases.therapy.may_still_exceed(cases.readings.perioperative_grace_days)


PERIOP_BESIDE = (
    Beside("literal", "fewer than 183 days", met=within_literal, pending=_under_way_literal),
    Beside("grace", "with two weeks of grace, at most 197 days", met=within_grace, pending=_under_way_grace),
)
PERIOP_READINGS = (
    *("perioperative_days", "perioperative_literal_days", "perioperative_grace_days"),
    "perioperative_count",
)


@once
def _postoperative_or_under_way(cases: Cases) -> Term:
    rows = cases.therapy.postoperative
    to_come = cases.therapy.open_postoperative & ~Fact("postoperative therapy", rows.any())
    return still_possible((_oxaliplatin(cases), to_come), (within_six_months(cases), under_way(cases)))


@once
def perioperative_given(cases: Cases) -> Term:
    """Perioperative systemic therapy was given."""
    return Fact("perioperative systemic therapy", cases.therapy.perioperative.any())


@once
def _rectal_with_perioperative(cases: Cases) -> Term:
    return cases.route("R-SYN") & cases.facts.rectum & perioperative_given(cases)


@once
def _perioperative_rectal(cases: Cases) -> Term:
    return _without_preoperative(cases) | _table_2_row_1(cases)


@once
def _guided(cases: Cases) -> Term:
    therapy = cases.therapy
    systemic = therapy.perioperative.first(therapy.started)
    radiotherapy = therapy.radiotherapy.first(therapy.local_started)
    first, meetings = earliest((systemic, radiotherapy)), cases.meetings
    # Before any such treatment every meeting is in time.
    in_time = meetings.in_time(first) | meetings.rows.lift(~first.known)
    return Fact("an MDT meeting on or before the first perioperative treatment", meetings.any(in_time))


RULES = (
    Rule(
        id="SUR1",
        title="Resectable lung metastases are resected",
        statement="Resectable lung metastases are resected aggressively.",
        source="Management of isolated and resectable lung metastases",
        lines="265-267",
        strength=Strength.STRONG,
        why="Surgery is the local treatment with the clearest benefit.",
        applies=_resectable,
        met=_lung_resected,
        excepted=_unfit_or_progressed,
        reason_column="episode.surgery_unsuitable_reason",
        reason_recorded=unsuitable_filled,
        pending=open_treatment,
        readings=(*_OPEN, "unsuitable_for_surgery"),
    ),
    Rule(
        id="SUR2",
        title="SBRT or ablation where surgery does not suit",
        statement="Radiotherapy and ablation can stand in where site, lung function, tolerance or the patient's will "
        "speak against surgery.",
        source="Management of isolated and resectable lung metastases",
        lines="267-271, 336-339",
        strength=Strength.OPTION,
        why="A local treatment is possible without surgery.",
        applies=_resectable_unsuitable,
        met=_sbrt_or_ablation,
    ),
    Rule(
        id="SUR3",
        title="Sublobar resection",
        statement="Wedge or segmental resection is generally the first choice.",
        source=_SURGERY,
        lines="274-276",
        strength=Strength.USUAL,
        why="It spares lung tissue, and lobectomy goes with a poorer prognosis.",
        applies=_lung_operated,
        met=_sublobar,
        excepted=_lobectomy_accepted,
        reason_column="local_treatment.lobectomy_reason",
        reason_recorded=_lobectomy_reason_filled,
    ),
    Rule(
        id="SUR4",
        title="Lobectomy only as a last resort",
        statement="Lobectomy is a last resort for deep tumors or massive bleeding.",
        source=_SURGERY,
        lines="276-279",
        strength=Strength.AGAINST,
        why="Lobectomy goes with a poorer prognosis.",
        applies=_lobectomy,
        met=_last_resort,
        direction=Direction.AVOIDED,
        beside=(Beside("pneumonectomy", "not addressed by the text: to be reviewed", applies=_pneumonectomy),),
    ),
    Rule(
        id="SUR5",
        title="No routine node dissection without suspicion",
        statement="Without suspected nodes routine dissection is not required.",
        source=_SURGERY,
        lines="297-301",
        strength=Strength.NOT_REQUIRED,
        why="It adds risk without proven benefit.",
        applies=_operated_without_nodes,
        met=_nodes("dissection"),
    ),
    Rule(
        id="SUR6",
        title="Node sampling or dissection with suspicion",
        statement="With suspected nodes biopsy or dissection can be considered during surgery.",
        source=_SURGERY,
        lines="301-303",
        strength=Strength.OPTION,
        why="Node metastases worsen the prognosis.",
        applies=_operated_with_nodes,
        met=_nodes("sampling", "dissection"),
    ),
    Rule(
        id="SUR7",
        title="R0 at radical lung surgery",
        statement="Radical surgery aims at R0.",
        source=f"General guidelines; {_PERIOPERATIVE}",
        lines="195, 307",
        strength=Strength.DEFINITION,
        why="R1 and R2 go with poor survival.",
        applies=_radical_lung_surgery,
        met=_r0,
        direction=Direction.SHOWN,
    ),
    Rule(
        id="TB2A",
        title="Locally advanced middle or low rectal cancer: Table 2, row 1",
        statement="Preoperative systemic therapy and radiotherapy, resection of the primary, resection of the lung "
        "metastases, adjuvant therapy; systemic therapy may come between the operations.",
        source=f"{_PERIOPERATIVE}; Table 2",
        lines="318-322, 473-480",
        strength=Strength.STRONG,
        why="It raises R0 rates and controls the primary.",
        applies=_table_2_row_1,
        excluded=organ_preservation,
        met=_row_1_strategy,
        reasons=_TABLE_2_REASONS,
        pending=_open_row_1,
        readings=(*_OPEN, "postoperative_days", "mid_low_height_cm", "stage_of_primary", "table_2_slash"),
        parts=(
            Part("TB2Aa", "systemic therapy before the primary", preoperative_systemic, _open_before_primary),
            Part("TB2Ab", "radiotherapy before the primary", preoperative_radiotherapy, _open_before_primary),
            Part("TB2Ac", "both resections", _both_resected, open_treatment),
            Part("TB2Ad", "adjuvant therapy after both", postoperative_after_both, _open_or_postoperative),
            Part("TB2Ae", "the primary before the lung, or both at once", lung_after_primary, _open_before_lung),
        ),
        beside=(Beside("option_2", "with systemic therapy between the two operations", met=_systemic_between),),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="TB2B",
        title="Early or upper rectal and colon cancer: Table 2, row 2",
        statement="Resection of the primary, then of the lung metastases, then adjuvant therapy; systemic therapy "
        "before the primary, between the operations, or neither.",
        source="Table 2",
        lines="482-492",
        strength=Strength.STRATEGY,
        why="The table lists three strategies.",
        applies=_table_2_row_2,
        met=row_2_strategy,
        reasons=_TABLE_2_REASONS,
        pending=_open_row_2,
        readings=(*_OPEN, "postoperative_days", "mid_low_height_cm", "stage_of_primary"),
        beside=(
            Beside("option_1", "systemic therapy before the primary", met=_systemic_before_primary),
            Beside("option_2", "systemic therapy between the operations", met=_systemic_between),
        ),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="PER1",
        title="Oxaliplatin after surgery without preoperative treatment",
        statement="Rectal cancer without preoperative treatment gets up to six months of oxaliplatin-based "
        "chemotherapy after surgery.",
        source=_PERIOPERATIVE,
        lines="325-329",
        strength=Strength.STRONG,
        why="Extrapolated from trials of adjuvant therapy.",
        applies=_without_preoperative,
        met=_oxaliplatin_within_limit,
        reasons=("performance_status", "refusal", "complication"),
        pending=_postoperative_or_under_way,
        readings=(*PERIOP_READINGS, "postoperative_days"),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="PER2",
        title="Perioperative therapy within six months, rectal cancer",
        statement="Perioperative treatment takes less than six months in all.",
        source=_PERIOPERATIVE,
        lines="322-325",
        strength=Strength.AGAINST,
        why="Longer treatment adds toxicity.",
        applies=_rectal_with_perioperative,
        met=within_six_months,
        pending=under_way,
        readings=PERIOP_READINGS,
        beside=PERIOP_BESIDE,
    ),
    Rule(
        id="PER3",
        title="Perioperative treatment guided by an MDT",
        statement="The perioperative protocol follows the guidance of an MDT.",
        source=_PERIOPERATIVE,
        lines="333-335",
        strength=Strength.STRONG,
        why="There are no trials to follow.",
        applies=_perioperative_rectal,
        met=_guided,
        readings=("mdt_on_day_of_treatment",),
    ),
)
