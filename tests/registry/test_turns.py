"""The two SQLite libraries of the process: a registry that is written while frames are read stays whole."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.engine import Engine

from registry import actions, audit
from registry.database import open_engine, reading
from registry.frames import read_frames
from registry.replay import verify_record
from tests.registry.rows import ENTRY, row


def test_frames_are_read_while_others_write_and_read(filled: Engine) -> None:
    """Each thread with an engine of its own, as programs have them."""
    failures: list[BaseException] = []
    stop = threading.Event()

    def write(writer: int) -> None:
        engine = open_engine(filled.url)
        try:
            for number in range(8):
                study = row("study", record_no=str(100 * writer + number))
                actions.save(engine, "study", study, by=ENTRY, reason=None, seen_version=0)
        except BaseException as error:
            failures.append(error)
        engine.dispose()

    def read() -> None:
        engine = open_engine(filled.url)
        try:
            seen = 0
            while not stop.is_set():
                count = len(read_frames(engine, ["study"])["study"])
                assert count >= seen
                seen = count
                with reading(engine) as connection:
                    audit.head(connection)
        except BaseException as error:
            failures.append(error)
        engine.dispose()

    writers = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert failures == []
    assert len(read_frames(filled, ["study"])["study"]) == 17
    with reading(filled) as connection:
        if filled.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert audit.verify_chain(connection) is None
        assert verify_record(connection) is None


def test_frames_within_a_transaction_are_refused_at_once(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine), pytest.raises(RuntimeError, match="outside of a transaction"):
        read_frames(sqlite_engine)
    assert len(read_frames(sqlite_engine)) == 15
