"""Alembic's entry: the revisions run on the connection, and in the transaction, that are given to it."""

from alembic import context

from prefect_harmonic.planners.knowledge.migrations.upgrade import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
