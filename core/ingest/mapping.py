"""Which file becomes which table, and which of its columns becomes which column of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from core.errors import ModelError, Problem
from core.ingest.read import Scan
from core.ingest.usage import USAGE_EVENTS
from core.model.presets import ColumnRule, Preset, TableRule
from core.schema import TABLES, Column, Table

IMPORTABLE: Mapping[str, Table] = {**TABLES, USAGE_EVENTS.name: USAGE_EVENTS}
"""Everything a file can hold."""

BY_NAME = Preset(
    id="files",
    label="Files in the form of the contract",
    source="the contract: file name = table, column name = column",
    tables={
        name: TableRule(files=(f"{name}.csv", f"{name}.tsv", f"{name}.parquet"), columns={}) for name in IMPORTABLE
    },
)
"""The mapping without a mapping: files and columns already carry the contract's names."""


@dataclass(frozen=True)
class Assigned:
    """Which files are read as which table.

    Attributes:
        tables: Table -> its files.
        problems: Files named by the user that belong to no table, and the case of no file at all.
        warnings: Files that are not read, each with the reason.
    """

    tables: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where one column of the contract comes from in one file.

    Attributes:
        column: The column of the contract.
        rule: Its rule.
        index: Position of the file's column; None for a constant and for a column the file lacks.
        minutes: Position of the column with minutes to add, or None.
    """

    column: Column
    rule: ColumnRule
    index: int | None
    minutes: int | None = None


@dataclass(frozen=True)
class Plan:
    """How one file is read.

    Attributes:
        table: The table it holds.
        sources: One for each column of the contract, in its order; None for a column that stays empty.
        dates: Styles its dates may have.
        ignored: Columns of the file that nothing reads.
        problems: Why it cannot be read.
        warnings: What was taken as it stands but should be known.
    """

    table: Table
    sources: tuple[Source | None, ...]
    dates: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_mapping(mapping: Preset) -> None:
    """Refuse a mapping that names tables or columns the contract does not have.

    Raises:
        ModelError: Naming every unknown name with the closest known one.
    """
    wrong = []
    for table, rule in mapping.tables.items():
        if table not in IMPORTABLE:
            wrong.append(f"  tables.{table}: no such table{_closest(table, IMPORTABLE)}")
            continue
        known = IMPORTABLE[table].by_name
        wrong += [
            f"  tables.{table}.columns.{c}: no such column{_closest(c, known)}" for c in rule.columns if c not in known
        ]
    if wrong:
        raise ModelError(f"mapping {mapping.id}: {len(wrong)} unknown names.\n" + "\n".join(wrong))


def assign(mapping: Preset, files: Sequence[Path], named: Iterable[Path]) -> Assigned:
    """Give each file to its table.

    Args:
        mapping: The mapping.
        files: Files found.
        named: Files the user named one by one: each must belong to a table.
    """
    tables: dict[str, tuple[Path, ...]] = {}
    warnings, taken = [], set()
    for table, rule in mapping.tables.items():
        for pattern in rule.files:
            matching = [path for path in files if fnmatchcase(path.name.casefold(), pattern.casefold())]
            taken.update(matching)
            if matching and table not in tables:
                tables[table] = tuple(matching)
                continue
            read = ", ".join(path.name for path in tables.get(table, ()))
            warnings += [
                Problem(path.name, f"same table as {read} ({table}), not read.", rule="same_table")
                for path in matching
                if path not in tables.get(table, ())
            ]
    counted = {count.file.casefold() for conflict in mapping.conflicts for count in conflict.counts}
    problems: list[Problem] = []
    for path in (path for path in files if path not in taken):
        if any(fnmatchcase(path.name.casefold(), pattern) for pattern in counted):
            continue
        problem = Problem(
            path.name, f"no table is read from a file of this name{_file_hint(path, mapping)}", rule="no_table"
        )
        (problems if path in set(named) else warnings).append(problem)
    if not tables and not problems:
        expected = ", ".join(rule.files[0] for rule in list(mapping.tables.values())[:4])
        problems.append(
            Problem("import", f"no file holds a table; expected names such as {expected}.", rule="no_table")
        )
    return Assigned(tables, tuple(problems), tuple(warnings))


def plan(scan: Scan, table: Table, rule: TableRule) -> Plan:
    """Find each column of the contract in the file's header."""
    rules = rule.columns or {c.name: ColumnRule(column=c.name) for c in table.columns}
    by_contract = not rule.columns
    places = {_loose(name): index for index, name in enumerate(scan.header)}
    sources: list[Source | None] = []
    problems, warnings = [], []
    used: set[int] = set()
    for column in table.columns:
        own = rules.get(column.name)
        wanted = [name for name in (own.column, own.plus_minutes) if name] if own else []
        missing = [name for name in wanted if _loose(name) not in places]
        if own is None or missing:
            sources.append(None)
            if column.required:
                problems.append(_missing(scan, table, column, missing))
            elif missing and not by_contract:
                message = f"the column is not in the file; {table.name}.{column.name} stays empty."
                warnings.append(Problem(scan.name, message, column=missing[0], rule="missing_column"))
            continue
        found = [places[_loose(name)] for name in wanted]
        used.update(found)
        warnings += [
            Problem(scan.name, f'read as "{name}".', column=scan.header[index], rule="renamed_column")
            for name, index in zip(wanted, found, strict=True)
            if scan.header[index] != name
        ]
        sources.append(Source(column, own, found[0] if found else None, found[1] if own.plus_minutes else None))
    ignored = tuple(name for index, name in enumerate(scan.header) if index not in used)
    if ignored and by_contract:
        warnings.append(_ignored(scan, table, ignored))
    return Plan(table, tuple(sources), rule.dates, ignored, tuple(problems), tuple(warnings))


def _ignored(scan: Scan, table: Table, names: Sequence[str]) -> Problem:
    listed = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    return Problem(scan.name, f"no column of {table.name}, ignored: {listed}.", rule="ignored_columns")


def _missing(scan: Scan, table: Table, column: Column, names: Sequence[str]) -> Problem:
    wanted = names[0] if names else column.name
    near = get_close_matches(_loose(wanted), [_loose(name) for name in scan.header], n=1, cutoff=0.6)
    spelled = next((name for name in scan.header if near and _loose(name) == near[0]), None)
    hint = f' The closest in the file is "{spelled}": map it.' if spelled else " Add it, or map another column to it."
    meaning = column.meaning.rstrip(".")
    message = f"the file lacks this column, which {table.name}.{column.name} needs ({meaning}).{hint}"
    return Problem(scan.name, message, column=wanted, rule="missing_column")


def _file_hint(path: Path, mapping: Preset) -> str:
    names = [name for rule in mapping.tables.values() for name in rule.files]
    near = get_close_matches(path.name.casefold(), names, n=1, cutoff=0.6)
    return f"; the closest is {near[0]}." if near else "; it was not read."


def _closest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; the closest is {near[0]}" if near else ""


def _loose(name: str) -> str:
    """Header names agree whatever their case and spacing."""
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
