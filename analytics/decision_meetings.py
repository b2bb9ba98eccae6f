"""What a multidisciplinary meeting still has to settle in an episode, by the rules that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.consensus.cases import Cases
from analytics.consensus.logic import NO, Term
from analytics.consensus.strategy_steps import denominator_of, numerator_of


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the MDT.

    Args:
        words: what is to be settled.
        needed: where.
        met: where it was.
        before: what it has to come before: treatment, local (treatment), early (phase of treatment), or "" for nothing.
    """

    rule_id: str
    words: str
    needed: Term
    met: Term
    before: str


def asked_of_the_mdt(cases: Cases) -> Iterator[Ask]:
    """Every question, with where it is needed; a rule that counts from the first treatment asks before it too."""
    meetings, rows = cases.meetings, cases.meetings.rows
    curability = rows.flag("curability_assessed", not_done=NO)
    topics = meetings.topic("resectability", "sequence", "initial_strategy")
    yield Ask("GEN1", "discussion", cases.everyone, rows.any(), "treatment")
    yield Ask("GEN2", "whether metastases and primary can be cured", cases.everyone, rows.any(curability), "early")
    yield Ask("GEN3", "goal of treatment", cases.everyone, rows.any(meetings.goal_recorded), "")
    yield Ask("POT1", "resectability", denominator_of("POT1")(cases), numerator_of("POT1")(cases), "")
    yield Ask("MUL4", "resectability, sequence or strategy", cases.facts.any_site, rows.any(topics), "treatment")
    yield Ask(
        "LIV5",
        "sequence of local treatment",
        denominator_of("LIV1")(cases),
        rows.any(meetings.topic("sequence")),
        "local",
    )
    yield Ask(
        "POT4", "reassessment of primary or recurrence", denominator_of("POT4")(cases), numerator_of("POT4")(cases), ""
    )
    yield Ask(
        "NIN1",
        "review of earlier treatment and biology",
        cases.route("R-NIN"),
        numerator_of("NIN1")(cases),
        "treatment",
    )
