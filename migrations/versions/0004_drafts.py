"""Drafts: what was typed into a form and is not saved yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("typed", sa.String(), nullable=False),
        sa.Column("began", sa.String(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.String(), nullable=False),
        sa.CheckConstraint("length(typed) <= 20000", name=op.f("ck_draft_typed_length")),
        sa.CheckConstraint("base_version >= 0", name=op.f("ck_draft_base_version_counted")),
        sa.PrimaryKeyConstraint("account", "owner", "table_name", "record_key", "column_name", name=op.f("pk_draft")),
    )


def downgrade() -> None:
    op.drop_table("draft")
