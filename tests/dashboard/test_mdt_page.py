"""The MDT view: the same as the command says, for a patient of the list."""

from __future__ import annotations

import html as escaping
import re

import pytest
from sqlalchemy.engine import Engine

from analytics.decision import PatientDecision
from analytics.decision_rules import Group
from dashboard import data, store
from registry import actions
from registry.access import Actor, Role
from registry.frames import Frames
from tests.dashboard.pages import html, messages, opened
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
