"""What the pages read, cached under the head of the trail: a written revision makes a new key, time never does.

Whatever a cached function returns is shared by all sessions and never changed. No cached function asks who the viewer
is: what may be seen is decided before, and how far is part of the key.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from matplotlib.figure import Figure

from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import Readings
from analytics.consensus.strategies import ROUTES
from analytics.decision import PatientDecision, decide
from analytics.figures.cumulative_incidence import cumulative_incidence_figure
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.style import ThemeName
from analytics.figures.timeline import timeline_drawing
from analytics.figures.timeline_marks import timeline as marks_of
from analytics.figures.timeline_marks import timeline_words
from analytics.narrowing import Where, labels_of
from analytics.outcomes import SurvivalResult, survival_analysis
from analytics.readings_file import readings_of
from dashboard import lookup, store, trail
from dashboard.disclosure import protected_curves, protected_glance, protected_survival
from dashboard.files import csv_file, figure_file, to_take
from dashboard.glance import Glance
from dashboard.glance import glance as count_cohort
from dashboard.record import Record, read_record
from dashboard.scope import Scope, scope, scope_of
from dashboard.shelf import Shelf
from dashboard.standing import Standing
from dashboard.who import session, viewer
from registry import audit
from registry.access import Actor, Permission
from registry.cells import plain_rows
from registry.errors import InputRefused, OligometError

LISTED = 10
"""Patients on a page of the search list."""

SCREEN_MM = 210.0
"""How wide a survival figure is drawn for the screen: wider than in print, so that more of it is seen at once."""

_SHOWN = "moment"

FIGURES = 24
"""So many figures that were looked at last are drawn anew before a new state of a large registry is shown."""

LATEST = 8
"""Revisions that the overview shows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of the registry that a run of a page shows.

    Args:
        key: names the content of the registry: the head of its trail.
        revision: the number of that head; 0 for an empty registry.
        cut: the data cut: today, or that of the snapshot.
        toml: the readings of the consensus that are not the program's own; as a text, which is hashed in no time.
        snapshot: the name of the snapshot that it is; None for the registry.
    """

    key: str
    revision: int
    cut: dt.date
    toml: str
    snapshot: str | None = None

    @property
    def readings(self) -> Readings:
        """The readings of the consensus, which decide what the definitions are."""
        return _readings(self.toml)


@functools.lru_cache(maxsize=16)
def _readings(toml: str) -> Readings:
    return Readings.from_toml(toml)


@dataclass(frozen=True, slots=True)
class Question:
    """What a survival analysis is asked; names as in ``survival_analysis``."""

    endpoint: str
    origin: str
    by: str | None
    landmark_months: float | None
    where: Where = ()
    delayed_entry: bool = True


def now() -> Moment:
    """The registry as it stands, for the run that begins; who looks at it meanwhile makes no other state of it."""
    with store.reading() as connection:
        head = audit.record_head(connection)
    return show(Moment(f"{head.number}:{head.hash}", head.number, dt.date.today(), readings_of().to_toml()))


def counted(at: Moment) -> Moment:
    """The state that counts and outcomes show: of a large registry it may be older (standing.py)."""
    return _standing.of(at)


def show(at: Moment) -> Moment:
    """Makes a state the one that this run shows."""
    st.session_state[_SHOWN] = at
    return at


def shown() -> Moment:
    """The state that this run shows: the same for all of the page."""
    at: Moment = st.session_state[_SHOWN]
    return at


@st.cache_resource(max_entries=2, show_spinner="Reading the registry …")
def _shelf(at: Moment) -> Shelf:
    return Shelf(at.cut, at.readings)


@st.cache_resource(max_entries=4, show_spinner="Reading the snapshot …")
def _shelf_of_snapshot(at: Moment) -> Shelf:
    return Shelf(at.cut, at.readings, at.snapshot)


def cohort(at: Moment, center: str | None) -> Cohort:
    """The patients of a center, or with None of all; what is made of them is kept under the viewer's scope."""
    return (_shelf if at.snapshot is None else _shelf_of_snapshot)(at).cohort(center)


def labels(at: Moment) -> Mapping[str, Mapping[str, str]]:
    """What patients can be chosen by: name -> label -> words, of the patients whose outcomes the viewer sees."""
    return _labels(at, scope(Permission.VIEW_OUTCOMES).center)


@st.cache_resource(max_entries=16, show_spinner=False)
def _labels(at: Moment, center: str | None) -> Mapping[str, Mapping[str, str]]:
    of_scope = cohort(at, center)
    found = labels_of(of_scope)
    named = of_scope.frames["center"].set_index("center_id")["name"].fillna("")
    found["center"] = {each: f"{each} {named.get(each, '')}".strip() for each in found["center"]}
    found["route"] = {each: each for each in found["route"] if each in ROUTES}
    return found


def glance(at: Moment) -> Glance:
    """The registry at a glance, as far as the viewer sees."""
    seen = scope_of(viewer())
    found = _glance(at, seen)
    _scopes.add(seen)
    _standing.shown(at, int(found.total("patients")))
    return found


def _read(at: Moment) -> None:
    """Reads a state for all who have looked, and draws what they looked at last, before they look at it."""
    for seen in list(_scopes):
        _glance(at, seen)
    for looked_at in list(_figures):
        with contextlib.suppress(OligometError):
            _survival_svg(at, *looked_at)


_scopes: set[Scope] = set()
_figures: dict[tuple[Question, ThemeName, Scope], None] = {}
_standing: Standing[Moment] = Standing(_read)


@st.cache_resource(max_entries=32, show_spinner="Reading the registry …")
def _glance(at: Moment, scope: Scope) -> Glance:
    of_scope = cohort(at, scope.center)  # read before: frames are read outside of a transaction
    with store.reading() as connection:
        counted = count_cohort(connection, of_scope)
    return protected_glance(counted) if scope.protected else counted


def latest_revisions() -> Sequence[lookup.RevisionLine]:
    """The last revisions of the record, the newest first; nothing for who may not read the trail."""
    if not viewer().may(Permission.READ_TRAIL):
        return ()
    with store.reading() as connection:
        return lookup.latest_revisions(connection, LATEST)


def search(text: str, first: int, narrowed: lookup.Narrowed | None = None) -> lookup.Page:
    """The patients of the viewer whose id holds a text, some at a time."""
    who = viewer()
    with store.reading() as connection:
        return lookup.search_patients(connection, text, by=who, first=first, count=LISTED, narrowed=narrowed)


def record(at: Moment, patient_id: str) -> Record | None:
    """A patient's record; None where there is no such patient, or none of the viewer's center.

    That it was looked at stands in the trail before it is shown.
    """
    who = session()
    who.actor.require(Permission.READ_RECORDS)
    found = _record(at, patient_id, who.actor.center_id, who.actor)
    if found is not None:
        trail.viewed(who, patient_id)
    return found


@st.cache_resource(max_entries=64, show_spinner=False)
def _record(at: Moment, patient_id: str, center: str | None, _by: Actor) -> Record | None:
    with store.reading() as connection:
        return read_record(connection, patient_id, at.cut, by=_by)


def _found(at: Moment, patient_id: str) -> Record:
    found = record(at, patient_id)
    if found is None:
        raise InputRefused("There is no such patient", got=patient_id, remedy="Search by a part of the id")
    return found


def timeline(at: Moment, patient_id: str, theme: ThemeName) -> tuple[str, str]:
    """The timeline picture of a patient as SVG, and what it shows in words."""
    return _timeline(at, patient_id, theme, _found(at, patient_id))


@st.cache_resource(max_entries=64, show_spinner=False)
def _timeline(at: Moment, patient_id: str, theme: ThemeName, _record: Record) -> tuple[str, str]:
    drawn = marks_of({table: plain_rows(table, found.columns) for table, found in _record.stored.items()})
    return timeline_drawing(drawn, theme=theme).svg(), timeline_words(drawn)


def decision(at: Moment, patient_id: str) -> PatientDecision:
    """Decision support for a patient; raises AnalysisRefused as it does."""
    viewer().require(Permission.VIEW_MDT)
    return _decision(at, patient_id, _found(at, patient_id))


@st.cache_resource(max_entries=64, show_spinner=False)
def _decision(at: Moment, patient_id: str, _record: Record) -> PatientDecision:
    return decide(cohort_at(_record.frames, at.cut, at.readings), patient_id)


def survival(at: Moment, asked: Question) -> SurvivalResult:
    """A survival analysis; raises AnalysisRefused and UsageError as the analysis does."""
    viewer().require(Permission.VIEW_OUTCOMES)
    return _survival(at, asked, scope_of(viewer()))


@st.cache_resource(max_entries=64, show_spinner=False)
def _survival(at: Moment, asked: Question, scope: Scope) -> SurvivalResult:
    given = {field.name: getattr(asked, field.name) for field in dataclasses.fields(asked)}
    result = survival_analysis(cohort(at, scope.center), **given)
    made = protected_survival(result) if scope.protected else result
    # Kept without those who were analyzed: a hundred thousand names for each figure would fill the memory.
    return dataclasses.replace(made, chosen=made.chosen.summary())


def survival_svg(at: Moment, asked: Question, theme: ThemeName) -> str:
    """The figure for the screen: Kaplan-Meier curves, or the cumulative incidence where death competes."""
    viewer().require(Permission.VIEW_OUTCOMES)
    looked_at = asked, theme, scope_of(viewer())
    drawn = _survival_svg(at, *looked_at)
    if at.snapshot is None:
        _figures.pop(looked_at, None)
        _figures[looked_at] = None
        while len(_figures) > FIGURES:
            _figures.pop(next(iter(_figures)), None)
    return drawn


@st.cache_resource(max_entries=64, show_spinner=False)
def _survival_svg(at: Moment, asked: Question, theme: ThemeName, scope: Scope) -> str:
    result = _survival(at, asked, scope)
    return figure_file(_curves(result)(result, theme=theme, width_mm=SCREEN_MM), "svg").decode()


def survival_file(at: Moment, asked: Question, format: str, name: str) -> Callable[[], bytes]:
    """What makes a file to keep: the figure (svg, png, pdf) or the numbers of its curves (csv)."""
    scope = scope_of(viewer())
    return to_take(name, Permission.VIEW_OUTCOMES, lambda: _survival_file(at, asked, format, scope))


@st.cache_resource(max_entries=64, show_spinner=False)
def _survival_file(at: Moment, asked: Question, format: str, scope: Scope) -> bytes:
    result = _survival(at, asked, scope)
    if format != "csv":
        return figure_file(_curves(result)(result), format)
    return csv_file(protected_curves(result) if scope.protected else result.curve_frame())


def _curves(result: SurvivalResult) -> Callable[..., Figure]:
    return cumulative_incidence_figure if result.death_competes else kaplan_meier_figure
