"""What a random record has around its treatments: studies, meetings, specimens, tests, events, exceptions, contact."""

from __future__ import annotations

import datetime as dt

from registry.tables import TABLES
from tests.analytics.random_draft import CUT, Draft, near


def surround(draft: Draft) -> None:
    """Everything around the treatments; a meeting or a study may come too late, or never."""
    rng = draft.rng
    for number, episode in enumerate(draft.rows["episode"], start=1):
        detected = dt.date.fromisoformat(episode["detected_on"])
        treated = [dt.date.fromisoformat(on) for on in draft.starts(detected)] or [detected + dt.timedelta(days=60)]
        _studies(draft, str(number), detected, treated)
        _meetings(draft, str(number), detected, treated)
        _surveillance(draft, str(number), episode)
        _specimens(draft, str(number), detected)
    _tests(draft)
    _events(draft)
    for rule in rng.sample(sorted(EXCEPTED), rng.choice((0, 0, 0, 3, len(EXCEPTED)))):
        reason = rng.choice(EXCEPTED[rule])
        if rng.random() < 0.2:
            reason = rng.choice(TABLES["rule_exception"].fields["reason"].codes)
        draft.add(
            "rule_exception",
            episode_no=rng.choice(("", "1", "1", str(len(draft.rows["episode"])))),
            rule_id=rule,
            reason=reason,
        )
    followed = rng.choice((30, 200, 400, 900, 1500, 2200))
    last = min(draft.start + dt.timedelta(days=followed), CUT) if rng.random() < 0.5 else CUT
    dead = rng.random() < 0.2
    draft.rows["patient"][0] |= {
        "vital_status": "dead" if dead else "alive",
        "last_contact_on": str(last),
        "death_on": str(last) if dead else "",
        "trial_participation": rng.choice(("not_offered", "declined", "entered", "")),
    }


EXCEPTED = {
    "IMG3": ("contraindication",),
    "ASM4": ("contraindication",),
    "ASM5": ("contraindication",),
    "ASM8": ("contraindication",),
    "ASM9": ("mdt_decision",),
    "GEN4": ("mdt_decision",),
    "PAT1": ("no_tissue",),
    "MOL1": ("no_tissue",),
    "MOL2": ("no_tissue",),
    "MOL3": ("no_tissue", "mdt_decision"),
    "LYM1": ("mdt_decision",),
    "LYM2": ("performance_status", "refusal", "mdt_decision"),
    "SUR1": ("refusal",),
    "SUR3": ("mdt_decision",),
    "TB2A": ("refusal", "toxicity", "performance_status", "contraindication"),
    "TB2B": ("refusal", "toxicity", "performance_status", "contraindication"),
    "PER1": ("performance_status", "refusal", "complication"),
    "ABL3": ("other", "contraindication", "mdt_decision"),
    "ABL5": ("other", "contraindication", "mdt_decision"),
    "ABL6": ("mdt_decision",),
    "POT3": ("toxicity", "progression"),
    "UNR1": ("performance_status", "refusal"),
    "LIV1": ("progression", "performance_status", "refusal"),
    "LIV2": ("mdt_decision",),
    "LIV6": ("mdt_decision",),
    "LIV7": ("mdt_decision",),
    "MUL1": ("performance_status", "refusal"),
    "MET1": ("refusal",),
    "MET3": ("contraindication",),
}


def _studies(draft: Draft, number: str, detected: dt.date, treated: list[dt.date]) -> None:
    rng, first = draft.rng, min(treated)
    modalities = [
        "chest_ct_high_resolution",
        "chest_ct_contrast",
        "abdomen_ct_contrast",
        "liver_mri_contrast",
        "pelvis_mri_contrast",
        "colonoscopy",
        "lung_function",
        "bone_scan",
        "pet_ct",
        "chest_xray",
        "chest_mri",
    ]
    wanted = rng.choice((0.3, 0.6, 0.9))
    for modality in modalities:
        if rng.random() > (wanted if modality not in ("pet_ct", "chest_xray", "chest_mri") else wanted / 3):
            continue
        edge = rng.choice((detected - dt.timedelta(days=rng.choice((90, 91, 89))), first, detected, detected, detected))
        draft.add(
            "study",
            episode_no=draft.number(number),
            performed_on=str(near(rng, edge)),
            modality=modality,
            purpose=rng.choice(("staging", "staging", "resectability", "undetermined_lesion", "response", "")),
            found_metastases=rng.choice(("yes", "no", "no", "")),
            biopsy_taken=rng.choice(("yes", "yes", "no", "")) if modality == "colonoscopy" else "",
        )
    for row in draft.rows["systemic_therapy"]:
        if rng.random() < 0.15:
            on = dt.date.fromisoformat(row["started_on"]) + dt.timedelta(days=rng.choice((0, 30, 90, 120)))
            draft.add(
                "study",
                episode_no=draft.number(number),
                performed_on=str(on),
                modality="chest_ct_plain",
                purpose="response",
            )


def _meetings(draft: Draft, number: str, detected: dt.date, treated: list[dt.date]) -> None:
    rng = draft.rng
    topics = TABLES["mdt_meeting"].fields["topics"].codes
    for _ in range(rng.choice((0, 1, 1, 2, 3, 4))):
        anchor = near(rng, rng.choice((*treated, min(treated), detected)))
        about = rng.sample(topics, rng.choice((1, 2, 2, 3, 5)))
        draft.add(
            "mdt_meeting",
            episode_no=draft.number(number),
            held_on=str(anchor + dt.timedelta(days=rng.choice((0, 0, 0, -5, -20, 60, 92, 200)))),
            specialties="medical_oncology;thoracic_surgery",
            curability_assessed=rng.choice(("yes", "yes", "yes", "no", "", "ND")),
            goal=rng.choice(("ned", "ned", "ned", "palliative", "palliative", "", "ND")),
            topics=";".join(topic for topic in topics if topic in about) if rng.random() < 0.93 else "",
        )


def _surveillance(draft: Draft, number: str, episode: dict[str, str]) -> None:
    rng = draft.rng
    if not episode.get("ned_on"):
        return
    ned, kept = dt.date.fromisoformat(episode["ned_on"]), rng.choice((0.3, 0.8, 1.0))
    for month, tolerance in ((6, 2), (12, 2), (18, 2), (24, 2), (30, 2), (36, 2), (48, 3), (60, 3)):
        if rng.random() > kept:
            continue
        days = rng.choice((0, 0, 0, -1, 1)) + round(30.44 * (month + rng.choice((0, 0, tolerance, -tolerance))))
        edge = ned + dt.timedelta(days=days)
        if edge > CUT:
            continue
        draft.add(
            "study",
            episode_no=draft.number(number),
            performed_on=str(edge),
            modality=rng.choice(
                ("chest_ct_plain",) * 9 + ("chest_ct_contrast", "chest_ct_high_resolution", "chest_xray", "pet_ct")
            ),
            purpose=rng.choice(("surveillance",) * 6 + ("routine", "")),
        )


def _specimens(draft: Draft, number: str, detected: dt.date) -> None:
    rng = draft.rng
    stains = ("positive", "negative", "not_done", "not_done", "")
    for _ in range(rng.choice((0, 1, 1, 2))):
        draft.add(
            "pathology",
            episode_no=draft.number(number),
            specimen=rng.choice(("primary", "lung", "lung", "lung", "liver")),
            sampled_on=str(near(rng, detected + dt.timedelta(days=rng.choice((-10, 0, 60, 300))))),
            **{stain: rng.choice(stains) for stain in ("ck20", "cdx2", "satb2", "ck7", "ttf1", "napsin_a")},
        )


def _tests(draft: Draft) -> None:
    rng = draft.rng
    kept, specimen = rng.choice((0.5, 0.9, 1.0)), rng.choice(("primary", "primary", "lung", "ctdna"))
    words = rng.choice(
        (("mutated",), ("mutated", "wild_type", "equivocal"), ("mutated", "not_done", "unknown"), ("not_done",))
    )
    spread = rng.choice(((0,), (-20, 0), (-20, 0, 60, 400)))
    for _ in range(rng.choice((1, 1, 2))):
        for marker in ("kras", "nras", "braf", "msi_mmr", "her2"):
            if rng.random() > kept:
                continue
            on = near(rng, draft.start + dt.timedelta(days=rng.choice(spread)))
            draft.add(
                "molecular_test",
                marker=marker,
                specimen=specimen if rng.random() < 0.9 else rng.choice(("primary", "lung", "ctdna", "")),
                reported_on=str(on) if rng.random() < 0.95 else "",
                result="stable"
                if marker == "msi_mmr" and words[0] == "mutated" and len(words) < 2
                else rng.choice(words),
            )


def _events(draft: Draft) -> None:
    rng = draft.rng
    for kind in rng.choice(((), (), ("progression",), ("recurrence",), ("progression", "recurrence"))):
        anchor = draft.start + dt.timedelta(days=rng.choice((30, 120, 300, 420, 600, 900, 1400)))
        if kind == "recurrence" and (ned := draft.rows["episode"][0].get("ned_on")):
            months = rng.choice((0, 4, 8, 14, 20, 38, 51))
            anchor = dt.date.fromisoformat(ned) + dt.timedelta(days=round(30.44 * months))
        if anchor <= CUT:
            draft.add("disease_event", occurred_on=str(near(rng, anchor)), kind=kind, sites="lung")
            if kind == "progression" and rng.random() < 0.3:
                _again(draft, anchor + dt.timedelta(days=rng.choice((30, 60))))


def _again(draft: Draft, on: dt.date) -> None:
    """Liquid biopsy at progression, done or not."""
    result = draft.rng.choice(("not_done", "not_done", "mutated", "unknown"))
    draft.add("molecular_test", marker="kras", specimen="ctdna", reported_on=str(on), result=result)
