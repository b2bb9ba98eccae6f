"""How numbers are written for people, in figures and on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.curve import Quantile
from analytics.survival import DAYS_PER_MONTH

if TYPE_CHECKING:
    from analytics.outcomes import SurvivalResult


def name_of_test(result: SurvivalResult) -> str:
    """The name of the test of all groups."""
    name = "Gray's test" if result.death_competes else "Log-rank test"
    return name if result.chosen.stratify is None else f"{name} stratified by {result.chosen.stratify}"


def p_text(p: float | None) -> str:
    """A p value; below 0.0001 as such."""
    if p is None:
        return "p not estimable"
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}" if p < 0.01 else f"p = {p:.3f}"


def months(days: float | None) -> str:
    """Days as months with one decimal; NR (not reached) where there are none."""
    return "NR" if days is None else f"{days / DAYS_PER_MONTH:.1f}"


def months_text(quantile: Quantile, *, limits: bool = True) -> str:
    """A quantile in months, with its limits."""
    if quantile.days is None and quantile.ci_low is None:
        return "not reached"
    shown = "not reached" if quantile.days is None else f"{months(quantile.days)} months"
    return f"{shown} (95 % CI {months(quantile.ci_low)} to {months(quantile.ci_high)})" if limits else shown


def counted(count: int, word: str) -> str:
    """A count with its word: 1 event, 2 events."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def few(count: int, hide_below: int, word: str = "") -> str:
    """A count, with its word where one is given; one that is too small to be shown only as that."""
    if 0 < count < hide_below:
        return f"< {hide_below}" + (f" {word}s" if word else "")
    return counted(count, word) if word else f"{count:,}"


def within_sentence(label: str) -> str:
    """A label as it stands within a sentence: without its capital, unless that is of an abbreviation (ECOG, CEA)."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
