"""A survival analysis as one result: estimates, tests and the flow of patients, and what the interface prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analytics.cohort import Cohort
from analytics.competing import CumulativeIncidence, cumulative_incidence
from analytics.curve import Curve
from analytics.daytable import DayTable, day_table, pooled
from analytics.endpoints import AnalysisSet, Chosen, analysis_set
from analytics.gray import gray
from analytics.kaplan_meier import KaplanMeier, Quantile, RestrictedMean, kaplan_meier, median_follow_up, nelson_aalen
from analytics.limits import ConfType, conf_type
from analytics.logrank import NOTHING, LogRank, Pair, pairwise, stratified_logrank, trend
from analytics.narrowing import Where
from analytics.restricted_mean import MeanDifference, differences
from analytics.survival import DAYS_PER_MONTH, SurvivalTimes
from registry.errors import UsageError

RESTRICTED_MEAN_MONTHS = 60
"""Horizon of the restricted mean, or the longest follow-up that all groups share where that is shorter."""


@dataclass(frozen=True, eq=False)
class SurvivalResult:
    """What an analysis gives.

    Attributes:
        chosen: what is analyzed, and the flow.
        data_cut: the last day that exists.
        strata: the day table of each stratum, with the same groups; one where the tests are not stratified.
        curves: of each group, the Kaplan-Meier estimate, or the cumulative incidence where death competes.
        restricted_means: of each group, at one horizon; without numbers where death competes.
        follow_up: median follow-up by reverse Kaplan-Meier.
        scale: of the confidence limits.
        min_cell: the limit of the small-cell protection of the tables that came from elsewhere; None without any.
        hide_below: counts from 1 to one less are not written under the figure; 0 or 1 writes all.
    """

    chosen: Chosen
    data_cut: dt.date
    strata: tuple[DayTable, ...]
    curves: tuple[KaplanMeier, ...] | tuple[CumulativeIncidence, ...]
    restricted_means: tuple[RestrictedMean, ...]
    follow_up: Quantile
    scale: ConfType
    min_cell: int | None = None
    hide_below: int = 0

    @cached_property
    def table(self) -> DayTable:
        """The day table of all strata."""
        return pooled(self.strata)

    @property
    def n(self) -> int:
        """Patients (or treatments) analyzed."""
        return int(self.table.sizes.sum())

    @property
    def considered(self) -> int:
        """Those analyzed and those left out."""
        return self.n + sum(self.chosen.excluded.values())

    @property
    def events(self) -> int:
        """Those with the event."""
        return int(self.table.events.sum())

    @property
    def death_competes(self) -> bool:
        """Whether the curves are cumulative incidences."""
        return self.chosen.endpoint.death_competes

    @cached_property
    def test(self) -> LogRank:
        """The log-rank test of all groups, within strata where there are some; without numbers where death competes."""
        return NOTHING if self.death_competes else stratified_logrank(self.strata)

    @cached_property
    def gray(self) -> LogRank | None:
        """Gray's test of all groups where death competes; None elsewhere, and where somebody enters late."""
        return gray(self.strata) if self.death_competes else None

    @cached_property
    def trend(self) -> LogRank | None:
        """The log-rank test for trend; None where the groups have no order, or death competes."""
        grouping = self.chosen.grouping
        if self.death_competes or grouping is None or grouping.scores is None:
            return None
        return trend(self.strata, grouping.scores)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Each two groups of three or more, compared by the same test, with Holm's correction."""
        if self.death_competes and self.gray is None:
            return ()
        return pairwise(self.strata, gray if self.death_competes else stratified_logrank)

    @cached_property
    def mean_differences(self) -> tuple[MeanDifference, ...]:
        """The restricted mean of each group less that of the first."""
        if self.death_competes:
            return ()
        return differences([curve.label for curve in self.curves], self.restricted_means)

    def words(self, label: str) -> str:
        """A group in words."""
        if self.chosen.grouping is None:
            return f"all {self.chosen.endpoint.unit}s"
        return self.chosen.grouping.words.get(label, label)

    @property
    def start_words(self) -> str:
        """The day from which time is counted, in words."""
        return self.chosen.start_words

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet survival --json`` prints."""
        chosen = self.chosen
        return {
            "endpoint": chosen.endpoint.name,
            "origin": chosen.origin.name,
            "by": chosen.grouping.name if chosen.grouping else None,
            "unit": chosen.endpoint.unit,
            "data_cut": self.data_cut.isoformat(),
            "center": chosen.center,
            "where": {name: list(labels) for name, labels in chosen.where},
            "stratify": chosen.stratify,
            "landmark_months": chosen.landmark_months,
            "landmark_day": chosen.landmark_day,
            "delayed_entry": chosen.delayed_entry,
            "conf_type": self.scale,
            "min_cell": self.min_cell,
            "patients": chosen.patients,
            "n": self.n,
            "events": self.events,
            "excluded": chosen.excluded,
            "enrollment_unknown": chosen.enrollment_unknown,
            "median_follow_up_days": self.follow_up.days,
            "median_follow_up_ci": [self.follow_up.ci_low, self.follow_up.ci_high],
            "groups": [self._group(curve) for curve in self.curves],
            "logrank": None if self.death_competes else self.test.to_dict(),
            "gray": self.gray.to_dict() if self.gray else None,
            "trend": self.trend.to_dict() if self.trend else None,
            "pairwise": [pair.to_dict() for pair in self.pairs],
            "rmst": [] if self.death_competes else self._means(),
            "rmst_differences": [difference.to_dict() for difference in self.mean_differences],
        }

    def _means(self) -> list[dict[str, Any]]:
        return [
            {
                "label": curve.label,
                "horizon_days": mean.horizon_days,
                "estimate_days": mean.days,
                "se": mean.se,
                "ci_low": mean.ci_low,
                "ci_high": mean.ci_high,
            }
            for curve, mean in zip(self.curves, self.restricted_means, strict=True)
        ]

    def _group(self, curve: Curve) -> dict[str, Any]:
        competing = {"competing": curve.competing_count} if isinstance(curve, CumulativeIncidence) else {}
        return {
            "label": curve.label,
            "words": self.words(curve.label),
            "n": curve.n,
            "events": curve.event_count,
            **competing,
            "median_days": curve.median.days,
            "median_ci": [curve.median.ci_low, curve.median.ci_high],
            "quartiles": [_quartile(curve, level) for level in (0.75, 0.25)],
            "rates": [rate.to_dict() for rate in curve.rates()],
            "curve": curve.to_rows(),
        }

    def frame(self) -> pd.DataFrame:
        """The numbers of each group, a row each: n, events, median and rates with limits."""
        return pd.DataFrame([self._row(curve) for curve in self.curves])

    def _row(self, curve: Curve) -> dict[str, Any]:
        median = curve.median
        row: dict[str, Any] = {
            "group": curve.label,
            "words": self.words(curve.label),
            "n": curve.n,
            "events": curve.event_count,
            "median_days": median.days,
            "median_ci_low": median.ci_low,
            "median_ci_high": median.ci_high,
        }
        for rate in curve.rates():
            for part in ("estimate", "ci_low", "ci_high", "at_risk"):
                row[f"rate_{rate.months}m_{part}"] = getattr(rate, part)
        return row

    def curve_frame(self) -> pd.DataFrame:
        """The curves as one table: group, words, and a row for each day on which somebody left.

        Survival has the Nelson-Aalen cumulative hazard beside it.
        """
        parts = []
        hazards = () if self.death_competes else nelson_aalen(self.table)
        for at, curve in enumerate(self.curves):
            columns: dict[str, Any] = {"group": curve.label, "words": self.words(curve.label), **curve.columns()}
            if hazards:
                columns["cumulative_hazard"] = hazards[at].hazard
                columns["cumulative_hazard_low"] = hazards[at].ci_low
                columns["cumulative_hazard_high"] = hazards[at].ci_high
            parts.append(pd.DataFrame(columns))
        nothing = ["group", "words", "day", "at_risk", "events", "censored", "estimate", "ci_low", "ci_high"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=nothing)

    def rate_frame(self, months: Sequence[int]) -> pd.DataFrame:
        """The curves at some months: group, words, months, at_risk, estimate and limits, as far as follow-up goes."""
        lines = [
            {"group": curve.label, "words": self.words(curve.label), **rate.to_dict()}
            for curve in self.curves
            for rate in curve.rates(tuple(months))
            if rate.estimate is not None
        ]
        columns = ["group", "words", "months", "at_risk", "estimate", "ci_low", "ci_high"]
        return pd.DataFrame(lines, columns=columns)


def survival_analysis(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    by: str | None = None,
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
    stratify: str | None = None,
    where: Mapping[str, Iterable[str]] | Where = (),
    scale: str = "log-log",
    rmst_months: float | None = None,
) -> SurvivalResult:
    """Estimate survival in a cohort.

    Args:
        scale: of the confidence limits: "log-log", "log" or "plain".
        rmst_months: horizon of the restricted mean; absent: :data:`RESTRICTED_MEAN_MONTHS`, or less where the follow-up
            of a group is shorter.

    The other arguments, and the errors, are those of :func:`analytics.endpoints.analysis_set`.
    """
    chosen = analysis_set(
        cohort,
        endpoint=endpoint,
        origin=origin,
        by=by,
        landmark_months=landmark_months,
        delayed_entry=delayed_entry,
        center=center,
        stratify=stratify,
        where=where,
    )
    return estimate(chosen, cohort.data_cut, scale=scale, rmst_months=rmst_months)


def estimate(
    chosen: AnalysisSet, data_cut: dt.date, *, scale: str = "log-log", rmst_months: float | None = None
) -> SurvivalResult:
    """The estimates of an analysis set."""
    times = chosen.times
    strata = [day_table(times)]
    if chosen.strata is not None and len(times):
        names = chosen.strata.to_numpy()
        strata = [day_table(times.of(names == name)) for name in sorted(set(names))]
    return estimate_tables(chosen, data_cut, strata, times=times, scale=scale, rmst_months=rmst_months)


def estimate_tables(
    chosen: Chosen,
    data_cut: dt.date,
    strata: Sequence[DayTable],
    *,
    times: SurvivalTimes | None = None,
    scale: str = "log-log",
    rmst_months: float | None = None,
) -> SurvivalResult:
    """The estimates from day tables: one of each stratum, with the same groups.

    Args:
        times: the subjects that the tables count; needed where death competes, for its limits.
    """
    limits, table = conf_type(scale), pooled(strata)
    curves: tuple[KaplanMeier, ...] | tuple[CumulativeIncidence, ...] = ()
    # Nothing is said of nobody: an empty analysis has no curve.
    if table.sizes.sum() and chosen.endpoint.death_competes:
        assert times is not None
        curves = cumulative_incidence(times, limits)
    elif table.sizes.sum():
        curves = kaplan_meier(table, limits)
    horizon = _horizon(curves, rmst_months)
    return SurvivalResult(
        chosen=chosen,
        data_cut=data_cut,
        strata=tuple(strata),
        curves=curves,
        restricted_means=tuple(_restricted_mean(curve, horizon) for curve in curves),
        follow_up=median_follow_up(table),
        scale=limits,
    )


def _horizon(curves: Sequence[Curve], months: float | None) -> float:
    if months is not None:
        if not (np.isfinite(months) and months > 0):
            raise UsageError("A horizon lies after the origin", got=months, remedy="Give months above 0")
        return months * DAYS_PER_MONTH
    shared = min((curve.last_day for curve in curves), default=0)
    return min(RESTRICTED_MEAN_MONTHS * DAYS_PER_MONTH, float(shared))


def _restricted_mean(curve: Curve, horizon: float) -> RestrictedMean:
    if isinstance(curve, KaplanMeier):
        return curve.restricted_mean(horizon)
    return RestrictedMean(horizon, None, None, None, None)


def _quartile(curve: Curve, level: float) -> dict[str, Any]:
    part = curve.quantile(level)
    name = "survival" if isinstance(curve, KaplanMeier) else "incidence"
    return {name: part.level, "days": part.days, "ci_low": part.ci_low, "ci_high": part.ci_high}
