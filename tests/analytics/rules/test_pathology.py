"""Hand-made cases of the rules of pathology and molecular tests: PAT1, PAT2, MOL1 to MOL5."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.consensus.readings import Readings
from tests.analytics.hand import Registry
from tests.analytics.rules.cases import (
    FOUND,
    Expected,
    Row,
    case,
    each,
    event,
    exception,
    gives,
    judged,
    local,
    marker,
    outcome,
    systemic,
)

# PAT1: immunohistochemistry where morphology cannot tell.

HARD: dict[str, Any] = {"tissue": "obtained", "tissue_histology": "poor"}
NOT_DONE = dict.fromkeys(("ck20", "cdx2", "satb2", "ck7", "ttf1", "napsin_a"), "not_done")


def specimen(of: str = "lung", sampled_on: str = "2020-06-05", **stains: str) -> Row:
    """A specimen with its stains."""
    return "pathology", {"specimen": of, "sampled_on": sampled_on} | stains


def hard(*rows: Row, **changes: Any) -> Registry:
    """A lesion that morphology cannot tell from lung cancer."""
    return case(*rows, **(HARD | changes))


@pytest.mark.parametrize("colorectal", ["ck20", "cdx2", "satb2"])
@pytest.mark.parametrize("lung", ["ck7", "ttf1", "napsin_a"])
def test_pat1_asks_for_one_stain_of_each_kind(colorectal: str, lung: str) -> None:
    stains = NOT_DONE | {colorectal: "positive", lung: "negative"}
    found = judged(hard(specimen(**stains)), "PAT1")
    assert found.outcome == "adherent"
    assert f"pathology.{colorectal} positive" in found.text
    assert f"pathology.{lung} negative" in found.text


@each(
    {
        "no lung stain": gives(
            "non_adherent", hard(specimen(**(NOT_DONE | {"ck20": "positive"}))), "pathology.ttf1 not_done"
        ),
        "no colorectal stain": gives("non_adherent", hard(specimen(**(NOT_DONE | {"ck7": "negative"})))),
        "no colorectal stain, the others blank": gives(
            "non_adherent", hard(specimen(ck20="not_done", cdx2="not_done", satb2="ND")), "pathology.satb2 ND"
        ),
        "one left blank": gives(
            "undetermined_numerator",
            hard(specimen(**(NOT_DONE | {"ck20": "positive", "ttf1": ""}))),
            fill="pathology.ttf1",
        ),
        "one UNK": gives("undetermined_numerator", hard(specimen(**(NOT_DONE | {"ck20": "positive", "ck7": "UNK"})))),
        "on two specimens": gives(
            "adherent",
            hard(specimen(**(NOT_DONE | {"cdx2": "positive"})), specimen(**(NOT_DONE | {"ck7": "negative"}))),
        ),
        "no specimen recorded": gives("undetermined_numerator", hard(), fill="pathology.ck20"),
        "only of the primary": gives(
            "undetermined_numerator", hard(specimen("primary", ck20="positive", ck7="negative")), fill="pathology.ck20"
        ),
        "90 days before the detection": gives(
            "adherent", hard(specimen(sampled_on="2020-03-03", ck20="positive", ck7="negative"))
        ),
        "91 days before": gives(
            "undetermined_numerator", hard(specimen(sampled_on="2020-03-02", ck20="positive", ck7="negative"))
        ),
        "mucinous": gives("non_adherent", hard(specimen(**NOT_DONE), tissue_histology="mucinous")),
        "signet ring": gives("non_adherent", hard(specimen(**NOT_DONE), tissue_histology="signet_ring")),
        "well or moderate": gives(
            "not_applicable", hard(tissue_histology="well_or_moderate"), "tissue_histology well_or_moderate"
        ),
        "another histology": gives("not_applicable", hard(tissue_histology="other")),
        "no tissue": gives("not_applicable", hard(tissue="not_attempted"), "episode.tissue not_attempted"),
        "tissue blank": gives("undetermined_denominator", hard(tissue=""), fill="episode.tissue"),
        "histology blank": gives(
            "undetermined_denominator", hard(tissue_histology=""), fill="episode.tissue_histology"
        ),
        "histology ND": gives("undetermined_denominator", hard(tissue_histology="ND"), "tissue_histology ND"),
        "too little tissue": gives(
            "exception", hard(specimen(**NOT_DONE), exception("PAT1", "no_tissue")), "rule_exception.reason no_tissue"
        ),
        "another reason": gives("non_adherent", hard(specimen(**NOT_DONE), exception("PAT1", "mdt_decision"))),
        "an exception needs a known failure": gives("undetermined_numerator", hard(exception("PAT1", "no_tissue"))),
    }
)
def test_pat1(one: Expected) -> None:
    assert one.differences("PAT1") == []


# PAT2: differential diagnosis documented.


@each(
    {
        "documented": gives(
            "adherent", case(basis="imaging_mdt", differential_documented="yes"), "differential_documented yes"
        ),
        "not": gives("non_adherent", case(basis="imaging_mdt", differential_documented="no"), "documented no"),
        "ND of a review": gives("non_adherent", case(basis="imaging_mdt", differential_documented="ND")),
        "NAP of a yes or no": gives("non_adherent", case(basis="imaging_mdt", differential_documented="NAP")),
        "blank": gives("undetermined_numerator", case(basis="imaging_mdt"), fill="episode.differential_documented"),
        "UNK": gives("undetermined_numerator", case(basis="imaging_mdt", differential_documented="UNK")),
        "by histology": gives("not_applicable", case(basis="histology"), "episode.basis histology"),
        "by cytology": gives("not_applicable", case(basis="cytology")),
        "basis blank": gives("undetermined_denominator", case(differential_documented="yes"), fill="episode.basis"),
        "no reason is listed": gives(
            "non_adherent",
            case(exception("PAT2", "mdt_decision"), basis="imaging_mdt", differential_documented="no"),
        ),
    }
)
def test_pat2(one: Expected) -> None:
    assert one.differences("PAT2") == []


# MOL1 and MOL2: the routine tests.

ROUTINE = ("kras", "nras", "braf", "msi_mmr")
ALL = tuple(marker(name) for name in ROUTINE)
THREE = ALL[1:]
DRUGS = systemic("2020-06-10")


@each(
    {
        "all tested": gives(
            "adherent", case(*ALL), "kras tested: yes", "msi_mmr tested: yes", "molecular_test.result wild_type"
        ),
        "long before": gives("adherent", case(*THREE, marker("kras", reported_on="2010-01-01"))),
        "without a day": gives("adherent", case(*THREE, marker("kras", reported_on=""))),
        "equivocal is a result": gives("adherent", case(*THREE, marker("kras", "equivocal"))),
        "one not done": gives("non_adherent", case(*THREE, marker("kras", "not_done")), "result not_done"),
        "one ND": gives("non_adherent", case(*THREE, marker("kras", "ND")), "molecular_test.result ND"),
        "one not done and the others without a row": gives("non_adherent", case(marker("braf", "not_done"))),
        "not done once, done later": gives("adherent", case(*ALL, marker("kras", "not_done"))),
        "one unknown": gives(
            "undetermined_numerator",
            case(*THREE, marker("kras", "unknown")),
            "result unknown",
            fill="molecular_test.result",
        ),
        "one UNK": gives("undetermined_numerator", case(*THREE, marker("kras", "UNK")), "result UNK"),
        "one without a row": gives(
            "undetermined_numerator", case(*THREE), "kras tested: unknown", fill="molecular_test.result of kras"
        ),
        "no row at all": gives("undetermined_numerator", case(), fill="molecular_test.result of msi_mmr"),
        "reported after the cut": gives(
            "undetermined_numerator", case(*THREE, marker("kras", reported_on="2021-01-02")), cut="2021-01-01"
        ),
        "no tissue": gives("exception", case(*THREE, marker("kras", "not_done"), exception("MOL1", "no_tissue"))),
        "another reason": gives("non_adherent", case(marker("kras", "not_done"), exception("MOL1", "refusal"))),
        "HER2 is another rule": gives("adherent", case(*ALL, marker("her2", "not_done"))),
        "before systemic therapy, as a reading": gives(
            "non_adherent",
            case(DRUGS, *THREE, marker("kras", reported_on="2020-06-10")),
            readings=Readings(molecular_time="before_systemic"),
        ),
    }
)
def test_mol1(one: Expected) -> None:
    assert one.differences("MOL1") == []


@pytest.mark.parametrize(("part", "name"), list(zip(("MOL1a", "MOL1b", "MOL1c", "MOL1d"), ROUTINE, strict=True)))
def test_parts_of_mol1(part: str, name: str) -> None:
    others = [marker(other, "not_done") for other in ROUTINE if other != name]
    assert outcome(case(marker(name), *others), "MOL1", part) == "adherent"
    assert outcome(case(*others), "MOL1", part) == "undetermined_numerator"
    assert outcome(case(marker(name, "unknown"), *others), "MOL1", part) == "undetermined_numerator"
    assert outcome(case(marker(name, "not_done")), "MOL1", part) == "non_adherent"
    assert outcome(case(marker(name, "not_done"), exception("MOL1", "no_tissue")), "MOL1", part) == "exception"


@each(
    {
        "the day before": gives("adherent", case(DRUGS, *THREE, marker("kras", reported_on="2020-06-09"))),
        "on the day": gives("non_adherent", case(DRUGS, *THREE, marker("kras", reported_on="2020-06-10"))),
        "no systemic therapy": gives("adherent", case(*THREE, marker("kras", reported_on="2024-06-10"))),
        "without a day": gives("undetermined_numerator", case(DRUGS, *THREE, marker("kras", reported_on=""))),
    }
)
def test_mol1_in_time(one: Expected) -> None:
    assert one.differences("MOL1", "timely") == []


@each(
    {
        "tested": gives("adherent", case(marker("her2")), "molecular_test.result negative"),
        "not done": gives("non_adherent", case(marker("her2", "not_done"))),
        "unknown": gives("undetermined_numerator", case(marker("her2", "unknown")), fill="molecular_test.result"),
        "no row": gives("undetermined_numerator", case(*ALL), fill="molecular_test.result of her2"),
        "no tissue": gives("exception", case(marker("her2", "not_done"), exception("MOL2", "no_tissue"))),
        "another reason": gives("non_adherent", case(marker("her2", "not_done"), exception("MOL2", "mdt_decision"))),
    }
)
def test_mol2(one: Expected) -> None:
    assert one.differences("MOL2") == []


def test_mol2_by_immunohistochemistry() -> None:
    assert outcome(case(marker("her2", method="ihc")), "MOL2", "ihc") == "adherent"
    assert outcome(case(marker("her2", method="ngs")), "MOL2", "ihc") == "non_adherent"
    assert outcome(case(marker("her2", method="")), "MOL2", "ihc") == "undetermined_numerator"


# MOL3 and MOL4: on the metastasis, or on blood.

LUNG_NOT_DONE = marker("kras", "not_done", specimen="lung")


@each(
    {
        "on the lung": gives("adherent", case(marker("braf", specimen="lung"), tissue="obtained"), "specimen lung"),
        "one of two": gives("adherent", case(LUNG_NOT_DONE, marker("braf", specimen="lung"), tissue="obtained")),
        "not done": gives("non_adherent", case(LUNG_NOT_DONE, tissue="obtained"), "result not_done"),
        "not done, but on the primary": gives("non_adherent", case(*ALL, LUNG_NOT_DONE, tissue="obtained")),
        "one marker not done, specimen blank": gives(
            "undetermined_numerator",
            case(marker("kras", "not_done", specimen=""), tissue="obtained"),
            fill="molecular_test.result on lung",
        ),
        "result unknown": gives(
            "undetermined_numerator",
            case(marker("kras", "unknown", specimen="lung"), tissue="obtained"),
            fill="molecular_test.result",
        ),
        "specimen blank": gives(
            "undetermined_numerator",
            case(marker("kras", specimen=""), tissue="obtained"),
            fill="molecular_test.specimen",
        ),
        "only on the primary": gives(
            "undetermined_numerator", case(*ALL, tissue="obtained"), fill="molecular_test.result on lung"
        ),
        "no test": gives("undetermined_numerator", case(tissue="obtained"), fill="molecular_test.result on lung"),
        "too little tissue": gives("exception", case(LUNG_NOT_DONE, exception("MOL3", "no_tissue"), tissue="obtained")),
        "an MDT reason": gives("exception", case(LUNG_NOT_DONE, exception("MOL3", "mdt_decision"), tissue="obtained")),
        "another reason": gives("non_adherent", case(LUNG_NOT_DONE, exception("MOL3", "refusal"), tissue="obtained")),
        "not obtained": gives("not_applicable", case(*ALL, tissue="not_obtainable"), "tissue not_obtainable"),
        "tissue blank": gives("undetermined_denominator", case(*ALL), fill="episode.tissue"),
    }
)
def test_mol3(one: Expected) -> None:
    assert one.differences("MOL3") == []


NO_TISSUE: dict[str, Any] = {"tissue": "not_obtainable"}
BLOOD_NOT_DONE = marker("kras", "not_done", specimen="ctdna")


@each(
    {
        "done": gives("taken", case(marker("kras", specimen="ctdna"), **NO_TISSUE), "specimen ctdna"),
        "not done": gives("not_taken", case(BLOOD_NOT_DONE, **NO_TISSUE), "result not_done"),
        "an option needs no reason": gives(
            "not_taken", case(BLOOD_NOT_DONE, exception("MOL4", "no_tissue"), **NO_TISSUE)
        ),
        "specimen blank": gives(
            "undetermined_numerator", case(marker("kras", specimen=""), **NO_TISSUE), fill="molecular_test.specimen"
        ),
        "only on tissue of the primary": gives(
            "undetermined_numerator", case(*ALL, **NO_TISSUE), fill="molecular_test.result on ctdna"
        ),
        "no test": gives("undetermined_numerator", case(**NO_TISSUE), fill="molecular_test.result on ctdna"),
        "obtained": gives("not_applicable", case(tissue="obtained"), "episode.tissue obtained"),
        "not attempted": gives("not_applicable", case(tissue="not_attempted")),
        "blank": gives("undetermined_denominator", case(), fill="episode.tissue"),
    }
)
def test_mol4(one: Expected) -> None:
    assert one.differences("MOL4") == []


# MOL5: a new biopsy at progression.

PROGRESSION = event("2020-12-01", "progression")


def retested(on: str, of: str = "lung", result: str = "mutated") -> Row:
    """A molecular test after the detection."""
    return marker("kras", result, on, specimen=of)


NOT_AGAIN = retested("2020-12-02", result="not_done")


@each(
    {
        "tissue": gives("taken", case(DRUGS, PROGRESSION, retested("2020-12-02")), "reported_on 2020-12-02"),
        "liquid": gives("taken", case(DRUGS, PROGRESSION, retested("2021-05-02", "ctdna")), "specimen ctdna"),
        "sampled": gives(
            "taken", case(DRUGS, PROGRESSION, specimen(sampled_on="2020-12-02")), "pathology.sampled_on 2020-12-02"
        ),
        "not done": gives("not_taken", case(DRUGS, PROGRESSION, NOT_AGAIN), "molecular_test.result not_done"),
        "an option needs no reason": gives(
            "not_taken", case(DRUGS, PROGRESSION, NOT_AGAIN, exception("MOL5", "refusal"))
        ),
        "reported on the day of the progression": gives(
            "not_taken", case(DRUGS, PROGRESSION, NOT_AGAIN, retested("2020-12-01"))
        ),
        "sampled on that day": gives(
            "not_taken", case(DRUGS, PROGRESSION, NOT_AGAIN, specimen(sampled_on="2020-12-01"))
        ),
        "of the primary": gives("not_taken", case(DRUGS, PROGRESSION, NOT_AGAIN, retested("2020-12-02", "primary"))),
        "without a day": gives(
            "undetermined_numerator", case(DRUGS, PROGRESSION, retested("")), fill="molecular_test.reported_on"
        ),
        "sampled on an unknown day": gives(
            "undetermined_numerator",
            case(DRUGS, PROGRESSION, NOT_AGAIN, specimen(sampled_on="", episode_no="1")),
            fill="pathology.sampled_on",
        ),
        "no later test is recorded": gives(
            "undetermined_numerator",
            case(DRUGS, PROGRESSION, *ALL),
            fill="molecular_test.result on lung or ctdna after the progression",
        ),
        "progression on the first day of therapy": gives(
            "not_taken", case(DRUGS, event("2020-06-10", "progression"), NOT_AGAIN)
        ),
        "progression before it": gives("not_applicable", case(DRUGS, event("2020-06-09", "progression"), NOT_AGAIN)),
        "a recurrence is not one": gives(
            "not_applicable", case(DRUGS, event("2020-12-01"), NOT_AGAIN), "kind recurrence"
        ),
        "no systemic therapy": gives("not_applicable", case(local(FOUND), PROGRESSION, NOT_AGAIN)),
        "no event, read as no progression": gives(
            "not_applicable", case(systemic("2020-06-10", "2020-09-10", best_response="PD")), "disease_event no row"
        ),
        "kind not known": gives(
            "undetermined_denominator", case(DRUGS, event("2020-12-01", "UNK"), NOT_AGAIN), fill="disease_event.kind"
        ),
    }
)
def test_mol5(one: Expected) -> None:
    assert one.differences("MOL5") == []
