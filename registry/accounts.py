"""Accounts: who may sign in, in which role and for which center; every change of one stands in the trail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import passwords, sessions, times
from registry.access import BOUND_TO_A_CENTER, Actor, Permission, Role
from registry.account_tables import Account, Session
from registry.audit import Change, Event, Writer
from registry.database import writing
from registry.errors import InputRefused
from registry.queries import to_json
from registry.tables import TABLES

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


_TABLE = Account.__table__


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in a list; ``sessions`` are those stored, some of which may have run out."""

    name: str
    role: str
    center_id: str | None
    disabled: bool
    created_at: str
    password_set_at: str | None
    subject: str | None
    sessions: int
    seen_at: str | None


def normal(name: str) -> str:
    """A typed name as accounts are named: without blanks around it, in small letters."""
    return name.strip().casefold()


def find(connection: Connection, name: str) -> sa.Row[tuple[object, ...]] | None:
    """The account of a name as it was typed; None where there is none."""
    return connection.execute(sa.select(_TABLE).where(_TABLE.c.name == normal(name))).one_or_none()


def listed(connection: Connection, *, by: Actor) -> list[Listed]:
    """All accounts, in the order of their names."""
    by.require(Permission.MANAGE_ACCOUNTS)
    session = Session.__table__
    query = (
        sa.select(
            *(_TABLE.c[name] for name in Listed.__slots__[:-2]),
            sa.func.count(session.c.token_hash),
            sa.func.max(session.c.seen_at),
        )
        .select_from(_TABLE.outerjoin(session, session.c.account == _TABLE.c.name))
        .group_by(_TABLE.c.name)
        .order_by(_TABLE.c.name)
    )
    return [Listed(*row) for row in connection.execute(query)]


def is_there_any(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    return connection.execute(sa.select(_TABLE.c.name).where(_TABLE.c.disabled.is_(False)).limit(1)).first() is not None


def add(
    engine: Engine,
    name: str,
    *,
    role: Role,
    by: Actor,
    center: str | None = None,
    password: str | None = None,
    subject: str | None = None,
    source: str = "command line",
) -> int:
    """Makes an account; returns the number of the revision.

    Args:
        password: None for somebody who signs in through an identity provider only.
        subject: who the account is for an identity provider.

    Raises InputRefused where the name is taken or is none, the password too easy, or the center not there.
    """
    by.require(Permission.MANAGE_ACCOUNTS)
    name = normal(name)
    if not NAME.fullmatch(name):
        remedy = "Use up to 64 letters, digits and . _ @ + -, with a letter or digit first"
        raise InputRefused("This cannot be the name of an account", got=name[:80], remedy=remedy)
    if password is None and subject is None:
        raise InputRefused("The account could not sign in", remedy="Give it a password or a subject of the provider")
    if password is not None:
        passwords.check_policy(password, name)
    now = times.text(times.now())
    row = {
        "name": name,
        "role": role.value,
        "center_id": center,
        "password_hash": passwords.hashed(password) if password is not None else None,
        "subject": subject,
        "disabled": False,
        "created_at": now,
        "password_set_at": now if password is not None else None,
        "version": 1,
    }
    with writing(engine) as connection:
        _require_center(connection, role, center)
        if find(connection, name) is not None:
            raise InputRefused("There is an account of that name", got=name, remedy="Take another name")
        if subject is not None:
            _require_free(connection, subject)
        connection.execute(sa.insert(Account).values(row))
        return _written(connection, name, "insert", None, _shown(row), by=by, reason="account made", source=source)


def set_role(
    engine: Engine, name: str, role: Role, *, by: Actor, center: str | None = None, source: str = "command line"
) -> int:
    """Gives an account another role and center; open sessions have it at their next step."""

    def change(connection: Connection, stored: Mapping[str, object]) -> dict[str, object]:
        _require_center(connection, role, center)
        if role is not Role.ADMINISTRATOR:
            _require_another_administrator(connection, stored)
        return {"role": role.value, "center_id": center}

    return _change(engine, name, change, by=by, reason="role changed", source=source)


def disable(engine: Engine, name: str, *, by: Actor, source: str = "command line") -> int:
    """Closes an account and its sessions; what it wrote stays."""

    def change(connection: Connection, stored: Mapping[str, object]) -> dict[str, object]:
        _require_another_administrator(connection, stored)
        sessions.close_all(connection, str(stored["name"]))
        return {"disabled": True}

    return _change(engine, name, change, by=by, reason="account disabled", source=source)


def enable(engine: Engine, name: str, *, by: Actor, source: str = "command line") -> int:
    """Opens a disabled account again."""
    return _change(engine, name, lambda *_: {"disabled": False}, by=by, reason="account enabled", source=source)


def set_password(engine: Engine, name: str, password: str, *, by: Actor, source: str = "command line") -> int:
    """Sets a password and ends all sessions of the account; everybody may set their own."""
    passwords.check_policy(password, normal(name))
    kept = passwords.hashed(password)

    def change(connection: Connection, stored: Mapping[str, object]) -> dict[str, object]:
        sessions.close_all(connection, str(stored["name"]))
        return {"password_hash": kept, "password_set_at": times.text(times.now())}

    own = by.name == normal(name)
    return _change(engine, name, change, by=by, reason="password set", source=source, own=own)


def set_subject(engine: Engine, name: str, subject: str | None, *, by: Actor, source: str = "command line") -> int:
    """Says who an account is for an identity provider; None for nobody."""

    def change(connection: Connection, stored: Mapping[str, object]) -> dict[str, object]:
        if subject is not None and subject != stored["subject"]:
            _require_free(connection, subject)
        return {"subject": subject}

    return _change(engine, name, change, by=by, reason="subject of the provider changed", source=source)


def sign_out_everywhere(engine: Engine, name: str, *, by: Actor, source: str) -> int:
    """Ends all sessions of an account; everybody may end their own. Returns how many there were."""
    if by.name != normal(name):
        by.require(Permission.MANAGE_ACCOUNTS)
    with writing(engine) as connection:
        stored = _stored(connection, name)
        return sessions.sign_out_all(connection, str(stored["name"]), by=by.name, source=source)


def keep_hash(connection: Connection, name: str, kept: str) -> None:
    """Keeps the same password under newer parameters: no change that anybody made, so none for the trail."""
    connection.execute(sa.update(Account).where(_TABLE.c.name == name).values(password_hash=kept))


_Change = Callable[[Connection, Mapping[str, object]], dict[str, object]]


def _change(
    engine: Engine, name: str, change: _Change, *, by: Actor, reason: str, source: str, own: bool = False
) -> int:
    """Sets columns of an account; returns the number of the revision."""
    if not own:
        by.require(Permission.MANAGE_ACCOUNTS)
    with writing(engine) as connection:
        stored = _stored(connection, name)
        columns = change(connection, stored)
        key = str(stored["name"])
        version = int(str(stored["version"])) + 1
        connection.execute(sa.update(Account).where(_TABLE.c.name == key).values(**columns, version=version))
        before, after = _shown(stored), _shown({**stored, **columns})
        if "password_hash" in columns:
            before["password"], after["password"] = "", "set"
        changed = [column for column in after if before.get(column, "") != after[column]]
        old, new = ({column: cells.get(column, "") for column in changed} for cells in (before, after))
        return _written(connection, key, "update", old, new, by=by, reason=reason, source=source)


def _stored(connection: Connection, name: str) -> Mapping[str, object]:
    found = find(connection, name)
    if found is None:
        raise InputRefused("There is no such account", got=normal(name), remedy="Take one of the list of accounts")
    return found._mapping  # type: ignore[return-value]


def _shown(row: Mapping[str, object]) -> dict[str, str]:
    """An account as the trail shows it: nothing of its password."""
    return {
        "role": str(row["role"]),
        "center_id": str(row["center_id"] or ""),
        "subject": str(row["subject"] or ""),
        "disabled": "yes" if row["disabled"] else "no",
    }


def _written(
    connection: Connection,
    name: str,
    action: str,
    old: dict[str, str] | None,
    new: dict[str, str],
    *,
    by: Actor,
    reason: str,
    source: str,
) -> int:
    writer = Writer(connection)
    writer.add([Change("account", name, "", action, to_json(old) if old is not None else None, to_json(new))])
    return writer.close(by=by.name, reason=reason, source=source, event=Event.ACCOUNT, about=name)


def _require_center(connection: Connection, role: Role, center: str | None) -> None:
    if center is None:
        if role in BOUND_TO_A_CENTER:
            raise InputRefused(f"A {role} works for one center", remedy="Name the center")
        return
    column = TABLES["center"].__table__.c.center_id
    known = sorted(connection.execute(sa.select(column)).scalars())
    if center not in known:
        there = ", ".join(known[:20]) or "none yet: enter one first"
        raise InputRefused("There is no such center in the registry", got=center, remedy=f"There are {there}")


def _require_free(connection: Connection, subject: str) -> None:
    if connection.execute(sa.select(_TABLE.c.name).where(_TABLE.c.subject == subject)).first() is not None:
        raise InputRefused("Another account has that subject", got=subject, remedy="One subject, one account")


def _require_another_administrator(connection: Connection, stored: Mapping[str, object]) -> None:
    if stored["role"] != Role.ADMINISTRATOR or stored["disabled"]:
        return
    administrators = sa.select(_TABLE.c.name).where(
        _TABLE.c.role == Role.ADMINISTRATOR.value, _TABLE.c.disabled.is_(False)
    )
    # Locked, in one order: two who close each other's account at the same time do not both find the other one open.
    found = connection.execute(administrators.order_by(_TABLE.c.name).with_for_update()).scalars()
    if not set(found) - {stored["name"]}:
        raise InputRefused("This is the only administrator", remedy="Make another one first")
