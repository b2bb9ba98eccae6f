"""The covariates of a regression: factors and coded columns as levels, continuous forms as numbers.

They are read as they stand at the origin or the landmark, by the same definitions as the groups of a curve.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import Fixed
from analytics.endpoints import AnalysisSet, Chosen
from analytics.flow import refuse_immortal_time
from analytics.grouping import GROUPINGS, Grouping, labels_of_units
from analytics.survival import DAYS_PER_MONTH
from analytics.units import patients_from
from registry.errors import AnalysisRefused, UsageError
from registry.identifiers import positions


@dataclass(frozen=True)
class Covariate:
    """What may enter a model.

    Attributes:
        name: as given to ``--factors``.
        sentence: what it is.
        fixed: when it is settled.
        grouping: its levels, None where it is a number.
        number: its value for each episode, None where it has levels.
        unit: of the number; a hazard ratio is that of one unit more.
        undefined: for which episodes there is no such thing, None where there always is.
    """

    name: str
    sentence: str
    fixed: Fixed
    grouping: Grouping | None = None
    number: Callable[[Episodes], pd.Series] | None = None
    unit: str | None = None
    undefined: Callable[[Episodes], pd.Series] | None = None


@dataclass(frozen=True, eq=False)
class Values:
    """A covariate for the patients of an analysis.

    Attributes:
        covariate: which.
        values: a category or a number for each, in the order of the analysis; NA where it is missing.
        later: who is without a value because it is settled after the origin or landmark only.
        undefined: who is without a value because there is none, such as an interval before synchronous metastases.
    """

    covariate: Covariate
    values: pd.Series
    later: pd.Series
    undefined: pd.Series


def covariate(name: str) -> Covariate:
    """The covariate of that name; UsageError where there is none."""
    if name in CONTINUOUS:
        return CONTINUOUS[name]
    if name in GROUPINGS:
        return of_grouping(GROUPINGS[name])
    known = [*GROUPINGS, *CONTINUOUS]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UsageError("There is no such factor", got=name, remedy=f"{hint}Take any of {', '.join(known)}")


def of_grouping(grouping: Grouping) -> Covariate:
    """A grouping as a covariate."""
    undefined = _UNDEFINED.get(grouping.name)
    return Covariate(grouping.name, grouping.sentence, grouping.fixed, grouping=grouping, undefined=undefined)


def settled_in_time(wanted: Covariate, chosen: Chosen) -> bool:
    """Whether a covariate is settled at the origin of an analysis, or it starts from a landmark."""
    return chosen.landmark_day is not None or wanted.fixed <= chosen.origin.settled


def require_settled(wanted: Sequence[Covariate], chosen: Chosen) -> None:
    """AnalysisRefused where a covariate is settled only after the origin and there is no landmark."""
    for one in wanted:
        if chosen.landmark_day is None:
            refuse_immortal_time(one.name, one.fixed, chosen.origin)


def values_at(cohort: Cohort, chosen: AnalysisSet, wanted: Sequence[Covariate]) -> list[Values]:
    """The covariates of the patients of an analysis, by what is known at its origin or landmark.

    Raises:
        AnalysisRefused: the units are treatments.
    """
    if chosen.endpoint.of_treatments:
        raise AnalysisRefused(
            "Regressions are of patients, and this endpoint is of treatments",
            got=chosen.endpoint.name,
            remedy="Compare treatments with survival --by, or take another endpoint",
        )
    frames = cohort.frames
    units = patients_from(frames, chosen.origin)
    rows = positions(frames["patient"]["patient_id"], chosen.patient_id)
    units = units.iloc[rows].reset_index(drop=True)
    start = units["on"] + pd.Timedelta(days=chosen.landmark_day or 0)
    episode, at = frames["episode"], units["at"].fillna(-1).astype("int64")
    known_until = start.groupby(units["at"].astype("Int64")).min().astype("datetime64[s]").reindex(episode.index)
    episodes = Episodes(frames, operated_until=known_until, readings=cohort.readings)
    # At an origin itself two sites of one staging episode count as found together.
    tolerance = pd.Timedelta(days=cohort.readings.same_episode_days if chosen.landmark_day is None else 0)
    detected_on = episode["detected_on"].reindex(at).reset_index(drop=True)
    found_later = (detected_on > start + tolerance).fillna(False).astype(bool)
    nobody = pd.Series(False, index=start.index)

    def of(one: Covariate) -> Values:
        if one.grouping is not None:
            values = labels_of_units(one.grouping, episodes, units)
        else:
            assert one.number is not None
            values = one.number(episodes).astype("Float64").reindex(at).reset_index(drop=True)
        later = found_later if one.fixed >= Fixed.AT_DETECTION else nobody
        values = values.mask(later)
        undefined = nobody
        if one.undefined is not None:
            undefined = one.undefined(episodes).reindex(at, fill_value=False).reset_index(drop=True).astype(bool)
        return Values(one, values, later, undefined & values.isna() & ~later)

    return [of(one) for one in wanted]


def _age(episodes: Episodes) -> pd.Series:
    return episodes.completed_years(episodes.first_lung_operation_on.fillna(episodes.detected_on))


def _without_interval(episodes: Episodes) -> pd.Series:
    return episodes.synchronous.fillna(False) | episodes.primary_in_situ.fillna(False)


def _without_operation(episodes: Episodes) -> pd.Series:
    return pd.Series(~episodes.rows.index.isin(episodes.lung_operations["at"]), index=episodes.rows.index)


_UNDEFINED: dict[str, Callable[[Episodes], pd.Series]] = {
    "short_dfi": _without_interval,
    "incomplete_resection": _without_operation,
    "irlm": _without_operation,
    "lobectomy": _without_operation,
}

CONTINUOUS: dict[str, Covariate] = {
    one.name: one
    for one in (
        Covariate(
            "lesion_count",
            "Number of lesions",
            Fixed.AT_DETECTION,
            number=lambda episodes: episodes.lesion_count,
            unit="lesion",
        ),
        Covariate(
            "tumor_diameter",
            "Largest diameter",
            Fixed.AT_DETECTION,
            number=lambda episodes: episodes.largest_mm,
            unit="mm",
        ),
        Covariate(
            "cea",
            "CEA (before treatment of the metastases)",
            Fixed.AT_DETECTION,
            number=lambda episodes: episodes.rows["cea_ng_ml"],
            unit="ng/ml",
        ),
        Covariate(
            "dfi_months",
            "Disease-free interval",
            Fixed.AT_DETECTION,
            number=lambda episodes: episodes.dfi_days / DAYS_PER_MONTH,
            unit="month",
            undefined=_without_interval,
        ),
        Covariate(
            "age",
            "Age in completed years (at the first lung operation, else at detection)",
            Fixed.AT_DETECTION,
            number=_age,
            unit="year",
        ),
    )
}
"""The continuous forms of factors by name."""
