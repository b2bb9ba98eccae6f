"""Chapter 3.2: imaging and the assessment of several organs."""

from __future__ import annotations

import datetime as dt

from tests.analytics.naive_rules import base, molecular
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    code,
    day,
    done,
    every,
    narrowed,
    not3,
    not_after,
    outcome,
    recorded,
    some,
    text,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode

COMPOSITE = {"a": "chest_ct_high_resolution", "b": "abdomen_ct_contrast", "c": "liver_mri_contrast"}


def img1(e: Episode) -> Verdict:
    """High-resolution chest CT in the staging window."""
    return outcome(True, e.staged("chest_ct_high_resolution"))


def img2(e: Episode) -> Verdict:
    """The study that found the metastases is no chest X-ray and no chest MRI."""
    # Reading: "these" are the studies recorded as the finding ones, at any date; a blank mark is no mark.
    found = [s for s in e.studies if text(s.row, "found_metastases") == "yes"]
    applies = any3(there_is(found), None)
    return outcome(applies, every(found, lambda s: not3(code(s.row, "modality", "chest_xray", "chest_mri"))))


def img3(e: Episode) -> Verdict:
    """Contrast-enhanced chest CT where thoracic nodes are suspected or confirmed."""
    applies = code(e.row, "thoracic_nodes", "suspected", "confirmed")
    return outcome(applies, e.staged("chest_ct_contrast"), excepted=e.excepted("IMG3", "contraindication"))


def asm1(e: Episode) -> Verdict:
    """Several organs, primary in situ: colonoscopy with biopsy, and five markers on the primary."""
    # Reading: "no window" means any colonoscopy of the patient; its absence is known from the episode's work-up log.
    looks = [all3(code(row, "modality", "colonoscopy"), done(row, "biopsy_taken")) for row in e.rows.get("study", ())]
    biopsied = any3(*looks, False if text(e.row, "workup_log_complete") == "yes" else None)
    markers = [molecular.tested_on(e, (marker,), "primary") for marker in molecular.MARKERS]
    excepted = code(e.row, "emergency", "obstruction", "perforation", "bleeding") is True
    return outcome(all3(e.multi_organ, e.in_situ), all3(biopsied, *markers), excepted=excepted)


def asm2(e: Episode) -> Verdict:
    """Several organs: contrast-enhanced CT of the abdomen."""
    return outcome(e.multi_organ, e.staged("abdomen_ct_contrast"))


def asm3(e: Episode) -> Verdict:
    """Several organs: lung function before the local treatment of the lung."""
    # Reading: on or before the first local treatment of the lung; without one, in the staging window.
    treated = narrowed(e.local, lambda item: code(item.row, "target", "lung"))
    any_treated = there_is(treated)

    def in_time(s: Treatment) -> Fact:
        opens = e.detected - dt.timedelta(days=base.WORKUP_DAYS) if e.detected else None
        by_local = every(treated, lambda item: not_after(s.on, item.on))
        return all3(code(s.row, "modality", "lung_function"), not_after(opens, s.on), by_local)

    timely = e.logged("workup_log_complete", in_time)
    staged = e.staged("lung_function")
    met = staged if any_treated is False else timely if any_treated else timely if timely == staged else None
    return outcome(e.multi_organ, met)


def asm4(e: Episode) -> Verdict:
    """Liver metastases: contrast-enhanced MRI of the liver."""
    met = e.staged("liver_mri_contrast")
    return outcome(e.site("liver"), met, excepted=e.excepted("ASM4", "contraindication"))


def asm5(e: Episode) -> Verdict:
    """Pelvic implantation: contrast-enhanced MRI of the pelvis."""
    met = e.staged("pelvis_mri_contrast")
    return outcome(e.site("pelvic_implant"), met, excepted=e.excepted("ASM5", "contraindication"))


def asm6(e: Episode) -> Verdict:
    """Bone symptoms: bone scan."""
    return outcome(yes_no(e.row, "bone_symptoms"), e.staged("bone_scan"))


def asm7(e: Episode) -> Verdict:
    """Every staging PET-CT was done for a lesion of undetermined nature."""
    # Reading: a PET-CT in the staging window is a staging one, whatever its purpose.
    opens = e.detected - dt.timedelta(days=base.WORKUP_DAYS) if e.detected else None

    def staging(s: Treatment) -> Fact:
        return all3(code(s.row, "modality", "pet_ct"), not_after(opens, s.on), e.by_staging_end(s.on))

    met = every(e.studies, lambda s: any3(not3(staging(s)), code(s.row, "purpose", "undetermined_lesion")))
    return outcome(e.staged("pet_ct"), met)


def _assessed(e: Episode) -> Fact:
    """Liver metastases only, and the resectability of the lung metastases was judged."""
    # Reading: it was judged where a resectability or a curability is recorded, and else it was not.
    only_liver = all3(e.site("liver"), not3(_other_than_liver(e)))
    return all3(only_liver, any(text(e.row, column) is not None for column in ("resectability", "curable")))


def _other_than_liver(e: Episode) -> Fact:
    others = ("peritoneum", "pelvic_implant", "ovary", "distant_lymph_node", "brain", "bone", "adrenal", "other")
    return e.site(*others)


def asm8(e: Episode) -> Verdict:
    """Liver metastases only: three studies; each is a part."""
    # Reading: a reason recorded for the rule excepts each of its parts too.
    applies, excepted = _assessed(e), e.excepted("ASM8", "contraindication")
    met = {part: e.staged(modality) for part, modality in COMPOSITE.items()}
    parts: dict[str | None, str] = {
        f"ASM8{part}": outcome(applies, fact, excepted=excepted) for part, fact in met.items()
    }
    return parts | {None: outcome(applies, all3(*met.values()), excepted=excepted)}


def asm9(e: Episode) -> Verdict:
    """Liver metastases only: biology noted, or a response recorded before the local decision."""
    # Reading: the local decision is the first local treatment that is no emergency, else the data cut.
    closes = [item for item in e.planned_local if item.on] or [Treatment({}, True, e.cut)]

    def seen(s: Treatment) -> Fact:
        on = day(s.row, "response_assessed_on") or day(s.row, "ended_on")
        return all3(recorded(s.row, "best_response"), every(closes, lambda item: not_after(on, item.on)))

    met = any3(recorded(e.row, "biology_note"), some(e.systemic, seen))
    return outcome(_assessed(e), met, excepted=e.excepted("ASM9", "mdt_decision"))


RULES = {
    "IMG1": img1,
    "IMG2": img2,
    "IMG3": img3,
    "ASM1": asm1,
    "ASM2": asm2,
    "ASM3": asm3,
    "ASM4": asm4,
    "ASM5": asm5,
    "ASM6": asm6,
    "ASM7": asm7,
    "ASM8": asm8,
    "ASM9": asm9,
}
