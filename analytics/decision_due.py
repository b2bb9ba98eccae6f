"""What is due next for an episode, with dates: surveillance, MDT, work-up, tests, therapy after surgery, open time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.consensus.cases import Cases
from analytics.consensus.columns import MISSING, NEVER, Days, earliest
from analytics.consensus.logic import NO, YES, Term
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome
from analytics.decision_meetings import asked_of_the_mdt
from analytics.schedule import STATES, State, day, overdue_windows, window_states

Key = tuple[str, str | None]
"""Rule and part."""


class When(StrEnum):
    """How it stands with what is due."""

    OVERDUE = "overdue"
    NOW = "now"
    TO_COME = "to come"
    OPEN = "open"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due, or was.

    Args:
        text: what.
        when: how it stands.
        since, until: first and last day of its time; None where it has none.
        by: what it has to come before, in words; "" where the dates say it.
        rules: the rules, and parts of rules, that ask for it.
    """

    kind: str
    text: str
    when: When
    since: dt.date | None = None
    until: dt.date | None = None
    by: str = ""
    rules: tuple[Key, ...] = ()


WORKUP = {
    "IMG1": "high-resolution chest CT",
    "IMG3": "chest CT with contrast, for the thoracic nodes",
    "ASM1": "colonoscopy with biopsy and molecular tests of the primary",
    "ASM2": "abdominal CT with contrast",
    "ASM3": "lung function",
    "ASM4": "liver MRI with contrast",
    "ASM5": "pelvic MRI with contrast",
    "ASM6": "bone scan",
}
"""The studies of the work-up by the rule that asks for each."""

_WORKUP_BY = {"ASM1": "", "ASM3": "before local treatment of the lung"}
"""What a study has to come before, where that is not the first treatment; "" for nothing."""

_COMPOSITE_WORKUP = "ASM8"
_MARKERS = {"MOL1a": "KRAS", "MOL1b": "NRAS", "MOL1c": "BRAF", "MOL1d": "MSI or MMR"}
_UNMET = (Outcome.NON_ADHERENT, Outcome.UNDETERMINED_NUMERATOR)


class DueList:
    """What is due for an episode.

    Args:
        cases: of one patient or many.
        outcomes: of each rule and part in the episode.
        row: the episode.
        current: whether it is the patient's last one; only then something is still to be decided in it.
    """

    def __init__(self, cases: Cases, outcomes: Mapping[Key, Outcome], row: int, *, current: bool) -> None:
        self.cases, self.outcomes, self.row, self.current = cases, outcomes, row, current

    def items(self) -> list[Due]:
        """All of it; nothing for a patient who has died."""
        if self._is(self.cases.record.patient.among("vital_status", ("dead",))):
            return []
        found = [*self._surveillance()]
        if self.current:
            found += [*self._meeting(), *self._workup(), *self._tests(), *self._postoperative(), *self._open()]
        return [*found, *self._days_used()]

    def _is(self, term: Term, code: int = YES) -> bool:
        return bool(term.codes[self.row] == code)

    def _on(self, days: Days) -> dt.date | None:
        found = days.days[self.row]
        return None if found in (MISSING, NEVER) else day(int(found))

    @property
    def _cut(self) -> dt.date:
        return day(int(self.cases.record.cut.days[self.row]))

    def _surveillance(self) -> Iterator[Due]:
        windows = list(window_states(self.cases))
        overdue = int(overdue_windows(self.cases, windows)[self.row])
        missed, next_found = [], False
        for at, (window, states) in enumerate(windows):
            state = STATES[states[self.row]] if states[self.row] >= 0 else None
            opens, closes = self._on(window.opens), self._on(window.closes)
            key = self._window_rule(window.month)
            text = f"Chest CT, {window.month} months after NED"
            if at == overdue and closes is not None:
                text += ", not heard of since" if state is State.LOST else ", none recorded since the window opened"
                yield Due("surveillance", text, When.OVERDUE, opens, closes, rules=(key,))
            elif state in (State.MISSED, State.NOT_RECORDED):
                missed.append(f"{window.month}" + (" (not recorded)" if state is State.NOT_RECORDED else ""))
            elif state in (State.DUE, State.TO_COME) and not next_found:
                next_found = True
                when = When.NOW if state is State.DUE else When.TO_COME
                yield Due("surveillance", text, when, opens, closes, rules=(key,))
        if missed:
            yield Due("surveillance", f"Chest CT missed at months {', '.join(missed)} after NED", When.NOTED)

    def _window_rule(self, month: int) -> Key:
        yearly = month in self.cases.readings.surveillance_yearly_months
        return ("FUP3" if yearly else "FUP2", str(month))

    @property
    def _treated(self) -> bool:
        return self._is(self.cases.therapy.treated)

    def _meeting(self) -> Iterator[Due]:
        cases = self.cases
        months = cases.readings.early_phase_months
        early = self._on(earliest((cases.therapy.first_radical, cases.first.plus_months(months))))
        local = self._is(cases.therapy.first_local_of_any_target.known)
        over = {"treatment": self._treated, "early": early is not None and early < self._cut, "local": local, "": False}
        asked = [
            ask
            for ask in asked_of_the_mdt(cases)
            if self._is(ask.needed) and not self._is(ask.met) and not over[ask.before]
        ]
        if asked:
            text = "MDT meeting: " + ", ".join(ask.words for ask in asked)
            by = "" if self._treated else "before the first treatment"
            until = early if self._treated and any(ask.before == "early" for ask in asked) else None
            yield Due("mdt", text, When.NOW, until=until, by=by, rules=tuple((ask.rule_id, None) for ask in asked))

    def _workup(self) -> Iterator[Due]:
        lung_treated = self._is(self.cases.therapy.local.any(self.cases.therapy.target("lung")))
        wanted: dict[str, list[str]] = {}
        for rule in WORKUP:
            by, over = _WORKUP_BY.get(rule, "before the first treatment"), self._treated
            if rule in _WORKUP_BY:
                over = rule == "ASM3" and (lung_treated or self._no_lung_treatment)
            if self.outcomes.get((rule, None)) in _UNMET and not over:
                wanted.setdefault(by, []).append(rule)
        composite = [_COMPOSITE_WORKUP] if self.outcomes.get((_COMPOSITE_WORKUP, None)) in _UNMET else []
        for by, rules in wanted.items():
            text = "Work-up: " + ", ".join(WORKUP[rule] for rule in rules)
            asking = (*rules, *([] if by in _WORKUP_BY.values() else composite))
            yield Due("workup", text, When.NOW, by=by, rules=tuple((rule, None) for rule in asking))

    @property
    def _no_lung_treatment(self) -> bool:
        """Whether local treatment of the lung is not to be expected."""
        return self._is(self.cases.facts.lymphangitic) or self._is(self.cases.episode.says_no("curable"))

    def _tests(self) -> Iterator[Due]:
        missing: dict[Key, str] = {
            ("MOL1", part): name for part, name in _MARKERS.items() if self.outcomes.get(("MOL1", part)) in _UNMET
        }
        if self.outcomes.get(("MOL2", None)) in _UNMET:
            missing["MOL2", None] = "HER2"
        if missing:
            whole: tuple[Key, ...] = (("MOL1", None),) if any(rule == "MOL1" for rule, _ in missing) else ()
            text = "Molecular tests: " + ", ".join(missing.values())
            yield Due("molecular", text, When.NOW, by="before targeted therapy", rules=(*whole, *missing))

    def _pending_by(self, reading: str) -> tuple[Key, ...]:
        return tuple(
            (rule, part)
            for (rule, part), outcome in self.outcomes.items()
            if outcome is Outcome.PENDING and part is None and reading in RULES[rule].readings
        )

    def _postoperative(self) -> Iterator[Due]:
        therapy, readings = self.cases.therapy, self.cases.readings
        rules = self._pending_by("postoperative_days")
        given = therapy.postoperative.any()
        if rules and self._is(therapy.open_postoperative) and not self._is(given):
            operations = therapy.radical.only(therapy.modality("resection"))
            last = self._on(operations.last(therapy.local_started))
            until = None if last is None else last + dt.timedelta(days=readings.postoperative_days)
            yield Due("postoperative", "Postoperative systemic therapy", When.NOW, last, until, rules=rules)

    def _open(self) -> Iterator[Due]:
        rules = tuple(key for key in self._pending_by("open_days") if self._is(self.cases.therapy.open))
        if rules:
            until, by = self._open_until()
            titles = "; ".join(RULES[rule].title for rule, _ in rules)
            yield Due("open", f"Treatment may still come: {titles}", When.OPEN, until=until, by=by, rules=rules)

    def _open_until(self) -> tuple[dt.date | None, str]:
        """The last day on which a missing treatment is not yet counted, or what keeps it open."""
        therapy, record, readings = self.cases.therapy, self.cases.record, self.cases.readings
        rows = therapy.given_for("preoperative", "conversion")
        mine = [link for link in rows.of(self.row) if rows.codes[link] == YES]
        ends = therapy.ended.days[np.array(mine, dtype=np.intp)]
        if (ends == NEVER).any():
            return None, "while preoperative therapy is under way"
        if len(ends) and (ends != MISSING).any():
            last = day(int(ends.max())) + dt.timedelta(days=readings.open_after_preoperative_days - 1)
            return last, ""
        found = self._on(record.detected_on)
        return (None if found is None else found + dt.timedelta(days=readings.open_days)), ""

    def _days_used(self) -> Iterator[Due]:
        therapy, limit = self.cases.therapy, self.cases.readings.perioperative_days
        limited = tuple(
            (rule, part)
            for (rule, part), outcome in self.outcomes.items()
            if part is None
            and "perioperative_days" in RULES[rule].readings
            and outcome not in (Outcome.NOT_APPLICABLE, Outcome.UNDETERMINED_DENOMINATOR)
        )
        if not limited or self._is(therapy.perioperative.any(), NO):
            return
        term = therapy.within(limit)
        used = int(next(seen.text for seen in term.seen(self.row) if seen.column == "days so far"))
        text = f"Perioperative systemic therapy: {used} of {limit} days used"
        if self._is(therapy.may_still_exceed(limit)):
            until = self._cut + dt.timedelta(days=limit - used)
            yield Due("perioperative", f"{text}, under way", When.NOTED, until=until, rules=limited)
        else:
            yield Due("perioperative", text, When.NOTED, rules=limited)
