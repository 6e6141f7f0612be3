"""Leaving out rows that a refused import listed: exactly those somebody was shown, and no others."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from core.errors import InputProblems, Problem
from core.ingest.lines import lines_of
from core.ingest.read import Scan
from core.ingest.written import FileRead


@dataclass(frozen=True, slots=True, order=True)
class SkippedRow:
    """A row that is left out, and why: kept in the log of the import.

    Attributes:
        file: File name.
        line: Line of the row.
        rule: Rule that is broken.
        column: Column at fault, as the file spells it; empty when the whole row is.
        value: The offending text.
    """

    file: str
    line: int
    rule: str
    column: str
    value: str


@dataclass(frozen=True)
class Skip:
    """Which rows to leave out of an import, and of what list they were taken.

    Attributes:
        rows: Rows of the list that was shown.
        digest: Names that list: files, problems and the rows left out before.
        earlier: Rows left out when the list was made.
    """

    rows: tuple[SkippedRow, ...]
    digest: str
    earlier: tuple[SkippedRow, ...] = ()

    @property
    def every(self) -> tuple[SkippedRow, ...]:
        """All rows that are left out."""
        return tuple(sorted({*self.earlier, *self.rows}))


class ImportRefused(InputProblems):
    """An import with problems; carries the list a person may decide to leave out.

    Attributes:
        skippable: Rows at fault; a problem of a whole file or column has no row and stays.
        digest: Names the list, for `Skip`.
        earlier: Rows that were left out already.
        read: How the files were read, as far as they could be.
    """

    def __init__(self, problems: Sequence[Problem], files: Sequence[FileRead], skip: Skip | None) -> None:
        super().__init__(problems)
        self.read = tuple(files)
        self.earlier = skip.every if skip else ()
        self.skippable = rows_of(problems)
        self.digest = digest([(file.name, file.sha256) for file in files], problems, self.earlier)

    def leave_out(self, lines: Iterable[tuple[str, int]] | None = None) -> Skip:
        """What to hand to the next import to leave out these (file, line), or all rows of the list."""
        wanted = None if lines is None else set(lines)
        rows = (row for row in self.skippable if wanted is None or (row.file, row.line) in wanted)
        return Skip(tuple(rows), self.digest, self.earlier)


def rows_of(problems: Iterable[Problem]) -> tuple[SkippedRow, ...]:
    """The rows at fault, in the order of files and lines; a byte that is no text is the whole file's fault."""
    found = {
        SkippedRow(item.place, item.line, item.rule, item.column or "", item.found or "")
        for item in problems
        if item.line is not None and item.line > 1 and item.rule != "encoding"
    }
    return tuple(sorted(found))


def digest(files: Iterable[tuple[str, str]], problems: Iterable[Problem], earlier: Iterable[SkippedRow]) -> str:
    """SHA-256 of a list of problems: equal when the same files have the same problems once the same rows are out.

    Args:
        files: Name and SHA-256 of each file.
        problems: The problems.
        earlier: Rows that were left out.
    """
    content = [
        sorted(files),
        sorted(json.dumps(asdict(item), default=str) for item in problems),
        sorted(json.dumps(asdict(item)) for item in earlier),
    ]
    return sha256(json.dumps(content).encode()).hexdigest()


def lines_by_file(rows: Iterable[SkippedRow]) -> Mapping[str, frozenset[int]]:
    """Lines to leave out, by file name."""
    lines: dict[str, set[int]] = {}
    for row in rows:
        lines.setdefault(row.file, set()).add(row.line)
    return {name: frozenset(own) for name, own in lines.items()}


def rows_at(scan: Scan, wanted: Iterable[int], parsed: int, refused: Sequence[int]) -> list[int]:
    """Parsed row of each wanted line; a line without one is left out.

    Args:
        scan: The file.
        wanted: Lines.
        parsed: Number of rows that were parsed.
        refused: Lines whose row could not be parsed.
    """
    lines, out = set(wanted) - set(refused), sorted(set(refused))
    if not parsed or not lines:
        return []
    ends = lines_of(scan, [0, parsed - 1], parsed, out)
    first, last = ends[0], ends[parsed - 1]
    between = bisect_left(out, last) - bisect_left(out, first)
    if last - first == parsed - 1 + between:  # one line a row: counted, not looked up
        before = bisect_left(out, first)
        return sorted(n - first - (bisect_left(out, n) - before) for n in lines if first <= n <= last)
    known = lines_of(scan, range(parsed), parsed, out)
    return sorted(row for row, line in known.items() if line in lines)
