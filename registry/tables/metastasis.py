"""Metastases outside the lung."""

from registry.tables.columns import Record, boolean, code, date, integer, number, number_of_record, owner


class Metastasis(Record):
    """Metastases of one extrapulmonary site."""

    __tablename__ = "metastasis"
    dated_by = "detected_on"
    ordered = (("detected_on", "resolved_on"),)

    patient_id = owner()
    record_no = number_of_record()
    site = code(
        "Extrapulmonary site (abdominal and superficial nodes are one site; thoracic nodes and pleura are not sites)",
        "liver",
        "peritoneum",
        "pelvic_implant",
        "ovary",
        "distant_lymph_node",
        "brain",
        "bone",
        "adrenal",
        "other",
        required=True,
    )
    detected_on = date("Date found", required=True)
    resolved_on = date("Date from which no disease remains at the site")
    lesion_count = integer("Number of lesions", low=0, high=1000)
    largest_mm = number("Largest diameter", low=0, high=500, unit="mm")
    curable = boolean("Curable by radical local treatment as declared by the MDT")
