"""One simulated patient while the rows are made: what is so, what was done, and what the records will not tell."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain

from registry.simulate.draws import Draws
from registry.simulate.parameters import CENTERS, END, Center

Cell = str | int | float | bool
Row = dict[str, Cell]
"""One row before it is written: a day is its ordinal number (datetime.date.toordinal), a missing code is text."""

NEVER = 10**7
"""A day that does not come."""


def add_months(day: int, months: int) -> int:
    """The same day of the month so many calendar months later; the last day of a month that is too short."""
    date = dt.date.fromordinal(day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if date.day <= 28:
        return dt.date(year, month + 1, date.day).toordinal()
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(date.day, last)).toordinal()


@cache
def operating_day(day: int) -> int:
    """The day or one of the last three before it: nothing radical is done after the 28th of a month.

    Surveillance windows are calendar months from such a day; so no reading of a month's end changes them.
    """
    return day - max(0, dt.date.fromordinal(day).day - 28)


def day_of(row: Row, column: str) -> int | None:
    """The day in a column; None where it is blank or missing."""
    value = row.get(column)
    return value if isinstance(value, int) else None


class Course:
    """One episode as it truly is, with its rows; `hidden` names the facts that the quality layer withholds."""

    def __init__(self, number: int, detected: int) -> None:
        self.number, self.detected = number, detected
        self.lung = True
        self.row: Row = {"record_no": number, "detected_on": detected}
        self.synchronous = False
        self.subtype = ""
        self.initial = True
        self.sites: list[Row] = []
        """The active extrapulmonary sites: rows of metastasis."""
        self.earlier_sites = False
        """Some site is older than the episode, so that a look at the list settles the sequence."""
        self.lymphangitic = False
        self.local_recurrence = "none"
        self.resectability = ""
        self.lung_curable = False
        self.route = ""
        self.nodes_suspected = self.nodes_involved = False
        self.other_curable = False
        self.by_imaging = False
        self.lobectomy = self.incomplete = False
        self.systemic: list[Row] = []
        self.local: list[Row] = []
        self.meetings: list[Row] = []
        self.studies: list[Row] = []
        self.stains: list[Row] = []
        self.exceptions: dict[str, str] = {}
        """Recorded reasons (rule_exception) by rule."""
        self.documented_preoperative = self.documented_lymphangitic = False
        """A meeting takes down why the consensus is left."""
        self.aims_at_ned = False
        self.workup_complete = self.surveillance_complete = False
        self.surveillance: list[Row] = []
        """The chest CTs after NED, as far as they are recorded."""
        self.ned: int | None = None
        self.recurrence: int | None = None
        self.recurred_in_lung = False
        self.continued = False
        """The recurrence is the next episode, to which the study that found it belongs."""
        self.hidden: set[str] = set()

    @property
    def first_treatment(self) -> int | None:
        """The start of the earliest treatment since detection that was no emergency."""
        starts = [day for row in (*self.systemic, *self.local) if (day := self.start(row)) is not None]
        return min(starts, default=None)

    def start(self, row: Row) -> int | None:
        """The start of a treatment where it can be the first of the episode."""
        day = day_of(row, "started_on")
        return day if day is not None and day >= self.detected and row.get("intent") != "emergency" else None

    def dated_rows(self) -> Iterator[Row]:
        """Every row that can say which episode it belongs to."""
        return chain(self.systemic, self.local, self.meetings, self.studies, self.stains)

    def operations(self, target: str) -> list[Row]:
        """Resections of a target, emergencies too, in their order."""
        return [row for row in self.local if row["target"] == target and row["modality"] == "resection"]

    def given(self, *intents: str) -> list[Row]:
        """Courses of systemic therapy of these intents."""
        return [row for row in self.systemic if row["intent"] in intents]


class Story:
    """One patient: the draws, the center, the rows so far and how long they go on.

    `death` and `horizon` (last day of observation where the patient lives) are known before the rows that they end.
    """

    def __init__(self, draws: Draws, number: int) -> None:
        self.draws, self.number = draws, number
        self.center: Center = CENTERS[0]
        self.adherence: dict[str, float] = {}
        self.patient_id = ""
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.patient: Row = {}
        self.primary: Row = {}
        self.courses: list[Course] = []
        self.birth = 0
        self.male = True
        self.genotype: dict[str, str] = {}
        """What a test of each marker shows, if it is done."""
        self.death, self.horizon = NEVER, END
        self.death_score = 0.0
        self.resected_lung = False
        self.rectum = self.mid_low = False
        self.locally_advanced: bool | None = None
        self.organ_preservation = False
        self.primary_resected: int | None = None
        self.adjuvant: Row | None = None
        self.incurable_primary = False
        self.last_systemic = 0
        self.mistakes: list[str] = []
        self.hidden: set[str] = set()
        """Facts about the patient that the quality layer withholds."""

    @property
    def limit(self) -> int:
        """The last day on which anything of the patient is recorded."""
        return min(self.death, self.horizon)

    @property
    def died(self) -> bool:
        return self.death <= self.horizon

    def follows(self, rule: str) -> bool:
        """Whether the center does what a rule asks, this time."""
        return self.draws.chance(self.adherence[rule])

    def age(self, day: int) -> int:
        """Completed years of age."""
        born, then = dt.date.fromordinal(self.birth), dt.date.fromordinal(day)
        return then.year - born.year - ((then.month, then.day) < (born.month, born.day))

    def add(self, table: str, **cells: Cell) -> Row:
        self.rows[table].append(cells)
        return cells
