"""Accounts, their sessions, the delays of failed sign-ins; and events beside the record in the trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EVENT_ABOUT = "(event IS NULL) = (about IS NULL)"


def upgrade() -> None:
    _say_events()
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("center_id", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("password_set_at", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 64", name=op.f("ck_account_name_length")),
        sa.CheckConstraint(
            "role = 'data manager' OR role = 'clinician' OR role = 'researcher' OR role = 'auditor'"
            " OR role = 'administrator'",
            name=op.f("ck_account_role_codes"),
        ),
        sa.CheckConstraint("role <> 'data manager' OR center_id IS NOT NULL", name=op.f("ck_account_center_of_role")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_account_version_positive")),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"], name=op.f("fk_account_center_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_session_hash_length")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index("ix_session_account", "session", ["account"])
    op.create_table(
        "sign_in_delay",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.String(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sign_in_delay_failures_counted")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_sign_in_delay")),
    )


def _say_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Added in place: to rebuild the table would drop the guards of the trail and copy all of it.
        op.execute("ALTER TABLE revision ADD COLUMN event VARCHAR")
        op.execute(
            f"ALTER TABLE revision ADD COLUMN about VARCHAR CONSTRAINT ck_revision_event_about CHECK ({EVENT_ABOUT})"
        )
    else:
        op.add_column("revision", sa.Column("event", sa.String(), nullable=True))
        op.add_column("revision", sa.Column("about", sa.String(), nullable=True))
        op.create_check_constraint(op.f("ck_revision_event_about"), "revision", EVENT_ABOUT)
    op.execute("CREATE INDEX ix_revision_record ON revision (number) WHERE event IS NULL")
    op.execute("CREATE INDEX ix_revision_about ON revision (about) WHERE about IS NOT NULL")


def downgrade() -> None:
    op.drop_table("sign_in_delay")
    op.drop_index("ix_session_account", "session")
    op.drop_table("session")
    op.drop_table("account")
    op.drop_index("ix_revision_about", "revision")
    op.drop_index("ix_revision_record", "revision")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE revision DROP COLUMN about")
        op.execute("ALTER TABLE revision DROP COLUMN event")
    else:
        op.drop_constraint(op.f("ck_revision_event_about"), "revision", type_="check")
        op.drop_column("revision", "about")
        op.drop_column("revision", "event")
