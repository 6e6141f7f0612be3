"""One file of an import: read, shaped as its rule says, staged; and the look-ups of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from core.errors import Problem
from core.ingest.mapping import IMPORTABLE
from core.ingest.parse import scan_file
from core.ingest.planning import plan
from core.ingest.read import Scan
from core.ingest.shape import Names, Other, load_lookup, shape_file
from core.ingest.typed import StagedFile, stage_file
from core.model.presets import TableRule


class Told(NamedTuple):
    """What was found wrong, and what should be known."""

    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()


def stage_path(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    rule: TableRule,
    table: str,
    others: Mapping[str, Other],
    relation: str,
    skip: Mapping[str, frozenset[int]],
) -> tuple[Scan, StagedFile | None, Told]:
    """Stage one file.

    Args:
        connection: Staging database.
        path: The file.
        scratch: Folder for temporary files.
        rule: How it is read.
        table: Table it holds.
        others: The look-ups of the rule.
        relation: Name of the table it becomes.
        skip: File name -> lines to leave out.

    Returns:
        The outside of the file; its staged rows, None when its header cannot be read as the rule says, or lacks the
        columns the rule is for; what was found.
    """
    scan = scan_file(connection, path, scratch, rule.encoding or "")
    if scan.problems:
        return scan, None, Told(scan.problems, scan.warnings)
    names = Names(scan.header, others)
    if rule.if_has and not any(names.cell(name) for name in rule.if_has):
        message = f"not read as {table}: the file has no column {' or '.join(rule.if_has)}."
        return scan, None, Told((), [*scan.warnings, Problem(scan.name, message, rule="no_table")])
    columns = plan(scan, IMPORTABLE[table], rule, others)
    warnings = [*scan.warnings, *columns.warnings]
    if columns.problems:
        return scan, None, Told(columns.problems, warnings)
    shaped = scan
    if columns.shape is not None:
        try:
            shaped, told = shape_file(connection, scan, columns.shape, relation, table)
        except duckdb.Error as error:
            message = f"the file cannot be parsed: {str(error).strip().splitlines()[0][:200]}"
            return scan, None, Told((Problem(scan.name, message, rule="not_readable"),), warnings)
        warnings += told
    file = stage_file(connection, shaped, columns, relation, skip.get(scan.name, frozenset()), rule)
    return scan, file, Told(file.problems, [*warnings, *file.warnings])


def load_lookups(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, Path],
    scratch: Path,
    rule: TableRule,
    prefix: str,
    encodings: Mapping[Path, str],
) -> tuple[dict[str, Other], Told]:
    """Load the look-up files of one rule, in the order of the rule: a later one may use columns of an earlier one.

    Args:
        connection: Staging database.
        files: Look-up -> its file.
        scratch: Folder for temporary files.
        rule: The rule.
        prefix: What the names of its relations begin with.
        encodings: File -> encoding stated by the rules that read its rows.
    """
    others: dict[str, Other] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, look in rule.lookups.items():
        if name not in files:
            continue
        scan = scan_file(connection, files[name], scratch, look.encoding or encodings.get(files[name], ""))
        problems += scan.problems
        if scan.problems:
            continue
        other, told = load_lookup(connection, scan, look, f"{prefix}_{name}")
        warnings += told
        others |= {name: other} if other else {}
    return others, Told(problems, warnings)
