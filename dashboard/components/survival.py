"""The numbers of a survival analysis, or of the incidence where death competes: at a glance, and by group."""

from __future__ import annotations

from analytics.competing import CumulativeIncidence
from analytics.curve import Quantile, Rate
from analytics.kaplan_meier import RestrictedMean
from analytics.outcomes import SurvivalResult
from analytics.wording import counted, months, months_text, name_of_test, p_text
from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import NOTHING, few, number


def headline(result: SurvivalResult) -> Html:
    """How many, how many events, how long they were followed, and whether the groups differ."""
    unit = f"{result.chosen.endpoint.unit}s"
    of = f"of {number(result.chosen.patients)} patients in the registry"
    shown = [
        Card(unit.capitalize(), number(result.n), of),
        Card("Events", few(result.events, result.hide_below), result.chosen.endpoint.words),
        Card("Median follow-up", f"{months(result.follow_up.days)} mo", "reverse Kaplan-Meier"),
    ]
    if len(result.curves) > 1:
        test = result.gray if result.death_competes else result.test
        note = "not defined with late entries" if test is None else f"{len(result.curves)} groups"
        shown.append(Card(name_of_test(result), NOTHING if test is None else p_text(test.p), note))
    elif result.curves and result.death_competes:
        (rate,) = result.curves[0].rates((60,))
        shown.append(Card("Incidence at 5 years", *_percent(rate)))
    elif result.curves:
        median = result.curves[0].median
        shown.append(Card("Median survival", f"{months(median.days)} mo", _limits(median)))
    return cards(shown)


def numbers(result: SurvivalResult) -> Html:
    """The estimates of each group."""
    competes = result.death_competes
    columns = [
        Column("Group", kind="head"),
        Column("n", kind="num"),
        Column("Events", kind="num"),
    ]
    if competes:
        columns.append(Column("Deaths", "without the event: they compete with it", "num"))
    else:
        columns.append(Column("Median, months", "95 % limits below; NR: not reached", kind="num"))
    rates = result.curves[0].rates() if result.curves else ()
    columns += [Column(f"{rate.months // 12} year{'s' * (rate.months > 12)}", kind="num") for rate in rates]
    if not competes:
        horizon = months(result.restricted_means[0].horizon_days) if result.restricted_means else ""
        columns.append(Column(f"Mean to {horizon} mo", "restricted mean survival time, in months", kind="num"))
    rows: list[list[Content]] = []
    for curve, mean in zip(result.curves, result.restricted_means, strict=True):
        row: list[Content] = [result.words(curve.label), number(curve.n), few(curve.event_count, result.hide_below)]
        if isinstance(curve, CumulativeIncidence):
            rows.append([*row, few(curve.competing_count, result.hide_below), *map(_rate, curve.rates())])
            continue
        row.append(_with_limits(months(curve.median.days), _limits(curve.median)))
        rows.append([*row, *map(_rate, curve.rates()), _mean(mean)])
    return table(columns, rows)


def comparisons(result: SurvivalResult) -> Html:
    """Each two groups of three or more, the trend over ordered groups, and differences of the restricted mean."""
    rows: list[tuple[Content, ...]] = []
    for pair in result.pairs:
        first, second = (result.words(label) for label in pair.labels)
        rows.append((f"{first} – {second}", name_of_test(result), p_text(pair.test.p), p_text(pair.p_holm)))
    if result.trend is not None:
        rows.append(("All groups in their order", "Test for trend", p_text(result.trend.p), ""))
    for found in result.mean_differences:
        if found.days is not None:
            limits = f"{months(found.ci_low)} to {months(found.ci_high)}"
            by = f"Difference of means to {months(found.horizon_days)} mo: {months(found.days)} ({limits})"
            rows.append((f"{result.words(found.label)} – {result.words(found.against)}", by, p_text(found.p), ""))
    columns = (
        Column("Compared", kind="head"),
        Column("By", kind="free"),
        Column("", kind="num"),
        Column("After Holm", "corrected for the number of pairs", "num"),
    )
    return table(columns, rows, narrow=True) if rows else Html("")


def words(result: SurvivalResult) -> str:
    """The figure in words, for those who cannot see it."""
    title = result.chosen.endpoint.title.lower()
    if not result.death_competes:
        parts = [f"Kaplan-Meier curves of {title} from {result.start_words}."]
    else:
        parts = [f"{result.chosen.endpoint.title} from {result.start_words}, with death competing."]
    for curve in result.curves:
        events = f"{few(curve.event_count, result.hide_below)} event{'s' * (curve.event_count != 1)}"
        counts = f"{counted(curve.n, result.chosen.endpoint.unit)}, {events}"
        if isinstance(curve, CumulativeIncidence):
            (rate,) = curve.rates((60,))
            told = f"incidence at 5 years {_percent(rate)[0]}"
        else:
            told = f"median {months_text(curve.median)}"
        parts.append(f"{result.words(curve.label)}: {counts}, {told}.")
    return " ".join(parts)


def _limits(median: Quantile) -> str:
    return f"{months(median.ci_low)} to {months(median.ci_high)}"


def _rate(rate: Rate) -> Content:
    return NOTHING if rate.estimate is None else _with_limits(*_percent(rate))


def _percent(rate: Rate) -> tuple[str, str]:
    """A rate in percent, and its limits."""
    if rate.estimate is None:
        return NOTHING, "follow-up ends before"
    limited = rate.ci_low is not None and rate.ci_high is not None
    limits = f"{100 * rate.ci_low:.1f} to {100 * rate.ci_high:.1f}" if limited else ""  # type: ignore[operator]
    return f"{100 * rate.estimate:.1f} %", limits


def _mean(mean: RestrictedMean) -> Content:
    if mean.days is None:
        return NOTHING
    return _with_limits(months(mean.days), f"{months(mean.ci_low)} to {months(mean.ci_high)}")


def _with_limits(estimate: str, limits: str) -> Html:
    return join((estimate, tag("div", limits, class_="limits")))
