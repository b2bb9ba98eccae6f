"""Chapter 3.6: local treatment of the lung without surgery."""

from __future__ import annotations

from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    code,
    every,
    lung_sbrt_or_ablation,
    narrowed,
    not3,
    not_after,
    option,
    outcome,
    radical,
    some,
    text,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode


def _radical(e: Episode) -> list[Treatment]:
    return narrowed(e.local, lambda i: all3(lung_sbrt_or_ablation(i), radical(i)))


def _given(e: Episode) -> list[Treatment]:
    return narrowed(e.local, lambda i: all3(lung_sbrt_or_ablation(i), text(i.row, "intent") != "palliative"))


def abl1(e: Episode) -> Verdict:
    """The primary is gone, or was looked at, on or before the first radical SBRT or ablation of the lung."""
    treated = _radical(e)
    looks = ("colonoscopy", "abdomen_ct_contrast", "pelvis_mri_contrast", "pet_ct")

    def assessed(s: Treatment) -> Fact:
        return all3(code(s.row, "modality", *looks), every(treated, lambda item: not_after(s.on, item.on)))

    met = any3(e.removed_by(treated), e.logged("workup_log_complete", assessed))
    return outcome(there_is(treated), met)


def abl2(e: Episode) -> Verdict:
    """Good control of the tumor before the first radical SBRT or ablation of the lung."""
    treated = _radical(e)
    # Reading: "without systemic therapy" is without any that began before this treatment.
    systemic = some(e.systemic, lambda s: every(treated, lambda item: before(s.on, item.on)))
    response = e.last_response(treated, "CR", "PR", "SD")
    recurrence = None if e.recurrence is None else e.recurrence == "none"
    quiet = all3(not3(e.multi_organ), e.removed_by(treated), recurrence)
    met = any3(all3(systemic, response), all3(not3(systemic), quiet))
    return outcome(there_is(treated), met)


def _lesions(e: Episode, least: int) -> Fact:
    found = text(e.row, "lesion_count")
    return None if found is None else int(found) == 1 if least == 1 else int(found) >= least


def _zone(e: Episode, zone: str) -> Fact:
    return all3(code(e.row, "zone", zone), not3(yes_no(e.row, "near_vessel")))


def abl3(e: Episode) -> Verdict:
    """One lesion in the outer zone: ablation."""
    given = _given(e)
    # Reading: "reason" of ABL3 and ABL5 is any reason recorded for the rule.
    applies = all3(_lesions(e, 1), _zone(e, "outer"), there_is(given))
    return outcome(applies, some(given, base.ablation), excepted=e.excepted("ABL3"))


def abl4(e: Episode) -> Verdict:
    """One lesion in the middle zone: either."""
    return option(all3(_lesions(e, 1), _zone(e, "middle"), there_is(_given(e))), True)


def abl5(e: Episode) -> Verdict:
    """One lesion in the inner zone or near a vessel: SBRT."""
    given = _given(e)
    deep = any3(code(e.row, "zone", "inner"), yes_no(e.row, "near_vessel"))
    met = some(given, lambda item: code(item.row, "modality", "sbrt"))
    return outcome(all3(_lesions(e, 1), deep, there_is(given)), met, excepted=e.excepted("ABL5"))


def abl6(e: Episode) -> Verdict:
    """Several lesions: a meeting on or before the treatment."""
    given = _given(e)
    applies = all3(_lesions(e, 2), there_is(given))
    return outcome(applies, e.discussed_by(given), excepted=e.excepted("ABL6", "mdt_decision"))


RULES = {"ABL1": abl1, "ABL2": abl2, "ABL3": abl3, "ABL4": abl4, "ABL5": abl5, "ABL6": abl6}
