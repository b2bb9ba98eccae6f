"""What lies in other tables beside a row: the arrays give what a slow search through the rows gives."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest

from registry import cells
from registry.checks import Data

Row = dict[str, str]
EPOCH = dt.date(1970, 1, 1)


def a_day(draw: random.Random) -> str:
    return "UNK" if draw.random() < 0.1 else str(dt.date(2019, 1, 1) + dt.timedelta(days=draw.randrange(400)))


def some_rows(draw: random.Random) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"patient": [], "episode": [], "study": [], "systemic_therapy": []}
    for patient in range(30):
        if draw.random() < 0.9:
            rows["patient"].append({"patient_id": f"P{patient}", "death_on": a_day(draw)})
        for table, column in (
            ("episode", "detected_on"),
            ("study", "performed_on"),
            ("systemic_therapy", "started_on"),
        ):
            for number in range(1, 1 + draw.randrange(5)):
                row = {"patient_id": f"P{patient}", "record_no": str(number), column: a_day(draw)}
                if table != "episode" and draw.random() < 0.3:
                    row["episode_no"] = str(draw.randrange(1, 6))
                rows[table].append(row)
    for kept in rows.values():
        draw.shuffle(kept)
    return rows


def day(cell: str) -> float:
    return float("nan") if cell == "UNK" else float((dt.date.fromisoformat(cell) - EPOCH).days)


def mine(rows: list[Row], row: Row) -> list[Row]:
    return [other for other in rows if other["patient_id"] == row["patient_id"]]


def or_nan(days: list[float], pick: object) -> float:
    return pick(days) if days else float("nan")  # type: ignore[operator,no-any-return]


def slow_episode(rows: dict[str, list[Row]], row: Row, column: str, lead: int) -> int:
    episodes = mine(rows["episode"], row)
    if "episode_no" in row:
        named = [episode for episode in episodes if episode["record_no"] == row["episode_no"]]
        return rows["episode"].index(named[0]) if named else -1
    if any(episode["detected_on"] == "UNK" for episode in episodes):
        return -1
    found = [episode for episode in episodes if day(episode["detected_on"]) <= day(row[column]) + lead]
    last = max(found, key=lambda episode: (episode["detected_on"], int(episode["record_no"])), default=None)
    return rows["episode"].index(last) if last else -1


@pytest.mark.parametrize("seed", range(5))
def test_joins_give_what_a_slow_search_gives(seed: int) -> None:
    rows = some_rows(random.Random(seed))
    data = Data(cells.frames(rows), today=dt.date(2024, 1, 1))
    study, studies = data["study"], rows["study"]
    days = study.days("performed_on")
    starts = [[day(other["started_on"]) for other in mine(rows["systemic_therapy"], row)] for row in studies]
    known = [[start for start in own if start == start] for own in starts]
    deaths = [[day(other["death_on"]) for other in mine(rows["patient"], row)] for row in studies]

    def same(found: object, expected: list[float] | list[bool]) -> None:
        np.testing.assert_array_equal(found, expected)

    course = ("systemic_therapy", "started_on")
    same(days, [day(row["performed_on"]) for row in studies])
    same(study.of_patient("death_on"), [or_nan(own, max) for own in deaths])
    same(study.earliest(*course), [or_nan(own, min) for own in known])
    same(study.latest(*course), [or_nan(own, max) for own in known])
    same(study.count("systemic_therapy"), [float(len(own)) for own in starts])
    pairs = list(zip(days, known, strict=True))
    same(study.last_until(days, *course), [or_nan([s for s in own if s <= when], max) for when, own in pairs])
    same(study.first_after(days, *course), [or_nan([s for s in own if s > when], min) for when, own in pairs])
    counts = [float("nan") if np.isnan(when) else float(sum(s <= when for s in own)) for when, own in pairs]
    same(study.count_until(days, *course), counts)
    undated = [len(own) < len(all_) for own, all_ in zip(known, starts, strict=True)]
    none = [when == when and not n and not u for when, n, u in zip(days, counts, undated, strict=True)]
    same(study.none_until(days, *course), none)
    between = [
        when == when and not u and not any(when - 60 < s <= when for s in own)
        for (when, own), u in zip(pairs, undated, strict=True)
    ]
    same(study.none_between(days - 60, days, *course), between)


@pytest.mark.parametrize("seed", range(5))
def test_rows_belong_to_the_episode_that_a_slow_search_gives(seed: int) -> None:
    rows = some_rows(random.Random(seed))
    data = Data(cells.frames(rows), today=dt.date(2024, 1, 1))
    for table, column, lead in (("study", "performed_on", 90), ("systemic_therapy", "started_on", 0)):
        expected = [slow_episode(rows, row, column, lead) for row in rows[table]]
        np.testing.assert_array_equal(data[table].episodes(), expected)
        owned = [float(expected.count(number)) for number in range(len(rows["episode"]))]
        np.testing.assert_array_equal(data["episode"].count(table, by="episode"), owned)


@pytest.mark.parametrize("seed", range(5))
def test_rows_before_and_after_are_those_that_a_slow_search_gives(seed: int) -> None:
    rows = some_rows(random.Random(seed))
    episode, episodes = Data(cells.frames(rows), today=dt.date(2024, 1, 1))["episode"], rows["episode"]
    earlier, later, twice = [], [], []
    for row in episodes:
        own = sorted(mine(episodes, row), key=lambda other: int(other["record_no"]))
        place = own.index(row)
        earlier.append(episodes.index(own[place - 1]) if place else -1)
        later.append(episodes.index(own[place + 1]) if place + 1 < len(own) else -1)
        known = row["detected_on"] != "UNK"
        twice.append(known and any(other["detected_on"] == row["detected_on"] for other in own[:place]))
    np.testing.assert_array_equal(episode.previous("record_no"), earlier)
    np.testing.assert_array_equal(episode.following("record_no"), later)
    np.testing.assert_array_equal(episode.repeats("detected_on"), twice)
