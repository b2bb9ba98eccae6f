"""The readings: each is documented, a TOML file overrides them, and what it cannot say is refused with a remedy."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from analytics.consensus.readings import DEFAULT, READINGS, Readings
from registry.errors import UsageError


@pytest.mark.parametrize("name", READINGS)
def test_every_reading_says_what_it_means_and_where_the_text_speaks_of_it(name: str) -> None:
    said = READINGS[name]
    assert said.id.startswith(("P-", "AMB-"))
    assert said.meaning.endswith(".")
    assert said.source
    assert getattr(DEFAULT, name) not in list(said.alternatives)


def test_readings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT.same_episode_days = 0  # type: ignore[misc]


def test_a_file_overrides_what_it_names() -> None:
    text = """
    same_episode_days = 0
    gap_timing = "synchronous"
    pleura_is_site = true
    mid_low_height_cm = 12
    surveillance_yearly_months = [48, 60, 72]
    """
    chosen = Readings.from_toml(text)
    assert chosen.same_episode_days == 0
    assert chosen.mid_low_height_cm == 12.0
    assert chosen.surveillance_yearly_months == (48, 60, 72)
    assert chosen.perioperative_days == DEFAULT.perioperative_days
    assert set(chosen.changed()) == {
        "same_episode_days",
        "gap_timing",
        "pleura_is_site",
        "mid_low_height_cm",
        "surveillance_yearly_months",
    }


def test_an_empty_file_changes_nothing() -> None:
    assert Readings.from_toml("") == DEFAULT
    assert DEFAULT.changed() == {}


def test_every_word_that_is_listed_can_be_chosen() -> None:
    for name, said in READINGS.items():
        for value in said.alternatives:
            written = f'"{value}"' if isinstance(value, str) else str(value).lower()
            assert getattr(Readings.from_toml(f"{name} = {written}"), name) == value


def test_what_is_stored_with_a_result_holds_every_setting() -> None:
    stored = Readings.from_toml("same_episode_days = 0").to_dict()
    assert set(stored) == {"version", "date", "settings", "changed"}
    assert set(stored["settings"]) == set(READINGS)
    assert stored["changed"] == ["same_episode_days"]
    assert json.loads(json.dumps(stored)) == stored


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("same_episode_days = ", "name = value"),
        ("same_episode_day = 0", "same_episode_days"),
        ("same_episode_days = -1", "a whole number"),
        ("same_episode_days = 1.5", "a whole number"),
        ("same_episode_days = true", "a whole number"),
        ('same_episode_days = "31"', "a whole number"),
        ("pleura_is_site = 1", "true or false"),
        ('gap_timing = "sometimes"', '"metachronous" or "synchronous"'),
        ("gap_timing = 1", '"metachronous" or "synchronous"'),
        ("mid_low_height_cm = -1.0", "a number"),
        ("mid_low_height_cm = nan", "a number"),
        ("surveillance_yearly_months = []", "a list"),
        ("surveillance_yearly_months = [60, 48]", "a list"),
        ('surveillance_yearly_months = ["48"]', "a list"),
        ("surveillance_yearly_months = 48", "a list"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(text: str, remedy: str) -> None:
    with pytest.raises(UsageError) as refused:
        Readings.from_toml(text)
    assert remedy in str(refused.value)


@pytest.mark.parametrize("name", READINGS)
def test_the_page_of_the_classification_lists_every_reading(name: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "classification.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
    said = READINGS[name]
    assert f"| {said.meaning} |" in line
    assert line.endswith(f"| {said.id} |")
    assert all(meaning in line for meaning in said.alternatives.values())
