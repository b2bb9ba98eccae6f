"""Who a record is about, on top of it."""

from __future__ import annotations

from dashboard.components.html import Content, Fact, Html, facts, tag
from dashboard.components.record import cell
from dashboard.record import Record
from dashboard.words import NOTHING, counted
from registry.tables import TABLES


def banner(patient_id: str, record: Record) -> Html:
    """The id, sex, age, center, vital status and last contact of a patient, and whether the record is signed off."""
    items = (
        Fact("Patient", patient_id),
        Fact("Sex", _cell(record, "sex")),
        Fact("Age", NOTHING if record.age is None else str(record.age), "completed years at death, else today"),
        Fact("Center", _cell(record, "center_id")),
        Fact("Enrolled", _cell(record, "enrolled_on")),
        Fact("Consent", _cell(record, "consent_status")),
        Fact("Vital status", _vital_status(record)),
        Fact("Last contact", _last_contact(record)),
        Fact("Sign-off", sign_off_words(record)),
        Fact("Data queries", counted(len(record.queries), "open query", "open queries") if record.queries else "none"),
    )
    return tag("div", facts(items), class_="banner")


def sign_off_words(record: Record) -> Content:
    """Whether the record was signed off, when and by whom, and what became of that since."""
    signed = record.signed
    if signed is None:
        return "none"
    words = f"{signed.signed_at[:10]} by {signed.signed_by}"
    if signed.is_locked:
        return f"{words}, locked"
    if record.is_changed_since:
        return tag("span", f"{words}, changed since sign-off", class_="warn")
    return f"{words}, lock lifted by {signed.lifted_by}"


def _cell(record: Record, column: str) -> Content:
    return cell(TABLES["patient"].fields[column], record.patient.get(column, ""))


def _vital_status(record: Record) -> Content:
    died_on, cause = record.patient.get("death_on", ""), record.patient.get("cause_of_death", "")
    if record.patient.get("vital_status") != "dead":
        return _cell(record, "vital_status")
    return ", ".join(part for part in ("dead", died_on, f"cause {cause}" if cause else "") if part)


def _last_contact(record: Record) -> Content:
    on = record.patient.get("last_contact_on", "")
    if record.overdue:
        return tag("span", f"{on}, {record.contact_days} days ago: overdue", class_="warn")
    return _cell(record, "last_contact_on")
