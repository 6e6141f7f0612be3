"""A workbook's one filled sheet as CSV: checked as a container and as XML first, then read as typed cells."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import Any, TextIO

from python_calamine import CalamineError, CalamineWorkbook

from core.errors import Problem
from core.ingest.archive import DAMAGED, check_container
from core.ingest.kinds import wrong_content
from core.ingest.read import Scan, scan_csv
from core.ingest.sheet import RefusedXml, Sheet, parse_part, position, survey_sheet

LISTED = 20
"""Cells of one kind that are named one by one."""
EXACT = 10**15
"""Larger whole numbers lost digits when the sheet stored them."""


@dataclass(frozen=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    visible: bool
    part: str


class _Refused(Exception):
    """Why the workbook is not read."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


def scan_xlsx(path: Path, scratch: Path) -> Scan:
    """The outside of a workbook whose only filled visible sheet was written to `scratch` as CSV.

    Rows keep their numbers. Dates become ISO text, whole numbers lose their decimal point, other numbers keep the
    fifteen digits a sheet shows; nothing is ever evaluated, fetched or expanded.
    """
    with path.open("rb") as file:
        sha = file_digest(file, "sha256").hexdigest()
    scan = Scan(path, path, sha, path.stat().st_size, encoding="xlsx")
    try:
        sheet, name, warnings = _checked(path)
        copy = scratch / f"{sha[:16]}-{len(list(scratch.glob('*.csv')))}.csv"
        records = _write(path, name, sheet, copy)
    except _Refused as refused:
        return replace(scan, problems=refused.problems)
    inside = scan_csv(copy, scratch)
    problems, told = ([replace(each, place=path.name) for each in own] for own in (inside.problems, inside.warnings))
    return replace(
        inside,
        path=path,
        sha256=sha,
        size=scan.size,
        encoding="xlsx",
        lines=records,
        problems=tuple(problems),
        warnings=(*warnings, *(each for each in told if each.rule != "leading_lines")),
    )


def _checked(path: Path) -> tuple[Sheet, str, list[Problem]]:
    """The one sheet to read, after every check."""
    wrong = wrong_content(path, ".zip")
    if wrong:
        old = wrong.found == ".xls"
        message = "it is encrypted or an old workbook. Save it as .xlsx without a password."
        raise _Refused(Problem(path.name, message, rule="workbook") if old else wrong)
    parts, problem = check_container(path)
    if problem:
        raise _Refused(problem)
    by_name = {part.filename: part for part in parts}
    _refuse_active(path, by_name)
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = _listed(path, archive, by_name)
            surveys = {each: survey_sheet(archive, by_name[each.part]) for each in sheets}
            for name, part in by_name.items():
                if name.endswith((".xml", ".rels", ".vml")) and name not in {each.part for each in sheets}:
                    parse_part(archive, part)
    except (RefusedXml, *DAMAGED) as error:
        message = f"the workbook is damaged or unusual: {str(error)[:150]}. Open it and save it again as .xlsx."
        raise _Refused(Problem(path.name, message, rule="workbook")) from None
    return _one_sheet(path, surveys)


def _refuse_active(path: Path, parts: dict[str, zipfile.ZipInfo]) -> None:
    names = [name.casefold() for name in parts]
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        message = "expected a workbook, found another kind of ZIP file. Save it as .xlsx from the spreadsheet."
        raise _Refused(Problem(path.name, message, rule="workbook"))
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise _Refused(Problem(path.name, "the workbook holds macros. Save it as .xlsx without them.", rule="workbook"))
    if any("/externallinks/" in name for name in names):
        message = "the workbook takes values from other files. Paste them as values, then save it."
        raise _Refused(Problem(path.name, message, rule="workbook"))
    if any("/embeddings/" in name or "/activex/" in name for name in names):
        message = "the workbook holds embedded objects. Copy the table into a new workbook."
        raise _Refused(Problem(path.name, message, rule="workbook"))


def _listed(path: Path, archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> list[_Listed]:
    """The sheets in the order of the workbook, each with its part; charts have none that counts."""
    targets: dict[str, str] = {}
    sheets: list[dict[str, str]] = []

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("Relationship") and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            sheets.append(attributes)

    rels = parts.get("xl/_rels/workbook.xml.rels")
    if rels is None or "xl/workbook.xml" not in parts:
        raise RefusedXml("it does not say where its sheets are")
    parse_part(archive, rels, lambda parser: setattr(parser, "StartElementHandler", relation))
    parse_part(archive, parts["xl/workbook.xml"], lambda parser: setattr(parser, "StartElementHandler", sheet))
    found = []
    for each in sheets:
        ids = [value for key, value in each.items() if key.rpartition(":")[2] == "id"]
        part = targets.get(ids[0] if ids else "", "")
        if part in parts:
            found.append(_Listed(each.get("name", ""), each.get("state", "visible") == "visible", part))
    if not found:
        raise RefusedXml(f"{path.name} has no sheet of cells")
    return found


def _one_sheet(path: Path, surveys: dict[_Listed, Sheet]) -> tuple[Sheet, str, list[Problem]]:
    filled = [each for each, sheet in surveys.items() if each.visible and sheet.filled]
    hidden = [each.name for each, sheet in surveys.items() if not each.visible and sheet.filled]
    if not filled:
        message = "no visible sheet holds a value; expected a header and rows."
        raise _Refused(Problem(path.name, message, rule="empty_file"))
    if len(filled) > 1:
        names = ", ".join(f'"{each.name[:40]}"' for each in filled[:5])
        message = f"{len(filled)} sheets hold values ({names}); expected one. Save each as a file of its own."
        raise _Refused(Problem(path.name, message, rule="workbook"))
    sheet = surveys[filled[0]]
    problems = list(_cell_problems(path, sheet))
    if problems:
        raise _Refused(*problems)
    warnings = []
    if hidden:
        message = f"hidden sheets were not read: {', '.join(name[:40] for name in hidden[:5])}."
        warnings.append(Problem(path.name, message, rule="hidden"))
    if sheet.hidden_rows or sheet.hidden_columns:
        what = f"{sheet.hidden_rows} hidden rows" if sheet.hidden_rows else "hidden columns"
        warnings.append(Problem(path.name, f"{what} were read like the others.", rule="hidden"))
    return sheet, filled[0].name, warnings


def _cell_problems(path: Path, sheet: Sheet) -> Iterator[Problem]:
    if sheet.sparse:
        message = (
            f"the sheet reaches to cell {sheet.last} with {sheet.filled} filled cells: a stray value stands far from "
            "the table. Delete the rows and columns around the table."
        )
        yield Problem(path.name, message, found=sheet.last, rule="workbook")
    for ref in sheet.merges()[:LISTED]:
        message = f"the cells {ref} are merged: a table has one value a cell. Unmerge and fill them."
        yield _at(path, ref, message, ref)
    for ref, value in list(sheet.errors.items())[:LISTED]:
        yield _at(path, ref, f"expected a value, found the error {value} in cell {ref}. Correct its formula.", value)
    for ref in sheet.uncomputed[:LISTED]:
        message = (
            f"the formula in cell {ref} has no stored value. Open the file in a spreadsheet, let it compute, save."
        )
        yield _at(path, ref, message, None)
    more = max(len(sheet.errors) - LISTED, 0) + max(len(sheet.uncomputed) - LISTED, 0)
    if more:
        yield Problem(path.name, f"and at least {more} more such cells.", rule="more")


def _at(path: Path, ref: str, message: str, found: str | None) -> Problem:
    place = position(ref.partition(":")[0])
    return Problem(path.name, message, line=place[0] if place else None, found=found, rule="sheet_cell")


def _write(path: Path, name: str, sheet: Sheet, target: Path) -> int:
    """Write the sheet as CSV, leading blank rows as blank lines; returns the last row."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook, target.open("w", encoding="utf-8", newline="") as file:
            return _rows(workbook.get_sheet_by_name(name), sheet, file)
    except (CalamineError, ValueError, OSError) as error:
        message = f"the workbook cannot be read ({str(error)[:150]}). Open it and save it again as .xlsx."
        raise _Refused(Problem(path.name, message, rule="workbook")) from None


def _rows(cells: Any, sheet: Sheet, file: TextIO) -> int:
    writer = csv.writer(file, lineterminator="\n")
    start = cells.start[1] if cells.start else 0
    blank, begun, count = [""] * start, False, 0
    for row in cells.iter_rows():
        texts = (blank + [_text(value) for value in row])[: sheet.columns]
        texts += [""] * (sheet.columns - len(texts))
        begun = begun or any(texts)
        if begun:
            writer.writerow(texts)
        else:
            file.write("\n")
        count += 1
    return count


def _text(value: Any) -> str:
    """A typed cell as the text a CSV export would hold."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _number(value: float) -> str:
    """Whole numbers without a point; the rest with the fifteen digits a sheet keeps.

    A number with exactly three decimals gets a fourth, so that nobody takes its point for one of thousands; a whole
    number past fifteen digits is written as the power it is, which is refused as an id.
    """
    if float(value).is_integer():
        return str(int(value)) if abs(value) < EXACT else f"{value:.14E}"
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    return text + "0" if len(text.rpartition(".")[2]) == 3 else text
