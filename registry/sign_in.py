"""Signing in: a name and a password, or a subject of an identity provider, become a session of an account.

Whatever is wrong, the answer is the same and takes as long; the trail says which it was, without what was typed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import accounts, delays, passwords, sessions
from registry.access import Actor
from registry.account_tables import Account
from registry.audit import Event, happened
from registry.database import reading, writing
from registry.errors import OligometError
from registry.keys import secret_key
from registry.sessions import Limits

_LONGEST_NAME = 200


class SignInRefused(OligometError):
    """The attempt was refused; the message is the same whatever was wrong."""

    def __init__(self) -> None:
        super().__init__("Name and password do not belong together", remedy="Check both, then try again")


class SignInDelayed(OligometError):
    """There were too many failures: the attempt was not looked at.

    Args:
        wait: how long until the next one is.
    """

    def __init__(self, wait: dt.timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__("There were too many attempts", remedy=f"Try again in {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came with an attempt.

    Args:
        address: the network address that it came from.
        browser: what ``SignedIn.browser`` gave this browser earlier; "" or anything else counts as a stranger's.
    """

    name: str
    password: str
    address: str
    browser: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session.

    Args:
        token: to be kept by the browser until it signs out.
        browser: to be kept by the browser for longer: it shows that the account was used from here.
    """

    account: str
    token: str
    browser: str


def sign_in(engine: Engine, attempt: Attempt, limits: Limits, *, source: str = "dashboard") -> SignedIn:
    """Opens a session.

    Raises:
        SignInRefused: the name, the password or the account is not right.
        SignInDelayed: there were too many failures.
    """
    name = accounts.normal(attempt.name[:_LONGEST_NAME])
    where = f"{source}, from {attempt.address}"
    keys = _keys(name, attempt)
    with writing(engine) as connection:
        wait = delays.begin(connection, keys)
    if wait:
        raise SignInDelayed(wait)
    with reading(engine) as connection:
        found = accounts.find(connection, name)
    right = passwords.matches(found.password_hash if found is not None else None, attempt.password)
    with writing(engine) as connection:
        # Again, since it took a while: the account may be disabled, or have another password, by now.
        current = accounts.find(connection, name)
        unchanged = found is not None and current is not None and found.password_hash == current.password_hash
        if right and unchanged and current is not None and not current.disabled:
            delays.succeeded(connection, keys)
            if passwords.is_outdated(current.password_hash):
                accounts.keep_hash(connection, name, passwords.hashed(attempt.password))
            return _opened(connection, name, limits, where)
        why = "no such account" if current is None else "account disabled" if current.disabled else "wrong password"
        # What was typed may be a password in the wrong field: it is not written where it names no account.
        about = "" if current is None else name
        happened(connection, Event.SIGN_IN_REFUSED, about, by="sign-in", reason=why, source=where)
    raise SignInRefused


def change_password(engine: Engine, attempt: Attempt, new: str, *, by: Actor) -> None:
    """Sets one's own password, for whoever knows the one until now; ends all sessions of the account.

    Raises SignInRefused and SignInDelayed as a sign-in does, and InputRefused for a password that is too easy.
    """
    name = accounts.normal(attempt.name)
    passwords.check_policy(new, name)
    keys = _keys(name, attempt)
    with writing(engine) as connection:
        wait = delays.begin(connection, keys)
        found = accounts.find(connection, name)
    if wait:
        raise SignInDelayed(wait)
    if not passwords.matches(found.password_hash if found is not None else None, attempt.password):
        raise SignInRefused
    with writing(engine) as connection:
        delays.succeeded(connection, keys)
    accounts.set_password(engine, name, new, by=by, source=f"dashboard, from {attempt.address}")


def sign_in_subject(
    engine: Engine, subject: str, limits: Limits, *, address: str, source: str = "identity provider"
) -> SignedIn:
    """Opens a session for a subject that an identity provider vouches for; raises SignInRefused for an unknown one."""
    table, where = Account.__table__, f"{source}, from {address}"
    with writing(engine) as connection:
        found = connection.execute(sa.select(table.c.name, table.c.disabled).where(table.c.subject == subject)).first()
        if found is not None and not found.disabled:
            return _opened(connection, found.name, limits, where)
        why = "no account has this subject" if found is None else "account disabled"
        about = "" if found is None else found.name
        happened(connection, Event.SIGN_IN_REFUSED, about, by="sign-in", reason=why, source=where)
    raise SignInRefused


def _opened(connection: Connection, name: str, limits: Limits, where: str) -> SignedIn:
    sessions.forget_old(connection, limits)
    token = sessions.open_session(connection, name)
    happened(connection, Event.SIGN_IN, name, by=name, reason="signed in", source=where)
    return SignedIn(name, token, _browser(name, secrets.token_hex(16)))


def _keys(name: str, attempt: Attempt) -> dict[str, str]:
    """What an attempt counts for. A browser that is known to the account is not held up by strangers' failures."""
    nonce, _, _ = attempt.browser.partition(".")
    known = re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{64}", attempt.browser) is not None
    known = known and hmac.compare_digest(attempt.browser, _browser(name, nonce))
    own = {"browser": _digest("browser", name, nonce)} if known else {"account": _digest("account", name)}
    return {**own, "address": _digest("address", attempt.address)}


def _browser(name: str, nonce: str) -> str:
    return f"{nonce}.{_digest('known browser', name, nonce)}"


def _digest(*parts: str) -> str:
    return hmac.digest(signing_key(), "\0".join(parts).encode(), hashlib.sha256).hex()


def signing_key() -> bytes:
    """The key that signs what the sign-in gives to browsers. With another one they are strangers again, no more."""
    return secret_key("sign-in", purpose="signing in", when_damaged="Remove keys/sign-in.key: a new one is made")
