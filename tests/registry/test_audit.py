"""The trail: guarded by the database for its owner too, and a break of it is found wherever it is; on both engines."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import actions, anchor, audit
from registry.audit import Head
from registry.database import reading, writing
from registry.queries import QueryKey
from registry.replay import verify_record
from tests.registry.rows import ENTRY, row


@pytest.fixture
def trail(filled: Engine) -> Engine:
    """A registry with a trail of inserts, changes and a deletion, whose triggers somebody has dropped."""
    actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason="first change", seen_version=1)
    actions.save(filled, "episode", row("episode", ecog="2"), by=ENTRY, reason="second change", seen_version=2)
    actions.delete(filled, "study", ("P1", "1"), by=ENTRY, reason="entered twice", seen_version=1)
    return filled


GUARDED = ("revision", "change", "data_query_message")


def drop_guards(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in GUARDED:
            if engine.dialect.name == "sqlite":
                for event in ("update", "delete", "replace"):
                    connection.execute(sa.text(f"DROP TRIGGER {table}_no_{event}"))
            else:
                connection.execute(sa.text(f"DROP TRIGGER {table}_guard ON {table}"))


def _attack(engine: Engine, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def _verify(engine: Engine, known: Head | None = None) -> audit.Break | None:
    with reading(engine) as connection:
        return audit.verify_chain(connection, known=known) or verify_record(connection)


def test_an_intact_trail_is_found_intact(trail: Engine) -> None:
    assert _verify(trail) is None


ATTEMPTS = [
    "UPDATE revision SET reason = 'another' WHERE number = 2",
    "UPDATE change SET new = '{}'",
    "DELETE FROM revision WHERE number = 17",
    "DELETE FROM change",
    "UPDATE data_query_message SET message = 'x'",
    "DELETE FROM data_query_message",
]
FOR_SQLITE = [
    "INSERT OR REPLACE INTO revision SELECT * FROM revision",
    "INSERT OR REPLACE INTO change SELECT * FROM change",
    "REPLACE INTO revision SELECT * FROM revision WHERE number = 1",
    "INSERT INTO revision SELECT * FROM revision WHERE true ON CONFLICT DO UPDATE SET reason = 'x'",
]
FOR_POSTGRES = [
    "TRUNCATE revision",
    "TRUNCATE change",
    "TRUNCATE data_query_message",
    "TRUNCATE revision, change CASCADE",
    "SET session_replication_role = replica; DELETE FROM change",
    "INSERT INTO revision SELECT * FROM revision ON CONFLICT (number) DO UPDATE SET reason = 'x'",
]


def test_the_database_rejects_every_change_of_the_trail_for_its_owner_too(trail: Engine) -> None:
    key = QueryKey("P1", "MANUAL", "episode", "1", "ecog")
    actions.raise_query(trail, key, "really?", by=ENTRY)  # so that there is a message to remove
    before = _dump(trail)
    for statement in ATTEMPTS + (FOR_SQLITE if trail.dialect.name == "sqlite" else FOR_POSTGRES):
        with trail.connect() as connection, connection.begin() as transaction:
            *before_it, attempt = statement.split("; ")
            for part in before_it:
                connection.execute(sa.text(part))
            with pytest.raises(sa.exc.DBAPIError) as refused:
                connection.execute(sa.text(attempt))
            transaction.rollback()
        assert "the audit trail cannot be changed" in str(refused.value), statement
    assert _dump(trail) == before


def _dump(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        query = "SELECT * FROM {} ORDER BY 1, 2"
        return [tuple(r) for table in ("revision", "change") for r in connection.execute(sa.text(query.format(table)))]


STUDY = "(patient_id, record_no, performed_on, modality, version) VALUES"
LAST = "(SELECT max(number) FROM revision)"
BREAKS: dict[str, tuple[list[str], str]] = {
    "an edited reason": (["UPDATE revision SET reason = 'better' WHERE number = 16"], "revision 16 was edited"),
    "an edited writer": (["UPDATE revision SET written_by = 'x' WHERE number = 3"], "revision 3 was edited"),
    "an edited time": (["UPDATE revision SET written_at = '2001' WHERE number = 3"], "revision 3 was edited"),
    "an edited value": (
        ["UPDATE change SET new = replace(new, '\"1\"', '\"3\"') WHERE action = 'update' AND new LIKE '%ecog%'"],
        "revision 16: one of its changes was edited",
    ),
    "a change moved to another patient": (["UPDATE change SET owner = 'P2' WHERE action = 'delete'"], "revision 18"),
    "a removed revision": (["DELETE FROM revision WHERE number = 16"], "revision 16 is missing"),
    "a removed first revision": (["DELETE FROM revision WHERE number = 1"], "revision 1 is missing"),
    "a removed change": (["DELETE FROM change WHERE action = 'delete'"], "revision 18: it wrote 1 rows"),
    "a removed last revision": (
        [
            f"DELETE FROM change WHERE revision_id = (SELECT revision_id FROM revision WHERE number = {LAST})",
            "DELETE FROM revision WHERE number = 18",
        ],
        "study P1/1 is in the trail, but no longer in the record",
    ),
    "an inserted change": (
        [
            "INSERT INTO change SELECT revision_id, 1, table_name, owner, record_key, action, old, new FROM change"
            " WHERE action = 'delete'"
        ],
        "revision 18: it wrote 1 rows",
    ),
    "a change of no revision": (
        [
            "INSERT INTO change SELECT 5, position, table_name, owner, record_key, action, old, new FROM change"
            " WHERE action = 'delete'"
        ],
        "belongs to no revision",
    ),
    "an inserted revision": (
        [
            "INSERT INTO revision SELECT 19, 19, written_at, written_by, reason, source, 0, content_hash, hash,"
            f" '{'a' * 64}', event, about FROM revision WHERE number = 18"
        ],
        "revision 19 was edited",
    ),
    "two revisions in each other's place": (
        [
            "UPDATE revision SET number = 99 WHERE number = 16",
            "UPDATE revision SET number = 16 WHERE number = 17",
            "UPDATE revision SET number = 17 WHERE number = 99",
        ],
        "revision 16 does not follow",
    ),
    "two changes in each other's place": (
        [
            "UPDATE change SET revision_id = 7 WHERE action = 'update' AND new LIKE '%\"2\"%'",
            "UPDATE change SET revision_id = (SELECT revision_id FROM revision WHERE number = 17)"
            " WHERE action = 'update' AND new LIKE '%\"1\"%'",
            "UPDATE change SET revision_id = (SELECT revision_id FROM revision WHERE number = 16)"
            " WHERE revision_id = 7",
        ],
        "revision 16: one of its changes was edited",
    ),
    "a changed row of the record": (
        ["UPDATE episode SET lesion_count = 4"],
        "episode P1/1: lesion_count is not what the trail says",
    ),
    "an added row of the record": (
        [f"INSERT INTO study {STUDY} ('P1', 8, '2020-01-01', 'pet_ct', 1)"],
        "study P1/8 is in the record, but not in the trail",
    ),
    "a removed row of the record": (["DELETE FROM follow_up"], "follow_up P1/1 is in the trail, but no longer"),
    "a removed missing code": (["UPDATE episode SET cea_ng_ml__absent = NULL"], "cea_ng_ml is not what the trail says"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_break_is_found_and_named(trail: Engine, what: str) -> None:
    statements, words = BREAKS[what]
    drop_guards(trail)
    _attack(trail, *statements)
    found = _verify(trail)
    assert found is not None
    assert words in found.problem


def test_a_trail_that_was_cut_with_its_record_is_found_by_the_head_of_the_last_verification(trail: Engine) -> None:
    with reading(trail) as connection:
        head = audit.head(connection)
    assert head.number == 18
    anchor.remember(trail, head)
    drop_guards(trail)
    _attack(
        trail,
        "DELETE FROM change WHERE revision_id IN (SELECT revision_id FROM revision WHERE number >= 17)",
        "DELETE FROM revision WHERE number >= 17",
        "UPDATE episode SET ecog = 1, version = 2",
        f"INSERT INTO study {STUDY} ('P1', 1, '2020-01-05', 'chest_ct_plain', 1)",
    )
    assert _verify(trail) is None
    found = _verify(trail, anchor.last_verified(trail))
    assert found is not None
    assert "revisions 17 to 18 are missing" in found.problem


def _narrowed(connection: Connection, **narrow: str) -> list[audit.Entry]:
    return list(audit.log(connection, **narrow))


def test_the_log_is_narrowed_by_patient_user_time_and_table(trail: Engine) -> None:
    with reading(trail) as connection:
        everything = _narrowed(connection)
        assert len(everything) >= 18
        assert {entry.owner for entry in _narrowed(connection, patient="P1")} == {"P1"}
        assert _narrowed(connection, patient="P") == []
        assert _narrowed(connection, by="entr") == everything
        assert _narrowed(connection, by="%") == []
        assert {entry.table for entry in _narrowed(connection, table="episode")} == {"episode"}
        assert _narrowed(connection, since="2999-01-01") == []
        day = everything[0].written_at[:10]
        assert _narrowed(connection, since=day, until=day) == everything
        assert _narrowed(connection, until="2001-01-01") == []


def test_the_hash_covers_every_part_of_a_revision(trail: Engine) -> None:
    """Each column of both tables: changing it alone is found."""
    with writing(trail) as connection:
        audit.happened(connection, audit.Event.VIEW, "P1", by="somebody", reason="record opened", source="test")
    drop_guards(trail)
    checked = []
    with trail.connect() as connection:
        for table in ("revision", "change"):
            for column in sa.inspect(trail).get_columns(table):
                name = column["name"]
                new = "12345" if "INT" in str(column["type"]) else "'" + "b" * 64 + "'"
                if name == "action":
                    new = "'insert'"
                where = "number = 19" if table == "revision" else "action = 'delete'"
                with connection.begin() as transaction:
                    connection.execute(sa.text(f"UPDATE {table} SET {name} = {new} WHERE {where}"))
                    assert audit.verify_chain(connection) is not None, f"{table}.{name}"
                    transaction.rollback()
                checked.append(name)
    assert len(checked) == 20


def test_json_of_the_trail_is_the_cells(trail: Engine) -> None:
    with trail.connect() as connection:
        texts = connection.execute(sa.text("SELECT new FROM change WHERE table_name = 'patient'")).scalars()
        assert json.loads(next(iter(texts)))["patient_id"] == "P1"


def test_an_event_changes_no_row_and_is_in_the_chain(trail: Engine) -> None:
    with reading(trail) as connection:
        before, changes = audit.head(connection), _narrowed(connection)
    with writing(trail) as connection:
        audit.happened(connection, audit.Event.VIEW, "P1", by="anna", reason="record opened", source="test")
        audit.happened(connection, audit.Event.SIGN_IN, "P1", by="P1", reason="signed in", source="test")
    with reading(trail) as connection:
        assert audit.record_head(connection) == before
        assert audit.head(connection).number == before.number + 2
        both = _narrowed(connection)
        assert both[: len(changes)] == changes
        assert [(e.event, e.owner, e.action, e.table, e.new) for e in both[len(changes) :]] == [
            ("view", "P1", "view", "", None),
            ("sign-in", "P1", "sign-in", "", None),
        ]
        assert list(audit.log(connection, events=False)) == changes
        # An account that is called like a patient is none of the patient's business.
        assert [e.event for e in _narrowed(connection, patient="P1") if e.event] == ["view"]
        assert list(audit.log(connection, patient="P1", events=False)) == [
            e for e in _narrowed(connection, patient="P1") if not e.event
        ]
        assert _narrowed(connection, table="episode", since="2999-01-01") == []
    assert _verify(trail) is None


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE revision SET event = 'sign-out' WHERE number = 19",
        "UPDATE revision SET about = 'P2' WHERE number = 19",
        "UPDATE revision SET event = NULL, about = NULL WHERE number = 19",
        "UPDATE revision SET event = 'view', about = 'P1' WHERE number = 3",
        "DELETE FROM revision WHERE number = 19",
    ],
)
def test_an_event_cannot_be_edited_made_up_or_removed(trail: Engine, attack: str) -> None:
    with writing(trail) as connection:
        for patient in ("P1", "P2"):
            audit.happened(connection, audit.Event.VIEW, patient, by="anna", reason="record opened", source="test")
    drop_guards(trail)
    _attack(trail, attack)
    assert _verify(trail) is not None
