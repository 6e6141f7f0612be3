"""Finding the files of an import and reading a CSV file's outside: encoding, separator, header, line ends."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from core.errors import Problem

CHUNK = 1 << 20
MOST_COLUMNS = 500
"""More columns than any export of one table has; a wider file is the wrong file."""
LONGEST_HEADER = 1 << 16
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_CONTROL = re.compile(b"[" + re.escape(_CONTROLS) + b"]")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True)
class Scan:
    """The outside of one file.

    Attributes:
        path: The file as given.
        readable: The file to parse: `path`, or a copy as UTF-8 with single line ends.
        sha256: Hash of the file as given.
        size: Bytes of the file as given.
        header: Column names as the file spells them; empty when the file cannot be read.
        delimiter: The separator; empty for Parquet.
        skipped: Lines before the header (an Excel `sep=` line).
        lines: Physical lines.
        plain: Whether the file is ASCII without quotes and tabs: no cell hides a line break or an odd character.
        problems: Why the file cannot be read.
        warnings: What was taken as it stands but should be known.
    """

    path: Path
    readable: Path
    sha256: str
    size: int
    header: tuple[str, ...] = ()
    delimiter: str = ""
    skipped: int = 0
    lines: int = 0
    plain: bool = False
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """File name without its folder."""
        return self.path.name

    @property
    def parquet(self) -> bool:
        """Whether the file is Parquet."""
        return self.path.suffix.lower() == ".parquet"


@dataclass
class _Pass:
    """What one pass over the bytes found."""

    digest: str = ""
    size: int = 0
    feeds: int = 0
    pairs: int = 0
    returns: int = 0
    ends: bool = True
    plain: bool = True
    problem: Problem | None = None

    @property
    def lines(self) -> int:
        ends = self.feeds + self.returns - self.pairs
        return ends + (0 if self.ends or not self.size else 1)

    @property
    def mixed(self) -> bool:
        return bool(self.returns) and not (self.returns == self.pairs == self.feeds)


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Problem], list[Problem]]:
    """The CSV and Parquet files among `paths` and directly inside their folders, each once, by name.

    Returns:
        Files, problems (a path that does not exist), warnings (files of another kind).
    """
    files: dict[Path, Path] = {}
    problems, warnings = [], []
    for path in paths:
        if not path.exists():
            problems.append(Problem(str(path), "there is no such file or folder.", rule="no_file"))
        entries = sorted(path.iterdir()) if path.is_dir() else [path]
        for entry in (entry for entry in entries if entry.is_file()):
            if entry.suffix.lower() in (".csv", ".tsv", ".parquet"):
                files.setdefault(entry.resolve(), entry)
            elif not path.is_dir():
                problems.append(Problem(entry.name, "expected a .csv or .parquet file.", rule="kind_of_file"))
            elif entry.name == "truth.json":
                continue  # what a generated company planted; never data
            elif entry.suffix.lower() in (".xlsx", ".xls", ".txt", ".gz", ".zip", ".json"):
                warnings.append(Problem(entry.name, "not read: expected .csv or .parquet.", rule="not_read"))
    return list(files.values()), problems, warnings


def scan_csv(path: Path, scratch: Path) -> Scan:
    """Read a CSV file's outside in one pass, memory bounded.

    A UTF-16 file with a byte-order mark, and one that mixes line ends, is copied to `scratch` in plain form.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start in _UTF32:
        problem = Problem(path.name, "expected UTF-8, found UTF-32. Save the file as UTF-8.", rule="encoding")
        return Scan(path, path, "", path.stat().st_size, problems=(problem,))
    encoding = _WIDE.get(start[:2], "utf-8-sig")
    found = _pass(path, encoding)
    scan = Scan(path, path, found.digest, found.size, lines=found.lines, plain=found.plain)
    if found.problem or found.size == 0:
        empty = Problem(path.name, "the file is empty; expected a header and rows.", rule="empty_file")
        return replace(scan, problems=(found.problem or empty,))
    warnings = []
    if encoding == "utf-16" or found.mixed:
        scan = replace(scan, readable=_plain_copy(path, encoding, scratch / f"{found.digest[:16]}.csv"))
    if found.mixed:
        warnings.append(Problem(path.name, "line ends are mixed or unusual; each was read as one.", rule="line_ends"))
    return _with_header(replace(scan, warnings=tuple(warnings)))


def _pass(path: Path, encoding: str) -> _Pass:
    """Hash, count line ends and check the encoding, a chunk at a time."""
    found, digest = _Pass(), sha256()
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)("strict")
    after_return = False
    for chunk in _chunks(path):
        digest.update(chunk)
        found.size += len(chunk)
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            found.problem = found.problem or _bad_byte(path, error, found.lines)
            continue
        plain = chunk if encoding == "utf-8-sig" else text.encode()
        bad = _CONTROL.search(plain) if len(plain.translate(None, _CONTROLS)) != len(plain) else None
        if bad and not found.problem:
            found.problem = _bad_control(path, plain, bad, found.lines)
        found.plain = found.plain and plain.isascii() and b'"' not in plain and b"\t" not in plain
        found.feeds += plain.count(b"\n")
        found.returns += plain.count(b"\r")
        found.pairs += plain.count(b"\r\n") + (after_return and plain[:1] == b"\n")
        after_return = plain[-1:] == b"\r"
        found.ends = plain[-1:] in (b"\n", b"\r")
    found.digest = digest.hexdigest()
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _bad_byte(path: Path, error: UnicodeDecodeError, lines: int) -> Problem:
    data = bytes(error.object)
    line = lines + data.count(b"\n", 0, error.start) + 1
    byte = data[error.start : error.start + 1].hex()
    message = f'expected UTF-8, found byte 0x{byte}. Save the file as UTF-8 (in Excel: "CSV UTF-8").'
    return Problem(path.name, message, line=line, found=f"0x{byte}", rule="encoding")


def _bad_control(path: Path, data: bytes, bad: re.Match[bytes], lines: int) -> Problem:
    line = lines + data.count(b"\n", 0, bad.start()) + 1
    code = f"0x{bad.group()[0]:02x}"
    message = f"expected text, found the control character {code}. Remove it, or export the file again as UTF-8 text."
    return Problem(path.name, message, line=line, found=code, rule="control_character")


def _plain_copy(path: Path, encoding: str, target: Path) -> Path:
    with path.open(encoding=encoding, newline=None) as source, target.open("w", encoding="utf-8", newline="\n") as copy:
        while text := source.read(CHUNK):
            copy.write(text)
    return target


def _with_header(scan: Scan) -> Scan:
    with scan.readable.open(encoding="utf-8-sig", newline="") as file:
        top = file.read(LONGEST_HEADER)
    skipped = 0
    stated = re.match(r"sep=(.)\r?\n", top)
    if stated:
        top, skipped = top[stated.end() :], 1
    delimiter = stated.group(1) if stated else _delimiter(re.split(r"[\r\n]", top, maxsplit=1)[0])
    try:
        header = next(csv.reader(io.StringIO(top, newline=""), delimiter=delimiter, strict=True), [])
    except (csv.Error, TypeError):
        header = []
    names = tuple(name.strip() for name in header)
    warnings = scan.warnings
    if delimiter != ",":
        kind = DELIMITERS.get(delimiter, delimiter)
        warnings += (Problem(scan.name, f"columns are separated by a {kind}; read as such.", rule="delimiter"),)
    return replace(
        scan,
        header=names,
        delimiter=delimiter,
        skipped=skipped,
        warnings=warnings,
        problems=tuple(_header_problems(scan.name, names, skipped + 1)),
    )


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def _header_problems(place: str, names: Sequence[str], line: int) -> Iterator[Problem]:
    if not any(names):
        yield Problem(place, "expected a line with column names, found none.", line=line, rule="header")
    if len(names) > MOST_COLUMNS:
        message = f"expected at most {MOST_COLUMNS} columns, found {len(names)}: this is another kind of file."
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
