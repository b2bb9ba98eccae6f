"""Names and hospital numbers: sealed, bound to patient and center, for that center's people only, and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typer.testing import CliRunner

from dashboard.cli import app
from registry import actions, audit, keys
from registry.access import PERMISSIONS, Actor, Permission, Role
from registry.database import open_engine, reading, writing
from registry.errors import EnvironmentRefused, InputRefused, PermissionRefused
from registry.identity import actions as identities
from registry.identity import keeping
from registry.identity.cipher import Cipher, Damaged
from registry.identity.content import Identity, number_of, spellings_of
from registry.identity.store import SETTING, IdentityRow, IdentityWord, Store, identities_url
from tests.conftest import _new_postgres
from tests.registry import rows
from tests.registry.rows import ENTRY

MANAGER = Actor("anna", Role.DATA_MANAGER, "A")
CLINICIAN = Actor("carl", Role.CLINICIAN, "A")
MUELLER = {"hospital_number": "00-471 199", "family_name": "Müller-Łukasz", "given_names": "Zoë"}
SECRETS = ("00471199", "00-471 199", "471 199", "Müller", "mueller", "Łukasz", "Zoë")


def _enter(engine: Engine) -> None:
    """P2 of center A and P3 of center B, beside P1 of A."""
    actions.save(engine, "center", {"center_id": "B", "name": "Beta"}, by=ENTRY, reason=None, seen_version=0)
    for patient, center in (("P2", "A"), ("P3", "B")):
        cells = rows.row("patient", patient_id=patient, center_id=center)
        actions.save(engine, "patient", cells, by=ENTRY, reason=None, seen_version=0)
    engine.dispose()


@pytest.fixture
def both(filled: Engine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The registry and its identities, on each engine."""
    if filled.dialect.name != "sqlite":
        monkeypatch.setenv(SETTING, _new_postgres(request.getfixturevalue("postgres"), None))
    _enter(filled)
    return filled


@pytest.fixture(scope="module")
def _entered(_sqlite_template: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("identities") / "registry.db"
    shutil.copy(_sqlite_template("filled"), path)
    _enter(open_engine(f"sqlite:///{path}"))
    return path


@pytest.fixture
def registry(_entered: Path, own_home: Path) -> Iterator[Engine]:
    """The same on SQLite alone, in the home of the test."""
    own_home.mkdir()
    shutil.copy(_entered, own_home / "oligomet.db")
    engine = open_engine(f"sqlite:///{own_home / 'oligomet.db'}")
    yield engine
    engine.dispose()


def keep(
    registry: Engine, patient: str = "P1", cells: dict[str, str] = MUELLER, by: Actor = MANAGER, seen: int = 0,
    reason: str | None = None,
) -> int:  # fmt: skip
    return identities.save(registry, patient, cells, by=by, reason=reason, seen_version=seen, source="test")


def view(registry: Engine, patient: str = "P1", by: Actor = MANAGER) -> identities.Viewed:
    return identities.view(registry, patient, by=by, source="test")


def found(registry: Engine, text: str, by: Actor = MANAGER) -> tuple[str, ...]:
    return identities.search(registry, text, by=by, source="test").patients


def events(registry: Engine) -> list[audit.Entry]:
    with reading(registry) as connection:
        return [entry for entry in audit.log(connection) if entry.event == audit.Event.IDENTITY]


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database of identities."""
    request.getfixturevalue("both" if "both" in request.fixturenames else "registry")  # says where it is
    engine = open_engine(identities_url())
    yield engine
    engine.dispose()


def dump(connection: Connection) -> str:
    """Everything that a database holds, as text."""
    found = []
    for table in sa.inspect(connection).get_table_names():
        for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):
            found += [cell.decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell) for cell in row]
    return "\n".join(found)


def test_what_was_kept_is_shown_to_the_people_of_the_center(both: Engine) -> None:
    assert keep(both) == 1
    for who in (MANAGER, CLINICIAN):
        assert view(both, by=who) == identities.Viewed(Identity(**MUELLER), 1)
    assert view(both, "P2") == identities.Viewed(Identity(), 0)


OTHERS = (
    *(
        Actor("x", role, center)
        for role in (Role.RESEARCHER, Role.AUDITOR, Role.ADMINISTRATOR)
        for center in ("A", None)
    ),
    Actor("x", Role.DATA_MANAGER, "B"),
    Actor("x", Role.CLINICIAN, "B"),
    Actor("x", Role.CLINICIAN, None),
)


@pytest.mark.parametrize("who", OTHERS, ids=lambda who: f"{who.role} {who.center_id}")
def test_everybody_else_is_refused(registry: Engine, who: Actor) -> None:
    keep(registry)
    before = len(events(registry))
    for attempt in (
        lambda: view(registry, by=who),
        lambda: keep(registry, by=who, seen=1, reason="x"),
        lambda: identities.remove(registry, "P1", by=who, reason="x", seen_version=1, source="test"),
    ):
        with pytest.raises(PermissionRefused) as refused:
            attempt()
        assert not [secret for secret in SECRETS if secret.casefold() in str(refused.value).casefold()]
    if identities.may_view(who):
        assert found(registry, "Müller", by=who) == ()
        before += 1  # the search of the own center
    else:
        with pytest.raises(PermissionRefused):
            found(registry, "Müller", by=who)
    assert len(events(registry)) == before
    assert view(registry).version == 1


def test_only_data_managers_and_clinicians_have_the_permission() -> None:
    have = {role for role, given in PERMISSIONS.items() if Permission.VIEW_IDENTITIES in given}
    assert have == {Role.DATA_MANAGER, Role.CLINICIAN}


def test_nobody_is_told_apart_from_somebody_of_another_center(registry: Engine) -> None:
    said = []
    for patient in ("P3", "NOBODY"):
        with pytest.raises(PermissionRefused) as refused:
            view(registry, patient)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_patient_who_changed_the_center_takes_no_name_along(registry: Engine) -> None:
    keep(registry)
    moved = rows.row("patient", center_id="B")
    actions.save(registry, "patient", moved, by=ENTRY, reason="moved", seen_version=1)
    with pytest.raises(PermissionRefused):
        view(registry)
    assert found(registry, "Müller") == ()
    other = Actor("ben", Role.DATA_MANAGER, "B")
    assert view(registry, by=other) == identities.Viewed(Identity(), 0)
    assert found(registry, "Müller", by=other) == ()
    assert keeping.status(registry, by=ENTRY).of_nobody == [("A", "P1")]
    assert keeping.remove_of_nobody(registry, by=ENTRY, source="test") == 1
    assert keeping.status(registry, by=ENTRY).centers == {}


def test_neither_database_holds_a_word_of_it(both: Engine, kept: Engine) -> None:
    keep(both)
    view(both)
    found(both, "mueller zoe")
    changed = {**MUELLER, "given_names": "Chloé"}
    keep(both, cells=changed, seen=1, reason="as in the passport")
    with kept.connect() as connection:
        sealed = dump(connection)
    with both.connect() as connection:
        record = dump(connection)
    for secret in (*SECRETS, "Chlo"):
        for text in (sealed, record):
            assert secret.casefold() not in text.casefold()
            assert secret.encode().decode("latin-1") not in text
    for file in Path(os.environ["OLIGOMET_HOME"]).rglob("*"):
        if file.is_file():
            assert not [secret for secret in SECRETS if secret.encode() in file.read_bytes()], file


def test_two_identities_of_different_length_look_alike(registry: Engine, kept: Engine) -> None:
    keep(registry, "P1", {"family_name": "Ng"})
    keep(registry, "P2", {"family_name": "Featherstonehaugh", "given_names": "Bartholomew"})
    with kept.connect() as connection:
        sealed = connection.execute(sa.select(IdentityRow.sealed)).scalars().all()
    assert len({len(one) for one in sealed}) == 1
    assert sealed[0][:12] != sealed[1][:12]


def test_every_changed_byte_is_found(registry: Engine, kept: Engine) -> None:
    keep(registry)
    with kept.connect() as connection:
        sealed = bytes(connection.execute(sa.select(IdentityRow.sealed)).scalar_one())
        cipher = Cipher(connection.execute(sa.select(Store.key_name)).scalar_one())
    assert cipher.open("A", "P1", sealed) == Identity(**MUELLER)
    for at in range(len(sealed)):
        with pytest.raises(Damaged):
            cipher.open("A", "P1", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
    for cut in (b"", sealed[:11], sealed[:-1], sealed + b"\0"):
        with pytest.raises(Damaged):
            cipher.open("A", "P1", cut)


def test_swapped_rows_are_refused_and_nobody_is_found_by_a_moved_hash(registry: Engine, kept: Engine) -> None:
    keep(registry, "P1")
    keep(registry, "P2", {"hospital_number": "7", "family_name": "Dupont"})
    with writing(kept) as connection:
        sealed = dict(connection.execute(sa.select(IdentityRow.patient_id, IdentityRow.sealed)).all())
        connection.execute(sa.update(IdentityRow).where(IdentityRow.patient_id == "P1").values(number_hash=None))
        stolen = Cipher(connection.execute(sa.select(Store.key_name)).scalar_one()).number("A", "00471199")
        connection.execute(sa.update(IdentityRow).where(IdentityRow.patient_id == "P2").values(number_hash=stolen))
    assert found(registry, "00471199") == ()
    with writing(kept) as connection:
        for patient, other in (("P1", "P2"), ("P2", "P1")):
            here = IdentityRow.patient_id == patient
            connection.execute(sa.update(IdentityRow).where(here).values(sealed=sealed[other]))
    for patient in ("P1", "P2"):
        with pytest.raises(Damaged) as refused:
            view(registry, patient)
        assert not [secret for secret in (*SECRETS, "Dupont") if secret in str(refused.value)]
    assert {patient for _, patient in keeping.status(registry, by=ENTRY).damaged} == {"P1", "P2"}
    identities.remove(registry, "P1", by=MANAGER, reason="damaged", seen_version=1, source="test")
    assert view(registry, "P1").version == 0


def test_a_row_that_is_moved_to_another_center_is_refused(registry: Engine, kept: Engine) -> None:
    keep(registry, "P1", {"hospital_number": "7"})
    with writing(kept) as connection:
        connection.execute(sa.update(IdentityRow).values(center_id="B", patient_id="P3"))
    with pytest.raises(Damaged):
        view(registry, "P3", by=Actor("ben", Role.DATA_MANAGER, "B"))


@pytest.mark.parametrize(
    "text",
    [
        "00471199",
        "00-471199",
        " 00.471/199 ",
        "mueller",
        "MULLER",
        "Müller",
        "lukasz müller",
        "zoe",
        "Zoë Mueller-Łukasz",
    ],
)
def test_a_patient_is_found_in_any_spelling(registry: Engine, text: str) -> None:
    keep(registry)
    keep(registry, "P2", {"hospital_number": "8", "family_name": "Meier", "given_names": "Hans"})
    assert found(registry, text) == ("P1",)


@pytest.mark.parametrize("text", ["471199", "mull", "müller hans", "P1", "%", "00471199 x"])
def test_nobody_is_found_by_a_part_or_by_words_of_two(registry: Engine, text: str) -> None:
    keep(registry)
    keep(registry, "P2", {"family_name": "Meier", "given_names": "Hans"})
    if text == "%":
        with pytest.raises(InputRefused, match="nothing to search"):
            found(registry, text)
    else:
        assert found(registry, text) == ()


def test_spellings() -> None:
    assert number_of("ＡＢ-12 / ß") == "ab12ss"
    assert spellings_of("müller") == {"muller", "mueller"}
    assert spellings_of("ångström") == {"angstrom", "angstroem"}
    assert spellings_of("łódź") == {"lodz"}
    assert spellings_of("王小明") == {"王小明"}


def test_one_number_is_one_patient_in_a_center_and_centers_cannot_be_joined_by_it(both: Engine, kept: Engine) -> None:
    keep(both)
    with pytest.raises(InputRefused, match="Another patient") as refused:
        keep(both, "P2", {"hospital_number": "00471199"})
    assert "00" not in str(refused.value)
    ben = Actor("ben", Role.DATA_MANAGER, "B")
    keep(both, "P3", MUELLER, by=ben)
    assert found(both, "Müller", by=ben) == ("P3",)
    with kept.connect() as connection:
        numbers = connection.execute(sa.select(IdentityRow.number_hash)).scalars().all()
        words = connection.execute(sa.select(IdentityWord.word_hash)).scalars().all()
    assert len(set(numbers)) == len(numbers) == 2
    assert len(set(words)) == len(words)


def test_the_trail_says_who_and_why_and_no_value(both: Engine) -> None:
    keep(both)
    keep(both, cells={**MUELLER, "given_names": "Zoe"}, seen=1, reason="as in the passport")
    view(both, by=CLINICIAN)
    found(both, "mueller")
    found(both, "nobody")
    identities.remove(both, "P1", by=MANAGER, reason="consent withdrawn", seen_version=2, source="test")
    said = [(entry.owner, entry.written_by, entry.reason) for entry in events(both)]
    assert said == [
        ("P1", "anna", "name and hospital number entered"),
        ("P1", "anna", "name and hospital number changed (given names): as in the passport"),
        ("P1", "carl", "name and hospital number looked at"),
        ("P1", "anna", "found by name or hospital number"),
        ("A", "anna", "nobody found by name or hospital number"),
        ("P1", "anna", "name and hospital number removed: consent withdrawn"),
    ]
    assert not any(entry.old or entry.new for entry in events(both))
    with reading(both) as connection:
        assert audit.verify_chain(connection) is None
        of_patient = [entry for entry in audit.log(connection, patient="P1") if entry.event]
    assert len(of_patient) == 5
    assert view(both) == identities.Viewed(Identity(), 0)


@pytest.mark.parametrize("reason", ["it is Mueller now", "number 00471199 was wrong", "see 00-471 199", "ZOE"])
def test_a_reason_that_tells_is_refused(registry: Engine, reason: str) -> None:
    keep(registry)
    with pytest.raises(InputRefused, match="reason holds a part") as refused:
        keep(registry, cells={**MUELLER, "given_names": "Zoe Ann"}, seen=1, reason=reason)
    assert reason not in str(refused.value)
    assert view(registry).version == 1


@pytest.mark.parametrize(
    ("cells", "seen", "reason", "words"),
    [
        ({}, 1, "x", "nothing to keep"),
        ({"family_name": "x" * 200}, 1, "x", "Family name: longer"),
        ({"family_name": "Sp\u200by"}, 1, "x", "Family name: holds invisible"),
        ({"family_name": "Spy"}, 1, "", "needs a reason"),
        ({"family_name": "Spy"}, 0, "because", "Somebody else changed"),
        ({"family_name": "Spy"}, 7, "because", "Somebody else changed"),
    ],
)
def test_a_refused_change_keeps_what_there_is_and_tells_nothing(
    registry: Engine, cells: dict[str, str], seen: int, reason: str, words: str
) -> None:
    keep(registry)
    before = len(events(registry))
    with pytest.raises(InputRefused, match=words) as refused:
        keep(registry, cells=cells, seen=seen, reason=reason)
    assert "Sp" not in str(refused.value)
    assert len(events(registry)) == before
    assert view(registry) == identities.Viewed(Identity(**MUELLER), 1)


def test_nothing_is_kept_or_shown_where_the_trail_cannot_say_so(
    registry: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(registry)

    def broken(*_: object, **__: object) -> int:
        raise EnvironmentRefused("The disk is full: nothing was written")

    with monkeypatch.context() as patched:
        patched.setattr(identities, "happened", broken)
        for attempt in (
            lambda: view(registry),
            lambda: found(registry, "zoe"),
            lambda: keep(registry, cells={"family_name": "Other"}, seen=1, reason="x"),
            lambda: identities.remove(registry, "P1", by=MANAGER, reason="x", seen_version=1, source="test"),
        ):
            with pytest.raises(EnvironmentRefused):
                attempt()
    assert view(registry) == identities.Viewed(Identity(**MUELLER), 1)


def test_a_new_key_seals_everything_and_the_old_one_goes(both: Engine, kept: Engine) -> None:
    keep(both)
    keep(both, "P3", {"hospital_number": "9"}, by=Actor("ben", Role.DATA_MANAGER, "B"))
    with kept.connect() as connection:
        before = dump(connection)
        old = connection.execute(sa.select(Store.key_name)).scalar_one()
    file = keys.key_file(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    old_key = file.read_bytes()
    assert keeping.rotate_key(both, by=ENTRY, source="test") == 2
    assert not file.exists()
    with kept.connect() as connection:
        after = dump(connection)
        new = connection.execute(sa.select(Store.key_name)).scalar_one()
    assert not {line for line in before.splitlines() if len(line) > 60} & set(after.splitlines())
    assert keys.key_file(new).read_bytes() != old_key
    assert os.listdir(file.parent) == [f"{new}.key"]
    assert view(both) == identities.Viewed(Identity(**MUELLER), 1)
    assert found(both, "zoe") == found(both, "00471199") == ("P1",)
    assert events(both)[-4].reason == "key of names and hospital numbers changed"


def test_a_rotation_that_fails_leaves_all_under_the_old_key(registry: Engine, kept: Engine) -> None:
    keep(registry)
    keep(registry, "P2", {"family_name": "Meier"})
    with writing(kept) as connection:
        connection.execute(sa.update(IdentityRow).where(IdentityRow.patient_id == "P2").values(sealed=b"x" * 60))
    before = set(os.listdir(keys.key_file("x").parent))
    with pytest.raises(Damaged):
        keeping.rotate_key(registry, by=ENTRY, source="test")
    assert set(os.listdir(keys.key_file("x").parent)) == before
    assert view(registry).identity == Identity(**MUELLER)
    assert found(registry, "zoe") == ("P1",)
    with pytest.raises(PermissionRefused):
        keeping.rotate_key(registry, by=MANAGER, source="test")


def test_without_its_key_the_store_is_closed_and_no_new_key_is_made(registry: Engine, kept: Engine) -> None:
    keep(registry)
    with kept.connect() as connection:
        name = connection.execute(sa.select(Store.key_name)).scalar_one()
    keys.key_file(name).unlink()
    for attempt in (lambda: view(registry), lambda: keep(registry, "P2")):
        with pytest.raises(EnvironmentRefused, match="key for names and hospital numbers"):
            attempt()
    assert os.listdir(keys.key_file(name).parent) == []
    with writing(kept) as connection:
        connection.execute(sa.update(Store).values(key_name="../../etc/passwd"))
    with pytest.raises(EnvironmentRefused, match="damaged"):
        view(registry)


def test_the_registrys_own_database_is_no_store(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, registry.url.render_as_string(hide_password=False))
    with pytest.raises(EnvironmentRefused, match="registry's own"):
        keep(registry)


@pytest.mark.parametrize("format", ["csv", "xlsx", "redcap", "parquet", "fhir"])
def test_no_export_holds_it(registry: Engine, tmp_path: Path, format: str) -> None:
    keep(registry)
    for options in ([], ["--deidentify"]):
        target = tmp_path / (f"out{len(options)}" + (".xlsx" if format == "xlsx" else ""))
        done = CliRunner().invoke(app, ["export", str(target), "--format", format, *options])
        assert done.exit_code == 0, done.output
        files = [target] if target.is_file() else [file for file in target.rglob("*") if file.is_file()]
        assert files
        for content in (part for file in files for part in _parts(file)):
            assert not [secret for secret in SECRETS if secret.encode() in content]
            assert b"number_hash" not in content


def _parts(file: Path) -> list[bytes]:
    if not zipfile.is_zipfile(file):
        return [file.read_bytes()]
    with zipfile.ZipFile(file) as packed:
        return [packed.read(name) for name in packed.namelist()]


def test_a_backup_holds_the_sealed_store_and_not_its_key(
    registry: Engine, kept: Engine, own_home: Path, tmp_path: Path
) -> None:
    keep(registry)
    with kept.connect() as connection:
        name = connection.execute(sa.select(Store.key_name)).scalar_one()
    key = bytes.fromhex(keys.key_file(name).read_text())
    registry.dispose()
    kept.dispose()
    done = CliRunner().invoke(app, ["backup", str(tmp_path / "backup")])
    assert done.exit_code == 0, done.output
    copied = [file for file in (tmp_path / "backup").rglob("*") if file.is_file()]
    assert {"oligomet.db", "identities.db"} <= {file.name for file in copied}
    for file in [*copied, own_home / "oligomet.db", own_home / "identities.db"]:
        content = file.read_bytes()
        assert key not in content
        assert key.hex().encode() not in content
        assert not [secret for secret in SECRETS if secret.encode() in content]
    assert stat.S_IMODE((own_home / "identities.db").stat().st_mode) == 0o600


def test_commands_show_counts_and_no_name(registry: Engine) -> None:
    runner = CliRunner()
    assert "No name" in runner.invoke(app, ["identity", "status"]).output
    keep(registry)
    for command in (["status"], ["status", "--json"], ["rotate-key"], ["tidy"]):
        done = runner.invoke(app, ["identity", *command])
        assert done.exit_code == 0, done.output
        assert not [secret for secret in SECRETS if secret in done.output]
    shown = runner.invoke(app, ["identity", "status", "--json"])
    assert json.loads(shown.stdout) == {"centers": {"A": 1}, "damaged": [], "of_nobody": []}
