"""The quality of the data as the report shows it: read once, with nothing in it that names a patient."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from analytics.cohort import Cohort
from registry import checks
from registry.findings import findings
from registry.quality import Completeness, Timeliness, completeness, first_entries, timeliness
from registry.tables import TABLES


@dataclass(frozen=True)
class Questioned:
    """A cell that a check questions.

    Attributes:
        check_id, severity, sentence: of the check.
        center: of the patient; None where it is not known.
        state: of its data query; None where queries are not known, as in a snapshot.
    """

    check_id: str
    severity: str
    sentence: str
    center: str | None
    state: str | None


@dataclass(frozen=True)
class QualityData:
    """What is known of the quality of the data.

    Attributes:
        complete: of each column at each center, how far it is filled.
        timely: of each center, how soon it enters and follows; empty of a snapshot, which holds no trail.
        questioned: what the checks find.
        knows_queries: whether the states of the data queries are known.
    """

    complete: tuple[Completeness, ...]
    timely: tuple[Timeliness, ...]
    questioned: tuple[Questioned, ...]
    knows_queries: bool

    def of(self, center: str | None) -> QualityData:
        """The part of a center; all of it for None."""
        if center is None:
            return self
        return QualityData(
            tuple(one for one in self.complete if one.center_id == center),
            tuple(one for one in self.timely if one.center_id == center),
            tuple(one for one in self.questioned if one.center == center),
            self.knows_queries,
        )


def quality_of_registry(cohort: Cohort, connection: Connection) -> QualityData:
    """The quality of the data of a registry, with its trail and its queries."""
    gone = set(cohort.withdrawn["patient_id"])
    found = findings(connection, cohort.frames, cohort.data_cut)
    return QualityData(
        tuple(completeness(cohort.frames)),
        tuple(timeliness(cohort.frames, first_entries(connection), cohort.data_cut)),
        tuple(
            Questioned(one.check_id, one.severity, one.sentence, one.center_id, one.state)
            for one in found
            if one.owner not in gone
        ),
        True,
    )


def quality_of_tables(cohort: Cohort) -> QualityData:
    """The quality of tables alone, such as those of a snapshot."""
    by_id = {check.id: check for check in checks.CHECKS}
    patients = cohort.frames["patient"]
    centers = dict(zip(patients["patient_id"], patients["center_id"], strict=True))
    questioned = []
    for row in checks.run(cohort.frames, today=cohort.data_cut).itertuples():
        check, frame = by_id[row.check_id], cohort.frames[row.table]
        owner = frame[TABLES[row.table].keys[0]].iloc[row.row]
        center = centers.get(owner, owner)
        text = center if isinstance(center, str) else None
        questioned.append(Questioned(check.id, check.severity.value, check.sentence, text, None))
    return QualityData(tuple(completeness(cohort.frames)), (), tuple(questioned), False)
