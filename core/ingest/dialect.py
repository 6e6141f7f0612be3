"""The separator and the header of a CSV file, found in its first lines; what is unclear is refused with counts."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import Problem

MOST_COLUMNS = 500
"""More columns than any export of one table has; a wider file is the wrong file."""
TOP = 1 << 16
"""Characters that are looked at."""
ROWS = 50
"""Rows whose cells are counted."""
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Dialect:
    """How the cells of a file are separated.

    Attributes:
        delimiter: The separator.
        header: Column names, trimmed.
        skipped: Lines before the header (blank ones, an Excel `sep=` line).
        problems: Why it cannot be read.
        blank: Blank lines before the header.
    """

    delimiter: str
    header: tuple[str, ...]
    skipped: int
    problems: tuple[Problem, ...]
    blank: int = 0


def find_dialect(place: str, top: str) -> Dialect:
    """Separator and header from the first `TOP` characters of a file.

    Args:
        place: File name.
        top: Its beginning, without a byte-order mark.
    """
    stated = re.match(r"(?i)sep=(.?)\r?\n", top)
    skipped = 1 if stated else 0
    if stated and stated.group(1) not in DELIMITERS:
        message = f'expected a separator after "sep=": one of , ; tab |, found "{stated.group(1)}".'
        return Dialect(",", (), 1, (Problem(place, message, line=1, rule="delimiter"),))
    body = top[stated.end() :] if stated else top
    lead = re.match(r"(\r\n|\n|\r)*(?=[^\r\n])", body) if body.strip() else None
    blank = len(re.findall(r"\r\n|\n|\r", lead.group())) if lead else 0
    if lead and blank:
        body, skipped = body[lead.end() :], skipped + blank
    counts = {delimiter: _fields(body, delimiter, len(top) >= TOP) for delimiter in DELIMITERS}
    unclear = None
    if stated:
        delimiter = stated.group(1)
    else:
        delimiter, unclear = _choose(place, body, counts)
    header = _header(body, delimiter)
    problems = [unclear] if unclear else list(header_problems(place, header, skipped + 1))
    if not problems and not stated:
        problems += _title(place, header, counts)
    if not problems:
        problems += _trailing(place, body, delimiter, len(header), skipped)
    return Dialect(delimiter, header, skipped, tuple(problems), blank)


def header_problems(place: str, names: Sequence[str], line: int) -> Iterator[Problem]:
    """What is wrong with a header: nothing in it, too much, a column without a name or twice."""
    if not any(names):
        yield Problem(place, "expected a line with column names, found none.", line=line, rule="header")
    if len(names) > MOST_COLUMNS:
        message = f"expected at most {MOST_COLUMNS} columns, found {len(names)}: this is another kind of file."
        yield Problem(place, message, line=line, rule="header")
        return
    filled = [name for name in names if name]
    if len(filled) == 1 and len(names) > 2:
        message = f'expected column names, found "{filled[0][:80]}" alone: a title? Delete the lines above the header.'
        yield Problem(place, message, line=line, rule="header")
        return
    seen: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        if not name and any(names):
            message = f"column {number} has no name. Name it, or delete the column."
            yield Problem(place, message, line=line, rule="header")
        elif name.casefold() in seen:
            message = "the header has this column twice. Keep one of them."
            yield Problem(place, message, line=line, column=name, rule="duplicate_column")
        seen[name.casefold()] = name


def _choose(place: str, body: str, counts: dict[str, list[int]]) -> tuple[str, Problem | None]:
    """The separator of the header, and the problem of one that the rows do not share."""
    present = [each for each, fields in counts.items() if fields and fields[0] > 1]
    fitting = [each for each in present if len(set(counts[each])) == 1]
    if len(fitting) == 1:
        return fitting[0], None
    if fitting:
        most = max(counts[each][0] for each in fitting)
        best = [each for each in fitting if counts[each][0] == most]
        return best[0], None if len(best) == 1 else _unclear(place, best, counts)
    bare = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", body, maxsplit=1)[0])
    chosen = max(DELIMITERS, key=bare.count)
    return chosen, _mixed(place, chosen, counts) if present else None


def _unclear(place: str, best: Sequence[str], counts: dict[str, list[int]]) -> Problem:
    listed = " and ".join(f"{counts[each][0]} fields by {DELIMITERS[each]}" for each in best)
    message = (
        f"every row splits into {listed}: the separator is unclear. Write sep={best[0]} as the first line if that is "
        "the one, or export with one separator."
    )
    return Problem(place, message, line=1, rule="delimiter")


def _mixed(place: str, chosen: str, counts: dict[str, list[int]]) -> Problem | None:
    """Rows that fit the header by another separator only are a matter of the file, not of each row."""
    expected, *rows = counts[chosen]
    fit = sum(count == expected for count in rows)
    for other, (_, *found) in ((each, counts[each]) for each in DELIMITERS if each != chosen and counts[each]):
        foreign = [one for one, own in zip(found, rows, strict=False) if one == expected and own != expected]
        if foreign and expected > 1:
            message = (
                f"the separators are mixed: the header has {expected} fields by {DELIMITERS[chosen]}; of the first "
                f"{len(rows)} rows {fit} have as many by {DELIMITERS[chosen]} and {len(foreign)} by "
                f"{DELIMITERS[other]}. Export the file with one separator."
            )
            return Problem(place, message, line=1, rule="delimiter")
    return None


def _title(place: str, header: Sequence[str], counts: dict[str, list[int]]) -> list[Problem]:
    """A single cell over wider rows is a title, not a header."""
    if len(header) != 1:
        return []
    for fields in counts.values():
        wide = [count for count in fields[1:] if count > 1]
        if len(wide) > 1 and Counter(wide).most_common(1)[0][1] * 2 > len(fields[1:]):
            line = 1 + next(index for index, count in enumerate(fields) if count > 1)
            message = (
                f'expected column names, found "{header[0][:80]}" alone where later rows have {wide[0]} fields (from '
                f"row {line} on). Delete the lines above the header."
            )
            return [Problem(place, message, line=1, rule="header")]
    return []


def _trailing(place: str, body: str, delimiter: str, expected: int, skipped: int) -> list[Problem]:
    """A separator at the end of rows that the header lacks; the parser would drop the empty cell without a word."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    lines = [
        reader.line_num
        for _, record in zip(range(ROWS), reader, strict=False)
        if len(record) == expected + 1 and not record[-1]
    ]
    if not lines:
        return []
    message = (
        f"expected {expected} cells as in the header, found {expected + 1}, the last one empty, in {len(lines)} of the "
        "first rows: a separator too many at the end. Export without it, or name the column in the header."
    )
    return [Problem(place, message, line=lines[0] + skipped, rule="row_shape")]


def _fields(body: str, delimiter: str, cut: bool) -> list[int]:
    """Fields of the header and of the first rows; blank lines and a row that may be cut off are left out."""
    counts: list[int] = []
    try:
        for record in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True):
            if record:
                counts.append(len(record))
            if len(counts) > ROWS:
                return counts
    except csv.Error:
        return counts
    return counts[:-1] if cut and len(counts) > 1 else counts


def _header(body: str, delimiter: str) -> tuple[str, ...]:
    try:
        names = next(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        names = []
    return tuple(name.strip() for name in names)
