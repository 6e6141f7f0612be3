"""Alembic's entry: runs the revisions on the connection it is handed."""

from alembic import context
from sqlmodel import SQLModel

import core.store.tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

__all__ = ["core"]
