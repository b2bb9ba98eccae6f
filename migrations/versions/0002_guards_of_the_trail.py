"""Guards of the trail: triggers that reject whatever would change or remove an entry, whoever asks."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = {
    "revision": "number = NEW.number OR revision_id = NEW.revision_id OR hash = NEW.hash",
    "change": "revision_id = NEW.revision_id AND position = NEW.position",
    "data_query_message": (
        "owner = NEW.owner AND check_id = NEW.check_id AND table_name = NEW.table_name"
        " AND record_key = NEW.record_key AND column_name = NEW.column_name AND number = NEW.number"
    ),
}
MESSAGE = "the audit trail cannot be changed"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, same in GUARDED.items():
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )
            # INSERT OR REPLACE removes the row that it meets without firing a trigger for the removal.
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION oligomet_guard_trail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in GUARDED:
        # TRUNCATE fires no row trigger: it needs one of its own, for the whole statement.
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION oligomet_guard_trail()"
        )
        # Also where a session has set its replication role, which silences ordinary triggers.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_guard")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in GUARDED:
            for event in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{event}")
        return
    for table in GUARDED:
        op.execute(f"DROP TRIGGER {table}_guard ON {table}")
    op.execute("DROP FUNCTION oligomet_guard_trail()")
