"""What a file really is, by its first bytes, and what to do with one that holds no table."""

from __future__ import annotations

from pathlib import Path

from core.errors import Problem

READ = (".csv", ".tsv", ".xlsx", ".parquet", ".zip")
"""Endings of files that are read."""

NOT_READ: dict[str, str] = {
    ".xls": "an old Excel workbook. Save it as .xlsx or as CSV UTF-8.",
    ".xlsm": "a workbook with macros. Save it as .xlsx.",
    ".xlsb": "a binary workbook. Save it as .xlsx.",
    ".ods": "an OpenDocument sheet. Save it as .xlsx or as CSV UTF-8.",
    ".txt": "a text file. Rename it to .csv if it holds rows of cells.",
    ".gz": "a gzip archive. Unpack it first, or hand over a .zip.",
    ".bz2": "a bzip2 archive. Unpack it first, or hand over a .zip.",
    ".7z": "a 7z archive. Unpack it first, or hand over a .zip.",
    ".tar": "a tar archive. Unpack it first, or hand over a .zip.",
    ".json": "JSON. Export the table as CSV UTF-8.",
    ".jsonl": "JSON lines. Export the table as CSV UTF-8.",
    ".html": "a web page. Export the table as CSV UTF-8; the link may need a sign-in.",
    ".pdf": "a PDF. Export the table as CSV UTF-8.",
    ".db": "a database file. Export the table as CSV UTF-8.",
    ".sqlite": "a database file. Export the table as CSV UTF-8.",
    ".pkl": "a Python pickle, which is never opened. Export the table as CSV UTF-8.",
}
"""Ending -> what such a file is, and what to do."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ".zip"),
    (b"PK\x05\x06", ".zip"),
    (b"PAR1", ".parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
    (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"SQLite format 3\0", ".sqlite"),
    (b"%PDF-", ".pdf"),
    (b"\x80\x04\x95", ".pkl"),
    (b"\x80\x05\x95", ".pkl"),
)
_HEAD = 512


def kind_by_content(path: Path) -> str:
    """Ending that belongs to what the file holds; empty for text that may be CSV."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, ending in _MAGIC:
        if head.startswith(magic):
            return ending
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return ".html"
    return ".json" if text.startswith((b"{", b"[{")) else ""


def wrong_content(path: Path, expected: str = "") -> Problem | None:
    """The problem of a file that is not what its ending says; None when it may be.

    Args:
        path: The file.
        expected: Ending its content should belong to; empty for CSV.
    """
    found = kind_by_content(path)
    if found == expected:
        return None
    if found == ".zip":
        what = "a workbook or a ZIP archive. Give it the ending .xlsx or .zip."
    elif found in NOT_READ:
        what = NOT_READ[found]
    elif found:
        what = f"a {found} file. Give it that ending."
    else:
        what = f"something else. Export it again as {expected}."
    if found == ".xls" and expected == ".xlsx":
        what = "an encrypted or old workbook. Save it as .xlsx without a password."
    ending = path.suffix.lower() or "CSV"
    return Problem(path.name, f"expected a {ending} file, found {what}", found=found or None, rule="kind_of_file")


def not_read(path: Path) -> Problem:
    """Why a file of this ending is not read."""
    what = NOT_READ.get(path.suffix.lower())
    expected = ", ".join(READ[:-1]) + f" or {READ[-1]}"
    message = f"not read: expected {expected}{', found ' + what if what else '.'}"
    return Problem(path.name, message, rule="kind_of_file")
