"""Accounts, delays, sessions and signing in, on both engines; the trail says all of it, and no secret."""

from __future__ import annotations

import datetime as dt
import re

import argon2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from registry import accounts, audit, delays, passwords, sessions, times
from registry.access import Actor, Role
from registry.account_tables import Account, Session, SignInDelay
from registry.database import reading, writing
from registry.errors import InputRefused, PermissionRefused
from registry.exchange.dictionary import RENDERERS
from registry.exchange.tables import stored_tables
from registry.replay import verify_record
from registry.sessions import Limits
from registry.sign_in import (
    Attempt,
    SignedIn,
    SignInDelayed,
    SignInRefused,
    change_password,
    sign_in,
    sign_in_subject,
)

BY = Actor("chief", Role.ADMINISTRATOR)
PASSWORD = "a walk along the river"
LIMITS = Limits()


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.moment

    def on(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(times, "now", made)
    return made


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of little memory: what they cost in earnest is tested beside the passwords."""
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def anna(filled: Engine) -> Engine:
    """A registry with an auditor."""
    accounts.add(filled, "Anna", role=Role.AUDITOR, by=BY, password=PASSWORD)
    return filled


def _attempt(name: str = "anna", password: str = PASSWORD, address: str = "10.0.0.1", browser: str = "") -> Attempt:
    return Attempt(name, password, address, browser)


def _fail(engine: Engine, attempt: Attempt) -> None:
    with pytest.raises(SignInRefused):
        sign_in(engine, attempt, LIMITS)


def _signed(engine: Engine, token: str, limits: Limits = LIMITS) -> sessions.Signed | None:
    with reading(engine) as connection:
        return sessions.signed(connection, sessions.reference(token), limits)


def _events(engine: Engine) -> list[tuple[str | None, str, str, str]]:
    with reading(engine) as connection:
        assert audit.verify_chain(connection) is None
        assert verify_record(connection) is None
        return [(e.event, e.owner, e.written_by, e.reason) for e in audit.log(connection) if e.event]


def _count(engine: Engine, table: type) -> int:
    with reading(engine) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_every_change_of_an_account_is_in_the_trail_and_no_password_is(anna: Engine) -> None:
    accounts.set_role(anna, "anna", Role.DATA_MANAGER, center="A", by=BY)
    accounts.set_password(anna, "anna", "another walk, much longer", by=BY)
    accounts.disable(anna, "anna", by=BY)
    accounts.enable(anna, "anna", by=BY)
    accounts.set_subject(anna, "anna", "sub-1", by=BY)
    with reading(anna) as connection:
        entries = [entry for entry in audit.log(connection) if entry.event == "account"]
        stored = connection.execute(sa.select(Account.__table__)).one()
        assert audit.record_head(connection).number < audit.head(connection).number
    assert [entry.reason for entry in entries] == [
        "account made",
        "role changed",
        "password set",
        "account disabled",
        "account enabled",
        "subject of the provider changed",
    ]
    assert entries[1].old == {"role": "auditor", "center_id": ""}
    assert entries[1].new == {"role": "data manager", "center_id": "A"}
    assert entries[2].new == {"password": "set"}
    assert stored.version == 6
    assert stored.password_hash.startswith("$argon2id$")
    assert "walk" not in str(entries)
    assert stored.password_hash not in str(entries)
    assert _events(anna)[0] == ("account", "anna", "chief", "account made")


@pytest.mark.parametrize(
    ("name", "role", "center", "password", "words"),
    [
        ("anna", Role.AUDITOR, None, PASSWORD, "There is an account"),
        ("ANNA ", Role.AUDITOR, None, PASSWORD, "There is an account"),
        ("", Role.AUDITOR, None, PASSWORD, "cannot be the name"),
        ("a b", Role.AUDITOR, None, PASSWORD, "cannot be the name"),
        ("root (command line)", Role.AUDITOR, None, PASSWORD, "cannot be the name"),
        ("x" * 65, Role.AUDITOR, None, PASSWORD, "cannot be the name"),
        ("bob", Role.DATA_MANAGER, None, PASSWORD, "works for one center"),
        ("bob", Role.CLINICIAN, "Z", PASSWORD, "no such center"),
        ("bob", Role.AUDITOR, None, None, "could not sign in"),
        ("bob", Role.AUDITOR, None, "too short", "fewer than 12"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    anna: Engine, name: str, role: Role, center: str | None, password: str | None, words: str
) -> None:
    before = len(_events(anna))
    with pytest.raises(InputRefused, match=words) as refused:
        accounts.add(anna, name, role=role, center=center, password=password, by=BY)
    assert refused.value.remedy
    assert _count(anna, Account) == 1
    assert len(_events(anna)) == before


def test_only_who_manages_accounts_changes_them(anna: Engine) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        by = Actor("x", role, "A")
        with pytest.raises(PermissionRefused):
            accounts.add(anna, "bob", role=Role.ADMINISTRATOR, password=PASSWORD, by=by)
        with pytest.raises(PermissionRefused):
            accounts.set_role(anna, "anna", Role.ADMINISTRATOR, by=by)
        with pytest.raises(PermissionRefused):
            accounts.set_password(anna, "anna", PASSWORD, by=by)
        with pytest.raises(PermissionRefused):
            accounts.disable(anna, "anna", by=by)
        with pytest.raises(PermissionRefused):
            accounts.sign_out_everywhere(anna, "anna", by=by, source="test")
        with reading(anna) as connection, pytest.raises(PermissionRefused):
            accounts.listed(connection, by=by)
    with pytest.raises(InputRefused, match="no such account"):
        accounts.disable(anna, "nobody", by=BY)


def test_the_last_administrator_stays(anna: Engine) -> None:
    accounts.add(anna, "root", role=Role.ADMINISTRATOR, by=BY, password=PASSWORD)
    with pytest.raises(InputRefused, match="only administrator"):
        accounts.disable(anna, "root", by=BY)
    with pytest.raises(InputRefused, match="only administrator"):
        accounts.set_role(anna, "root", Role.AUDITOR, by=BY)
    accounts.set_role(anna, "anna", Role.ADMINISTRATOR, by=BY)
    accounts.disable(anna, "root", by=BY)


def test_signing_in_opens_a_session_of_which_only_a_hash_is_stored(anna: Engine) -> None:
    opened = sign_in(anna, _attempt(" ANNA "), LIMITS)
    assert len(opened.token) >= 43  # 256 bits
    found = _signed(anna, opened.token)
    assert found is not None
    assert found.actor == Actor("anna", Role.AUDITOR)
    with reading(anna) as connection:
        stored = str(connection.execute(sa.select(Session.__table__)).all())
    assert opened.token not in stored
    assert _signed(anna, sessions.reference(opened.token)) is None  # what is stored signs nobody in
    assert sign_in(anna, _attempt(), LIMITS).token != opened.token
    assert ("sign-in", "anna", "anna", "signed in") in _events(anna)


def test_the_answer_is_the_same_whatever_was_wrong_and_the_trail_knows_which(anna: Engine) -> None:
    accounts.add(anna, "closed", role=Role.AUDITOR, by=BY, password=PASSWORD)
    accounts.disable(anna, "closed", by=BY)
    accounts.add(anna, "only-provider", role=Role.AUDITOR, by=BY, subject="s")
    said = set()
    for name, password in [
        ("anna", "wrong"),
        ("nobody", PASSWORD),
        ("my secret password", ""),
        ("closed", PASSWORD),
        ("only-provider", PASSWORD),
        ("' OR 1=1 --", "x"),
        ("x" * 100_000, "y" * 100_000),
    ]:
        with pytest.raises(SignInRefused) as refused:
            sign_in(anna, _attempt(name, password, address=f"10.0.0.{len(name) % 250}"), LIMITS)
        said.add(str(refused.value))
    assert len(said) == 1
    refusals = [(about, why) for event, about, _, why in _events(anna) if event == "sign-in refused"]
    assert refusals == [
        ("anna", "wrong password"),
        ("", "no such account"),
        ("", "no such account"),
        ("closed", "account disabled"),
        ("only-provider", "wrong password"),
        ("", "no such account"),
        ("", "no such account"),
    ]
    with reading(anna) as connection:
        everything = str(connection.execute(sa.text("SELECT * FROM revision")).all())
        everything += str(connection.execute(sa.text("SELECT * FROM sign_in_delay")).all())
    assert "secret" not in everything
    assert _count(anna, Session) == 0


def test_an_unknown_name_costs_a_comparison_too(anna: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    class Watched(argon2.PasswordHasher):
        def verify(self, kept: str | bytes, word: str | bytes) -> bool:
            compared.append(str(kept).rpartition("$")[0].rpartition("$")[0])
            return super().verify(kept, word)

    monkeypatch.setattr(passwords, "_hasher", Watched(time_cost=1, memory_cost=8, parallelism=1))
    _fail(anna, _attempt("nobody"))
    _fail(anna, _attempt("anna", "wrong"))
    assert len(compared) == 2
    assert compared[0] == compared[1]  # with the same parameters


def test_failures_are_answered_by_growing_bounded_delays(anna: Engine, clock: Clock) -> None:
    for _ in range(5):
        _fail(anna, _attempt(password="wrong"))
    waits = []
    for _ in range(10):
        with pytest.raises(SignInDelayed) as delayed:
            sign_in(anna, _attempt(), LIMITS)  # the right password waits as well
        waits.append(delayed.value.seconds)
        clock.on(seconds=delayed.value.seconds)
        _fail(anna, _attempt(password="wrong"))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]
    clock.on(seconds=120)
    sign_in(anna, _attempt(), LIMITS)
    sign_in(anna, _attempt(), LIMITS)  # a success forgets the failures


def test_names_that_are_no_account_are_delayed_alike(anna: Engine, clock: Clock) -> None:
    for _ in range(5):
        _fail(anna, _attempt("nobody"))
    with pytest.raises(SignInDelayed):
        sign_in(anna, _attempt("nobody"), LIMITS)


def test_a_stranger_cannot_keep_an_owner_out(anna: Engine, clock: Clock) -> None:
    """From a browser that has signed in before, failures elsewhere do not matter."""
    known = sign_in(anna, _attempt(), LIMITS).browser
    for at in range(40):
        clock.on(seconds=121)
        _fail(anna, _attempt(password="guess", address=f"10.9.9.{at}"))
    with pytest.raises(SignInDelayed):
        sign_in(anna, _attempt(), LIMITS)
    assert sign_in(anna, _attempt(browser=known), LIMITS)
    for forged in ("x", "0" * 32 + "." + "0" * 64, known[:-1] + ("0" if known[-1] != "0" else "1"), known * 2):
        for at in range(6):
            with pytest.raises((SignInRefused, SignInDelayed)):
                sign_in(anna, _attempt(password="guess", address=f"10.8.8.{at}", browser=forged), LIMITS)
    for _ in range(5):
        _fail(anna, _attempt(password="guess", browser=known, address="10.7.7.7"))
    with pytest.raises(SignInDelayed):  # nor does the browser give more guesses than others have
        sign_in(anna, _attempt(password="guess", browser=known, address="10.7.7.7"), LIMITS)


def test_a_known_browser_is_known_for_its_account_only(anna: Engine, clock: Clock) -> None:
    accounts.add(anna, "bob", role=Role.AUDITOR, by=BY, password=PASSWORD)
    known = sign_in(anna, _attempt("bob"), LIMITS).browser
    for _ in range(5):
        _fail(anna, _attempt("anna", "guess", browser=known))
    with pytest.raises(SignInDelayed):
        sign_in(anna, _attempt("anna", "guess"), LIMITS)


def test_an_address_that_tries_many_names_is_delayed(anna: Engine, clock: Clock) -> None:
    for at in range(30):
        _fail(anna, _attempt(f"name{at}"))
    with pytest.raises(SignInDelayed):
        sign_in(anna, _attempt("name31"), LIMITS)
    with pytest.raises(SignInDelayed):
        sign_in(anna, _attempt(), LIMITS)
    sign_in(anna, _attempt(address="10.0.0.2"), LIMITS)
    clock.on(hours=25)
    sign_in(anna, _attempt(), LIMITS)
    assert _count(anna, SignInDelay) == 1  # what is old is forgotten


def test_a_waiting_attempt_writes_nothing_into_the_trail(anna: Engine, clock: Clock) -> None:
    for _ in range(5):
        _fail(anna, _attempt(password="guess"))
    before = len(_events(anna))
    for _ in range(20):
        with pytest.raises(SignInDelayed):
            sign_in(anna, _attempt(password="guess"), LIMITS)
    assert len(_events(anna)) == before


def test_a_failure_is_counted_before_the_password_is_looked_at(anna: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a thousand attempts at once are not a thousand free guesses."""
    counted = []

    def look(stored: str | None, password: str) -> bool:
        with reading(anna) as connection:
            counted.append(connection.execute(sa.select(sa.func.max(SignInDelay.failures))).scalar_one())
        return False

    monkeypatch.setattr(passwords, "matches", look)
    for _ in range(3):
        _fail(anna, _attempt())
    assert counted == [1, 2, 3]


def test_a_session_ends_idle_and_after_its_time(anna: Engine, clock: Clock) -> None:
    opened = sign_in(anna, _attempt(), LIMITS)
    clock.on(minutes=29)
    assert _signed(anna, opened.token) is not None
    clock.on(minutes=1)
    assert _signed(anna, opened.token) is None
    again = sign_in(anna, _attempt(), LIMITS)
    assert _count(anna, Session) == 1  # the one that ran out is gone
    for _ in range(35):
        clock.on(minutes=20)
        assert _signed(anna, again.token) is not None
        with writing(anna) as connection:
            sessions.touch(connection, sessions.reference(again.token), clock.moment)
    clock.on(minutes=20)
    assert _signed(anna, again.token) is None  # twelve hours
    assert _signed(anna, again.token, Limits(absolute=dt.timedelta(hours=13))) is not None


def test_what_another_process_noted_later_is_not_turned_back(anna: Engine, clock: Clock) -> None:
    of = sessions.reference(sign_in(anna, _attempt(), LIMITS).token)
    with writing(anna) as connection:
        sessions.touch(connection, of, clock.moment + dt.timedelta(minutes=5))
        sessions.touch(connection, of, clock.moment)
        assert connection.execute(sa.select(Session.seen_at)).scalar_one() == times.text(
            clock.moment + dt.timedelta(minutes=5)
        )


def test_signing_out_ends_the_session_and_everywhere_all_of_them(anna: Engine) -> None:
    first, second, third = (sign_in(anna, _attempt(), LIMITS).token for _ in range(3))
    with writing(anna) as connection:
        assert sessions.sign_out(connection, sessions.reference(first), source="test") == "anna"
        assert sessions.sign_out(connection, sessions.reference(first), source="test") is None
    assert _signed(anna, first) is None
    assert _signed(anna, second) is not None
    own = Actor("anna", Role.AUDITOR)
    assert accounts.sign_out_everywhere(anna, "anna", by=own, source="test") == 2
    assert _signed(anna, second) is None
    assert _signed(anna, third) is None
    ended = [(about, why) for event, about, _, why in _events(anna) if event == "sign-out"]
    assert ended == [("anna", "signed out"), ("anna", "signed out everywhere (2)")]


def test_a_new_password_and_a_disabled_account_end_every_session(anna: Engine) -> None:
    opened = sign_in(anna, _attempt(), LIMITS)
    accounts.set_password(anna, "anna", "quite another sentence", by=BY)
    assert _signed(anna, opened.token) is None
    _fail(anna, _attempt())
    opened = sign_in(anna, _attempt(password="quite another sentence"), LIMITS)
    accounts.disable(anna, "anna", by=BY)
    assert _signed(anna, opened.token) is None
    assert _count(anna, Session) == 0


def test_another_role_is_there_at_once(anna: Engine) -> None:
    opened = sign_in(anna, _attempt(), LIMITS)
    accounts.set_role(anna, "anna", Role.CLINICIAN, center="A", by=BY)
    found = _signed(anna, opened.token)
    assert found is not None
    assert found.actor == Actor("anna", Role.CLINICIAN, "A")


def test_ones_own_password_is_changed_by_who_knows_it(anna: Engine) -> None:
    own = Actor("anna", Role.AUDITOR)
    with pytest.raises(SignInRefused):
        change_password(anna, _attempt(password="wrong"), "quite another sentence", by=own)
    with pytest.raises(InputRefused):
        change_password(anna, _attempt(), "short", by=own)
    change_password(anna, _attempt(), "quite another sentence", by=own)
    assert sign_in(anna, _attempt(password="quite another sentence"), LIMITS)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            change_password(anna, _attempt(password="guess"), "yet another sentence", by=own)
    with pytest.raises(SignInDelayed):
        change_password(anna, _attempt(password="quite another sentence"), "yet another sentence", by=own)


def test_a_password_kept_with_older_parameters_is_renewed_when_it_is_used(
    anna: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    sign_in(anna, _attempt(), LIMITS)
    with reading(anna) as connection:
        kept = str(connection.execute(sa.select(Account.password_hash)).scalar_one())
    assert "m=16,t=2" in kept
    sign_in(anna, _attempt(), LIMITS)


def test_a_subject_of_the_provider_is_an_account_that_an_administrator_made(anna: Engine) -> None:
    with pytest.raises(SignInRefused):
        sign_in_subject(anna, "sub-1", LIMITS, address="10.0.0.1")
    accounts.set_subject(anna, "anna", "sub-1", by=BY)
    opened: SignedIn = sign_in_subject(anna, "sub-1", LIMITS, address="10.0.0.1")
    assert _signed(anna, opened.token) is not None
    with pytest.raises(InputRefused, match="Another account"):
        accounts.add(anna, "bob", role=Role.AUDITOR, by=BY, subject="sub-1")
    accounts.disable(anna, "anna", by=BY)
    with pytest.raises(SignInRefused):
        sign_in_subject(anna, "sub-1", LIMITS, address="10.0.0.1")


def test_the_database_holds_the_rules_itself(anna: Engine) -> None:
    row = {"name": "x", "role": "auditor", "disabled": False, "created_at": "2026", "version": 1}
    for wrong in ({"role": "king"}, {"role": "data manager"}, {"name": ""}, {"center_id": "Z"}, {"version": 0}):
        with pytest.raises(sa.exc.IntegrityError), writing(anna) as connection:
            connection.execute(sa.insert(Account).values({**row, **wrong}))
    session = {"token_hash": "f" * 64, "account": "nobody", "opened_at": "2026", "seen_at": "2026"}
    for wrong_session in (session, {**session, "account": "anna", "token_hash": "short"}):
        with pytest.raises(sa.exc.IntegrityError), writing(anna) as connection:
            connection.execute(sa.insert(Session).values(wrong_session))


def test_delays_are_one_two_four_and_bounded() -> None:
    rule = delays.Rule(3, dt.timedelta(seconds=10))
    assert [rule.delay(n).total_seconds() for n in (0, 2, 3, 4, 5, 6, 7, 10**9)] == [0, 0, 1, 2, 4, 8, 10, 10]


def test_accounts_are_no_part_of_the_record(anna: Engine) -> None:
    with reading(anna) as connection:
        names = {table.name for table in stored_tables(connection)}
    assert not names & {"account", "session", "sign_in_delay"}
    assert not re.search(r"\baccount\b,|password", RENDERERS["csv"]())
