"""Lymphangitic carcinomatosis, and emergencies of the primary or a local recurrence."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.columns import Days, latest
from analytics.consensus.links import Links
from analytics.consensus.logic import Fact, Term, surely
from analytics.consensus.rule import MDT_DECISION, Direction, Rule, Strength
from analytics.consensus.treatments import ABLATIONS, RADICAL_MODALITIES

_SECTION = "General guidelines for multidisciplinary therapy"


@once
def _lymphangitic(cases: Cases) -> Term:
    return cases.facts.lymphangitic


@once
def _local(cases: Cases) -> Links:
    """Surgery, SBRT and ablation of the lung, and other radical local treatment, from the detection on."""
    therapy = cases.therapy
    of_lung = therapy.target("lung") & therapy.modality("resection", "sbrt", *ABLATIONS)
    radical = therapy.modality(*RADICAL_MODALITIES) & therapy.intent("radical")
    rows = therapy.not_emergency
    lung_only = cases.readings.lymphangitic_local_treatment == "lung_only"
    against = of_lung if lung_only else of_lung | radical
    return rows.only(against & (therapy.local_started >= rows.lift(cases.record.detected_on)))


@once
def _no_local(cases: Cases) -> Term:
    return ~Fact("local treatment from the detection on", _local(cases).any())


@once
def _discussed(cases: Cases) -> Term:
    # Where it has no day it was on the day of the detection or later.
    first = latest((_local(cases).first(cases.therapy.local_started), cases.record.detected_on))
    meetings = cases.meetings
    held = meetings.rows.any(meetings.in_time(first) & meetings.topic("lymphangitic_local_treatment"))
    return Fact("an MDT meeting on local treatment before it", surely(held))


@once
def _systemic(cases: Cases) -> Term:
    therapy, detected = cases.therapy, cases.record.detected_on
    rows = therapy.systemic
    found = rows.lift(detected)
    return Fact(
        "systemic therapy from the detection on", rows.any((therapy.started >= found) | (found <= therapy.ended))
    )


@once
def _open(cases: Cases) -> Term:
    return cases.therapy.open


@once
def _emergency(cases: Cases) -> Term:
    codes = ("bleeding", "perforation", "obstruction")
    return Fact("an emergency of the primary or the recurrence", cases.episode.among("emergency", codes))


def _since_emergency(cases: Cases, table: str) -> tuple[Links, Days]:
    pairs = cases.record.pairs(table)
    on = pairs.day("started_on")
    return pairs.only(on >= pairs.lift(cases.episode.day("emergency_on"))), on


@once
def _managed_first(cases: Cases) -> Term:
    systemic, systemic_on = _since_emergency(cases, "systemic_therapy")
    local, local_on = _since_emergency(cases, "local_treatment")
    emergency = surely(local.among("intent", ("emergency",)))
    others = local.only(~emergency)
    managed = local.only(emergency)
    treated = Fact("another treatment since the emergency", _dated(systemic, systemic_on) | _dated(others, local_on))
    first = managed.first(local_on)
    before_systemic = _none_before(systemic, systemic_on, first)
    before_others = _none_before(others, local_on, first)
    undated = ~managed.any(~local_on.known)
    in_time = managed.any() & before_systemic & before_others
    return ~treated | Fact(
        "the emergency managed before other treatment", in_time & (undated | managed.any(local_on.dated))
    )


def _dated(rows: Links, on: Days) -> Term:
    """Whether there is a row; one without a day is left out."""
    return rows.only(on.known).any()


def _none_before(rows: Links, on: Days, first: Days) -> Term:
    """Whether no dated row was before a day."""
    return ~rows.only(on.known).any(on < rows.lift(first))


RULES = (
    Rule(
        id="LYM1",
        title="No local treatment in lymphangitic carcinomatosis",
        statement="Lymphangitic carcinomatosis is usually not treated locally.",
        source=_SECTION,
        lines="220-227",
        strength=Strength.USUAL,
        why="Its outcome is extremely poor whatever is removed.",
        applies=_lymphangitic,
        met=_no_local,
        excepted=_discussed,
        reasons=(MDT_DECISION,),
        readings=("lymphangitic_local_treatment", "mdt_on_day_of_treatment"),
        direction=Direction.AVOIDED,
    ),
    Rule(
        id="LYM2",
        title="Systemic therapy in lymphangitic carcinomatosis",
        statement="Systemic therapy is the mainstay.",
        source=_SECTION,
        lines="227-231",
        strength=Strength.USUAL,
        why="The disease is diffuse.",
        applies=_lymphangitic,
        met=_systemic,
        reasons=("performance_status", "refusal"),
        pending=_open,
        readings=("open_days", "open_after_preoperative_days"),
    ),
    Rule(
        id="EMG1",
        title="Emergency managed first",
        statement="Bleeding, perforation or obstruction is managed before the metastases are treated.",
        source=_SECTION,
        lines="231-238",
        strength=Strength.STRONG,
        why="It threatens life before the metastases do.",
        applies=_emergency,
        met=_managed_first,
    ),
)
