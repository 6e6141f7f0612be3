"""How a file and its columns were read: encoding, separator, styles of dates and of numbers."""

from __future__ import annotations

from dataclasses import dataclass

from core.ingest.dates import ISO
from core.model.numbers import PLAIN, NumberStyle, number_style

PLAIN_NUMBERS = number_style(PLAIN)


@dataclass(frozen=True, slots=True)
class Written:
    """How one column is written.

    Attributes:
        date: Style of its dates.
        times: Whether a date may carry a time, of which the company's own day is taken.
        number: Style of its numbers.
        proven: Whether a point among its digits is a decimal point for certain; else a cell such as 1.234, which
            could mean a thousand, is not read.
    """

    date: str = ISO
    times: bool = False
    number: NumberStyle = PLAIN_NUMBERS
    proven: bool = True


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How one column was read, for the log and the screen.

    Attributes:
        column: Column as the file spells it.
        target: Column of the contract.
        kind: `date` or `number`.
        style: Style it was read in.
    """

    column: str
    target: str
    kind: str
    style: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file of an import, for its log.

    Attributes:
        name: File name.
        sha256: Hash of its bytes.
        size: Bytes.
        table: Table it holds.
        rows: Rows, with those that could not be split into cells.
        delimiter: Separator; empty for Parquet.
        ignored: Columns nothing reads.
        encoding: How its text is stored; xlsx and parquet for those.
        readings: Style of each column of dates and of numbers.
    """

    name: str
    sha256: str
    size: int
    table: str
    rows: int
    delimiter: str
    ignored: tuple[str, ...]
    encoding: str = "utf-8"
    readings: tuple[ColumnReading, ...] = ()
