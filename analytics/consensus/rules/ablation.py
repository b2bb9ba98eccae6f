"""Non-surgical local treatment of lung metastases: stereotactic radiotherapy and ablation."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import Fact, Term
from analytics.consensus.rule import Asked, Beside, Direction, Rule, Strength
from analytics.consensus.therapy import CONTROLLED
from analytics.consensus.treatments import ABLATIONS

_SECTION = "Perioperative treatment"
_ANY_REASON = (
    "performance_status",
    "refusal",
    "toxicity",
    "progression",
    "complication",
    "contraindication",
    "no_tissue",
    "mdt_decision",
    "other",
)


@once
def _radical(cases: Cases) -> Term:
    return Fact("radical SBRT or ablation of the lung", cases.therapy.lung_non_surgical_radical.any())


@once
def _primary_assessed(cases: Cases) -> Term:
    therapy = cases.therapy
    start = therapy.lung_non_surgical_radical.first(therapy.local_started)
    seen = cases.studies.done_by(start, "colonoscopy", "abdomen_ct_contrast", "pelvis_mri_contrast", "pet_ct")
    removed = Fact("the primary removed by then", cases.facts.primary_removed_by(start))
    return removed | Fact("the primary assessed by then", seen)


@once
def _controlled(cases: Cases) -> Term:
    therapy, facts = cases.therapy, cases.facts
    start = therapy.lung_non_surgical_radical.first(therapy.local_started)
    rows = therapy.systemic
    systemic = Fact("systemic therapy before it", rows.any(therapy.started < rows.lift(start)))
    responded = Fact("disease controlled before it", therapy.last_response(start, *CONTROLLED))
    removed = Fact("the primary removed by then", facts.primary_removed_by(start))
    no_other_disease = ~facts.any_site & removed & facts.no_recurrence
    return (systemic & responded) | (~systemic & no_other_disease)


@once
def _given(cases: Cases) -> Term:
    return Fact("SBRT or ablation of the lung", cases.therapy.lung_non_surgical.any())


def _zone(*zones: str) -> Asked:
    def holds(cases: Cases) -> Term:
        return Fact(f"{' or '.join(zones)} zone", cases.episode.among("zone", zones))

    return holds


@once
def _near_vessel(cases: Cases) -> Term:
    return Fact("near a large vessel", cases.episode.flag("near_vessel"))


@once
def _outer(cases: Cases) -> Term:
    return cases.single_lesion & _zone("outer")(cases) & ~_near_vessel(cases) & _given(cases)


@once
def _middle(cases: Cases) -> Term:
    return cases.single_lesion & _zone("middle")(cases) & ~_near_vessel(cases) & _given(cases)


@once
def _inner(cases: Cases) -> Term:
    return cases.single_lesion & (_zone("inner")(cases) | _near_vessel(cases)) & _given(cases)


def _by(name: str, *modalities: str) -> Asked:
    def met(cases: Cases) -> Term:
        return Fact(name, cases.therapy.lung_non_surgical.any(cases.therapy.modality(*modalities)))

    return met


@once
def _ablation_first(cases: Cases) -> Term:
    strict = cases.readings.outer_zone_ablation == "radiofrequency"
    return (_BY_RADIOFREQUENCY if strict else _BY_ABLATION)(cases)


_BY_ABLATION = _by("ablation", *ABLATIONS)
_BY_RADIOFREQUENCY = _by("radiofrequency ablation", "radiofrequency_ablation")


@once
def _several(cases: Cases) -> Term:
    return Fact("several lung lesions", cases.episode.above("lesion_count", 1)) & _given(cases)


@once
def _discussed(cases: Cases) -> Term:
    start = cases.therapy.lung_non_surgical.first(cases.therapy.local_started)
    return Fact("an MDT meeting on or before it", cases.meetings.before(start))


RULES = (
    Rule(
        id="ABL1",
        title="The primary assessed before SBRT or ablation",
        statement="The status of the primary is assessed before SBRT or ablation.",
        source=_SECTION,
        lines="341-343",
        strength=Strength.STRONG,
        why="Treating the lung while the primary grows serves nobody.",
        applies=_radical,
        met=_primary_assessed,
    ),
    Rule(
        id="ABL2",
        title="Good tumor control before SBRT or ablation",
        statement="SBRT and ablation are done under good overall tumor control.",
        source=_SECTION,
        lines="343-345",
        strength=Strength.STRONG,
        why="Local treatment helps where the rest is controlled.",
        applies=_radical,
        met=_controlled,
    ),
    Rule(
        id="ABL3",
        title="Single lesion in the outer zone: ablation first",
        statement="Radiofrequency ablation is considered first for a single lesion in the outer zone.",
        source=_SECTION,
        lines="346-348",
        strength=Strength.USUAL,
        why="The lesion can be reached safely.",
        applies=_outer,
        met=_ablation_first,
        reasons=_ANY_REASON,
        readings=("outer_zone_ablation",),
        beside=(Beside("radiofrequency", "radiofrequency ablation alone (AMB-20)", met=_BY_RADIOFREQUENCY),),
    ),
    Rule(
        id="ABL4",
        title="Single lesion in the middle zone: ablation or radiotherapy",
        statement="Both can be considered for a single lesion in the middle zone.",
        source=_SECTION,
        lines="348-350",
        strength=Strength.OPTION,
        why="Neither is better there.",
        applies=_middle,
        met=_given,
        direction=Direction.FREE,
        beside=(Beside("ablation", "by ablation", met=_BY_ABLATION),),
    ),
    Rule(
        id="ABL5",
        title="Single lesion in the inner zone or near a vessel: radiotherapy first",
        statement="Radiotherapy is considered first for a single lesion in the inner zone or near vessels.",
        source=_SECTION,
        lines="350-352",
        strength=Strength.USUAL,
        why="Heat is carried away by vessels, and can harm them.",
        applies=_inner,
        met=_by("SBRT", "sbrt"),
        reasons=_ANY_REASON,
    ),
    Rule(
        id="ABL6",
        title="Several lesions: MDT before SBRT or ablation",
        statement="For several lesions the method is decided after an MDT discussion.",
        source=_SECTION,
        lines="352-354",
        strength=Strength.USUAL,
        why="Each lesion may need another method.",
        applies=_several,
        met=_discussed,
        readings=("mdt_on_day_of_treatment",),
    ),
)
