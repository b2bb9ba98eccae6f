"""The course of episodes: found, treated, free of disease, found again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Flags, take, take_flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _out_of_order(data: Data) -> Flags:
    episode = data["episode"]
    detected = episode.days("detected_on")
    return detected <= take(detected, episode.previous("record_no"))


def _again_without_ned(data: Data) -> Flags:
    episode = data["episode"]
    next_one = episode.following("record_no")
    # Polymetastatic disease that a therapy reduced to few metastases comes back without ever having been away.
    induced = take_flags(episode.yes("prior_polymetastatic"), next_one)
    return episode.blank("ned_on") & (next_one >= 0) & ~induced


def _again_before_ned(data: Data) -> Flags:
    episode = data["episode"]
    detected = episode.days("detected_on")
    again = take(detected, episode.following("record_no"))
    return (episode.days("ned_on") > again) & (again > detected)


def _again_without_recurrence(data: Data) -> Flags:
    episode = data["episode"]
    detected = episode.days("detected_on")
    ned = take(episode.days("ned_on"), episode.previous("record_no"))
    recurrence = ~data["disease_event"].other_than("kind", "recurrence")
    until = detected + clinical.STAGING
    missing = episode.none_between(ned - 1, until, "disease_event", "occurred_on", recurrence)
    return (ned <= detected) & missing


def _synchronous_again(data: Data) -> Flags:
    episode = data["episode"]
    later = episode.previous("record_no") >= 0
    return later & (episode.days("detected_on") <= episode.of_primary("workup_completed_on"))


def _ned_before_detection(data: Data) -> Flags:
    episode = data["episode"]
    return episode.days("ned_on") < episode.days("detected_on")


def _treated_after_ned(data: Data) -> Flags:
    episode, local = data["episode"], data["local_treatment"]
    ned, started = local.of_episode("ned_on"), local.days("started_on")
    # After a recurrence radical treatment starts anew and says nothing about the earlier state.
    free = local.none_between(ned, started, "disease_event", "occurred_on")
    free &= ~(local.earliest("local_treatment", "local_failure_on", by="episode") <= started)
    late = clinical.radical(data) & (started > ned) & free
    return episode.has("local_treatment", late, by="episode")


def _ned_after_incomplete_resection(data: Data) -> Flags:
    episode, local = data["episode"], data["local_treatment"]
    ned = episode.days("ned_on")
    left = local.one_of("residual_tumor", "R2")
    incomplete = episode.last_until(ned, "local_treatment", "started_on", left)
    cleared = ~episode.none_between(incomplete - 1, ned, "local_treatment", "started_on", ~left)
    cleared |= ~episode.none_between(incomplete - 1, ned, "systemic_therapy", "started_on")
    return (incomplete >= episode.days("detected_on")) & ~cleared


def _ned_untreated(data: Data) -> Flags:
    episode = data["episode"]
    ned, since = episode.days("ned_on"), episode.days("detected_on") - clinical.YEAR
    local = episode.none_between(since, ned, "local_treatment", "started_on")
    return local & episode.none_between(since, ned, "systemic_therapy", "started_on")


def _persistence(data: Data) -> Flags:
    episode, systemic = data["episode"], data["systemic_therapy"]
    first = systemic.earliest("episode", "detected_on")
    unfinished = systemic.blank("ended_on") | (systemic.days("ended_on") >= first)
    treated = episode.has("systemic_therapy", unfinished & (systemic.days("started_on") <= first))
    metachronous = episode.days("detected_on") - episode.of_primary("diagnosed_on") > clinical.HALF_YEAR
    new = (episode.previous("record_no") < 0) & ~episode.yes("prior_polymetastatic")
    return new & metachronous & treated & episode.no("progressing_lesion")


def _without_metastases(data: Data) -> Flags:
    return data["episode"].no("lung_involved") & clinical.without_metastases(data)


def _left_unresolved(data: Data) -> Flags:
    metastasis = data["metastasis"]
    ned = metastasis.first_after(metastasis.days("detected_on") - 1, "episode", "ned_on")
    again = metastasis.first_after(ned, "episode", "detected_on")
    return metastasis.blank("resolved_on") & ~np.isnan(again)


def _resolved_after_ned(data: Data) -> Flags:
    metastasis = data["metastasis"]
    ned = metastasis.last_until(metastasis.days("resolved_on") - 1, "episode", "ned_on")
    return ned >= metastasis.days("detected_on")


def _after_the_next(table: str, column: str) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        rows, episode = data[table], data["episode"]
        following = take(episode.days("detected_on"), episode.following("record_no"))
        return rows.days(column) > take(following, rows.given_episodes())

    return test


def _long_before(table: str, column: str) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        rows = data[table]
        detected = take(data["episode"].days("detected_on"), rows.given_episodes())
        return rows.days(column) < detected - clinical.YEAR

    return test


_GIVEN = (
    ("EPI21", "study", "performed_on", "A study"),
    ("EPI22", "pathology", "sampled_on", "A specimen"),
    ("EPI23", "mdt_meeting", "held_on", "A meeting"),
    ("EPI24", "systemic_therapy", "started_on", "Systemic therapy"),
    ("EPI25", "local_treatment", "started_on", "Local treatment"),
)
_LONG_BEFORE = (
    ("EPI31", "study", "performed_on", "A study", "was done"),
    ("EPI32", "systemic_therapy", "ended_on", "Systemic therapy", "ended"),
    ("EPI33", "local_treatment", "started_on", "Local treatment", "started"),
)

CHECKS: tuple[Check, ...] = (
    warning(
        "EPI01",
        "Episodes are numbered in the order in which they were found.",
        "episode",
        "detected_on record_no",
        _out_of_order,
        "Correct detected_on, or number the episodes in their order.",
    ),
    warning(
        "EPI02",
        "An episode that another one follows reached no evidence of disease, polymetastatic disease between excepted.",
        "episode",
        "ned_on detected_on prior_polymetastatic",
        _again_without_ned,
        "Enter ned_on, or record what was found later as a progression within this episode.",
    ),
    warning(
        "EPI03",
        "An episode reached no evidence of disease before the next one was found.",
        "episode",
        "ned_on detected_on",
        _again_before_ned,
        "Correct ned_on, or detected_on of the next episode.",
    ),
    warning(
        "EPI04",
        "A new episode after no evidence of disease has its recurrence in disease_event.",
        "episode",
        "detected_on disease_event.occurred_on disease_event.kind",
        _again_without_recurrence,
        "Enter the recurrence: recurrence-free survival is counted from disease_event.",
    ),
    warning(
        "EPI05",
        "Only the first episode is synchronous with the primary.",
        "episode",
        "detected_on primary_tumor.workup_completed_on",
        _synchronous_again,
        "Correct detected_on, or workup_completed_on of the primary.",
    ),
    warning(
        "EPI06",
        "No evidence of disease is not reached before the metastases are found.",
        "episode",
        "ned_on detected_on",
        _ned_before_detection,
        "Correct ned_on or detected_on.",
    ),
    warning(
        "EPI07",
        "No evidence of disease is not reached before the last radical treatment of the episode.",
        "episode",
        "ned_on local_treatment.started_on local_treatment.intent disease_event.occurred_on",
        _treated_after_ned,
        "Move ned_on to the last radical treatment, enter the recurrence between, or the episode that was treated.",
    ),
    warning(
        "EPI08",
        "No evidence of disease does not rest on a resection that left visible tumor (R2).",
        "episode",
        "ned_on local_treatment.residual_tumor local_treatment.started_on",
        _ned_after_incomplete_resection,
        "Correct ned_on or residual_tumor, or enter the treatment that removed the rest.",
    ),
    warning(
        "EPI09",
        "No evidence of disease is reached by a treatment.",
        "episode",
        "ned_on local_treatment.started_on systemic_therapy.started_on",
        _ned_untreated,
        "Enter the treatment, correct ned_on, or confirm that there was none.",
    ),
    warning(
        "EPI10",
        "A first metachronous episode under systemic therapy has a lesion that is progressing.",
        "episode",
        "progressing_lesion detected_on systemic_therapy.started_on systemic_therapy.ended_on "
        "primary_tumor.diagnosed_on",
        _persistence,
        "Correct progressing_lesion or the dates of the therapy, or enter prior_polymetastatic.",
    ),
    warning(
        "EPI11",
        "An episode without lung metastases has metastases in another site.",
        "episode",
        "lung_involved metastasis.detected_on metastasis.resolved_on",
        _without_metastases,
        "Enter the site in metastasis, or correct lung_involved.",
    ),
    warning(
        "EPI12",
        "Metastases found before no evidence of disease are resolved before the next episode.",
        "metastasis",
        "resolved_on episode.ned_on episode.detected_on",
        _left_unresolved,
        "Enter resolved_on: without it the site counts as active in the next episode.",
    ),
    warning(
        "EPI13",
        "Metastases are not resolved after no evidence of disease was reached.",
        "metastasis",
        "resolved_on detected_on episode.ned_on",
        _resolved_after_ned,
        "Correct resolved_on, or ned_on of the episode.",
    ),
    *(
        warning(
            id,
            f"{what} that names its episode is not later than the detection of the next one.",
            table,
            f"episode_no {column} episode.detected_on",
            _after_the_next(table, column),
            f"Correct episode_no or {column}.",
        )
        for id, table, column, what in _GIVEN
    ),
    *(
        warning(
            id,
            f"{what} that names its episode {did} not more than a year before it was found.",
            table,
            f"episode_no {column} episode.detected_on",
            _long_before(table, column),
            f"Correct episode_no or {column}; what belongs to no episode has no episode_no.",
        )
        for id, table, column, what, did in _LONG_BEFORE
    ),
)
