"""Which file becomes which table, and which of its columns becomes which column of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from core.errors import ModelError, Problem
from core.ingest.read import file_fits
from core.ingest.shape import Shape
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
    """Which files are read by which rule.

    Attributes:
        tables: Name of the rule, mostly that of its table -> its files.
        lookups: Name of the rule -> name of a look-up -> its file.
        problems: Files named by the user that belong to no table, and the case of no file at all.
        warnings: Files that are not read, each with the reason.
        encodings: File -> encoding that a rule which reads its rows states.
    """

    tables: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    lookups: dict[str, dict[str, Path]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    encodings: dict[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where one column of the contract comes from in one file.

    Attributes:
        column: The column of the contract.
        rule: Its rule.
        index: Position of the column in the file, or in the shaped file; None for a constant.
        minutes: Position of the column with minutes to add, or None.
        assumed: Whether the file lacks the column, and new rows have the default of the mapping: it says nothing of
            rows that are stored.
    """

    column: Column
    rule: ColumnRule
    index: int | None
    minutes: int | None = None
    assumed: bool = False


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
        shape: Cells to compute and rows to leave out before the file is staged; None when it is read as it is.
    """

    table: Table
    sources: tuple[Source | None, ...]
    dates: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    shape: Shape | None = None


def check_mapping(mapping: Preset) -> None:
    """Refuse a mapping that names tables or columns the contract does not have.

    Raises:
        ModelError: Naming every unknown name with the closest known one.
    """
    wrong: list[str] = []
    for name, rule in mapping.tables.items():
        table = rule.table or name
        if table not in IMPORTABLE:
            wrong.append(f"  tables.{name}: no such table{_closest(table, IMPORTABLE)}")
            continue
        known = IMPORTABLE[table].by_name
        wrong += [
            f"  tables.{name}.columns.{c}: no such column{_closest(c, known)}" for c in rule.columns if c not in known
        ]
        wrong += [
            f"  tables.{name}.lookups.{each}: expected a name of small letters, digits and underscores"
            for each in rule.lookups
            if not re.fullmatch(r"[a-z][a-z0-9_]*", each)
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
    for name, rule in mapping.tables.items():
        for pattern in rule.files:
            matching = [path for path in files if file_fits(path, pattern)]
            taken.update(matching)
            if matching and name not in tables:
                tables[name] = tuple(matching)
                continue
            read = ", ".join(path.name for path in tables.get(name, ()))
            warnings += [
                Problem(path.name, f"same table as {read} ({rule.table or name}), not read.", rule="same_table")
                for path in matching
                if path not in tables.get(name, ())
            ]
    lookups = {name: _lookup_files(mapping.tables[name], files) for name in tables}
    taken.update(path for own in lookups.values() for path in own.values())
    unread = _unread(mapping, [path for path in files if path not in taken])
    problems = [problem for path, problem in unread.items() if path in set(named)]
    warnings += [problem for path, problem in unread.items() if path not in set(named)]
    if not tables and not problems:
        expected = ", ".join(rule.files[0] for rule in list(mapping.tables.values())[:4])
        usual = f"no file holds a table; expected names such as {expected}."
        words = usual if expected else "the mapping has no table."
        problems.append(Problem("import", words, rule="no_table"))
    rules = mapping.tables
    stated: dict[Path, str] = {path: code for name in tables for path in tables[name] if (code := rules[name].encoding)}
    return Assigned(tables, lookups, tuple(problems), tuple(warnings), stated)


def _unread(mapping: Preset, files: Sequence[Path]) -> dict[Path, Problem]:
    """Files that no rule reads, not even to count something in them."""
    counted = {count.file.casefold() for conflict in mapping.conflicts for count in conflict.counts}
    words = "no table is read from a file of this name"
    return {
        path: Problem(path.name, f"{words}{_file_hint(path, mapping)}", rule="no_table")
        for path in files
        if not any(fnmatchcase(path.name.casefold(), pattern) for pattern in counted)
    }


def _lookup_files(rule: TableRule, files: Sequence[Path]) -> dict[str, Path]:
    found = {
        name: next((path for pattern in look.files for path in files if file_fits(path, pattern)), None)
        for name, look in rule.lookups.items()
    }
    return {name: path for name, path in found.items() if path is not None}


def _file_hint(path: Path, mapping: Preset) -> str:
    names = [name for rule in mapping.tables.values() for name in rule.files]
    near = get_close_matches(path.name.casefold(), names, n=1, cutoff=0.6)
    return f"; the closest is {near[0]}." if near else "; it was not read."


def _closest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; the closest is {near[0]}" if near else ""
