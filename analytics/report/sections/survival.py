"""Survival: the curves with their risk tables, and the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analytics.curve import RATE_MONTHS, Curve
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.outcomes import SurvivalResult
from analytics.report.html import Column, Content, Html, Row, beneath, bullets, heading, join, missing, paragraph, table
from analytics.report.html import figure as framed
from analytics.report.material import Material
from analytics.report.sections.flow import reason_words
from analytics.report.small import with_limits
from analytics.report.svg import inline
from analytics.wording import counted, months


def survival(material: Material) -> Html:
    """The section."""
    results = [material.overall, material.recurrence_free]
    parts: list[Content] = [paragraph(_intro(material))]
    for result in results:
        parts += [heading(f"{result.chosen.endpoint.title} from the {result.start_words}"), curves(material, result)]
    if material.origin != "lung_diagnosis":
        whole = material.from_diagnosis
        parts += [heading("Overall survival from the diagnosis of lung metastases, all patients")]
        parts += [
            paragraph(
                "Everybody with lung metastases, whatever the treatment. Those treated and those not treated are not "
                "compared: who is operated on is chosen, and has lived until then."
            ),
            curves(material, whole),
        ]
        results.append(whole)
    parts.append(_numbers(material, [result for result in results if is_shown(material, result)]))
    return join(parts)


def curves(material: Material, result: SurvivalResult) -> Html:
    """The figure of an analysis, or why there is none."""
    if not result.curves:
        return _nobody(material, result)
    if not is_shown(material, result):
        what = "patients" if material.small.hides(result.n) else "events"
        return missing(f"Fewer than {material.small.limit} {what}: not shown.")
    drawing = inline(
        kaplan_meier_figure(result), key=f"{result.chosen.endpoint.name}-{result.chosen.origin.name}", alt=_alt(result)
    )
    return framed(drawing, _caption(result))


def is_shown(material: Material, result: SurvivalResult) -> bool:
    """Whether there are patients and events enough; a cohort without an event can be shown."""
    return bool(result.curves) and not any(map(material.small.hides, (result.n, result.events)))


def _intro(material: Material) -> str:
    start = material.overall.start_words
    return (
        f"Time runs from the {start} in days (a month is 30.4375 days) to the event, the last contact or the data cut, "
        f"{material.data['data_cut']}. Estimates are by Kaplan-Meier with limits at 95 % on the log-log scale. "
        "Patients who were enrolled after the origin are at risk from their enrollment on."
    )


def _nobody(material: Material, result: SurvivalResult) -> Html:
    reasons = material.small.flow(result.chosen.excluded)
    words = result.chosen.origin.words
    said = bullets(f"{count} {reason_words(reason, words)}" for reason, count in reasons.items())
    return join([missing(f"Nobody can be analyzed from the {words}."), *([said] if reasons else [])])


def _alt(result: SurvivalResult) -> str:
    curve = result.curves[0]
    rates = ", ".join(
        f"{100 * rate.estimate:.0f} % at {counted(rate.months // 12, 'year')}"
        for rate in curve.rates((12, 36, 60))
        if rate.estimate is not None
    )
    kind = "Cumulative incidence" if result.death_competes else "Kaplan-Meier curve"
    return (
        f"{kind}: {result.chosen.endpoint.title.lower()} from the {result.start_words}, "
        f"{counted(result.n, result.chosen.endpoint.unit)}, {counted(result.events, 'event')}"
        + (f"; {rates}." if rates else ".")
    )


def _caption(result: SurvivalResult) -> str:
    return f"{result.chosen.endpoint.title} from the {result.start_words}. The curve stops where follow-up stops."


def _numbers(material: Material, results: Sequence[SurvivalResult]) -> Html:
    if not results:
        return Html("")
    heads = [Column("Quantity", number=False)]
    heads += [Column(f"{result.chosen.endpoint.title}, from the {result.start_words}") for result in results]

    def row(title: str, text: Callable[[SurvivalResult, Curve], Content]) -> Row:
        return Row(title, [text(result, result.curves[0]) for result in results])

    rows = [
        row("Patients", lambda result, curve: f"{curve.n:,}"),
        row("Events", lambda result, curve: material.small.count(curve.event_count)),
        row("Median follow-up, months", lambda result, curve: _months(result.follow_up)),
        row("Median, months", lambda result, curve: _months(curve.median)),
        *(row(f"{counted(month // 12, 'year')}, %", _rate(material, month)) for month in RATE_MONTHS),
        row("Restricted mean, months", _mean),
    ]
    notes = [
        "In brackets limits at 95 %; under each rate the patients still at risk. NR: not reached. A dash: follow-up "
        "ends before. Restricted mean: the months without the event on average until the horizon beneath it."
    ]
    return table("Survival in numbers", heads, rows, notes=notes, kind="numbers")


def _months(quantile: object) -> str:
    days, low, high = (getattr(quantile, name) for name in ("days", "ci_low", "ci_high"))
    return f"{months(days)} ({months(low)} to {months(high)})"


def _rate(material: Material, month: int) -> Callable[[SurvivalResult, Curve], Content]:
    def text(result: SurvivalResult, curve: Curve) -> Content:
        (rate,) = curve.rates((month,))
        if rate.estimate is None:
            return "–"
        left = f"{material.small.count(rate.at_risk or 0)} at risk"
        return beneath(with_limits(rate.estimate, rate.ci_low, rate.ci_high), left)

    return text


def _mean(result: SurvivalResult, curve: Curve) -> Content:
    found = result.restricted_means[0]
    if found.days is None:
        return "–"
    limits = f"{months(found.ci_low)} to {months(found.ci_high)}"
    return beneath(f"{months(found.days)} ({limits})", f"until {months(found.horizon_days)}")
