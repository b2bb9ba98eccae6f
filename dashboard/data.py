"""What the pages read, cached under the head of the trail: a written revision makes a new key, time never does.

Whatever a cached function returns is shared by all sessions and never changed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import streamlit as st
from matplotlib.figure import Figure

from analytics.cohort import Cohort, cohort_at
from analytics.decision import PatientDecision, decide
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.style import ThemeName, save
from analytics.figures.timeline import timeline_figure
from analytics.figures.timeline_marks import timeline as marks_of
from analytics.figures.timeline_marks import timeline_words
from analytics.outcomes import SurvivalResult, survival_analysis
from dashboard import lookup, store
from dashboard.glance import Glance
from dashboard.glance import glance as count_cohort
from dashboard.record import Record, read_record
from dashboard.who import viewer
from registry import audit
from registry.access import Permission
from registry.frames import Frames

LISTED = 10
"""Patients on a page of the search list."""

SCREEN_MM = 210.0
"""How wide a survival figure is drawn for the screen: wider than in print, so that more of it is seen at once."""

_SHOWN = "moment"

LATEST = 8
"""Revisions that the overview shows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of the registry that a run of a page shows.

    Args:
        key: names the content of the registry: the head of its trail.
        revision: the number of that head; 0 for an empty registry.
        cut: the data cut, today.
    """

    key: str
    revision: int
    cut: dt.date


@dataclass(frozen=True, slots=True)
class Question:
    """What a survival analysis is asked; names as in ``survival_analysis``."""

    endpoint: str
    origin: str
    by: str | None
    landmark_months: float | None
    center: str | None


def now() -> Moment:
    """The registry as it stands, for the run that begins."""
    with store.reading() as connection:
        head = audit.head(connection)
    at = Moment(f"{head.number}:{head.hash}", head.number, dt.date.today())
    st.session_state[_SHOWN] = at
    return at


def shown() -> Moment:
    """The state that this run shows: the same for all of the page."""
    at: Moment = st.session_state[_SHOWN]
    return at


@st.cache_resource(max_entries=2, show_spinner="Reading the registry …")
def _frames(key: str) -> Frames:
    return store.all_frames()


@st.cache_resource(max_entries=2, show_spinner=False)
def _cohort(at: Moment) -> Cohort:
    return cohort_at(_frames(at.key), at.cut)


@st.cache_resource(max_entries=2, show_spinner=False)
def glance(at: Moment) -> Glance:
    """The registry at a glance."""
    cohort = _cohort(at)
    with store.reading() as connection:
        return count_cohort(connection, cohort)


def latest_revisions() -> Sequence[lookup.RevisionLine]:
    """The last revisions, the newest first."""
    with store.reading() as connection:
        return lookup.latest_revisions(connection, LATEST)


def search(text: str, first: int) -> lookup.Page:
    """The patients of the viewer whose id holds a text, some at a time."""
    who = viewer()
    who.require(Permission.READ_RECORDS)
    with store.reading() as connection:
        return lookup.search_patients(connection, text, center=who.center_id, first=first, count=LISTED)


def record(at: Moment, patient_id: str) -> Record | None:
    """A patient's record; None where there is no such patient. Raises PermissionRefused for another center's."""
    who = viewer()
    who.require(Permission.READ_RECORDS)
    found = _record(at, patient_id)
    if found is not None:
        who.require_center(found.center_id)
    return found


@st.cache_resource(max_entries=64, show_spinner=False)
def _record(at: Moment, patient_id: str) -> Record | None:
    with store.reading() as connection:
        return read_record(connection, patient_id, at.cut)


@st.cache_resource(max_entries=64, show_spinner=False)
def timeline(at: Moment, patient_id: str, theme: ThemeName) -> tuple[str, str]:
    """The timeline picture of a patient as SVG, and what it shows in words."""
    found = record(at, patient_id)
    assert found is not None
    drawn = marks_of(found.frames)
    return _drawn(timeline_figure(drawn, theme=theme), "svg").decode(), timeline_words(drawn)


@st.cache_resource(max_entries=64, show_spinner=False)
def decision(at: Moment, patient_id: str) -> PatientDecision:
    """Decision support for a patient; raises AnalysisRefused as it does."""
    found = record(at, patient_id)
    assert found is not None
    return decide(cohort_at(found.frames, at.cut), patient_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def survival(at: Moment, asked: Question) -> SurvivalResult:
    """A survival analysis; raises AnalysisRefused and UsageError as the analysis does."""
    return survival_analysis(_cohort(at), **dataclasses.asdict(asked))


@st.cache_resource(max_entries=64, show_spinner=False)
def survival_svg(at: Moment, asked: Question, theme: ThemeName) -> str:
    """The Kaplan-Meier figure for the screen."""
    figure = kaplan_meier_figure(survival(at, asked), theme=theme, width_mm=SCREEN_MM)
    return _drawn(figure, "svg").decode()


@st.cache_resource(max_entries=64, show_spinner=False)
def survival_file(at: Moment, asked: Question, format: str) -> bytes:
    """The figure (svg, png, pdf) or the numbers of its curves (csv) as a file to keep."""
    result = survival(at, asked)
    if format == "csv":
        return str(result.curve_frame().to_csv(index=False, lineterminator="\n")).encode()
    return _drawn(kaplan_meier_figure(result), format)


def _drawn(figure: Figure, format: str) -> bytes:
    written = BytesIO()
    save(figure, written, format)
    return written.getvalue()
