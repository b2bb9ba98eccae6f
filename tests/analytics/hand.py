"""Hand-made registries for the tests of the analyses: rows of cells, typed as the registry types them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Self

import pandas as pd

from analytics.cohort import Cohort, cohort_at
from analytics.endpoints import TABLES_READ
from registry import cells
from registry.tables import TABLES

CUT = "2025-12-31"


class Registry:
    """Rows that are added one by one; a repeating table numbers them within the patient."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = defaultdict(list)

    def patient(self, patient_id: str = "P1", **changes: str) -> Self:
        """An enrolled patient who was alive at the end of 2023."""
        row = {
            "patient_id": patient_id,
            "center_id": "A",
            "sex": "female",
            "birth_date": "1950-06-15",
            "enrolled_on": "2016-12-01",
            "consent_status": "given",
            "vital_status": "alive",
            "last_contact_on": "2023-12-31",
        }
        self.rows["patient"].append(row | changes)
        return self

    def row(self, table: str, patient_id: str = "P1", **given: str) -> Self:
        """A row of another table of the patient."""
        row = {"patient_id": patient_id, **given}
        if "record_no" in TABLES[table].fields:
            before = sum(other["patient_id"] == patient_id for other in self.rows[table])
            row.setdefault("record_no", str(before + 1))
        self.rows[table].append(row)
        return self

    def episode(self, detected_on: str = "2020-01-10", patient_id: str = "P1", **given: str) -> Self:
        """An episode with lung metastases."""
        return self.row("episode", patient_id, **({"detected_on": detected_on, "lung_involved": "yes"} | given))

    def operation(self, started_on: str = "2020-03-01", patient_id: str = "P1", **given: str) -> Self:
        """A radical resection of lung metastases."""
        usual = {"started_on": started_on, "target": "lung", "modality": "resection", "intent": "radical"}
        return self.row("local_treatment", patient_id, **(usual | given))

    def died(self, on: str, patient_id: str = "P1") -> Self:
        """The patient's death."""
        row = next(row for row in self.rows["patient"] if row["patient_id"] == patient_id)
        row.update(vital_status="dead", death_on=on, last_contact_on=on)
        return self

    def frames(self) -> dict[str, pd.DataFrame]:
        """All tables, typed."""
        return cells.frames(self.rows)

    def cohort(self, cut: str = CUT) -> Cohort:
        """What an analysis may use at a data cut."""
        frames = self.frames()
        return cohort_at({name: frames[name] for name in TABLES_READ}, dt.date.fromisoformat(cut))


def operated(patient_id: str = "P1", registry: Registry | None = None, **changes: str) -> Registry:
    """A patient with lung metastases found 2020-01-10 and resected 2020-03-01, added to a registry."""
    made = registry if registry is not None else Registry()
    return made.patient(patient_id, **changes).episode(patient_id=patient_id).operation(patient_id=patient_id)
