"""Progressions and recurrences."""

from registry.tables.columns import Record, code, codes, date, number_of_record, owner


class DiseaseEvent(Record):
    """A progression or a recurrence."""

    __tablename__ = "disease_event"
    dated_by = "occurred_on"

    patient_id = owner()
    record_no = number_of_record()
    occurred_on = date("Date on which the event was found", required=True)
    kind = code(
        "recurrence = disease after NED; progression = growth or a new lesion while disease was present",
        "progression",
        "recurrence",
        required=True,
    )
    sites = codes(
        "Several codes joined by ;",
        "local",
        "lung",
        "liver",
        "peritoneum",
        "pelvic_implant",
        "ovary",
        "distant_lymph_node",
        "thoracic_lymph_node",
        "brain",
        "bone",
        "adrenal",
        "other",
    )
