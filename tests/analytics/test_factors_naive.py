"""The factors of a simulated cohort against slow code that looks at one episode after the other."""

from __future__ import annotations

import calendar
import datetime as dt
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy.engine import Engine

from analytics.cohort import cohort_at
from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import FACTORS
from registry import simulate
from registry.access import Actor
from registry.actions import import_source
from registry.exchange.formats import open_source
from registry.frames import read_frames

Row = dict[str, Any]
Answer = bool | None


def plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


class Naive:
    """One episode at a time, in the words of the consensus."""

    def __init__(self, frames: dict[str, pd.DataFrame]) -> None:
        self.of: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        self.episodes: list[Row] = []
        for table in ("patient", "primary_tumor", "episode", "metastasis", "local_treatment"):
            for row in frames[table].to_dict("records"):
                cells = {name: plain(value) for name, value in row.items()}
                self.of[cells["patient_id"]][table].append(cells)
                if table == "episode":
                    self.episodes.append(cells)
        sizes = [row["largest_mm"] for row in self.episodes if row["lung_involved"] and row["largest_mm"] is not None]
        self.median = statistics.median(sizes)

    def answers(self, episode: Row) -> dict[str, Answer]:
        rows = self.of[episode["patient_id"]]
        primary = rows["primary_tumor"][0] if rows["primary_tumor"] else defaultdict(lambda: None)
        lesions, size = self.burden(episode)
        bilateral = {"bilateral": True, "left": False, "right": False}.get(episode["laterality"])
        if episode["lung_involved"] is False:
            bilateral = False
        nodes = [self.positive(primary[column]) for column in ("p_n", "c_n")]
        operations = self.operations(episode)
        return {
            "multiple_lesions": above(lesions, 1),
            "more_than_four_or_bilateral": any_of([above(lesions, 4), bilateral]),
            "more_than_three_lesions": above(lesions, 3),
            "thoracic_nodes": {"confirmed": True, "none": False}.get(episode["thoracic_nodes"]),
            "high_cea": above(episode["cea_ng_ml"], 5),
            "large_tumor": above(size, self.median),
            "short_dfi": self.short_dfi(episode, primary),
            "older_than_70": self.old(episode, operations),
            "advanced_primary": nodes[1] if nodes[0] is None else nodes[0],
            "rectal_primary": None if primary["site"] is None else primary["site"] == "rectum",
            "incomplete_resection": any_of(
                [{"R1": True, "R2": True, "R0": False}.get(row["residual_tumor"]) for row in operations]
            ),
            "lobectomy": any_of(
                [
                    {"lobectomy": True, "pneumonectomy": True, "wedge": False, "segmentectomy": False}.get(
                        row["procedure"]
                    )
                    for row in operations
                ]
            ),
        }

    @staticmethod
    def positive(stage: str | None) -> Answer:
        return None if stage in (None, "NX") else stage != "N0"

    def burden(self, episode: Row) -> tuple[float | None, float | None]:
        if episode["lung_involved"] is not False:
            return episode["lesion_count"], episode["largest_mm"]
        active = [
            row
            for row in self.of[episode["patient_id"]]["metastasis"]
            if row["detected_on"]
            and row["detected_on"] <= episode["detected_on"] + dt.timedelta(31)
            and (row["resolved_on"] is None or row["resolved_on"] >= episode["detected_on"])
        ]
        counts, sizes = [row["lesion_count"] for row in active], [row["largest_mm"] for row in active]
        return (
            sum(counts) if counts and None not in counts else None,
            max(sizes) if sizes and None not in sizes else None,
        )

    def operations(self, episode: Row) -> list[Row]:
        mine = []
        rows = self.of[episode["patient_id"]]
        for row in rows["local_treatment"]:
            if (row["target"], row["modality"]) != ("lung", "resection"):
                continue
            number = row["episode_no"]
            if number is None and row["started_on"]:
                started, ended = row["started_on"], row["ended_on"]
                before = [
                    other
                    for other in rows["episode"]
                    if other["detected_on"]
                    and (other["detected_on"] <= started or (ended and started <= other["detected_on"] <= ended))
                ]
                number = max(before, key=lambda other: other["detected_on"])["record_no"] if before else None
            if number == episode["record_no"]:
                mine.append(row)
        return mine

    def short_dfi(self, episode: Row, primary: Row) -> Answer:
        limit, found = primary["workup_completed_on"] or primary["first_treated_on"], episode["detected_on"]
        if limit is None or found is None or found <= limit:
            return None
        resections = [
            row["started_on"]
            for row in self.of[episode["patient_id"]]["local_treatment"]
            if (row["target"], row["modality"]) == ("primary", "resection")
            and row["residual_tumor"] != "R2"
            and row["intent"] != "palliative"
        ]
        before = [day for day in resections if day and day <= found]
        if not before:
            return None
        first = min(before)
        last_of_month = calendar.monthrange(first.year + 2, first.month)[1]
        return bool(found < first.replace(year=first.year + 2, day=min(first.day, last_of_month)))

    def old(self, episode: Row, operations: list[Row]) -> Answer:
        on = min((row["started_on"] for row in operations if row["started_on"]), default=episode["detected_on"])
        birth = self.of[episode["patient_id"]]["patient"][0]["birth_date"]
        if on is None or birth is None:
            return None
        return bool(on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)) > 70)


def above(value: float | None, limit: float) -> Answer:
    return None if value is None else value > limit


def any_of(answers: list[Answer]) -> Answer:
    if True in answers:
        return True
    return False if answers and None not in answers else None


def test_a_simulated_cohort(sqlite_engine: Engine, tmp_path: Path, somebody: Actor) -> None:
    simulate.simulate(tmp_path / "data", patients=200, seed=3)
    outcome = import_source(sqlite_engine, open_source(tmp_path / "data", None), by=somebody, reason=None)
    assert not outcome.problems
    stored = read_frames(sqlite_engine)
    for cut in (dt.date(2025, 12, 31), dt.date(2020, 6, 30)):
        frames = cohort_at(stored, cut).frames
        naive, episodes = Naive(frames), Episodes(frames)
        assert len(naive.episodes) > 50
        for name, factor in FACTORS.items():
            mine = [None if pd.isna(value) else bool(value) for value in factor.of(episodes)]
            expected = [naive.answers(episode)[name] for episode in naive.episodes]
            assert mine == expected, name
            assert {True, False} <= set(expected), f"{name} is not tried"
