"""Sign-offs: the last one of each record, which locks it until it is lifted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_off",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.String(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("lifted_at", sa.String(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_sign_off_revision_counted")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_sign_off_lifted_by_somebody")),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_sign_off")),
    )


def downgrade() -> None:
    op.drop_table("sign_off")
