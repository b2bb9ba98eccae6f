"""The prognostic factors (Table 1 of the consensus): groups, and hazard ratios alone, together and as published."""

from __future__ import annotations

from dataclasses import replace

from analytics.cox import ENOUGH_EVENTS, CoxResult
from analytics.cox_terms import Term
from analytics.cox_tests import GLOBAL
from analytics.cox_wording import compared, p_cell, ratio_text
from analytics.curve import Curve
from analytics.figures.forest import forest_of_table1
from analytics.figures.panel import panel_figure
from analytics.report.html import Column, Content, Html, Row, bullets, heading, join, missing, paragraph, table
from analytics.report.html import figure as framed
from analytics.report.material import Material
from analytics.report.sections.flow import factor_words
from analytics.report.small import SUPPRESSED, with_limits
from analytics.report.svg import inline
from analytics.table1 import FactorRow, Table1
from analytics.wording import counted, months, p_text


def prognosis(material: Material) -> Html:
    """The section."""
    made = shown(material)
    n = len(made.chosen.times)
    if not n or material.small.hides(n):
        return missing(
            f"There are too few patients from the {made.chosen.start_words} to compare groups: {n or 'none'}."
        )
    parts: list[Content] = [
        paragraph(
            f"The factors of Table 1 of the consensus and note 1 of its Table 6, by overall survival from the "
            f"{made.chosen.start_words}: {counted(n, 'patient')}, {_events(material, made)}. They describe who does "
            "poorly; none of them is an effect of a treatment, and groups formed by an operation were chosen for it."
        ),
        heading("Each factor by itself"),
        _groups(material, made),
    ]
    drawn = replace(made, rows=tuple(row for row in made.rows if _is_open(material, row)))
    if drawn.rows:
        alt = f"Kaplan-Meier curves of overall survival for {len(drawn.rows)} prognostic factors; see the table above."
        parts.append(framed(inline(panel_figure(drawn), key="panel", alt=alt), _caption(made, drawn, "Survival by")))
    parts += [heading("Hazard ratios: alone, together, and as published"), _ratios(made)]
    drawn = replace(made, rows=tuple(row for row in drawn.rows if _terms_are_open(material, row)))
    if any(row.alone for row in drawn.rows):
        alt = "Forest plot of hazard ratios of death: each factor alone, all together, and as published; see the table."
        parts.append(framed(inline(forest_of_table1(drawn), key="forest", alt=alt), _caption(made, drawn, "Ratios of")))
    if made.multivariable is not None:
        parts += [heading("The model of all factors together"), _model(material, made.multivariable)]
    return join([*parts, *_left_out(made)])


def shown(material: Material) -> Table1:
    """Table 1 without the factors that nobody has, or of which a group is too small to be shown."""
    made = material.table1

    def large(row: FactorRow) -> bool:
        return bool(row.curves) and not any(material.small.hides(curve.n) for curve in row.curves)

    return replace(made, rows=tuple(filter(large, made.rows)), further=tuple(filter(large, made.further)))


def _is_open(material: Material, row: FactorRow) -> bool:
    """Whether a figure of the factor writes no small count."""
    return not any(material.small.hides(curve.event_count) for curve in row.curves)


def _terms_are_open(material: Material, row: FactorRow) -> bool:
    """The same of a figure of its hazard ratios."""
    counts = (count for term in (*row.alone, *row.together) for count in (term.column.n, term.events))
    return not any(map(material.small.hides, counts))


def _caption(made: Table1, drawn: Table1, what: str) -> str:
    left = [factor_words(row.covariate) for row in made.rows if row not in drawn.rows]
    caption = f"{what} each factor."
    return f"{caption} Not drawn, because a count behind it is small: {', '.join(left)}." if left else caption


def _events(material: Material, made: Table1) -> str:
    events = int(made.chosen.times.event.sum())
    return f"{material.small.count(events)} deaths" if events != 1 else f"{material.small.count(events)} death"


def _groups(material: Material, made: Table1) -> Html:
    titles = ("Patients", "Deaths", "Median, months", "5 years, %", "Log-rank p", "After Holm")
    heads = [Column("Factor and group", number=False), *map(Column, titles)]
    rows: list[Row] = []
    left = [row for row in (*material.table1.rows, *material.table1.further) if row not in (*made.rows, *made.further)]
    hidden = [row for row in left if row.curves]
    for row in (*made.rows, *made.further):
        name = row.covariate.sentence
        rows.append(Row(name, ["", "", "", "", p_cell(row.test.p), p_cell(row.p_holm)], kind="group"))
        rows += [Row(row.words(curve.label), _group(material, curve), kind="under") for curve in row.curves]
        if row.missing:
            gone = ["", "", "", "", ""]
            rows.append(Row("missing", [material.small.count(row.missing), *gone], kind="under"))
    rows += [Row(row.covariate.sentence, [SUPPRESSED] * 6, kind="group") for row in hidden]
    notes = [
        "In brackets limits at 95 % (log-log). NR: not reached. Missing values are no group. Holm: corrected for the "
        "number of factors."
    ]
    if hidden:
        notes.append(f"Suppressed: a group of fewer than {material.small.limit} patients.")
    if len(hidden) < len(left):
        notes.append(f"Recorded of nobody: {'; '.join(row.covariate.sentence for row in left if not row.curves)}.")
    return table("Survival by prognostic factor", heads, rows, notes=notes)


def _group(material: Material, curve: Curve) -> list[str]:
    median, (rate,) = curve.median, curve.rates((60,))
    limits = f"{months(median.ci_low)} to {months(median.ci_high)}"
    return [
        f"{curve.n:,}",
        material.small.count(curve.event_count),
        f"{months(median.days)} ({limits})",
        with_limits(rate.estimate, rate.ci_low, rate.ci_high),
        "",
        "",
    ]


def _ratios(made: Table1) -> Html:
    heads = [
        Column("Compared", number=False),
        *map(Column, ("Alone", "p", "Together", "p")),
        Column("Published", number=False),
    ]
    rows = []
    for row in made.rows:
        others = {term.column.level: term for term in row.together}
        published = "; ".join(
            f"{one.short}: {one.hr:.2f} ({one.ci_low:.2f}–{one.ci_high:.2f})" for one in row.published
        )
        for term in row.alone:
            together = others.get(term.column.level)
            cells = [*_ratio(term), *(_ratio(together) if together else ("–", "–")), published or "–"]
            rows.append(Row(compared(term.column), cells))
    notes = [
        "Cox's model, Efron's ties; in brackets limits at 95 %. Alone: patients with a value of the factor. Together: "
        "complete cases of all factors. Published ratios come from other definitions and other patients.",
        *_sources(made),
    ]
    return table("Hazard ratios of death", heads, rows, notes=notes)


def _ratio(term: Term) -> tuple[str, str]:
    if term.hazard_ratio[0] is None:
        return "not estimable", "–"
    return ratio_text(term.hazard_ratio), p_cell(term.p)


def _sources(made: Table1) -> list[str]:
    sources = {one.short: one for row in made.rows for one in row.published}
    return [
        f"{one.short}: {one.cite}; {one.design}, {one.n:,} patients, {one.endpoint}, "
        f"{'adjusted' if one.adjusted else 'not adjusted'}."
        for one in sources.values()
    ]


def _model(material: Material, model: CoxResult) -> Html:
    small = material.small
    per_variable = model.events_per_variable
    lines = [
        f"In the model: {', '.join(factor_words(one.covariate) for one in model.given)}. A factor that is missing in "
        "more than half of the patients, or that divides nobody, is not.",
        f"Complete cases: {small.count(model.n)}, deaths among them: {small.count(model.events)}; "
        f"{small.count(len(model.chosen.times) - model.n)} more patients lack at least one factor and are left out.",
    ]
    if per_variable is not None and not small.hides(model.events):
        few = (
            f" That is fewer than {ENOUGH_EVENTS}: the estimates are unsteady and the limits too narrow."
            if per_variable < ENOUGH_EVENTS
            else ""
        )
        lines.append(f"{per_variable:.1f} deaths for each coefficient.{few}")
    if model.concordance is not None:
        lines.append(f"Concordance {model.concordance:.2f}, in the patients that the model was made from.")
    tests = {test.factor: test for test in model.proportional_hazards}
    overall = tests.pop(GLOBAL, None)
    if overall is not None and overall.p is not None:
        words = f"Test of proportional hazards (Grambsch and Therneau), all factors: {p_text(overall.p)}."
        departing = [name.replace("_", " ") for name, test in tests.items() if test.p is not None and test.p < 0.05]
        if departing:
            words += f" Below 0.05 by itself: {', '.join(departing)}; a ratio of these is an average over time."
        lines.append(words)
    for term in model.terms:
        if term.reason is not None:
            lines.append(f"{compared(term.column)}: not estimable, {term.reason}.")
    return bullets(lines)


def _left_out(made: Table1) -> list[Html]:
    if not made.left_out:
        return []
    names = ", ".join(name.replace("_", " ") for name in made.left_out)
    text = f"Not in the tables, because settled only after the {made.chosen.start_words}: {names} (immortal-time bias)."
    return [paragraph(text, kind="note")]
