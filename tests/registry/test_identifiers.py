"""Rows found by their patient, against looking for each identifier one by one."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identifiers import is_in, numbered, positions

IDS = st.lists(st.text("abÄ'", max_size=2), max_size=12)
KINDS = ("string[pyarrow]", "string", "object")


def _column(ids: list[str | None], kind: str) -> pd.Series:
    return pd.Series(ids, dtype=kind)


@pytest.mark.parametrize("kind", KINDS)
@given(among=IDS, wanted=st.lists(st.one_of(st.none(), st.text("abÄ'", max_size=2)), max_size=12))
def test_against_one_by_one(kind: str, among: list[str], wanted: list[str | None]) -> None:
    distinct = list(dict.fromkeys(among))
    expected = [distinct.index(each) if each in distinct else -1 for each in wanted]
    assert positions(_column(distinct, kind), _column(wanted, kind)).tolist() == expected
    assert is_in(_column(wanted, kind), _column(among, kind)).tolist() == [each in among for each in wanted]


@given(one=IDS, other=IDS)
def test_the_same_identifier_has_the_same_number(one: list[str], other: list[str]) -> None:
    left, right = numbered(_column(one, KINDS[0]), _column(other, KINDS[0]))
    for number, each in zip(left, one, strict=True):
        assert [at == number for at in right] == [each == theirs for theirs in other]
    assert [at < 0 for at in right] == [theirs not in one for theirs in other]
