"""Table 1 on a page: groups, hazard ratios alone and together with published ones, proportional hazards, the flow."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.cox import ENOUGH_EVENTS, CoxResult
from analytics.cox_terms import Term
from analytics.cox_tests import GLOBAL
from analytics.cox_wording import compared, p_cell, ratio_text
from analytics.report.small import with_limits
from analytics.table1 import SETTLED_LATER, FactorRow, Table1
from analytics.wording import months
from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.disclosure import SMALLEST, TOO_SMALL
from dashboard.words import NOTHING, factor_title, few, number

_PUBLISHED = "other patients, other definitions: a ratio to lay beside, not to reach"


def headline(made: Table1) -> Html:
    """How many, and how well the events bear the model of all factors."""
    times, model = made.chosen.times, made.multivariable
    items = [
        Card("Patients", number(len(times)), f"of {number(made.chosen.patients)} in the registry"),
        Card("Events", number(int(times.event.sum())), made.chosen.endpoint.words),
    ]
    if model is not None:
        per = model.events_per_variable
        unsteady = per is not None and per < ENOUGH_EVENTS
        few = f"fewer than {ENOUGH_EVENTS}: unsteady" if unsteady else "in the model of all factors"
        items += [
            Card("Complete cases", number(model.n), f"{number(model.events)} events, in the model of all factors"),
            Card("Events per coefficient", NOTHING if per is None else f"{per:.1f}", few),
        ]
        if model.concordance is not None:
            items.append(Card("Concordance", f"{model.concordance:.2f}", "of the model of all factors"))
    return cards(items)


def factors(made: Table1) -> Html:
    """Each group with its numbers, its hazard ratio alone, with all others, and as published."""
    columns = (
        Column("Factor", kind="free"),
        Column("n", kind="num"),
        Column("Events", kind="num"),
        Column("Median, months", "limits at 95 % beneath; NR: not reached", "num"),
        Column("5 years", "limits at 95 % beneath", "num"),
        Column("Alone", "hazard ratio of Cox's model with this factor alone", "num"),
        Column("p", kind="num"),
        Column("Together", "hazard ratio with all factors, on complete cases", "num"),
        Column("p", kind="num"),
        Column("Published", _PUBLISHED, "free"),
    )
    rows = (row for factor in (*made.rows, *made.further) for row in _factor(factor, made.hide_below))
    return tag("div", table(columns, rows), class_="table1")


def _factor(row: FactorRow, hide_below: int) -> Iterator[tuple[Content, ...]]:
    tests = f"log-rank p {p_cell(row.test.p)}"
    if row.p_holm is not None:
        tests += f", after Holm {p_cell(row.p_holm)}"
    missing = f", {number(row.missing)} without a value" if row.missing else ""
    name = join((tag("b", row.covariate.sentence), tag("div", f"{tests}{missing}", class_="limits")))
    others = (f"{one.short} {one.hr:.2f} ({one.ci_low:.2f}–{one.ci_high:.2f})" for one in row.published)
    yield (name, *[""] * 8, "; ".join(others))
    alone = {term.column.level: term for term in row.alone}
    together = {term.column.level: term for term in row.together}
    for at, curve in enumerate(row.curves):
        (rate,) = curve.rates((60,))
        median = _limited(months(curve.median.days), f"{months(curve.median.ci_low)} to {months(curve.median.ci_high)}")
        share, _, limits = with_limits(rate.estimate, rate.ci_low, rate.ci_high).partition(" (")
        ratios = [*_ratio(alone.get(curve.label), at), *_ratio(together.get(curve.label), at if row.together else 1)]
        group = tag("span", row.words(curve.label), class_="level")
        counts = (number(curve.n), few(curve.event_count, hide_below))
        yield (group, *counts, median, _limited(share, limits.rstrip(")")), *ratios, "")


def _ratio(term: Term | None, at: int) -> tuple[str, str]:
    if term is None:
        return ("1", "") if at == 0 else (NOTHING, "")
    return ratio_text(term.hazard_ratio), p_cell(term.p)


def _limited(estimate: str, limits: str) -> Html:
    return join((estimate, tag("div", limits, class_="limits")))


def model_notes(made: Table1) -> Html:
    """What is not in the table and why, and which coefficients have no estimate."""
    lines = []
    reasons = {
        SETTLED_LATER: f"Settled only after {made.chosen.start_words}, so not in the table (immortal time)",
        TOO_SMALL: f"Not shown, because a group has fewer than {SMALLEST} patients",
    }
    for reason, words in reasons.items():
        found = [factor_title(name) for name, why in made.left_out.items() if why == reason]
        if found:
            lines.append(f"{words}: {', '.join(found)}.")
    for term in made.multivariable.terms if made.multivariable else ():
        if term.reason is not None:
            lines.append(f"{compared(term.column)}: not estimable, {term.reason}.")
    lines.append("They describe who does poorly; none of them is an effect of a treatment.")
    return join(tag("p", line, class_="quiet") for line in lines)


def proportional_hazards(model: CoxResult) -> Html:
    """The test of Grambsch and Therneau for each factor and for all together."""
    columns = (
        Column("Factor", kind="head"),
        Column("Chi-square", kind="num"),
        Column("df", kind="num"),
        Column("p", kind="num"),
    )
    rows = []
    for test in model.proportional_hazards:
        statistic = NOTHING if test.statistic is None else f"{test.statistic:.2f}"
        rows.append((_test_name(test.factor), statistic, str(test.df), p_cell(test.p)))
    return table(columns, rows, narrow=True)


def over_time(model: CoxResult) -> str:
    """The Schoenfeld plot in words, for those who cannot see it."""
    tests = (f"{_test_name(test.factor)} p {p_cell(test.p)}" for test in model.proportional_hazards)
    return f"Coefficients over time; tests of proportional hazards: {'; '.join(tests)}."


def _test_name(factor: str) -> str:
    return "All factors" if factor == GLOBAL else factor_title(factor)


def words(made: Table1) -> str:
    """The forest plot in words, for those who cannot see it."""
    said = [f"{compared(term.column)}: {ratio_text(term.hazard_ratio)}" for row in made.rows for term in row.alone]
    return f"Forest plot of hazard ratios, {made.chosen.endpoint.title.lower()}. Alone: {'; '.join(said)}."
