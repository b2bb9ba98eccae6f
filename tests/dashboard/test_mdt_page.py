"""The MDT view: the same as the command says, for a patient of the list, on screen, in the dark, and on one sheet."""

from __future__ import annotations

import html as escaping
import re
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Engine

from analytics.decision import PatientDecision
from analytics.decision_rules import Group
from dashboard import cookies, data, store
from registry import actions
from registry.access import Actor, Role
from registry.database import open_engine
from registry.frames import Frames
from tests.dashboard import signing
from tests.dashboard.pages import html, messages, opened
from tests.dashboard.serving import Served, settle
from tests.registry import rows

PAGE = "mdt.py"
HOSTILE = '<img src=x onerror="alert(1)">![x](http://evil.example/x.png) **bold**'


def _frames(registry: Engine) -> Frames:
    registry.dispose()  # see dashboard/store.py
    return store.all_frames()


def _with_lung(frames: Frames) -> list[str]:
    """Patients whose consent stands, with lung metastases, those with NED first."""
    episode, patient = frames["episode"], frames["patient"]
    kept = patient.loc[(patient["consent_status"] != "withdrawn").to_numpy(bool), "patient_id"]
    lung = episode[episode["lung_involved"].fillna(False).astype(bool) & episode["patient_id"].isin(kept)]
    return list(dict.fromkeys(lung.sort_values("ned_on")["patient_id"]))


def _decision(monkeypatch: pytest.MonkeyPatch) -> list[PatientDecision]:
    found: list[PatientDecision] = []
    decide = data.decide

    def kept(*arguments: object) -> PatientDecision:
        found.append(decide(*arguments))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr(data, "decide", kept)
    return found


def test_the_page_says_what_the_decision_does(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = _decision(monkeypatch)
    for patient_id in _with_lung(_frames(registry))[:2]:
        page = opened(PAGE, patient=patient_id)
        assert not page.exception
        assert not messages(page)
        assert page.get("image")
        shown = escaping.unescape(re.sub(r"<[^>]+>", " ", html(page)))
        shown = re.sub(r"\s+", " ", shown)
        (episode, *_) = decisions[-1].episodes
        assert f"found {episode.detected_on}" in shown
        assert episode.route in shown
        for item in episode.due:
            assert item.text in shown
        for situation in episode.situations:
            assert situation.source in shown
            for strategy in situation.strategies:
                assert all(step.words in shown for step in strategy.steps)
        for group in (Group.NOT_FOLLOWED, Group.OPEN, Group.UNDETERMINED, Group.FOLLOWED):
            for state in episode.in_group(group):
                assert state.title in shown
                assert state.source in shown
                assert state.strength_word in shown


def test_a_patient_is_chosen_from_the_same_list_and_the_record_leads_here(registry: Engine) -> None:
    page = opened(PAGE)
    assert not page.exception
    assert page.dataframe[0].value["Patient"].iloc[0] == _frames(registry)["patient"]["patient_id"].min()
    wanted = _with_lung(_frames(registry))[0]
    page.text_input[0].set_value(wanted).run()
    assert page.query_params["patient"] == wanted
    record = opened("patient.py", patient=wanted)
    links = [link.proto for link in record.get("page_link")]
    assert [(link.page_script_hash != "", link.query_string) for link in links] == [(True, f"patient={wanted}")]


@pytest.mark.parametrize("address", ["nobody", HOSTILE, "%"])
def test_an_unknown_patient_is_said_to_be_unknown(registry: Engine, address: str) -> None:
    page = opened(PAGE, patient=address)
    assert not page.exception
    assert "There is no patient" in messages(page)
    assert "<img" not in html(page)


def test_who_withdrew_consent_or_has_no_episode_is_said_to(registry: Engine) -> None:
    by = Actor("somebody", Role.ADMINISTRATOR)
    center = str(_frames(registry)["center"]["center_id"].iloc[0])
    for name, status in (("GONE-1", "withdrawn"), ("NEW-1", "given")):
        cells = rows.row("patient", patient_id=name, center_id=center, consent_status=status)
        actions.save(registry, "patient", cells, by=by, reason="test", seen_version=0)
    registry.dispose()
    assert "withdrawn consent" in messages(opened(PAGE, patient="GONE-1"))
    assert "no episode" in messages(opened(PAGE, patient="NEW-1"))


def test_text_of_a_record_is_shown_as_it_was_written(registry: Engine) -> None:
    by = Actor("somebody", Role.ADMINISTRATOR)
    wanted = _with_lung(_frames(registry))[0]
    treatment = _frames(registry)["systemic_therapy"]
    number = int(treatment.loc[treatment["patient_id"] == wanted, "record_no"].max()) + 1 if len(treatment) else 1
    cells = rows.row("systemic_therapy", patient_id=wanted, record_no=str(number), regimen=HOSTILE[:60], episode_no="")
    cells |= {"started_on": "2014-02-01", "ended_on": "2014-03-01"}
    actions.save(registry, "systemic_therapy", cells, by=by, reason="test", seen_version=0)
    registry.dispose()
    page = opened(PAGE, patient=wanted)
    assert not page.exception
    assert "<img" not in html(page)


# In a browser.


def _several_episodes(server: Served) -> str:
    query = (
        "SELECT patient_id FROM episode WHERE lung_involved AND patient_id IN (SELECT patient_id FROM patient WHERE "
        "consent_status <> 'withdrawn') GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        return str(connection.execute(query).fetchone()[0])


@pytest.fixture
def mdt(browser: Browser, server: Served) -> Iterator[Page]:
    """The MDT view of a patient with several episodes, reached from the record; its console is watched."""
    engine = open_engine(f"sqlite:///{server.home / 'oligomet.db'}")
    session = signing.token(engine, Role.CLINICIAN)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": cookies.SESSION, "value": session, "url": server.address}])
    page = context.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto(f"{server.address}/patient?patient={_several_episodes(server)}")
    settle(page)
    page.get_by_role("link", name="MDT view of this patient").click()
    page.wait_for_url("**/mdt?patient=*")
    settle(page)
    expect(page.locator(".om .mdt h2")).to_be_visible()
    yield page
    context.close()
    assert not found


@pytest.mark.browser
def test_from_the_record_to_the_mdt_view_and_what_is_folded_opens(mdt: Page) -> None:
    expect(mdt.get_by_role("heading", name="MDT view", exact=True)).to_be_visible()
    picture = mdt.get_by_role("img", name="Timeline.")
    expect(picture).to_be_visible()
    folded = mdt.get_by_text("Sources and data").first
    folded.click()
    expect(mdt.locator(".om .mdt details[open] .rule").first).to_be_visible()
    mdt.get_by_role("link", name="Record of this patient").click()
    mdt.wait_for_url("**/patient?patient=*")
    expect(mdt.get_by_role("heading", name="History")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 820, 420])
def test_nothing_is_cut_off_sideways(mdt: Page, width: int) -> None:
    mdt.set_viewport_size({"width": width, "height": 900})
    mdt.wait_for_timeout(200)
    script = "main => [main.scrollWidth, main.clientWidth]"
    inner, outer = mdt.get_by_test_id("stMain").evaluate(script)
    assert inner <= outer


@pytest.mark.browser
def test_it_is_printed_on_one_sheet_of_a4_in_dark_ink(mdt: Page) -> None:
    mdt.emulate_media(media="print", color_scheme="dark")
    assert not mdt.get_by_label("Find a patient").is_visible()
    assert not mdt.get_by_role("link", name="Glossary").is_visible()
    assert not mdt.get_by_role("button", name="Record the meeting").is_visible()
    assert mdt.locator(".om .mdt h2").is_visible()
    color = mdt.locator(".om .mdt h2").evaluate("element => getComputedStyle(element).color")
    assert max(int(part) for part in re.findall(r"\d+", color)[:3]) < 90
    printed = mdt.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.browser
def test_a_meeting_is_recorded_at_the_meeting(mdt: Page, server: Served) -> None:
    mdt.get_by_role("button", name="Record the meeting").click()
    expect(mdt.get_by_role("heading", name="Record the meeting")).to_be_visible()
    mdt.get_by_role("combobox", name="Goal").fill("pall")
    mdt.get_by_role("combobox", name="Goal").press("Enter")
    settle(mdt)
    mdt.get_by_role("textbox", name="Recommendation").fill("Best supportive care, at the wish of the patient")
    mdt.get_by_role("textbox", name="Recommendation").press("Tab")
    settle(mdt)
    mdt.get_by_role("button", name="Save", exact=True).click()
    expect(mdt.get_by_text("MDT meetings: saved.")).to_be_visible(timeout=20_000)
    mdt.get_by_role("button", name="Close", exact=True).click()
    expect(mdt.get_by_role("heading", name="Record the meeting")).to_have_count(0)
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        query = "SELECT goal, patient_id FROM mdt_meeting WHERE recommendation LIKE 'Best supportive care, at%'"
        assert connection.execute(query).fetchall() == [("palliative", _several_episodes(server))]
        last = connection.execute("SELECT written_by, source FROM revision WHERE event IS NULL ORDER BY number DESC")
        assert last.fetchone() == ("clinician", "dashboard")
