"""Follow-up visits."""

from registry.tables.columns import Record, code, date, integer, number, number_of_record, owner


class FollowUp(Record):
    """A follow-up visit."""

    __tablename__ = "follow_up"
    dated_by = "seen_on"

    patient_id = owner()
    record_no = number_of_record()
    seen_on = date("Date of the visit", required=True)
    disease_status = code("Disease status at the visit", "ned", "alive_with_disease")
    ecog = integer("ECOG performance status at the visit", codes=("0", "1", "2", "3", "4"))
    cea_ng_ml = number("CEA at the visit", low=0, high=1000000, unit="ng/ml")
    global_health_score = number("EORTC QLQ-C30 global health status", low=0, high=100, unit="0-100")
