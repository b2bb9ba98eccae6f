"""The summary: ten lines for somebody who reads nothing else."""

from __future__ import annotations

from typing import Any

from analytics.casemix import CaseMix
from analytics.cox import ENOUGH_EVENTS
from analytics.curve import Rate
from analytics.outcomes import SurvivalResult
from analytics.report.html import Html, bullets, join, paragraph
from analytics.report.material import Material
from analytics.report.sections.adherence import score_of, undetermined_of
from analytics.report.sections.consensus import PRINTED, open_centers
from analytics.report.sections.flow import factor_words
from analytics.report.sections.prognosis import shown
from analytics.report.sections.quality import decisive, open_queries
from analytics.report.sections.survival import is_shown
from analytics.report.small import with_limits
from analytics.wording import counted, months_text
from registry.errors import AnalysisRefused

_LEAST_CASES = 30


def summary(material: Material) -> Html:
    """The section."""
    lines = [
        _who(material),
        _survival(material),
        _printed(material),
        _recurrence(material),
        _factors(material),
        _centers(material),
        _bundles(material),
        _departures(material),
        _unknown(material),
        _quality(material),
    ]
    note = "Brackets hold limits at 95 %. Each line stands in full, with its cautions, in the sections that follow."
    return join([bullets(lines, ordered=True, kind="summary"), paragraph(note, kind="note")])


def _who(material: Material) -> str:
    small, overall = material.small, material.overall
    centers = material.cohort.frames["patient"]["center_id"].nunique()
    where = f"center {material.settings.center}" if material.settings.center else counted(centers, "center")
    if not material.patients:
        return "There is no patient in the registry yet, so nothing can be said of outcomes or care."
    text = f"{small.count(material.patients)} patients of {where}; {small.count(overall.n)} are analyzed from the "
    text += f"{overall.start_words}"
    if small.hides(overall.n) or not overall.n:
        return f"{text}."
    return f"{text}, with a median follow-up of {months_text(overall.follow_up, limits=False)}."


def _survival(material: Material) -> str:
    result = material.overall
    if not is_shown(material, result):
        return "Survival: too few patients or events to be shown."
    rate = _latest(result)
    words = f"Survival: of 100 patients {_of_hundred(rate)} live {counted(rate.months // 12, 'year')} after the "
    median = months_text(result.curves[0].median)
    return f"{words}{result.start_words} ({_limits(rate)}); median survival {median}."


def _printed(material: Material) -> str:
    result, (month, id) = material.after_resection, PRINTED[0]
    benchmark = next(document for document in material.benchmarks if document["id"] == id)
    if not is_shown(material, result):
        return (
            f"After lung resection the consensus prints {benchmark['printed']} at 5 years; nobody here to lay beside."
        )
    (rate,) = result.curves[0].rates((month,))
    if rate.estimate is None:
        return f"After lung resection the consensus prints {benchmark['printed']} at 5 years; follow-up ends before."
    low, high = benchmark["low"], benchmark["high"]
    place = "within" if low <= rate.estimate <= high else "below" if rate.estimate < low else "above"
    return (
        f"After lung resection {with_limits(rate.estimate, rate.ci_low, rate.ci_high)} live at 5 years, {place} the "
        f"range that the consensus prints ({benchmark['printed']}) of other patients; it is no target."
    )


def _recurrence(material: Material) -> str:
    result = material.recurrence
    if not is_shown(material, result):
        return "Recurrence: too few patients or events to be shown."
    rate = _latest(result)
    free = material.recurrence_free
    text = f"Recurrence: of 100 patients {_of_hundred(rate)} have one within {counted(rate.months // 12, 'year')} "
    text += f"({_limits(rate)})"
    if not is_shown(material, free):
        return f"{text}."
    return f"{text}; median survival without recurrence is {months_text(free.curves[0].median)}."


def _factors(material: Material) -> str:
    made = shown(material)
    if not is_shown(material, material.overall):
        return "Prognostic factors: too few patients to compare."
    clear = [row for row in made.rows if row.p_holm is not None and row.p_holm < 0.05]
    names = ", ".join(factor_words(row.covariate) for row in clear)
    text = (
        f"Prognostic factors: survival differs beyond chance with {names}"
        if clear
        else f"Prognostic factors: with none of {len(made.rows)} does survival differ beyond chance"
    )
    text += " (log-rank test, corrected for the number of factors)"
    model = made.multivariable
    if model is None or model.events_per_variable is None or material.small.hides(model.events):
        return f"{text}."
    few = ", too few to be steady" if model.events_per_variable < ENOUGH_EVENTS else ""
    together = f"Together they were modeled in {material.small.count(model.n)} patients"
    return f"{text}. {together} with {model.events_per_variable:.1f} deaths a factor{few}."


def _centers(material: Material) -> str:
    tries = [material.casemix, material.casemix_of_all]
    found = [one for one in tries if isinstance(one, CaseMix)]
    if not found:
        refused = next(one for one in tries if isinstance(one, AnalysisRefused))
        return f"Centers: not compared. {refused.problem}."
    made, own = max(found, key=lambda one: one.model.events), material.settings.center
    shown_ = [center for center in open_centers(material, made) if own in (None, center.label)]
    outside = [center.label for center in shown_ if center.place != "inside"]
    text = f"Deaths from the {made.model.chosen.start_words}, with allowance for whom a center treats: of "
    text += f"{counted(len(made.centers), 'center')} "
    unsteady = " The model has few events, so the allowance is unsteady." if made.few_events else ""
    if not outside:
        return (
            f"{text}{'this one' if own else 'none'} is {'inside' if own else 'outside'} the limits of chance.{unsteady}"
        )
    are = f"{', '.join(outside)} {'is' if len(outside) == 1 else 'are'} outside the limits of chance"
    return f"{text}{are}. Check data and follow-up first.{unsteady}"


def _bundles(material: Material) -> str:
    said = []
    for document in material.adherence.bundle_documents():
        cases, met = score_of(document)
        if cases and not material.small.hides(cases):
            share = material.small.share(met, cases, document["ci_low"], document["ci_high"])
            said.append(f"{document['title'][:1].lower()}{document['title'][1:]} {share} of {cases:,}")
    if not said:
        return "Care: no bundle of recommendations has enough cases."
    return f"Care, all or none: {'; '.join(said)}."


def _departures(material: Material) -> str:
    """The rules with a printed recommendation that are most often not followed."""
    found = []
    for document in _recommended(material):
        cases, met = score_of(document)
        if cases >= _LEAST_CASES:
            found.append((met / cases, document["rule_id"], document, cases - met, cases))
    if not found:
        return f"Recommendations: none has {_LEAST_CASES} cases that could be decided."
    least = sorted(found, key=lambda one: one[:2])[:3]
    said = "; ".join(
        f"{document['title']} ({id}, {material.small.of(cases - missed, cases)})"
        for _, id, document, missed, cases in least
    )
    return f"Followed least, of {len(found)} recommendations with at least {_LEAST_CASES} cases: {said}."


def _unknown(material: Material) -> str:
    documents = _recommended(material)
    decided = sum(score_of(document)[0] for document in documents)
    opened = sum(map(undetermined_of, documents))
    if not decided + opened:
        return "Undetermined: there was nothing to decide."
    widest = max(documents, key=lambda document: (undetermined_of(document), document["rule_id"]))
    share = f"{100 * opened / (decided + opened):.0f} %"
    return (
        f"Undetermined: {share} of the decisions could not be made because something is not recorded, most often for "
        f"{widest['title']} ({widest['rule_id']}, {material.small.count(undetermined_of(widest))} cases)."
    )


def _quality(material: Material) -> str:
    checked, small = material.checked, material.small
    filled = decisive(checked.complete)
    if not filled.cells:
        return "Data: nothing is recorded yet."
    text = (
        f"Data: of the cells that outcomes and factors rest on {100 * filled.values / filled.cells:.0f} % have a value"
    )
    alive, overdue = sum(one.alive for one in checked.timely), sum(one.overdue for one in checked.timely)
    if alive:
        text += f"; {small.of(overdue, alive)} living patients are overdue for follow-up"
    if checked.knows_queries:
        return f"{text}; {small.count(open_queries(checked))} data queries are open."
    return f"{text}; the edit checks question {small.count(len(checked.questioned))} cells."


def _recommended(material: Material) -> list[dict[str, Any]]:
    """The rules with a word of strength: recommended, usual, advised against."""
    return [document for document in material.adherence.documents() if document["strength"] in ("S", "Q", "X")]


def _latest(result: SurvivalResult) -> Rate:
    """The rate at 5, 3 or 1 years, the latest that follow-up reaches."""
    rates = [rate for rate in result.curves[0].rates((60, 36, 12)) if rate.estimate is not None]
    return rates[0] if rates else Rate(0, result.curves[0].estimate_at(0), None, None, None)


def _of_hundred(rate: Rate) -> str:
    return f"{100 * (rate.estimate or 0):.0f}"


def _limits(rate: Rate) -> str:
    if rate.ci_low is None or rate.ci_high is None:
        return "no limits"
    return f"{100 * rate.ci_low:.0f} to {100 * rate.ci_high:.0f}"
