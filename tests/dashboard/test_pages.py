"""Every page without a browser: with patients and without, at wrong addresses, with hostile text, with errors."""

from __future__ import annotations

import html as escaping
import itertools
import logging
import re

import pandas as pd
import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.endpoints import ENDPOINTS
from analytics.origins import ORIGINS
from dashboard import app as pages_table
from dashboard import data, store
from dashboard.components.messages import plain
from registry import actions
from registry.access import Actor, Role
from registry.errors import EnvironmentRefused
from registry.fields import Absent
from registry.frames import Frames
from tests.dashboard.conftest import PATIENTS
from tests.dashboard.pages import html, messages, opened
from tests.registry import rows

FILES = [page.file for page in pages_table.PAGES]
SOMEBODY = Actor("somebody", Role.ADMINISTRATOR)
HOSTILE = '<img src=x onerror="alert(1)">![x](http://evil.example/x.png) **bold** [a](javascript:alert(1))'


def _frames(registry: Engine) -> Frames:
    registry.dispose()  # see dashboard/store.py
    return store.all_frames()


def _save(registry: Engine, table: str, cells: dict[str, str], *, by: Actor = SOMEBODY, reason: str = "test") -> None:
    actions.save(registry, table, cells, by=by, reason=reason, seen_version=0)
    registry.dispose()


def _patient(registry: Engine, position: int = 0) -> str:
    frame = _frames(registry)["patient"]
    return str(frame["patient_id"].iloc[position])


RIGHTLY_SAID = {
    "prognosis.py": "There are no residuals to draw",  # of so few patients
    "system.py": "No backup was made on this machine yet",
}
"""What a page has to say of the simulated registry."""


@pytest.mark.parametrize("file", FILES)
def test_every_page_shows_a_filled_registry(registry: Engine, file: str) -> None:
    page = opened(file)
    assert not page.exception
    assert messages(page).partition("\\")[0] == RIGHTLY_SAID.get(file, "")
    shown = html(page)
    assert 'class="strip"' in shown
    assert "Data cut" in shown
    assert len(page.title) == 1


@pytest.mark.parametrize("file", [page.file for page in pages_table.PAGES if not page.early])
def test_every_page_of_an_empty_registry_says_how_patients_come_in(sqlite_engine: Engine, file: str) -> None:
    page = opened(file)
    assert not page.exception
    assert "no patients" in page.subheader[0].value
    assert "oligomet import" in page.markdown[0].value
    assert "oligomet demo" in page.markdown[0].value


@pytest.mark.parametrize("file", FILES)
def test_an_error_that_can_be_mended_is_a_sentence(
    registry: Engine, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise EnvironmentRefused("The database cannot be read", remedy="Check that it is there")

    monkeypatch.setattr(data, "glance", refuse)
    page = opened(file)
    assert not page.exception
    assert plain("The database cannot be read.") in messages(page)


def test_the_overview_counts_what_is_stored(registry: Engine) -> None:
    frames = _frames(registry)
    patient = frames["patient"]
    kept = patient[patient["consent_status"] != "withdrawn"]
    page = html(opened("overview.py"))
    shown = dict(re.findall(r'class="label">([^<]+)</div><div class="value">([^<]+)<', page))
    assert shown["Patients"] == str(len(kept))
    assert shown["Deaths"] == str((kept["vital_status"] == "dead").sum())
    episodes = frames["episode"][frames["episode"]["patient_id"].isin(kept["patient_id"])]
    assert shown["Episodes"] == str(len(episodes))
    with_lung = episodes.loc[episodes["lung_involved"].fillna(False).astype(bool), "patient_id"].nunique()
    assert shown["With lung metastases"] == str(with_lung)
    assert shown["Centers"] == str(len(frames["center"]))


def test_enrollment_adds_up_over_centers_and_years(registry: Engine) -> None:
    shown = html(opened("overview.py"))
    table = re.search(r'<table class="heat">.*?</table>', shown, re.DOTALL)
    assert table is not None
    counts = [int(text) for text in re.findall(r"<span[^>]*>(\d+)</span>", table[0])]
    last = re.findall(r'<td class="sum">(\d+)</td>', table[0])[-1]
    assert sum(counts) == int(last)
    assert int(last) in range(PATIENTS - 5, PATIENTS + 1)


def test_a_written_revision_is_on_the_next_run(registry: Engine) -> None:
    app = opened("overview.py")
    before = int(re.search(r'Patients</div><div class="value">(\d+)', html(app))[1])  # type: ignore[index]
    center = str(_frames(registry)["center"]["center_id"].iloc[0])
    cells = rows.row("patient", patient_id="NEW-1", center_id=center)
    _save(registry, "patient", cells)
    app.run()
    assert f'Patients</div><div class="value">{before + 1}' in html(app)
    assert "somebody" in html(app)


def test_a_page_that_nobody_wrote_to_reads_the_registry_once(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("overview.py")
    monkeypatch.setattr(store, "read_frames", None)
    assert not app.run().exception


def test_a_patient_is_found_by_a_part_of_the_id(registry: Engine) -> None:
    wanted = _patient(registry, 30)
    page = opened("patient.py")
    first = page.dataframe[0].value
    assert list(first["Patient"]) == sorted(_frames(registry)["patient"]["patient_id"])[: data.LISTED]
    page.text_input[0].set_value(wanted[:5].lower()).run()
    assert all(wanted[:5] in found for found in page.dataframe[0].value["Patient"])
    page.text_input[0].set_value(wanted).run()
    assert page.query_params["patient"] == wanted
    assert 'class="banner"' in html(page)


def test_the_list_goes_on_and_back(registry: Engine) -> None:
    page = opened("patient.py")
    seen = [list(page.dataframe[0].value["Patient"])]
    for _ in range(PATIENTS // data.LISTED - 1):
        page.button(key="patients-on").click().run()
        seen.append(list(page.dataframe[0].value["Patient"]))
    assert page.button(key="patients-on").disabled
    everybody = list(itertools.chain.from_iterable(seen))
    assert everybody == sorted(_frames(registry)["patient"]["patient_id"])
    page.button(key="patients-back").click().run()
    assert list(page.dataframe[0].value["Patient"]) == seen[-2]


def test_a_list_behind_its_end_shows_its_last_part(registry: Engine) -> None:
    page = opened("patient.py")
    page.button(key="patients-on").click().run()
    page.text_input[0].set_value("no such id").run()
    assert not page.exception
    assert "0 patients" in html(page)
    page.text_input[0].set_value("").run()
    assert page.button(key="patients-back").disabled


def test_a_record_shows_every_stored_cell(registry: Engine) -> None:
    patient_id = _patient(registry, 3)
    page = opened("patient.py", patient=patient_id, view="read")
    assert not page.exception
    shown = html(page)
    found = _frames(registry)
    of_patient = {
        name: frame[frame["patient_id"] == patient_id] for name, frame in found.items() if "patient_id" in frame
    }
    of_patient.pop("screening_log")
    forms = sum(len(frame) > 0 for frame in of_patient.values())
    assert shown.count('<details class="form"') == forms
    for frame in of_patient.values():
        for column in frame.columns:
            for value in frame[column].dropna():
                if isinstance(value, pd.Timestamp):
                    assert value.date().isoformat() in shown
            if column.endswith("__absent"):
                for code in set(frame[column].dropna()):
                    assert f"{code} ({Absent(code).sentence})" in shown
    assert "History" in [title.value for title in page.header]
    assert page.get("image")


@pytest.mark.parametrize("address", ["nobody", HOSTILE, "", "%", "'; DROP TABLE patient; --"])
def test_an_unknown_patient_is_said_to_be_unknown(registry: Engine, address: str) -> None:
    page = opened("patient.py", patient=address)
    assert not page.exception
    assert "<img" not in html(page)
    if address:
        assert "There is no patient" in messages(page)
        assert plain(address) in messages(page)


def test_text_of_a_record_is_shown_as_it_was_written(registry: Engine) -> None:
    center = HOSTILE[:60]
    by = Actor(HOSTILE, Role.ADMINISTRATOR)
    _save(registry, "center", {"center_id": center, "name": HOSTILE}, by=by, reason=HOSTILE)
    patient = rows.row("patient", patient_id=HOSTILE[:50], center_id=center)
    _save(registry, "patient", patient)
    episode = rows.row("episode", patient_id=HOSTILE[:50], biology_note=HOSTILE, ned_on="")
    _save(registry, "episode", episode)
    record = {"patient": HOSTILE[:50]}
    views = [opened("overview.py"), opened("patient.py", **record), opened("patient.py", **record, view="read")]
    for page in [*views, opened("patient.py", **record, form="episode"), opened("worklist.py")]:
        assert not page.exception
        assert "<img" not in html(page)
        for element in page.markdown:
            assert "evil.example" not in element.value
    assert all(escaping.escape(HOSTILE[:50]) in html(page) for page in views)
    assert not opened("survival.py", center=center).exception


def test_open_queries_and_their_number_are_in_the_record(registry: Engine) -> None:
    patient_id = _patient(registry, 5)
    key = actions.QueryKey(patient_id, "MANUAL", "patient", "", "sex")
    actions.raise_query(registry, key, "Is this right? <b>", by=SOMEBODY)
    registry.dispose()
    page = opened("patient.py", patient=patient_id, view="read")
    assert any(title.value.startswith("Open data queries") for title in page.header)
    assert "Is this right? &lt;b&gt;" in html(page)
    assert "data query raised" in html(page)


def test_every_endpoint_and_every_origin(registry: Engine) -> None:
    page = opened("survival.py")
    for endpoint, origin in [("os", name) for name in ORIGINS] + [(name, "lung_resection") for name in ENDPOINTS]:
        page.selectbox(key="choice-endpoint").select(endpoint)
        page.selectbox(key="choice-origin").select(origin).run()
        assert not page.exception
        assert not page.error
        assert "Who was analyzed" in html(page)


def test_a_factor_is_drawn_or_refused_with_its_reason(registry: Engine) -> None:
    page = opened("survival.py")
    for name in ("sex", "center_id", "laterality", "high_cea", "large_tumor", "lobectomy"):
        page.selectbox(key="choice-by").select(name).run()
        assert not page.exception
        assert page.get("image") or messages(page)
        assert page.query_params["by"] == name
    page.selectbox(key="choice-by").select("none").run()
    assert "by" not in page.query_params


def test_a_misleading_analysis_is_refused_in_the_words_of_the_page(registry: Engine) -> None:
    page = opened("survival.py", by="high_cea", origin="primary_diagnosis")
    assert not page.exception
    assert "immortal" in messages(page)
    assert "High CEA" in messages(page)
    assert "landmark\\-months" not in messages(page)
    assert not page.get("image")
    page.selectbox(key="choice-landmark").select("6").run()
    assert not messages(page)
    assert page.get("image")
    assert page.query_params["landmark"] == "6"


@pytest.mark.parametrize("name", ["endpoint", "origin", "by", "landmark", "center"])
def test_a_wrong_address_is_named_and_the_default_shown(registry: Engine, name: str) -> None:
    page = opened("survival.py", **{name: HOSTILE})
    assert not page.exception
    assert plain(HOSTILE) in messages(page)
    assert name not in page.query_params
    assert page.get("image")


def test_a_selection_lives_in_the_address(registry: Engine) -> None:
    page = opened("survival.py", endpoint="rfs", origin="ned", landmark="3")
    assert page.selectbox(key="choice-endpoint").value == "rfs"
    assert page.selectbox(key="choice-origin").value == "ned"
    page.query_params["endpoint"] = "pfs"
    page.run()
    assert page.selectbox(key="choice-endpoint").value == "pfs"
    shown = page.get("image")[0].proto.imgs[0].alt
    assert shown.startswith("Kaplan-Meier curves of progression-free survival from the landmark 3 months after")


def test_an_unexpected_error_says_its_place_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    def script() -> None:
        from dashboard.failures import show_failure

        try:
            raise ValueError("secret of patient P1")
        except ValueError as error:
            show_failure(error)

    with caplog.at_level(logging.ERROR, logger="oligomet.dashboard"):
        page = AppTest.from_function(script).run()
    assert not page.exception
    assert "ValueError" in messages(page)
    assert "secret" not in messages(page)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_no_folder_of_pages_stands_beside_the_script() -> None:
    # Streamlit would serve its files before the table of pages is asked.
    from tests.dashboard.pages import SCRIPT

    assert [entry.name for entry in SCRIPT.parent.iterdir() if entry.name != "__pycache__"] == [SCRIPT.name]
