"""Pathological diagnosis and molecular tests."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import NO, Fact, Term, all_of
from analytics.consensus.markers import COLORECTAL_STAINS, LUNG_STAINS, ROUTINE, Tests
from analytics.consensus.rule import Asked, Beside, Part, Rule, Strength

_SECTION = "Pathological diagnosis"
_NO_TISSUE = ("no_tissue",)


@once
def _hard_to_tell(cases: Cases) -> Term:
    codes = ("poor", "mucinous", "signet_ring")
    histology = Fact("histology that morphology cannot tell", cases.episode.among("tissue_histology", codes))
    return cases.tissue_obtained & histology


@once
def _stained(cases: Cases) -> Term:
    colorectal = Fact("a colorectal stain on lung tissue", cases.markers.stained(*COLORECTAL_STAINS))
    return colorectal & Fact("a lung stain on lung tissue", cases.markers.stained(*LUNG_STAINS))


@once
def _by_imaging(cases: Cases) -> Term:
    return Fact("diagnosed by imaging and MDT", cases.episode.among("basis", ("imaging_mdt",)))


@once
def _differentiated(cases: Cases) -> Term:
    documented = cases.episode.flag("differential_documented", not_done=NO)
    return Fact("differential diagnosis documented", documented)


def _tested(marker: str) -> Asked:
    def met(cases: Cases) -> Term:
        markers = cases.markers
        if cases.readings.molecular_time == "before_systemic":
            return _by_first_systemic(marker)(cases)
        return Fact(f"{marker} tested", markers.tested(marker))

    return met


def _by_first_systemic(marker: str) -> Asked:
    def met(cases: Cases) -> Term:
        markers, first = cases.markers, cases.therapy.first_systemic

        def timely(tests: Tests) -> Term:
            return ~tests.rows.lift(first.known) | (tests.reported_on < tests.rows.lift(first))

        return Fact(f"{marker} tested before systemic therapy", markers.tested(marker, timely))

    return met


@once
def _all_tested(cases: Cases) -> Term:
    return all_of(_tested(marker)(cases) for marker in ROUTINE)


@once
def _all_in_time(cases: Cases) -> Term:
    return all_of(_by_first_systemic(marker)(cases) for marker in ROUTINE)


@once
def _her2_by_ihc(cases: Cases) -> Term:
    markers = cases.markers
    return Fact(
        "HER2 tested by immunohistochemistry",
        markers.tested("her2", lambda tests: tests.rows.among("method", ("ihc",))),
    )


@once
def _tissue_obtained(cases: Cases) -> Term:
    return cases.tissue_obtained


@once
def _on_lung(cases: Cases) -> Term:
    return Fact("a molecular test of the lung lesion", cases.markers.any_on("lung"))


@once
def _no_tissue(cases: Cases) -> Term:
    return Fact("no tissue obtainable", cases.episode.among("tissue", ("not_obtainable",)))


@once
def _on_ctdna(cases: Cases) -> Term:
    return Fact("a liquid biopsy", cases.markers.any_on("ctdna"))


@once
def _progressed(cases: Cases) -> Term:
    return Fact("progression on or after systemic therapy", cases.therapy.progressions.any())


@once
def _rebiopsied(cases: Cases) -> Term:
    therapy, markers = cases.therapy, cases.markers
    progressed = therapy.progressions.first(therapy.progressions.day("occurred_on"))
    tests, samples = markers.tests, markers.lung_pathology
    later = tests.specimen("lung", "ctdna") & (tests.reported_on > tests.rows.lift(progressed))
    tested = tests.done(later, "molecular_test.result on lung or ctdna after the progression")
    sampled = samples.any(samples.day("sampled_on") > samples.lift(progressed))
    return Fact("new biopsy of the lung or liquid biopsy after the progression", tested | sampled)


RULES = (
    Rule(
        id="PAT1",
        title="Immunohistochemistry where morphology cannot tell",
        statement="Poorly differentiated, mucinous and signet-ring lesions are told from lung cancer by "
        "immunohistochemistry.",
        source=_SECTION,
        lines="148-156",
        strength=Strength.STRONG,
        why="Morphology alone cannot tell them apart.",
        applies=_hard_to_tell,
        met=_stained,
        reasons=_NO_TISSUE,
    ),
    Rule(
        id="PAT2",
        title="Differential diagnosis documented",
        statement="Lung metastases are told from primary lung cancer and benign nodules.",
        source="Differential diagnosis",
        lines="134-137, 157-159",
        strength=Strength.STRONG,
        why="Without histology another tumor may be treated as a metastasis.",
        applies=_by_imaging,
        met=_differentiated,
    ),
    Rule(
        id="MOL1",
        title="KRAS, NRAS, BRAF and MSI or MMR tested",
        statement="KRAS, NRAS, BRAF and microsatellite or mismatch-repair status are tested routinely.",
        source=f"{_SECTION}; Table 6",
        lines="160-163, 657-659",
        strength=Strength.STRONG,
        why="They decide on targeted and immune therapy.",
        met=_all_tested,
        reasons=_NO_TISSUE,
        readings=("molecular_time",),
        parts=tuple(
            Part(f"MOL1{letter}", marker, _tested(marker)) for letter, marker in zip("abcd", ROUTINE, strict=True)
        ),
        beside=(Beside("timely", "reported before the first systemic therapy of the episode", met=_all_in_time),),
    ),
    Rule(
        id="MOL2",
        title="HER2 tested",
        statement="HER2 is tested routinely by immunohistochemistry.",
        source=_SECTION,
        lines="166-168",
        strength=Strength.STRONG,
        why="HER2 is a target.",
        met=_tested("her2"),
        reasons=_NO_TISSUE,
        readings=("molecular_time",),
        beside=(Beside("ihc", "by immunohistochemistry", met=_her2_by_ihc),),
    ),
    Rule(
        id="MOL3",
        title="Molecular test of the metastasis",
        statement="Where possible the lung metastasis itself is tested.",
        source=_SECTION,
        lines="170-174",
        strength=Strength.USUAL,
        why="Metastases can differ from the primary.",
        applies=_tissue_obtained,
        met=_on_lung,
        reasons=_NO_TISSUE,
    ),
    Rule(
        id="MOL4",
        title="Liquid biopsy where there is no tissue",
        statement="Where no tissue can be had, a liquid biopsy can be considered.",
        source=_SECTION,
        lines="174-177",
        strength=Strength.OPTION,
        why="It is the only way to a molecular result then, though not validated.",
        applies=_no_tissue,
        met=_on_ctdna,
    ),
    Rule(
        id="MOL5",
        title="New biopsy at progression",
        statement="At progression a new biopsy of the lung lesion or a liquid biopsy can be done.",
        source="Management of isolated and unresectable lung metastases",
        lines="417-424",
        strength=Strength.OPTION,
        why="The genes of a metastasis can change under treatment.",
        applies=_progressed,
        met=_rebiopsied,
    ),
)
