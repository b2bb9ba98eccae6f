"""The alternative strategies of the consensus as data: for each route what the table or the text lists, step by step.

Section, table and line numbers are those of the stored text of J Hematol Oncol 2019;12:16; the words are ours.
"""

from __future__ import annotations

from analytics.consensus import strategy_steps as steps
from analytics.consensus.strategy import Route, Situation, Step, Strategy
from analytics.consensus.strategy_steps import denominator_of, numerator_of, on_route

ROUTES = {
    "R-LYM": Route("lymphangitic carcinomatosis", "General guidelines for multidisciplinary therapy", "220-231"),
    "R-NIN": Route("non-initial lung metastases", "Fig. 1, note 3", "288-291"),
    "R-MUL": Route("lung and two or more other sites", "Table 5", "443-451, 577-599"),
    "R-LIV": Route("lung and one other site", "Table 4; Fig. 1, note 2", "428-442, 544-575"),
    "R-SYN": Route("isolated and resectable, managed with the primary", "Table 2", "250-354, 469-492"),
    "R-MET": Route(
        "isolated and resectable, after resection of the primary",
        "Management of initial metachronous lung metastases",
        "610-628",
    ),
    "R-POT": Route("isolated and potentially resectable", "Table 3", "356-367, 494-509"),
    "R-UNR": Route(
        "isolated and unresectable", "Management of isolated and unresectable lung metastases", "401-424, 283-286"
    ),
}
"""The routes in the order in which they are tried."""


_PREOPERATIVE = Step("systemic therapy before surgery", steps.systemic_before_primary)
_PRIMARY = Step("resection of the primary", steps.primary_resected)
_LUNG = Step("resection of the lung metastases", steps.lung_after_primary)
_ADJUVANT = Step("adjuvant chemotherapy", steps.adjuvant)
_BETWEEN = Step("systemic therapy", steps.between)
_SYSTEMIC = Step("systemic therapy", steps.systemic)
_RECURRENCE = "A resectable local recurrence counts as the primary."
_CHOICE = "Physical status, site of the primary, molecular features and prognosis are considered before it is chosen."

SITUATIONS: tuple[Situation, ...] = (
    Situation(
        "table_2_row_1",
        "Resectable; middle or low rectal cancer, T3-4 or N+",
        "Table 2, row 1",
        "473-480, 318-322",
        denominator_of("TB2A"),
        (
            Strategy(
                (
                    _PREOPERATIVE,
                    Step("radiotherapy of the rectum", steps.radiotherapy_before_primary),
                    _PRIMARY,
                    Step("resection of the lung metastases, with the primary or after it", steps.lung_after_primary),
                    _ADJUVANT,
                ),
                without=steps.between_or_lung_first,
            ),
            Strategy(
                (
                    _PREOPERATIVE,
                    Step("radiotherapy of the rectum", steps.radiotherapy_before_primary),
                    _PRIMARY,
                    _BETWEEN,
                    _LUNG,
                    _ADJUVANT,
                )
            ),
        ),
        ("The order of primary and metastases is decided by an MDT.", _RECURRENCE),
    ),
    Situation(
        "table_2_row_2",
        "Resectable; middle or low rectal cancer T1-2 N0, upper rectal cancer, colon cancer",
        "Table 2, row 2",
        "482-492",
        denominator_of("TB2B"),
        (
            Strategy((_PREOPERATIVE, _PRIMARY, _LUNG, _ADJUVANT)),
            Strategy((_PRIMARY, _BETWEEN, _LUNG, _ADJUVANT), without=steps.before_or_lung_first),
            Strategy((_PRIMARY, _LUNG, _ADJUVANT), without=steps.before_or_between),
        ),
        (_RECURRENCE,),
    ),
    Situation(
        "organ_preservation",
        "The patient wants to keep the rectum and refuses surgery of it",
        "Management of special situations in rectal cancer with synchronous lung metastases",
        "532-536",
        steps.rectum_kept,
        (
            Strategy(
                (
                    Step("systemic therapy and radiotherapy of the rectum (TNT)", steps.neoadjuvant),
                    Step("radical resection of the metastases", numerator_of("REC3")),
                )
            ),
        ),
        ("The primary is then monitored closely.",),
    ),
    Situation(
        "table_3",
        "Potentially resectable, as declared by an MDT",
        "Table 3",
        "494-509",
        on_route("R-POT"),
        (
            Strategy(
                (
                    Step("conversion therapy", steps.conversion_before_primary),
                    Step("resection of the primary", steps.primary_removed),
                    Step("resection of the lung metastases", steps.lung_resected),
                    Step("postoperative therapy", steps.after_lung),
                )
            ),
            Strategy(
                (
                    Step("resection of the primary", steps.primary_removed),
                    Step("conversion therapy", steps.conversion_after_primary),
                    Step("resection of the lung metastases", steps.lung_resected),
                    Step("postoperative chemotherapy", steps.after_lung),
                ),
                without=steps.conversion_before_primary,
            ),
        ),
        ("After conversion and R0 resection the preoperative regimen is recommended postoperatively.",),
    ),
    Situation(
        "metachronous_resectable",
        "Resectable, found after resection of the primary",
        "Management of initial metachronous lung metastases",
        "610-628",
        on_route("R-MET"),
        (
            Strategy(
                (
                    Step("surgery of the lung as the first treatment", numerator_of("MET1")),
                    Step("postoperative chemotherapy, oxaliplatin recommended", numerator_of("MET2")),
                ),
                without=steps.systemic_before_lung,
            ),
            Strategy(
                (
                    Step("neoadjuvant therapy", steps.systemic_before_lung),
                    Step("surgery of the lung", steps.lung_resected),
                    Step("postoperative chemotherapy, the same regimen where irinotecan worked", numerator_of("MET2")),
                )
            ),
        ),
        (
            "Surgery first is recommended; of neoadjuvant therapy the text only says how to go on after it.",
            "Perioperative chemotherapy does not exceed six months in all.",
        ),
    ),
    Situation(
        "unsuitable_for_surgery",
        "Resectable, but surgery does not suit (site, lung function, tolerance, the patient's will)",
        "Management of isolated and resectable lung metastases",
        "267-271, 336-354",
        denominator_of("SUR2"),
        (Strategy((Step("SBRT or ablation of the lung metastases", numerator_of("SUR2")),)),),
        (
            "The primary is assessed before, and the disease under control.",
            "One lesion: ablation first in the outer zone, either in the middle, radiotherapy in the inner or near "
            "vessels. Several lesions: as an MDT decides.",
        ),
    ),
    Situation(
        "unresectable",
        "Unresectable",
        "Management of isolated and unresectable lung metastases",
        "401-424",
        on_route("R-UNR"),
        (
            Strategy((Step("systemic therapy, with palliative local treatment where it helps", steps.systemic),)),
            Strategy((Step("regular follow-up without symptoms, above all of lesions < 1 cm", numerator_of("UNR2")),)),
        ),
        (
            "Combination or single agent, with or without targeted therapy; regorafenib after two lines.",
            "At progression a new biopsy of the lung or a liquid biopsy can be done.",
            "An incurable primary or recurrence is reassessed after systemic therapy (Fig. 1, note 1).",
        ),
    ),
    Situation(
        "table_4_row_1",
        "Lung and one other site, both curable",
        "Table 4, row 1",
        "550-552, 561-571",
        denominator_of("LIV1"),
        (
            Strategy(
                (
                    Step("perioperative systemic therapy, six months in all", steps.perioperative),
                    Step("radical treatment of the primary", steps.primary_treated),
                    Step("radical treatment of the lung metastases", steps.lung_treated),
                    Step("radical treatment of the other site", steps.others_treated),
                ),
                ordered=False,
            ),
        ),
        (
            "In stages; an MDT decides on order and method. The hardest resection first, else the liver.",
            "Before liver surgery usually two to three months of chemotherapy at most.",
            "SBRT or ablation of the lung where surgery is ruled out for other than technical reasons.",
        ),
    ),
    Situation(
        "table_4_row_2",
        "Lung and one other site, the lung curable, the other site not",
        "Table 4, row 2",
        "554, 572-573",
        denominator_of("LIV2"),
        (Strategy((_SYSTEMIC,)),),
        (_CHOICE,),
    ),
    Situation(
        "table_4_row_3",
        "Lung and one other site, the other site curable, the lung not",
        "Table 4, row 3",
        "556-557, 574-575",
        denominator_of("LIV3"),
        (
            Strategy(
                (
                    _SYSTEMIC,
                    Step("elective radical treatment of the other site", steps.others_locally_treated_after_systemic),
                )
            ),
        ),
        ("The elective treatment is for selected patients, on effective systemic therapy, after an MDT.", _CHOICE),
    ),
    Situation(
        "table_4_row_4",
        "Lung and one other site, neither curable",
        "Table 4, row 4",
        "559, 572-573",
        denominator_of("LIV4"),
        (Strategy((_SYSTEMIC,)),),
        (_CHOICE,),
    ),
    Situation(
        "table_5_row_1",
        "Lung and two or more other sites, all curable",
        "Table 5, row 1",
        "583-585, 593-599",
        steps.all_curable,
        (
            Strategy((_SYSTEMIC,), without=steps.any_local),
            Strategy(
                (_SYSTEMIC, Step("surgery of lung and other metastases", steps.all_locally_treated_after_systemic))
            ),
        ),
        (
            "Mainly systemic therapy; patients for surgery are selected carefully, and systemic therapy comes first.",
            _CHOICE,
        ),
    ),
    Situation(
        "table_5_rows_2_to_4",
        "Lung and two or more other sites, not all curable",
        "Table 5, rows 2 to 4",
        "587-591, 446-451",
        steps.not_all_curable,
        (Strategy((_SYSTEMIC,)),),
        ("An MDT discusses local treatment during systemic therapy, by efficacy and biology.", _CHOICE),
    ),
    Situation(
        "lymphangitic",
        "Lymphangitic carcinomatosis",
        "General guidelines for multidisciplinary therapy",
        "220-231",
        on_route("R-LYM"),
        (Strategy((_SYSTEMIC,)),),
        ("Local treatment is usually not recommended.",),
    ),
    Situation(
        "non_initial",
        "Non-initial: found in the course of other metastatic disease",
        "Fig. 1, note 3",
        "288-291",
        on_route("R-NIN"),
        (
            Strategy(
                (
                    Step("MDT discussion before treatment", numerator_of("GEN1")),
                    Step("status, earlier treatment, drug-free time and biology examined", numerator_of("NIN1")),
                )
            ),
        ),
        (
            "It examines physical status, efficacy and adverse events of earlier treatment, the time without drugs and "
            "the behavior of the tumor. The text lists no strategy.",
        ),
    ),
)
"""Every situation, in the order of the text."""
