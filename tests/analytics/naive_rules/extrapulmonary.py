"""Chapter 3.8: lung metastases with one other site (Table 4) and with two or more (Table 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tests.analytics.naive_rules import base, molecular
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    clear_margin,
    code,
    combined,
    emergency,
    every,
    in_time,
    lung_sbrt_or_ablation,
    narrowed,
    not3,
    not_after,
    option,
    outcome,
    radical,
    recorded,
    resection,
    some,
    text,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode, about, assessed_on, not_palliative, perioperative
from tests.analytics.naive_rules.surgery import unsuitable

HERE = ("primary", "local_recurrence", "lung")


def _applies(e: Episode, lung: bool, other: bool) -> Fact:
    """R-LIV with the lung and the other site curable or not."""
    curable = yes_no(e.row, "curable")
    lung_fits = curable if lung else not3(curable)
    return all3(e.on("R-LIV"), lung_fits, e.sites_curable if other else not3(e.sites_curable))


def _at_site(item: Treatment, site: Treatment) -> Fact:
    """Whether a treatment is of a metastasis row's site."""
    name = text(site.row, "site")
    if name is None:
        return None if code(item.row, "target", *HERE) is not True else False
    return code(item.row, "target", name)


def _radical_lung(e: Episode) -> list[Treatment]:
    return narrowed(e.local, lambda i: all3(code(i.row, "target", "lung"), radical(i)))


def liv1(e: Episode) -> Verdict:
    """Both curable: radical local treatment of primary, lung and the other site, and perioperative therapy."""
    # Reading: a resection of the primary that was not palliative counts, unless R1 or R2.
    primary = any3(not3(e.in_situ), some(e.primary_resections, clear_margin))
    lung = some(_radical_lung(e), clear_margin)
    other = every(
        e.sites,
        lambda site: some(e.local, lambda i: all3(_at_site(i, site), radical(i), clear_margin(i))),
    )
    systemic = some(e.systemic, perioperative)
    parts = [(primary, e.open), (lung, e.open), (other, e.open)]
    parts += [(systemic, any3(e.open, e.postoperative_open)), e.within_six_months()]
    met, pending = combined(*parts)
    excepted = e.excepted("LIV1", "progression", "performance_status", "refusal")
    return outcome(_applies(e, True, True), met, excepted=excepted, pending=pending)


def liv2(e: Episode) -> Verdict:
    """Only the lung curable: systemic therapy, and no radical treatment of the lung before it."""
    lung = _radical_lung(e)
    met = some(e.systemic, lambda s: every(lung, lambda item: not_after(s.on, item.on)))
    # Reading: once the lung was treated without systemic therapy before it, the rule can no longer be met.
    pending = all3(e.open, not3(there_is(lung)))
    return outcome(_applies(e, True, False), met, excepted=e.excepted("LIV2", "mdt_decision"), pending=pending)


def liv3(e: Episode) -> Verdict:
    """Only the other site curable: systemic therapy; before its surgery a response that is no PD, and a meeting."""

    def other_site(item: Treatment) -> Fact:
        # Reading: any site outside the lung, whether or not it is listed as active.
        elsewhere = not3(code(item.row, "target", *HERE))
        return all3(code(item.row, "modality", "resection"), elsewhere, not emergency(item))

    surgery = narrowed(e.local, other_site)
    operated = there_is(surgery)
    # Reading: a response must have been recorded by then; the meeting may be on the day (P-MDT).
    careful = all3(e.last_response(surgery, "CR", "PR", "SD", "NE"), e.discussed_by(surgery))
    given = there_is(e.systemic)
    met, pending = combined((given, e.open), (any3(not3(operated), careful), False))
    return outcome(_applies(e, False, True), met, pending=pending)


def _begins(first: Sequence[Treatment], second: Sequence[Treatment]) -> Fact:
    """Whether the first of some treatments came on an earlier day than the first of others."""
    return some(first, lambda item: every(second, lambda other: before(item.on, other.on)))


def liv4(e: Episode) -> Verdict:
    """None curable: systemic therapy."""
    return outcome(_applies(e, False, False), there_is(e.systemic), pending=e.open)


def liv5(e: Episode) -> Verdict:
    """Both curable and a local treatment: a meeting about the sequence by the first."""
    # Reading: local treatments of emergencies do not count here, and those without a date are not the first.
    met = e.meeting(lambda m: all3(about(m, "sequence"), e.by_local(m.on, in_time)))
    return outcome(all3(_applies(e, True, True), there_is(e.planned_local)), met)


def _liver_operations(e: Episode) -> list[Treatment]:
    return narrowed(e.local, lambda item: resection(item, "liver"))


def liv6(e: Episode) -> Verdict:
    """Lung and liver resected on two days: the harder first, the liver where equal."""
    # Reading: R-LIV with the liver as its site; the first operation of each organ counts.
    liver = _liver_operations(e)
    lung_first, liver_first = _begins(e.lung_operations, liver), _begins(liver, e.lung_operations)
    both = all3(there_is(e.lung_operations), there_is(liver), any3(lung_first, liver_first))
    applies = all3(e.on("R-LIV"), e.site("liver"), both)
    harder = text(e.row, "resection_difficulty")
    met = None if harder is None else lung_first if harder == "lung_harder" else liver_first
    return outcome(applies, met, excepted=e.excepted("LIV6", "mdt_decision"))


def liv7(e: Episode) -> Verdict:
    """Liver metastases, systemic therapy then liver surgery: at most 92 days of it."""
    # Reading: any route; the days before the first liver operation.
    liver = _liver_operations(e)
    before_it = narrowed(
        e.systemic, lambda s: all3(not_palliative(s), every(liver, lambda item: before(s.on, item.on)))
    )
    earliest = min((item.on or dt.date.min for item in liver), default=e.cut)
    latest = min((item.on for item in liver if item.own and item.on), default=e.cut)
    least = most = 0.0
    for s in before_it:
        low, high = e.days(s, (earliest, latest))
        least, most = least + (low if s.own else 0), most + high
    limit = base.LIVER_NEOADJUVANT_DAYS
    met = False if least > limit else True if most <= limit else None
    # Reading: "a row with intent conversion" is any of the episode.
    converting = any(s.own and text(s.row, "intent") == "conversion" for s in e.systemic)
    excepted = converting or e.excepted("LIV7", "mdt_decision")
    return outcome(all3(e.site("liver"), there_is(liver), there_is(before_it)), met, excepted=excepted)


def liv8(e: Episode) -> Verdict:
    """No lung surgery for a reason that is not technical: SBRT or ablation of the lung."""
    reasons = ("lung_function", "tolerance", "refusal")
    reason = any3(*(unsuitable(e, column, *reasons) for column in ("surgery_unsuitable_reason", "unresectable_reason")))
    applies = all3(e.on("R-LIV"), not3(there_is(e.lung_operations)), reason)
    return outcome(applies, some(e.local, lung_sbrt_or_ablation))


def liv9(e: Episode) -> Verdict:
    """A targeted agent in perioperative therapy: RAS and BRAF known by its start."""
    targeted = narrowed(e.systemic, lambda s: all3(perioperative(s), not3(code(s.row, "targeted_agent", "none"))))
    # Reading: a result must stand in the row that was reported; the first such therapy counts.
    met = all3(*(molecular.reported_by(e, marker, targeted) for marker in ("kras", "nras", "braf")))
    return outcome(all3(e.on("R-LIV"), there_is(targeted)), met)


def liv10(e: Episode) -> Verdict:
    """Another site: descriptive."""
    return option(e.multi_organ, True)


def mul1(e: Episode) -> Verdict:
    """Two sites or more: the first treatment is systemic."""
    # Reading: by the number of sites, whatever the route. Of two treatments on one day either is the first; systemic
    # therapy that was under way at the detection is enough where nothing was begun since.
    local = [item for item in e.begun if any(item.row is other.row for other in e.local)]
    systemic = narrowed(e.systemic, lambda s: not_after(e.detected, s.on))
    overtaken = some(local, lambda item: every(systemic, lambda s: before(item.on, s.on)))
    met = all3(there_is(e.systemic), not3(overtaken))
    excepted = e.excepted("MUL1", "performance_status", "refusal")
    return outcome(e.two_sites, met, excepted=excepted, pending=e.untreated_open)


def mul2(e: Episode) -> Verdict:
    """Two sites or more and a local treatment: a meeting between the systemic start and it, and a response."""

    # Reading: the first local treatment that has a date; a response assessed by then.
    met = all3(
        e.meeting(lambda m: all3(some(e.systemic, lambda s: not_after(s.on, m.on)), e.by_local(m.on, in_time))),
        some(e.systemic, lambda s: all3(e.by_local(assessed_on(s.row)), recorded(s.row, "best_response"))),
        some(e.systemic, lambda s: e.by_local(s.on, before)),
    )
    return outcome(all3(e.two_sites, there_is(e.planned_local)), met)


def mul3(e: Episode) -> Verdict:
    """Two sites or more, all curable, local treatment done: systemic therapy before it."""
    # Reading: any local treatment but an emergency; "all" are the active sites.
    applies = all3(e.two_sites, e.sites_curable, there_is(e.planned_local))
    met = some(e.systemic, lambda s: e.by_local(s.on, before))
    return outcome(applies, met)


def mul4(e: Episode) -> Verdict:
    """Several organs and a treatment: a meeting about the strategy by the first."""
    # Reading: "a treatment" is a first treatment of the episode.
    topics = ("resectability", "sequence", "initial_strategy")
    met = e.meeting(lambda m: all3(about(m, *topics), e.by_first(m.on, in_time)))
    return outcome(all3(e.multi_organ, e.treated), met)


RULES = {
    "LIV1": liv1,
    "LIV2": liv2,
    "LIV3": liv3,
    "LIV4": liv4,
    "LIV5": liv5,
    "LIV6": liv6,
    "LIV7": liv7,
    "LIV8": liv8,
    "LIV9": liv9,
    "LIV10": liv10,
    "MUL1": mul1,
    "MUL2": mul2,
    "MUL3": mul3,
    "MUL4": mul4,
}
