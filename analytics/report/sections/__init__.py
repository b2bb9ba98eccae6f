"""The sections of the report in their order; each is a function of the material that gives its part of the page."""

from __future__ import annotations

from collections.abc import Callable

from analytics.report.html import Html
from analytics.report.material import Material
from analytics.report.sections.adherence import adherence
from analytics.report.sections.consensus import consensus
from analytics.report.sections.flow import flow
from analytics.report.sections.methods import methods
from analytics.report.sections.patients import patients
from analytics.report.sections.prognosis import prognosis
from analytics.report.sections.quality import quality
from analytics.report.sections.recurrence import recurrence
from analytics.report.sections.summary import summary
from analytics.report.sections.survival import survival

SECTIONS: dict[str, tuple[str, Callable[[Material], Html]]] = {
    "summary": ("Summary", summary),
    "flow": ("Flow of patients", flow),
    "patients": ("Patients", patients),
    "survival": ("Survival", survival),
    "prognosis": ("Prognostic factors", prognosis),
    "recurrence": ("Recurrence", recurrence),
    "consensus": ("Beside the consensus", consensus),
    "adherence": ("Adherence to the consensus", adherence),
    "quality": ("Quality of the data", quality),
    "methods": ("Methods", methods),
}
"""Anchor -> title and maker of each section."""
