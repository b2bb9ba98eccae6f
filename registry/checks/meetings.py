"""Multidisciplinary meetings, and the reasons for leaving the consensus."""

from __future__ import annotations

import numpy as np

from registry.checks.arrays import Flags, take_flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _twice_a_day(data: Data) -> Flags:
    return data["mdt_meeting"].repeats("held_on")


def _one_specialty(data: Data) -> Flags:
    return data["mdt_meeting"].each_list("specialties", lambda codes: len(codes) == 1)


def _lymphangitic_topic(data: Data) -> Flags:
    meeting = data["mdt_meeting"]
    return meeting.lists("topics", "lymphangitic_local_treatment") & meeting.episode_denies("lymphangitic")


def _excepted_twice(data: Data) -> Flags:
    exception = data["rule_exception"]
    episode = np.where(exception.blank("episode_no"), 0.0, exception.number("episode_no"))
    return exception.repeats_in(exception.text("rule_id"), episode, exception.value("reason"))


def _no_tissue_after_all(data: Data) -> Flags:
    exception, episode = data["rule_exception"], data["episode"]
    obtained = take_flags(episode.one_of("tissue", "obtained"), exception.given_episodes())
    return exception.one_of("reason", "no_tissue") & obtained


CHECKS: tuple[Check, ...] = (
    warning(
        "MDT01",
        "A meeting is entered once a day.",
        "mdt_meeting",
        "held_on",
        _twice_a_day,
        "Delete the row that was entered twice, or join both.",
    ),
    warning(
        "MDT02",
        "A multidisciplinary meeting has more than one specialty.",
        "mdt_meeting",
        "specialties",
        _one_specialty,
        "Enter all specialties that took part, or leave the column blank where they are not known.",
    ),
    warning(
        "MDT03",
        "Local treatment of lymphangitic carcinomatosis is a topic only where there is such disease.",
        "mdt_meeting",
        "topics episode.lymphangitic",
        _lymphangitic_topic,
        "Correct topics, or lymphangitic of the episode.",
    ),
    warning(
        "REX01",
        "A reason for leaving a rule is entered once.",
        "rule_exception",
        "rule_id episode_no reason",
        _excepted_twice,
        "Delete the row that was entered twice.",
    ),
    warning(
        "REX02",
        "No rule is left for want of tissue where tissue was obtained.",
        "rule_exception",
        "reason episode_no episode.tissue",
        _no_tissue_after_all,
        "Correct reason, or tissue of the episode.",
    ),
)
