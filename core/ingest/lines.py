"""Which physical line of a CSV file a parsed row stands on."""

from __future__ import annotations

import csv
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from core.ingest.read import Scan
from core.ingest.survey import CHUNK


def lines_of(scan: Scan, rows: Sequence[int], parsed: int, rejected: Iterable[int]) -> dict[int, int]:
    """Line of each wanted row.

    Most files have one line a row, and then the line is counted; a file with line breaks inside quotes or
    with blank lines is read once more.

    Args:
        scan: The file.
        rows: Wanted rows, counted from 0 over the rows that were parsed.
        parsed: Number of rows that were parsed.
        rejected: Lines whose row could not be parsed.
    """
    refused = sorted(set(rejected))
    first = scan.skipped + 2
    if scan.parquet:
        return {row: row + 1 for row in rows}
    if scan.lines == first - 1 + parsed + len(refused):
        return {row: _after(row + first, refused) for row in rows}
    starts = _record_starts(scan, set(refused))
    return {row: starts[row] if row < len(starts) else scan.lines for row in rows}


def lines_at(scan: Scan, offsets: Iterable[int]) -> dict[int, int]:
    """Line that holds each byte offset (from 0) of the file that was parsed."""
    wanted = sorted(set(offsets))
    found: dict[int, int] = {}
    line, position, index = 1, 0, 0
    with scan.readable.open("rb") as file:
        while index < len(wanted) and (chunk := file.read(CHUNK)):
            end = position + len(chunk)
            last = position
            while index < len(wanted) and wanted[index] < end:
                line += chunk.count(b"\n", last - position, wanted[index] - position)
                last = wanted[index]
                found[wanted[index]] = line
                index += 1
            line += chunk.count(b"\n", last - position)
            position = end
    return found | {offset: line for offset in wanted if offset not in found}


def _after(line: int, refused: list[int]) -> int:
    """The line of a parsed row, moved down by the refused lines above it."""
    moved = line
    while (further := line + bisect_right(refused, moved)) != moved:
        moved = further
    return moved


def _record_starts(scan: Scan, refused: set[int]) -> array[int]:
    starts = array("q")
    with scan.readable.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(scan.skipped):
            file.readline()
        reader = csv.reader(file, delimiter=scan.delimiter)
        csv.field_size_limit(2**31 - 1)
        next(reader, None)
        start = reader.line_num + 1
        for record in reader:
            line = start + scan.skipped
            if record and line not in refused:
                starts.append(line)
            start = reader.line_num + 1
    return starts
