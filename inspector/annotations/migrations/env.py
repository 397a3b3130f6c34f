"""Run by Alembic on the connection, and in the transaction, that database.py hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
