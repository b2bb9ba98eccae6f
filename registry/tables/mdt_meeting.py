"""Multidisciplinary meetings."""

from registry.tables.columns import Record, boolean, code, codes, date, episode_number, number_of_record, owner, text


class MdtMeeting(Record):
    """A multidisciplinary meeting that discussed the patient."""

    __tablename__ = "mdt_meeting"
    dated_by = "held_on"

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    held_on = date("Date of the meeting", required=True)
    specialties = codes(
        "Several codes joined by ;",
        "colorectal_surgery",
        "thoracic_surgery",
        "hepatic_surgery",
        "medical_oncology",
        "radiation_oncology",
        "radiology",
        "interventional_radiology",
        "pathology",
        "other",
    )
    curability_assessed = boolean("Curability of metastases and primary assessed")
    goal = code("Treatment goal", "ned", "palliative")
    topics = codes(
        "Several codes joined by ;",
        "initial_strategy",
        "resectability",
        "sequence",
        "preoperative_systemic",
        "local_treatment",
        "reassessment",
        "lymphangitic_local_treatment",
        "other",
    )
    recommendation = text("What the meeting recommended", identifying=True)
