"""An oligometastatic episode: what was found, judged and reached."""

from registry.tables.columns import Record, boolean, code, date, integer, number, number_of_record, owner, text


class Episode(Record):
    """A presentation of distant metastases: the first, or the first new one after no evidence of disease."""

    __tablename__ = "episode"
    dated_by = "detected_on"

    patient_id = owner()
    record_no = number_of_record(
        "Number of the oligometastatic episode within the patient: "
        "the first presentation of distant metastases or the first new one after NED"
    )
    detected_on = date(
        "Date on which the metastases of the episode (the lung metastases where lung_involved) were found",
        required=True,
    )
    lung_involved = boolean("Lung metastases present; the lung columns below apply only then", required=True)
    prior_polymetastatic = boolean("Polymetastatic disease at any time before this episode (ESTRO/EORTC: induced)")
    progressing_lesion = boolean(
        "A metastasis was growing or new on the imaging of this episode "
        "(ESTRO/EORTC: oligoprogression against oligopersistence)"
    )
    basis = code("How the diagnosis was established", "histology", "cytology", "imaging_mdt")
    differential_documented = boolean(
        "Differential diagnosis against primary lung cancer and benign nodules documented",
        only_where=("lung_involved", ("yes",)),
    )
    lesion_count = integer("Number of lung lesions", low=0, high=1000, only_where=("lung_involved", ("yes",)))
    laterality = code("Lungs involved", "left", "right", "bilateral", only_where=("lung_involved", ("yes",)))
    largest_mm = number("Largest diameter", low=0, high=500, unit="mm", only_where=("lung_involved", ("yes",)))
    zone = code("Lung zone of the (single) lesion", "outer", "middle", "inner", only_where=("lung_involved", ("yes",)))
    near_vessel = boolean("Lesion near a large vessel", only_where=("lung_involved", ("yes",)))
    symptomatic = boolean("Symptoms from the lung metastases", only_where=("lung_involved", ("yes",)))
    lymphangitic = boolean("Lymphangitic carcinomatosis", only_where=("lung_involved", ("yes",)))
    thoracic_nodes = code(
        "Hilar or mediastinal lymph-node metastasis",
        "none",
        "suspected",
        "confirmed",
        only_where=("lung_involved", ("yes",)),
    )
    pleural_metastases = boolean("Pleural metastases", only_where=("lung_involved", ("yes",)))
    other_sites_assessed = boolean(
        "yes = the rows in metastasis are the complete list at this episode (an empty list then means none)"
    )
    bone_symptoms = boolean("Symptoms associated with bone metastases")
    resectability = code(
        "Resectability of the lung metastases as declared by the MDT",
        "resectable",
        "potentially_resectable",
        "unresectable",
        only_where=("lung_involved", ("yes",)),
    )
    unresectable_reason = code(
        "Why not resectable",
        "extent",
        "number",
        "location",
        "size",
        "near_hilum_or_vessel",
        "lung_function",
        "tolerance",
        "refusal",
        only_where=("resectability", ("potentially_resectable", "unresectable")),
    )
    curable = boolean(
        "Lung metastases curable by radical local treatment as declared by the MDT",
        only_where=("lung_involved", ("yes",)),
    )
    large_burden = boolean("Large lung tumor burden", only_where=("lung_involved", ("yes",)))
    surgery_unsuitable_reason = code(
        "Why surgery does not suit a resectable lesion",
        "site",
        "lung_function",
        "tolerance",
        "refusal",
        only_where=("resectability", ("resectable",)),
    )
    cea_ng_ml = number("CEA before treatment of the metastases", low=0, high=1000000, unit="ng/ml")
    ecog = integer("ECOG performance status", codes=("0", "1", "2", "3", "4"))
    local_recurrence = code("Local recurrence of the primary at this episode", "none", "resectable", "unresectable")
    emergency = code(
        "Emergency of the primary or the local recurrence", "none", "bleeding", "perforation", "obstruction"
    )
    emergency_on = date("Date of the emergency", only_where=("emergency", ("bleeding", "perforation", "obstruction")))
    tissue = code(
        "Tissue from the lung lesion",
        "obtained",
        "not_obtainable",
        "not_attempted",
        only_where=("lung_involved", ("yes",)),
    )
    tissue_histology = code(
        "Histology of the lung lesion",
        "well_or_moderate",
        "poor",
        "mucinous",
        "signet_ring",
        "other",
        only_where=("tissue", ("obtained",)),
    )
    prior_treatment_review = text(
        "Efficacy and adverse events of earlier treatment as examined by the MDT", identifying=True
    )
    drug_free_months = number("Time since the last systemic treatment", low=0, high=600, unit="months")
    biology_note = text("Biological behavior as examined by the MDT", identifying=True)
    resection_difficulty = code(
        "Which of lung and other metastasis is harder to resect", "lung_harder", "other_harder", "equal"
    )
    observation_chosen = boolean("Observation without treatment was chosen")
    ned_on = date("Date on which no evidence of disease was reached")
    mdt_discussed = boolean(
        "no = never discussed by an MDT; yes = discussed and the meetings are in mdt_meeting; blank = not known"
    )
    workup_log_complete = boolean(
        "yes = every staging study of the episode is in study (a study that is absent was then not done)"
    )
    surveillance_log_complete = boolean("yes = every chest study since ned_on is in study")
