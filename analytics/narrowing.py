"""A part of the patients, by what they had at the origin: what they can be chosen by, and who is left out.

A patient is chosen by what was known at the origin or the landmark, as for the groups of a curve; what is settled later
would choose by the future and is refused. The definitions are those of the whole registry: a large tumor is one above
the median of all lung episodes, whoever is chosen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.episodes import Episodes
from analytics.defined_groups import DEFINED, DETECTED
from analytics.flow import Flow, labels_at, refuse_immortal_time
from analytics.grouping import GROUPINGS, Grouping
from analytics.origins import Origin
from registry.errors import UsageError

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of :data:`FILTERS`, each with the labels that are kept, both in one order: equal choices are equal."""

OTHERWISE, UNKNOWN = "otherwise_", "missing_"
"""What the reasons begin with for which the choice by a name leaves somebody out: another label, or none."""

FILTERS: dict[str, Grouping] = {
    **DEFINED,
    DETECTED.name: DETECTED,
    "center": GROUPINGS["center_id"],
    **{name: made for name, made in GROUPINGS.items() if name != "center_id"},
}
"""What patients can be chosen by."""


def where_of(chosen: Mapping[str, Iterable[str]] | Where) -> Where:
    """A choice in its one order, without names of which nothing is asked; UsageError for an unknown name."""
    given = {name: set(labels) for name, labels in dict(chosen).items()}
    for name in given:
        if name not in FILTERS:
            near = difflib.get_close_matches(name, FILTERS, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(
                "Patients cannot be chosen by this", got=name, remedy=f"{hint}Take any of {', '.join(FILTERS)}"
            )
    return tuple((name, tuple(sorted(given[name]))) for name in FILTERS if given.get(name))


def where_given(texts: Sequence[str]) -> Where:
    """The choice that the options ``--where NAME=LABEL,LABEL`` make; UsageError where one is written otherwise."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, labels = text.partition("=")
        kept = [label.strip() for label in labels.split(",") if label.strip()]
        if not equals or not kept:
            raise UsageError("A choice of patients names what they had", got=text, remedy="Give --where high_cea=yes")
        found.setdefault(name.strip(), []).extend(kept)
    return where_of(found)


def where_words(where: Where) -> str:
    """A choice in words; "" where everybody is chosen."""
    return "; ".join(_words(FILTERS[name], labels) for name, labels in where)


def _words(by: Grouping, labels: Sequence[str]) -> str:
    named = " or ".join(by.words.get(label, label.replace("_", " ")) for label in by.order(labels))
    return named if set(by.words) == {"no", "yes"} else f"{by.name.removesuffix('_id').replace('_', ' ')} {named}"


def labels_of(cohort: Cohort) -> dict[str, dict[str, str]]:
    """The labels that each name can have in a cohort -> their words, in their order."""
    episodes = Episodes(cohort.frames, readings=cohort.readings)
    found: dict[str, dict[str, str]] = {}
    for name, by in FILTERS.items():
        values = by.of(episodes)
        labels = list(by.words) or [str(label) for label in values.cat.categories]
        found[name] = {label: by.words.get(label, label.replace("_", " ")) for label in labels}
    return found


def require_chosen_in_time(where: Where, origin: Origin) -> None:
    """Refuse a choice by what is settled after the origin (AnalysisRefused): it would choose by the future."""
    for name, _ in where:
        refuse_immortal_time(name, FILTERS[name].fixed, origin)


def narrow(cohort: Cohort, where: Where, units: pd.DataFrame, landmark: int | None, flow: Flow) -> pd.DataFrame:
    """Leave out the units that are not chosen, each for the first name that says so.

    Returns:
        For each unit and name its label, NA where it is not known.

    Raises:
        UsageError: a label that nobody can have.
    """
    found: dict[str, pd.Series] = {}
    divisions = [FILTERS[name] for name, _ in where]
    for (name, kept), (labels, later) in zip(where, labels_at(cohort, divisions, units, landmark), strict=True):
        known = [*FILTERS[name].words, *map(str, labels.cat.categories)]
        for label in kept:
            if label not in known:
                raise UsageError(
                    f"{name} has no such group", got=label, remedy=f"Take any of {', '.join(dict.fromkeys(known))}"
                )
        values = labels.astype("object").mask(later)
        flow.leave_out(~values.isin(kept) & values.notna(), f"{OTHERWISE}{name}")
        flow.leave_out(values.isna(), f"{UNKNOWN}{name}")
        found[name] = values
    return pd.DataFrame(found, index=units.index)
