"""Long work on threads of its own: its progress, its end, and ending it."""

from __future__ import annotations

import logging
import threading

import pytest

from dashboard import jobs
from dashboard.jobs import Cancelled, Job, Progress
from registry.errors import InputRefused


def test_work_tells_how_far_it_is_and_what_came_of_it() -> None:
    go_on, told = threading.Event(), threading.Event()

    def work(progress: Progress) -> int:
        progress(0.5, "reading")
        told.set()
        go_on.wait(10)
        return 7

    job = Job(work)
    assert told.wait(10)
    assert (job.share, job.step, job.done, job.failed) == (0.5, "reading", False, False)
    assert not job.wait(0.01)
    ended: list[bool] = []
    job.after(lambda: ended.append(True))
    go_on.set()
    assert job.wait(10)
    assert job.result() == 7
    job.after(lambda: ended.append(True))
    assert ended == [True, True]


def test_work_that_is_cancelled_ends_at_its_next_step() -> None:
    begun = threading.Event()
    job: Job[None]

    def work(progress: Progress) -> None:
        begun.set()
        while True:
            progress(0.1, "reading")

    job = Job(work)
    assert begun.wait(10)
    jobs.end_all()
    assert job.wait(10)
    assert job.failed
    with pytest.raises(Cancelled):
        job.result()


def test_what_is_done_can_not_be_cancelled_any_more() -> None:
    cancelled = threading.Event()

    def work(progress: Progress) -> str:
        cancelled.wait(10)
        progress(1.0, "done")
        return "written"

    job = Job(work)
    job.cancel()
    cancelled.set()
    assert job.wait(10)
    assert job.result() == "written"


def test_an_error_is_that_of_the_work_and_logged_where_nobody_expected_it(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_: Progress) -> None:
        raise InputRefused("No")

    def fail(_: Progress) -> None:
        raise ValueError("secret of patient P1")

    with caplog.at_level(logging.ERROR, logger="oligomet.dashboard"):
        for work, error in ((refuse, InputRefused), (fail, ValueError)):
            job = Job(work)
            assert job.wait(10)
            with pytest.raises(error):
                job.result()
    assert caplog.text.count("a job failed") == 1
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
