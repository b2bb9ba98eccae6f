"""How decision support is said, on a terminal and on a page: the classification, the time, the reasons, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.decision import EpisodeDecision
from analytics.decision_due import Due
from analytics.decision_rules import Group, RuleState

_TOLD = ("numerator: ", "exception: ", "excluded: ")
_TO_DO = {
    "non_adherent": " (not followed so far)",
    "undetermined_numerator": " (not recorded)",
    "undetermined_denominator": " (not recorded)",
}
_MONTHS = "\0"
"""Stands for the months of several windows while they are gathered."""

_SAID = (*_TOLD, "denominator: ", "pending: ")


def classified(episode: EpisodeDecision) -> str:
    """The classification in a line; what has no value is left out."""
    names = {
        "extrapulmonary_sites": "other sites",
        "mid_low_rectum": "middle or low rectum",
        "locally_advanced": "locally advanced",
        "oligometastatic": "oligometastatic",
        "converted": "converted",
        "dfi_days": "disease-free days",
        "omd_class": "ESTRO/EORTC",
    }
    said = []
    for item in episode.classification:
        if item.name in ("lung_involved", "route") or (item.value == "null" and item.name in ("subtype", "dfi_days")):
            continue
        value = {"null": "unknown"}.get(item.value, item.value.replace("_", " "))
        said.append(f"{names[item.name]} {value}" if item.name in names else _plain(item.name, value))
    return ", ".join(said)


def _plain(name: str, value: str) -> str:
    return f"{name} undetermined" if value == "undetermined" else value.replace("non ", "non-")


def time_of(item: Due) -> str:
    """When something is due, in words."""
    if item.since and item.until:
        return f"{item.since} to {item.until}"
    until = f"until {item.until}" if item.until else ""
    return ", ".join(part for part in (item.by, until) if part)


def rule_ids(item: Due) -> str:
    """The rules that ask for something, without their parts."""
    wholes = [rule for rule, part in item.rules if part is None or part.isdigit()]
    return " ".join(dict.fromkeys(wholes))


def telling(because: Sequence[str]) -> Iterator[str]:
    """What is behind a state, without what only says that the rule applies."""
    told = [text for text in because if text.startswith(_TOLD) or not text.startswith(("denominator", "pending"))]
    for text in told or because:
        for head in _SAID:
            text = text.removeprefix(head)
        yield text


def behind(states: Sequence[RuleState]) -> list[str]:
    """What is behind the states of one rule, each once; windows that differ in the month alone are told together."""
    found: dict[str, list[str]] = {}
    for state in states:
        for text in telling(state.because):
            month = f"{state.part} months"
            found.setdefault(text.replace(month, _MONTHS, 1), []).append(state.part or "")
    return [text.replace(_MONTHS, f"{', '.join(dict.fromkeys(months))} months", 1) for text, months in found.items()]


def merge(states: Sequence[RuleState]) -> list[tuple[str, list[RuleState]]]:
    """The states of a rule as one, with the months of its windows in the title."""
    by_rule: dict[str, list[RuleState]] = {}
    for state in states:
        by_rule.setdefault(state.rule_id, []).append(state)
    found = []
    for of_rule in by_rule.values():
        months = [state.part for state in of_rule if state.part is not None]
        title = of_rule[0].title + (f" (month {', '.join(months)})" if months else "")
        found.append((title, of_rule))
    return found


def outcome_words(state: RuleState) -> str:
    """What is added to the title of a rule whose group does not say its state."""
    if state.group is Group.OPTION:
        return f" ({state.outcome.replace('_', ' ')})"
    if state.group is Group.TO_DO:
        return _TO_DO.get(state.outcome, "")
    if state.group is Group.SHOWN:
        return " (yes)" if state.outcome in ("adherent", "taken") else " (no)"
    return ""
