"""Centers beside each other: how a funnel is read, the tables beside it, and who lies outside in any rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from analytics.audit.proportions import percent
from analytics.casemix import CenterOutcome
from analytics.consensus.rule import STRENGTH_WORDS
from dashboard.compared import Deaths, Overview, Rates, Seen
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.components.rule_tables import PLACES, center_table
from dashboard.disclosure import SMALLEST
from dashboard.words import NOTHING, counted, number

READING = (
    "Each mark is a center: how many cases it has from left to right, its rate from bottom to top. The line in the "
    "middle is the registry's own average, which is no target. Between the dashed lines lie 95 % of the centers that "
    "differ from it by chance alone, between the outer ones 99.8 %; they are wide on the left because few cases say "
    "little."
)
CHECK_FIRST = (
    "An outlier: check the data first. Look at its undetermined cases, its completeness and its follow-up; then at "
    "whom it treats; then at the cases. Only what is left after that is a question about care."
)


def reading(words: str) -> Html:
    """How the figure is read, and what to do about a center outside."""
    return join((tag("p", words, class_="quiet reading"), tag("p", tag("b", CHECK_FIRST), class_="reading")))


def few_words(few: Sequence[str], bound: str | None) -> Html:
    """Which centers are not shown because they have too few cases, and that the others have no names."""
    said = []
    if few:
        names = ", ".join(sorted(name for name in few if name))
        who = f": {names}" if bound is None else ""
        said.append(
            f"{counted(len(few), 'center')} with fewer than {SMALLEST} cases count in the average, not shown{who}."
        )
    if bound is not None:
        said.append("The other centers are drawn without their names.")
    return tag("p", " ".join(said), class_="quiet reading") if said else Html("")


def rates_table(found: Rates, sight: Seen, address: Mapping[str, str] | None) -> Html:
    """The named centers of a funnel with the control limits at their number of cases."""
    return join((center_table(found.funnel, address), few_words(found.few, sight.bound)))


def deaths_table(found: Deaths, sight: Seen) -> Html:
    """The named centers with observed and expected deaths, the largest first."""
    columns = (
        Column("Center", kind="head"),
        Column("Patients", "with a value of every factor of the model", "num"),
        Column("Deaths of", "observed of the deaths expected of such patients in this registry", "num"),
        Column("Ratio (95 %)", "observed / expected, with exact Poisson limits at 95 %", "num"),
        Column("Place", "on the control limits of chance"),
    )
    rows = [_death_row(one) for one in found.found.centers if one.label]
    return join((table(columns, rows), few_words(found.few, sight.bound)))


def _death_row(one: CenterOutcome) -> tuple[Content, ...]:
    ratio = NOTHING
    if one.ratio is not None and one.ci_low is not None and one.ci_high is not None:
        ratio = f"{one.ratio:.2f} ({one.ci_low:.2f} to {one.ci_high:.2f})"
    place = tag("span", PLACES[one.place], class_="place")
    return one.label, number(one.n), f"{number(one.observed)} of {one.expected:.1f}", ratio, place


def outside_table(found: Overview, address: Mapping[str, str]) -> Html:
    """Who lies outside the limits of which rule."""
    columns = (
        Column("Rule", kind="rule"),
        Column("Class"),
        Column("Center"),
        Column("n of N", kind="num"),
        Column("Rate", kind="num"),
        Column("Average", "of the registry", "num"),
        Column("Place"),
    )
    rows: list[tuple[Content, ...]] = []
    for one in found.found:
        name = join((tag("b", one.rule.id), f" {one.rule.title}"))
        to = urlencode({**address, "of": one.rule.id, "center": one.center.label})
        link = tag("a", name, href=f"?{to}", target="_self", title=one.rule.statement)
        place = tag("span", f"{one.center.direction}, {PLACES[one.center.place]}", class_="place")
        strength = tag("abbr", one.rule.strength, title=STRENGTH_WORDS[one.rule.strength])
        shown = f"{number(one.center.met)} of {number(one.center.cases)}"
        rows.append((link, strength, one.center.label, shown, percent(one.center.rate), percent(one.average), place))
    return table(columns, rows)


def chance_words(found: Overview) -> str:
    """How many would lie outside by chance alone."""
    alert, alarm = 0.05 * found.points, 0.002 * found.points
    return (
        f"{counted(found.rules, 'rule')}, each center in each of them: {counted(found.points, 'comparison')}. By "
        f"chance alone up to {alert:.0f} would lie beyond the 95 % limits, and {alarm:.1f} beyond those at 99.8 %."
    )
