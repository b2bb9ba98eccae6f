"""Chapter 3.9: non-initial lung metastases."""

from __future__ import annotations

from tests.analytics.naive_rules.base import Verdict, all3, in_time, outcome, recorded
from tests.analytics.naive_rules.episode import Episode


def nin1(e: Episode) -> Verdict:
    """Treated: a meeting on or before the first treatment, and four items recorded."""
    columns = ("ecog", "prior_treatment_review", "drug_free_months", "biology_note")
    met = all3(e.meeting(lambda m: e.by_first(m.on, in_time)), *(recorded(e.row, column) for column in columns))
    return outcome(all3(e.non_initial, e.treated), met)


RULES = {"NIN1": nin1}
