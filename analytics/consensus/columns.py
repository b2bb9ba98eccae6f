"""What a fact was read from, as text for the episodes that somebody asks about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class Column(ABC):
    """A column of the record, seen from the episodes.

    Attributes:
        name: table and column.
    """

    name: str

    @abstractmethod
    def texts(self, rows: Rows) -> list[str]:
        """What is recorded for some episodes; empty where nothing is."""

    @abstractmethod
    def missing(self) -> Mask:
        """Where there is no value, for each episode."""


class Cell(Column):
    """One cell for each episode: of its own row, or of its patient's.

    Args:
        name: table and column.
        values: for each episode.
        absent: the missing-data codes for each episode, where they are to be shown.
    """

    def __init__(self, name: str, values: pd.Series, absent: pd.Series | None = None) -> None:
        self.name, self.values, self.absent = name, values, absent

    def texts(self, rows: Rows) -> list[str]:
        found = _texts(self.values.array.take(rows))
        if self.absent is not None:
            codes = self.absent.array.take(rows).astype(object)
            found = [text or (code if isinstance(code, str) else "") for text, code in zip(found, codes, strict=True)]
        return found

    def missing(self) -> Mask:
        blank: Mask = self.values.isna().to_numpy(dtype=bool)
        return blank


class Listed(Column):
    """Cells of several rows of a table that belong to an episode.

    Args:
        name: table and column.
        at: for each cell the episode that it belongs to.
        values: the cells.
        length: the number of episodes.
    """

    def __init__(self, name: str, at: npt.NDArray[Any], values: pd.Series, length: int) -> None:
        self.name, self.at, self.values, self.length = name, at, values, length

    @cached_property
    def _of_episode(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for at, text in zip(self.at, _texts(self.values), strict=True):
            if text and text not in found.setdefault(int(at), []):
                found[int(at)].append(text)
        return found

    def texts(self, rows: Rows) -> list[str]:
        return [" and ".join(self._of_episode.get(int(row), ())) for row in rows]

    def missing(self) -> Mask:
        blank = np.zeros(self.length, dtype=bool)
        blank[self.at[self.values.isna().to_numpy(dtype=bool)]] = True
        return blank


def _texts(values: Any) -> list[str]:
    codes, distinct = pd.factorize(values)
    texts = np.array([*(_text(value) for value in distinct), ""], dtype=object)
    return list(texts[codes])


def _text(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return str(pd.Timestamp(value).date())
    return f"{value:g}" if isinstance(value, float) else str(value)
