"""The columns of the analysis set, one row a patient and episode: factors, classification, endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from analytics.baseline_variables import VARIABLES
from analytics.classify import classify
from analytics.cohort import Cohort
from analytics.consensus.definitions import UNDETERMINED
from analytics.consensus.episodes import Episodes, days_after
from analytics.consensus.factors import FACTORS
from analytics.cox_covariates import CONTINUOUS, Covariate, covariate, settled_in_time, values_at
from analytics.defined_groups import periods
from analytics.endpoints import ENDPOINTS, AnalysisSet, analysis_set
from analytics.grouping import labels_of_units
from analytics.origins import ORIGINS
from analytics.units import patients_from

Kind = Literal["id", "code", "yes_no", "number"]
NO_YES = {"no": "no", "yes": "yes"}
_UNITS = {"lesion": "lesions", "month": "months", "year": "years"}
_DEFINITIONS = {
    "timing": "Found during the work-up of the primary or after it",
    "subtype": "Subtype of initial metachronous metastases",
    "sequence": "Whether the lungs were among the first distant sites",
    "extent": "Isolated, or with metastases outside the lung",
    "extrapulmonary_sites": "Sites outside the lung at the detection",
    "oligometastatic": "Fewer than two sites outside the lung",
    "mid_low_rectum": "Primary in the middle or lower rectum",
    "locally_advanced": "Primary T3-4 or N+",
    "lung_involved": "Lung metastases",
    "route": "Route of the consensus",
    "converted": "Radical lung resection after systemic therapy of what was not resectable",
    "omd_class": "ESTRO/EORTC class of the oligometastatic state",
}
AT_ORIGIN = "_t0"
"""Ends the names of factors as they were known at the origin."""


@dataclass(frozen=True)
class Column:
    """A column of the analysis set.

    Attributes:
        name: in every format; at most 32 letters, digits and _, as Stata wants it.
        label: one sentence.
        kind: "code" and "yes_no" are categories, "number" is one, "id" is text.
        words: of a category, its codes with their labels.
        unit: of a number.
        done: what was done to it so that nobody is recognized.
    """

    name: str
    label: str
    kind: Kind
    words: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    done: str = ""


@dataclass(frozen=True, eq=False)
class Rows:
    """A table with what is said of its columns.

    Attributes:
        frame: a row for each patient and episode, the columns in the order of ``columns``.
        columns: what they are.
        patient: the row of the patient frame of each row.
        chosen: endpoint -> the patients analyzed for it.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    patient: pd.Series
    chosen: dict[str, AnalysisSet]


def rows(cohort: Cohort, origin: str) -> Rows:
    """The rows of a cohort, not yet de-identified.

    Args:
        cohort: the registry at a data cut; the tables of ``analytics.baseline.TABLES_READ``.
        origin: a name of ``analytics.origins.ORIGINS``.

    Raises:
        UsageError: there is no such origin.
    """
    endpoints = [one for one in ENDPOINTS.values() if not one.of_treatments]
    chosen = {one.name: analysis_set(cohort, endpoint=one.name, origin=origin) for one in endpoints}
    units = _units(cohort, origin)
    parts = [*_who(cohort, units), *_described(cohort, units), *_classified(cohort, units)]
    parts += [*_at_the_origin(cohort, units, chosen), *_ends(cohort, units, chosen)]
    frame = pd.DataFrame({column.name: values.reset_index(drop=True) for column, values in parts})
    return Rows(frame, tuple(column for column, _ in parts), units["patient"], chosen)


Part = tuple[Column, pd.Series]


def _units(cohort: Cohort, origin: str) -> pd.DataFrame:
    """Every episode, and patients who have none or whose origin belongs to none.

    Columns: patient and at (rows of the patient and the episode frame; at may be NA), on (the patient's origin),
    starts (whether the origin belongs to the row).
    """
    frames = cohort.frames
    days = patients_from(frames, ORIGINS[origin])
    patients = pd.Index(frames["patient"]["patient_id"])
    of_episodes = pd.DataFrame({"patient": patients.get_indexer(pd.Index(frames["episode"]["patient_id"]))})
    of_episodes["at"] = pd.array(range(len(of_episodes)), dtype="Int64")
    alone = (days["on"].notna() & days["at"].isna()) | ~days.index.isin(of_episodes["patient"])
    others = pd.DataFrame({"patient": days.index[alone], "at": pd.array([pd.NA] * int(alone.sum()), dtype="Int64")})
    units = pd.concat([of_episodes, others]).sort_values(["patient", "at"], ignore_index=True)
    of_patient = days.loc[units["patient"], ["on", "at"]].reset_index(drop=True)
    same = (of_patient["at"].astype("Int64") == units["at"]).fillna(False).astype(bool)
    starts = of_patient["on"].notna() & (same | (of_patient["at"].isna() & units["at"].isna()))
    return units.assign(on=of_patient["on"], starts=starts, treatment=pd.array([pd.NA] * len(units), dtype="Int64"))


def _who(cohort: Cohort, units: pd.DataFrame) -> Iterator[Part]:
    patient = cohort.frames["patient"].take(units["patient"]).reset_index(drop=True)
    episode = cohort.frames["episode"]
    yield Column("study_id", "Patient", "id"), patient["patient_id"]
    yield Column("center", "Center", "code"), _category(patient["center_id"])
    number = _of_episode(episode["record_no"], units)
    yield Column("episode_no", "Episode of the patient; blank: none is recorded", "number"), number
    starts = units["starts"].map({False: "no", True: "yes"})
    label = "Time is counted from this episode: the endpoints stand in this row"
    yield Column("is_origin", label, "yes_no", NO_YES), _category(starts, NO_YES)
    found = days_after(_of_episode(episode["detected_on"], units), units["on"])
    yield Column("detected_day", "Detection of the episode, counted from the origin", "number", unit="days"), found
    yield Column("period", "Years of the origin", "code"), periods(units["on"].where(units["starts"]))


def _described(cohort: Cohort, units: pd.DataFrame) -> Iterator[Part]:
    """Plain columns and continuous factors as they stand at the data cut."""
    episodes = Episodes(cohort.frames, readings=cohort.readings)
    for variable in VARIABLES:
        grouping = variable.values.grouping
        if grouping is not None and variable.why is not None:
            name = {"thoracic_nodes": "nodes_found"}.get(variable.name, variable.name)
            kind: Kind = "yes_no" if set(grouping.words) == set(NO_YES) else "code"
            column = Column(name, variable.label, kind, dict(grouping.words))
            yield column, labels_of_units(grouping, episodes, units)
    for one in CONTINUOUS.values():
        assert one.number is not None
        values = _of_episode(one.number(episodes).astype("Float64"), units)
        yield Column(one.name, one.sentence, "number", unit=_UNITS.get(one.unit or "", one.unit or "")), values


def _classified(cohort: Cohort, units: pd.DataFrame) -> Iterator[Part]:
    """The definitions and factors of the consensus as they stand at the data cut."""
    found = classify(cohort)
    for name in found.columns.drop(["patient_id", "episode_no", "dfi_days"]):
        values = _of_episode(found[name], units)
        if name in FACTORS:
            yield _factor(FACTORS[name].name, "at the data cut"), _yes_no(values)
        elif isinstance(values.dtype, pd.CategoricalDtype):
            words = {code: code.replace("_", " ") for code in values.cat.categories if code != UNDETERMINED}
            yield Column(name, _DEFINITIONS[name], "code", words), _category(values.where(values.isin(words)), words)
        elif pd.api.types.is_bool_dtype(values.dtype):
            yield Column(name, _DEFINITIONS[name], "yes_no", NO_YES), _yes_no(values)
        else:
            yield Column(name, _DEFINITIONS[name], "number"), values


def _at_the_origin(cohort: Cohort, units: pd.DataFrame, chosen: dict[str, AnalysisSet]) -> Iterator[Part]:
    """The factors as they were known at the origin: those that a comparison from it may use."""
    allowed: list[Covariate] = []
    known: dict[str, pd.Series] = {}
    for one in chosen.values():
        allowed = [found for found in map(covariate, FACTORS) if settled_in_time(found, one)]
        for values in values_at(cohort, one, allowed):
            own = pd.Series(values.values.astype("object").to_numpy(), index=pd.Index(one.patient_id))
            name = values.covariate.name
            known[name] = own.combine_first(known[name]) if name in known else own
    for factor in allowed:
        yield (
            _factor(factor.name, "at the origin", AT_ORIGIN),
            _category(_of_patients(known[factor.name], cohort, units), NO_YES),
        )


def _ends(cohort: Cohort, units: pd.DataFrame, chosen: dict[str, AnalysisSet]) -> Iterator[Part]:
    """Time, event and entry for each endpoint, blank for those who are not analyzed."""
    for name, one in chosen.items():
        patients = pd.Index(one.patient_id)
        event = pd.Series(one.times.event.astype("int64"), index=patients)
        words = {"0": "censored", "1": one.endpoint.words}
        if one.times.competing is not None:
            event[one.times.competing] = 2
            words = {"0": "censored", "1": "event", "2": "death without it"}
        title = one.endpoint.title
        day = pd.Series(one.times.day, index=patients)
        entry = pd.Series(one.times.entry, index=patients)
        said = f"{title}: days from the origin"
        yield Column(f"{name}_time", said, "number", unit="days"), _of_patients(day, cohort, units).astype("Int64")
        status = _of_patients(event, cohort, units).astype("Int64")
        yield Column(f"{name}_event", f"{title}: what happened then", "number", words), status
        said = f"{title}: day from which on at risk (0: the origin, that day included)"
        yield Column(f"{name}_entry", said, "number", unit="days"), _of_patients(entry, cohort, units).astype("Int64")


def _factor(name: str, when: str, ending: str = "") -> Column:
    factor = FACTORS[name]
    return Column(f"{name}{ending}", f"{factor.yes} ({when})", "yes_no", {"no": factor.no, "yes": factor.yes})


def _of_episode(values: pd.Series, units: pd.DataFrame) -> pd.Series:
    return values.reindex(units["at"].fillna(-1).astype("int64")).reset_index(drop=True)


def _of_patients(values: pd.Series, cohort: Cohort, units: pd.DataFrame) -> pd.Series:
    """Values by patient_id, in the rows from which time is counted."""
    identifiers = cohort.frames["patient"]["patient_id"].take(units["patient"])
    return values.reindex(identifiers).reset_index(drop=True).where(units["starts"])


def _yes_no(values: pd.Series) -> pd.Series:
    return _category(values.astype("boolean").map({False: "no", True: "yes"}), NO_YES)


def _category(values: pd.Series, words: dict[str, str] | None = None) -> pd.Series:
    categories = list(words) if words is not None else sorted(values.dropna().unique())
    return pd.Series(pd.Categorical(values.astype("object").where(values.notna(), None), categories=categories))
