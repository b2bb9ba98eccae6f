"""What the page of accounts reads and writes; all of it through the registry, which asks for the permission itself."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import logs, store, who
from dashboard.who import viewer
from registry import accounts
from registry.access import Actor, Permission, Role
from registry.accounts import Listed
from registry.errors import InputRefused

SOURCE = "dashboard"


def listed() -> Sequence[Listed]:
    """All accounts."""
    with store.reading() as connection:
        return accounts.listed(connection, by=viewer())


def add(name: str, role: Role, center: str | None, password: str, again: str, subject: str) -> str:
    """Makes an account; returns its name. Without a password it signs in through the identity provider only."""
    _require_same(password, again)
    accounts.add(
        store.engine(),
        name,
        role=role,
        center=center,
        password=password or None,
        subject=subject.strip() or None,
        by=viewer(),
        source=SOURCE,
    )
    logs.told("account made", account=accounts.normal(name), by=viewer().name)
    return accounts.normal(name)


def set_role(name: str, role: Role, center: str | None) -> None:
    """Gives an account another role and center."""
    by = viewer()
    accounts.set_role(store.engine(), name, role, center=center, by=by, source=SOURCE)
    _told("role changed", name, by)


def set_password(name: str, password: str, again: str) -> None:
    """Sets a password; all sessions of the account end."""
    _require_same(password, again)
    by = viewer()
    by.require(Permission.MANAGE_ACCOUNTS)  # one's own is changed by who types the old one
    accounts.set_password(store.engine(), name, password, by=by, source=SOURCE)
    _told("password set", name, by)


def set_subject(name: str, subject: str) -> None:
    """Says who an account is for the identity provider; empty for nobody."""
    by = viewer()
    accounts.set_subject(store.engine(), name, subject.strip() or None, by=by, source=SOURCE)
    _told("subject changed", name, by)


def disable(name: str) -> None:
    """Closes an account; its sessions end."""
    by = viewer()
    accounts.disable(store.engine(), name, by=by, source=SOURCE)
    _told("account disabled", name, by)


def enable(name: str) -> None:
    """Opens an account again."""
    by = viewer()
    accounts.enable(store.engine(), name, by=by, source=SOURCE)
    _told("account enabled", name, by)


def sign_out(name: str) -> None:
    """Ends all sessions of an account."""
    by = viewer()
    accounts.sign_out_everywhere(store.engine(), name, by=by, source=SOURCE)
    _told("signed out everywhere", name, by)


def _told(what: str, name: str, by: Actor) -> None:
    who.forget()  # role, account and sessions are asked for anew at the next step of everybody
    logs.told(what, account=accounts.normal(name), by=by.name)


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise InputRefused("The password was not typed the same both times", remedy="Type it again")
