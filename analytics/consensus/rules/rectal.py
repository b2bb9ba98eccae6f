"""Special situations in rectal cancer with synchronous lung metastases."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.columns import Days, earliest, latest
from analytics.consensus.links import Links, Silent
from analytics.consensus.logic import NO, YES, Fact, Recoded, Term, all_of
from analytics.consensus.rule import Beside, Rule, Strength, still_possible
from analytics.consensus.rules.synchronous import (
    neoadjuvant_parts,
    organ_preservation,
    preoperative_radiotherapy,
    preoperative_systemic,
)

_SECTION = "Management of special situations in rectal cancer with synchronous lung metastases"
_YEARS_OF_MONITORING = 10


@once
def _situation(cases: Cases) -> Term:
    facts, definitions = cases.facts, cases.definitions
    as_synchronous = definitions.synchronous | definitions.during_neoadjuvant
    advanced = cases.readings.rectal_neoadjuvant_for == "locally_advanced"
    return all_of(
        (
            cases.route("R-SYN", "R-LIV"),
            as_synchronous,
            facts.primary_in_situ,
            cases.mid_low_rectum,
            ~facts.primary_incurable,
            *([cases.locally_advanced] if advanced else []),
            cases.goal_ned,
        )
    )


@once
def _neoadjuvant(cases: Cases) -> Term:
    return preoperative_systemic(cases) & preoperative_radiotherapy(cases)


@once
def _open_neoadjuvant(cases: Cases) -> Term:
    return still_possible(*neoadjuvant_parts(cases))


@once
def _several_radical(cases: Cases) -> Term:
    return _situation(cases) & Fact("two or more radical local treatments", cases.therapy.radical.at_least(2))


@once
def _sequence_discussed(cases: Cases) -> Term:
    meetings = cases.meetings
    discussed = meetings.before(cases.therapy.first_radical, meetings.topic("sequence"))
    return Fact("an MDT meeting on the sequence on or before the first of them", discussed)


@once
def _preserving(cases: Cases) -> Term:
    return _situation(cases) & organ_preservation(cases)


@once
def _tnt_started(cases: Cases) -> Days:
    """The day by which both systemic therapy and radiotherapy of the primary had started; unknown without both."""
    therapy = cases.therapy
    systemic = therapy.before_operations.first(therapy.started)
    radiotherapy = therapy.radiotherapy.first(therapy.local_started)
    return latest((systemic, radiotherapy))


@once
def _resected_after_tnt(cases: Cases) -> Term:
    therapy = cases.therapy
    rows, started = therapy.radical_lung_operations, _tnt_started(cases)
    both = therapy.before_operations.any() & therapy.radiotherapy.any()
    given = Fact("systemic therapy and radiotherapy of the primary", both)
    after = rows.any(therapy.local_started > rows.lift(started))
    first = rows.only(therapy.local_started > rows.lift(started)).first(therapy.local_started)
    removed = Fact("the primary removed by then", cases.facts.primary_removed_by(first))
    return given & Fact("radical lung resection after it", after) & ~removed


@once
def _treated_otherwise(cases: Cases) -> Term:
    therapy = cases.therapy
    rows, started = therapy.lung_non_surgical_radical, _tnt_started(cases)
    return Fact("SBRT or ablation of the lung after it", rows.any(therapy.local_started > rows.lift(started)))


@once
def _preserved(cases: Cases) -> Term:
    return Fact("lung resection with organ preservation", _preserving(cases) & _resected_after_tnt(cases))


@once
def _tnt_ended(cases: Cases) -> Days:
    """Last end of systemic therapy and radiotherapy begun before the lung resection; NEVER while that is under way."""
    therapy = cases.therapy
    operated = therapy.radical_lung_operations.first(therapy.local_started)
    systemic = therapy.before_operations
    systemic = systemic.only(therapy.started < systemic.lift(operated))
    ended = systemic.last(systemic.end("ended_on"))
    radiotherapy = therapy.radiotherapy
    radiotherapy = radiotherapy.only(therapy.local_started < radiotherapy.lift(operated))
    over = therapy.local.day("ended_on").or_else(therapy.local_started)
    return latest((ended, radiotherapy.last(over)))


@once
def _looks(cases: Cases) -> Links:
    rows = cases.studies.of_patient
    return rows.only(rows.among("modality", ("colonoscopy", "pelvis_mri_contrast")))


@once
def _watched_until(cases: Cases) -> Days:
    return earliest((cases.record.cut, cases.surveillance.died_on, cases.surveillance.last_contact_on))


def _seen(cases: Cases, month: int) -> Fact:
    rows, end, closing = _looks(cases), _tnt_ended(cases), month + cases.readings.monitored_every_months
    opens, closes = end.plus_months(month), end.plus_months(closing)
    on = rows.day("performed_on")
    seen = rows.any((on > rows.lift(opens)) & (on <= rows.lift(closes)))
    return Fact(f"seen in months {month} to {closing}", seen | cases.studies.surveillance_log)


def _closed(cases: Cases, month: int) -> Fact:
    closing = month + cases.readings.monitored_every_months
    return Fact(f"month {closing} over", _tnt_ended(cases).plus_months(closing) <= _watched_until(cases))


@once
def _monitored(cases: Cases) -> Term:
    # Where the end is not known it is not known either whether the first months are over.
    perhaps_open = Recoded(~_closed(cases, 0), YES, NO)
    terms: list[Term] = [
        Fact("end of the neoadjuvant treatment", _tnt_ended(cases).dated),
        _seen(cases, 0) | perhaps_open,
    ]
    concerned = _preserved(cases).codes != NO
    every = cases.readings.monitored_every_months
    for month in range(every, 12 * _YEARS_OF_MONITORING, every):
        closed = _closed(cases, month)
        if (closed.codes[concerned] == NO).all():
            break
        # Of months that are not over nothing is said.
        terms.append(Silent((~closed).codes) | _seen(cases, month))
    return all_of(terms)


@once
def _first_months(cases: Cases) -> Term:
    return ~_closed(cases, 0)


RULES = (
    Rule(
        id="REC1",
        title="Goal NED: systemic therapy and radiotherapy before resection of the primary",
        statement="For a locally advanced middle or low rectal primary with the goal NED, systemic therapy and "
        "neoadjuvant radiotherapy come before radical resection.",
        source=_SECTION,
        lines="522-530",
        strength=Strength.STRONG,
        why="The primary is controlled well, and surgery of the rectum bears on quality of life.",
        applies=_situation,
        excluded=organ_preservation,
        met=_neoadjuvant,
        pending=_open_neoadjuvant,
        readings=(
            *("open_days", "open_after_preoperative_days", "mid_low_height_cm", "stage_of_primary"),
            "rectal_neoadjuvant_for",
        ),
        version=2,
        since="2026-11-29",
    ),
    Rule(
        id="REC2",
        title="Order of primary and metastases discussed by an MDT",
        statement="The order of managing primary and metastases requires an MDT discussion.",
        source=_SECTION,
        lines="530-532",
        strength=Strength.STRONG,
        why="Several radical treatments depend on each other.",
        applies=_several_radical,
        met=_sequence_discussed,
        readings=("mdt_on_day_of_treatment",),
    ),
    Rule(
        id="REC3",
        title="Organ preservation: lung resection after total neoadjuvant therapy",
        statement="Where the patient keeps the organ, metastases can be resected after total neoadjuvant therapy.",
        source=_SECTION,
        lines="532-535",
        strength=Strength.OPTION,
        why="The primary may be controlled without surgery.",
        applies=_preserving,
        met=_resected_after_tnt,
        beside=(Beside("sbrt_or_ablation", "SBRT or ablation of the lung instead", met=_treated_otherwise),),
    ),
    Rule(
        id="REC4",
        title="Organ preservation: the primary closely monitored",
        statement="The primary is then monitored closely; the text sets no interval, six months are the registry's.",
        source=_SECTION,
        lines="535-536",
        strength=Strength.STRONG,
        why="The primary is still there.",
        applies=_preserved,
        met=_monitored,
        pending=_first_months,
        readings=("monitored_every_months",),
    ),
)
