"""The administrator's pages: accounts, center table, readings, system; and that nobody else gets anywhere with them."""

from __future__ import annotations

import html as escaping
import re
from pathlib import Path

import argon2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.cohort import Cohort
from analytics.consensus.readings import DEFAULT, READINGS, Readings
from analytics.decision import PatientDecision
from analytics.readings_change import change_readings
from analytics.readings_file import readings_of
from dashboard import accounts as account_page
from dashboard import centers, data, readings, system
from dashboard.who import USER_KEY
from registry import accounts, audit, backup, passwords
from registry.access import Actor, Role
from registry.account_tables import Account
from registry.backup import last
from registry.database import reading
from registry.errors import PermissionRefused
from registry.sessions import Limits
from registry.sign_in import Attempt, SignInRefused, sign_in
from registry.tables import Base
from tests.dashboard.pages import html, messages, opened
from tests.dashboard.signing import centers as centers_of
from tests.dashboard.signing import reference

PAGES = ("accounts.py", "center_table.py", "readings.py", "system.py")
OTHERS = tuple(role for role in Role if role is not Role.ADMINISTRATOR)
PASSWORD = "a long way along the river"
HOSTILE = "<b>x</b>![x](http://evil.example/x.png)"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def _press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def _text(page: AppTest) -> str:
    return re.sub(r"\s+", " ", escaping.unescape(re.sub(r"<[^>]+>", " ", html(page))))


def _account(engine: Engine, name: str) -> dict[str, object]:
    with reading(engine) as connection:
        found = accounts.find(connection, name)
    engine.dispose()
    return dict(found._mapping) if found is not None else {}


def _enters(engine: Engine, name: str, password: str) -> bool:
    try:
        sign_in(engine, Attempt(name, password, "127.0.0.1"), Limits())
    except SignInRefused:
        return False
    finally:
        engine.dispose()
    return True


def _everything_written(engine: Engine) -> str:
    """The trail, all of it, as text."""
    with reading(engine) as connection:
        assert audit.verify_chain(connection) is None
        found = str(list(audit.log(connection)))
    engine.dispose()
    return found


def _field(page: AppTest, label: str, beginning: str) -> object:
    return next(f for f in page.text_input if f.label == label and str(f.key).startswith(beginning))


def _add(page: AppTest, name: str, password: str = PASSWORD, again: str | None = None, **more: str) -> AppTest:
    _field(page, "Name", "add|").set_value(name)  # type: ignore[attr-defined]
    _field(page, "New password", "add|").set_value(password)  # type: ignore[attr-defined]
    _field(page, "The password again", "add|").set_value(password if again is None else again)  # type: ignore[attr-defined]
    for box in page.selectbox:
        if str(box.key).startswith("add|") and box.label in more:
            box.select(more[box.label])
    return _press(page, "Add the account")


# Accounts.


def test_an_account_is_made_changed_and_closed(small: Engine, caplog: pytest.LogCaptureFixture) -> None:
    page = opened("accounts.py")
    page = _add(page, "Mona", Role=Role.DATA_MANAGER, Center="A")
    assert not page.exception
    assert not messages(page)
    assert "The account mona is made: data manager of A" in _text(page)
    assert _enters(small, "mona", PASSWORD)
    page.selectbox(key="account").select("mona").run()
    assert "1" in _text(page)
    other = "another way along the river"
    _field(page, "New password", "password|mona").set_value(other)  # type: ignore[attr-defined]
    _field(page, "The password again", "password|mona").set_value(other)  # type: ignore[attr-defined]
    _press(page, "Set the password")
    assert "The password of mona is set" in _text(page)
    assert not _enters(small, "mona", PASSWORD)
    assert _enters(small, "mona", other)
    role = next(box for box in page.selectbox if str(box.key).startswith("role|mona") and box.label == "Role")
    role.select(Role.AUDITOR)
    center = next(box for box in page.selectbox if str(box.key).startswith("role|mona") and box.label == "Center")
    center.select("")
    _press(page, "Set role and center")
    assert (_account(small, "mona")["role"], _account(small, "mona")["center_id"]) == ("auditor", None)
    _field(page, "Subject at the identity provider", "subject|mona").set_value("sub-1")  # type: ignore[attr-defined]
    _press(page, "Set the subject")
    assert _account(small, "mona")["subject"] == "sub-1"
    _press(page, "Sign out everywhere")
    _press(page, "Sign mona out")
    _press(page, "Disable")
    assert not _account(small, "mona")["disabled"]  # it asks first
    _press(page, "Leave it as it is")
    _press(page, "Disable")
    _press(page, "Disable mona")
    assert _account(small, "mona")["disabled"]
    assert not _enters(small, "mona", other)
    _press(page, "Enable")
    assert _enters(small, "mona", other)
    written = _everything_written(small)
    for secret in (PASSWORD, other, str(_account(small, "mona")["password_hash"])):
        assert secret not in written
        assert secret not in caplog.text
        assert secret not in str(dict(page.query_params))
        assert secret not in str(dict(page.session_state._state.filtered_state))
        assert secret not in html(page)


@pytest.mark.parametrize(
    ("name", "password", "again", "said"),
    [
        ("mona", "short", None, "fewer than 12 characters"),
        ("mona", "passwordpassword", None, "tried first"),
        ("monamonamona", "monamonamona", None, "name of the account"),
        ("mona", PASSWORD, "something else", "not typed the same"),
        ("mona", "", None, "could not sign in"),
        ("administrator", PASSWORD, None, "is an account of that name"),
        ("no name", PASSWORD, None, "cannot be the name"),
        (HOSTILE, PASSWORD, None, "cannot be the name"),
    ],
)
def test_what_cannot_be_an_account_is_said(
    small: Engine, name: str, password: str, again: str | None, said: str
) -> None:
    page = _add(opened("accounts.py"), name, password, again, Center="A")
    assert said in messages(page).replace("\\", "")
    assert not page.exception
    with reading(small) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(Account)).scalar_one() == 1
    assert _field(page, "Name", "add|").value == name  # type: ignore[attr-defined]
    assert not _field(page, "New password", "add|").value  # type: ignore[attr-defined]


def test_a_data_manager_without_a_center_is_refused(small: Engine) -> None:
    page = _add(opened("accounts.py"), "mona")
    assert "works for one center" in messages(page)
    assert not _account(small, "mona")


def test_the_policy_is_said_before_it_is_broken(small: Engine) -> None:
    assert passwords.POLICY in _text(opened("accounts.py"))


def test_the_last_administrator_stays(small: Engine) -> None:
    page = opened("accounts.py")
    _press(page, "Disable")
    _press(page, "Disable administrator")
    assert "only administrator" in messages(page)
    role = next(box for box in page.selectbox if str(box.key).startswith("role|administrator") and box.label == "Role")
    role.select(Role.AUDITOR)
    _press(page, "Set role and center")
    assert "only administrator" in messages(page)
    assert (_account(small, "administrator")["role"], _account(small, "administrator")["disabled"]) == (
        "administrator",
        False,
    )


# The center table.


def test_a_center_is_entered_and_changed_with_a_reason(small: Engine) -> None:
    page = opened("center_table.py")
    for label, text in (("Center ID *", "B"), ("Name *", HOSTILE), ("Country", "fr")):
        _field(page, label, "add-center|").set_value(text)  # type: ignore[attr-defined]
    _press(page, "Add the center")
    assert not page.exception, page.exception
    assert "B is entered" in _text(page)
    assert escaping.escape(HOSTILE) in html(page)
    page.selectbox(key="center-open").select("B").run()
    next(f for f in page.text_input if f.label == "Name *" and "|center|" in str(f.key)).set_value("Beta").run()
    _press(page, "Save")
    assert "Reason for the change" in _text(page)
    next(f for f in page.text_input if f.label == "Reason for the change *").set_value("renamed").run()
    _press(page, "Save")
    with reading(small) as connection:
        entry = list(audit.log(connection, center="B", events=False))[-1]
    assert (entry.written_by, entry.reason, entry.new) == ("administrator", "renamed", {"name": "Beta"})


def test_a_center_of_a_code_that_is_taken_is_refused(small: Engine) -> None:
    page = opened("center_table.py")
    for label, text in (("Center ID *", "A"), ("Name *", "Another")):
        _field(page, label, "add-center|").set_value(text)  # type: ignore[attr-defined]
    _press(page, "Add the center")
    assert "center of that code" in messages(page)


def test_an_empty_registry_begins_with_centers_and_accounts(sqlite_engine: Engine) -> None:
    page = opened("center_table.py")
    assert [title.value for title in page.title] == ["Center table"]
    for label, text in (("Center ID *", "A"), ("Name *", "Alpha")):
        _field(page, label, "add-center|").set_value(text)  # type: ignore[attr-defined]
    _press(page, "Add the center")
    page = _add(opened("accounts.py"), "mona", Center="A")
    assert _account(sqlite_engine, "mona")["center_id"] == "A"
    assert [title.value for title in opened("system.py").title] == ["System"]


# Readings.


def test_every_reading_is_listed_with_its_meaning_and_its_others(registry: Engine) -> None:
    shown = _text(opened("readings.py"))
    for said in READINGS.values():
        assert re.sub(r"\s+", " ", said.meaning) in shown
        for meaning in said.alternatives.values():
            assert meaning in shown


def test_a_reading_is_applied_after_what_it_changes_was_shown(registry: Engine) -> None:
    page = opened("readings.py", reading="synchronous_limit")
    assert not [button for button in page.button if button.label == "Apply"]
    setting = next(box for box in page.selectbox if box.label == "Setting")
    setting.select("six_months").run()
    assert not [button for button in page.button if button.label == "Apply"]
    _press(page, "Show what would change")
    assert not page.exception
    assert "What would change" in _text(page)
    assert "come out otherwise" in _text(page)
    assert "metachronous → synchronous" in _text(page) or "synchronous → metachronous" in _text(page)
    assert readings_of() == DEFAULT
    _press(page, "Apply")
    _press(page, "Apply it")
    assert "needs a reason" in messages(page)
    assert readings_of() == DEFAULT
    next(f for f in page.text_input if f.label.startswith("Reason")).set_value("steering group").run()
    _press(page, "Apply")
    _press(page, "Apply it")
    assert "Synchronous limit is six months from now on" in _text(page)
    assert readings_of() == Readings.of({"synchronous_limit": "six_months"})
    with reading(registry) as connection:
        entry = list(audit.log(connection))[-1]
    assert (entry.event, entry.written_by, entry.reason) == ("readings", "administrator", "steering group")
    assert (entry.old, entry.new) == ({"setting": '"workup"'}, {"setting": '"six_months"'})


def test_two_who_change_readings_at_once_do_not_undo_each_other(registry: Engine) -> None:
    page = opened("readings.py", reading="same_episode_days")
    next(f for f in page.text_input if f.label == "Setting").set_value("0").run()
    _press(page, "Show what would change")
    next(f for f in page.text_input if f.label.startswith("Reason")).set_value("x").run()
    other = Readings.of({"early_phase_months": 6})
    change_readings(registry, DEFAULT, other, by=Actor("another", Role.ADMINISTRATOR), reason="y")
    registry.dispose()
    page.run()
    assert not [button for button in page.button if button.label == "Apply"]  # what was shown is of other readings
    assert readings_of() == other


def test_the_mdt_view_reads_the_text_as_the_administrator_chose(
    registry: Engine, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Readings.of({"synchronous_limit": "six_months"})
    change_readings(registry, DEFAULT, chosen, by=Actor("chief", Role.ADMINISTRATOR), reason="x")
    with reading(registry) as connection:
        patient = connection.execute(sa.text("SELECT patient_id FROM episode ORDER BY 1 LIMIT 1")).scalar_one()
    registry.dispose()
    asked: list[Readings] = []
    whole = data.decide

    def decide(cohort: Cohort, patient_id: str) -> PatientDecision:
        asked.append(cohort.readings)
        return whole(cohort, patient_id)

    monkeypatch.setattr(data, "decide", decide)
    assert not opened("mdt.py", patient=str(patient)).exception
    assert asked == [chosen]


def test_every_table_of_the_installation_has_a_name_for_people(registry: Engine) -> None:
    registry.dispose()
    shown = html(opened("system.py"))
    assert "Double entry, samples" in shown
    assert not [name for name in Base.metadata.tables if "_" in name and name in shown]


@pytest.mark.parametrize("text", ["x", "-1", "", "1]\nmonths = 2"])
def test_a_setting_that_cannot_be_is_refused_in_words(registry: Engine, text: str) -> None:
    page = opened("readings.py", reading="same_episode_days")
    next(f for f in page.text_input if f.label == "Setting").set_value(text).run()
    assert not page.exception
    assert "cannot be set to this" in messages(page)
    assert not [button for button in page.button if button.label == "Show what would change"]


# The system.


def test_the_system_says_how_it_stands_and_makes_a_backup(registry: Engine, own_home: Path) -> None:
    page = opened("system.py")
    assert not page.exception
    assert "No backup was made on this machine yet" in messages(page)
    shown = _text(page)
    for word in ("SQLite", "schema 0", "Trail verified", "never on this machine", "Open sessions", "journalctl"):
        assert word in shown
    _press(page, "Make a backup")
    assert not page.exception
    assert not messages(page)
    made = backup.backups_in(own_home / "backups")
    assert len(made) == 1
    assert made[0][0].name in _text(page)
    noted = last.last_backup()
    assert noted is not None
    assert noted.place == str(made[0][0])
    with reading(registry) as connection:
        entry = list(audit.log(connection))[-1]
    assert (entry.event, entry.written_by, entry.source) == ("backup", "administrator", "dashboard")
    registry.dispose()
    _press(opened("trail.py"), "Verify the trail")
    assert "never on this machine" not in _text(opened("system.py"))


def test_an_old_backup_is_warned_of(registry: Engine, own_home: Path) -> None:
    said = '{"at": "2020-01-01T00:00:00+00:00", "place": "x", "bytes": 1000, "revision": 1}'
    (own_home / last.FILE).write_text(said)
    (own_home / "settings.toml").write_text("[backup]\nwarn_after_days = 2\n")
    assert "older than 2 days" in messages(opened("system.py"))


def test_a_damaged_backup_is_listed_as_such(registry: Engine, own_home: Path) -> None:
    (own_home / "backups" / "monday").mkdir(parents=True)
    (own_home / "backups" / "monday" / "manifest.json").write_text("{}")
    assert "not what was written" in _text(opened("system.py"))


# Nobody else.


@pytest.mark.parametrize("file", PAGES)
@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_gets_in_by_the_address(registry: Engine, file: str, role: Role) -> None:
    page = opened(file, role=role)
    assert [title.value for title in page.title] == ["The registry at a glance"]
    assert not [box for box in page.text_input if box.label in ("New password", "Setting")]


def _becomes(page: AppTest, engine: Engine, role: Role) -> None:
    """The browser of an administrator's page is now somebody else's, and sends what stands in its fields."""
    page.user = {USER_KEY: reference(engine, role)}


@pytest.mark.parametrize("role", OTHERS)
def test_forged_fields_of_the_administrator_make_no_account(registry: Engine, role: Role) -> None:
    page = opened("accounts.py")
    center = centers_of(registry)[0]
    registry.dispose()
    _field(page, "Name", "add|").set_value("evil")  # type: ignore[attr-defined]
    _field(page, "New password", "add|").set_value(PASSWORD)  # type: ignore[attr-defined]
    _field(page, "The password again", "add|").set_value(PASSWORD)  # type: ignore[attr-defined]
    for box in page.selectbox:
        if str(box.key).startswith("add|"):
            box.select(Role.ADMINISTRATOR if box.label == "Role" else center)
    _becomes(page, registry, role)
    _press(page, "Add the account")
    assert not page.exception
    assert not _account(registry, "evil")
    with reading(registry) as connection:
        assert not [e for e in audit.log(connection) if e.event == "account"]


def test_forged_clicks_change_no_reading_and_make_no_backup(registry: Engine, own_home: Path) -> None:
    page = opened("readings.py", reading="same_episode_days")
    next(f for f in page.text_input if f.label == "Setting").set_value("0").run()
    _press(page, "Show what would change")
    next(f for f in page.text_input if f.label.startswith("Reason")).set_value("x").run()
    _press(page, "Apply")
    registry.dispose()
    _becomes(page, registry, Role.DATA_MANAGER)
    _press(page, "Apply it")
    assert readings_of() == DEFAULT
    other = opened("system.py")
    _becomes(other, registry, Role.AUDITOR)
    _press(other, "Make a backup")
    assert not (own_home / "backups").exists()


@pytest.mark.parametrize("role", OTHERS)
def test_the_functions_behind_the_pages_ask_themselves(
    registry: Engine, own_home: Path, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """Whatever a page would show: who may not, reads and writes nothing."""
    center = centers_of(registry)[0]
    registry.dispose()
    somebody = Actor("somebody", role, center)
    for module in (account_page, centers, readings, system):
        monkeypatch.setattr(module, "viewer", lambda: somebody)
    monkeypatch.setattr("dashboard.scope.viewer", lambda: somebody)
    at = None
    tries = [
        lambda: account_page.listed(),
        lambda: account_page.add("evil", Role.ADMINISTRATOR, None, PASSWORD, PASSWORD, ""),
        lambda: account_page.set_role("somebody", Role.ADMINISTRATOR, None),
        lambda: account_page.set_password("somebody", PASSWORD, PASSWORD),
        lambda: account_page.set_subject("administrator", "me"),
        lambda: account_page.disable("administrator"),
        lambda: account_page.enable("administrator"),
        lambda: account_page.sign_out("administrator"),
        lambda: centers.stored(at),  # type: ignore[arg-type]
        lambda: centers.history(center),
        lambda: centers.add({"center_id": "Z", "name": "Z"}),
        lambda: readings.current(),
        lambda: readings.what_changes(at, DEFAULT, DEFAULT, print),  # type: ignore[arg-type]
        lambda: readings.apply(DEFAULT, Readings.of({"same_episode_days": 0}), "x"),
        lambda: system.system(at),  # type: ignore[arg-type]
        lambda: system.backups(),
        lambda: system.make_backup(lambda share, what: None),
    ]
    for attempt in tries:
        with pytest.raises(PermissionRefused):
            attempt()
    assert not (own_home / "backups").exists()
    assert readings_of() == DEFAULT
