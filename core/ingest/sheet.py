"""What one sheet of a workbook holds, read as a stream of XML: extent, errors, formulas, merged and hidden cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from core.ingest.archive import read_parts

MOST_CELLS = 20_000_000
"""A million rows of twenty columns: what a sheet can hold of one table."""
SPARSE = 50
"""A sheet this many times larger than its filled cells (and over a million) has a stray cell far away."""
KEPT = 1_000
_REF = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
MOST_ROWS = 1 << 20
"""As many as a sheet can have."""


class RefusedXml(Exception):
    """The part declares a document type or entities, or is not XML."""


@dataclass
class Sheet:
    """What the XML of a sheet says.

    Attributes:
        rows: Last row with a value.
        columns: Last column with a value.
        filled: Cells with a value.
        last: Reference of the cell farthest down.
        errors: Reference -> error value, the first `KEPT`.
        uncomputed: References of formulas without a stored value, the first `KEPT`.
        merged: Merged ranges.
        hidden_rows: Rows with values that are hidden.
        hidden_columns: Whether columns are hidden.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    last: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    uncomputed: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: bool = False

    @property
    def sparse(self) -> bool:
        """Whether a stray cell makes the sheet far larger than its table."""
        area = self.rows * self.columns
        return area > MOST_CELLS or area > max(1_000_000, SPARSE * self.filled)

    def merges(self) -> list[str]:
        """Merged ranges that touch the table."""
        return [ref for ref in self.merged if self._touches(ref)]

    def _touches(self, ref: str) -> bool:
        first, _, last = ref.partition(":")
        row, column = position(first) or (1, 1)
        return bool(last) and last != first and row <= self.rows and column <= self.columns


def position(ref: str) -> tuple[int, int] | None:
    """Row and column of a reference such as B7, from 1; None when it is none."""
    found = _REF.fullmatch(ref)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def parse_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, attach: Callable[[expat.XMLParserType], None] | None = None
) -> None:
    """Parse one part without ever expanding an entity, as a stream.

    Args:
        archive: The workbook.
        part: The part.
        attach: Sets handlers on the parser; None looks at the beginning alone, where a document type would stand,
            and reads the rest for its checksum.

    Raises:
        RefusedXml: For a document type, an entity, or broken XML.
        zipfile.BadZipFile: When size or checksum are wrong.
    """
    parser = expat.ParserCreate()
    rooted: list[str] = []

    def doctype(*_: object) -> None:
        raise RefusedXml("it declares a document type or entities")

    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    if attach is None:
        parser.StartElementHandler = lambda name, _: rooted.append(name) if not rooted else None
    else:
        attach(parser)
    try:
        for chunk in read_parts(archive, part):
            if not rooted:
                parser.Parse(chunk, False)
        if attach is not None:
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise RefusedXml(f"its XML is broken ({error})") from None


def survey_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Sheet:
    """Read one sheet's XML once. Raises as `parse_part` does."""
    walker = _Walker()
    parse_part(archive, part, walker.attach)
    walker.close_cell()
    return walker.sheet


class _Walker:
    """Follows the elements of a sheet; text is heard only where it matters, for speed."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self.places: dict[str, int] = {}
        self.row, self.column = 0, 0
        self.ref, self.kind, self.text, self.formula = "", "", "", False
        self.actions: dict[str, Callable[[dict[str, str]], None]] = {
            "c": self._cell,
            "v": self._value,
            "is": self._value,
            "f": self._formula,
            "row": self._row,
            "mergeCell": lambda attributes: self.sheet.merged.append(attributes.get("ref", "")),
            "col": self._columns,
        }

    def attach(self, parser: expat.XMLParserType) -> None:
        """Listen to a parser."""
        self.parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start

    def close_cell(self) -> None:
        """Judge the cell that just ended: a formula whose value never came, an error value."""
        if self.formula and not self.text and self.kind != "str" and len(self.sheet.uncomputed) < KEPT:
            self.sheet.uncomputed.append(self.ref)
        if self.kind == "e" and self.text and len(self.sheet.errors) < KEPT:
            self.sheet.errors[self.ref] = self.text
        self.parser.CharacterDataHandler = None
        self.formula, self.kind, self.text = False, "", ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        action = self.actions.get(name if ":" not in name else name.rpartition(":")[2])
        if action is not None:
            action(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        if self.formula or self.kind:
            self.close_cell()
        self.kind = attributes.get("t", "")
        self.ref = attributes.get("r", "")
        if not self.ref:
            self.column += 1
            return
        letters = self.ref.rstrip("0123456789")
        if letters not in self.places:
            place = position(self.ref)
            if place is None:
                raise RefusedXml(f'a cell has the place "{self.ref[:20]}"')
            self.places[letters] = place[1]
        self.column = self.places[letters]
        if self.ref[len(letters) :] != str(self.row):
            raise RefusedXml(f"the cell {self.ref[:20]} stands in row {self.row}")

    def _value(self, _: dict[str, str]) -> None:
        sheet = self.sheet
        sheet.filled += 1
        if self.row > sheet.rows or self.column > sheet.columns:
            sheet.rows, sheet.columns = max(self.row, sheet.rows), max(self.column, sheet.columns)
            sheet.last = self.ref
        if self.formula or self.kind == "e":
            self.parser.CharacterDataHandler = self._heard

    def _heard(self, text: str) -> None:
        self.text += text[:40]

    def _formula(self, _: dict[str, str]) -> None:
        self.formula = True

    def _row(self, attributes: dict[str, str]) -> None:
        self.close_cell()
        self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        if not 0 < self.row <= MOST_ROWS:
            raise RefusedXml(f"a row has the number {self.row}")
        self.sheet.hidden_rows += attributes.get("hidden") in ("1", "true")

    def _columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            self.sheet.hidden_columns = True
