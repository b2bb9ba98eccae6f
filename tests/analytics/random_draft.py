"""A random record in the making: the patient, the episode and treatments that follow one another."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

CUT = dt.date(2024, 6, 30)
"""The data cut that the records are made around."""

AGO = (15, 80, 150, 182, 183, 184, 260, 330, 420, 700, 1100, 1500, 2100, 2100)
"""Days from the detection of the metastases to the cut."""
DAYS = (45, 60, 61, 84, 90, 91, 91, 92, 92, 93, 100, 120, 182, 183, 184)
"""On-treatment days: sums lie around 92 and 183."""
GAPS = (0, 0, 1, 7, 14, 21, 30, 30, 45, 91, 92, 93)


def near(rng: random.Random, on: dt.date) -> dt.date:
    """The day itself, mostly, or one close to it."""
    return on + dt.timedelta(days=rng.choice((0, 0, 0, 0, 0, -1, 1, -2, 2, 10)))


class Draft:
    """A record in the making; treatments follow one another from the detection on."""

    def __init__(self, rng: random.Random, patient_id: str) -> None:
        self.rng, self.patient_id = rng, patient_id
        self.rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        self.start = CUT - dt.timedelta(days=rng.choice(AGO))
        self.now = self.start
        self.numbered = rng.choice((0.0, 0.5, 1.0))
        self.episode_no = "1"
        self.add(
            "patient",
            center_id="C1",
            sex="female",
            birth_date=rng.choice(("1940-03-01", "1950-06-15", "1970-02-28")),
            enrolled_on="2015-01-01",
            consent_status="given" if rng.random() < 0.97 else "withdrawn",
        )

    def chance(self, share: float) -> bool:
        """True in this share."""
        return self.rng.random() < share

    def number(self, episode_no: str) -> str:
        """The number of the episode, or a blank."""
        return episode_no if self.chance(self.numbered) else ""

    def add(self, table: str, **cells: str) -> dict[str, str]:
        """A row, numbered within the patient."""
        row = {"patient_id": self.patient_id}
        if table not in ("patient", "primary_tumor"):
            row["record_no"] = str(len(self.rows[table]) + 1)
        self.rows[table].append(row | cells)
        return self.rows[table][-1]

    def day(self, days: int) -> str:
        """A day so many days from the detection."""
        return str(self.start + dt.timedelta(days=days))

    def primary(self, synchronous: bool | None = None, **cells: str) -> None:
        """The primary tumor; the work-up ends after the detection where synchronous."""
        rng = self.rng
        limit = rng.choice((0, 1, 10, 20)) if synchronous else -rng.choice((1, 60, 400, 800, 900))
        site = rng.choice(("rectum", "rectum", "rectum", "sigmoid_colon", "cecum", "rectosigmoid_junction"))
        usual = {
            "diagnosed_on": self.day(limit - 20),
            "workup_completed_on": self.day(limit),
            "first_treated_on": self.day(limit + 5),
            "site": site,
            "rectal_height_cm": rng.choice(("4", "9.9", "10", "10.0", "10.1", "13")),
            "c_t": rng.choice(("T1", "T2", "T2", "T3", "T3", "T4a", "T4b", "TX", "T0", "Tis")),
            "c_n": rng.choice(("N0", "N0", "N0", "N1", "N1c", "N2b", "NX")),
            "curable": rng.choice(("yes", "yes", "yes", "", "no")),
            "organ_preservation": rng.choice(("no", "no", "no", "", "yes")),
        }
        self.add("primary_tumor", **(usual | cells))

    def episode(self, **cells: str) -> dict[str, str]:
        """The episode; alone at the detection, resectable, unless told otherwise."""
        rng = self.rng
        usual = {
            "detected_on": str(self.start),
            "lung_involved": "yes",
            "basis": rng.choice(("histology", "imaging_mdt", "imaging_mdt")),
            "differential_documented": rng.choice(("yes", "no", "", "ND")),
            "lesion_count": rng.choice(("1", "1", "1", "2", "4", "5", "")),
            "laterality": rng.choice(("left", "bilateral")),
            "largest_mm": rng.choice(("9.9", "10", "12", "35")),
            "zone": rng.choice(("outer", "middle", "inner", "")),
            "near_vessel": rng.choice(("yes", "no", "no", "no", "")),
            "symptomatic": rng.choice(("yes", "no", "no", "")),
            "lymphangitic": "no",
            "thoracic_nodes": rng.choice(("none", "none", "suspected", "confirmed", "")),
            "other_sites_assessed": "yes" if rng.random() < 0.95 else "",
            "bone_symptoms": rng.choice(("yes", "no", "no", "")),
            "resectability": "resectable",
            "unresectable_reason": rng.choice(("", "", "extent", "lung_function", "tolerance", "refusal")),
            "curable": rng.choice(("yes", "yes", "no", "")),
            "large_burden": "no",
            "surgery_unsuitable_reason": rng.choice(("",) * 5 + ("site", "lung_function", "refusal")),
            "ecog": rng.choice(("0", "1", "1", "", "ND")),
            "local_recurrence": rng.choice(("none", "none", "none", "none", "none", "resectable", "unresectable", "")),
            "emergency": "none",
            "tissue": rng.choice(("obtained", "obtained", "not_obtainable", "not_attempted")),
            "tissue_histology": rng.choice(("well_or_moderate", "poor", "mucinous", "signet_ring")),
            "prior_treatment_review": rng.choice(("seen", "seen", "")),
            "drug_free_months": rng.choice(("6", "12", "", "NAP", "ND")),
            "biology_note": rng.choice(("slow", "slow", "", "ND")),
            "resection_difficulty": rng.choice(("lung_harder", "other_harder", "equal", "")),
            "observation_chosen": rng.choice(("", "", "", "no", "yes")),
            "mdt_discussed": rng.choice(("yes", "yes", "no", "")),
            "workup_log_complete": rng.choice(("yes", "yes", "no", "")),
            "surveillance_log_complete": rng.choice(("yes", "yes", "yes", "no", "")),
            "ned_on": "",
        }
        if rng.random() < 0.08:
            usual |= {"emergency": rng.choice(("bleeding", "obstruction", "perforation"))}
            usual |= {"emergency_on": self.day(rng.choice((-5, 0, 3)))}
            if rng.random() < 0.7:
                managed = rng.choice(("stent", "colostomy", "hemostasis"))
                self._local("primary", managed, "emergency", rng.choice((-5, 0, 3, 5, 40)))
        return self.add("episode", **(usual | cells))

    def _local(self, target: str, modality: str, intent: str, days: int) -> None:
        on = "" if self.chance(0.06) else self.day(days)
        self.add("local_treatment", started_on=on, target=target, modality=modality, intent=intent, episode_no="")

    def starts(self, since: dt.date) -> list[str]:
        """The treatment dates from a day on."""
        rows = [*self.rows["systemic_therapy"], *self.rows["local_treatment"]]
        return [row["started_on"] for row in rows if row["started_on"] >= str(since)]

    # Treatments, one after another; a step is sometimes left out, and none begins after the cut but rarely.

    def wait(self, days: int | None = None) -> None:
        """Time goes by."""
        self.now += dt.timedelta(days=self.rng.choice(GAPS) if days is None else days)

    def systemic(self, intent: str, share: float = 0.85, days: int | None = None, **cells: str) -> None:
        """Systemic therapy from now on."""
        rng = self.rng
        if not self.chance(share) or (self.now > CUT and not self.chance(0.05)):
            return
        length = rng.choice(DAYS) if days is None else days
        end = self.now + dt.timedelta(days=length)
        usual = {
            "episode_no": self.number(self.episode_no),
            "started_on": str(self.now),
            "ended_on": str(end) if end <= CUT or self.chance(0.3) else "",
            "intent": intent,
            "line": rng.choice(("1", "1", "2", "3", "")),
            "backbone": rng.choice(("oxaliplatin", "oxaliplatin", "irinotecan", "oxaliplatin_irinotecan", "")),
            "regimen": rng.choice(("", "", "FOLFOX", "FOLFIRI")),
            "targeted_agent": rng.choice(("none", "none", "bevacizumab", "cetuximab", "")),
            "best_response": rng.choice(("CR", "PR", "PR", "SD", "SD", "PD", "NE", "", "ND")),
            "response_assessed_on": str(end + dt.timedelta(days=rng.choice((-20, 0, 5, 30)))),
            "worst_toxicity_grade": rng.choice(("0", "2", "2", "", "ND")),
            "stop_reason": rng.choice(("completed", "completed", "progression", "toxicity", "")),
        }
        if usual["response_assessed_on"] > str(CUT) or self.chance(0.2):
            usual["response_assessed_on"] = rng.choice(("", "", "ND"))
        self.add("systemic_therapy", **(usual | cells))
        self.now = end

    def local(self, target: str, modality: str = "resection", share: float = 0.88, **cells: str) -> None:
        """A local treatment now."""
        rng = self.rng
        if not self.chance(share) or (self.now > CUT and not self.chance(0.05)):
            return
        intent = "neoadjuvant" if modality == "radiotherapy" else rng.choice(("radical",) * 12 + ("palliative", ""))
        usual = {
            "episode_no": self.number(self.episode_no),
            "started_on": str(self.now) if self.chance(0.97) else "",
            "ended_on": "",
            "target": target,
            "modality": modality,
            "intent": intent,
            "residual_tumor": rng.choice(("R0", "R0", "R0", "R0", "R1", "R2", "RX", "")),
        }
        if modality == "radiotherapy" and self.chance(0.8):
            usual["ended_on"] = str(self.now + dt.timedelta(days=35))
        if target == "lung" and modality == "resection":
            usual |= {
                "procedure": rng.choice(("wedge", "wedge", "segmentectomy", "lobectomy", "pneumonectomy", "")),
                "lobectomy_reason": rng.choice(("deep", "bleeding", "other", "")),
                "node_assessment": rng.choice(("none", "sampling", "dissection", "", "ND")),
            }
        self.add("local_treatment", **(usual | cells))

    def lung_sbrt_or_ablation(self, share: float = 0.9) -> None:
        """The lung treated without surgery."""
        modality = self.rng.choice(("sbrt", "sbrt", "radiofrequency_ablation", "microwave_ablation", "cryoablation"))
        self.local("lung", modality, share)

    def site(self, name: str, days: int = 0, **cells: str) -> None:
        """A metastasis outside the lung."""
        rng = self.rng
        usual = {
            "site": name,
            "detected_on": self.day(days),
            "resolved_on": "",
            "curable": rng.choice(("yes", "yes", "no", "")),
        }
        self.add("metastasis", **(usual | cells))

    def ned(self) -> None:
        """No evidence of disease from now on."""
        if self.now <= CUT and self.chance(0.85):
            self.rows["episode"][-1]["ned_on"] = str(self.now)

    def primary_gone(self) -> None:
        """The primary was resected long before, and mostly not at this episode."""
        days = -self.rng.choice((30, 200, 400, 720, 732, 1500))
        row = {"target": "primary", "modality": "resection", "intent": "radical", "residual_tumor": "R0"}
        self.add("local_treatment", started_on=self.day(days), episode_no="", **row)
