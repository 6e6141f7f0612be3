"""ZIP containers: what is checked before anything inside is opened, and tables taken out under safe names."""

from __future__ import annotations

import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from core.errors import Problem
from core.ingest.kinds import wrong_content

MOST_PARTS = 2_000
"""A workbook of 200 sheets has some 500 parts."""
MOST_BYTES = 2 << 30
"""Unpacked; an import of six million rows as CSV is under one gibibyte."""
MOST_RATIO = 250
"""Unpacked to packed size of a part over `SMALL`; repetitive sheets reach about 60, deflate itself ends at 1,032."""
SMALL = 1 << 20
TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
"""Endings that are taken out of an archive."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # NotImplementedError is one
)
"""What the standard library raises for a damaged archive."""
_UNSAFE = re.compile(r"[^\w .()+-]")
_CHUNK = 1 << 20
_ENCRYPTED, _STORED, _DEFLATED = 0x1, 0, 8


def check_container(path: Path) -> tuple[tuple[zipfile.ZipInfo, ...], Problem | None]:
    """The parts of a ZIP file by its central directory, or why it is not opened.

    Nothing is unpacked: names, sizes and flags alone decide.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = tuple(archive.infolist())
    except DAMAGED as error:
        message = f"the archive is damaged or cut off ({str(error)[:100]}). Export or copy it again."
        return (), Problem(path.name, message, rule="container")
    fault = next(_faults(parts, path.stat().st_size), None)
    return parts, Problem(path.name, fault, rule="container") if fault else None


def unpack(path: Path, target: Path) -> tuple[list[Path], list[Problem], list[Problem]]:
    """Take the tables out of an archive, all or none.

    Args:
        path: The ZIP file.
        target: New folder for them.

    Returns:
        Files, problems, warnings (entries that are no tables).
    """
    problem = wrong_content(path, ".zip")
    parts, fault = ((), problem) if problem else check_container(path)
    if fault:
        return [], [fault], []
    files: dict[str, zipfile.ZipInfo] = {}
    problems, warnings = [], []
    for part in parts:
        name = PurePosixPath(part.filename).name
        if part.is_dir() or "__MACOSX" in part.filename or name.startswith("."):
            continue
        safe = _UNSAFE.sub("_", name)[-200:]
        ending = PurePosixPath(safe).suffix.lower()
        if ending not in TABLES:
            warnings.append(
                Problem(f"{path.name}/{safe}", "not read: no .csv, .xlsx or .parquet file.", rule="not_read")
            )
        elif safe.casefold() in files:
            problems.append(
                Problem(path.name, f'the archive holds "{safe}" twice. Keep one of them.', rule="container")
            )
        else:
            files[safe.casefold()] = part
    if not files and not problems:
        problems.append(Problem(path.name, "the archive holds no .csv, .xlsx or .parquet file.", rule="container"))
    if problems:
        return [], problems, warnings
    target.mkdir()
    fault = _extract(path, list(files.values()), target)
    return ([], [fault], warnings) if fault else (sorted(target.iterdir()), [], warnings)


def open_archives(files: Sequence[Path], scratch: Path) -> tuple[list[Path], list[Problem], list[Problem]]:
    """Replace each ZIP file by the tables in it.

    Returns:
        Files, problems, warnings.
    """
    opened: list[Path] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for number, path in enumerate(files):
        if path.suffix.lower() != ".zip":
            opened.append(path)
            continue
        inside, faults, notes = unpack(path, scratch / f"archive-{number}")
        opened += inside
        problems += faults
        warnings += notes
    return opened, problems, warnings


def read_parts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of one part in chunks; never more than its directory entry says, and its checksum holds at the end.

    Raises:
        zipfile.BadZipFile: When size or checksum are not what the directory says.
    """
    with archive.open(part) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _extract(path: Path, parts: Sequence[zipfile.ZipInfo], target: Path) -> Problem | None:
    with zipfile.ZipFile(path) as archive:
        for part in parts:
            safe = _UNSAFE.sub("_", PurePosixPath(part.filename).name)[-200:]
            try:
                with (target / safe).open("xb") as copy:
                    copy.writelines(read_parts(archive, part))
            except DAMAGED as error:
                shutil.rmtree(target, ignore_errors=True)
                message = f'"{safe}" in the archive is damaged ({str(error)[:100]}). Export or copy it again.'
                return Problem(path.name, message, rule="container")
    return None


def _faults(parts: Sequence[zipfile.ZipInfo], packed: int) -> Iterator[str]:
    if len(parts) > MOST_PARTS:
        yield f"expected at most {MOST_PARTS} parts, found {len(parts)}: this is no export."
    total = sum(part.file_size for part in parts)
    if total > MOST_BYTES:
        yield f"it unpacks to {total / 2**30:.1f} GiB; at most {MOST_BYTES >> 30} GiB are read. Split it."
    if total > SMALL and total > packed * MOST_RATIO:
        yield f"it unpacks to {total / max(packed, 1):.0f} times its size: this is no export."
    names = [part.filename.casefold() for part in parts]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        yield f'it holds the part "{twice[:80]}" twice. Export it again.'
    for part in parts:
        shown = part.filename[:80]
        if part.flag_bits & _ENCRYPTED:
            yield "it is encrypted. Save it without a password."
        if part.compress_type not in (_STORED, _DEFLATED):
            yield f'the part "{shown}" is packed in an unusual way. Export it again.'
        if _leaves(part.filename):
            yield f'the part "{shown}" has a path that leads outside. This file is not opened.'
        if part.file_size > SMALL and part.file_size > part.compress_size * MOST_RATIO:
            yield f'the part "{shown}" unpacks to {part.file_size // max(part.compress_size, 1)} times its size.'


def _leaves(name: str) -> bool:
    pieces = re.split(r"[/\\]", name)
    return ".." in pieces or name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name)) or "\0" in name
