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
from tests.analytics.naive_rules.record import Record, not_palliative, resected_by

__all__ = ["Episode", "about", "not_palliative", "perioperative", "postoperative", "resected_by"]


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
    def in_situ(self) -> Fact:
        """The primary was in situ when the metastases were found."""
        return not3(resected_by(self.rows, self.detected))

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

    @cached_property
    def _first(self) -> tuple[dt.date | None, bool]:
        planned = [item for item in self.treatments if item.on is not None and not emergency(item)]
        eligible = [(item.on, all3(item.own, not_after(self.detected, item.on))) for item in planned]
        sure = [on for on, fits in eligible if fits and on]
        first = min(sure, default=None)
        doubtful = any(fits is None and on and (first is None or on < first) for on, fits in eligible)
        return (None, False) if doubtful else (first, True)

    @property
    def first(self) -> dt.date | None:
        """The date of the first treatment; None where there is none, or where it is not known."""
        return self._first[0]

    @property
    def treated(self) -> Fact:
        """Whether there is a first treatment; rows without a date are left out."""
        return self._first[0] is not None if self._first[1] else None

    def first_is(self, treatments: Sequence[Treatment]) -> Fact:
        """Whether the first treatment is one of some; two on the same day are both the first."""
        # Reading: where only treatments without a date are left, they may hold the first one.
        planned = [item for item in treatments if not emergency(item)]
        if self.treated is False:
            return some(planned, lambda item: None if item.on is None else False)
        return some(planned, lambda item: None if item.on is None or self.first is None else item.on == self.first)

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

    def days(self, item: Treatment, until: dt.date | None = None) -> tuple[float, float]:
        """The least and the most on-treatment days up to a day, by default the data cut."""
        limit = until or self.cut
        if item.on is None:
            return 0, float("inf")
        end = limit if no_end(item.row, "ended_on") else day(item.row, "ended_on")
        if end is None:
            return 0, (limit - item.on).days
        return (min(end, limit) - item.on).days, (min(end, limit) - item.on).days

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
        sure = sorted((m.on, int(m.row["record_no"]), m.row["goal"]) for m in held if m.own and m.on)
        if not held:
            missing = [m for m in self.meetings if recorded(m.row, "goal") is None]
            unknown = bool(missing) or self.meeting(lambda m: False) is None
            return None, not unknown
        if len({m.row["goal"] for m in held}) == 1 and any(m.own for m in held):
            return held[0].row["goal"], True
        if len(sure) < len(held) or self.treated is None:
            return None, False
        early = [goal for on, _, goal in sure if self.first is not None and on <= self.first]
        return (early[-1] if early else sure[0][2]), True

    def goal_is(self, word: str) -> Fact:
        """Whether the goal is a word."""
        goal, known = self.goal
        return goal == word if known else None

    def last_response(self, until: dt.date | None, *codes: str) -> Fact:
        """Whether the last response assessed on or before a day is one of some."""
        if until is None:
            return None
        dated = [
            (on, int(item.row["record_no"]), item)
            for item in self.systemic
            if (on := day(item.row, "response_assessed_on") or day(item.row, "ended_on")) is not None and on <= until
        ]
        sure = sorted((entry for entry in dated if entry[2].own), key=lambda entry: entry[:2])
        if sure:
            # Reading: of two rows assessed on one day the one with the higher number counts.
            answers = {_response(sure[-1][2].row, codes)}
        else:
            # Reading: no assessment by then is "none" where the rows say so, unknown where a date is missing.
            answers = {any3(*(_unseen(item, until) for item in self.systemic))}
        answers |= {_response(entry[2].row, codes) for entry in dated if entry[2].own is None}
        return answers.pop() if len(answers) == 1 else None

    def staged(self, modality: str) -> Fact:
        """Whether a staging study lies in P-HRCT."""
        opens = None if self.detected is None else self.detected - dt.timedelta(days=base.WORKUP_DAYS)
        closes = self.first or (None if self.treated is None else self.cut)
        return self.logged(
            "workup_log_complete",
            lambda s: all3(code(s.row, "modality", modality), not_after(opens, s.on), not_after(s.on, closes)),
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


def _unseen(item: Treatment, until: dt.date) -> Fact:
    """Whether a row may have been assessed by then although no date says so."""
    dated = day(item.row, "response_assessed_on") or day(item.row, "ended_on")
    silent = dated is None and item.row.get("response_assessed_on") != "ND"
    return None if silent and not_after(item.on, until) is not False else False
