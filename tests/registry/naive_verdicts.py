"""Some rules of the consensus over one patient's rows of text, written from the rules and from nothing else.

Slow and plain on purpose: it judges the known truth of the simulator. A fact is True, False or None (unknown).
Only the rules whose truth the simulator knows are here.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Iterator

Row = dict[str, str]
Fact = bool | None
CUT = dt.date(2025, 12, 31)
FAR = dt.date(2199, 1, 1)
MISSING = ("", "UNK", "NASK", "ND", "NAP")


def value(row: Row, column: str) -> str | None:
    cell = row.get(column, "")
    return None if cell in MISSING else cell


def date(row: Row, column: str) -> dt.date | None:
    cell = value(row, column)
    return None if cell is None else dt.date.fromisoformat(cell)


def yes(row: Row, column: str) -> Fact:
    """NAP is false; ND is false of a test or an assessment, and here unknown: of facts about the disease."""
    cell = row.get(column, "")
    return {"yes": True, "no": False, "NAP": False}.get(cell)


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def both(*facts: Fact) -> Fact:
    return False if False in facts else None if None in facts else True


def either(*facts: Fact) -> Fact:
    return True if True in facts else None if None in facts else False


class Patient:
    """The rows of one patient by table."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows
        self.primary = rows["primary_tumor"][0]
        self.person = rows["patient"][0]
        self.episodes = sorted(rows["episode"], key=lambda row: int(row["record_no"]))

    def table(self, name: str) -> list[Row]:
        return self.rows.get(name, [])

    def by_date(self, row: Row, column: str, episode: Row, *, early: int = 0) -> bool:
        """Whether a row belongs to an episode: by its number, else the last episode that had begun."""
        if row["episode_no"]:
            return row["episode_no"] == episode["record_no"]
        day = date(row, column)
        begun = [
            other
            for other in self.episodes
            if day is not None and (date(other, "detected_on") or FAR) - dt.timedelta(days=early) <= day
        ]
        return bool(begun) and begun[-1] is episode

    def dated(self, name: str, column: str, episode: Row) -> list[Row]:
        return [row for row in self.table(name) if self.by_date(row, column, episode, early=90)]


class Episode:
    """One episode with what belongs to it."""

    def __init__(self, patient: Patient, row: Row) -> None:
        self.patient, self.row = patient, row
        self.detected = date(row, "detected_on") or FAR
        self.studies = patient.dated("study", "performed_on", row)
        self.meetings = patient.dated("mdt_meeting", "held_on", row)
        self.exceptions = {
            (other["rule_id"], other["reason"])
            for other in patient.table("rule_exception")
            if other["episode_no"] == row["record_no"]
        }
        self.during_neoadjuvant = False
        self.systemic = self._treatments("systemic_therapy")
        self.local = self._treatments("local_treatment")
        if self.timing() is False and self.in_situ():
            earlier = [row for row in self._earlier_neoadjuvant() if (date(row, "started_on") or FAR) <= self.detected]
            self.during_neoadjuvant = bool(earlier)
            for row in earlier:
                group = self.systemic if "backbone" in row else self.local
                if row not in group:
                    group.append(row)
        starts = [
            day
            for row in (*self.systemic, *self.local)
            if row["intent"] != "emergency" and (day := date(row, "started_on")) and day >= self.detected
        ]
        self.first = min(starts, default=None)

    def _treatments(self, name: str) -> list[Row]:
        found = []
        for row in self.patient.table(name):
            start, end = date(row, "started_on"), date(row, "ended_on")
            if row["episode_no"]:
                belongs = row["episode_no"] == self.row["record_no"]
            else:
                under_way = (
                    start is not None
                    and start <= self.detected
                    and row["ended_on"] != "UNK"
                    and (end is None or end >= self.detected)
                    and name == "systemic_therapy"
                )
                belongs = under_way or self.patient.by_date(row, "started_on", self.row)
            if belongs:
                found.append(row)
        return found

    def _earlier_neoadjuvant(self) -> Iterator[Row]:
        yield from (row for row in self.patient.table("systemic_therapy") if row["intent"] == "preoperative")
        for row in self.patient.table("local_treatment"):
            if row["target"] == "primary" and row["modality"] == "radiotherapy":
                yield row

    # Definitions.

    def timing(self) -> Fact:
        """True where synchronous."""
        limit = date(self.patient.primary, "workup_completed_on") or date(self.patient.primary, "first_treated_on")
        return None if limit is None else self.detected <= limit

    def in_situ(self) -> bool:
        return not any(
            row["target"] == "primary"
            and row["modality"] == "resection"
            and row["intent"] != "palliative"
            and row["residual_tumor"] != "R2"
            and (date(row, "started_on") or FAR) <= self.detected
            for row in self.patient.table("local_treatment")
        )

    def active(self) -> list[Row]:
        return [
            row
            for row in self.patient.table("metastasis")
            if (date(row, "detected_on") or FAR) <= self.detected + dt.timedelta(days=31)
            and (date(row, "resolved_on") or FAR) >= self.detected
        ]

    def non_initial(self) -> Fact:
        if self.timing():
            return False
        before = self.detected - dt.timedelta(days=31)
        if any((date(row, "detected_on") or FAR) < before for row in self.patient.table("metastasis")):
            return None if self.timing() is None else True
        return False if self.row["other_sites_assessed"] == "yes" else None

    def route(self) -> str:
        lymphangitic, non_initial = yes(self.row, "lymphangitic"), self.non_initial()
        if lymphangitic is not False:
            return "R-LYM" if lymphangitic else "undetermined"
        if non_initial is not False:
            return "R-NIN" if non_initial else "undetermined"
        if len(self.active()) >= 2:
            return "R-MUL"
        if self.row["other_sites_assessed"] != "yes":
            return "undetermined"
        if self.active():
            return "R-LIV"
        recurrence = value(self.row, "local_recurrence") or ("none" if self.in_situ() else None)
        incurable = self.patient.primary["curable"] == "no" and bool(self.systemic)
        resectability = value(self.row, "resectability")
        if recurrence == "unresectable" or incurable:
            return "R-UNR"
        if recurrence is None or resectability is None:
            return "undetermined"
        if resectability != "resectable":
            return "R-POT" if resectability == "potentially_resectable" else "R-UNR"
        if self.timing() or self.in_situ() or recurrence == "resectable":
            return "R-SYN"
        return "R-MET"

    def on(self, *routes: str) -> Fact:
        route = self.route()
        return None if route == "undetermined" else route in routes

    def rectum(self) -> Fact:
        site = value(self.patient.primary, "site")
        return None if site is None else site == "rectum"

    def mid_low(self) -> Fact:
        height = value(self.patient.primary, "rectal_height_cm")
        return both(self.rectum(), None if height is None else float(height) <= 10)

    def locally_advanced(self) -> Fact:
        c_t, c_n = value(self.patient.primary, "c_t"), value(self.patient.primary, "c_n")
        deep = None if c_t in (None, "TX") else c_t[:2] in ("T3", "T4")
        nodes = None if c_n in (None, "NX") else c_n[:2] in ("N1", "N2")
        return either(deep, nodes)

    # What was done.

    def lung_operations(self) -> list[Row]:
        return [row for row in self.local if row["target"] == "lung" and row["modality"] == "resection"]

    def perioperative(self) -> list[Row]:
        return [row for row in self.systemic if row["intent"] in ("preoperative", "conversion", "postoperative")]

    def staged(self, modality: str) -> Fact:
        opens, closes = self.detected - dt.timedelta(days=90), self.first or CUT
        if any(row["modality"] == modality and opens <= date(row, "performed_on") <= closes for row in self.studies):
            return True
        return False if self.row["workup_log_complete"] == "yes" else None

    def meeting(self, *, until: dt.date = FAR, topic: str = "") -> Fact:
        """A meeting of the episode until a day, about a topic."""
        if not self.meetings:
            return False if self.row["mdt_discussed"] == "no" else None
        inside = [row for row in self.meetings if date(row, "held_on") <= until]
        if not topic:
            return bool(inside)
        named = (value(row, "topics") for row in inside)
        return either(False, *(None if topics is None else topic in topics.split(";") for topics in named))

    def within_six_months(self) -> Fact:
        days, open_end = 0, False
        for row in self.perioperative():
            if row["ended_on"] == "UNK":
                open_end = True
            else:
                days += ((date(row, "ended_on") or CUT) - date(row, "started_on")).days
        return False if days > 183 else None if open_end else True


def outcome(applies: Fact, met: Fact, *, excluded: bool = False, excepted: bool = False) -> str:
    if applies is False:
        return "not_applicable"
    if applies is None:
        return "undetermined_denominator"
    if excluded:
        return "excluded"
    if met is None:
        return "undetermined_numerator"
    if met:
        return "adherent"
    return "exception" if excepted else "non_adherent"


def verdicts(patient: Patient) -> Iterator[tuple[str, str, str, str]]:
    """(episode, rule, part, outcome) for the episodes with lung metastases."""
    if patient.person["consent_status"] == "withdrawn":
        return
    for row in patient.episodes:
        if row["lung_involved"] == "yes":
            episode = Episode(patient, row)
            for rule_id, verdict in _by_episode(episode):
                yield row["record_no"], rule_id, "", verdict
            for rule_id, part, verdict in _follow_up(episode):
                yield row["record_no"], rule_id, part, verdict


def _by_episode(e: Episode) -> Iterator[tuple[str, str]]:
    row = e.row

    def excepted(rule_id: str, *reasons: str) -> bool:
        return any((rule_id, reason) in e.exceptions for reason in reasons)

    untreated = e.first is None
    before = e.meeting(until=e.first or FAR)
    yield "GEN1", outcome(True, before, excluded=untreated)
    goals = [{"ned": True, "palliative": True, "ND": False}.get(meeting["goal"]) for meeting in e.meetings]
    yield "GEN3", outcome(True, either(*goals) if goals else e.meeting(), excluded=untreated)
    yield "IMG1", outcome(True, e.staged("chest_ct_high_resolution"))
    finders = [study["modality"] for study in e.studies if study["found_metastases"] == "yes"]
    yield "IMG2", outcome(True if finders else None, not set(finders) & {"chest_xray", "chest_mri"})
    nodes = value(row, "thoracic_nodes")
    yield (
        "IMG3",
        outcome(
            None if nodes is None else nodes != "none",
            e.staged("chest_ct_contrast"),
            excepted=excepted("IMG3", "contraindication"),
        ),
    )
    basis = value(row, "basis")
    yield "PAT2", outcome(None if basis is None else basis == "imaging_mdt", yes(row, "differential_documented"))
    for rule_id, markers in (("MOL1", ("kras", "nras", "braf", "msi_mmr")), ("MOL2", ("her2",))):
        tested = both(*(_tested(e.patient, marker) for marker in markers))
        yield rule_id, outcome(True, tested, excepted=excepted(rule_id, "no_tissue"))

    lymphangitic = yes(row, "lymphangitic")
    lung_local = [
        day
        for local in e.local
        if local["intent"] != "emergency"
        and (local["target"] == "lung" or local["intent"] == "radical")
        and (day := date(local, "started_on")) is not None
        and day >= e.detected
    ]
    discussed = any(
        "lymphangitic_local_treatment" in meeting["topics"] and date(meeting, "held_on") < min(lung_local, default=FAR)
        for meeting in e.meetings
    )
    yield (
        "LYM1",
        outcome(lymphangitic, not lung_local, excepted=discussed or excepted("LYM1", "mdt_decision")),
    )
    refused = ("performance_status", "refusal")
    yield "LYM2", outcome(lymphangitic, bool(e.systemic), excepted=excepted("LYM2", *refused, "mdt_decision"))
    yield "EMG1", _emergency(e)
    yield from _operations(e, excepted)
    yield from _routes(e, excepted, before)


def _tested(patient: Patient, marker: str) -> Fact:
    results = [row["result"] for row in patient.table("molecular_test") if row["marker"] == marker]
    return either(*({"not_done": False, "unknown": None}.get(result, True) for result in results)) if results else None


def _emergency(e: Episode) -> str:
    if e.row["emergency"] in ("none", "NAP"):
        return "not_applicable"
    since = date(e.row, "emergency_on")
    others = [
        day
        for row in (*e.systemic, *e.local)
        if row["intent"] != "emergency" and (day := date(row, "started_on")) and since and day >= since
    ]
    emergencies = [row for row in e.local if row["intent"] == "emergency"]
    if not others:
        return "adherent"
    if any(date(row, "started_on") is None for row in emergencies):
        return "undetermined_numerator"
    managed = [day for row in emergencies if (day := date(row, "started_on")) and since and day >= since]
    return outcome(True, bool(managed) and min(managed) <= min(others))


def _operations(e: Episode, excepted: Callable[..., bool]) -> Iterator[tuple[str, str]]:
    row = e.row
    operations = e.lung_operations()
    unsuitable = value(row, "surgery_unsuitable_reason") is not None
    progressed = any(
        given["intent"] == "preoperative" and (given["best_response"] == "PD" or given["stop_reason"] == "progression")
        for given in e.systemic
    )
    radical = any(operation["intent"] == "radical" for operation in operations)
    yield "SUR1", outcome(e.on("R-SYN"), radical, excepted=unsuitable or progressed)
    small = both(
        *(
            None if value(operation, "procedure") is None else operation["procedure"] in ("wedge", "segmentectomy")
            for operation in operations
        )
    )
    accepted = any(operation["lobectomy_reason"] in ("deep", "bleeding") for operation in operations)
    yield "SUR3", outcome(bool(operations), small, excepted=accepted)
    lobectomy = [None if value(o, "procedure") is None else o["procedure"] == "lobectomy" for o in operations]
    reasons = [value(o, "lobectomy_reason") for o in operations if o["procedure"] == "lobectomy"]
    met = both(*(None if reason is None else reason in ("deep", "bleeding") for reason in reasons))
    yield "SUR4", outcome(either(False, *lobectomy), met)

    primary = [
        date(o, "started_on")
        for o in e.local
        if o["target"] == "primary" and o["modality"] == "resection" and o["intent"] != "palliative"
    ]
    lung = [date(o, "started_on") for o in operations]
    radiated = [date(o, "started_on") for o in e.local if o["target"] == "primary" and o["modality"] == "radiotherapy"]
    given = [date(s, "started_on") for s in e.systemic]
    after = [date(s, "started_on") for s in e.systemic if s["intent"] == "postoperative"]
    complete = (
        bool(primary and lung)
        and any(day < min(primary) for day in given)
        and any(day < min(primary) for day in radiated)
        and min(lung) >= min(primary)
        and any(day > max(*lung, *primary) for day in after)
    )
    yield (
        "TB2A",
        outcome(
            both(e.on("R-SYN"), e.mid_low(), e.locally_advanced()),
            complete,
            excluded=e.patient.primary["organ_preservation"] == "yes",
            excepted=excepted("TB2A", "refusal", "toxicity", "performance_status", "contraindication"),
        ),
    )
    first = min((*primary, *lung), default=None)
    upfront = first is not None and not any(day < first for day in (*given, *radiated))
    backbones = [value(s, "backbone") for s in e.systemic if s["intent"] == "postoperative"]
    oxaliplatin = either(False, *(None if b is None else b == "oxaliplatin" for b in backbones))
    yield (
        "PER1",
        outcome(
            both(e.on("R-SYN"), e.rectum(), upfront),
            both(oxaliplatin, e.within_six_months()),
            excepted=excepted("PER1", "performance_status", "refusal", "complication"),
        ),
    )
    around = bool(e.perioperative())
    yield "PER2", outcome(both(e.on("R-SYN"), e.rectum(), around), e.within_six_months())
    yield "MET5", outcome(both(e.on("R-MET"), around), e.within_six_months())
    documented = any("preoperative_systemic" in meeting["topics"] for meeting in e.meetings)
    yield (
        "MET1",
        outcome(e.on("R-MET"), e.first is not None and e.first in lung, excepted=unsuitable or documented),
    )


def _routes(e: Episode, excepted: Callable[..., bool], before: Fact) -> Iterator[tuple[str, str]]:
    row = e.row
    refused = ("performance_status", "refusal")
    potential = value(row, "resectability")
    yield (
        "POT1",
        outcome(None if potential is None else potential == "potentially_resectable", e.meeting(topic="resectability")),
    )
    silent = row["symptomatic"] == "no" and row["local_recurrence"] != "unresectable"
    observed = row["observation_chosen"] == "yes" and silent
    yield "UNR1", outcome(e.on("R-UNR"), bool(e.systemic), excepted=observed or excepted("UNR1", *refused))
    curable = both(yes(row, "curable"), *(yes(site, "curable") for site in e.active()))
    planned = [treated for treated in e.local if treated["intent"] != "emergency"]
    local = [day for treated in planned if (day := date(treated, "started_on")) is not None]
    sequence = e.meeting(until=min(local, default=FAR), topic="sequence")
    yield "LIV5", outcome(both(e.on("R-LIV"), curable, bool(local)), sequence)
    systemic = [date(given, "started_on") for given in e.systemic]
    yield "MUL1", outcome(e.on("R-MUL"), e.first in systemic, excepted=excepted("MUL1", *refused))
    recorded = [
        {"ND": False}.get(row[column], None if row[column] in MISSING else True)
        for column in ("ecog", "prior_treatment_review", "drug_free_months", "biology_note")
    ]
    yield "NIN1", outcome(both(e.non_initial(), e.first is not None), both(before, *recorded))


def _follow_up(e: Episode) -> Iterator[tuple[str, str, str]]:
    ned = date(e.row, "ned_on")
    if ned is None:
        radical = any(
            row["target"] == "lung" and row["intent"] == "radical" and row["residual_tumor"] not in ("R1", "R2")
            for row in e.local
        )
        for rule_id in ("FUP1", "FUP2", "FUP3"):
            yield rule_id, "", "undetermined_denominator" if radical else "not_applicable"
        return
    person = e.patient.person
    recurrences = [
        day
        for event in e.patient.table("disease_event")
        if event["kind"] == "recurrence" and (day := date(event, "occurred_on")) and day >= ned
    ]
    ended = min((*recurrences, date(person, "death_on") or FAR))
    last = date(person, "last_contact_on") or CUT
    complete = e.row["surveillance_log_complete"] == "yes"
    scans = [
        date(study, "performed_on")
        for study in e.studies
        if study["modality"].startswith("chest_ct_") and date(study, "performed_on") > ned
    ]
    stop = min(ended, last, CUT)
    yield "FUP1", "", outcome(months_later(ned, 8) <= stop, True if scans else False if complete else None)
    for month, tolerance in ((6, 2), (12, 2), (18, 2), (24, 2), (30, 2), (36, 2), (48, 3), (60, 3)):
        opens, closes = months_later(ned, month - tolerance), months_later(ned, month + tolerance)
        if any(opens <= day <= closes for day in scans):
            verdict = "adherent"
        elif closes > ended:
            verdict = "not_applicable"
        elif closes > CUT:
            verdict = "pending"
        elif closes > last:
            verdict = "not_applicable"
        else:
            verdict = "non_adherent" if complete else "undetermined_numerator"
        yield "FUP2" if month <= 36 else "FUP3", str(month), verdict


def patients(tables: dict[str, Iterable[Row]]) -> Iterator[tuple[str, Patient]]:
    """Patients of a data folder that has been read."""
    grouped: dict[str, dict[str, list[Row]]] = {}
    for name, rows in tables.items():
        for row in rows:
            if row.get("patient_id"):
                grouped.setdefault(row["patient_id"], {}).setdefault(name, []).append(row)
    for patient_id, rows in grouped.items():
        yield patient_id, Patient(rows)
