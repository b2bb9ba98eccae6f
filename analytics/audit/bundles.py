"""All-or-none bundles: an episode meets one where it follows every rule of the bundle that applies to it.

Nolan T, Berwick DM. "All-or-none measurement raises the bar on performance". JAMA 2006;295:1168-1170. A bundle is
shown beside the rules that it is made of, never instead of them: the more rules, the lower it must be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.consensus.cases import Cases
from analytics.consensus.logic import NO, UNKNOWN, Mask, Term
from analytics.consensus.rule import Asked
from analytics.consensus.verdicts import Outcome, Outcomes


def _treated(cases: Cases) -> Term:
    return cases.therapy.treated


@dataclass(frozen=True)
class Bundle:
    """Rules that are met together or not.

    Attributes:
        id, title: of the bundle.
        over: its episodes, in words.
        rules: their ids; each window of a rule by windows counts.
        applies: its episodes; None: all with lung metastases to which at least one of its rules applies.
    """

    id: str
    title: str
    over: str
    rules: tuple[str, ...]
    applies: Asked | None = None


_ANY = "episodes to which one of its rules applies"

BUNDLES: dict[str, Bundle] = {
    bundle.id: bundle
    for bundle in (
        Bundle(
            "WORKUP",
            "Work-up by the recommended studies",
            _ANY,
            ("IMG1", "IMG2", "IMG3", "ASM1", "ASM7", "ASM8"),
        ),
        Bundle("MOLECULAR", "Molecular tests", _ANY, ("MOL1", "MOL2", "MOL3")),
        Bundle(
            "MDT",
            "Treated after an MDT that judged curability and set a goal",
            "episodes with a treatment other than an emergency's",
            ("GEN1", "GEN2", "GEN3"),
            _treated,
        ),
        Bundle("SURVEILLANCE", "Every chest CT that was due", _ANY, ("FUP1", "FUP2", "FUP3", "FUP4")),
    )
}
"""The bundles by id: of rules with a word of strength only, not of what a table lists without one."""


def judge_bundle(bundle: Bundle, cases: Cases, outcomes: Mapping[str, list[Outcomes]]) -> Outcomes:
    """The outcome of a bundle in each episode.

    Args:
        bundle: which.
        cases: the episodes.
        outcomes: of each of its rules, the whole or each window, shape (episodes,).
    """
    found = all_or_none([one for rule_id in bundle.rules for one in outcomes[rule_id]])
    if bundle.applies is not None:
        applies = bundle.applies(cases).codes
        found[applies == UNKNOWN] = Outcome.UNDETERMINED_DENOMINATOR
        found[applies == NO] = Outcome.NOT_APPLICABLE
    found[~cases.population.yes] = Outcome.NO_LINE
    return found


def all_or_none(rules: Sequence[Outcomes]) -> Outcomes:
    """What several outcomes of an episode are together.

    Not met where one is not. Else undetermined where one is undetermined, pending where one is pending, met where one
    is met. Rules that do not apply, exclusions and accepted exceptions leave a rule out; where that leaves none, the
    bundle does not apply. Where the only open question is whether any of its rules applies, the denominator is
    undetermined.

    Args:
        rules: the outcome of each episode by each rule or window, shape (episodes,) each.
    """

    def some(outcome: Outcome) -> Mask:
        there: Mask = np.any([one == outcome for one in rules], axis=0)
        return there

    met, missed, pending = some(Outcome.ADHERENT), some(Outcome.NON_ADHERENT), some(Outcome.PENDING)
    may_apply, open_numerator = some(Outcome.UNDETERMINED_DENOMINATOR), some(Outcome.UNDETERMINED_NUMERATOR)
    found = np.full(len(met), Outcome.NOT_APPLICABLE, dtype=np.int8)
    found[met] = Outcome.ADHERENT
    found[pending] = Outcome.PENDING
    found[may_apply] = Outcome.UNDETERMINED_DENOMINATOR
    found[(may_apply & (met | pending)) | open_numerator] = Outcome.UNDETERMINED_NUMERATOR
    found[missed] = Outcome.NON_ADHERENT
    return found
