"""Delays after failed sign-ins: they grow with each failure, are bounded, and shut nobody out for good.

Counted are failures by account, by address, and by browser that has signed in to the account before. Such a browser
does not wait for what strangers did to its account, so nobody can keep an owner out by failing in their name. Names
that are no account are counted like those that are: the answer does not tell them apart. What was typed is not kept,
only a keyed hash of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from registry import times
from registry.account_tables import SignInDelay
from registry.database import is_sqlite

FORGOTTEN_AFTER = dt.timedelta(hours=24)


_TABLE = SignInDelay.__table__


@dataclass(frozen=True, slots=True)
class Rule:
    """From which failure on there is a delay, and how long it is at most."""

    free: int
    longest: dt.timedelta

    def delay(self, failures: int) -> dt.timedelta:
        """How long the next attempt must wait: 1, 2, 4 … seconds."""
        if failures < self.free:
            return dt.timedelta(0)
        return min(self.longest, dt.timedelta(seconds=2 ** min(failures - self.free, 20)))


RULES: Mapping[str, Rule] = {
    "account": Rule(5, dt.timedelta(minutes=2)),
    # Many sit behind one address of a hospital.
    "address": Rule(30, dt.timedelta(minutes=2)),
    "browser": Rule(5, dt.timedelta(minutes=2)),
}

Keys = Mapping[str, str]
"""Kind -> key of what an attempt counts for."""


def begin(connection: Connection, keys: Keys) -> dt.timedelta:
    """Counts an attempt as failed, before its password is looked at; or says how long it has to wait.

    Counting first leaves no gap in which many attempts at once would each find the counter low; a success takes it
    back with ``succeeded``. Returns zero where the attempt may go on.
    """
    now = times.now()
    counts = {kind: _locked(connection, kind, keys[kind], now) for kind in sorted(keys)}
    waits = [last + RULES[kind].delay(failures) - now for kind, (failures, last) in counts.items()]
    longest = max(waits)
    if longest > dt.timedelta(0):
        return longest
    for kind, (failures, _) in counts.items():
        _set(connection, kind, keys[kind], failures + 1, now)
    return dt.timedelta(0)


def succeeded(connection: Connection, keys: Keys) -> None:
    """Forgets the failures of the account and the browser; gives the address its attempt back, and no more."""
    now = times.now()
    for kind, key in keys.items():
        where = sa.and_(_TABLE.c.kind == kind, _TABLE.c.key == key)
        if kind == "address":
            fewer = sa.case((_TABLE.c.failures > 0, _TABLE.c.failures - 1), else_=0)
            connection.execute(sa.update(SignInDelay).where(where).values(failures=fewer))
        else:
            connection.execute(sa.delete(SignInDelay).where(where))
    old = times.text(now - FORGOTTEN_AFTER)
    connection.execute(sa.delete(SignInDelay).where(_TABLE.c.last_at < old))


def _locked(connection: Connection, kind: str, key: str, now: dt.datetime) -> tuple[int, dt.datetime]:
    """The failures of a key and the last of them, with its row locked until the transaction ends."""
    row = {"kind": kind, "key": key, "failures": 0, "last_at": times.text(now)}
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    connection.execute(insert(SignInDelay).values(row).on_conflict_do_nothing())  # type: ignore[operator]
    found = connection.execute(
        sa.select(_TABLE.c.failures, _TABLE.c.last_at)
        .where(_TABLE.c.kind == kind, _TABLE.c.key == key)
        .with_for_update()
    ).one()
    last = times.read(found.last_at)
    return (0, now) if now - last >= FORGOTTEN_AFTER else (found.failures, last)


def _set(connection: Connection, kind: str, key: str, failures: int, now: dt.datetime) -> None:
    connection.execute(
        sa.update(SignInDelay)
        .where(_TABLE.c.kind == kind, _TABLE.c.key == key)
        .values(failures=failures, last_at=times.text(now))
    )


def forget_all(connection: Connection) -> None:
    """Removes all counts: they were made in another state of the registry."""
    connection.execute(sa.delete(SignInDelay))
