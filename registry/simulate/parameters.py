"""Every figure of the simulator, named, with the source it is from; what no source gives is called an assumption."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from registry.simulate.draws import Mix

CONSENSUS = "consensus: J Hematol Oncol 2019;12:16, doi 10.1186/s13045-019-0702-0"
META_ANALYSIS = "Gonzalez, Ann Surg Oncol 2013, doi 10.1245/s10434-012-2726-3"
SPAIN = "GECMP-CCR: BMJ Open 2013;3:e002787; doi 10.1016/j.athoracsur.2015.12.017"
LIVER_META = "Kanas, Clin Epidemiol 2012;4:283"
COUNTED = "615 resections by number of metastases, World J Surg Oncol 2015"
PULMICC = "PulMiCC, cohort of 512"
ASSUMED = "assumption"


class Figure(float):
    """A number with its source."""

    source: str

    def __new__(cls, value: float, source: str) -> Figure:
        figure = super().__new__(cls, value)
        figure.source = source
        return figure


# The calendar. Nothing is dated after the end; an episode is found early enough before it, and before a patient can
# be lost, for its planned care to be seen whole: what is left undone then is a fact and not a matter of time.
FIRST_DETECTION = dt.date(2015, 1, 1).toordinal()
END = dt.date(2025, 12, 31).toordinal()
CARE_DAYS = 620
LAST_DETECTION = END - CARE_DAYS - 140

# Who has what.
MALE = Figure(0.60, ASSUMED)
AGE_MEAN, AGE_SD = Figure(62.5, ASSUMED), Figure(10.5, ASSUMED)
YOUNGEST, OLDEST = 24.0, 90.0
LUNG_FREE = Figure(0.09, ASSUMED)
INITIAL = Figure(0.744, CONSENSUS)
LATER_IN_THE_LUNG = Figure(0.0095, "first in the lung after an episode elsewhere: counted in what comes out")
SYNCHRONOUS = Figure(0.38, ASSUMED)
ISOLATED = Figure(0.41, CONSENSUS + " (37.7-44.5 %)")
ONE_SITE = Figure(0.65, ASSUMED)
LIVER = Figure(0.47, CONSENSUS + " (38.6-55.5 %)")
LIVER_ALONE = Figure(0.43, "splits LIVER between one and several sites: " + ASSUMED)
RECTUM = Figure(0.50, CONSENSUS + " (China ~50 %, West ~30 %)")
SOLITARY = Figure(0.55, SPAIN)
THORACIC_NODES = Mix({"none": 0.90, "suspected": 0.06, "confirmed": 0.04}, ASSUMED)
SUSPECTED_TRUE = Figure(0.40, ASSUMED)
LYMPHANGITIC = Figure(0.018, ASSUMED)
PLEURAL = Figure(0.015, ASSUMED)
EMERGENCY = Figure(0.05, ASSUMED)
PRIMARY_INCURABLE = Figure(0.05, ASSUMED)
LOCAL_RECURRENCE = Mix({"none": 0.91, "resectable": 0.05, "unresectable": 0.04}, ASSUMED)
WHILE_NEOADJUVANT = Figure(0.05, ASSUMED)
BEFORE_TREATMENT = Figure(0.03, ASSUMED)
ORGAN_PRESERVATION = Figure(0.05, ASSUMED)
PRIOR_POLYMETASTATIC = Figure(0.04, ASSUMED)
DFI_MEDIAN_DAYS = Figure(730.0, COUNTED + "; " + SPAIN + " (medians 20 and 28 months)")
DFI_SIGMA = Figure(0.75, ASSUMED)
CEA_MEDIAN, CEA_SIGMA = Figure(4.2, ASSUMED), Figure(1.25, ASSUMED)
SIZE_MEDIAN_MM, SIZE_SIGMA = Figure(14.0, ASSUMED), Figure(0.55, ASSUMED)

SITES = Mix(
    {
        "cecum": 0.05,
        "ascending_colon": 0.07,
        "hepatic_flexure": 0.03,
        "transverse_colon": 0.04,
        "splenic_flexure": 0.02,
        "descending_colon": 0.04,
        "sigmoid_colon": 0.18,
        "colon_unspecified": 0.01,
        "rectosigmoid_junction": 0.06,
        "rectum": float(RECTUM),
    },
    "rectum: " + CONSENSUS + "; else " + ASSUMED,
)
C_T = Mix({"TX": 0.04, "T1": 0.02, "T2": 0.12, "T3": 0.55, "T4a": 0.18, "T4b": 0.09}, ASSUMED)
C_N = Mix({"NX": 0.04, "N0": 0.28, "N1": 0.13, "N1a": 0.14, "N1b": 0.17, "N2a": 0.14, "N2b": 0.10}, ASSUMED)
HISTOLOGY = Mix({"adenocarcinoma": 0.88, "mucinous": 0.09, "signet_ring": 0.02, "other": 0.01}, ASSUMED)
GRADE = Mix({"well": 0.12, "moderate": 0.70, "poor": 0.16, "undifferentiated": 0.02}, ASSUMED)
OTHER_SITES = Mix(
    {
        "peritoneum": 0.22,
        "distant_lymph_node": 0.28,
        "bone": 0.16,
        "pelvic_implant": 0.12,
        "brain": 0.07,
        "adrenal": 0.06,
        "ovary": 0.05,
        "other": 0.04,
    },
    ASSUMED,
)
FURTHER_LESIONS = Mix({"2": 0.42, "3": 0.22, "4": 0.13, "5": 0.09, "6": 0.05, "8": 0.05, "12": 0.04}, ASSUMED)
RESECTABLE_BY_COUNT = (
    (1, Figure(0.47, "set for radical surgery in 21.1-32.5 % of initial isolated: " + CONSENSUS)),
    (2, Figure(0.36, ASSUMED)),
    (4, Figure(0.27, ASSUMED)),
    (1000, Figure(0.05, ASSUMED)),
)
POTENTIALLY_RESECTABLE = Figure(0.14, ASSUMED)
CONVERTED = Figure(0.30, "set for conversion in 5.7-7.1 % of initially unresectable: " + CONSENSUS)
CONVERTED_UNEXPECTEDLY = Figure(0.015, ASSUMED)
BOTH_CURABLE = Mix({"both": 0.46, "lung": 0.12, "other": 0.15, "neither": 0.27}, ASSUMED)
RESECTABLE_AGAIN = Figure(0.62, ASSUMED)
MUTATIONS = {
    "kras": Mix({"mutated": 0.48, "wild_type": 0.52}, ASSUMED),
    "nras": Mix({"mutated": 0.04, "wild_type": 0.96}, ASSUMED),
    "braf": Mix({"mutated": 0.06, "wild_type": 0.94}, ASSUMED),
    "msi_mmr": Mix({"unstable": 0.04, "stable": 0.96}, ASSUMED),
    "her2": Mix({"positive": 0.03, "equivocal": 0.02, "negative": 0.95}, ASSUMED),
}

# Survival. The multipliers act on the hazard of death from the origin of each group; those of recurrence are the same
# multipliers to a power. The scales (years) are set so that the overall survival at five years is that of the source.
HAZARD_RATIOS = {
    "multiple_lesions": Figure(2.04, META_ANALYSIS),
    "thoracic_nodes": Figure(1.65, META_ANALYSIS),
    "high_cea": Figure(1.91, META_ANALYSIS),
    "short_dfi": Figure(1.59, META_ANALYSIS),
    "liver_metastases": Figure(1.22, META_ANALYSIS),
    "incomplete_resection": Figure(2.0, LIVER_META + " (positive margin)"),
    "advanced_primary": Figure(1.3, ASSUMED),
    "older_than_70": Figure(1.2, ASSUMED),
    "synchronous": Figure(1.2, ASSUMED),
}
DEATH_SHAPE = Figure(1.25, ASSUMED)
DEATH_SCALE_YEARS = {
    "resected": Figure(19.5, "5-year survival 50-60 % after resection: " + PULMICC + "; " + COUNTED),
    "ablated": Figure(13.0, ASSUMED),
    "lung_free": Figure(10.0, ASSUMED),
    "systemic": Figure(8.2, "5-year survival 20-25 % without local treatment: " + PULMICC),
    "lymphangitic": Figure(1.6, "extremely poor: " + CONSENSUS),
}
RECURRENCE_SHAPE = Figure(0.75, ASSUMED)
RECURRENCE_SCALE_YEARS = Figure(15.5, "5-year recurrence-free survival 30-40 %: " + COUNTED)
RECURRENCE_POWER = Figure(0.7, ASSUMED)
EARLIEST_RECURRENCE_DAYS = 45
CORRELATION = Figure(0.6, ASSUMED + ": of the normal scores of death and recurrence")
PROGRESSION_YEARS = (Figure(0.85, ASSUMED), Figure(0.5, ASSUMED), Figure(0.3, ASSUMED))
OLIGOMETASTATIC_AGAIN = Figure(0.96, ASSUMED)
LUNG_AGAIN = Figure(0.75, ASSUMED)
FAILED_LOCALLY = {
    "resection": Figure(0.08, ASSUMED),
    "sbrt": Figure(0.30, ASSUMED),
    "radiofrequency_ablation": Figure(0.36, ASSUMED),
    "microwave_ablation": Figure(0.32, ASSUMED),
    "cryoablation": Figure(0.36, ASSUMED),
}

# Care. How often a center of middling quality does what a rule asks; a center shifts them on the scale of the logit.
FOLLOWED = {
    "GEN1": Figure(0.85, ASSUMED),
    "GEN3": Figure(0.94, ASSUMED),
    "IMG1": Figure(0.78, ASSUMED),
    "IMG2": Figure(0.97, ASSUMED),
    "IMG3": Figure(0.80, ASSUMED),
    "PAT2": Figure(0.78, ASSUMED),
    "MOL1": Figure(0.82, ASSUMED),
    "MOL2": Figure(0.62, ASSUMED),
    "LYM1": Figure(0.82, ASSUMED),
    "LYM2": Figure(0.80, ASSUMED),
    "EMG1": Figure(0.82, ASSUMED),
    "SUR1": Figure(0.75, ASSUMED),
    "SUR3": Figure(0.72, ASSUMED),
    "SUR4": Figure(0.70, ASSUMED),
    "TB2A": Figure(0.62, ASSUMED),
    "PER1": Figure(0.70, ASSUMED),
    "PER2": Figure(0.84, ASSUMED),
    "POT1": Figure(0.85, ASSUMED),
    "UNR1": Figure(0.80, ASSUMED),
    "LIV1": Figure(0.72, ASSUMED),
    "LIV5": Figure(0.68, ASSUMED),
    "MUL1": Figure(0.78, ASSUMED),
    "MET1": Figure(0.68, ASSUMED),
    "MET5": Figure(0.84, ASSUMED),
    "NIN1": Figure(0.75, ASSUMED),
    "FUP1": Figure(0.93, ASSUMED),
    "FUP2": Figure(0.82, ASSUMED),
    "FUP3": Figure(0.78, ASSUMED),
    "work-up": Figure(0.85, "studies of Table 6 that no rule with known truth asks for: " + ASSUMED),
    "visit": Figure(0.86, ASSUMED),
}
PROGRESSED = Figure(0.06, "on preoperative therapy: " + ASSUMED)
POSTOPERATIVE = Figure(0.5, "therapy after a metachronous metastasectomy: " + ASSUMED)
REASON_RECORDED = Figure(0.45, "a deviation whose accepted reason is recorded: " + ASSUMED)
MISTAKEN_NED = Figure(0.4, "of the implausible entries: " + ASSUMED)
WITHDRAWN = Figure(0.01, ASSUMED)
WAIVED_LATE, WAIVED = Figure(0.60, ASSUMED), Figure(0.02, ASSUMED)
LISTED = Figure(0.95, ASSUMED)
LISTED_ONLY = Figure(0.22, ASSUMED + ": listed and not enrolled, for one enrolled")
NOT_ENROLLED = Mix({"declined_consent": 0.35, "ineligible": 0.25, "missed": 0.30, "other": 0.10}, ASSUMED)


@dataclass(frozen=True)
class Center:
    """A center: how many of the patients it has and how well it treats, completes and follows up.

    Args:
        share: of all patients.
        adherence: shift of every entry of FOLLOWED on the scale of the logit.
        missing: probability that a cell which may be missing is.
        logs: probability that a log is declared complete.
        loss: patients lost to follow-up a year.
        delay: most days by which last contact lies before the end.
        retrospective: share enrolled long after detection.
        mistakes: share of patients with an implausible entry.
        numbers_episodes: writes the episode beside each row, also where there is only one.
    """

    center_id: str
    name: str
    country: str
    share: float
    adherence: float
    missing: float
    logs: float
    loss: float
    delay: int
    retrospective: float
    mistakes: float
    numbers_episodes: bool = True

    def follows(self) -> dict[str, float]:
        """The probability that this center does what each rule asks."""
        return {
            rule: 1 / (1 + math.exp(-(math.log(figure / (1 - figure)) + self.adherence)))
            for rule, figure in FOLLOWED.items()
        }


CENTERS = (
    Center("C01", "Northern University Hospital", "CN", 0.20, 0.5, 0.02, 0.95, 0.02, 60, 0.08, 0.015),
    Center("C02", "River Cancer Center", "CN", 0.16, 0.3, 0.03, 0.90, 0.03, 80, 0.10, 0.02),
    Center("C03", "Harbor Medical School", "CN", 0.13, 0.0, 0.04, 0.85, 0.03, 90, 0.15, 0.02),
    Center("C04", "Lakeside Thoracic Institute", "IT", 0.12, 0.4, 0.03, 0.92, 0.02, 60, 0.08, 0.02),
    Center("C05", "Oncology Institute West", "DE", 0.10, 0.2, 0.04, 0.85, 0.03, 100, 0.12, 0.025),
    Center("C06", "Coast Regional Hospital", "ES", 0.09, -0.2, 0.06, 0.75, 0.05, 120, 0.18, 0.03, False),
    Center("C07", "Central Teaching Hospital", "FR", 0.07, 0.1, 0.05, 0.80, 0.04, 90, 0.12, 0.025),
    Center("C08", "Valley District Hospital", "GB", 0.06, -0.4, 0.07, 0.65, 0.06, 130, 0.22, 0.035),
    Center("C09", "Hill Community Hospital", "JP", 0.04, -0.7, 0.09, 0.55, 0.08, 140, 0.25, 0.045, False),
    Center("C10", "Plain County Hospital", "CN", 0.03, -1.0, 0.12, 0.40, 0.10, 140, 0.30, 0.06),
)
CENTER_OF = Mix({center.center_id: center.share for center in CENTERS}, ASSUMED)


def table() -> str:
    """Every figure and mix with its value and its source: the table of docs/simulation.md."""
    lines = ["| parameter | value | source |", "|---|---|---|"]
    for name, entry in globals().items():
        for label, value in _entries(name, entry):
            if isinstance(value, Mix):
                shares = ", ".join(f"{code} {100 * share:.3g} %" for code, share in value.shares.items())
                lines.append(f"| {label} | {shares} | {value.source} |")
            elif isinstance(value, Figure):
                lines.append(f"| {label} | {value:g} | {value.source} |")
    return "\n".join(lines) + "\n"


def _entries(name: str, entry: object) -> list[tuple[str, object]]:
    """A parameter under its name, or the parts of one under theirs."""
    if isinstance(entry, dict) and name.isupper():
        return [(f"{name} {key}", value) for key, value in entry.items()]
    if isinstance(entry, tuple) and name.isupper():
        parts = [part[-1] if isinstance(part, tuple) else part for part in entry]
        return [(f"{name} {number}", part) for number, part in enumerate(parts, start=1)]
    return [(name, entry)]
