"""Files that leave the product: cells that a spreadsheet cannot run, names that change with their content."""

from __future__ import annotations

import re
from hashlib import sha256

import pandas as pd

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*\s?%?")
_RUNS = frozenset("=+-@|\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}") | {
    "\N{FULLWIDTH COMMERCIAL AT}"
}
DIGITS = 9
"""Digits of a number in a file: a ratio to a millionth of a per cent."""
_SKIPPED = " \N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{ZERO WIDTH SPACE}"


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula.

    Text whose first visible character could start a formula gets a leading apostrophe; numbers written as text
    ("-3.5", "+4 %") stay as they are. What is not text passes unchanged.

    Source:
        OWASP ASVS 5.0, 1.2.10.
    """
    if not isinstance(value, str):
        return value
    seen = value.lstrip(_SKIPPED)
    if seen[:1] in _RUNS and seen and not _NUMBER.fullmatch(seen):
        return "'" + value
    return value


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV without index, every cell and header through `safe_cell`.

    Numbers have nine digits, and cents whatever their size: what follows in a float is noise of its making.
    """
    safe = frame.astype(object).map(lambda value: _short(value) if isinstance(value, float) else safe_cell(value))
    safe.columns = pd.Index([safe_cell(str(name)) for name in frame.columns])
    return safe.to_csv(index=False, lineterminator="\r\n")


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if abs(value) < 10 ** (DIGITS - 2) else round(value, 2)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as a CSV file: `csv_text` in UTF-8 with a byte order mark, which spreadsheets need."""
    return csv_text(frame).encode("utf-8-sig")


def file_name(stem: str, content: bytes, suffix: str) -> str:
    """A file name with a fingerprint of its content: two exports of one name never share a download address.

    Args:
        stem: What the file is, in words; anything but letters, digits and hyphens becomes a hyphen.
        content: The bytes of the file.
        suffix: Extension without the dot.
    """
    plain = re.sub(r"[^0-9A-Za-z]+", "-", stem).strip("-").lower() or "export"
    return f"{plain}-{sha256(content).hexdigest()[:12]}.{suffix}"
