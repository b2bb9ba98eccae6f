"""Table 1: each factor of the consensus alone and all together, with published hazard ratios beside the registry's own.

For each factor patients, events, medians and rates of its groups, the log-rank test with Holm's correction, and Cox's
model with the factor alone and with all factors.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.factors import FACTORS
from analytics.cox import CoxResult, cox_of
from analytics.cox_covariates import (
    Covariate,
    Values,
    covariate,
    of_grouping,
    require_settled,
    settled_in_time,
    values_at,
)
from analytics.cox_terms import Term
from analytics.daytable import day_table_by
from analytics.differencing import Choice
from analytics.endpoints import AnalysisSet, analysis_set
from analytics.grouping import IRLM
from analytics.kaplan_meier import KaplanMeier, kaplan_meier
from analytics.logrank import LogRank, holm, logrank
from analytics.narrowing import Where
from analytics.published import Published, published
from registry.errors import AnalysisRefused, UsageError

RATE_MONTHS = (12, 36, 60)
SETTLED_LATER = "settled_after_origin"


@dataclass(frozen=True, eq=False)
class FactorRow:
    """What the table says of one factor.

    Attributes:
        covariate: the factor.
        missing: patients without a value.
        curves: of its groups, those whose value is missing left out.
        test: the log-rank test of the groups.
        p_holm: its p with Holm's correction over all factors of the table; None for a further grouping.
        alone: the terms of Cox's model with this factor alone, one for each group but the first.
        together: those of the model with all factors; empty where the factor is not in it.
        published: what others found.
    """

    covariate: Covariate
    missing: int
    curves: tuple[KaplanMeier, ...]
    test: LogRank
    p_holm: float | None
    alone: tuple[Term, ...]
    together: tuple[Term, ...]
    published: tuple[Published, ...]

    def words(self, label: str) -> str:
        """A group in words."""
        grouping = self.covariate.grouping
        return grouping.words.get(label, label) if grouping is not None else label

    def to_dict(self) -> dict[str, Any]:
        """The row as a document."""
        return {
            "factor": self.covariate.name,
            "sentence": self.covariate.sentence,
            "missing": self.missing,
            "groups": [
                {
                    "label": curve.label,
                    "words": self.words(curve.label),
                    "n": curve.n,
                    "events": curve.event_count,
                    "median_days": curve.median.days,
                    "median_ci": [curve.median.ci_low, curve.median.ci_high],
                    "rates": [rate.to_dict() for rate in curve.rates(RATE_MONTHS)],
                }
                for curve in self.curves
            ],
            "logrank": {**self.test.to_dict(), "p_holm": self.p_holm},
            "univariable": [term.to_dict() for term in self.alone],
            "multivariable": [term.to_dict() for term in self.together],
            "published": [one.to_dict() for one in self.published],
        }


@dataclass(frozen=True, eq=False)
class Table1:
    """The table.

    Attributes:
        chosen: the patients and the way to them.
        data_cut: the last day that exists.
        rows: the factors, in the order of the consensus.
        further: other groupings, not in the models and without correction.
        multivariable: the model of all factors, on the patients with a value for each; None without a factor.
        left_out: factors that this origin does not allow -> why.
        hide_below: counts from 1 to one less are not shown; 0 or 1 shows all.
    """

    chosen: AnalysisSet
    data_cut: dt.date
    rows: tuple[FactorRow, ...]
    further: tuple[FactorRow, ...]
    multivariable: CoxResult | None
    left_out: dict[str, str]
    hide_below: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet table1 --json`` prints."""
        chosen = self.chosen
        return {
            "endpoint": chosen.endpoint.name,
            "origin": chosen.origin.name,
            "data_cut": self.data_cut.isoformat(),
            "center": chosen.center,
            "where": {name: list(labels) for name, labels in chosen.where},
            "landmark_months": chosen.landmark_months,
            "delayed_entry": chosen.delayed_entry,
            "patients": chosen.patients,
            "n": len(chosen.times),
            "events": int(chosen.times.event.sum()),
            "excluded": chosen.excluded,
            "factors": [row.to_dict() for row in self.rows],
            "further": [row.to_dict() for row in self.further],
            "left_out": self.left_out,
            "multivariable": self.multivariable.to_dict() if self.multivariable else None,
        }

    def frame(self) -> pd.DataFrame:
        """The table with a line for each group of each factor."""
        lines = [line for row in (*self.rows, *self.further) for line in _lines(row)]
        return pd.DataFrame(lines)


def table1(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
    where: Mapping[str, Iterable[str]] | Where = (),
    factors: Sequence[str] | None = None,
) -> Table1:
    """Make Table 1 of a cohort.

    Args:
        cohort, endpoint, origin, landmark_months, delayed_entry, center, where: as for
            :func:`analytics.endpoints.analysis_set`.
        factors: those of the multivariable model; absent: all that the origin allows.

    Raises:
        UsageError: an unknown name.
        AnalysisRefused: an endpoint with which death competes; a factor of the model that is settled after the origin.
    """
    unknown = [name for name in factors or () if name not in FACTORS]
    if unknown:
        raise UsageError("There is no such factor", got=unknown[0], remedy=f"Take any of {', '.join(FACTORS)}")
    chosen = analysis_set(
        cohort,
        endpoint=endpoint,
        origin=origin,
        landmark_months=landmark_months,
        delayed_entry=delayed_entry,
        center=center,
        where=where,
    )
    if chosen.endpoint.death_competes:
        raise AnalysisRefused(
            "Death competes with this endpoint: its rates are no survival", got=endpoint, remedy="Take os, rfs or pfs"
        )
    wanted = [covariate(name) for name in FACTORS]
    further = [of_grouping(IRLM)]
    if factors is not None:
        require_settled([one for one in wanted if one.name in factors], chosen)
    allowed = [one for one in wanted if settled_in_time(one, chosen)]
    also = [one for one in further if settled_in_time(one, chosen)]
    given = values_at(cohort, chosen, [*allowed, *also])
    of_model = [one for one in given[: len(allowed)] if factors is None or one.covariate.name in factors]
    model = cox_of(chosen, cohort.data_cut, of_model) if of_model else None
    rows = [_row(chosen, cohort.data_cut, one, model) for one in given]
    corrected = holm([row.test.p for row in rows[: len(allowed)]])
    return Table1(
        chosen=chosen,
        data_cut=cohort.data_cut,
        rows=tuple(_with_holm(row, p) for row, p in zip(rows, corrected, strict=False)),
        further=tuple(rows[len(allowed) :]),
        multivariable=model,
        left_out={one.name: SETTLED_LATER for one in (*wanted, *further) if one not in (*allowed, *also)},
    )


def choices(cohort: Cohort, made: Table1) -> tuple[dict[str, Choice], Choice]:
    """The choice of patients that the table rests on, with its groups, to ask whom it would give away.

    Returns:
        For each factor the choice with its groups, and the choice with the complete cases as the only group.
    """
    chosen, model = made.chosen, made.multivariable
    assert chosen.choice is not None
    index = chosen.choice.patients.index
    candidates = replace(chosen, patient_id=chosen.choice.patients.reset_index(drop=True))
    given = values_at(cohort, candidates, [row.covariate for row in (*made.rows, *made.further)])
    of_factor = {
        one.covariate.name: replace(chosen.choice, groups=one.values.astype("object").set_axis(index)) for one in given
    }
    complete = pd.Series("complete", index=range(len(index)), dtype="object")
    for one in given:
        if model is not None and one.covariate.name in model.factors:
            complete = complete.where(one.values.notna())
    return of_factor, replace(chosen.choice, groups=complete.set_axis(index))


def _row(chosen: AnalysisSet, data_cut: dt.date, given: Values, model: CoxResult | None) -> FactorRow:
    name = given.covariate.name
    table = day_table_by(chosen.times, given.values)
    return FactorRow(
        covariate=given.covariate,
        missing=int(given.values.isna().sum()),
        curves=kaplan_meier(table),
        test=logrank(table),
        p_holm=None,
        alone=cox_of(chosen, data_cut, [given]).terms,
        together=tuple(term for term in model.terms if term.column.factor == name) if model else (),
        published=published().get(name, ()),
    )


def _with_holm(row: FactorRow, p: float | None) -> FactorRow:
    return replace(row, p_holm=p)


def _lines(row: FactorRow) -> list[dict[str, Any]]:
    lines = []
    for curve in row.curves:
        line: dict[str, Any] = {
            "factor": row.covariate.name,
            "group": curve.label,
            "words": row.words(curve.label),
            "n": curve.n,
            "events": curve.event_count,
            "missing": row.missing,
            "median_days": curve.median.days,
            "median_ci_low": curve.median.ci_low,
            "median_ci_high": curve.median.ci_high,
        }
        for rate in curve.rates(RATE_MONTHS):
            for part in ("estimate", "ci_low", "ci_high"):
                line[f"rate_{rate.months}m_{part}"] = getattr(rate, part)
        line |= {"logrank_p": row.test.p, "logrank_p_holm": row.p_holm}
        for model, terms in (("univariable", row.alone), ("multivariable", row.together)):
            term = next((one for one in terms if one.column.level == curve.label), None)
            parts = (*term.hazard_ratio, term.p) if term else (None,) * 4
            line |= dict(zip((f"{model}_{part}" for part in ("hr", "ci_low", "ci_high", "p")), parts, strict=True))
        if curve is row.curves[-1]:
            line["published"] = "; ".join(
                f"{one.short}: {one.hr:g} ({one.ci_low:g}-{one.ci_high:g})" for one in row.published
            )
        lines.append(line)
    return lines
