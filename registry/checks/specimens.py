"""Pathology and molecular tests."""

from __future__ import annotations

import numpy as np

from registry.checks import arrays
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _stains_of_lung_cancer(data: Data) -> Flags:
    pathology = data["pathology"]
    pulmonary = pathology.one_of("ttf1", "positive") | pathology.one_of("napsin_a", "positive")
    colorectal = pathology.one_of("ck20", "positive") | pathology.one_of("cdx2", "positive")
    tested = pathology.one_of("ck20", "negative") | pathology.one_of("cdx2", "negative")
    return pathology.one_of("specimen", "lung") & pulmonary & tested & ~colorectal


def _result_of_another_marker(data: Data) -> Flags:
    test = data["molecular_test"]
    ras = test.one_of("marker", "kras", "nras") & test.one_of("result", "stable", "unstable", "negative", "positive")
    # BRAF V600E is also stained, and a stain is positive or negative.
    braf = test.one_of("marker", "braf") & test.one_of("result", "stable", "unstable")
    mutated = test.one_of("result", "wild_type", "mutated", "negative", "positive")
    microsatellites = test.one_of("marker", "msi_mmr") & mutated
    her2 = test.one_of("marker", "her2") & test.one_of("result", "stable", "unstable")
    return ras | braf | microsatellites | her2


def _method_of_another_marker(data: Data) -> Flags:
    test = data["molecular_test"]
    hybridized = test.one_of("method", "fish") & test.other_than("marker", "her2")
    stained = test.one_of("method", "ihc") & test.one_of("marker", "kras")
    plasma = test.one_of("specimen", "ctdna") & test.one_of("method", "ihc", "fish")
    return hybridized | stained | plasma


def _reported_though_not_done(data: Data) -> Flags:
    test = data["molecular_test"]
    return test.one_of("result", "not_done") & test.known("reported_on")


_OPPOSITES = (("wild_type", "mutated"), ("stable", "unstable"), ("negative", "positive"))


def _opposite_results(data: Data) -> Flags:
    test = data["molecular_test"]
    markers, specimens = test.fields["marker"].codes, test.fields["specimen"].codes
    number = (test.patients * len(markers) + test.value("marker")) * len(specimens) + test.value("specimen")
    groups = np.where(np.isnan(number) | (test.patients < 0), -1.0, number).astype(np.int64)
    size = max(test.data.patients, 1) * len(markers) * len(specimens)
    entered = test.number("record_no")
    found = np.zeros(len(groups), dtype=np.bool_)
    for one, other in _OPPOSITES:
        for here, there in ((one, other), (other, one)):
            first = arrays.earliest(np.where(test.one_of("result", there), groups, -1), entered, size)
            # One finding for two reports: the one that was entered later.
            found |= test.one_of("result", here) & (arrays.take(first, groups) < entered)
    return found


def _two_drivers(data: Data) -> Flags:
    test = data["molecular_test"]
    mutated = test.one_of("result", "mutated")
    kras = test.has("molecular_test", mutated & test.one_of("marker", "kras"))
    return mutated & test.one_of("marker", "braf") & kras


def _reported_twice(data: Data) -> Flags:
    return data["molecular_test"].repeats("marker", "specimen", "method", "reported_on", "result")


CHECKS: tuple[Check, ...] = (
    warning(
        "LAB01",
        "A metastasis in the lung does not stain like a lung cancer (TTF-1 or napsin A without CK20 and CDX2).",
        "pathology",
        "specimen ttf1 napsin_a ck20 cdx2",
        _stains_of_lung_cancer,
        "Correct the stains, or ask the pathologist whether this is a primary lung cancer.",
    ),
    warning(
        "LAB02",
        "The result is one that the marker can have.",
        "molecular_test",
        "result marker",
        _result_of_another_marker,
        "Correct result or marker.",
    ),
    warning(
        "LAB03",
        "The method is one that can test the marker in the specimen.",
        "molecular_test",
        "method marker specimen",
        _method_of_another_marker,
        "Correct method, marker or specimen.",
    ),
    warning(
        "LAB04",
        "A test that was not done has no report.",
        "molecular_test",
        "result reported_on",
        _reported_though_not_done,
        "Enter the result, or empty reported_on.",
    ),
    warning(
        "LAB05",
        "A marker does not have opposite results in specimens of the same origin.",
        "molecular_test",
        "result marker specimen",
        _opposite_results,
        "Correct the result or the specimen, or confirm that both were reported.",
    ),
    warning(
        "LAB06",
        "BRAF is not mutated beside a mutated KRAS.",
        "molecular_test",
        "result marker",
        _two_drivers,
        "Correct the results, or confirm that both were reported.",
    ),
    warning(
        "LAB07",
        "A report of one marker is entered once.",
        "molecular_test",
        "marker specimen method reported_on result",
        _reported_twice,
        "Delete the row that was entered twice.",
    ),
)
