"""Double entry: samples, the rows that are entered a second time, and what was typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "double_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("forms", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.String(), nullable=False),
        sa.CheckConstraint("patients BETWEEN 1 AND eligible", name=op.f("ck_double_entry_patients_drawn")),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"], name=op.f("fk_double_entry_center_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_double_entry")),
    )
    op.create_table(
        "double_entry_form",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("finished_at", sa.String(), nullable=True),
        sa.CheckConstraint(
            "finished_at IS NULL OR account IS NOT NULL", name=op.f("ck_double_entry_form_finished_by_somebody")
        ),
        sa.ForeignKeyConstraint(["number"], ["double_entry.number"], name=op.f("fk_double_entry_form_number")),
        sa.PrimaryKeyConstraint("number", "owner", "table_name", "record_key", name=op.f("pk_double_entry_form")),
    )
    op.create_table(
        "double_entry_cell",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("typed", sa.String(), nullable=False),
        sa.Column("first_cell", sa.String(), nullable=True),
        sa.Column("second_cell", sa.String(), nullable=True),
        sa.Column("left_at", sa.String(), nullable=True),
        sa.Column("left_by", sa.String(), nullable=True),
        sa.CheckConstraint("length(typed) <= 20000", name=op.f("ck_double_entry_cell_typed_length")),
        sa.CheckConstraint(
            "(first_cell IS NULL) = (second_cell IS NULL)", name=op.f("ck_double_entry_cell_both_cells")
        ),
        sa.CheckConstraint("(left_at IS NULL) = (left_by IS NULL)", name=op.f("ck_double_entry_cell_left_by_somebody")),
        sa.ForeignKeyConstraint(
            ["number", "owner", "table_name", "record_key"],
            [
                "double_entry_form.number",
                "double_entry_form.owner",
                "double_entry_form.table_name",
                "double_entry_form.record_key",
            ],
            name="fk_double_entry_cell_form",
        ),
        sa.PrimaryKeyConstraint(
            "number", "owner", "table_name", "record_key", "column_name", name=op.f("pk_double_entry_cell")
        ),
    )


def downgrade() -> None:
    op.drop_table("double_entry_cell")
    op.drop_table("double_entry_form")
    op.drop_table("double_entry")
