"""A survival analysis as one result: estimates, tests and the flow of patients, and what the interface prints."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.cohort import Cohort
from analytics.daytable import day_table
from analytics.endpoints import AnalysisSet, analysis_set
from analytics.kaplan_meier import KaplanMeier, Quantile, RestrictedMean, kaplan_meier, median_follow_up
from analytics.logrank import LogRank, logrank
from analytics.survival import DAYS_PER_MONTH

RESTRICTED_MEAN_MONTHS = 60
"""Horizon of the restricted mean, or the longest follow-up that all groups share where that is shorter."""


@dataclass(frozen=True, eq=False)
class SurvivalResult:
    """What an analysis gives.

    Attributes:
        chosen: the patients, the times, and the flow.
        data_cut: the last day that exists.
        curves: the Kaplan-Meier estimate of each group.
        test: the log-rank test of all groups.
        restricted_means: of each group, at one horizon.
        follow_up: median follow-up by reverse Kaplan-Meier.
    """

    chosen: AnalysisSet
    data_cut: dt.date
    curves: tuple[KaplanMeier, ...]
    test: LogRank
    restricted_means: tuple[RestrictedMean, ...]
    follow_up: Quantile

    @property
    def n(self) -> int:
        """Patients analyzed."""
        return len(self.chosen.times)

    @property
    def events(self) -> int:
        """Patients with the event."""
        return int(self.chosen.times.event.sum())

    def words(self, label: str) -> str:
        """A group in words."""
        if self.chosen.grouping is None:
            return "all patients"
        return self.chosen.grouping.words.get(label, label)

    @property
    def start_words(self) -> str:
        """The day from which time is counted, in words."""
        origin = self.chosen.origin.words
        if self.chosen.landmark_months is None:
            return origin
        return f"the landmark {self.chosen.landmark_months:g} months after {origin}"

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet survival --json`` prints."""
        chosen = self.chosen
        return {
            "endpoint": chosen.endpoint.name,
            "origin": chosen.origin.name,
            "by": chosen.grouping.name if chosen.grouping else None,
            "data_cut": self.data_cut.isoformat(),
            "center": chosen.center,
            "landmark_months": chosen.landmark_months,
            "landmark_day": chosen.landmark_day,
            "delayed_entry": chosen.delayed_entry,
            "patients": chosen.patients,
            "n": self.n,
            "events": self.events,
            "excluded": chosen.excluded,
            "enrollment_unknown": chosen.enrollment_unknown,
            "median_follow_up_days": self.follow_up.days,
            "median_follow_up_ci": [self.follow_up.ci_low, self.follow_up.ci_high],
            "groups": [self._group(curve) for curve in self.curves],
            "logrank": self.test.to_dict(),
            "rmst": [
                {
                    "label": curve.label,
                    "horizon_days": mean.horizon_days,
                    "estimate_days": mean.days,
                    "se": mean.se,
                    "ci_low": mean.ci_low,
                    "ci_high": mean.ci_high,
                }
                for curve, mean in zip(self.curves, self.restricted_means, strict=True)
            ],
        }

    def _group(self, curve: KaplanMeier) -> dict[str, Any]:
        return {
            "label": curve.label,
            "words": self.words(curve.label),
            "n": curve.n,
            "events": curve.event_count,
            "median_days": curve.median.days,
            "median_ci": [curve.median.ci_low, curve.median.ci_high],
            "quartiles": [
                {"survival": part.level, "days": part.days, "ci_low": part.ci_low, "ci_high": part.ci_high}
                for part in (curve.quantile(0.75), curve.quantile(0.25))
            ],
            "rates": [rate.to_dict() for rate in curve.rates()],
            "curve": curve.to_rows(),
        }

    def curve_frame(self) -> pd.DataFrame:
        """The curves as one table: group, words, and a row for each day on which somebody left."""
        parts = [
            pd.DataFrame(
                {
                    "group": curve.label,
                    "words": self.words(curve.label),
                    "day": curve.day,
                    "at_risk": curve.at_risk,
                    "events": curve.events,
                    "censored": curve.censored,
                    "estimate": curve.estimate,
                    "ci_low": curve.ci_low,
                    "ci_high": curve.ci_high,
                }
            )
            for curve in self.curves
        ]
        columns = ["group", "words", "day", "at_risk", "events", "censored", "estimate", "ci_low", "ci_high"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def survival_analysis(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    by: str | None = None,
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
) -> SurvivalResult:
    """Estimate survival in a cohort; the arguments and errors are those of :func:`analytics.endpoints.analysis_set`."""
    chosen = analysis_set(
        cohort,
        endpoint=endpoint,
        origin=origin,
        by=by,
        landmark_months=landmark_months,
        delayed_entry=delayed_entry,
        center=center,
    )
    return estimate(chosen, cohort.data_cut)


def estimate(chosen: AnalysisSet, data_cut: dt.date) -> SurvivalResult:
    """The estimates of an analysis set."""
    table = day_table(chosen.times)
    # Nothing is said of nobody: an empty analysis has no curve.
    curves = kaplan_meier(table) if len(chosen.times) else ()
    shared = min((curve.last_day for curve in curves), default=0)
    horizon = min(RESTRICTED_MEAN_MONTHS * DAYS_PER_MONTH, float(shared))
    return SurvivalResult(
        chosen=chosen,
        data_cut=data_cut,
        curves=curves,
        test=logrank(table),
        restricted_means=tuple(curve.restricted_mean(horizon) for curve in curves),
        follow_up=median_follow_up(table),
    )
