"""The tables of the data dictionary, one file each, in the order in which rows refer to earlier ones."""

from registry.tables.center import Center
from registry.tables.columns import Base, Record
from registry.tables.disease_event import DiseaseEvent
from registry.tables.episode import Episode
from registry.tables.follow_up import FollowUp
from registry.tables.local_treatment import LocalTreatment
from registry.tables.mdt_meeting import MdtMeeting
from registry.tables.metastasis import Metastasis
from registry.tables.molecular_test import MolecularTest
from registry.tables.pathology import Pathology
from registry.tables.patient import Patient
from registry.tables.primary_tumor import PrimaryTumor
from registry.tables.rule_exception import RuleException
from registry.tables.screening_log import ScreeningEntry
from registry.tables.study import Study
from registry.tables.systemic_therapy import SystemicTherapy

TABLES: dict[str, type[Record]] = {
    table.__tablename__: table
    for table in (
        Center,
        Patient,
        ScreeningEntry,
        PrimaryTumor,
        Episode,
        Metastasis,
        Study,
        Pathology,
        MolecularTest,
        MdtMeeting,
        SystemicTherapy,
        LocalTreatment,
        FollowUp,
        DiseaseEvent,
        RuleException,
    )
}

PATIENT_TABLES: tuple[str, ...] = tuple(name for name, table in TABLES.items() if table.keys[0] == "patient_id")
"""The tables whose rows belong to a patient; the others belong to a center."""

__all__ = ["PATIENT_TABLES", "TABLES", "Base", "Record"]
