"""Imaging, endoscopy and lung function."""

from registry.tables.columns import Record, boolean, code, date, episode_number, number_of_record, owner


class Study(Record):
    """A study of a patient: what was done, why, and what it showed."""

    __tablename__ = "study"
    dated_by = "performed_on"

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    performed_on = date("Date of the study", required=True)
    modality = code(
        "Kind of study",
        "chest_xray",
        "chest_ct_plain",
        "chest_ct_high_resolution",
        "chest_ct_contrast",
        "chest_mri",
        "abdomen_ct_contrast",
        "liver_mri_contrast",
        "pelvis_mri_contrast",
        "bone_scan",
        "pet_ct",
        "colonoscopy",
        "lung_function",
        "other",
        required=True,
    )
    purpose = code(
        "Why it was done",
        "staging",
        "resectability",
        "response",
        "surveillance",
        "undetermined_lesion",
        "routine",
        "other",
    )
    found_metastases = boolean("This study first showed the lung metastases")
    biopsy_taken = boolean("For colonoscopy", only_where=("modality", ("colonoscopy",)))
    result = code(
        "What the study showed", "no_disease", "stable", "response", "progression", "new_lesion", "indeterminate"
    )
