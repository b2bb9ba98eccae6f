"""Visits and events against each other: free of disease, or not."""

from __future__ import annotations

from registry.checks import clinical
from registry.checks.arrays import Days, Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _nothing_new(data: Data, table: str, column: str, ned: Days) -> Flags:
    """No sign of disease between no evidence of disease and the day of the row, that day included."""
    rows, local = data[table], data["local_treatment"]
    day = rows.days(column)
    quiet = rows.none_between(ned, day, "episode", "detected_on")
    quiet &= rows.none_between(ned, day, "metastasis", "detected_on")
    return quiet & rows.none_between(ned, day, "local_treatment", "local_failure_on", ~local.blank("local_failure_on"))


def _recurrence_without_ned(data: Data) -> Flags:
    event, episode = data["disease_event"], data["episode"]
    # An episode whose date of no evidence of disease is not known reached it all the same.
    reached = ~episode.blank("ned_on")
    never = event.none_until(event.days("occurred_on"), "episode", "ned_on", reached)
    later = event.days("occurred_on") > event.earliest("episode", "detected_on")
    return event.one_of("kind", "recurrence") & never & later


def _progression_after_ned(data: Data) -> Flags:
    event = data["disease_event"]
    day = event.days("occurred_on")
    ned = event.last_until(day - 1, "episode", "ned_on")
    recurrence = ~event.other_than("kind", "recurrence")
    quiet = _nothing_new(data, "disease_event", "occurred_on", ned)
    return (
        event.one_of("kind", "progression")
        & quiet
        & event.none_between(ned, day, "disease_event", "occurred_on", recurrence)
    )


def _event_twice(data: Data) -> Flags:
    return data["disease_event"].repeats("occurred_on", "kind")


def _event_before_primary(data: Data) -> Flags:
    event = data["disease_event"]
    return event.days("occurred_on") < event.of_primary("diagnosed_on")


def _free_before_ned(data: Data) -> Flags:
    visit = data["follow_up"]
    return visit.one_of("disease_status", "ned") & (visit.of_episode("ned_on") > visit.days("seen_on"))


def _diseased_after_ned(data: Data) -> Flags:
    visit = data["follow_up"]
    day = visit.days("seen_on")
    ned = visit.last_until(day - 1, "episode", "ned_on")
    quiet = _nothing_new(data, "follow_up", "seen_on", ned)
    quiet &= visit.none_between(ned, day, "disease_event", "occurred_on")
    return visit.one_of("disease_status", "alive_with_disease") & quiet


def _free_after_event(data: Data) -> Flags:
    visit, event = data["follow_up"], data["disease_event"]
    # A local recurrence is no new episode, so its removal has no date of no evidence of disease of its own.
    distant = event.each_list("sites", lambda codes: codes != ["local"])
    last = visit.last_until(visit.days("seen_on") - 1, "disease_event", "occurred_on", distant)
    return visit.one_of("disease_status", "ned") & (last > visit.of_episode("ned_on"))


def _visit_twice(data: Data) -> Flags:
    return data["follow_up"].repeats("seen_on")


def _visit_before_primary(data: Data) -> Flags:
    visit = data["follow_up"]
    return visit.days("seen_on") < visit.of_primary("diagnosed_on") - clinical.STAGING


def _free_without_ned(data: Data) -> Flags:
    episode, visit = data["episode"], data["follow_up"]
    free = episode.has("follow_up", visit.one_of("disease_status", "ned"), by="episode")
    return episode.blank("ned_on") & free


CHECKS: tuple[Check, ...] = (
    warning(
        "FUP01",
        "A recurrence follows no evidence of disease.",
        "disease_event",
        "kind occurred_on episode.ned_on episode.detected_on",
        _recurrence_without_ned,
        "Enter ned_on of the episode, or record a progression.",
    ),
    warning(
        "FUP02",
        "After no evidence of disease the first event is a recurrence, not a progression.",
        "disease_event",
        "kind occurred_on episode.ned_on",
        _progression_after_ned,
        "Record a recurrence, enter the one before, or correct ned_on of the episode.",
    ),
    warning(
        "FUP03",
        "Events of one kind on one day are one row.",
        "disease_event",
        "occurred_on kind",
        _event_twice,
        "Delete the row that was entered twice, or join the sites of both.",
    ),
    warning(
        "FUP04",
        "No progression or recurrence occurs before the diagnosis of the primary.",
        "disease_event",
        "occurred_on primary_tumor.diagnosed_on",
        _event_before_primary,
        "Correct occurred_on, or diagnosed_on of the primary.",
    ),
    warning(
        "FUP05",
        "A visit does not find the patient free of disease before the episode reached it.",
        "follow_up",
        "disease_status seen_on episode.ned_on",
        _free_before_ned,
        "Correct disease_status or seen_on, or ned_on of the episode.",
    ),
    warning(
        "FUP06",
        "Disease that a visit finds after no evidence of disease has its recurrence in the record.",
        "follow_up",
        "disease_status seen_on episode.ned_on disease_event.occurred_on",
        _diseased_after_ned,
        "Enter the recurrence, or correct disease_status, or ned_on of the episode.",
    ),
    warning(
        "FUP07",
        "A visit does not find the patient free of a disease that came back and was not removed.",
        "follow_up",
        "disease_status seen_on disease_event.occurred_on episode.ned_on",
        _free_after_event,
        "Correct disease_status, or enter the new episode with its ned_on.",
    ),
    warning(
        "FUP08",
        "A visit is entered once a day.",
        "follow_up",
        "seen_on",
        _visit_twice,
        "Delete the row that was entered twice, or join both.",
    ),
    warning(
        "FUP09",
        "Follow-up does not begin more than a month before the diagnosis of the primary.",
        "follow_up",
        "seen_on primary_tumor.diagnosed_on",
        _visit_before_primary,
        "Correct seen_on, or diagnosed_on of the primary.",
    ),
    warning(
        "FUP10",
        "An episode after which a visit found the patient free of disease has the date on which that was reached.",
        "episode",
        "ned_on follow_up.disease_status follow_up.seen_on",
        _free_without_ned,
        "Enter ned_on, with UNK where it is not known, or correct disease_status of the visit.",
    ),
)
