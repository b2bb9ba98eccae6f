"""The timeline of one patient: what was found, done and seen, in lanes over a common axis of years.

Times without evidence of disease lie as bands behind all lanes. A band begins when no evidence of disease was reached
and ends with the next progression, recurrence or episode, with death, or with the last contact.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.figures.style import THEMES, Theme, ThemeName, new_figure, text_width_mm
from analytics.wording import counted
from registry.errors import AnalysisRefused

DIAGNOSIS, SURGERY, SYSTEMIC, RADIOTHERAPY, IMAGING, FOLLOW_UP = (
    "Diagnosis",
    "Surgery & ablation",
    "Systemic therapy",
    "Radiotherapy",
    "Imaging & studies",
    "Follow-up & events",
)
LANES = (DIAGNOSIS, SURGERY, SYSTEMIC, RADIOTHERAPY, IMAGING, FOLLOW_UP)

WIDTH_MM = 260.0
"""Wider than a journal's page: it is read on a screen, at the full width of the record."""

_LABELS_MM, _MARGIN_MM, _RIGHT_MM, _HEAD_MM, _AXIS_MM, _KEY_MM, _CAPTION_MM = 36.0, 3.0, 6.0, 6.5, 8.0, 5.5, 4.0
_ROW_MM, _PADDING_MM, _GAP_MM, _MARK_MM = 4.9, 1.9, 2.0, 2.4
_TEXT_PT, _SMALL_PT = 8.0, 7.0

_RADIATION = ("sbrt", "radiotherapy")
_COLORS = {"found": 0, "treated": 0, "systemic": 3, "radiation": 4, "worse": 7, "stable": 5, "clear": 2}
"""Meaning -> place among the colors of the theme's groups; what is not here is drawn in the muted color."""

_RESULTS = {"no_disease": "clear", "stable": "stable", "response": "stable"}
_RESULTS |= {"progression": "worse", "new_lesion": "worse"}
_STATUS = {"ned": "clear", "alive_with_disease": "worse"}
_STUDY_SHAPES = {"clear": "o", "stable": "s", "worse": "^", "": "o"}
_VISIT_SHAPES = {"clear": "|", "worse": "+", "": "|"}
"""Shapes say the same as colors, for eyes that do not tell these apart."""
_LINE_SHAPES = ("|", "+")
_SPELLED = {"sbrt": "SBRT"}
_DEATHS = {"cancer": "Died of cancer", "treatment": "Died of treatment", "other": "Died of another cause"}
_DEATHS |= {"unknown": "Died, cause unknown"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day, or from a day to another.

    Args:
        start, end: days; end is None for what happened on one day.
        under_way: it had not ended when the patient was last heard of.
        text: in words; "" for what is drawn without a label.
        meaning: a key of the colors, or "" for what says nothing of the disease.
        shape: matplotlib's marker for a single day.
    """

    lane: str
    start: dt.date
    end: dt.date | None
    under_way: bool
    text: str
    meaning: str
    shape: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn of a patient.

    Args:
        marks: in the order of their days.
        clear: the spans without evidence of disease.
        end: the last day that the patient was heard of.
        died: whether that was the day of death.
        undated: form -> rows that have no date and so are not drawn.
    """

    marks: tuple[Mark, ...]
    clear: tuple[tuple[dt.date, dt.date], ...]
    end: dt.date
    died: bool
    undated: dict[str, int] = field(default_factory=dict)


def timeline(frames: Mapping[str, pd.DataFrame]) -> Timeline:
    """What is drawn of a patient.

    Args:
        frames: typed frames of all tables, with the rows of one patient.

    Raises AnalysisRefused where nothing of the patient has a date.
    """
    patient = _rows(frames["patient"])[0]
    undated: dict[str, int] = {}
    marks = list(_marks(frames, undated))
    died_on, seen_on = patient["death_on"], patient["last_contact_on"]
    days = [day for mark in marks for day in (mark.start, mark.end) if day is not None]
    days += [day for day in (died_on, seen_on) if day is not None]
    if not days:
        raise AnalysisRefused("Nothing of this patient has a date", remedy="Enter the dates of the record")
    end = died_on or max(days)
    if died_on is not None:
        text = _DEATHS.get(patient["cause_of_death"], "Died")
        marks.append(Mark(FOLLOW_UP, died_on, None, False, text, "dead", "X"))
    elif seen_on is not None:
        marks.append(Mark(FOLLOW_UP, seen_on, None, False, "Last contact", "", "|"))
    return Timeline(
        tuple(sorted(marks, key=lambda mark: mark.start)),
        tuple(_clear_spans(frames, end)),
        end,
        died_on is not None,
        undated,
    )


def timeline_words(drawn: Timeline) -> str:
    """The picture in words, for those who cannot see it."""
    parts = []
    for mark in drawn.marks:
        if mark.text:
            until = "" if mark.end is None or mark.end == mark.start else f" to {mark.end.isoformat()}"
            parts.append(
                f"{mark.start.isoformat()}{until or (' and under way' if mark.under_way else '')}: {mark.text}"
            )
    parts += [f"{start.isoformat()} to {end.isoformat()}: no evidence of disease" for start, end in drawn.clear]
    silent = [mark for mark in drawn.marks if not mark.text]
    for lane, word in ((IMAGING, "study"), (FOLLOW_UP, "visit")):
        count = sum(mark.lane == lane for mark in silent)
        if count:
            parts.append(f"{count} {'studies' if word == 'study' and count > 1 else word + 's' * (count > 1)}")
    return "Timeline. " + "; ".join(parts) + "."


def _marks(frames: Mapping[str, pd.DataFrame], undated: dict[str, int]) -> Iterator[Mark]:
    def dated(table: str, column: str) -> Iterator[dict[str, Any]]:
        for row in _rows(frames[table]):
            if row[column] is None:
                undated[table] = undated.get(table, 0) + 1
            else:
                yield row

    def day(lane: str, on: dt.date, text: str, meaning: str, shape: str) -> Mark:
        return Mark(lane, on, None, False, text, meaning, shape)

    for row in dated("primary_tumor", "diagnosed_on"):
        stage = [f"{kind}{row[column]}" for kind, column in _stage(row) if row[column]]
        yield day(DIAGNOSIS, row["diagnosed_on"], _joined("Primary: ", row["site"], *stage), "found", "D")
    for row in dated("episode", "detected_on"):
        lesions = "" if row["lesion_count"] is None else counted(row["lesion_count"], "lesion")
        what = ", ".join(part for part in ("lung" if row["lung_involved"] else "", lesions) if part)
        text = f"Episode {row['record_no']}" + (f": {what}" if what else "")
        yield day(DIAGNOSIS, row["detected_on"], text, "found", "o")
        if row["emergency_on"] is not None:
            yield day(FOLLOW_UP, row["emergency_on"], f"Emergency: {_words(row['emergency'])}", "worse", "v")
    for row in dated("metastasis", "detected_on"):
        yield day(DIAGNOSIS, row["detected_on"], _words(row["site"]).capitalize(), "found", "s")
    for row in dated("local_treatment", "started_on"):
        lane, meaning = (RADIOTHERAPY, "radiation") if row["modality"] in _RADIATION else (SURGERY, "treated")
        yield _span(lane, row, _local_words(row), meaning, "s")
        if row["local_failure_on"] is not None:
            text = f"Local failure: {_words(row['target'])}"
            yield day(FOLLOW_UP, row["local_failure_on"], text, "worse", "v")
    for row in dated("systemic_therapy", "started_on"):
        yield _span(SYSTEMIC, row, _systemic_words(row), "systemic", "s", open_ended=True)
    for row in dated("study", "performed_on"):
        meaning = _RESULTS.get(row["result"] or "", "")
        yield day(IMAGING, row["performed_on"], "", meaning, _STUDY_SHAPES[meaning])
    for row in dated("follow_up", "seen_on"):
        meaning = _STATUS.get(row["disease_status"] or "", "")
        yield day(FOLLOW_UP, row["seen_on"], "", meaning, _VISIT_SHAPES[meaning])
    for row in dated("disease_event", "occurred_on"):
        sites = f": {_words(row['sites'])}" if row["sites"] else ""
        yield day(FOLLOW_UP, row["occurred_on"], f"{_words(row['kind']).capitalize()}{sites}", "worse", "v")


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with plain values: dates, and None where there is no value."""
    return [
        {
            str(name): None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def _span(lane: str, row: dict[str, Any], text: str, meaning: str, shape: str, *, open_ended: bool = False) -> Mark:
    start, end = row["started_on"], row["ended_on"]
    under_way = open_ended and end is None and row["ended_on__absent"] is None
    return Mark(lane, start, end if end is not None and end > start else None, under_way, text, meaning, shape)


def _stage(row: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    kind = "p" if row["p_t"] or row["p_n"] else "c"
    return (kind, f"{kind}_t"), (kind, f"{kind}_n")


def _local_words(row: dict[str, Any]) -> str:
    what = row["procedure"] if row["target"] == "lung" and row["procedure"] else row["modality"]
    dose = f"{row['dose_gy']:g} Gy" if row["dose_gy"] is not None else ""
    if dose and row["fractions"] is not None:
        dose += f"/{row['fractions']}"
    intent = "" if row["intent"] in (None, "radical") else row["intent"]
    return _joined(f"{_words(row['target']).capitalize()}: ", what, row["residual_tumor"], dose, intent)


def _systemic_words(row: dict[str, Any]) -> str:
    agent = row["targeted_agent"] if row["targeted_agent"] not in (None, "none") else ""
    base = row["regimen"] or (_words(row["backbone"]) if row["backbone"] != "none" else "")
    drugs = " + ".join(part for part in (base, _words(agent)) if part) or "Systemic therapy"
    return drugs + (f", {row['best_response']}" if row["best_response"] else "")


def _joined(head: str, *parts: str | None) -> str:
    return head + " ".join(_words(part) for part in parts if part)


def _words(code: str | None) -> str:
    return _SPELLED.get(code, code.replace(";", ", ").replace("_", " ")) if code else ""


def _clear_spans(frames: Mapping[str, pd.DataFrame], end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    episodes = _rows(frames["episode"])
    breaks = [row["occurred_on"] for row in _rows(frames["disease_event"]) if row["occurred_on"] is not None]
    breaks += [row["detected_on"] for row in episodes if row["detected_on"] is not None]
    for row in sorted((row for row in episodes if row["ned_on"] is not None), key=lambda row: row["ned_on"]):
        until = min((day for day in (*breaks, end) if day > row["ned_on"]), default=end)
        if until > row["ned_on"]:
            yield row["ned_on"], until


@dataclass(slots=True)
class _Placed:
    """A mark with its row in its lane and the side on which its text stands."""

    mark: Mark
    row: int
    side: str


class _Scale:
    """Days to millimeters within the plot."""

    def __init__(self, drawn: Timeline, width: float) -> None:
        first = min(mark.start for mark in drawn.marks)
        last = max(drawn.end, *(mark.end or mark.start for mark in drawn.marks))
        padding = max((last - first).days * 0.015, 12)
        self.first, self.last = first.toordinal() - padding, last.toordinal() + padding
        self.width = width

    def mm(self, day: dt.date) -> float:
        return (day.toordinal() - self.first) / (self.last - self.first) * self.width


def timeline_figure(drawn: Timeline, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw a timeline; its height follows from how much there is to say at a time.

    Args:
        drawn: what :func:`timeline` gave.
        theme: light or dark.
        width_mm: of the whole figure.
    """
    colors = THEMES[theme]
    scale = _Scale(drawn, width_mm - _LABELS_MM - _MARGIN_MM - _RIGHT_MM)
    lanes = {lane: _place([mark for mark in drawn.marks if mark.lane == lane], scale, drawn.end) for lane in LANES}
    heights = {
        lane: 2 * _PADDING_MM + _ROW_MM * (1 + max((placed.row for placed in marks), default=0))
        for lane, marks in lanes.items()
    }
    plot = _HEAD_MM + sum(heights.values())
    caption = _caption(drawn, width_mm)
    height = 2 * _MARGIN_MM + plot + _AXIS_MM + _KEY_MM + _CAPTION_MM * len(caption)
    figure = new_figure(width_mm, height, colors)
    axes = figure.add_axes(
        (
            (_MARGIN_MM + _LABELS_MM) / width_mm,
            1 - (_MARGIN_MM + plot) / height,
            scale.width / width_mm,
            plot / height,
        )
    )
    axes.set_xlim(0, scale.width)
    axes.set_ylim(plot, 0)
    _prepare(axes, scale, colors)
    _draw_background(axes, drawn, scale, plot, colors)
    top = _HEAD_MM
    for lane, marks in lanes.items():
        axes.axhline(top, color=colors.grid, linewidth=0.8, zorder=1)
        axes.text(
            -_LABELS_MM,
            top + heights[lane] / 2,
            lane,
            fontsize=_TEXT_PT,
            color=colors.ink if marks else colors.muted,
            weight="bold" if marks else "normal",
            va="center",
        )
        for placed in marks:
            y = top + _PADDING_MM + _ROW_MM * (placed.row + 0.5)
            _draw_mark(axes, placed, y, scale, drawn.end, colors)
        top += heights[lane]
    _draw_key(axes, plot + _AXIS_MM + _KEY_MM / 2, colors)
    for line, text in enumerate(caption):
        y = plot + _AXIS_MM + _KEY_MM + _CAPTION_MM * (line + 0.5)
        axes.text(-_LABELS_MM, y, text, fontsize=_SMALL_PT, color=colors.muted, va="center")
    return figure


def _place(marks: list[Mark], scale: _Scale, end: dt.date) -> list[_Placed]:
    """Each mark into the first row of its lane in which it covers nothing; those without words above the others."""
    found: list[_Placed] = []
    rows_before = 0
    for group in ([mark for mark in marks if not mark.text], [mark for mark in marks if mark.text]):
        reach: list[float] = []
        extents = sorted(((_extent(mark, scale, end), mark) for mark in group), key=lambda pair: pair[0])
        for (left, right, side), mark in extents:
            row = next((at for at, taken in enumerate(reach) if taken <= left), len(reach))
            if row == len(reach):
                reach.append(0.0)
            reach[row] = right + _GAP_MM
            found.append(_Placed(mark, rows_before + row, side))
        rows_before += len(reach)
    return found


def _extent(mark: Mark, scale: _Scale, end: dt.date) -> tuple[float, float, str]:
    """From where to where a mark and its text reach, in millimeters, and where the text stands."""
    left, right = _ink(mark, scale, end)
    text = text_width_mm(mark.text, _TEXT_PT) if mark.text else 0.0
    if not text or text + 2.5 <= right - left:
        return left, right, "inside"
    if right + 1.2 + text <= scale.width or left - 1.2 - text < 0:
        return left, right + 1.2 + text, "right"
    return left - 1.2 - text, right, "left"


def _ink(mark: Mark, scale: _Scale, end: dt.date) -> tuple[float, float]:
    start = scale.mm(mark.start)
    until = mark.end or (max(end, mark.start) if mark.under_way else None)
    if until is None:
        return start - _MARK_MM / 2, start + _MARK_MM / 2
    return start, max(scale.mm(until), start + _MARK_MM)


def _color(meaning: str, colors: Theme) -> str:
    if meaning == "dead":
        return colors.ink
    return colors.groups[_COLORS[meaning]] if meaning in _COLORS else colors.muted


def _draw_mark(axes: Axes, placed: _Placed, y: float, scale: _Scale, end: dt.date, colors: Theme) -> None:
    mark, color = placed.mark, _color(placed.mark.meaning, colors)
    left, right = _ink(mark, scale, end)
    if mark.end is not None or mark.under_way:
        axes.barh(y, right - left, left=left, height=3.5, color=color, alpha=0.22, linewidth=0, zorder=3)
        axes.plot([left, left], [y - 1.75, y + 1.75], color=color, linewidth=1.4, solid_capstyle="butt", zorder=4)
        if mark.under_way:
            axes.plot(right, y, marker=">", markersize=4, color=color, clip_on=False, zorder=4)
    else:
        _draw_shape(axes, (left + right) / 2, y, mark.shape, mark.meaning, colors)
    if mark.text:
        x, align = {"inside": (left + 1.3, "left"), "right": (right + 1.2, "left"), "left": (left - 1.2, "right")}[
            placed.side
        ]
        axes.text(x, y, mark.text, fontsize=_TEXT_PT, color=colors.ink, va="center_baseline", ha=align, zorder=5)


def _draw_shape(axes: Axes, x: float, y: float, shape: str, meaning: str, colors: Theme) -> None:
    color, lines = _color(meaning, colors), shape in _LINE_SHAPES
    axes.plot(
        x,
        y,
        marker=shape,
        markersize=7 if lines else 5.2,
        markerfacecolor=color if meaning or lines else colors.background,
        markeredgecolor=color,
        markeredgewidth=1.3 if lines else 0.9,
        linestyle="none",
        clip_on=False,
        zorder=4,
    )


def _prepare(axes: Axes, scale: _Scale, colors: Theme) -> None:
    axes.set_facecolor(colors.background)
    for spine in axes.spines.values():
        spine.set_visible(False)
    ticks = _ticks(scale)
    axes.set_xticks([scale.mm(day) for day, _ in ticks], [text for _, text in ticks])
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=colors.muted, labelcolor=colors.ink, labelsize=_TEXT_PT, width=0.8, length=2.5)
    axes.grid(axis="x", color=colors.grid, linewidth=0.6)
    axes.set_axisbelow(True)


def _ticks(scale: _Scale) -> list[tuple[dt.date, str]]:
    """The first days of years, or of quarters where the whole is short."""
    first, last = (dt.date.fromordinal(int(day)) for day in (scale.first, scale.last))
    years = last.year - first.year + 1
    step = 1 if years <= 16 else 2 if years <= 32 else 5
    days = [dt.date(year, 1, 1) for year in range(first.year, last.year + 1) if year % step == 0]
    texts = [str(day.year) for day in days]
    if (last - first).days < 900:
        days = [dt.date(year, month, 1) for year in range(first.year, last.year + 1) for month in (1, 4, 7, 10)]
        texts = [day.isoformat()[:7] for day in days]
    shown = zip(days, texts, strict=True)
    return [(day, text) for day, text in shown if scale.first <= day.toordinal() <= scale.last]


def _draw_background(axes: Axes, drawn: Timeline, scale: _Scale, plot: float, colors: Theme) -> None:
    green = colors.groups[_COLORS["clear"]]
    for start, end in drawn.clear:
        left, right = scale.mm(start), scale.mm(end)
        axes.axvspan(left, right, color=green, alpha=0.10, linewidth=0, zorder=0)
        axes.plot([left, right], [1, 1], color=green, linewidth=2, solid_capstyle="butt", zorder=2)
        if right - left > 9:
            axes.text((left + right) / 2, 3.9, "NED", fontsize=_SMALL_PT, color=green, ha="center", va="center")
    at = scale.mm(drawn.end)
    axes.axvline(
        at, color=colors.ink if drawn.died else colors.muted, linewidth=0.9, linestyle="-" if drawn.died else ":"
    )
    axes.axhline(plot, color=colors.muted, linewidth=0.8)


_KEY = (
    (_STUDY_SHAPES, "clear", "no disease"),
    (_STUDY_SHAPES, "stable", "stable or response"),
    (_STUDY_SHAPES, "worse", "progression or new lesion"),
    (_STUDY_SHAPES, "", "study without a result"),
    (_VISIT_SHAPES, "clear", "visit, NED"),
    (_VISIT_SHAPES, "worse", "visit, with disease"),
    (_VISIT_SHAPES, "", "visit, status not recorded"),
)


def _draw_key(axes: Axes, y: float, colors: Theme) -> None:
    x = 1.2
    for shapes, meaning, text in _KEY:
        _draw_shape(axes, x, y, shapes[meaning], meaning, colors)
        axes.text(x + 2.2, y, text, fontsize=_SMALL_PT, color=colors.muted, va="center_baseline")
        x += 2.2 + text_width_mm(text, _SMALL_PT) + 5


def _caption(drawn: Timeline, width: float) -> list[str]:
    if not drawn.undated:
        return []
    parts = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in drawn.undated.items())
    text = f"Without a date, so not drawn: {parts}."
    return textwrap.wrap(text, int((width - 2 * _MARGIN_MM) / text_width_mm("n", _SMALL_PT) * 1.1))
