"""What an import did, or would do: for people, screens and scripts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from core.errors import Problem
from core.ingest.examples import Example
from core.ingest.skipping import SkippedRow
from core.services.import_as_of import AsOf


@dataclass(frozen=True)
class TableReport:
    """What an import does to one table.

    Attributes:
        table: Name of the table.
        new: Rows added.
        changed: Rows updated.
        same: Rows that were so already.
        disappeared: Rows that go.
        conflicts: Cells edited here that the files want otherwise.
        cleared: Stored values that empty cells clear; 0 in a run of the list.
        tests: Rules of the contract it was held against; 0 in a run that did not count them.
        passed: Those that every row kept.
    """

    table: str
    new: int
    changed: int
    same: int
    disappeared: int
    conflicts: int
    cleared: int = 0
    tests: int = 0
    passed: int = 0


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do when it was a dry run.

    Attributes:
        source: Where the rows come from.
        dry_run: Whether nothing was written.
        tables: Changes by table, in the order of the contract.
        files: Each file with its table, rows and the columns nothing reads.
        warnings: What people should know: counts that disagree, corrections that retired or are disputed.
        conflicts: Rows edited in the product that the files want otherwise; they were left as they are.
        day: The day the files describe, and what follows from it.
        skipped: Rows left out on request.
        run_id: Number of the run, for taking it back; None when nothing was kept.
        examples: Cells as they stand in the files and as they would be stored; of a dry run alone.
    """

    source: str
    dry_run: bool
    tables: tuple[TableReport, ...]
    files: tuple[dict[str, object], ...]
    warnings: tuple[Problem, ...]
    conflicts: tuple[tuple[str, str, str, str, str], ...]
    day: AsOf = field(default_factory=AsOf)
    skipped: tuple[SkippedRow, ...] = ()
    run_id: int | None = None
    examples: tuple[Example, ...] = ()

    @property
    def as_of(self) -> dt.date | None:
        """Day the files describe: as stated, or the newest event in them; None where they hold no event."""
        return self.day.day

    @property
    def changed(self) -> bool:
        """Whether any row is new, changed or gone."""
        return any(item.new or item.changed or item.disappeared for item in self.tables)


@dataclass(frozen=True)
class RunReport:
    """One run as the list of imports shows it.

    Attributes:
        id: Its number.
        at: When, UTC.
        actor: Who imported.
        source: Source of the rows.
        mode: What happened to stored rows the files did not hold.
        as_of: Day the files describe.
        files: Names of the files.
        tables: Changes by table.
        warnings: Number of warnings.
        skipped: Rows left out on request.
        undone_at: When it was taken back; None while it stands.
        undone_by: Who took it back.
        undoable: Whether it is the newest run of its source that stands.
    """

    id: int
    at: dt.datetime
    actor: str
    source: str
    mode: str
    as_of: dt.date | None
    files: tuple[str, ...]
    tables: tuple[TableReport, ...]
    warnings: int
    skipped: tuple[dict[str, object], ...]
    undone_at: dt.datetime | None
    undone_by: str | None
    undoable: bool
