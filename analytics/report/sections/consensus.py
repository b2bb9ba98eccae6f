"""The registry beside the consensus: survival and the printed ranges, all printed figures, centers by case-mix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analytics.casemix import CAUTIONS, CaseMix, CenterOutcome
from analytics.consensus.benchmarks import BENCHMARKS
from analytics.figures.casemix import casemix_figure
from analytics.figures.printed_range import printed_range_figure
from analytics.report.html import Column, Content, Html, Row, bullets, heading, join, missing, paragraph, table
from analytics.report.html import figure as framed
from analytics.report.material import Material, tried
from analytics.report.sections.flow import factor_words
from analytics.report.sections.survival import is_shown
from analytics.report.small import SUPPRESSED, with_limits
from analytics.report.svg import inline
from analytics.suppression import hidden
from analytics.wording import counted, p_text
from registry.errors import AnalysisRefused

PRINTED = ((60, "B08"), (120, "B09"))


def consensus(material: Material) -> Html:
    """The section."""
    return join(
        [
            paragraph(
                "The consensus prints figures of other patients at other times. They stand beside the registry's own "
                "so that a difference can be asked about. None of them is a target, and none is tested."
            ),
            heading("Survival after lung resection, beside the printed ranges"),
            _ranges(material),
            heading("All printed figures"),
            _figures(material),
            heading("Centers: observed and expected deaths"),
            bullets(CAUTIONS, kind="caution"),
            _centers(material, material.casemix, "casemix"),
            *_centers_of_all(material),
        ]
    )


def _centers_of_all(material: Material) -> list[Content]:
    if material.origin == "lung_diagnosis" or not material.from_diagnosis.n:
        return []
    words = "Centers: observed and expected deaths of all patients, from the diagnosis of lung metastases"
    return [heading(words), _centers(material, material.casemix_of_all, "casemix-all")]


def _ranges(material: Material) -> Html:
    result = material.after_resection
    if not result.curves:
        return missing(
            "No patient has a radical lung resection from which to count, so there is nothing to lay beside."
        )
    if not is_shown(material, result):
        return missing(f"Fewer than {material.small.limit} patients or deaths: not shown.")
    printed = [(month, BENCHMARKS[id]) for month, id in PRINTED]
    rates = {rate.months: rate for rate in result.curves[0].rates([month for month, _ in PRINTED])}
    said = []
    for month, benchmark in printed:
        rate = rates[month]
        if rate.estimate is None:
            said.append(f"{month // 12} years: printed {benchmark.printed}; the registry's follow-up ends before.")
            continue
        text = with_limits(rate.estimate, rate.ci_low, rate.ci_high)
        left = f"{material.small.count(rate.at_risk or 0)} at risk then"
        said.append(f"{month // 12} years: printed {benchmark.printed}, registry {text}; {left}.")
    alt = f"Kaplan-Meier curve after lung resection with bars of the printed ranges. {' '.join(said)}"
    drawing = inline(printed_range_figure(result, printed), key="printed", alt=alt)
    return join(
        [
            framed(drawing, "Overall survival after the first radical lung resection, and the printed ranges."),
            bullets(said),
            paragraph(f"{BENCHMARKS['B08'].caution} So the range is shown and not tested.", kind="caution"),
        ]
    )


# Printed figures.


def _figures(material: Material) -> Html:
    titles = ("Share or months (95 % limits)", "Patients", "Undetermined")
    heads = [Column("Figure", number=False), *map(Column, titles)]
    rows: list[Row] = []
    cautions: dict[str, list[str]] = {}
    for document in material.benchmarks:
        title = f"{document['title']}, as printed"
        rows.append(Row(title, [document["printed"], "", ""], kind="group"))
        if document["refused"] is not None:
            rows.append(Row(f"{document['refused']}.", ["–", "–", "–"], kind="under"))
            continue
        for figure in document["registry"] or [{"reading": "nobody to count", "denominator": 0, "estimate": None}]:
            rows.append(Row(f"registry: {figure['reading']}", _figure(material, figure), kind="under"))
        cautions.setdefault(document["caution"], []).append(document["title"])
    notes = ["Per patient, in the first episode with lung metastases. Undetermined: what decides is not recorded."]
    notes += [f"{'; '.join(titles)}: {caution}" for caution, titles in cautions.items()]
    return table("Figures that the consensus prints, and the registry's", heads, rows, notes=notes, kind="printed")


def _figure(material: Material, figure: dict[str, Any]) -> tuple[str, str, str]:
    small, n = material.small, figure["denominator"]
    if "median_months" in figure:
        if figure["median_months"] is None:
            return "no cases", "0", "–"
        if small.hides(n):
            return SUPPRESSED, small.count(n), "–"
        low, high = figure["quartiles_months"]
        return f"median {figure['median_months']:.1f} (quartiles {low:.1f} and {high:.1f})", f"{n:,}", "–"
    if n == 0:
        return "no cases", "0", small.count(figure.get("undetermined", 0))
    if "undetermined" not in figure:  # survival: its numerator is deaths
        if small.hides(n) or small.hides(figure["numerator"]):
            return SUPPRESSED, small.count(n), "–"
        if figure["estimate"] is None:
            return "follow-up ends before", f"{n:,}", "–"
        return with_limits(figure["estimate"], figure["ci_low"], figure["ci_high"]), f"{n:,}", "–"
    met = figure["numerator"]
    text = small.share(met, n, figure["ci_low"], figure["ci_high"])
    return text, small.of(met, n), small.count(figure["undetermined"])


# Centers.


def _centers(material: Material, made: CaseMix | AnalysisRefused, key: str) -> Html:
    if isinstance(made, AnalysisRefused):
        return missing(str(made))
    model, own = made.model, material.settings.center
    open_ = open_centers(material, made)
    chosen = model.chosen
    intro = (
        f"For each patient Cox's model of all centers together ({', '.join(_words(made))}) gives the deaths expected "
        f"of such a patient from the {chosen.start_words} over the time observed. Their sum stands beside the deaths "
        f"that were observed. Complete cases: {material.small.count(model.n)}, deaths among them: "
        f"{material.small.count(model.events)}; {material.small.count(len(chosen.times) - model.n)} more patients lack "
        "at least one factor and are left out."
    )
    parts: list[Content] = [paragraph(intro)]
    if not open_:
        test = "" if made.p is None else f" Test that all centers have the ratio 1: {p_text(made.p)}."
        words = (
            f"The deaths of every center are fewer than {material.settings.min_cell}, or would give such a number away"
        )
        return join([*parts, missing(f"{words}: no center is shown.{test}")])
    figure = tried(lambda: casemix_figure(_drawn(made, open_, own), own=own))
    if not isinstance(figure, AnalysisRefused):
        outside = [center.label for center in open_ if center.place != "inside"]
        names = f"outside the limits: {', '.join(outside)}" if outside else "none is outside the limits"
        alt = f"Funnel plot of observed to expected deaths of {counted(len(open_), 'center')}; {names}. See the table."
        parts.append(framed(inline(figure, key=key, alt=alt), f"Centers by case-mix, from the {chosen.start_words}."))
    return join([*parts, _table(material, made, open_)])


def _words(made: CaseMix) -> list[str]:
    return [factor_words(one.covariate) for one in made.model.given]


def _drawn(made: CaseMix, open_: list[CenterOutcome], own: str | None) -> CaseMix:
    """With the centers that may be shown; in the report of one center the others have no names."""
    if own is not None:
        open_ = [center if center.label == own else replace(center, label="") for center in open_]
    return replace(made, centers=tuple(open_))


def open_centers(material: Material, made: CaseMix) -> list[CenterOutcome]:
    """The centers whose counts may be shown."""
    if material.settings.min_cell < 2:
        return list(made.centers)
    counts = np.array([[one.observed for one in made.centers], [one.n - one.observed for one in made.centers]])
    gone = hidden(counts, material.settings.min_cell)
    return [center for at, center in enumerate(made.centers) if not gone[0, at] and not material.small.hides(center.n)]


def _table(material: Material, made: CaseMix, open_: list[CenterOutcome]) -> Html:
    titles = ("Complete cases", "Incomplete", "Observed", "Expected", "Ratio (95 % limits)")
    heads = [Column("Center", number=False), *map(Column, titles), Column("Place", number=False)]
    own = material.settings.center
    rows = [_row(material, center, center in open_) for center in made.centers if own is None or center.label == own]
    notes = ["Largest expected number first. Limits of the ratio: exact Poisson.", *made.own_cautions()]
    if made.p is not None:
        notes.append(f"Test that all centers have the ratio 1: {p_text(made.p)}.")
    if len(open_) < len(made.centers):
        notes.append(
            f"Suppressed, and not drawn: counts below {material.settings.min_cell}, and what would give them away."
        )
    caption = f"Observed and expected deaths by center, from the {made.model.chosen.start_words}"
    return table(caption, heads, rows, notes=notes)


_PLACES = {"inside": "inside the limits", "alert": "beyond 95 %", "alarm": "beyond 99.8 %"}


def _row(material: Material, center: CenterOutcome, is_open: bool) -> Row:
    counts = [material.small.count(center.n), material.small.count(center.incomplete)]
    expected = f"{center.expected:.1f}"
    if not is_open or center.ratio is None:
        return Row(center.label, [*counts, SUPPRESSED if not is_open else f"{center.observed:,}", expected, "–", "–"])
    ratio = f"{center.ratio:.2f} ({center.ci_low:.2f} to {center.ci_high:.2f})"
    return Row(center.label, [*counts, f"{center.observed:,}", expected, ratio, _PLACES[center.place]])
