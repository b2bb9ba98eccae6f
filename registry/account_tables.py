"""The tables of those who sign in: accounts, their sessions, and the delays of failed sign-ins.

They are administered beside the record: no table of the dictionary, never exported, not part of any analysis.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.access import Role
from registry.tables import Base


class Account(Base):
    """Somebody who may sign in: with a password, as a subject of an identity provider, or both."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("length(name) BETWEEN 1 AND 64", name="name_length"),
        sa.CheckConstraint(" OR ".join(f"role = '{role}'" for role in Role), name="role_codes"),
        sa.CheckConstraint("role <> 'data manager' OR center_id IS NOT NULL", name="center_of_role"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.ForeignKeyConstraint(["center_id"], ["center.center_id"]),
        sa.UniqueConstraint("subject"),
    )

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    role: Mapped[str]
    center_id: Mapped[str | None]
    password_hash: Mapped[str | None]
    subject: Mapped[str | None]
    disabled: Mapped[bool]
    created_at: Mapped[str]
    password_set_at: Mapped[str | None]
    version: Mapped[int]


class Session(Base):
    """A signed-in browser."""

    __tablename__ = "session"
    __table_args__ = (
        sa.CheckConstraint("length(token_hash) = 64", name="hash_length"),
        sa.ForeignKeyConstraint(["account"], ["account.name"]),
        sa.Index("ix_session_account", "account"),
    )

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(64))
    opened_at: Mapped[str]
    seen_at: Mapped[str]


class SignInDelay(Base):
    """Failed sign-ins of one kind and key, and the last of them."""

    __tablename__ = "sign_in_delay"
    __table_args__ = (sa.CheckConstraint("failures >= 0", name="failures_counted"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[str]
