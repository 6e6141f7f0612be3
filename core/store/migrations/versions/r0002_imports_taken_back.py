"""Imports that can be taken back, saved mappings, corrections and conflicts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("manifests") as batch_op:
        batch_op.add_column(sa.Column("known_until", sa.Date(), nullable=True))
    with op.batch_alter_table("import_runs") as batch_op:
        batch_op.add_column(sa.Column("previous_manifest_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("as_of", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("skipped", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("undone_by", sa.String(), nullable=True))
        batch_op.create_foreign_key("import_runs_previous", "manifests", ["previous_manifest_id"], ["id"])
    op.execute(
        "UPDATE import_runs SET previous_manifest_id = "
        "(SELECT MAX(m.id) FROM manifests m WHERE m.id < import_runs.manifest_id)"
    )
    op.create_table(
        "import_records",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("inserted", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"]),
        sa.PrimaryKeyConstraint("run_id", "table_name"),
    )
    op.create_table(
        "mappings",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    _create_corrections()
    _create_conflicts()


def _create_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("delivered", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.String(), nullable=True),
        sa.Column("retired_manifest_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"]),
        sa.ForeignKeyConstraint(["retired_manifest_id"], ["manifests.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_corrections_table_name", "corrections", ["table_name"])


def _create_conflicts() -> None:
    op.create_table(
        "record_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("ours", sa.String(), nullable=True),
        sa.Column("theirs", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_record_conflicts_table_name", "record_conflicts", ["table_name"])


def downgrade() -> None:
    """Undo the change."""
    for table in ("record_conflicts", "corrections"):
        op.drop_index(f"ix_{table}_table_name", table)
        op.drop_table(table)
    op.drop_table("mappings")
    op.drop_table("import_records")
    with op.batch_alter_table("import_runs") as batch_op:
        batch_op.drop_constraint("import_runs_previous", type_="foreignkey")
        for column in ("undone_by", "undone_at", "skipped", "as_of", "previous_manifest_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("manifests") as batch_op:
        batch_op.drop_column("known_until")
