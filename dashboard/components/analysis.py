"""An analysis of outcomes on a page: its numbers at a glance, its figure with downloads, its groups and its flow."""

from __future__ import annotations

from dashboard import data
from dashboard.components import survival
from dashboard.components.chosen import said
from dashboard.components.downloads import files, with_numbers
from dashboard.components.figure import figure, theme
from dashboard.components.flow import flow
from dashboard.components.heading import heading
from dashboard.components.html import show
from dashboard.components.messages import refused
from dashboard.components.question import names
from dashboard.data import Moment, Question
from registry.errors import AnalysisRefused


def analysis(at: Moment, asked: Question) -> None:
    """Everything about one question, or why it is not answered."""
    said(asked.where)
    try:
        result = data.survival(at, asked)
    except AnalysisRefused as error:
        refused(error, names())
        return
    show(survival.headline(result))
    try:
        figure(data.survival_svg(at, asked, theme()), survival.words(result))
        parts = (asked.endpoint, asked.origin, asked.by, *_named(asked), at.snapshot, at.cut.isoformat())
        files(
            parts, lambda format, name: data.survival_file(at, asked, format, name), with_numbers("CSV of the curves")
        )
    except AnalysisRefused as error:
        refused(error, names())
    if result.n:
        heading("Numbers")
        show(survival.numbers(result))
        show(survival.comparisons(result))
    heading("Who was analyzed")
    show(flow(result.chosen, result.n))


def _named(asked: Question) -> list[str]:
    """The center and the number of other filters, for the name of a file."""
    center = dict(asked.where).get("center", ())
    others = len(asked.where) - bool(center)
    return [*center, *([f"{others}-filter{'s' * (others > 1)}"] if others else [])]
