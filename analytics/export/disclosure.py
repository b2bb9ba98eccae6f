"""De-identification of the analysis set: pseudonyms, no dates, and rare values made coarse.

Pseudonyms and the order of the rows come from the secret key of the registry: whoever has it and the registry can tell
who is who, nobody else can compute them. They are not those of ``export --deidentify``, so that the two files cannot
be joined. What is left are intervals in days and clinical findings: pseudonymized data, to be passed on under a
contract and not published.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pandas as pd

from analytics.export.columns import Column, Rows

MIN_CELL = 5
"""A code that fewer patients have is joined with others."""

LIMITS: dict[str, tuple[float, float]] = {
    "age": (30, 90),
    "lesion_count": (0, 20),
    "tumor_diameter": (0, 100),
    "cea": (0, 1000),
    "dfi_months": (0, 120),
    "episode_no": (1, 5),
}
"""Beyond these a number stands for itself and more, as 90 for 90 and more."""

_DECIMALS = {"cea": 1, "tumor_diameter": 0, "dfi_months": 1}
_OTHER = "other"


def deidentified(rows: Rows, key: bytes) -> Rows:
    """The rows without what identifies a person; the columns say what was done.

    Args:
        key: of ``registry.exchange.deidentify.deidentification_key()``; the same key gives the same pseudonyms.
    """
    found: dict[str, pd.Series] = {}
    columns = []
    for column in rows.columns:
        values, changed = _changed(column, rows.frame[column.name], rows.patient, key)
        found[column.name] = values
        columns.append(changed)
    frame = pd.DataFrame(found).sort_values(["study_id", "episode_no"], na_position="last")
    patient = rows.patient.loc[frame.index].reset_index(drop=True)
    return Rows(frame.reset_index(drop=True), tuple(columns), patient, rows.chosen)


def _changed(column: Column, values: pd.Series, patient: pd.Series, key: bytes) -> tuple[pd.Series, Column]:
    if column.kind == "id":
        named = values.map({one: _pseudonym(key, column.name, one, "S") for one in values.unique()})
        return named.astype("string"), replace(column, done="a pseudonym")
    if column.name == "center":
        words = {one: _pseudonym(key, column.name, one, "C", 6) for one in values.cat.categories}
        named = values.astype("object").map(words)
        values = pd.Series(pd.Categorical(named, categories=sorted(words.values())))
        return _joined(replace(column, done="a random code"), values, patient)
    if column.kind == "code":
        return _joined(column, values, patient)
    if column.name in LIMITS:
        low, high = LIMITS[column.name]
        values = values.clip(low, high)
        done = f"{high:g} stands for {high:g} and more" + (f", {low:g} for {low:g} and less" if low > 1 else "")
        if column.name in _DECIMALS:
            values = values.round(_DECIMALS[column.name])
            done += f"; rounded to {10.0 ** -_DECIMALS[column.name]:g}"
        return values, replace(column, done=done)
    return values, column


def _pseudonym(key: bytes, purpose: str, text: str, mark: str, digits: int = 12) -> str:
    digest = hmac.digest(key, f"analysis set {purpose}\0{text}".encode(), hashlib.sha256)
    return f"{mark}{digest.hex()[:digits]}"


def _joined(column: Column, values: pd.Series, patient: pd.Series) -> tuple[pd.Series, Column]:
    """The codes with those of few patients joined, or left blank where they are few together too."""
    has = pd.DataFrame({"value": values.astype("object"), "patient": patient}).dropna()
    sizes = has.groupby("value")["patient"].nunique()
    rare = set(sizes.index[sizes < MIN_CELL])
    joins = has.loc[has["value"].isin(rare | {_OTHER}), "patient"].nunique() >= MIN_CELL
    kept = [code for code in values.cat.categories if code in sizes.index and code not in rare and code != _OTHER]
    words = {code: column.words.get(code, str(code)) for code in kept}
    if (_OTHER in sizes.index and _OTHER not in rare) or (rare and joins):
        words[_OTHER] = _OTHER
    left = values.astype("object").where(~values.isin(rare), _OTHER if joins else None)
    done = f"codes of fewer than {MIN_CELL} patients {'joined as other' if joins else 'left blank'}" if rare else ""
    changed = replace(column, words=words, done="; ".join(part for part in (column.done, done) if part))
    return pd.Series(
        pd.Categorical(left.where(left.notna(), None), categories=list(words)), index=values.index
    ), changed
