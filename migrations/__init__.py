"""The steps by which the schema of the database came about (Alembic)."""
