"""FHIR R4 as NDJSON, a file for each type of resource: written from the table in registry/exchange/fhir_mapping.py."""

from __future__ import annotations

import contextlib
import functools
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from registry.exchange.csv_folder import write_manifest
from registry.exchange.fhir_mapping import (
    ABSENT_REASONS,
    CORE,
    EXTENSION,
    HL7,
    LOINC,
    RESOURCES,
    UCUM,
    URN,
    Element,
    Finding,
    Json,
    Row,
    concept,
    profiled,
)
from registry.exchange.tables import TableRows
from registry.fields import MISSING_CODES, Field
from registry.tables import PATIENT_TABLES, TABLES

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, URN)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_fhir(folder: Path, tables: Iterator[TableRows]) -> dict[str, int]:
    """Writes the resources, and the manifest, which counts the registry's rows; returns the number of rows by table.

    Args:
        folder: exists and is empty.
    """
    counts = {}
    with contextlib.ExitStack() as stack:
        files: dict[str, TextIO] = {}
        for table in tables:
            counts[table.name] = 0
            names = [field.name for field in table.fields]
            for cells in table.rows:
                for resource in resources(table.fields, dict(zip(names, cells, strict=True))):
                    kind = resource["resourceType"]
                    if kind not in files:
                        path = folder / f"{kind}.ndjson"
                        files[kind] = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
                    files[kind].write(_encode(resource) + "\n")
                counts[table.name] += 1
    write_manifest(folder, counts)
    return counts


def resources(fields: list[Field], row: Row) -> list[Json]:
    """The resource of a row, and the Observations that it brings."""
    table = fields[0].table
    declared = RESOURCES[table]
    key = tuple(row[name] for name in TABLES[table].keys)
    main: Json = {"resourceType": declared.type, "id": _id(table, key), "identifier": [_identifier(table, key)]}
    main |= declared.constant
    main |= declared.derived(row)
    if table in PATIENT_TABLES and table != "patient":
        main["subject"] = reference("patient", key[:1])
    findings = []
    for field in fields:
        cell = row[field.name]
        place = declared.columns.get(field.name)
        if isinstance(place, Finding) and cell:
            findings.append(_finding(field, cell, place, main, row))
        elif isinstance(place, Element) and cell:
            _put(main, place, field, cell, row)
        elif cell and not field.key:
            _extend(main, field, cell, row)
    if findings and declared.findings == "result":
        main["result"] = [{"reference": f"Observation/{finding['id']}"} for finding in findings]
    return [main, *findings]


@functools.lru_cache(10_000)
def _id(table: str, key: tuple[str, ...]) -> str:
    # A key can hold signs that an id of FHIR cannot; the same key always gives the same id.
    return str(uuid.uuid5(_NAMES, "\0".join((table, *key))))


def _identifier(table: str, key: tuple[str, ...]) -> Json:
    return {"system": f"{URN}:row:{table}", "value": "/".join(key)}


def reference(table: str, key: tuple[str, ...]) -> Json:
    """A reference to the resource of another row."""
    return {"reference": f"{RESOURCES[table].type}/{_id(table, key)}", "identifier": _identifier(table, key)}


def _reason(cell: str) -> Json:
    """The extension that says why there is no value."""
    return {"extension": [{"url": f"{CORE}/data-absent-reason", "valueCode": ABSENT_REASONS[cell]}]}


def _finding(field: Field, cell: str, place: Finding, main: Json, row: Row) -> Json:
    declared = RESOURCES[field.table]
    code = concept(f"{URN}:column", f"{field.table}.{field.name}")
    if place.loinc:
        code["coding"].insert(0, {"system": LOINC, "code": place.loinc})
    found: Json = {"resourceType": "Observation", "id": _id(f"{field.table}.{field.name}", (main["id"],))}
    if place.profile:
        found["meta"] = profiled(place.profile)
    found["status"] = "final"
    if place.category:
        found["category"] = [concept(f"{HL7}/observation-category", place.category)]
    found |= {"code": code, "subject": main["subject"]}
    of_row = {"reference": f"{main['resourceType']}/{main['id']}"}
    if declared.findings != "result":
        found[declared.findings] = [of_row] if declared.findings == "focus" else of_row
    day = row.get(declared.effective, "")
    if day and day not in MISSING_CODES:
        found["effectiveDateTime"] = day
    value = Element("valueCodeableConcept", "concept") if field.type == "code" else Element(_typed_name(field))
    _put(found, value, field, cell, row)
    return found


def _put(resource: Json, place: Element, field: Field, cell: str, row: Row) -> None:
    """Writes a cell to its element."""
    if place.path.startswith(EXTENSION):
        _extend(resource, field, cell, row, place)
        return
    *outer, name = place.path.split(".")
    target = resource
    for part in outer:
        target = _within(target, part)
    if cell in MISSING_CODES and resource["resourceType"] == "Observation" and name.startswith("value"):
        resource["dataAbsentReason"] = concept(f"{HL7}/data-absent-reason", ABSENT_REASONS[cell])
    elif name.endswith("[]"):
        target[name[:-2]] = [*target.get(name[:-2], []), _complex(place, field, cell, row)]
    elif place.kind != "value":
        target[name] = _complex(place, field, cell, row)
    else:
        _put_value(target, name, field, cell)


def _within(target: Json, part: str) -> Json:
    """The element that holds another one; a copy, because the constant elements of the mapping are shared."""
    if part.endswith("[]"):
        inner: Json = {}
        target[part[:-2]] = [inner]
    else:
        inner = dict(target.get(part, {}))
        target[part] = inner
    return inner


def _complex(place: Element, field: Field, cell: str, row: Row) -> Json:
    if cell in MISSING_CODES:
        return _reason(cell)
    if place.kind == "reference":
        return _reference_of(field, cell, row)
    coded = concept(f"{URN}:codes:{field.table}.{field.name}", cell)
    if cell in place.codes:
        coded["coding"].insert(0, {"system": place.system, "code": place.codes[cell]})
    return coded


def _reference_of(field: Field, cell: str, row: Row) -> Json:
    if field.refers_to:
        return reference(field.refers_to, (cell,))
    return reference("episode", (row["patient_id"], cell))


def _typed_name(field: Field) -> str:
    """The name of a value[x] for a field."""
    if field.type == "number":
        return "valueQuantity"
    kinds = {"date": "DateTime", "boolean": "Boolean", "integer": "Integer", "code": "Code", "codes": "Code"}
    return f"value{kinds.get(field.type, 'String')}"


def _put_value(target: Json, name: str, field: Field, cell: str) -> None:
    """Writes a value, or beside it why there is none."""
    if name == "valueQuantity":
        target[name] = _reason(cell) if cell in MISSING_CODES else _quantity(field, cell)
    elif cell in MISSING_CODES:
        target[f"_{name}"] = _reason(cell)
    else:
        target[name] = field.value(cell) if field.type in ("boolean", "integer") else cell


def _quantity(field: Field, cell: str) -> Json:
    number = float(cell)
    value = int(number) if number.is_integer() else number
    return {"value": value, "unit": field.unit, "system": "http://unitsofmeasure.org", "code": UCUM[field.unit]}


def _extend(resource: Json, field: Field, cell: str, row: Row, known: Element | None = None) -> None:
    """Writes a cell to extensions of the resource: one, or one for each of several codes.

    Args:
        known: an extension that others have defined. It has no place for a reason: that goes to the column's own.
    """
    own = f"{URN}:column:{field.table}.{field.name}"
    extensions = resource.setdefault("extension", [])
    if cell in MISSING_CODES:
        extensions.append({"url": own, **_reason(cell)})
    elif known is not None:
        url = known.path.removeprefix(EXTENSION)
        extensions.append({"url": url, **_extended(field, cell, row, known)})
    else:
        parts = cell.split(";") if field.type == "codes" else [cell]
        extensions += [{"url": own, **_extended(field, part, row, Element(""))} for part in parts]


def _extended(field: Field, cell: str, row: Row, place: Element) -> Json:
    """The value of an extension."""
    if place.kind == "concept":
        return {"valueCodeableConcept": _complex(place, field, cell, row)}
    if field.name == "episode_no" or field.refers_to:
        return {"valueReference": _reference_of(field, cell, row)}
    extension: Json = {}
    _put_value(extension, _typed_name(field), field, cell)
    return extension
