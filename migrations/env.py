"""Runs migrations on the connection that the program hands over, or on the database of the environment."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Connection

import registry.account_tables
import registry.audit
import registry.double_entry
import registry.drafts
import registry.queries
import registry.sign_offs  # noqa: F401  (declare their tables)
from registry.database import open_engine, writing
from registry.tables import Base


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with writing(open_engine()) as own:
        migrate(own)
