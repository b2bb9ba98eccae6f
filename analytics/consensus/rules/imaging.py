"""Imaging diagnosis, and the assessment of the primary and of multi-organ metastases (Table 6)."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import NO, UNKNOWN, Fact, Recoded, Term, all_of, surely
from analytics.consensus.markers import MARKERS
from analytics.consensus.rule import Asked, Beside, Part, Rule, Strength
from analytics.consensus.studies import CHEST_CT
from analytics.consensus.treatments import ABLATIONS

_WINDOW = ("staging_days_before",)
_TABLE = "Table 6"
_NAMES = {
    "chest_ct_high_resolution": "high-resolution chest CT",
    "chest_ct_contrast": "contrast-enhanced chest CT",
    "abdomen_ct_contrast": "contrast-enhanced CT of the abdomen",
    "liver_mri_contrast": "contrast-enhanced MRI of the liver",
    "pelvis_mri_contrast": "contrast-enhanced MRI of the pelvis",
    "bone_scan": "bone scan",
    "pet_ct": "PET-CT",
}
_CONTRAINDICATION = ("contraindication",)


def _staged(modality: str) -> Asked:
    def met(cases: Cases) -> Term:
        any_ct = modality == "chest_ct_high_resolution" and cases.readings.high_resolution_ct == "any_chest_ct"
        counted = CHEST_CT if any_ct else (modality,)
        return Fact(f"{_NAMES[modality]} in the staging time", cases.studies.staged(*counted))

    return met


@once
def _multi_organ(cases: Cases) -> Term:
    return cases.everyone if cases.readings.table_6_for == "everyone" else cases.facts.any_site


@once
def _found_by_a_study(cases: Cases) -> Term:
    rows = cases.studies.rows
    found = Recoded(rows.any(rows.flag("found_metastases")), NO, UNKNOWN)
    return Fact("a study recorded as the first that showed the metastases", found)


@once
def _not_by_xray_or_mri(cases: Cases) -> Term:
    rows = cases.studies.rows
    found = rows.only(surely(rows.flag("found_metastases")))
    return ~Fact("first shown by chest X-ray or MRI", found.any(rows.among("modality", ("chest_xray", "chest_mri"))))


@once
def _suspected_nodes(cases: Cases) -> Term:
    return cases.suspected_nodes


@once
def _multi_organ_with_primary(cases: Cases) -> Term:
    return _multi_organ(cases) & cases.facts.primary_in_situ


@once
def _emergency(cases: Cases) -> Term:
    codes = ("obstruction", "perforation", "bleeding")
    return Fact("an emergency of the primary", surely(cases.episode.among("emergency", codes)))


@once
def _biopsied_and_tested(cases: Cases) -> Term:
    rows = cases.studies.of_patient
    biopsy = rows.among("modality", ("colonoscopy",)) & rows.flag("biopsy_taken", not_done=NO)
    seen = Fact("colonoscopy with biopsy", rows.any(biopsy) | cases.studies.workup_log)
    markers = cases.markers
    tested = [Fact(f"{marker} tested on the primary", markers.tested_on(marker, "primary")) for marker in MARKERS]
    return all_of((seen, *tested))


@once
def _lung_function(cases: Cases) -> Term:
    therapy = cases.therapy
    local = therapy.local.only(therapy.target("lung")).first(therapy.local_started)
    studies = cases.studies
    rows = studies.rows
    since = rows.lift(cases.record.detected_on - cases.readings.staging_days_before) <= studies.performed_on
    before = studies.performed_on <= rows.lift(local.or_else(studies.until))
    done = rows.any(since & before & studies.modality("lung_function"))
    return Fact("lung function before local treatment of the lung", done | studies.workup_log)


@once
def _any_lung_treatment(cases: Cases) -> Term:
    therapy = cases.therapy
    treated = therapy.local.any(therapy.target("lung") & therapy.modality("resection", *ABLATIONS))
    return Fact("resection or ablation of the lung", treated)


@once
def _liver(cases: Cases) -> Term:
    return Fact("liver metastases", cases.sites.has("liver"))


@once
def _pelvis(cases: Cases) -> Term:
    return Fact("pelvic implants", cases.sites.has("pelvic_implant"))


@once
def _bone_symptoms(cases: Cases) -> Term:
    return Fact("symptoms of bone metastases", cases.episode.flag("bone_symptoms"))


@once
def _pet_ct(cases: Cases) -> Term:
    return Fact("PET-CT in the staging time", cases.studies.staged("pet_ct"))


@once
def _pet_ct_for_undetermined(cases: Cases) -> Term:
    rows = cases.studies.staging_rows
    others = ~rows.among("purpose", ("undetermined_lesion",))
    return ~Fact("PET-CT for another purpose", rows.any(cases.studies.modality("pet_ct") & others))


@once
def _liver_only(cases: Cases) -> Term:
    alone = ~cases.facts.two_sites & ~Fact("another site than the liver", cases.sites.other_than("liver"))
    return _liver(cases) & alone & cases.resectability_assessed


@once
def _liver_workup(cases: Cases) -> Term:
    return all_of(_staged(modality)(cases) for modality in _LIVER_WORKUP)


_LIVER_WORKUP = ("chest_ct_high_resolution", "abdomen_ct_contrast", "liver_mri_contrast")


@once
def _biology(cases: Cases) -> Term:
    therapy = cases.therapy
    decided = therapy.first_local_of_any_target.or_else(cases.record.cut)
    rows = therapy.systemic
    noted = rows.recorded("best_response") & (therapy.assessed_on <= rows.lift(decided))
    responded = Fact("response to systemic therapy recorded before local treatment", rows.any(noted))
    return Fact("biological behavior examined", cases.episode.recorded("biology_note")) | responded


RULES = (
    Rule(
        id="IMG1",
        title="High-resolution chest CT",
        statement="Lung metastases are looked for by high-resolution CT of the chest.",
        source="Imaging diagnosis; Table 6",
        lines="105-107, 663",
        strength=Strength.STRONG,
        why="Lung metastases rarely cause symptoms and can be small.",
        met=_staged("chest_ct_high_resolution"),
        readings=(*_WINDOW, "high_resolution_ct"),
    ),
    Rule(
        id="IMG2",
        title="Not diagnosed by chest X-ray or MRI",
        statement="Chest X-ray and MRI are not recommended to find lung metastases.",
        source="Imaging diagnosis",
        lines="107-108",
        strength=Strength.AGAINST,
        why="They miss small nodules.",
        applies=_found_by_a_study,
        met=_not_by_xray_or_mri,
    ),
    Rule(
        id="IMG3",
        title="Contrast-enhanced chest CT for thoracic nodes",
        statement="Mediastinal or hilar node metastases are diagnosed by contrast-enhanced CT of the chest.",
        source="Imaging diagnosis; Table 6",
        lines="108-110, 665",
        strength=Strength.STRONG,
        why="Node metastases worsen the prognosis after resection.",
        applies=_suspected_nodes,
        met=_staged("chest_ct_contrast"),
        reasons=_CONTRAINDICATION,
        readings=_WINDOW,
    ),
    Rule(
        id="ASM1",
        title="Colonoscopy with biopsy and molecular tests of the primary",
        statement="The primary is seen and biopsied by colonoscopy and tested for RAS, BRAF, MSI and HER2.",
        source=_TABLE,
        lines="652-659",
        strength=Strength.STRONG,
        why="Site, obstruction and molecular features of the primary decide what is possible.",
        applies=_multi_organ_with_primary,
        excepted=_emergency,
        met=_biopsied_and_tested,
        readings=("table_6_for",),
    ),
    Rule(
        id="ASM2",
        title="Contrast-enhanced CT of the abdomen",
        statement="Multi-organ disease is assessed by contrast-enhanced CT of the whole abdomen.",
        source=_TABLE,
        lines="661",
        strength=Strength.STRATEGY,
        why="It shows the primary and other sites.",
        applies=_multi_organ,
        met=_staged("abdomen_ct_contrast"),
        readings=(*_WINDOW, "table_6_for"),
    ),
    Rule(
        id="ASM3",
        title="Lung function",
        statement="Lung function is evaluated.",
        source=_TABLE,
        lines="668",
        strength=Strength.STRATEGY,
        why="Resection and ablation cost lung tissue.",
        applies=_multi_organ,
        met=_lung_function,
        readings=(*_WINDOW, "table_6_for"),
        beside=(Beside("extended", "every resection or ablation of the lung (AMB-16)", applies=_any_lung_treatment),),
    ),
    Rule(
        id="ASM4",
        title="Contrast-enhanced MRI of the liver",
        statement="Liver metastases are assessed by contrast-enhanced MRI of the liver.",
        source=_TABLE,
        lines="670",
        strength=Strength.STRATEGY,
        why="Number and place of liver metastases decide on their resection.",
        applies=_liver,
        met=_staged("liver_mri_contrast"),
        reasons=_CONTRAINDICATION,
        readings=_WINDOW,
    ),
    Rule(
        id="ASM5",
        title="Contrast-enhanced MRI of the pelvis",
        statement="Pelvic implants are assessed by contrast-enhanced MRI of the pelvis.",
        source=_TABLE,
        lines="672",
        strength=Strength.STRATEGY,
        why="Implants are hard to see otherwise.",
        applies=_pelvis,
        met=_staged("pelvis_mri_contrast"),
        reasons=_CONTRAINDICATION,
        readings=_WINDOW,
    ),
    Rule(
        id="ASM6",
        title="Bone scan for bone symptoms",
        statement="With symptoms of bone metastases a bone scan is done.",
        source=_TABLE,
        lines="676",
        strength=Strength.STRATEGY,
        why="Bone metastases change the route.",
        applies=_bone_symptoms,
        met=_staged("bone_scan"),
        readings=_WINDOW,
        beside=(Beside("pet_ct", "PET-CT in the staging time instead", met=_staged("pet_ct")),),
    ),
    Rule(
        id="ASM7",
        title="PET-CT only for undetermined lesions",
        statement="PET-CT is used only where the nature of a lesion cannot be determined otherwise.",
        source="Table 6, note 2",
        lines="690-692",
        strength=Strength.AGAINST,
        why="It adds little elsewhere.",
        applies=_pet_ct,
        met=_pet_ct_for_undetermined,
        readings=_WINDOW,
    ),
    Rule(
        id="ASM8",
        title="Lung and liver: resectability by CT and MRI",
        statement="With liver metastases only, resectability is assessed by high-resolution chest CT, CT of the "
        "abdomen and MRI of the liver.",
        source="Table 6, note 1",
        lines="681-685",
        strength=Strength.STRONG,
        why="Both organs have to be resectable.",
        applies=_liver_only,
        met=_liver_workup,
        reasons=_CONTRAINDICATION,
        readings=(*_WINDOW, "high_resolution_ct"),
        parts=tuple(
            Part(f"ASM8{letter}", _NAMES[modality], _staged(modality))
            for letter, modality in zip("abc", _LIVER_WORKUP, strict=True)
        ),
    ),
    Rule(
        id="ASM9",
        title="Lung and liver: biological behavior considered",
        statement="Beside technical resectability the biological behavior is considered.",
        source="Table 6, note 1",
        lines="685-686",
        strength=Strength.USUAL,
        why="Many metastases and progression under therapy mean a poor outcome after resection.",
        applies=_liver_only,
        met=_biology,
    ),
)
