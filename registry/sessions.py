"""Sessions of signed-in accounts: random tokens of which only a hash is stored, with an idle and an absolute limit."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry import times
from registry.access import Actor, Role
from registry.account_tables import Account, Session
from registry.audit import Event, happened

_TABLE = Session.__table__


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: without anything done in it, and at most."""

    idle: dt.timedelta = dt.timedelta(minutes=30)
    absolute: dt.timedelta = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that is open.

    Args:
        reference: names the session; nobody can sign in with it.
        actor: of its account, as it is now.
    """

    reference: str
    actor: Actor
    opened_at: dt.datetime
    seen_at: dt.datetime


def reference(token: str) -> str:
    """What is stored of a token. It has 256 random bits: nothing is gained by a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(connection: Connection, account: str) -> str:
    """Opens a session of an account; returns its token, which is nowhere else."""
    token, now = secrets.token_urlsafe(32), times.text(times.now())
    connection.execute(
        sa.insert(Session).values(token_hash=reference(token), account=account, opened_at=now, seen_at=now)
    )
    return token


def signed(connection: Connection, of: str, limits: Limits, seen_here: dt.datetime | None = None) -> Signed | None:
    """The open session of a reference; None where there is none, it ran out, or its account is disabled.

    Args:
        connection: on the registry.
        of: the reference.
        limits: how long sessions last.
        seen_here: when this process last saw something done in it, which may not be written yet.
    """
    account = Account.__table__
    row = connection.execute(
        sa.select(_TABLE.c.opened_at, _TABLE.c.seen_at, account.c.name, account.c.role, account.c.center_id)
        .join(account, account.c.name == _TABLE.c.account)
        .where(_TABLE.c.token_hash == of, account.c.disabled.is_(False))
    ).one_or_none()
    if row is None:
        return None
    opened, seen, now = times.read(row.opened_at), times.read(row.seen_at), times.now()
    seen = max(seen, seen_here or seen)
    if now >= opened + limits.absolute or now >= seen + limits.idle:
        return None
    return Signed(of, Actor(row.name, Role(row.role), row.center_id), opened, seen)


def actor_of(connection: Connection, of: str) -> Actor | None:
    """Whose session this is or was until it ran out; None where it was signed out or its account is disabled.

    It signs nobody in: it only says to whom belongs what was typed until the end.
    """
    account = Account.__table__
    row = connection.execute(
        sa.select(account.c.name, account.c.role, account.c.center_id)
        .join(_TABLE, account.c.name == _TABLE.c.account)
        .where(_TABLE.c.token_hash == of, account.c.disabled.is_(False))
    ).one_or_none()
    return Actor(row.name, Role(row.role), row.center_id) if row is not None else None


def touch(connection: Connection, of: str, seen: dt.datetime) -> None:
    """Notes that something was done in a session."""
    later = sa.and_(_TABLE.c.token_hash == of, _TABLE.c.seen_at < times.text(seen))
    connection.execute(sa.update(Session).where(later).values(seen_at=times.text(seen)))


def sign_out(connection: Connection, of: str, *, source: str) -> str | None:
    """Ends a session; returns the name of its account, None where there was no such session."""
    name = connection.execute(sa.select(_TABLE.c.account).where(_TABLE.c.token_hash == of)).scalar_one_or_none()
    if name is None:
        return None
    connection.execute(sa.delete(Session).where(_TABLE.c.token_hash == of))
    happened(connection, Event.SIGN_OUT, str(name), by=str(name), reason="signed out", source=source)
    return str(name)


def sign_out_all(connection: Connection, account: str, *, by: str, source: str) -> int:
    """Ends all sessions of an account; returns how many there were."""
    ended = close_all(connection, account)
    reason = f"signed out everywhere ({ended})"
    happened(connection, Event.SIGN_OUT, account, by=by, reason=reason, source=source)
    return ended


def close_all(connection: Connection, account: str) -> int:
    """Ends all sessions of an account, as part of another event."""
    return connection.execute(sa.delete(Session).where(_TABLE.c.account == account)).rowcount


def count_open(connection: Connection, limits: Limits) -> int:
    """How many sessions are open: stored ones that did not run out."""
    now = times.now()
    opened, seen = times.text(now - limits.absolute), times.text(now - limits.idle)
    still = sa.and_(_TABLE.c.opened_at > opened, _TABLE.c.seen_at > seen)
    return int(connection.execute(sa.select(sa.func.count()).select_from(_TABLE).where(still)).scalar_one())


def forget_old(connection: Connection, limits: Limits) -> None:
    """Removes sessions that ran out."""
    now = times.now()
    opened, seen = times.text(now - limits.absolute), times.text(now - limits.idle)
    connection.execute(sa.delete(Session).where(sa.or_(_TABLE.c.opened_at <= opened, _TABLE.c.seen_at <= seen)))


def forget_all(connection: Connection) -> None:
    """Removes all sessions: they were opened in another state of the registry."""
    connection.execute(sa.delete(Session))
