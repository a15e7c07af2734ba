"""Run by Alembic: migrates over the connection that :mod:`coverage.store.migrate` hands over."""

from alembic import context

from coverage.store.migrate import VERSION_TABLE
from coverage.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
