"""Which outcomes of a rule are listed. It lives in the address."""

from __future__ import annotations

from analytics.consensus.rule import Rule
from analytics.consensus.verdicts import OUTCOMES, Outcome
from dashboard.components.choice import choice
from dashboard.components.rates import outcome_title

_NEVER_OF_OPTIONS = (Outcome.ADHERENT, Outcome.NON_ADHERENT, Outcome.EXCEPTION)
_ONLY_OF_OPTIONS = (Outcome.TAKEN, Outcome.NOT_TAKEN)
_FIRST = (Outcome.NON_ADHERENT, Outcome.NOT_TAKEN, Outcome.UNDETERMINED_NUMERATOR, Outcome.UNDETERMINED_DENOMINATOR)


def outcome_choice(rule: Rule) -> frozenset[Outcome]:
    """One outcome of a rule, all undetermined cases, or all to whom it applies or may apply."""
    never = _NEVER_OF_OPTIONS if rule.is_option else _ONLY_OF_OPTIONS
    possible = sorted((one for one in OUTCOMES if one not in never), key=lambda one: (one not in _FIRST, one))
    named = {"all": "All it applies to"} | {one.label: outcome_title(one.label) for one in possible}
    asked = choice("Outcome", "outcome", named)
    if asked == "all":
        return frozenset(possible) - {Outcome.NOT_APPLICABLE}
    return frozenset(one for one in possible if one.label == asked)
