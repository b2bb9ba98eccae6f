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
    Treatment,
    all3,
    any3,
    before,
    code,
    day,
    done,
    emergency,
    every,
    narrowed,
    no_end,
    not3,
    not_after,
    primary_resection,
    recorded,
    some,
    text,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.record import Record, not_palliative

__all__ = ["Episode", "about", "not_palliative", "perioperative", "postoperative"]


def perioperative(item: Treatment) -> Fact:
    """Perioperative systemic therapy."""
    return code(item.row, "intent", *base.PERIOPERATIVE)


def postoperative(item: Treatment) -> Fact:
    """Systemic therapy with intent postoperative."""
    return code(item.row, "intent", "postoperative")


class Episode(Record):
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

    # Its treatments.

    @property
    def treatments(self) -> list[Treatment]:
        return [*self.systemic, *self.local]

    @cached_property
    def primary_resections(self) -> list[Treatment]:
        """Every resection of the patient's primary, in whatever episode."""
        # Reading: "any local_treatment" in TB2A, TB2B, REC1, LIV1 and POT2 is one of the patient, not of the episode.
        return narrowed((Treatment(item.row, True, item.on) for item in self.all_local), primary_resection)

    @cached_property
    def lung_operations(self) -> list[Treatment]:
        """The episode's resections of the lung."""
        return narrowed(self.local, base.lung_surgery)

    @cached_property
    def planned_local(self) -> list[Treatment]:
        """The episode's local treatments that are not emergencies."""
        return [item for item in self.local if not emergency(item)]

    @property
    def dated_local(self) -> list[Treatment]:
        """Those that have a date: of these one is the first local treatment."""
        return [item for item in self.planned_local if item.on is not None]

    def by_local(self, on: dt.date | None) -> Fact:
        """Whether a day is on or before the first local treatment; unknown where none has a date."""
        return every(self.dated_local, lambda item: not_after(on, item.on)) if self.dated_local else None

    def before_local(self, on: dt.date | None) -> Fact:
        """Whether a day is before the first local treatment; unknown where none has a date."""
        return every(self.dated_local, lambda item: before(on, item.on)) if self.dated_local else None

    @cached_property
    def begun(self) -> list[Treatment]:
        """The treatments of which the earliest is the first one; rows without a date are left out."""
        planned = [item for item in self.treatments if item.on is not None and not emergency(item)]
        return narrowed(planned, lambda item: not_after(self.detected, item.on))

    @property
    def treated(self) -> Fact:
        """Whether there is a first treatment."""
        return there_is(self.begun)

    def by_first(self, on: dt.date | None) -> Fact:
        """Whether a day is on or before the first treatment; unknown without one."""
        return every(self.begun, lambda item: not_after(on, item.on)) if self.begun else None

    def by_staging_end(self, on: dt.date | None) -> Fact:
        """Whether a day is on or before the first treatment, or the data cut without one."""
        return all3(every(self.begun, lambda item: not_after(on, item.on)), not_after(on, self.cut))

    def first_is(self, treatments: Sequence[Treatment]) -> Fact:
        """Whether the first treatment is one of some; two on the same day are both the first."""
        # Reading: where only treatments without a date are left, they may hold the first one.
        planned = [item for item in treatments if not emergency(item)]
        return some(planned, lambda item: all3(not_after(self.detected, item.on), self.by_first(item.on)))

    # P-OPEN, P-POSTOP, P-PERIOP.

    @cached_property
    def open(self) -> Fact:
        """P-OPEN, but for what the single rule adds."""
        if base.DEATH_CLOSES and text(self.patient, "vital_status") == "dead":
            return False
        limit = None if self.detected is None else self.detected + dt.timedelta(days=base.OPEN_DAYS)
        # Reading: the last day, 183 days after the detection, is still open; only a chosen observation is a decision.
        waiting = all3(
            not3(there_is(self.treatments)),
            text(self.row, "observation_chosen") != "yes",
            not_after(self.cut, limit),
        )
        return any3(waiting, some(self.systemic, self._still_preoperative))

    def _still_preoperative(self, item: Treatment) -> Fact:
        recent = self.cut - dt.timedelta(days=base.OPEN_AFTER_THERAPY_DAYS)
        ended = day(item.row, "ended_on")
        return all3(
            code(item.row, "intent", "preoperative", "conversion"),
            any3(self.under_way(item), before(recent, ended)),
        )

    @property
    def untreated_open(self) -> Fact:
        """P-OPEN of the rules about the first treatment."""
        return all3(self.open, not3(self.treated))

    @cached_property
    def postoperative_open(self) -> Fact:
        """P-POSTOP: the last radical operation is recent."""
        since = self.cut - dt.timedelta(days=base.POSTOPERATIVE_DAYS)
        return some(
            self.local,
            lambda item: all3(
                code(item.row, "modality", "resection"),
                code(item.row, "intent", "radical"),
                not_after(since, item.on),
            ),
        )

    def under_way(self, item: Treatment) -> Fact:
        """Whether systemic therapy was under way at the data cut."""
        return True if no_end(item.row, "ended_on") else (None if day(item.row, "ended_on") is None else False)

    def days(self, item: Treatment, until: tuple[dt.date, dt.date] | None = None) -> tuple[float, float]:
        """The least and the most on-treatment days up to a day between two, by default the data cut."""
        earliest, latest = until or (self.cut, self.cut)
        if item.on is None:
            return 0, float("inf")
        if no_end(item.row, "ended_on"):
            ends = earliest, latest
        else:
            end = day(item.row, "ended_on")
            ends = (item.on, latest) if end is None else (min(end, earliest), min(end, latest))
        return max((ends[0] - item.on).days, 0), max((ends[1] - item.on).days, 0)

    def within_six_months(self) -> tuple[Fact, Fact]:
        """P-PERIOP: (met, can still be met)."""
        least = most = 0.0
        for item in self.systemic:
            counts = all3(item.own, perioperative(item))
            if counts is not False:
                low, high = self.days(item)
                least, most = least + (low if counts else 0), most + high
        if least > base.PERIOPERATIVE_DAYS:
            return False, False
        going = some(self.systemic, lambda item: all3(perioperative(item), self.under_way(item)))
        within = True if most <= base.PERIOPERATIVE_DAYS else None
        if going is False:
            return within, False
        return None, all3(going, within)

    # Its meetings, studies and exceptions.

    def meeting(self, test: Callable[[Treatment], Fact] = lambda item: True) -> Fact:
        """Whether a meeting of the episode passes."""
        found = some(self.meetings, test)
        if any(item.own for item in self.meetings):
            return found
        return any3(found, False if done(self.row, "mdt_discussed") is False else None)

    def discussed_by(self, items: Sequence[Treatment], *topics: str) -> Fact:
        """Whether a meeting, about one of some topics, was held on or before the first of some treatments."""
        return self.meeting(lambda m: all3(about(m, *topics), every(items, lambda item: not_after(m.on, item.on))))

    @cached_property
    def goal(self) -> tuple[str | None, bool]:
        """The goal, and whether it is known; (None, True) where no meeting set one."""
        # Reading: the last meeting that has a goal, among those on or before the first treatment.
        held = [m for m in self.meetings if text(m.row, "goal")]
        if not held:
            missing = [m for m in self.meetings if recorded(m.row, "goal") is None]
            unknown = bool(missing) or self.meeting(lambda m: False) is None
            return None, not unknown
        early = narrowed(held, lambda m: self.by_first(m.on) if self.begun else False)
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

        assessed = [Treatment(item.row, item.own, _assessed_on(item.row)) for item in self.systemic]
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


def _assessed_on(row: Row) -> dt.date | None:
    return day(row, "response_assessed_on") or day(row, "ended_on")


def _silent(row: Row) -> bool:
    """Whether a response may have been assessed although no date says so."""
    return _assessed_on(row) is None and row.get("response_assessed_on") != "ND"


def possible_ends(items: Sequence[Treatment], direction: int) -> list[Treatment]:
    """The items that can be the first of all (1) or the last (-1): by date, then by number."""

    def place(item: Treatment) -> tuple[int, int]:
        assert item.on is not None
        return direction * item.on.toordinal(), direction * int(item.row["record_no"])

    best = min((place(item) for item in items if item.own and item.on), default=None)
    return [item for item in items if item.on is None or best is None or place(item) <= best]
