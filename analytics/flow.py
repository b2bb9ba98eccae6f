"""The way of the units to an analysis: who is left out for which reason, and the group of those who stay."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import Fixed
from analytics.grouping import Grouping, labels_of_units
from analytics.origins import Origin
from registry.errors import AnalysisRefused, UsageError

WITHDRAWN = "consent_withdrawn"
NOT_DISEASE_FREE = "not_disease_free"
ENDS_BEFORE_ORIGIN = "ends_before_origin"
ENDS_BEFORE_ENTRY = "ends_before_entry"
ENDS_BEFORE_LANDMARK = "ends_before_landmark"
FACTOR_FIXED_LATER = "factor_fixed_later"
FACTOR_NOT_APPLICABLE = "factor_not_applicable"
FACTOR_MISSING = "factor_missing"
STRATUM_MISSING = "stratum_missing"


class Flow:
    """Units still in the analysis, and how many were left out for each reason."""

    def __init__(self, left: pd.Series) -> None:
        self.left = left
        self.excluded: dict[str, int] = {}

    def leave_out(self, who: pd.Series, reason: str) -> None:
        """Leave out those of whom it is known; each patient counts once, for the first reason."""
        out = self.left & who.fillna(False).astype(bool)
        if out.any():
            self.excluded[reason] = int(out.sum())
            self.left = self.left & ~out

    def leave_out_known(self, reasons: pd.Series) -> None:
        """Leave out those who have a reason."""
        for reason in sorted(reasons.dropna().unique()):
            self.leave_out(reasons == reason, reason)


def refuse_immortal_time(name: str, fixed: Fixed, origin: Origin) -> None:
    """Refuse what is settled after the origin: AnalysisRefused, with what can be done instead."""
    if fixed <= origin.settled:
        return
    settled = {
        Fixed.AT_DETECTION: "when metastases are found",
        Fixed.AT_OPERATION: "at an operation of the lung",
    }[fixed]
    later = "lung_resection" if fixed is Fixed.AT_OPERATION else "lung_diagnosis"
    raise AnalysisRefused(
        f"{name} is settled {settled}, after the origin ({origin.words}): whoever is in its groups has "
        "survived until then, which would be counted as a benefit (immortal-time bias)",
        remedy="Give --landmark-months M to compare those event-free M months after the origin by what is known then, "
        f"or start from {later}",
    )


def labels_at(
    cohort: Cohort, divisions: Sequence[Grouping], units: pd.DataFrame, landmark: int | None
) -> list[tuple[pd.Series, pd.Series]]:
    """The groups of each unit by what is known at the origin or the landmark, and who is known only later to have one.

    Returns:
        For each division the label of each unit, NA where it is missing, and whether it is settled later.
    """
    episode = cohort.frames["episode"]
    start = units["on"] + pd.Timedelta(days=landmark or 0)
    # Of several treatments of an episode the first decides: nothing later is known to any of them.
    known_until = start.groupby(units["at"].astype("Int64")).min().astype("datetime64[s]").reindex(episode.index)
    episodes = Episodes(cohort.frames, operated_until=known_until, readings=cohort.readings)
    # At an origin itself two sites of one staging episode count as found together.
    tolerance = pd.Timedelta(days=cohort.readings.same_episode_days if landmark is None else 0)
    detected_on = episode["detected_on"].reindex(units["at"].fillna(-1).astype("int64")).reset_index(drop=True)
    found_later = (detected_on > start + tolerance).fillna(False).astype(bool)
    nobody = pd.Series(False, index=units.index)
    return [
        (
            labels_of_units(division, episodes, units),
            found_later if division.fixed >= Fixed.AT_DETECTION and not division.of_treatments else nobody,
        )
        for division in divisions
    ]


def known_labels(
    cohort: Cohort, division: Grouping | None, units: pd.DataFrame, landmark: int | None, flow: Flow
) -> pd.Series | None:
    """The group of each unit by what is known at the origin or the landmark; the others leave the flow."""
    if division is None:
        return None
    ((labels, later),) = labels_at(cohort, [division], units, landmark)
    flow.leave_out(later, FACTOR_FIXED_LATER)
    if division.applies is not None:
        rows = division.applies(Episodes(cohort.frames, readings=cohort.readings))
        flow.leave_out(~rows.reindex(units["treatment"].astype("int64")).reset_index(drop=True), FACTOR_NOT_APPLICABLE)
    flow.leave_out(labels.isna(), FACTOR_MISSING)
    return labels.mask(later)


def of_center(cohort: Cohort, patient: pd.DataFrame, center: str | None) -> pd.Series:
    """Which rows of a frame of patients are of the center."""
    if center is None:
        return pd.Series(True, index=patient.index)
    centers = sorted({*cohort.frames["patient"]["center_id"].dropna(), *cohort.withdrawn["center_id"].dropna()})
    if center not in centers:
        raise UsageError("No patient is of this center", got=center, remedy=f"Take one of {', '.join(centers)}")
    return (patient["center_id"] == center).fillna(False).astype(bool)


def withdrew(cohort: Cohort, center: str | None) -> int:
    """How many patients, of the center, withdrew their consent."""
    rows = cohort.withdrawn
    return len(rows) if center is None else int((rows["center_id"] == center).sum())
