"""Rates as a page shows them: n of N, a drawn bar with its limits, and what the undetermined leave open."""

from __future__ import annotations

from typing import Any

from dashboard.components.html import Html, join, tag
from dashboard.words import NOTHING, number

_MET, _SCORE = ("adherent", "taken"), ("adherent", "non_adherent", "taken", "not_taken")
_WORDS = {
    "non_adherent": "Non-adherent",
    "exception": "Accepted exception",
    "undetermined_denominator": "Denominator undetermined",
    "undetermined_numerator": "Numerator undetermined",
}


def outcome_title(label: str) -> str:
    """An outcome in words."""
    return _WORDS.get(label, label.replace("_", " ").capitalize())


def score_words(figures: dict[str, Any]) -> str:
    """How many of the cases in the score were met."""
    counts = figures["counts"]
    met, cases = (sum(counts.get(name, 0) for name in names) for names in (_MET, _SCORE))
    return f"{number(met)} of {number(cases)}" if cases else NOTHING


def rate_words(figures: dict[str, Any]) -> str:
    """The rate in percent with its limits at 95 %."""
    if figures["rate"] is None:
        return NOTHING
    return f"{100 * figures['rate']:.1f} % ({100 * figures['ci_low']:.0f} to {100 * figures['ci_high']:.0f})"


def limit_words(figures: dict[str, Any]) -> str:
    """The limits of the rate at 95 %."""
    if figures["rate"] is None:
        return NOTHING
    return f"95 % limits {100 * figures['ci_low']:.1f} to {100 * figures['ci_high']:.1f} %"


def range_words(figures: dict[str, Any]) -> str:
    """Between what the rate would lie if every undetermined case were decided; a dash where none is undetermined."""
    if not undetermined(figures) or figures["wide_low"] is None:
        return NOTHING
    return f"{100 * figures['wide_low']:.0f} to {100 * figures['wide_high']:.0f} %"


def undetermined(figures: dict[str, Any]) -> int:
    """The undetermined cases."""
    counts: dict[str, int] = figures["counts"]
    return sum(counts.get(f"undetermined_{part}", 0) for part in ("denominator", "numerator"))


def rate_bar(figures: dict[str, Any]) -> Html:
    """The rate as a mark between 0 and 100 %, on its limits, on what the undetermined leave open."""
    if figures["rate"] is None:
        return Html("")
    parts = []
    if undetermined(figures) and figures["wide_low"] is not None:
        parts.append(_span("open", figures["wide_low"], figures["wide_high"]))
    parts.append(_span("limits", figures["ci_low"], figures["ci_high"]))
    parts.append(tag("i", "", class_="mark", style=f"left: {100 * figures['rate']:.1f}%"))
    words = f"{rate_words(figures)}; undetermined leave open {range_words(figures)}"
    return tag("div", join(parts), class_="rate", role="img", aria_label=words, title=words)


def _span(kind: str, low: float, high: float) -> Html:
    return tag("i", "", class_=kind, style=f"left: {100 * low:.1f}%; width: {100 * (high - low):.1f}%")
