"""Signed-in viewers for tests: an account and a session in the registry, without a password's costly hash."""

from __future__ import annotations

import http.client
import re
import urllib.parse
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.engine import Engine

from registry import sessions, times
from registry.access import BOUND_TO_A_CENTER, Role
from registry.account_tables import Account
from registry.database import reading, writing
from registry.tables import TABLES
from tests.dashboard.serving import Served

PASSWORD = "a walk along the river"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def account(engine: Engine, role: Role, *, center: str | None = None, password_hash: str | None = None) -> str:
    """The name of an account of a role, made where it is not there; a data manager's is of the first center."""
    name = f"{role.value.replace(' ', '-')}{'-' + center.lower() if center else ''}"
    if center is None and role in BOUND_TO_A_CENTER:
        center = centers(engine)[0]
    now = times.text(times.now())
    row = {"name": name, "role": role.value, "center_id": center, "password_hash": password_hash, "disabled": False}
    with writing(engine) as connection:
        if connection.execute(sa.select(Account.name).where(Account.name == name)).first() is None:
            connection.execute(sa.insert(Account).values(**row, created_at=now, version=1))
    return name


def centers(engine: Engine) -> list[str]:
    """The centers of a registry."""
    with reading(engine) as connection:
        return sorted(connection.execute(sa.select(TABLES["center"].__table__.c.center_id)).scalars())


def token(engine: Engine, role: Role, *, center: str | None = None) -> str:
    """The token of a new session of an account of a role."""
    name = account(engine, role, center=center)
    with writing(engine) as connection:
        return sessions.open_session(connection, name)


def reference(engine: Engine, role: Role, *, center: str | None = None) -> str:
    """What names a new session of an account of a role to the pages."""
    found = sessions.reference(token(engine, role, center=center))
    engine.dispose()
    return found


@dataclass(frozen=True)
class Answer:
    """What a served dashboard answered."""

    status: int
    headers: dict[str, str]
    set_cookies: list[str]
    body: str

    def cookie(self, name: str) -> str:
        """The value of a cookie that it set; "" where it set none."""
        found = [line for line in self.set_cookies if line.startswith(f"{name}=")]
        return found[-1].partition("=")[2].partition(";")[0] if found else ""


def ask(server: Served, path: str, *, form: dict[str, str] | None = None, cookies: str = "", **headers: str) -> Answer:
    """One request, as a browser without a memory sends it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    body = urllib.parse.urlencode(form) if form is not None else None
    sent = {"Accept": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if cookies:
        sent["Cookie"] = cookies
    if form is not None:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    connection.request("POST" if form is not None else "GET", path, body, sent)
    answer = connection.getresponse()
    text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
    connection.close()
    found = [(name.lower(), value) for name, value in answer.getheaders()]
    return Answer(answer.status, dict(found), [value for name, value in found if name == "set-cookie"], text)


def form_of(server: Served, cookies: str = "") -> tuple[str, str]:
    """The sign-in form: its token and the cookie that it is bound to."""
    page = ask(server, "/signin", cookies=cookies)
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.body)
    assert found is not None, page.body
    return found[1], f"oligomet-form={page.cookie('oligomet-form')}"


def sign_in(server: Served, name: str, password: str, *, cookies: str = "", **fields: str) -> Answer:
    """A filled sign-in form, sent."""
    form_token, cookie = form_of(server)
    form = {"token": form_token, "next": "/", "name": name, "password": password, **fields}
    return ask(server, "/signin", form=form, cookies=f"{cookie}; {cookies}" if cookies else cookie)


def session_cookie(server: Served) -> Any:
    """The administrator's session as a browser keeps it."""
    name, _, value = server.cookie.partition("=")
    return {"name": name, "value": value, "url": server.address, "httpOnly": True, "sameSite": "Lax"}
