"""Chapter 3.7: potentially resectable and unresectable lung metastases."""

from __future__ import annotations

from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Row,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    code,
    combined,
    day,
    every,
    narrowed,
    not3,
    not_after,
    option,
    outcome,
    radical,
    recorded,
    some,
    text,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode, about, agreed, not_palliative, possible_ends, postoperative
from tests.analytics.naive_rules.surgery import adjuvant, both_resected, lung_after_primary


def pot1(e: Episode) -> Verdict:
    """Potentially resectable: a meeting about resectability."""
    met = e.meeting(lambda m: about(m, "resectability"))
    return outcome(code(e.row, "resectability", "potentially_resectable"), met)


def converted(e: Episode) -> list[Treatment]:
    """Radical lung operations after systemic therapy."""
    return narrowed(e.lung_operations, lambda o: all3(radical(o), some(e.systemic, lambda s: before(s.on, o.on))))


def pot2(e: Episode) -> Verdict:
    """Converted and operated on: primary, lung, systemic therapy before the lung and after both."""
    earlier = narrowed(e.systemic, not_palliative)
    systemic = some(earlier, lambda s: some(e.lung_operations, lambda o: before(s.on, o.on)))
    parts = (both_resected(e), lung_after_primary(e), (systemic, False), adjuvant(e))
    met, pending = combined(*parts)
    return outcome(all3(e.on("R-POT"), there_is(converted(e))), met, pending=pending)


def pot3(e: Episode) -> Verdict:
    """Converted and R0: the postoperative backbone is the preoperative one."""
    operations = narrowed(e.lung_operations, radical)

    def r0(o: Treatment) -> Fact:
        word = text(o.row, "residual_tumor")
        return None if word in (None, "RX") else word == "R0"

    # Reading: the last systemic row before the first radical lung operation, palliative ones apart, is the
    # preoperative regimen.
    earlier = narrowed(
        e.systemic, lambda s: all3(not_palliative(s), *(any3(not3(o.own), before(s.on, o.on)) for o in operations))
    )
    last = possible_ends(earlier, -1)
    after = narrowed(e.systemic, lambda s: all3(postoperative(s), some(operations, lambda o: before(o.on, s.on))))
    met = some(after, lambda post: agreed(last, lambda pre: _same_backbone(pre, post)))
    still = all3(e.postoperative_open, not3(there_is(after)))
    excepted = e.excepted("POT3", "toxicity", "progression")
    # Reading: R0 where every radical lung operation was.
    applies = all3(e.on("R-POT"), there_is(converted(e)), every(operations, r0))
    return outcome(applies, met, excepted=excepted, pending=still)


def _same_backbone(first: Treatment, second: Treatment) -> Fact:
    one, other = text(first.row, "backbone"), text(second.row, "backbone")
    return None if one is None or other is None else one == other


def pot4(e: Episode) -> Verdict:
    """Primary or recurrence incurable, systemic therapy given: a meeting reassesses after a response."""
    recurrence = None if e.recurrence is None else e.recurrence == "unresectable"
    incurable = any3(text(e.primary, "curable") == "no", recurrence)

    def after_response(m: Treatment) -> Fact:
        seen = some(
            e.systemic,
            lambda s: (
                False if s.row.get("response_assessed_on") == "ND" else before(day(s.row, "response_assessed_on"), m.on)
            ),
        )
        return all3(about(m, "reassessment"), seen)

    assessed = some(e.systemic, lambda s: recorded(s.row, "response_assessed_on"))
    return outcome(all3(incurable, there_is(e.systemic)), all3(assessed, e.meeting(after_response)))


def unr1(e: Episode) -> Verdict:
    """Unresectable: systemic therapy."""
    excepted = unr2(e) == "taken" or e.excepted("UNR1", "performance_status", "refusal")
    return outcome(e.on("R-UNR"), there_is(e.systemic), excepted=excepted, pending=e.open)


def unr2(e: Episode) -> Verdict:
    """Unresectable, without symptoms: observation."""
    recurrence = None if e.recurrence is None else e.recurrence != "unresectable"
    applies = all3(e.on("R-UNR"), not3(e.multi_organ), recurrence, not3(yes_no(e.row, "symptomatic")))
    chosen = False if e.row.get("observation_chosen", "") == "" else yes_no(e.row, "observation_chosen")
    return option(applies, chosen)


def small(row: Row) -> Fact:
    """The sub-group of UNR2: the largest lesion is below 1 cm."""
    found = text(row, "largest_mm")
    return None if found is None else float(found) < base.SMALL_MM


def unr3(e: Episode) -> Verdict:
    """Unresectable with systemic therapy: whatever the combination."""
    return option(all3(e.on("R-UNR"), there_is(e.systemic)), True)


def unr4(e: Episode) -> Verdict:
    """Failure of lines 1 and 2: regorafenib later."""

    # Reading: the rule asks for no route.
    def failed(s: Treatment, line: int) -> Fact:
        found = text(s.row, "line")
        progressed = any3(code(s.row, "stop_reason", "progression"), code(s.row, "best_response", "PD"))
        return all3(None if found is None else int(found) == line, progressed)

    def later(s: Treatment) -> Fact:
        # Reading: "later" is started after a failed row of line 1 and one of line 2 started.
        after = (some(e.systemic, lambda f, n=n: all3(failed(f, n), before(f.on, s.on))) for n in (1, 2))  # type: ignore[misc]
        return all3(code(s.row, "targeted_agent", "regorafenib"), *after)

    applies = all3(some(e.systemic, lambda s: failed(s, 1)), some(e.systemic, lambda s: failed(s, 2)))
    return option(applies, some(e.systemic, later))


def unr5(e: Episode) -> Verdict:
    """Unresectable with systemic therapy: goal recorded by its start, toxicity recorded."""
    # Reading: both are asked of the first systemic row; of two on one day, of either.
    first = narrowed(e.systemic, lambda s: every(e.systemic, lambda other: not_after(s.on, other.on)))
    goal = e.discussed_by(e.systemic, test=lambda m: recorded(m.row, "goal"))
    toxicity = some(first, lambda s: recorded(s.row, "worst_toxicity_grade"))
    still = some(first, e.under_way)
    met, pending = combined((goal, False), (toxicity, still))
    return outcome(all3(e.on("R-UNR"), there_is(e.systemic)), met, pending=pending)


RULES = {
    "POT1": pot1,
    "POT2": pot2,
    "POT3": pot3,
    "POT4": pot4,
    "UNR1": unr1,
    "UNR2": unr2,
    "UNR3": unr3,
    "UNR4": unr4,
    "UNR5": unr5,
}
