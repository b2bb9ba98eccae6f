"""Where each table and column of the registry stands in FHIR R4: a resource for each row, an element for each column.

A column has one of three places: an element of the row's resource (``Element``), an Observation of its own
(``Finding``), or, where nothing is said here, an extension of the resource that is named after the column. Each of them
holds the cell exactly, its missing-data code included. What a reader of FHIR expects beside that follows from the
cells in ``derived``: it repeats, and never replaces.

Profiles of mCODE (http://hl7.org/fhir/us/mcode) are named where the resource is what they describe. Codes of LOINC,
ICD-10, ICD-O-3 and SNOMED CT stand only where they say the same as the registry's; all others are its own
(``urn:oligomet:…``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Row = Mapping[str, str]

URN = "urn:oligomet"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ICD10, ICDO3 = "http://hl7.org/fhir/sid/icd-10", "http://terminology.hl7.org/CodeSystem/icd-o-3"
HL7 = "http://terminology.hl7.org/CodeSystem"
CORE = "http://hl7.org/fhir/StructureDefinition"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"
HISTOLOGY = f"{MCODE}/mcode-histology-morphology-behavior"

UCUM = {"mm": "mm", "cm": "cm", "ng/ml": "ng/mL", "months": "mo", "Gy": "Gy", "years": "a", "0-100": "{score}"}
"""The units of the registry as UCUM writes them."""

ABSENT_REASONS = {"UNK": "asked-unknown", "ND": "not-performed", "NAP": "not-applicable", "NASK": "not-asked"}
"""The missing-data codes in HL7's code system data-absent-reason."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the row's resource.

    Args:
        path: its name; ``a.b`` within another one, ``a[]`` one of a list, ``extension:URL`` a known extension.
        kind: what it is: a primitive value, a concept with codes, or a reference to another row's resource.
        system, codes: the codes of a code system for those of the registry, beside its own.
    """

    path: str
    kind: Literal["value", "concept", "reference"] = "value"
    system: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """An Observation of its own, with the column's cell as its value."""

    loinc: str = ""
    category: str = ""
    profile: str = ""


Place = Element | Finding

EXTENSION = "extension:"
"""How the path of an extension begins that others have defined."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource of a row.

    Args:
        type: its type.
        columns: where columns stand that have a better place than an extension.
        constant: elements that are the same for all rows.
        derived: elements that follow from a row.
        findings: how the row's own Observations hang on it: an element of theirs, or ``result`` of the row's resource.
        effective: the column that dates those Observations.
    """

    type: str
    columns: Mapping[str, Place] = field(default_factory=dict)
    constant: Mapping[str, Any] = field(default_factory=dict)
    derived: Callable[[Row], Json] = lambda row: {}
    findings: Literal["focus", "encounter", "result"] = "focus"
    effective: str = ""


def concept(system: str, code: str) -> Json:
    """A CodeableConcept with one code."""
    return {"coding": [{"system": system, "code": code}]}


def profiled(name: str) -> Json:
    """The element that names a profile of mCODE."""
    return {"profile": [f"{MCODE}/{name}"]}


def _is_date(cell: str | None) -> bool:
    return cell is not None and cell[:1].isdigit()


PRIMARY_ICD10 = {
    "cecum": "C18.0",
    "ascending_colon": "C18.2",
    "hepatic_flexure": "C18.3",
    "transverse_colon": "C18.4",
    "splenic_flexure": "C18.5",
    "descending_colon": "C18.6",
    "sigmoid_colon": "C18.7",
    "colon_unspecified": "C18.9",
    "rectosigmoid_junction": "C19",
    "rectum": "C20",
}
SECONDARY_ICD10 = {
    "lung": "C78.0",
    "liver": "C78.7",
    "peritoneum": "C78.6",
    "ovary": "C79.6",
    "brain": "C79.3",
    "bone": "C79.5",
    "adrenal": "C79.7",
}
MORPHOLOGY = {"adenocarcinoma": "8140/3", "mucinous": "8480/3", "signet_ring": "8490/3"}


def _table(name: str) -> Json:
    """The code of a resource for which no code system has one."""
    return concept(f"{URN}:table", name)


def _condition(name: str, icd10: str | None) -> Json:
    code = _table(name)
    if icd10:
        code["coding"].insert(0, {"system": ICD10, "code": icd10})
    return {"code": code}


def _patient(row: Row) -> Json:
    if _is_date(row.get("death_on")):
        return {"deceasedDateTime": row["death_on"]}
    known = row.get("vital_status") in ("alive", "dead")
    return {"deceasedBoolean": row["vital_status"] == "dead"} if known else {}


def _abated(day: str | None, status: str) -> Json:
    """The end of a condition; FHIR asks for its state with it."""
    if not _is_date(day):
        return {}
    return {"abatementDateTime": day, "clinicalStatus": concept(f"{HL7}/condition-clinical", status)}


def _episode(row: Row) -> Json:
    lung = SECONDARY_ICD10["lung"] if row.get("lung_involved") == "yes" else None
    return _condition("episode", lung) | _abated(row.get("ned_on"), "remission")


def _metastasis(row: Row) -> Json:
    code = _condition("metastasis", SECONDARY_ICD10.get(row.get("site", "")))
    return code | _abated(row.get("resolved_on"), "resolved")


def _status(row: Row, under_way: str) -> str:
    ended = row.get("ended_on", "")
    return "completed" if _is_date(ended) else under_way if ended == "" else "unknown"


def _local_treatment(row: Row) -> Json:
    # An operation is over on its day; the profile asks for the condition that is its reason.
    if row.get("modality") != "resection":
        return {"status": _status(row, "unknown")}
    derived: Json = {"status": "completed", "category": concept(SNOMED, "387713003")}
    if row.get("episode_no", "").isdigit():
        derived["meta"] = profiled("mcode-cancer-related-surgical-procedure")
    return derived


_CEA = Finding("2039-6", "laboratory", "mcode-tumor-marker-test")
_ECOG = Finding("89247-1", "survey", "mcode-ecog-performance-status")
_LARGEST = Finding("33728-7")
_STAIN = Finding(category="laboratory")
_DIAGNOSED = Element(f"{EXTENSION}{CORE}/condition-assertedDate")
_REASON = Element("reasonReference[]", "reference")
_DIAGNOSIS = {"category": [concept(f"{HL7}/condition-category", "encounter-diagnosis")]}

RESOURCES: dict[str, Resource] = {
    "center": Resource("Organization", {"name": Element("name"), "country": Element("address[].country")}),
    "patient": Resource(
        "Patient",
        {
            "center_id": Element("managingOrganization", "reference"),
            "sex": Element("gender"),
            "birth_date": Element("birthDate"),
        },
        # The registry has no names; the profile wants to read that it has none.
        {
            "meta": profiled("mcode-cancer-patient"),
            "name": [{"extension": [{"url": f"{CORE}/data-absent-reason", "valueCode": "masked"}]}],
        },
        _patient,
    ),
    "screening_log": Resource(
        "Basic",
        {
            "center_id": Element("author", "reference"),
            "patient_id": Element("subject", "reference"),
            "listed_on": Element("created"),
        },
        {"code": _table("screening_log")},
    ),
    "primary_tumor": Resource(
        "Condition",
        {
            "diagnosed_on": _DIAGNOSED,
            "site": Element("bodySite[]", "concept"),
            "histology": Element(f"{EXTENSION}{HISTOLOGY}", "concept", ICDO3, MORPHOLOGY),
            "c_t": Finding("21905-5"),
            "c_n": Finding("21906-3"),
            "p_t": Finding("21899-0"),
            "p_n": Finding("21900-6"),
            "grade": Finding("33732-9"),
            "cea_ng_ml": _CEA,
        },
        {"meta": profiled("mcode-primary-cancer-condition"), **_DIAGNOSIS},
        lambda row: _condition("primary_tumor", PRIMARY_ICD10.get(row.get("site", ""))),
    ),
    "episode": Resource(
        "Condition",
        {"detected_on": _DIAGNOSED, "largest_mm": _LARGEST, "cea_ng_ml": _CEA, "ecog": _ECOG},
        {"meta": profiled("mcode-secondary-cancer-condition"), **_DIAGNOSIS},
        _episode,
    ),
    "metastasis": Resource(
        "Condition",
        {"site": Element("bodySite[]", "concept"), "detected_on": _DIAGNOSED, "largest_mm": _LARGEST},
        {"meta": profiled("mcode-secondary-cancer-condition"), **_DIAGNOSIS},
        _metastasis,
    ),
    "study": Resource(
        "DiagnosticReport",
        {
            "performed_on": Element("effectiveDateTime"),
            "modality": Element("code", "concept"),
            "result": Element("conclusionCode[]", "concept"),
        },
        {"status": "final"},
    ),
    "pathology": Resource(
        "DiagnosticReport",
        {
            "sampled_on": Element("effectiveDateTime"),
            "ck20": _STAIN,
            "cdx2": _STAIN,
            "satb2": _STAIN,
            "ck7": _STAIN,
            "ttf1": _STAIN,
            "napsin_a": _STAIN,
        },
        {"status": "final", "code": _table("pathology")},
        findings="result",
    ),
    "molecular_test": Resource(
        "Observation",
        {
            "marker": Element("code", "concept"),
            "method": Element("method", "concept"),
            "result": Element("valueCodeableConcept", "concept"),
        },
        {"status": "final", "category": [concept(f"{HL7}/observation-category", "laboratory")]},
    ),
    "mdt_meeting": Resource(
        "Procedure",
        {
            "episode_no": _REASON,
            "held_on": Element("performedDateTime"),
            "recommendation": Element("note[].text"),
        },
        {"status": "completed", "code": _table("mdt_meeting")},
    ),
    "systemic_therapy": Resource(
        "MedicationStatement",
        {
            "episode_no": _REASON,
            "started_on": Element("effectivePeriod.start"),
            "ended_on": Element("effectivePeriod.end"),
            "regimen": Element("medicationCodeableConcept.text"),
            "stop_reason": Element("statusReason[]", "concept"),
        },
        {"medicationCodeableConcept": _table("systemic_therapy")},
        lambda row: {"status": _status(row, "active")},
    ),
    "local_treatment": Resource(
        "Procedure",
        {
            "episode_no": _REASON,
            "started_on": Element("performedPeriod.start"),
            "ended_on": Element("performedPeriod.end"),
            "target": Element("bodySite[]", "concept"),
            "modality": Element("code", "concept"),
        },
        derived=_local_treatment,
    ),
    "follow_up": Resource(
        "Encounter",
        {
            "seen_on": Element("period.start"),
            "disease_status": Finding("97509-4"),
            "ecog": _ECOG,
            "cea_ng_ml": _CEA,
            "global_health_score": Finding(category="survey"),
        },
        {"status": "finished", "class": {"system": f"{HL7}/v3-ActCode", "code": "AMB"}},
        findings="encounter",
        effective="seen_on",
    ),
    "disease_event": Resource(
        "Observation",
        {"occurred_on": Element("effectiveDateTime"), "kind": Element("valueCodeableConcept", "concept")},
        {"status": "final", "code": _table("disease_event")},
    ),
    "rule_exception": Resource(
        "Observation",
        {
            "episode_no": Element("focus[]", "reference"),
            "reason": Element("valueCodeableConcept", "concept"),
            "note": Element("note[].text"),
        },
        {"status": "final", "code": _table("rule_exception")},
    ),
}
