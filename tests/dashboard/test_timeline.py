"""The timeline of a patient, from hand-made rows: what is drawn, where it stands, and what is said of the rest."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest

from analytics.figures.drawing import Line, Rect, Text
from analytics.figures.style import ThemeName, save
from analytics.figures.timeline import timeline_drawing
from analytics.figures.timeline_marks import (
    FOLLOW_UP,
    IMAGING,
    LANES,
    RADIOTHERAPY,
    SURGERY,
    SYSTEMIC,
    Mark,
    timeline,
    timeline_of,
    timeline_words,
)
from registry.cells import frames, plain_rows, plain_rows_of
from registry.errors import AnalysisRefused
from registry.tables import TABLES

PATIENT = {
    "patient_id": "P1",
    "sex": "female",
    "birth_date": "1950-01-01",
    "vital_status": "alive",
    "last_contact_on": "2022-06-01",
}
DEAD = {**PATIENT, "vital_status": "dead", "death_on": "2022-06-01", "cause_of_death": "cancer"}


def _row(number: int, **cells: str) -> dict[str, str]:
    return {"patient_id": "P1", "record_no": str(number), **cells}


ROWS = {
    "patient": [PATIENT],
    "primary_tumor": [{"patient_id": "P1", "diagnosed_on": "2017-01-01", "site": "rectum", "p_t": "T3", "p_n": "N0"}],
    "episode": [_row(1, detected_on="2019-01-01", lung_involved="yes", lesion_count="2", ned_on="2019-03-01")],
    "local_treatment": [
        _row(1, started_on="2017-03-01", target="primary", modality="resection", intent="radical", residual_tumor="R0"),
        _row(2, started_on="2019-03-01", target="lung", modality="resection", procedure="wedge", intent="radical"),
        _row(
            3,
            started_on="2021-02-01",
            ended_on="2021-02-10",
            target="lung",
            modality="sbrt",
            dose_gy="50",
            fractions="5",
        ),
    ],
    "systemic_therapy": [
        _row(1, started_on="2017-05-01", ended_on="2017-10-01", regimen="FOLFOX", targeted_agent="bevacizumab"),
        _row(2, started_on="2021-06-01", backbone="irinotecan", best_response="PR"),
    ],
    "study": [
        _row(1, performed_on="2019-01-01", modality="chest_ct_plain", result="new_lesion"),
        _row(2, performed_on="2020-01-01", modality="chest_ct_plain", result="no_disease"),
        _row(3, performed_on="2021-01-01", modality="pet_ct"),
    ],
    "follow_up": [_row(1, seen_on="2020-01-02", disease_status="ned")],
    "disease_event": [_row(1, occurred_on="2021-01-01", kind="recurrence", sites="lung;liver")],
}


def _texts(drawn: tuple[Mark, ...], lane: str) -> list[str]:
    return [mark.text for mark in drawn if mark.lane == lane and mark.text]


def test_every_row_stands_in_its_lane() -> None:
    drawn = timeline_of(frames(ROWS))
    assert _texts(drawn.marks, LANES[0]) == ["Primary: rectum pT3 pN0", "Episode 1: lung, 2 lesions"]
    assert _texts(drawn.marks, SURGERY) == ["Primary: resection R0", "Lung: wedge"]
    assert _texts(drawn.marks, RADIOTHERAPY) == ["Lung: SBRT 50 Gy/5"]
    assert _texts(drawn.marks, SYSTEMIC) == ["FOLFOX + bevacizumab", "irinotecan, PR"]
    assert [mark.meaning for mark in drawn.marks if mark.lane == IMAGING] == ["worse", "clear", ""]
    assert _texts(drawn.marks, FOLLOW_UP) == ["Recurrence: lung, liver", "Last contact"]
    assert drawn.undated == {}
    assert not drawn.died


def test_a_therapy_without_an_end_is_under_way() -> None:
    under_way = {mark.text: mark.under_way for mark in timeline_of(frames(ROWS)).marks if mark.lane == SYSTEMIC}
    assert under_way == {"FOLFOX + bevacizumab": False, "irinotecan, PR": True}
    unknown = {**ROWS, "systemic_therapy": [_row(1, started_on="2021-06-01", ended_on="UNK")]}
    assert not any(mark.under_way for mark in timeline_of(frames(unknown)).marks)


def test_no_evidence_of_disease_ends_with_the_next_event() -> None:
    day = dt.date
    assert timeline_of(frames(ROWS)).clear == ((day(2019, 3, 1), day(2021, 1, 1)),)
    without = {**ROWS, "disease_event": []}
    assert timeline_of(frames(without)).clear == ((day(2019, 3, 1), day(2022, 6, 1)),)
    second = _row(2, detected_on="2020-05-01", lung_involved="no", ned_on="2020-09-01")
    again = {**ROWS, "episode": [*ROWS["episode"], second]}
    assert timeline_of(frames(again)).clear == (
        (day(2019, 3, 1), day(2020, 5, 1)),
        (day(2020, 9, 1), day(2021, 1, 1)),
    )


def test_death_ends_the_line() -> None:
    drawn = timeline_of(frames({**ROWS, "patient": [DEAD]}))
    assert drawn.died
    assert drawn.end == dt.date(2022, 6, 1)
    assert _texts(drawn.marks, FOLLOW_UP)[-1] == "Died of cancer"


def test_what_has_no_date_is_counted() -> None:
    undated = {**ROWS, "study": [_row(1, performed_on="UNK", modality="pet_ct"), _row(2, performed_on="2020-01-01")]}
    drawn = timeline_of(frames(undated))
    assert drawn.undated == {"study": 1}


def test_nothing_dated_is_refused() -> None:
    with pytest.raises(AnalysisRefused, match="Nothing of this patient has a date"):
        timeline_of(frames({"patient": [{"patient_id": "P1", "last_contact_on": "UNK"}]}))


def test_the_words_say_what_is_drawn() -> None:
    words = timeline_words(timeline_of(frames(ROWS)))
    assert "2017-05-01 to 2017-10-01: FOLFOX + bevacizumab" in words
    assert "2021-06-01 and under way: irinotecan, PR" in words
    assert "2019-03-01 to 2021-01-01: no evidence of disease" in words
    assert "3 studies; 1 visit." in words


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("patient", [PATIENT, DEAD])
def test_it_is_drawn_the_same_each_time(theme: ThemeName, patient: dict[str, str]) -> None:
    drawings = [timeline_drawing(timeline_of(frames({**ROWS, "patient": [patient]})), theme=theme) for _ in range(2)]
    files = []
    for drawing in drawings:
        written = BytesIO()
        save(drawing.figure(), written, "svg")
        files.append((written.getvalue(), drawing.svg()))
    assert files[0] == files[1]
    assert len(files[0][0]) < 300_000


def test_marks_of_a_lane_do_not_cover_each_other() -> None:
    crowd = [_row(n, started_on=f"2019-03-{n:02}", target="liver", modality="resection") for n in range(1, 9)]
    figure = timeline_drawing(timeline_of(frames({**ROWS, "local_treatment": crowd}))).figure()
    written = BytesIO()
    save(figure, written, "svg")
    texts = [text for text in figure.axes[0].texts if text.get_text().startswith("Liver: resection")]
    assert len(texts) == 8
    boxes = [text.get_window_extent() for text in texts]
    overlapping = [(a, b) for at, a in enumerate(boxes) for b in boxes[at + 1 :] if a.overlaps(b)]
    assert not overlapping


def test_the_screen_and_the_print_have_the_same_in_the_same_places() -> None:
    drawing = timeline_drawing(timeline_of(frames(ROWS)))
    element = ElementTree.fromstring(drawing.svg())
    name = "{http://www.w3.org/2000/svg}"
    figure = drawing.figure()
    texts = figure.axes[0].texts
    assert [text.text for text in element.iter(f"{name}text")] == [text.get_text() for text in texts]
    points = 72 / 25.4
    for written, text in zip(element.iter(f"{name}text"), texts, strict=True):
        x, y = (at * points for at in text.get_position())
        assert (float(written.get("x", "")), float(written.get("y", ""))) == pytest.approx((x, y), abs=0.01)
    kinds = [kind for kind in (each.tag.removeprefix(name) for each in element) if kind != "text"]
    drawn = [item for item in drawing.items if not isinstance(item, Text)]
    assert len(kinds) == 1 + len(drawn)  # the background, too
    assert kinds.count("line") == sum(isinstance(item, Line) for item in drawn)
    assert kinds.count("rect") == 1 + sum(isinstance(item, Rect) for item in drawn)


def test_what_somebody_wrote_is_text_in_the_picture() -> None:
    regimen = _row(1, started_on="2021-06-01", regimen="<script>&\"'")
    drawing = timeline_drawing(timeline_of(frames({**ROWS, "systemic_therapy": [regimen]})))
    texts = [text.text for text in ElementTree.fromstring(drawing.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert "<script>&\"'" in texts


def test_stored_rows_give_the_same_as_frames() -> None:
    built = frames(ROWS)
    stored = {}
    for table, rows in ROWS.items():
        names = {name for row in rows for name in row}
        columns = {name: np.array([row.get(name, "") for row in rows], dtype=object) for name in names}
        blank = np.full(len(rows), "", dtype=object)
        stored[table] = plain_rows(table, {name: columns.get(name, blank) for name in TABLES[table].fields})
    assert timeline(stored) == timeline_of(built)
    assert stored == {table: plain_rows_of(built[table]) for table in ROWS}


def test_a_single_day_is_drawn() -> None:
    only = {"patient": [{**PATIENT, "last_contact_on": "2020-01-01"}]}
    drawn = timeline_of(frames(only))
    save(timeline_drawing(drawn).figure(), BytesIO(), "png")
    assert [mark.text for mark in drawn.marks] == ["Last contact"]
