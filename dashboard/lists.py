"""What the worklist and the list of patients are made from, cached under the state of the registry and the scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.classify import classify
from analytics.consensus.cases import Cases
from dashboard import data, entering, lookup, store, worklist
from dashboard.data import Moment
from dashboard.lookup import Narrowed
from dashboard.scope import Scope, scope
from dashboard.who import viewer
from dashboard.worklist import Kind, Task
from registry.access import Actor, Permission
from registry.quality import blanks

SHOWN = 12
"""Tasks on a page of the worklist."""


@dataclass(frozen=True, slots=True)
class Work:
    """Some of the tasks of the viewer.

    Args:
        tasks: of this page of the list.
        counts: of all tasks that hold the text that was searched for, by kind.
        total: how many tasks there are of the chosen kind.
    """

    tasks: Sequence[Task]
    counts: dict[Kind, int]
    total: int


def work(at: Moment, text: str, kind: Kind | None, first: int) -> Work:
    """The tasks of the viewer: drafts first, then what is overdue, asked and missing.

    Args:
        text: a part of a patient's id; "" for all.
        kind: only of this kind; None for all.
        first: where the shown part begins.
    """
    page = worklist.RECORD_PAGE if viewer().may(Permission.WRITE_RECORDS) else worklist.MDT_PAGE
    drafts = [worklist.of_draft(draft, page) for draft in entering.my_drafts()]
    drafts = [task for task in drafts if text.lower() in task.patient_id.lower()]
    rest = _standing(at, scope(Permission.READ_RECORDS), viewer())
    if text:
        rest = rest[rest["patient_id"].str.contains(text, case=False, regex=False)]
    by_kind = rest["kind"].value_counts()
    counts = {each: len(drafts) if each is Kind.DRAFT else int(by_kind.get(str(each), 0)) for each in Kind}
    if kind is not None:
        drafts = drafts if kind is Kind.DRAFT else []
        rest = rest[rest["kind"] == str(kind)]
    total = len(drafts) + len(rest)
    first = min(first, max(0, (total - 1) // SHOWN * SHOWN))
    left = rest.iloc[max(0, first - len(drafts)) : max(0, first + SHOWN - len(drafts))]
    shown = [*drafts[first : first + SHOWN], *(worklist.task(row, by=viewer()) for _, row in left.iterrows())]
    return Work(shown, counts, total)


@st.cache_resource(max_entries=16, show_spinner="Looking what there is to do …")
def _standing(at: Moment, scope: Scope, _by: Actor) -> pd.DataFrame:
    cohort = data.cohort(at, scope.center)
    with store.reading() as connection:
        queries = lookup.open_queries(connection, by=_by)
    cases = Cases(cohort.frames, cohort.data_cut, cohort.readings)
    return worklist.standing(cohort.frames, cases, queries, at.cut)


def narrowed(at: Moment, *, center: str | None, asked: bool, incomplete: bool, route: str | None) -> Narrowed:
    """What the list of patients is narrowed to.

    Args:
        incomplete: only patients with blank cells.
        route: only patients with an episode of this route of the consensus.
    """
    seen, at = scope(Permission.READ_RECORDS), data.counted(at)
    among: set[str] | None = None
    if incomplete:
        among = set(_incomplete(at, seen))
    if route is not None:
        of_route = set(_routes(at, seen).get(route, ()))
        among = of_route if among is None else among & of_route
    return Narrowed(center, asked, None if among is None else sorted(among))


@st.cache_resource(max_entries=16, show_spinner=False)
def _incomplete(at: Moment, scope: Scope) -> Sequence[str]:
    counts = blanks(data.cohort(at, scope.center).frames)
    return [str(patient) for patient in counts.index[counts.sum(axis=1) > 0]]


@st.cache_resource(max_entries=16, show_spinner=False)
def _routes(at: Moment, scope: Scope) -> dict[str, Sequence[str]]:
    found = classify(data.cohort(at, scope.center))
    return {str(route): list(part.unique()) for route, part in found.groupby("route", observed=True)["patient_id"]}
