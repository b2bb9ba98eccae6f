"""One episode of one patient as the rules see it: the facts that several rules ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property

from tests.analytics import naive_classification as definitions
from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Row,
    Test,
    Treatment,
    all3,
    any3,
    code,
    day,
    done,
    every,
    in_time,
    narrowed,
    no_end,
    not3,
    not_after,
    recorded,
    some,
    text,
    yes_no,
)
from tests.analytics.naive_rules.course import Course, perioperative, postoperative
from tests.analytics.naive_rules.ends import agreed, possible_ends
from tests.analytics.naive_rules.record import not_palliative

__all__ = [
    "Episode",
    "about",
    "agreed",
    "assessed_on",
    "not_palliative",
    "perioperative",
    "possible_ends",
    "postoperative",
]


class Episode(Course):
    """One episode with what belongs to it, at the data cut."""

    # What the episode is.

    @property
    def multi_organ(self) -> Fact:
        """One extrapulmonary site or more."""
        return {"non_isolated": True, "isolated": False}.get(self.facts["extent"])

    @property
    def two_sites(self) -> Fact:
        """Two extrapulmonary sites or more."""
        return not3(self.facts["oligometastatic"])

    @property
    def locally_advanced(self) -> Fact:
        found: Fact = self.facts["locally_advanced"]
        return found

    @property
    def rectum(self) -> Fact:
        return code(self.primary, "site", "rectum")

    @property
    def height(self) -> float | None:
        found = text(self.primary, "rectal_height_cm")
        return None if found is None else float(found)

    @property
    def recurrence(self) -> str | None:
        """Local recurrence; none where it is blank and the primary is in situ."""
        return text(self.row, "local_recurrence") or ("none" if self.in_situ else None)

    def on(self, *routes: str) -> Fact:
        """Whether the episode takes one of some routes."""
        possible = self.routes
        return False if not possible & set(routes) else True if possible <= set(routes) else None

    @cached_property
    def routes(self) -> set[str]:
        """The routes that are possible: what is ruled out is no, whatever else is unknown."""
        return definitions.possible_routes(self.rows, self.row)

    @cached_property
    def sites(self) -> list[Treatment]:
        """The metastasis rows, each with whether it was active at the episode."""
        found = []
        for row in self.rows.get("metastasis", ()):
            limit = None if self.detected is None else self.detected + definitions.SITE_MARGIN
            near = not_after(day(row, "detected_on"), limit)
            still = True if no_end(row, "resolved_on") else not_after(self.detected, day(row, "resolved_on"))
            found.append(Treatment(row, all3(near, still), day(row, "detected_on")))
        return found

    def site(self, *names: str) -> Fact:
        """Whether one of some sites was active; without a complete list a missing one is unknown."""
        complete = yes_no(self.row, "other_sites_assessed") is True
        return any3(some(self.sites, lambda item: code(item.row, "site", *names)), False if complete else None)

    @property
    def sites_curable(self) -> Fact:
        """Every active extrapulmonary site is curable."""
        listed = True if yes_no(self.row, "other_sites_assessed") else None
        return all3(every(self.sites, lambda item: yes_no(item.row, "curable")), listed)

    # Its meetings, studies and exceptions.

    def meeting(self, test: Callable[[Treatment], Fact] = lambda item: True) -> Fact:
        """Whether a meeting of the episode passes."""
        found = some(self.meetings, test)
        if any(item.own for item in self.meetings):
            return found
        return any3(found, False if done(self.row, "mdt_discussed") is False else None)

    def discussed_by(self, items: Sequence[Treatment], *topics: str, test: Test = lambda item: True) -> Fact:
        """Whether a meeting, about one of some topics, was held on or before the first of some treatments."""

        return self.meeting(
            lambda m: all3(about(m, *topics), test(m), every(items, lambda item: in_time(m.on, item.on)))
        )

    @cached_property
    def goal(self) -> tuple[str | None, bool]:
        """The goal, and whether it is known; (None, True) where no meeting set one."""
        # Reading: the last meeting that has a goal, among those on or before the first treatment.
        held = [m for m in self.meetings if text(m.row, "goal")]
        if not held:
            missing = [m for m in self.meetings if recorded(m.row, "goal") is None]
            unknown = bool(missing) or self.meeting(lambda m: False) is None
            return None, not unknown
        early = narrowed(held, lambda m: all3(self.treated, self.by_first(m.on)))
        candidates = possible_ends(early, -1)
        if not any(m.own for m in early):
            candidates += possible_ends(held, 1)
        goals = {m.row["goal"] for m in candidates}
        sure = any(m.own for m in held if any(m.row is other.row for other in candidates))
        return (goals.pop(), True) if len(goals) == 1 and sure else (None, False)

    def goal_is(self, word: str) -> Fact:
        """Whether the goal is a word."""
        goal, known = self.goal
        return goal == word if known else None

    def last_response(self, until: Sequence[Treatment], *codes: str) -> Fact:
        """Whether the last response assessed on or before the first of some treatments is one of some."""

        def by_then(on: dt.date | None) -> Fact:
            return every(until, lambda item: not_after(on, item.on))

        assessed = [Treatment(item.row, item.own, assessed_on(item.row)) for item in self.systemic]
        dated = narrowed((item for item in assessed if item.on), lambda item: by_then(item.on))
        # Reading: of two rows assessed on one day the one with the higher number counts.
        answers = {_response(item.row, codes) for item in possible_ends(dated, -1)}
        if not any(item.own for item in dated):
            # Reading: no assessment by then is "none" where the rows say so, unknown where a date is missing.
            silent = [item for item in self.systemic if _silent(item.row) and by_then(item.on) is not False]
            answers.add(None if silent else False)
        return answers.pop() if len(answers) == 1 else None

    def staged(self, modality: str) -> Fact:
        """Whether a staging study lies in P-HRCT."""
        opens = None if self.detected is None else self.detected - dt.timedelta(days=base.WORKUP_DAYS)
        return self.logged(
            "workup_log_complete",
            lambda s: all3(code(s.row, "modality", modality), not_after(opens, s.on), self.by_staging_end(s.on)),
        )

    def logged(self, log: str, test: Callable[[Treatment], Fact]) -> Fact:
        """Whether a study passes; its absence is known only where the log is complete."""
        found = some(self.studies, test)
        return any3(found, False if text(self.row, log) == "yes" else None)

    def excepted(self, rule_id: str, *reasons: str) -> bool:
        """Whether a reason is recorded for the episode (any reason, where none is named)."""
        # Reading: a rule_exception without episode_no holds for every episode of the patient.
        return any(
            row.get("rule_id") == rule_id
            and text(row, "episode_no") in (None, self.row["record_no"])
            and (text(row, "reason") in reasons if reasons else text(row, "reason") is not None)
            for row in self.rows.get("rule_exception", ())
        )


def about(item: Treatment, *topics: str) -> Fact:
    """Whether a meeting had one of some topics; any meeting where none is named."""
    found = text(item.row, "topics")
    return True if not topics else None if found is None else bool(set(topics) & set(found.split(";")))


def _response(row: Row, codes: Sequence[str]) -> Fact:
    # Reading: a response that was not assessed (ND) is none of the codes in a numerator.
    return False if row.get("best_response") == "ND" else code(row, "best_response", *codes)


def assessed_on(row: Row) -> dt.date | None:
    """When the response to a systemic therapy was assessed, else when that ended."""
    return day(row, "response_assessed_on") or day(row, "ended_on")


def _silent(row: Row) -> bool:
    """Whether a response may have been assessed although no date says so."""
    return assessed_on(row) is None and row.get("response_assessed_on") != "ND"
