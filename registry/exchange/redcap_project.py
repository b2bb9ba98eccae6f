"""The registry as a REDCap project: its forms, the variable names of their fields, and REDCap's data dictionary.

A form is a table that belongs to patients; the record is the patient, and the number of a row is the instance of a
repeating form. What belongs to centers has no record in REDCap and stays in files of its own.
"""

from __future__ import annotations

import csv
import io

from registry.fields import EARLIEST, Absent, Field
from registry.tables import PATIENT_TABLES, TABLES

RECORD_ID, INSTRUMENT, INSTANCE = "record_id", "redcap_repeat_instrument", "redcap_repeat_instance"

PREFIXES = {
    "patient": "pat",
    "primary_tumor": "pri",
    "episode": "epi",
    "metastasis": "met",
    "study": "stu",
    "pathology": "pth",
    "molecular_test": "mol",
    "mdt_meeting": "mdt",
    "systemic_therapy": "sys",
    "local_treatment": "loc",
    "follow_up": "fup",
    "disease_event": "eve",
    "rule_exception": "exc",
}
"""REDCap wants each variable name once in a project, and short: every one begins with the mark of its form."""

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)

YES_NO = {"yes": "1", "no": "0"}
"""REDCap's yes/no field holds 1 and 0."""

FEW = 5
"""Up to so many choices all are shown at once."""


def repeats(form: str) -> bool:
    """Whether a patient can have several rows of the form."""
    return len(TABLES[form].keys) > 1


def variable(field: Field) -> str:
    """The name of a field in the project."""
    return f"{PREFIXES[field.table]}_{field.name}"


def checkbox(field: Field, code: str) -> str:
    """The column of one code (or missing-data code) of a field that takes several, in small letters as in REDCap."""
    return f"{variable(field)}___{code.lower()}"


def complete(form: str) -> str:
    """The column of a form's state; REDCap adds it to every form (0 incomplete, 1 unverified, 2 complete)."""
    return f"{form}_complete"


def dictionary() -> str:
    """The data dictionary that REDCap's Online Designer takes, as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for form in PATIENT_TABLES:
        if form == "patient":
            writer.writerows(_first_rows())
        header = _section_header(form)
        for field in TABLES[form].fields.values():
            if not field.key:
                writer.writerow({**_row(field), "Section Header": header})
                header = ""
    return text.getvalue()


def _first_rows() -> list[dict[str, str]]:
    """The field that names the record, and what has to be set up in the project beside its dictionary."""
    key = TABLES["patient"].fields["patient_id"]
    codes = " | ".join(f"{code}, {code.sentence}" for code in Absent)
    forms = ", ".join(form for form in PATIENT_TABLES if repeats(form))
    note = (
        f"Project setup. Repeating instruments: {forms}. Missing data codes (Additional customizations): {codes}. "
        "One data access group a center."
    )
    return [
        {COLUMNS[0]: RECORD_ID, "Form Name": "patient", "Field Type": "text", "Field Label": key.sentence},
        {COLUMNS[0]: "project_setup", "Form Name": "patient", "Field Type": "descriptive", "Field Label": note}
        | {"Field Annotation": "@HIDDEN"},
    ]


def _section_header(form: str) -> str:
    sentence = (TABLES[form].__doc__ or "").strip().splitlines()[0]
    if repeats(form):
        return f"{sentence} Repeating instrument: {TABLES[form].fields['record_no'].sentence} is the instance."
    return sentence


def _row(field: Field) -> dict[str, str]:
    kind, choices = _kind(field)
    validation, low, high = _validation(field)
    return {
        COLUMNS[0]: variable(field),
        "Form Name": field.table,
        "Field Type": kind,
        "Field Label": field.sentence,
        COLUMNS[5]: " | ".join(f"{code}, {code.replace('_', ' ')}" for code in choices),
        "Field Note": field.unit,
        COLUMNS[7]: validation,
        "Text Validation Min": low,
        "Text Validation Max": high,
        "Identifier?": "y" if field.identifying else "",
        COLUMNS[11]: _branching(field),
        "Required Field?": "y" if field.required else "",
    }


def _kind(field: Field) -> tuple[str, tuple[str, ...]]:
    """The type of a field in REDCap, and its choices."""
    if field.type == "boolean":
        return "yesno", ()
    if field.type == "codes":
        return "checkbox", field.codes
    if field.codes:
        return ("radio" if len(field.codes) <= FEW else "dropdown"), field.codes
    return ("notes" if field.type == "text" else "text"), ()


def _validation(field: Field) -> tuple[str, str, str]:
    if field.type == "date":
        return "date_ymd", EARLIEST.isoformat(), "today"
    if field.type in ("integer", "number") and not field.codes:
        return field.type, f"{field.low:.15g}", f"{field.high:.15g}"
    return "", "", ""


def _branching(field: Field) -> str:
    if field.only_where is None:
        return ""
    other = TABLES[field.table].fields[field.only_where[0]]
    codes = [YES_NO[code] if other.type == "boolean" else code for code in field.only_where[1]]
    return " or ".join(f"[{variable(other)}] = '{code}'" for code in codes)
