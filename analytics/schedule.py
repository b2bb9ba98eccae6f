"""The surveillance calendar: each window of chest CT after no evidence of disease, and who is overdue.

The windows are those of the follow-up rules; a state here is the outcome there, with what is open divided into what can
be done now and what is to come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.cases import Cases
from analytics.consensus.columns import MISSING, Dates
from analytics.consensus.logic import UNKNOWN, YES, Mask
from analytics.consensus.surveillance import Window

TABLES_READ = (
    *("patient", "primary_tumor", "episode", "metastasis", "study", "systemic_therapy", "local_treatment"),
    "disease_event",
)


class State(StrEnum):
    """What became of a window.

    Done, or closed without a chest CT: missed, or not recorded where the log of studies is not said to be complete.
    Due: it is open; to come: it opens later. Ended: a recurrence or the death came before it closed. Lost: it closed
    after the patient was last heard of. Undetermined: whether the death came before it closed is not known.
    """

    DONE = "done"
    MISSED = "missed"
    NOT_RECORDED = "not recorded"
    DUE = "due"
    TO_COME = "to come"
    ENDED = "ended"
    LOST = "lost"
    UNDETERMINED = "undetermined"


STATES = tuple(State)
_NONE = -1
_OVERDUE = (State.MISSED, State.NOT_RECORDED, State.LOST)

COLUMNS = ("patient_id", "center_id", "episode_no", "ned_on", "month", "opens", "due_on", "closes", "state")


def window_states(cases: Cases) -> Iterator[tuple[Window, npt.NDArray[np.int8]]]:
    """Each window with the position of its state in :data:`STATES` for each episode, -1 without a day of NED."""
    cut, reached = cases.record.cut.days, cases.surveillance.reached.codes == YES
    shown = reached & cases.population.yes
    for window in cases.surveillance.windows:
        open_now = np.where(window.opens.days <= cut, _at(State.DUE), _at(State.TO_COME))
        found = np.where(window.met.codes == UNKNOWN, _at(State.NOT_RECORDED), _at(State.MISSED))
        found = np.where(window.lost.yes, _at(State.LOST), found)
        found = np.where(window.pending.yes, open_now, found)
        found = np.where(window.ended.codes == UNKNOWN, _at(State.UNDETERMINED), found)
        found = np.where(window.ended.yes, _at(State.ENDED), found)
        found = np.where(window.met.yes, _at(State.DONE), found)
        yield window, np.where(shown, found, _NONE).astype(np.int8)


def _at(state: State) -> int:
    return STATES.index(state)


def schedule(cases: Cases) -> pd.DataFrame:
    """The windows of every episode with a day of NED.

    Returns:
        A row a window, by patient, episode and month; :data:`COLUMNS`, and ``days_overdue``: of the last window that
        closed without a chest CT, since then, where no later CT and no recurrence, new episode or death came; NA else;
        ``watched``: whether the patient is still in surveillance.
    """
    windows = list(window_states(cases))
    overdue, watched = overdue_windows(cases, windows), in_surveillance(cases)
    episode, record = cases.record.frames["episode"], cases.record
    cut = record.cut.days
    center = np.asarray(record.patient.table.frame["center_id"].astype(object))
    parts = []
    for at, (window, states) in enumerate(windows):
        rows = np.flatnonzero(states != _NONE)
        late = overdue[rows] == at
        days = np.where(late, cut[rows] - window.closes.days[rows], 0).astype(np.int64)
        assert record.patient.rows is not None
        parts.append(
            pd.DataFrame(
                {
                    "patient_id": episode["patient_id"].to_numpy(dtype=object)[rows],
                    "center_id": center[record.patient.rows[rows]],
                    "episode_no": episode["record_no"].to_numpy(dtype=np.int64)[rows],
                    "ned_on": _dates(cases.surveillance.ned_on.days[rows]),
                    "month": window.month,
                    "opens": _dates(window.opens.days[rows]),
                    "due_on": _dates(cases.surveillance.ned_on.plus_months(window.month).days[rows]),
                    "closes": _dates(window.closes.days[rows]),
                    "state": pd.Categorical.from_codes(states[rows], categories=[str(state) for state in STATES]),
                    "days_overdue": pd.arrays.IntegerArray(days, ~late),
                    "watched": watched[rows],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["patient_id", "episode_no", "month"], ignore_index=True)


def in_surveillance(cases: Cases) -> Mask:
    """The episodes with NED whose patient is alive, without a recurrence or a later episode."""
    surveillance, record = cases.surveillance, cases.record
    dead = record.patient.among("vital_status", ("dead",)).codes == YES
    recurred = surveillance.recurred_on.days != MISSING
    pairs = record.pairs("episode")
    later = pairs.any(pairs.day("detected_on") > pairs.lift(surveillance.ned_on)).codes == YES
    watched: Mask = (surveillance.reached.codes == YES) & cases.population.yes & ~dead & ~recurred & ~later
    return watched


def overdue_windows(cases: Cases, windows: list[tuple[Window, npt.NDArray[np.int8]]]) -> npt.NDArray[np.int64]:
    """For each episode the position of the window for which a chest CT is overdue; -1 where none is.

    The last window that has closed, where no chest CT was done since it opened.
    """
    rows = cases.surveillance.chest_ct
    last_ct = rows.last(rows.day("performed_on")).days
    missed_codes = [_at(state) for state in _OVERDUE]
    found = np.full(cases.record.length, -1, dtype=np.int64)
    for at, (window, states) in enumerate(windows):
        closed = window.closes.days < cases.record.cut.days
        missed = np.isin(states, missed_codes) & (last_ct < window.opens.days)
        found = np.where(closed, np.where(missed, at, -1), found)
    return np.where(in_surveillance(cases), found, -1)


def _dates(days: Dates) -> npt.NDArray[np.datetime64]:
    return days.astype("datetime64[D]").astype("datetime64[s]")


def day(number: int) -> dt.date:
    """A day as the engine counts it, as a date."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(number))
