"""The classification again, slowly: one episode at a time, plain Python over cells, from the definitions and not from
the engine. Unknown is None."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, str]
Rows = Mapping[str, Sequence[Row]]
CODES = ("UNK", "ND", "NAP", "NASK")
SITE_MARGIN = dt.timedelta(days=31)
MID_LOW_CM = 10.0
"""P-MIDLOW: at most so high the rectum is middle or low."""


def all3(*terms: bool | None) -> bool | None:
    """All of them, three-valued."""
    if any(term is False for term in terms):
        return False
    return None if any(term is None for term in terms) else True


def any3(*terms: bool | None) -> bool | None:
    """Any of them, three-valued."""
    if any(term is True for term in terms):
        return True
    return None if any(term is None for term in terms) else False


def not3(term: bool | None) -> bool | None:
    """The opposite, three-valued."""
    return None if term is None else not term


def text(row: Row | None, column: str) -> str | None:
    """A value; None where there is none."""
    cell = (row or {}).get(column, "")
    return None if cell == "" or cell in CODES else cell


def day(row: Row | None, column: str) -> dt.date | None:
    """A date."""
    found = text(row, column)
    return None if found is None else dt.date.fromisoformat(found)


def yes_no(row: Row, column: str) -> bool | None:
    """A yes/no cell; not applicable is no."""
    cell = row.get(column, "")
    return {"yes": True, "no": False, "NAP": False}.get(cell)


def among(value: str | None, yes: Sequence[str], no: Sequence[str]) -> bool | None:
    """Whether a code is one of some."""
    return True if value in yes else False if value in no else None


def not_after(first: dt.date | None, second: dt.date | None) -> bool | None:
    """Whether a day is on or before another."""
    return None if first is None or second is None else first <= second


def no_end(row: Row, column: str) -> bool:
    """A date left open on purpose."""
    return row.get(column, "") in ("", "NAP")


def months_later(start: dt.date, months: int) -> dt.date:
    """So many calendar months later."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def classified(rows: Rows) -> dict[tuple[str, int], dict[str, Any]]:
    """What every episode is, by patient and number. The rows are those that exist at the data cut."""
    found = {}
    for patient in rows["patient"]:
        if patient.get("consent_status") == "withdrawn":
            continue
        own = {
            table: [r for r in rows.get(table, ()) if r.get("patient_id") == patient["patient_id"]] for table in rows
        }
        for episode in own.get("episode", ()):
            found[patient["patient_id"], int(episode["record_no"])] = _episode(own, episode)
    return found


def _episode(own: Rows, episode: Row) -> dict[str, Any]:
    primary = next(iter(own.get("primary_tumor", ())), None)
    found_on = day(episode, "detected_on")
    limit = day(primary, "workup_completed_on") or day(primary, "first_treated_on")
    synchronous = not_after(found_on, limit)
    in_situ, resected_on = _in_situ(own, found_on)
    few, many, sites, earlier = _sites(own, episode, found_on)
    non_initial = all3(not3(synchronous), earlier)
    metachronous_initial = all3(not3(synchronous), not3(non_initial))
    neoadjuvant = _neoadjuvant(own, found_on)
    during = all3(metachronous_initial, in_situ, neoadjuvant)
    interval = synchronous is False and in_situ is False and found_on and resected_on
    cases = _cases(own, episode, primary, synchronous, in_situ, non_initial, few, many, during)
    return {
        "timing": _word(synchronous, "synchronous", "metachronous"),
        "subtype": (
            "after_resection"
            if all3(metachronous_initial, not3(in_situ))
            else "during_neoadjuvant"
            if during
            else "gap"
            if all3(metachronous_initial, in_situ, not3(neoadjuvant))
            else None
        ),
        "sequence": _word(non_initial, "non_initial", "initial"),
        "extent": _word(few, "non_isolated", "isolated"),
        "extrapulmonary_sites": sites,
        "oligometastatic": not3(many),
        "mid_low_rectum": _mid_low(primary),
        "locally_advanced": any3(
            among(text(primary, "c_t"), ("T3", "T4", "T4a", "T4b"), ("T0", "Tis", "T1", "T2")),
            among(text(primary, "c_n"), ("N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b"), ("N0",)),
        ),
        "lung_involved": yes_no(episode, "lung_involved"),
        "route": _route(cases),
        "dfi_days": (found_on - resected_on).days if interval and found_on and resected_on else None,
        "omd_class": _omd(own, episode, primary, many),
    }


def _word(holds: bool | None, yes: str, no: str) -> str:
    return "undetermined" if holds is None else yes if holds else no


def _of_primary(row: Row, modality: str) -> bool | None:
    """Whether a local treatment is one of the primary by some modality."""
    found = [(text(row, "target"), "primary"), (text(row, "modality"), modality)]
    return all3(*(None if word is None else word == wanted for word, wanted in found))


def _removals(own: Rows) -> list[tuple[bool | None, dt.date | None]]:
    """The days of the resections that left no primary in situ, each with whether it is one."""
    found = [
        (_of_primary(row, "resection"), day(row, "started_on"))
        for row in own.get("local_treatment", ())
        if text(row, "residual_tumor") != "R2" and text(row, "intent") != "palliative"
    ]
    return [(counts, on) for counts, on in found if counts is not False]


def _in_situ(own: Rows, on: dt.date | None) -> tuple[bool | None, dt.date | None]:
    removals = _removals(own)
    first = min((found for counts, found in removals if counts and found), default=None)
    removed = any3(*(all3(counts, not_after(found, on)) for counts, found in removals))
    return (None if on is None else not3(removed)), first


def _sites(own: Rows, episode: Row, on: dt.date | None) -> tuple[bool | None, bool | None, int | None, bool | None]:
    """One site or more, two or more, their number, and any found in an earlier staging episode."""
    complete = yes_no(episode, "other_sites_assessed") is True
    sure: set[str] = set()
    possible: set[str] = set()
    unnamed = unnamed_sure = 0
    earlier: list[bool | None] = []
    for row in own.get("metastasis", ()):
        found = day(row, "detected_on")
        near = None if on is None or found is None else found <= on + SITE_MARGIN
        still = no_end(row, "resolved_on") or not_after(on, day(row, "resolved_on"))
        active = all3(near, still)
        earlier.append(None if on is None or found is None else found < on - SITE_MARGIN)
        site = text(row, "site")
        if active is False:
            continue
        if site is None:
            unnamed += 1
            unnamed_sure += active is True
        else:
            possible.add(site)
            if active:
                sure.add(site)
    least, most = max(len(sure), min(unnamed_sure, 1)), len(possible) + unnamed

    def at_least(number: int) -> bool | None:
        return True if least >= number else False if complete and most < number else None

    known = least if complete and least == most else None
    return at_least(1), at_least(2), known, any3(*earlier, False if complete else None)


def _not_palliative(row: Row) -> bool | None:
    intent = text(row, "intent")
    return None if intent is None else intent != "palliative"


def _neoadjuvant(own: Rows, on: dt.date | None) -> bool | None:
    systemic = [
        all3(_not_palliative(row), not_after(day(row, "started_on"), on)) for row in own.get("systemic_therapy", ())
    ]
    radiotherapy = [
        all3(_of_primary(row, "radiotherapy"), not_after(day(row, "started_on"), on))
        for row in own.get("local_treatment", ())
    ]
    return any3(*systemic, *radiotherapy)


def _under_way(row: Row, on: dt.date | None) -> bool | None:
    not_ended = True if no_end(row, "ended_on") else not_after(on, day(row, "ended_on"))
    return all3(not_after(day(row, "started_on"), on), not_ended)


def _belongs(own: Rows, episode: Row, row: Row) -> bool | None:
    if (number := text(row, "episode_no")) is not None:
        return number == episode["record_no"]
    candidates, mine, left_open = {}, False, False
    for other in own["episode"]:
        on = day(other, "detected_on")
        candidate = any3(not_after(on, day(row, "started_on")), _under_way(row, on))
        left_open |= candidate is None
        mine |= other is episode and candidate is not False
        if candidate and on:
            candidates[on, int(other["record_no"])] = other
    if not mine:
        return False
    return None if left_open else candidates[max(candidates)] is episode


def _mid_low(primary: Row | None) -> bool | None:
    site, height = text(primary, "site"), text(primary, "rectal_height_cm")
    return all3(None if site is None else site == "rectum", None if height is None else float(height) <= MID_LOW_CM)


def possible_routes(rows: Rows, episode: Row) -> set[str]:
    """The routes that an episode can have, whatever the unknown facts turn out to be.

    Args:
        rows: of the patient, those that exist at the data cut.
        episode: one of them.
    """
    primary = next(iter(rows.get("primary_tumor", ())), None)
    found_on = day(episode, "detected_on")
    synchronous = not_after(found_on, day(primary, "workup_completed_on") or day(primary, "first_treated_on"))
    in_situ, _ = _in_situ(rows, found_on)
    few, many, _, earlier = _sites(rows, episode, found_on)
    non_initial = all3(not3(synchronous), earlier)
    during = all3(not3(synchronous), not3(non_initial), in_situ, _neoadjuvant(rows, found_on))
    found = set()
    for name, holds in _cases(rows, episode, primary, synchronous, in_situ, non_initial, few, many, during):
        if holds is not False:
            found.add(name)
        if holds:
            break
    return found


def _route(cases: Sequence[tuple[str, bool | None]]) -> str:
    """The first case that holds; where one before it is unknown, undetermined."""
    for name, holds in cases:
        if holds is None:
            return "undetermined"
        if holds:
            return name
    raise AssertionError("no case")


def _cases(
    own: Rows,
    episode: Row,
    primary: Row | None,
    synchronous: bool | None,
    in_situ: bool | None,
    non_initial: bool | None,
    few: bool | None,
    many: bool | None,
    during: bool | None,
) -> list[tuple[str, bool | None]]:
    recurrence = text(episode, "local_recurrence")
    if recurrence is None and in_situ:
        recurrence = "none"
    resectability = text(episode, "resectability")
    systemic = own.get("systemic_therapy", ())
    given = any3(*(_belongs(own, episode, row) for row in systemic))
    if text(primary, "curable") == "no":
        before = any3(
            *(
                all3(_not_palliative(row), not_after(day(row, "started_on"), day(episode, "detected_on")))
                for row in systemic
                if text(row, "episode_no") in (None, episode["record_no"])
            )
        )
        incurable = any3(given, all3(during, before))
    else:
        incurable = False
    unresectable = any3(
        None if recurrence is None else recurrence == "unresectable",
        incurable,
        None if resectability is None else resectability == "unresectable",
    )
    as_synchronous = any3(synchronous, in_situ, None if recurrence is None else recurrence == "resectable")
    potentially = None if resectability is None else resectability == "potentially_resectable"
    return [
        ("none", not3(yes_no(episode, "lung_involved"))),
        ("R-LYM", yes_no(episode, "lymphangitic")),
        ("R-NIN", non_initial),
        ("R-MUL", many),
        ("R-LIV", few),
        ("R-UNR", unresectable),
        ("R-POT", potentially),
        ("R-SYN", as_synchronous),
        ("R-MET", not3(as_synchronous)),
    ]


def _omd(own: Rows, episode: Row, primary: Row | None, many: bool | None) -> str:
    induced, on = yes_no(episode, "prior_polymetastatic"), day(episode, "detected_on")
    earlier = any3(*(_is_earlier(other, episode) for other in own["episode"] if other is not episode))
    diagnosed = day(primary, "diagnosed_on")
    soon = None if on is None or diagnosed is None else on <= months_later(diagnosed, 6)
    if many is None or (not many and induced is None):
        return "undetermined"
    if many:
        return "outside"
    if induced:
        state = "induced"
    elif earlier is None:
        return "undetermined"
    elif earlier:
        state = "repeat"
    elif soon is None:
        return "undetermined"
    elif soon:
        return "de_novo_synchronous"
    else:
        state = "de_novo_metachronous"
    under = any3(*(_under_way(row, on) for row in own.get("systemic_therapy", ())))
    growing = yes_no(episode, "progressing_lesion")
    if under is None or (under and growing is None):
        return "undetermined"
    if not under:
        return f"{state}_oligorecurrence"
    if growing:
        return f"{state}_oligoprogression"
    return "undetermined" if state == "de_novo_metachronous" else f"{state}_oligopersistence"


def _is_earlier(other: Row, episode: Row) -> bool | None:
    first, second = day(other, "detected_on"), day(episode, "detected_on")
    if first is None or second is None:
        return None
    return (first, int(other["record_no"])) < (second, int(episode["record_no"]))
