"""FHIR: every cell of every column can be told from the resources, and they hold together."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from registry.exchange.fhir import resources, write_fhir
from registry.exchange.fhir_mapping import ABSENT_REASONS, RESOURCES, UCUM
from registry.fields import MISSING_CODES, Field
from registry.tables import TABLES
from tests.registry.rows import ROWS
from tests.registry.samples import samples, streams, tables

FIELDS = [field for table in TABLES.values() for field in table.fields.values()]


def _resources(table: str, **cells: str) -> list[dict[str, Any]]:
    fields = list(TABLES[table].fields.values())
    blank = {field.name: "" for field in fields}
    return resources(fields, {**blank, **ROWS[table], **cells})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("fhir")
    rows = tables()
    counts = write_fhir(folder, streams(rows))
    assert counts == {name: len(found) for name, found in rows.items()}
    assert json.loads((folder / "manifest.json").read_text()) == {"rows": counts}
    found = []
    for file in folder.glob("*.ndjson"):
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        read = [json.loads(line) for line in lines]
        assert {resource["resourceType"] for resource in read} == {file.stem}
        found += read
    return found


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.table}.{field.name}")
def test_no_cell_of_any_column_is_lost(field: Field) -> None:
    """Whatever a column holds, the resources are others than with anything else in it."""
    cells = samples(field) if not field.key else ["1", "2", "3"]
    seen = {json.dumps(_resources(field.table, **{field.name: cell}), sort_keys=True) for cell in cells}
    assert len(seen) == len(cells)


@pytest.mark.parametrize("field", [field for field in FIELDS if not field.key], ids=lambda f: f"{f.table}.{f.name}")
def test_a_missing_code_is_a_reason_and_never_a_value(field: Field) -> None:
    for code, reason in ABSENT_REASONS.items():
        found = json.dumps(_resources(field.table, **{field.name: code}))
        assert f'"{code}"' not in found
        assert reason in found


def test_the_reasons_are_four() -> None:
    assert set(ABSENT_REASONS) == MISSING_CODES
    assert len(set(ABSENT_REASONS.values())) == len(MISSING_CODES)


def test_the_mapping_names_what_there_is() -> None:
    assert set(RESOURCES) == set(TABLES)
    for table, resource in RESOURCES.items():
        assert set(resource.columns) <= set(TABLES[table].fields)
        assert resource.effective in ("", *TABLES[table].fields)
    assert {field.unit for field in FIELDS if field.unit} <= set(UCUM)


def _references(element: object) -> Iterator[str]:
    if isinstance(element, dict):
        if isinstance(element.get("reference"), str):
            yield element["reference"]
        for inner in element.values():
            yield from _references(inner)
    elif isinstance(element, list):
        for inner in element:
            yield from _references(inner)


def test_resources_are_there_once_and_refer_to_one_another(written: list[dict[str, Any]]) -> None:
    names = Counter(f"{resource['resourceType']}/{resource['id']}" for resource in written)
    assert max(names.values()) == 1
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"]) for resource in written)
    referred = {name for resource in written for name in _references(resource)}
    assert referred <= set(names)
    for resource in written:
        if resource["resourceType"] not in ("Organization", "Patient", "Basic"):
            assert resource["subject"]["reference"].startswith("Patient/")


def test_no_element_is_empty(written: list[dict[str, Any]]) -> None:
    def walk(element: object) -> None:
        assert element not in ("", None, [], {})
        if isinstance(element, dict):
            for inner in element.values():
                walk(inner)
        elif isinstance(element, list):
            for inner in element:
                walk(inner)

    walk(written)


def test_constants_of_the_mapping_are_not_written_to(written: list[dict[str, Any]]) -> None:
    assert RESOURCES["systemic_therapy"].constant == {
        "medicationCodeableConcept": {"coding": [{"system": "urn:oligomet:table", "code": "systemic_therapy"}]}
    }


def test_a_patient_of_mcode() -> None:
    (patient,) = _resources("patient")
    assert patient["meta"]["profile"] == ["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-patient"]
    assert (patient["gender"], patient["birthDate"], patient["deceasedBoolean"]) == ("female", "1950-05-01", False)
    (dead,) = _resources("patient", vital_status="dead", death_on="2024-01-01")
    assert dead["deceasedDateTime"] == "2024-01-01"
    assert "deceasedBoolean" not in dead
    (unknown,) = _resources("patient", vital_status="UNK", death_on="UNK")
    assert not [name for name in unknown if name.startswith("deceased")]


def test_conditions_have_their_codes() -> None:
    primary, *findings = _resources("primary_tumor", histology="mucinous")
    assert primary["code"]["coding"][0] == {"system": "http://hl7.org/fhir/sid/icd-10", "code": "C20"}
    (morphology,) = [found for found in primary["extension"] if found["url"].endswith("-morphology-behavior")]
    assert morphology["valueCodeableConcept"]["coding"][0]["code"] == "8480/3"
    assert [finding["code"]["coding"][0]["code"] for finding in findings] == [
        "21905-5",
        "21906-3",
        "21899-0",
        "21900-6",
    ]
    assert all(finding["focus"] == [{"reference": f"Condition/{primary['id']}"}] for finding in findings)
    episode, *_ = _resources("episode")
    assert episode["code"]["coding"][0]["code"] == "C78.0"
    assert episode["abatementDateTime"] == "2020-03-01"
    assert episode["clinicalStatus"]["coding"][0]["code"] == "remission"
    (other,) = [found for found in _resources("episode", lung_involved="no") if found["resourceType"] == "Condition"]
    assert [coding["code"] for coding in other["code"]["coding"]] == ["episode"]


def test_a_tumor_marker_and_a_performance_status() -> None:
    _, cea, ecog = _resources("episode", cea_ng_ml="7.5", largest_mm="")
    assert cea["code"]["coding"][0] == {"system": "http://loinc.org", "code": "2039-6"}
    assert cea["valueQuantity"] == {
        "value": 7.5,
        "unit": "ng/ml",
        "system": "http://unitsofmeasure.org",
        "code": "ng/mL",
    }
    assert (ecog["code"]["coding"][0]["code"], ecog["valueInteger"]) == ("89247-1", 0)
    _, missing, _ = _resources("episode", cea_ng_ml="ND", largest_mm="")
    assert missing["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert not [name for name in missing if name.startswith("value")]


def test_treatments_say_whether_they_are_over() -> None:
    (operation,) = _resources("local_treatment", episode_no="1")
    assert operation["status"] == "completed"
    assert operation["meta"]["profile"][0].endswith("mcode-cancer-related-surgical-procedure")
    assert operation["reasonReference"][0]["identifier"]["value"] == "P1/1"
    assert "meta" not in _resources("local_treatment")[0]
    assert _resources("systemic_therapy")[0]["status"] == "completed"
    assert _resources("systemic_therapy", ended_on="")[0]["status"] == "active"
    assert _resources("systemic_therapy", ended_on="UNK")[0]["status"] == "unknown"


def test_stains_hang_on_their_report_and_findings_of_a_visit_are_dated() -> None:
    report, stain = _resources("pathology", ck20="positive")
    assert report["result"] == [{"reference": f"Observation/{stain['id']}"}]
    visit, status = _resources("follow_up")
    assert status["encounter"] == {"reference": f"Encounter/{visit['id']}"}
    assert status["effectiveDateTime"] == "2020-09-01"
