"""Runs of pages take turns: a few go on at once, nobody waits long, and a turn comes back whatever happens."""

from __future__ import annotations

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import Engine

from dashboard import app, data
from tests.dashboard.pages import opened


def test_a_few_go_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def run() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1

    monkeypatch.setattr(app, "_run", run)
    monkeypatch.setattr(app, "WAIT_SECONDS", 60)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: app.main(), range(24)))
    assert most[0] == app.AT_ONCE


def test_who_has_waited_goes_on_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = threading.Barrier(app.AT_ONCE + 1, timeout=30)
    monkeypatch.setattr(app, "_run", everybody.wait)  # it ends when one more than have turns is there
    monkeypatch.setattr(app, "WAIT_SECONDS", 0.01)
    with ThreadPoolExecutor(app.AT_ONCE + 1) as pool:
        assert len(list(pool.map(lambda _: app.main(), range(app.AT_ONCE + 1)))) == app.AT_ONCE + 1


def test_a_failed_run_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise LookupError

    monkeypatch.setattr(app, "_run", fails)
    for _ in range(2 * app.AT_ONCE):
        with pytest.raises(LookupError):
            app.main()
    taken = [app._turns.acquire(blocking=False) for _ in range(app.AT_ONCE)]
    for _ in filter(None, taken):
        app._turns.release()
    assert all(taken)


def test_what_was_looked_at_is_drawn_before_a_new_state_is_shown(
    registry: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.dispose()
    monkeypatch.setattr(data, "_figures", {})
    page = opened("survival.py")
    assert not page.exception
    looked_at = list(data._figures)
    assert len(looked_at) == 1
    drawn: list[object] = []
    monkeypatch.setattr(data, "_glance", lambda at, seen: None)
    monkeypatch.setattr(data, "_survival_svg", lambda *asked: drawn.append(asked))
    state = data.Moment("later", 2, dt.date(2026, 1, 1), "")
    data._read(state)
    assert drawn == [(state, *looked_at[0])]
