"""What the sections of a report are made from: the cohort, the settings, and the analyses, each made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Literal, TypeVar, get_args

from analytics.adherence import Adherence, Selection
from analytics.audit.judged import in_parts, judge
from analytics.baseline import Baseline, baseline
from analytics.benchmarks import benchmarks
from analytics.casemix import CaseMix, casemix
from analytics.cohort import Cohort
from analytics.consensus.benchmarks import BENCHMARKS
from analytics.outcomes import SurvivalResult, survival_analysis
from analytics.report.quality_data import QualityData
from analytics.report.small import Small
from analytics.table1 import Table1, table1
from registry.errors import AnalysisRefused

Made = TypeVar("Made")

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)

ORIGINS = (
    "lung_resection",
    "lung_local_treatment",
    "metastasis_resection",
    "lung_diagnosis",
    "metastasis_diagnosis",
)
"""The origins that a report takes, the first one that some patient has."""

PERIODS = ("half_year", "year")
_BY_FACTOR = "B15"


@dataclass(frozen=True)
class Settings:
    """What was asked for.

    Attributes:
        title: of the report.
        center: only the patients of this center; None for all.
        origin: the day from which outcomes count; None: the first of :data:`ORIGINS` that somebody has.
        min_cell: counts from 1 to one less are hidden; 1 hides nothing.
        theme: light, dark, or as the screen of the reader has it.
        snapshot: the name of the snapshot; None: the registry.
    """

    title: str = "Outcomes and quality of care"
    center: str | None = None
    origin: str | None = None
    min_cell: int = 5
    theme: Theme = "auto"
    snapshot: str | None = None


@dataclass(frozen=True, eq=False)
class Material:
    """The material of a report; an analysis that cannot be made raises AnalysisRefused with the reason.

    Attributes:
        cohort: all tables at the data cut.
        settings: what was asked for.
        data: data cut, fingerprint and snapshot, as ``analytics.source.provenance`` gives them.
        checked: what is known of the quality of the data.
    """

    cohort: Cohort
    settings: Settings
    data: dict[str, Any]
    checked: QualityData

    @property
    def small(self) -> Small:
        """The rule for small numbers."""
        return Small(self.settings.min_cell)

    @cached_property
    def patients(self) -> int:
        """Patients in the report, those who withdrew left out."""
        centers = self.cohort.frames["patient"]["center_id"]
        center = self.settings.center
        return len(centers) if center is None else int((centers == center).sum())

    @cached_property
    def origin(self) -> str:
        """The day from which outcomes count."""
        if self.settings.origin is not None:
            return self.settings.origin
        return next((name for name in ORIGINS if self._survival("os", name).n), ORIGINS[0])

    @cached_property
    def overall(self) -> SurvivalResult:
        """Overall survival from the origin."""
        return self._survival("os", self.origin)

    @cached_property
    def recurrence_free(self) -> SurvivalResult:
        """Recurrence-free survival from the origin."""
        return self._survival("rfs", self.origin)

    @cached_property
    def from_diagnosis(self) -> SurvivalResult:
        """Overall survival of everybody from the diagnosis of lung metastases."""
        return self._survival("os", "lung_diagnosis")

    @cached_property
    def after_resection(self) -> SurvivalResult:
        """Overall survival from the first radical lung resection, whatever the origin of the report."""
        return self._survival("os", "lung_resection")

    @cached_property
    def recurrence(self) -> SurvivalResult:
        """Cumulative incidence of recurrence from the origin."""
        return self._survival("recurrence", self.origin)

    @cached_property
    def local_failure(self) -> SurvivalResult:
        """Cumulative incidence of the failure of treated metastases, by modality."""
        return self._survival("local_failure", self.origin, by="modality")

    def _survival(self, endpoint: str, origin: str, by: str | None = None) -> SurvivalResult:
        return survival_analysis(self.cohort, endpoint=endpoint, origin=origin, by=by, center=self.settings.center)

    @cached_property
    def baseline(self) -> Baseline:
        """The table of patients."""
        limit = self.settings.min_cell if self.settings.min_cell > 1 else None
        return baseline(self.cohort, origin=self.origin, center=self.settings.center, min_cell=limit)

    @cached_property
    def table1(self) -> Table1:
        """The prognostic factors; together those that at least half of the patients have, in two groups."""
        every = self._table1(None)
        n = len(every.chosen.times)
        usable = [row.covariate.name for row in every.rows if len(row.curves) > 1 and 2 * row.missing <= n]
        return every if len(usable) in (0, len(every.rows)) else self._table1(usable)

    def _table1(self, factors: list[str] | None) -> Table1:
        return table1(self.cohort, origin=self.origin, center=self.settings.center, factors=factors)

    @cached_property
    def casemix(self) -> CaseMix | AnalysisRefused:
        """Observed and expected deaths of all centers from the origin."""
        return tried(lambda: casemix(self.cohort, origin=self.origin))

    @cached_property
    def casemix_of_all(self) -> CaseMix | AnalysisRefused:
        """The same of all patients, from the diagnosis of lung metastases."""
        return tried(lambda: casemix(self.cohort, origin="lung_diagnosis"))

    @cached_property
    def adherence(self) -> Adherence:
        """The rules over the episodes of the report."""
        return Adherence(self._judged, Selection(center=self.settings.center))

    @cached_property
    def everywhere(self) -> Adherence:
        """The rules over the episodes of all centers."""
        return Adherence(self._judged)

    @cached_property
    def _judged(self) -> Any:
        return judge(in_parts(self.cohort), by=PERIODS)

    @cached_property
    def benchmarks(self) -> list[dict[str, Any]]:
        """The printed figures with the registry's, up to those by factor, for which the report has a section."""
        cohort, center = self.cohort, self.settings.center
        if center is not None:
            patient = cohort.frames["patient"]
            cohort = cohort.of(patient.loc[patient["center_id"] == center, "patient_id"])
        return list(islice(benchmarks(cohort), list(BENCHMARKS).index(_BY_FACTOR)))


def tried(make: Callable[[], Made]) -> Made | AnalysisRefused:
    """What can be made, or why it cannot."""
    try:
        return make()
    except AnalysisRefused as refused:
        return refused
