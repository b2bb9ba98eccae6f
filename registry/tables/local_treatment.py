"""Operations, radiotherapy and ablations."""

from registry.tables.columns import Record, code, date, episode_number, integer, number, number_of_record, owner


class LocalTreatment(Record):
    """A local treatment of the primary or of metastases of one target."""

    __tablename__ = "local_treatment"
    dated_by = "started_on"
    ordered = (("started_on", "ended_on"),)

    patient_id = owner()
    record_no = number_of_record()
    episode_no = episode_number()
    started_on = date("Date of the operation or the first fraction")
    ended_on = date("Last day of the treatment; blank = under way or the same day")
    target = code(
        "What was treated",
        "primary",
        "local_recurrence",
        "lung",
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
    modality = code(
        "radiotherapy on the primary = neoadjuvant rectal radiotherapy",
        "resection",
        "sbrt",
        "radiofrequency_ablation",
        "microwave_ablation",
        "cryoablation",
        "radiotherapy",
        "stent",
        "colostomy",
        "hemostasis",
        "other",
        required=True,
    )
    intent = code("Intent of the treatment", "radical", "palliative", "emergency", "neoadjuvant")
    procedure = code(
        "Most extensive lung procedure of the operation",
        "wedge",
        "segmentectomy",
        "lobectomy",
        "pneumonectomy",
        "other",
        only_where=("target", ("lung",)),
    )
    lobectomy_reason = code(
        "Why a lobectomy was needed", "deep", "bleeding", "other", only_where=("procedure", ("lobectomy",))
    )
    lesions_treated = integer("Number of lesions treated", low=0, high=1000)
    residual_tumor = code(
        "Residual tumor after resection (UICC R classification)",
        "R0",
        "R1",
        "R2",
        "RX",
        only_where=("modality", ("resection",)),
    )
    node_assessment = code("Thoracic lymph nodes", "none", "sampling", "dissection", only_where=("target", ("lung",)))
    dose_gy = number("Total dose", low=0, high=200, unit="Gy", only_where=("modality", ("sbrt", "radiotherapy")))
    fractions = integer("Number of fractions", low=1, high=100, only_where=("modality", ("sbrt", "radiotherapy")))
    local_failure_on = date("Progression or recurrence at the treated site")
    clavien_dindo = code(
        "Worst postoperative complication (Clavien-Dindo)", "0", "I", "II", "IIIa", "IIIb", "IVa", "IVb", "V"
    )
