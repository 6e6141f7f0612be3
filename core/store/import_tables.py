"""Tables of what came in: fact manifests, import runs and what undoes them, mappings, corrections, conflicts."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel


def json_column() -> object:
    """A column that holds JSON and is never empty."""
    return Field(sa_column=Column(JSON, nullable=False))


class ManifestRow(SQLModel, table=True):
    """The list of fact parts as of one import; the newest row is what everybody reads.

    Attributes:
        known_until: Newest as-of date of the imports that stand: months are known up to it.
    """

    __tablename__ = "manifests"
    id: int | None = Field(default=None, primary_key=True)
    hash: str
    body: str = Field(sa_type=Text)
    created_at: dt.datetime
    known_until: dt.date | None = None


class ImportRun(SQLModel, table=True):
    """One import: what was read, what it changed, what it warned of.

    Attributes:
        manifest_id: The facts after the run.
        previous_manifest_id: The facts before it; None when they were empty.
        as_of: Day the files describe: given, or the newest event in them; None where they hold no event.
        skipped: Rows left out on request: file, line, rule, column and value of each problem.
        undone_at: When the run was taken back, UTC; None while it stands.
        undone_by: Who took it back.
    """

    __tablename__ = "import_runs"
    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime
    actor: str
    source: str
    mode: str
    files: list[dict[str, object]] = json_column()  # type: ignore[assignment]
    changes: dict[str, dict[str, int]] = json_column()  # type: ignore[assignment]
    warnings: list[dict[str, object]] = json_column()  # type: ignore[assignment]
    manifest_id: int = Field(foreign_key="manifests.id")
    previous_manifest_id: int | None = Field(default=None, foreign_key="manifests.id")
    as_of: dt.date | None = None
    skipped: list[dict[str, object]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    undone_at: dt.datetime | None = None
    undone_by: str | None = None


class ImportRecord(SQLModel, table=True):
    """What one run did to one record table, so that it can be taken back.

    Attributes:
        inserted: Keys of the rows the run added, as they are written in `row_key`, and of rows another run had added
            that it would have: such a row goes with the last of them.
        changed: Key, version after the run and values before it, of each row the run changed.
    """

    __tablename__ = "import_records"
    run_id: int = Field(foreign_key="import_runs.id", primary_key=True)
    table_name: str = Field(primary_key=True)
    inserted: list[str] = json_column()  # type: ignore[assignment]
    changed: list[dict[str, object]] = json_column()  # type: ignore[assignment]


class SavedMapping(SQLModel, table=True):
    """How the files of one source become tables, as somebody saved it in the product."""

    __tablename__ = "mappings"
    source: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    author: str
    saved_at: dt.datetime
    version: int = 1


class Correction(SQLModel, table=True):
    """One wrong cell of a fact row put right; values are text as `core.store.corrections` writes them.

    Attributes:
        key: Key columns of the row -> value; None where the key is empty.
        source: Source of the row.
        old: The cell before the correction; None when it was empty.
        new: The cell as corrected; None when it was emptied.
        delivered: What the source says now; differs from `old` once it has delivered a third value.
        manifest_id: The facts it was first written into: tells whether an import came before or after it.
        state: `active` or `retired`.
        retired_manifest_id: The facts as of which it no longer holds.
    """

    __tablename__ = "corrections"
    id: int | None = Field(default=None, primary_key=True)
    table_name: str = Field(index=True)
    key: dict[str, str | None] = json_column()  # type: ignore[assignment]
    column_name: str
    source: str
    old: str | None = None
    new: str | None = None
    delivered: str | None = None
    reason: str
    author: str
    at: dt.datetime
    manifest_id: int = Field(foreign_key="manifests.id")
    state: str = "active"
    retired_at: dt.datetime | None = None
    retired_reason: str | None = None
    retired_manifest_id: int | None = Field(default=None, foreign_key="manifests.id")
    version: int = 1


class RecordConflict(SQLModel, table=True):
    """A cell of a record that was edited here and that a source wants otherwise.

    Attributes:
        key: Key of the row, as `core.store.records.row_key` writes it.
        ours: The cell as edited here; None when empty.
        theirs: The cell as the source has it; None when empty.
        since: When the source first wanted it so, UTC.
        state: `open`, `ours`, `theirs`, or `agreed` once both sides say the same.
    """

    __tablename__ = "record_conflicts"
    id: int | None = Field(default=None, primary_key=True)
    table_name: str = Field(index=True)
    key: str
    column_name: str
    ours: str | None = None
    theirs: str | None = None
    source: str
    since: dt.datetime
    state: str = "open"
    resolved_by: str | None = None
    resolved_at: dt.datetime | None = None
    version: int = 1
