"""Systemic therapy."""

from registry.tables.columns import Record, code, date, episode_number, integer, number_of_record, owner, text


class SystemicTherapy(Record):
    """A course of systemic therapy."""

    __tablename__ = "systemic_therapy"
    dated_by = "started_on"
    ordered = (("started_on", "ended_on"),)

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    started_on = date("First day of the first cycle", required=True)
    ended_on = date("Blank = under way")
    intent = code("Intent of the therapy", "preoperative", "conversion", "postoperative", "palliative")
    line = integer("Line of treatment for metastatic disease", low=1, high=30)
    backbone = code(
        "Cytotoxic backbone", "oxaliplatin", "irinotecan", "oxaliplatin_irinotecan", "fluoropyrimidine", "other", "none"
    )
    regimen = text("e.g. FOLFOX")
    targeted_agent = code(
        "Targeted agent given with it", "none", "bevacizumab", "cetuximab", "panitumumab", "regorafenib", "other"
    )
    cycles = integer("Number of cycles given", low=0, high=300)
    best_response = code("RECIST", "CR", "PR", "SD", "PD", "NE")
    response_assessed_on = date("Date of the assessment that best_response comes from")
    worst_toxicity_grade = integer("CTCAE", codes=("0", "1", "2", "3", "4", "5"))
    stop_reason = code("Why the therapy ended", "completed", "progression", "toxicity", "refusal", "death", "other")
