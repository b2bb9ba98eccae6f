"""The numbers of a survival analysis: at a glance, by group, and the way to those who were analyzed."""

from __future__ import annotations

from analytics.endpoints import ENDS_BEFORE_ENTRY, FACTOR_FIXED_LATER, FACTOR_MISSING, NOT_DISEASE_FREE, WITHDRAWN
from analytics.kaplan_meier import Quantile, Rate, RestrictedMean
from analytics.origins import DATE_UNKNOWN, NOT_REACHED, UNDETERMINED
from analytics.outcomes import SurvivalResult
from analytics.wording import months, months_text, p_text
from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import NOTHING, number


def headline(result: SurvivalResult) -> Html:
    """How many, how many events, how long they were followed, and whether the groups differ."""
    shown = [
        Card("Patients", number(result.n), f"of {number(result.chosen.patients)} in the registry"),
        Card("Events", number(result.events), result.chosen.endpoint.words),
        Card("Median follow-up", f"{months(result.follow_up.days)} mo", "reverse Kaplan-Meier"),
    ]
    if len(result.curves) > 1:
        shown.append(Card("Log-rank test", p_text(result.test.p), f"{len(result.curves)} groups"))
    elif result.curves:
        median = result.curves[0].median
        shown.append(Card("Median survival", f"{months(median.days)} mo", _limits(median)))
    return cards(shown)


def numbers(result: SurvivalResult) -> Html:
    """The estimates of each group."""
    columns = [
        Column("Group", kind="head"),
        Column("n", kind="num"),
        Column("Events", kind="num"),
        Column("Median, months", "95 % limits below; NR: not reached", kind="num"),
    ]
    rates = result.curves[0].rates() if result.curves else ()
    columns += [Column(f"{rate.months // 12} year{'s' * (rate.months > 12)}", kind="num") for rate in rates]
    horizon = months(result.restricted_means[0].horizon_days) if result.restricted_means else ""
    columns.append(Column(f"Mean to {horizon} mo", "restricted mean survival time, in months", kind="num"))
    rows: list[list[Content]] = []
    for curve, mean in zip(result.curves, result.restricted_means, strict=True):
        row: list[Content] = [result.words(curve.label), number(curve.n), number(curve.event_count)]
        row.append(_with_limits(months(curve.median.days), _limits(curve.median)))
        row += [_rate(rate) for rate in curve.rates()]
        row.append(_mean(mean))
        rows.append(row)
    return table(columns, rows)


def flow(result: SurvivalResult) -> Html:
    """Everybody who was left out, with the reason; each patient counts for the first that holds."""
    chosen = result.chosen
    rows: list[tuple[Content, ...]] = [("In the registry", number(chosen.patients))]
    rows += [(f"– {_why(result, reason)}", number(count)) for reason, count in chosen.excluded.items()]
    columns = (Column("Patients", kind="head"), Column("", kind="num"))
    return table(columns, rows, foot=("Analyzed", number(result.n)), narrow=True)


def words(result: SurvivalResult) -> str:
    """The figure in words, for those who cannot see it."""
    parts = [f"Kaplan-Meier curves of {result.chosen.endpoint.title.lower()} from {result.start_words}."]
    for curve in result.curves:
        counts = f"{curve.n} patients, {curve.event_count} events"
        parts.append(f"{result.words(curve.label)}: {counts}, median {months_text(curve.median)}.")
    return " ".join(parts)


def _limits(median: Quantile) -> str:
    return f"{months(median.ci_low)} to {months(median.ci_high)}"


def _rate(rate: Rate) -> Content:
    if rate.estimate is None:
        return NOTHING
    limited = rate.ci_low is not None and rate.ci_high is not None
    limits = f"{100 * rate.ci_low:.1f} to {100 * rate.ci_high:.1f}" if limited else ""  # type: ignore[operator]
    return _with_limits(f"{100 * rate.estimate:.1f} %", limits)


def _mean(mean: RestrictedMean) -> Content:
    if mean.days is None:
        return NOTHING
    return _with_limits(months(mean.days), f"{months(mean.ci_low)} to {months(mean.ci_high)}")


def _with_limits(estimate: str, limits: str) -> Html:
    return join((estimate, tag("div", limits, class_="limits")))


def _why(result: SurvivalResult, reason: str) -> str:
    """A reason in words."""
    origin = result.chosen.origin.words
    words = {
        WITHDRAWN: "consent withdrawn",
        NOT_REACHED: f"without {origin}",
        DATE_UNKNOWN: f"{origin} on an unknown day",
        UNDETERMINED: f"{origin} cannot be told",
        NOT_DISEASE_FREE: "operation at the origin was R1 or R2",
        FACTOR_MISSING: "factor not recorded",
        FACTOR_FIXED_LATER: "factor known only later",
        ENDS_BEFORE_ENTRY: "follow-up ends before enrollment",
    }
    return words.get(reason, reason.replace("_", " "))
