"""Counts of a large registry are those of the last state that was read, until the present one is."""

from __future__ import annotations

import threading

import pytest

from dashboard.standing import LARGE, Standing


def test_a_small_registry_is_always_shown_as_it_is() -> None:
    standing: Standing[int] = Standing(lambda state: None)
    assert standing.of(1) == 1
    standing.shown(1, LARGE - 1)
    assert standing.of(2) == 2


def test_a_large_registry_is_shown_as_it_was_while_it_is_read() -> None:
    go_on, read = threading.Event(), []

    def reading(state: int) -> None:
        go_on.wait(10)
        read.append(state)

    standing: Standing[int] = Standing(reading, every=0)
    standing.shown(1, LARGE)
    assert standing.of(1) == 1
    assert standing.of(2) == 1
    assert standing.of(3) == 1  # nobody reads a second time meanwhile
    go_on.set()
    standing.wait()
    assert read == [2]
    assert standing.of(2) == 2


def test_two_readings_keep_their_distance() -> None:
    read: list[int] = []
    standing: Standing[int] = Standing(read.append, every=1000)
    standing.shown(1, LARGE)
    assert standing.of(2) == 1
    standing.wait()
    assert read == []


def test_a_failed_reading_leaves_what_was_shown_and_is_tried_again() -> None:
    tried: list[int] = []

    def failing(state: int) -> None:
        tried.append(state)
        if len(tried) == 1:
            raise OSError

    standing: Standing[int] = Standing(failing, every=0)
    standing.shown(1, LARGE)
    hook, threading.excepthook = threading.excepthook, lambda _: None
    try:
        standing.of(2)
        standing.wait()
    finally:
        threading.excepthook = hook
    assert standing.of(2) == 1
    standing.wait()
    assert (tried, standing.of(2)) == ([2, 2], 2)


def test_a_reading_that_takes_long_is_followed_by_a_longer_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, read = [0.0], list[int]()
    monkeypatch.setattr("dashboard.standing.time.monotonic", lambda: clock[0])

    def reading(state: int) -> None:
        clock[0] += 10
        read.append(state)

    standing: Standing[int] = Standing(reading, every=60)
    standing.shown(1, LARGE)
    for at, state, expected in ((59, 2, []), (61, 2, [2]), (61 + 10 + 199, 3, [2]), (61 + 10 + 200, 3, [2, 3])):
        clock[0] = at
        standing.of(state)
        standing.wait()
        assert read == expected
