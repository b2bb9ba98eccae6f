"""Every case that an MDT listed, enrolled or not."""

from registry.tables.columns import Record, boolean, code, date, number_of_record, ref


class ScreeningEntry(Record):
    """A case that the MDT of a center listed as oligometastatic: the denominator of enrollment."""

    __tablename__ = "screening_log"
    dated_by = "listed_on"

    center_id = ref("Center whose MDT listed the case", to="center", key=True)
    record_no = number_of_record("Number of the entry within the center")
    listed_on = date("Date on which the MDT listed the case as oligometastatic", required=True)
    lung_metastases = boolean("Lung metastases were among those listed")
    patient_id = ref("The enrolled patient; blank where not enrolled", to="patient")
    not_enrolled_reason = code(
        "Why a listed case was not enrolled", "declined_consent", "ineligible", "missed", "other"
    )
