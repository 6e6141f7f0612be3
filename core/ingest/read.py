"""Finding the files of an import and reading a CSV file's outside: encoding, separator, header, line ends."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from core.errors import Problem
from core.ingest.dialect import DELIMITERS, TOP, find_dialect
from core.ingest.encodings import WIDE, misstated, unmarked, utf8_copy, without_mark
from core.ingest.kinds import NOT_READ, READ, not_read, wrong_content
from core.ingest.survey import Survey, survey

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
        encoding: How its text is stored; xlsx and parquet for those.
        plain: Whether the file is ASCII without quotes and tabs: no cell hides a line break or an odd character.
        spaces: Whether a cell may hold a space.
        plus: Whether a cell may hold a plus sign.
        padded: Whether a cell may hold 0x or seven zeros in a row.
        table: Table of the staging database with its cells, when a mapping computed some; else the file is read.
        added: How many columns at the end of `header` a mapping computed.
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
    encoding: str = "utf-8"
    plain: bool = False
    spaces: bool = True
    plus: bool = True
    padded: bool = True
    table: str = ""
    added: int = 0
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


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Problem], list[Problem]]:
    """The CSV, XLSX, Parquet and ZIP files among `paths` and directly inside their folders, each once, by name.

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
            if entry.name.startswith(("~$", "._")):
                continue  # lock files of an open workbook and twins of macOS
            if entry.suffix.lower() in READ:
                files.setdefault(entry.resolve(), entry)
            elif not path.is_dir():
                problems.append(not_read(entry))
            elif entry.name == "truth.json":
                continue  # what a generated company planted; never data
            elif entry.suffix.lower() in NOT_READ:
                warnings.append(replace(not_read(entry), rule="not_read"))
    return list(files.values()), problems, warnings


def file_fits(path: Path, pattern: str) -> bool:
    """Whether a file has the name a mapping asks for; a workbook counts as the CSV file of its name."""
    name = path.stem + ".csv" if path.suffix.lower() == ".xlsx" else path.name
    return any(fnmatchcase(each.casefold(), pattern.casefold()) for each in (path.name, name))


def scan_csv(path: Path, scratch: Path, encoding: str = "") -> Scan:
    """Read a CSV file's outside in one pass, memory bounded.

    A file that is not UTF-8 and one that mixes line ends is copied to `scratch` as UTF-8 with single line ends.

    Args:
        path: The file.
        scratch: Existing folder for the copy.
        encoding: What the mapping states; empty for UTF-8, or UTF-16 with a byte-order mark.
    """
    empty = Scan(path, path, "", path.stat().st_size)
    if problem := wrong_content(path):
        return replace(empty, problems=(problem,))
    with path.open("rb") as file:
        start = file.read(4)
    if start in _UTF32:
        problem = Problem(path.name, "expected UTF-8, found UTF-32. Save the file as UTF-8.", rule="encoding")
        return replace(empty, problems=(problem,))
    marked = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    found = survey(path, marked)
    scan = replace(empty, sha256=found.digest, encoding="utf-16" if marked == "utf-16" else "utf-8")
    if found.size == 0:
        message = "the file is empty; expected a header and rows."
        return replace(scan, problems=(Problem(path.name, message, rule="empty_file"),))
    source = marked if marked == "utf-16" else encoding
    if source and source != "utf-8":
        return _converted(scan, source, found, scratch)
    if found.problem:
        wide = without_mark(path)
        return replace(scan, problems=(unmarked(path, wide) if wide else found.problem,))
    if found.mixed:
        copied = replace(scan, readable=_copy_of(scan, scratch))
        utf8_copy(path, "utf-8-sig", copied.readable)
        return _with_header(_counted(copied, found))
    return _with_header(_counted(scan, found))


def _converted(scan: Scan, encoding: str, found: Survey, scratch: Path) -> Scan:
    """The scan of a file in a stated encoding; a stated encoding that the bytes contradict is refused."""
    if encoding not in (*WIDE, "utf-16"):
        if found.ascii and not found.problem:
            return _with_header(_counted(scan, found))
        if not found.problem or found.problem.rule != "encoding":
            return replace(scan, problems=(misstated(scan.path, encoding),))
    copy = _copy_of(scan, scratch)
    problem = utf8_copy(scan.path, encoding, copy)
    inside = survey(copy, "utf-8-sig")
    if problem or inside.problem:
        told = problem or inside.problem
        return replace(scan, problems=(replace(told, place=scan.name),) if told else ())
    inside.returns, inside.pairs = (found.returns, found.pairs) if encoding == "utf-16" else (0, 0)
    inside.feeds = found.feeds if encoding == "utf-16" else inside.feeds
    return _with_header(_counted(replace(scan, readable=copy, encoding=encoding), inside))


def _copy_of(scan: Scan, scratch: Path) -> Path:
    return scratch / f"{scan.sha256[:16]}-{len(list(scratch.glob('*.csv')))}.csv"


def _counted(scan: Scan, found: Survey) -> Scan:
    warnings = found.warnings(scan.name)
    if found.mixed:
        warnings += (Problem(scan.name, "line ends are mixed or unusual; each was read as one.", rule="line_ends"),)
    counted = replace(scan, lines=found.lines, warnings=scan.warnings + warnings)
    return replace(counted, plain=found.plain, spaces=found.spaces, plus=found.plus, padded=found.padded)


def _with_header(scan: Scan) -> Scan:
    with scan.readable.open(encoding="utf-8-sig", newline="") as file:
        dialect = find_dialect(scan.name, file.read(TOP))
    warnings = scan.warnings
    if dialect.delimiter != "," and not dialect.problems:
        kind = DELIMITERS[dialect.delimiter]
        warnings += (Problem(scan.name, f"columns are separated by a {kind}; read as such.", rule="delimiter"),)
    if dialect.blank and not dialect.problems:
        message = f"{dialect.blank} blank lines before the header were skipped."
        warnings += (Problem(scan.name, message, rule="leading_lines"),)
    return replace(
        scan,
        header=dialect.header,
        delimiter=dialect.delimiter,
        skipped=dialect.skipped,
        warnings=warnings,
        problems=dialect.problems,
    )
