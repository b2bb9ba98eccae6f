"""Recurrence and local failure, with death as the competing risk."""

from __future__ import annotations

from analytics.competing import CumulativeIncidence
from analytics.outcomes import SurvivalResult
from analytics.report.html import Column, Content, Html, Row, heading, join, missing, paragraph, table
from analytics.report.material import Material
from analytics.report.sections.flow import reason_words
from analytics.report.sections.survival import curves, is_shown
from analytics.report.small import with_limits
from analytics.wording import counted, p_text

_MONTHS = (12, 36, 60)


def recurrence(material: Material) -> Html:
    """The section."""
    of_patients, of_treatments = material.recurrence, material.local_failure
    parts: list[Content] = [
        paragraph(
            "Who dies without a recurrence can have none later. Kaplan-Meier would count such patients as if they "
            "still could, so what is shown is the cumulative incidence (Aalen-Johansen): the share of all patients who "
            "had a recurrence by then."
        ),
        heading(f"Recurrence from the {of_patients.start_words}"),
        curves(material, of_patients),
        _numbers(material, of_patients, "Cumulative incidence of recurrence"),
        heading("Local failure of treated metastases"),
        paragraph(
            "Each radical local treatment of a metastasis counts by itself, from its own start. The modalities were "
            "chosen for different lesions: their difference is no effect of the modality. A treatment whose record "
            "says nothing of a failure counts as without one."
        ),
        _numbers(material, of_treatments, "Cumulative incidence of local failure by modality"),
    ]
    return join(parts)


def _numbers(material: Material, result: SurvivalResult, caption: str) -> Html:
    if not result.curves:
        return missing("There is no such treatment.") if result.chosen.endpoint.of_treatments else Html("")
    if not result.chosen.endpoint.of_treatments and not is_shown(material, result):
        return Html("")
    if result.chosen.endpoint.of_treatments and not result.events:
        return missing(
            f"No failure is recorded after {counted(result.n, 'treatment')}. None may have happened, or none may have "
            "been recorded: no incidence is shown."
        )
    unit = result.chosen.endpoint.unit
    heads = [Column("Group", number=False), Column(f"{unit.capitalize()}s"), Column("Events"), Column("Deaths without")]
    heads += [Column(f"{counted(month // 12, 'year')} (95 % limits)") for month in _MONTHS]
    rows = [_row(material, result, curve) for curve in result.curves if isinstance(curve, CumulativeIncidence)]
    notes = ["A dash: follow-up ends before."]
    if len(result.curves) > 1 and result.gray is not None:
        notes.append(f"Gray's test of all groups: {p_text(result.gray.p)}; it takes each treatment by itself.")
    left = material.small.flow(result.chosen.excluded)
    if left:
        said = "; ".join(
            f"{count} {reason_words(reason, result.chosen.origin.words)}" for reason, count in left.items()
        )
        notes.append(f"Left out: {said}.")
    return table(caption, heads, rows, notes=notes)


def _row(material: Material, result: SurvivalResult, curve: CumulativeIncidence) -> Row:
    words, small = result.words(curve.label), material.small
    if small.hides(curve.n):
        return Row(words, [small.count(curve.n), *["suppressed"] * 5])
    if small.hides(curve.event_count):
        return Row(words, [f"{curve.n:,}", small.count(curve.event_count), *["suppressed"] * 4])
    rates = [with_limits(rate.estimate, rate.ci_low, rate.ci_high) for rate in curve.rates(_MONTHS)]
    return Row(words, [f"{curve.n:,}", small.count(curve.event_count), small.count(curve.competing_count), *rates])
