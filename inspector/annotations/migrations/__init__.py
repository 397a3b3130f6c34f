"""Alembic migrations, run when a database is opened (store.py). A new one is a file in versions/, and `schema.HEAD`."""
