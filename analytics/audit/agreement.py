"""How often two entries of the same fields differ: error rates with limits, and Cohen's kappa of coded fields."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.audit.proportions import Rate, rate
from analytics.limits import Z
from registry.double_entry import Compared
from registry.fields import Field
from registry.tables import TABLES

_NO_VARIANCE = 1e-12
"""What rounding leaves of a variance that is 0."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance.

    Args:
        units: pairs of answers.
        observed, expected: shares of equal pairs, as found and as chance alone would give.
        estimate: (observed - expected) / (1 - expected); None where chance alone would make all pairs equal.
        ci_low, ci_high: limits at 95 %, from the large-sample variance; None where that is 0, which is no certainty:
            all pairs are equal, or one of the raters gave one answer only.
    """

    units: int
    observed: float
    expected: float
    estimate: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two entries of a field, of a form, or of all of them.

    Args:
        table, column: what is compared; "" for all forms, or all fields of a form.
        errors: the share of fields that differ.
        kappa: of a coded field; None elsewhere.
    """

    table: str
    column: str
    errors: Rate
    kappa: Kappa | None


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> Kappa:
    """Cohen's kappa of two raters who gave each unit one of any categories.

    Cohen J. Educ Psychol Meas 1960;20:37-46. The variance is that of Fleiss JL, Cohen J, Everitt BS. Psychol Bull
    1969;72:323-327, which holds where kappa is not 0, and so gives limits.

    Args:
        first, second: the answers of both, in the order of the units, shape (units,).

    Raises:
        ValueError: they differ in length, or there is no unit.
    """
    units = len(first)
    if units != len(second) or not units:
        raise ValueError(f"{units} answers of the first, {len(second)} of the second")
    categories = {category: at for at, category in enumerate(sorted({*first, *second}))}
    table = np.zeros((len(categories), len(categories)))
    for (one, other), count in Counter(zip(first, second, strict=True)).items():
        table[categories[one], categories[other]] = count
    share = table / units
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float(np.trace(share)), float(rows @ columns)
    if len(categories) == 1:
        return Kappa(units, observed, expected, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    diagonal = float((np.diag(share) * (1 - (rows + columns) * (1 - kappa)) ** 2).sum())
    # Off the diagonal: the pair (i, j) counts with the second rater's share of i and the first rater's of j.
    sums = (columns[:, None] + rows[None, :]) ** 2
    np.fill_diagonal(sums, 0)
    off = (1 - kappa) ** 2 * float((share * sums).sum())
    variance = (diagonal + off - (kappa - expected * (1 - kappa)) ** 2) / (units * (1 - expected) ** 2)
    if variance < _NO_VARIANCE:
        return Kappa(units, observed, expected, kappa, None, None)
    half = Z * math.sqrt(variance)
    return Kappa(units, observed, expected, kappa, max(kappa - half, -1.0), min(kappa + half, 1.0))


def is_coded(field: Field) -> bool:
    """Whether kappa has a meaning: each answer is one of a few codes."""
    return field.type in ("code", "boolean") or (field.type == "integer" and bool(field.codes))


def agreement(compared: Iterable[Compared]) -> list[Agreement]:
    """The error rates of all fields together, then of each form followed by its fields, in the order of the dictionary.

    A field that is blank in both entries is not counted. Several fields or rows of a patient are not independent: the
    limits allow for that (:func:`analytics.audit.proportions.rate`), and are Wilson's where each patient gives one.
    In kappa a blank and each missing-data code are categories of their own.
    """
    frame = pd.DataFrame(
        [(one.item.owner, one.item.table, one.column, one.first, one.second) for one in compared],
        columns=["patient", "table", "column", "first", "second"],
    )
    found = [Agreement("", "", _errors(frame), None)]
    for table, declared in TABLES.items():
        of_form = frame[frame["table"] == table]
        if of_form.empty:
            continue
        found.append(Agreement(table, "", _errors(of_form), None))
        for field in declared.fields.values():
            cells = of_form[of_form["column"] == field.name]
            if len(cells):
                kappa = cohen_kappa(list(cells["first"]), list(cells["second"])) if is_coded(field) else None
                found.append(Agreement(table, field.name, _errors(cells), kappa))
    return found


def _errors(frame: pd.DataFrame) -> Rate:
    differs = (frame["first"] != frame["second"]).to_numpy(bool)
    return rate(differs, pd.factorize(frame["patient"])[0])
