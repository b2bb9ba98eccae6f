"""Two entries of the same fields: kappa by hand and in R, error rates with Wilson's limits, what is not counted."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from analytics.audit.agreement import agreement, cohen_kappa
from registry.double_entry import Compared, Item

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "agreement.json").read_text(encoding="utf-8"))


def raters(table: list[list[int]]) -> tuple[list[str], list[str]]:
    """The answers of two raters that give a table."""
    first, second = [], []
    for one, row in enumerate(table):
        for other, count in enumerate(row):
            first += [str(one)] * count
            second += [str(other)] * count
    return first, second


@pytest.mark.parametrize("name", REFERENCE)
def test_kappa_is_that_of_r(name: str) -> None:
    reference = REFERENCE[name]
    found = cohen_kappa(*raters(reference["table"]))
    got = (found.observed, found.expected, found.estimate, found.ci_low, found.ci_high)
    wanted = [reference[key] for key in ("observed", "expected", "kappa", "low", "high")]
    for value, of_r in zip(got, wanted, strict=True):
        assert value is of_r is None or value == pytest.approx(of_r, abs=1e-12)


def test_kappa_by_hand() -> None:
    """Of 50, 20 + 15 agree: 0.7. By chance 0.5 · 0.6 + 0.5 · 0.4 = 0.5 do. So (0.7 - 0.5) / (1 - 0.5) = 0.4."""
    found = cohen_kappa(*raters([[20, 5], [10, 15]]))
    assert (found.units, found.observed, found.expected) == (50, 0.7, 0.5)
    assert found.estimate == pytest.approx(0.4)
    swapped = cohen_kappa(*reversed(raters([[20, 5], [10, 15]])))
    assert (swapped.estimate, swapped.ci_low) == pytest.approx((found.estimate, found.ci_low))


def test_kappa_where_there_is_none() -> None:
    only = cohen_kappa(["yes"] * 9, ["yes"] * 9)
    assert (only.observed, only.expected, only.estimate) == (1.0, 1.0, None)
    assert cohen_kappa(["a", "b"], ["b", "a"]).estimate == -1.0
    constant = cohen_kappa(["a", "a", "a"], ["a", "a", "b"])
    assert (constant.estimate, constant.ci_low, constant.ci_high) == (0.0, None, None)
    for first, second in (([], []), (["a"], [])):
        with pytest.raises(ValueError, match="answers"):
            cohen_kappa(first, second)


def _compared(owner: str, column: str, first: str, second: str, table: str = "patient", key: str = "") -> Compared:
    return Compared(Item(1, owner, table, key), column, first, second, None)


def test_error_rates_by_form_and_field() -> None:
    cells = [_compared(f"P{n}", "sex", "female", "male" if n < 2 else "female") for n in range(20)]
    cells += [_compared(f"P{n}", "birth_date", "1950-01-01", "1950-01-01") for n in range(20)]
    cells += [
        _compared("P0", "lesion_count", "", "2", "episode", "1"),
        _compared("P0", "ecog", "1", "UNK", "episode", "1"),
    ]
    found = {(one.table, one.column): one for one in agreement(cells)}
    assert list(found) == [
        ("", ""),
        ("patient", ""),
        ("patient", "sex"),
        ("patient", "birth_date"),
        ("episode", ""),
        ("episode", "lesion_count"),
        ("episode", "ecog"),
    ]
    assert {key: (one.errors.met, one.errors.cases) for key, one in found.items()} == {
        ("", ""): (4, 42),
        ("patient", ""): (2, 40),
        ("patient", "sex"): (2, 20),
        ("patient", "birth_date"): (0, 20),
        ("episode", ""): (2, 2),
        ("episode", "lesion_count"): (1, 1),
        ("episode", "ecog"): (1, 1),
    }
    sex = found["patient", "sex"]
    # Wilson by hand for 2 of 20: (p + z²/2n ± z·sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n)
    z, n, p = 1.959963984540054, 20, 0.1
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    limits = [(p + z**2 / (2 * n) + sign * half) / (1 + z**2 / n) for sign in (-1, 1)]
    assert [sex.errors.ci_low, sex.errors.ci_high] == pytest.approx(limits)
    assert sex.errors.method == found["patient", "birth_date"].errors.method == "wilson"
    assert found["patient", ""].errors.method == "cluster_robust"  # two fields of each patient
    assert sex.kappa is not None
    assert sex.kappa.estimate == 0.0  # the first reader says the same of everybody
    assert found["patient", "birth_date"].kappa is None
    assert found["episode", "ecog"].kappa is not None


def test_nothing_compared_is_no_rate() -> None:
    (only,) = agreement([])
    assert (only.errors.cases, only.errors.estimate) == (0, None)
