"""The index colorectal primary of a patient."""

from registry.tables.columns import Record, boolean, code, date, number, owner


class PrimaryTumor(Record):
    """The index colorectal cancer of a patient: staging before and after treatment."""

    __tablename__ = "primary_tumor"

    patient_id = owner()
    diagnosed_on = date("Histological diagnosis")
    workup_completed_on = date("Last staging study ordered before the first treatment; the limit of 'synchronous'")
    first_treated_on = date("First treatment of the primary; fallback where workup_completed_on is blank")
    site = code(
        "Anatomical site",
        "cecum",
        "ascending_colon",
        "hepatic_flexure",
        "transverse_colon",
        "splenic_flexure",
        "descending_colon",
        "sigmoid_colon",
        "colon_unspecified",
        "rectosigmoid_junction",
        "rectum",
    )
    rectal_height_cm = number(
        "Distance of the lower edge from the anal verge",
        low=0,
        high=40,
        unit="cm",
        only_where=("site", ("rectum", "rectosigmoid_junction")),
    )
    c_t = code("Clinical T before treatment (AJCC/UICC)", "TX", "T0", "Tis", "T1", "T2", "T3", "T4", "T4a", "T4b")
    c_n = code("Clinical N before treatment", "NX", "N0", "N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b")
    p_t = code("Pathological T", "TX", "T0", "Tis", "T1", "T2", "T3", "T4", "T4a", "T4b")
    p_n = code("Pathological N", "NX", "N0", "N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b")
    histology = code("Histological type", "adenocarcinoma", "mucinous", "signet_ring", "other")
    grade = code("Differentiation", "well", "moderate", "poor", "undifferentiated")
    extramural_vascular_invasion = boolean("EMVI")
    lymphovascular_invasion = boolean("LVI")
    cea_ng_ml = number("CEA before treatment of the primary", low=0, high=1000000, unit="ng/ml")
    curable = boolean("Radical treatment of the primary judged possible by the MDT")
    organ_preservation = boolean(
        "Patient wants organ preservation and refuses surgery", only_where=("site", ("rectum", "rectosigmoid_junction"))
    )
