"""The header of a REDCap export: which column holds which field of which form, and what is wrong with it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from registry.exchange.redcap_project import INSTANCE, INSTRUMENT, RECORD_ID, checkbox, complete, repeats, variable
from registry.fields import MISSING_CODES, Field
from registry.intake.rows import Problem
from registry.tables import PATIENT_TABLES, TABLES

ADDED = {
    "redcap_data_access_group",
    "redcap_survey_identifier",
    *(complete(form) for form in PATIENT_TABLES),
    *(f"{form}_timestamp" for form in PATIENT_TABLES),
}
"""Columns that REDCap adds by itself, in which the registry stores nothing."""

_BLANK, _UNTICKED = ("",), ("", "0")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field stands.

    Args:
        at: its column; the first one where it has several.
        codes: of a field that takes several codes the column of each.
    """

    field: Field
    at: int
    codes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file that the project has.

    Args:
        sources: for each form its fields that the file has.
        form_of: for each column that holds a field its form.
        blank: what stands in such a column where it holds nothing.
        places: the columns that are not fields: record, instrument, instance, and the states of the forms.
        usable: False where lines cannot be told apart, so that reading them would help nobody.
    """

    sources: dict[str, list[Source]]
    form_of: dict[int, str]
    blank: dict[int, tuple[str, ...]]
    places: dict[str, int]
    usable: bool

    def cell(self, cells: list[str], place: str) -> str:
        """What a line holds in one of the places; blank where the file does not have it."""
        at = self.places.get(place)
        return "" if at is None else cells[at].strip()


def _known() -> dict[str, tuple[Field, str | None]]:
    known: dict[str, tuple[Field, str | None]] = {}
    for form in PATIENT_TABLES:
        for field in TABLES[form].fields.values():
            if field.type == "codes":
                known |= {checkbox(field, code): (field, code) for code in (*field.codes, *MISSING_CODES)}
            elif not field.key:
                known[variable(field)] = (field, None)
    return known


KNOWN = _known()
"""Each column of the project: its field, and the code whose box it is where the field takes several."""


def read_header(file: str, cells: list[str]) -> tuple[Header, list[Problem]]:
    """Matches the header with the fields of the project; unknown, doubled and missing columns are problems."""
    found: dict[str, int] = {}
    problems = []
    for at, text in enumerate(cells):
        name = text.strip().lower()
        if name in found:
            problems.append(Problem(file, 1, text, text, "the column stands twice", "keep one of them"))
        elif name in KNOWN or name in ADDED or name in (RECORD_ID, INSTRUMENT, INSTANCE):
            found[name] = at
        else:
            problems.append(_unknown(file, text))
    fields = {name: at for name, at in found.items() if name in KNOWN}
    needed = [RECORD_ID]
    if any(repeats(KNOWN[name][0].table) for name in fields):
        needed += [INSTRUMENT, INSTANCE]
    missing = [name for name in needed if name not in found]
    problems += [Problem(file, 1, name, name, "the column is missing", f"export it: {name}") for name in missing]
    places = {name: at for name, at in found.items() if name not in KNOWN}
    form_of = {at: KNOWN[name][0].table for name, at in fields.items()}
    blank: dict[int, tuple[str, ...]] = {at: _UNTICKED if KNOWN[name][1] else _BLANK for name, at in fields.items()}
    return Header(_sources(fields), form_of, blank, places, not missing), problems


def _unknown(file: str, text: str) -> Problem:
    if text.strip() == "redcap_event_name":
        remedy = "export a project without events: the registry's rows are repeating instruments"
        return Problem(file, 1, text, text, "the project is longitudinal", remedy)
    near = difflib.get_close_matches(text.strip().lower(), KNOWN, n=1, cutoff=0.7)
    remedy = f"write {near[0]}" if near else "use the fields of `oligomet dictionary --format redcap`"
    return Problem(file, 1, text, text, "the project has no such field", remedy)


def _sources(fields: dict[str, int]) -> dict[str, list[Source]]:
    sources: dict[str, list[Source]] = {form: [] for form in PATIENT_TABLES}
    boxes: dict[tuple[str, str], Source] = {}
    for name, at in fields.items():
        field, code = KNOWN[name]
        source = boxes.get((field.table, field.name))
        if source is None:
            source = Source(field, at, {})
            sources[field.table].append(source)
        if code is not None:
            boxes[field.table, field.name] = source
            source.codes[code] = at
    return sources
