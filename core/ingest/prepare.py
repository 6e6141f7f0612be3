"""An import up to the decision: files found, read, mapped, checked and staged; nothing of the store is touched."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from core.errors import Problem
from core.ingest.archive import open_archives
from core.ingest.check import StagedTable, check_table, union_files
from core.ingest.conflicts import Conflict, compared, find_conflicts
from core.ingest.leaving import leave_out
from core.ingest.mapping import BY_NAME, IMPORTABLE, Assigned, assign, check_mapping
from core.ingest.parse import scan_file
from core.ingest.progress import Progress, Step, silent
from core.ingest.read import Scan, find_files
from core.ingest.shape import Other
from core.ingest.staging import load_lookups, stage_path
from core.ingest.typed import StagedFile
from core.ingest.usage import USAGE_EVENTS, roll_up_days, unsaid_by_events
from core.ingest.written import FileRead
from core.model.presets import Preset
from core.store.facts_shape import USAGE_DAYS, connect, relation, shape
from core.store.manifest import Manifest


@dataclass(frozen=True)
class Stored:
    """The facts that are loaded already: what references may point to.

    Attributes:
        folder: Folder of the facts.
        manifest: The current manifest.
    """

    folder: Path
    manifest: Manifest

    def ids(self, table: str, columns: str) -> list[str]:
        """SQL of some columns of a stored table, in a list of one; empty when the table is not loaded."""
        paths = [self.folder / file for file in self.manifest.files(table)]
        return [f"SELECT {columns} FROM {relation(shape(table), paths)}"] if paths else []


@dataclass(eq=False)
class Prepared:
    """A checked import. Close it, or use it in a `with` statement: the staged rows lie in a temporary folder.

    Attributes:
        source: Source the facts are kept under.
        preset: Id of the mapping.
        as_of: Day the files describe, for attributes that keep versions.
        connection: DuckDB connection that holds the staged rows.
        scratch: Temporary folder of the connection.
        facts: Fact table (and `usage_days`) -> relation of its rows in the contract's types.
        records: Record table -> its rows as Python values, None where empty.
        absent: Record table -> columns that no file holds: they say nothing of them, not even that they are empty.
        unsaid: Fact table -> column -> SQL condition of the rows, as `n`, whose file does not hold it.
        rows: Table -> rows that fit.
        files: The files that were read.
        problems: Everything that is wrong; the import is refused while there is any.
        warnings: What people should know.
        conflicts: Counts that disagree; each is among the warnings, too.
        compared: Counts that were held against each other.
        staged: Table -> its files as they were staged.
    """

    source: str
    preset: str
    as_of: dt.date | None
    connection: duckdb.DuckDBPyConnection
    scratch: Path
    facts: dict[str, str] = field(default_factory=dict)
    records: dict[str, pd.DataFrame] = field(default_factory=dict)
    absent: dict[str, frozenset[str]] = field(default_factory=dict)
    unsaid: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    files: tuple[FileRead, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    compared: int = 0
    staged: dict[str, StagedTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._cleanup = weakref.finalize(self, shutil.rmtree, self.scratch, ignore_errors=True)

    def __enter__(self) -> Prepared:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the staged rows."""
        self.connection.close()
        self._cleanup()

    def arrow(self, table: str) -> pa.Table:
        """The staged rows of a fact table, in memory, sorted by key."""
        target = shape(table)
        order = ", ".join(target.key)
        self.connection.complete()
        return self.connection.sql(
            f"SELECT {target.columns} FROM {self.facts[table]} ORDER BY {order}"
        ).to_arrow_table()


def prepare(
    paths: Sequence[Path],
    mapping: Preset | None = None,
    *,
    stored: Stored | None = None,
    as_of: dt.date | None = None,
    source: str | None = None,
    scratch: Path | None = None,
    memory: str = "384MB",
    skip: Mapping[str, frozenset[int]] | None = None,
    progress: Progress = silent,
) -> Prepared:
    """Read, map and check files; every problem is collected, none is raised.

    Args:
        paths: Files, and folders whose CSV and Parquet files are read.
        mapping: How files become tables; None takes file and column names as the contract's own.
        stored: What is loaded already, so that references may point to it.
        as_of: Day the files describe.
        source: Source the facts are kept under; the mapping's id by default.
        scratch: Existing folder for temporary files; the system's by default. Needs about the size of the CSV files.
        memory: Limit of DuckDB's buffers.
        skip: File name -> lines to leave out.
        progress: Told each step.

    Raises:
        ModelError: When the mapping names tables or columns the contract does not have.
    """
    chosen = mapping or BY_NAME
    check_mapping(chosen)
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=scratch))
    prepared = Prepared(source or chosen.id, chosen.id, as_of, connect(folder, memory), folder)
    try:
        _Preparation(prepared, chosen, stored, skip or {}, progress).run(paths)
    except BaseException:
        prepared.close()
        raise
    return prepared


class _Preparation:
    """The steps of `prepare`, sharing what they found so far."""

    def __init__(
        self,
        prepared: Prepared,
        mapping: Preset,
        stored: Stored | None,
        skip: Mapping[str, frozenset[int]],
        progress: Progress,
    ) -> None:
        self.prepared, self.mapping, self.stored, self.skip, self.progress = prepared, mapping, stored, skip, progress
        self.total = 0
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.scans: list[Scan] = []
        self.staged: dict[str, list[StagedFile]] = {}
        self.tables: dict[str, StagedTable] = {}
        self.partial: set[str] = set()
        self.broken: set[str] = set()

    def run(self, paths: Sequence[Path]) -> None:
        found, missing, skipped = find_files(paths)
        files, faults, notes = open_archives(found, self.prepared.scratch)
        missing, skipped = missing + faults, skipped + notes
        assigned = assign(self.mapping, files, [path for path in paths if path.is_file()])
        self.problems += missing if missing and not files else [*missing, *assigned.problems]
        self.warnings += [*skipped, *assigned.warnings]
        self.total = sum(path.stat().st_size for own in assigned.tables.values() for path in own)
        for name, own in assigned.tables.items():
            self._stage(name, own, self._lookups(name, assigned))
        for table in [each for each in IMPORTABLE if self.staged.get(each) and each not in self.broken]:
            self.tables[table] = union_files(self.prepared.connection, IMPORTABLE[table], self.staged[table])
        self._tell("Checking keys and references")
        self._check()
        self.prepared.staged = self.tables
        if not self.problems:
            self._hand_over()
        conflicts = self.prepared.conflicts = self._conflicts(files)
        self.prepared.problems = tuple({(each.place, str(each)): each for each in self.problems}.values())
        notes = [Problem(self.mapping.id, note, rule="note") for note in self.mapping.notes]
        told = (*notes, *self.warnings, *(conflict.warning() for conflict in conflicts))
        self.prepared.warnings = tuple({(each.place, str(each)): each for each in told}.values())

    def _stage(self, name: str, paths: Sequence[Path], others: dict[str, Other]) -> None:
        """Stage the files of one rule."""
        rule, connection, scratch = self.mapping.tables[name], self.prepared.connection, self.prepared.scratch
        table = rule.table or name
        staged = self.staged.setdefault(table, [])
        for path in paths:
            relation = f"file_{table}_{len(staged)}"
            self._tell(f"Reading {path.name}")
            scan, file, told = stage_path(connection, path, scratch, rule, table, others, relation, self.skip)
            self.scans.append(scan)
            self.problems += told.problems
            self.warnings += told.warnings
            if file is not None:
                self._log(file)
                staged += [file] if file.relation else []
            if told.problems and (file is None or not file.relation):
                self.broken.add(table)
            if told.problems and (file is None or not file.relation or file.unread):
                self.partial.add(table)

    def _lookups(self, name: str, assigned: Assigned) -> dict[str, Other]:
        """Load the look-up files of one rule; one that cannot be read is a problem like any other file."""
        own, rule, prefix = self.prepared, self.mapping.tables[name], f"look_{len(self.staged)}"
        files = assigned.lookups[name]
        others, told = load_lookups(own.connection, files, own.scratch, rule, prefix, assigned.encodings)
        self.problems += told.problems
        self.warnings += told.warnings
        return others

    def _tell(self, label: str) -> None:
        rows = sum(file.rows for file in self.prepared.files)
        self.progress(Step(label, sum(scan.size for scan in self.scans), self.total, rows))

    def _log(self, file: StagedFile) -> None:
        scan, plan = file.scan, file.plan
        rows = file.parsed + len(set(file.refused))
        inside = (plan.table.name, rows, scan.delimiter, plan.ignored, scan.encoding, file.readings)
        self.prepared.files = (*self.prepared.files, FileRead(scan.name, scan.sha256, scan.size, *inside))

    def _check(self) -> None:
        if USAGE_EVENTS.name in self.tables and "usage" in self.tables:
            message = "usage comes by week and as events in one import. Import one of the two."
            self.problems.append(Problem(self.tables["usage"].files[0].scan.name, message, rule="same_table"))
        targets = self._targets()
        for name in list(self.tables):
            rules = [rule for own, rule in self.mapping.tables.items() if (rule.table or own) == name]
            self.tables[name], told = leave_out(self.prepared.connection, self.tables[name], rules, targets)
            self.warnings += told
            targets = self._targets() if told else targets
        periods = self.stored.ids("subscriptions", "subscription_id, start_date") if self.stored else []
        for staged in self.tables.values():
            self.problems += check_table(self.prepared.connection, staged, targets, periods)

    def _targets(self) -> dict[str, str]:
        """SQL of the ids of every table that is referred to and loaded.

        A table some of whose rows could not be read is left out: every row that refers to them would look wrong.
        """
        wanted = {target for table in IMPORTABLE.values() for target in table.references.values()}
        targets = {}
        for table in sorted(wanted - self.partial):
            parts = self._both(table, f"{IMPORTABLE[table].key[0]} AS id")
            if parts:
                targets[table] = f"({' UNION ALL '.join(parts)})"
        return targets

    def _both(self, table: str, columns: str) -> list[str]:
        staged = [f"SELECT {columns} FROM {self.tables[table].every}"] if table in self.tables else []
        return staged + (self.stored.ids(table, columns) if self.stored else [])

    def _hand_over(self) -> None:
        """Name the relations of facts, read the records, roll up usage events."""
        connection = self.prepared.connection
        for name, staged in self.tables.items():
            answer = connection.execute(f"SELECT COUNT(*) FROM {staged.relation}").fetchone()
            self.prepared.rows[name] = int(answer[0]) if answer else 0
            if name == USAGE_EVENTS.name:
                owners = self._both("subscriptions", "subscription_id, account_id")
                roll_up_days(connection, staged.relation, owners, "staged_days", staged.unsaid)
                self.prepared.facts[USAGE_DAYS.name] = "staged_days"
                self.prepared.unsaid |= unsaid_by_events(staged.absent, staged.unsaid)
            elif staged.table.group == "fact":
                self.prepared.facts[name], self.prepared.unsaid[name] = staged.relation, staged.unsaid
            else:
                self.prepared.records[name] = staged.frame(connection)
                self.prepared.absent[name] = staged.absent

    def _conflicts(self, files: Sequence[Path]) -> tuple[Conflict, ...]:
        """Counts that disagree; a file only a count reads is looked at here, the files that were read come first."""
        read = {scan.path for scan in self.scans}
        patterns = [count.file.casefold() for rule in self.mapping.conflicts for count in rule.counts]
        counted = [p for p in files if p not in read and any(fnmatchcase(p.name.casefold(), each) for each in patterns)]
        others = [scan_file(self.prepared.connection, path, self.prepared.scratch) for path in counted]
        scans = [*self.scans, *others]
        self.prepared.compared = compared(self.mapping.conflicts, scans)
        return tuple(find_conflicts(self.prepared.connection, self.mapping.conflicts, scans))
