"""The fact rows behind a row of a drill: found to be corrected, and marked where they were."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from core.glossary import display_day
from core.schema import TABLES
from core.services.cell_words import cell_words, column_label, table_label
from core.services.clock import local_day
from core.services.correction_list import CorrectionView, corrections
from core.services.definition_text import registered
from core.services.home import current_state, manifest_of
from core.services.rows import RowsBehind
from core.settings import settings
from core.store.corrections import StoredRow
from core.store.fact_cells import rows_where, rows_with_keys
from core.store.facts import PartFiles
from core.store.facts_shape import connect, shape
from core.store.manifest import Manifest

MARK = "Corrected"
"""Column that marks the rows of a drill that rest on a corrected value."""
LINKS = ("account_id", "opportunity_id", "contact_id")
"""Columns by which a row of a drill finds its fact rows."""
LIMIT = 200
"""Fact rows offered for one row of a drill."""
DEPTH = 10
"""Most steps from a company to the one that owns all of it."""


@dataclass(frozen=True)
class FactRow:
    """One stored row.

    Attributes:
        table: Fact table.
        key: Key of the row, for `correct`.
        label: The row in words: its key and what else names it.
        cells: Every correctable column with its cell as text; None when empty.
        source: Source of the row.
    """

    table: str
    key: dict[str, str | None]
    label: str
    cells: dict[str, str | None]
    source: str


@dataclass(frozen=True)
class _Reader:
    """The facts as they stand, open for questions."""

    connection: duckdb.DuckDBPyConnection
    files: PartFiles
    manifest: Manifest

    def where(self, table: str, values: Mapping[str, Sequence[str]], limit: int = LIMIT) -> list[StoredRow]:
        return rows_where(self.connection, self.files, self.manifest, shape(table), values, limit)

    def keys(self, table: str, keys: Sequence[Mapping[str, str | None]]) -> list[StoredRow]:
        return rows_with_keys(self.connection, self.files, self.manifest, shape(table), keys)


def correctable_tables(behind: RowsBehind) -> tuple[str, ...]:
    """Fact tables a drill rests on: those its KPI needs first, then who the rows are about."""
    about = {"account_id": "accounts", "contact_id": "contacts", "opportunity_id": "opportunities"}
    wanted = [*registered(behind.result.id).needs, *(about[name] for name in LINKS if name in behind.frame)]
    loaded = set(manifest_of(current_state()).tables)
    return tuple(name for name in dict.fromkeys(wanted) if name in loaded and TABLES[name].group == "fact")


def row_labels(behind: RowsBehind) -> tuple[str, ...]:
    """Every row of a drill in words, for a list to choose from."""
    names = [name for name in ("account_name", "name", "kind", "activity", "month", "asked_on") if name in behind.frame]
    frame = behind.frame[names] if names else behind.frame.iloc[:, :1]
    return tuple(" · ".join(_cell(value) for value in row if not pd.isna(value)) for row in frame.to_numpy())


def fact_rows(behind: RowsBehind, place: int, table: str) -> tuple[FactRow, ...]:
    """The stored rows of one table behind one row of a drill, newest first.

    An account stands for the companies it owns as well. A row that names no account, contact or deal is matched by
    its month and name, as far as the table has them.

    Args:
        behind: The drill.
        place: Position of the row.
        table: Fact table, from `correctable_tables`.

    Returns:
        At most `LIMIT` rows; none when nothing links the row to the table.
    """
    row = behind.frame.iloc[place]
    with _facts() as reader:
        values = _links(reader, row, table)
        found = reader.where(table, values) if values else []
    own = [item for item in found if _line_name(item.cells) == row.get("name")]
    return tuple(_fact_row(table, item) for item in own or found)


def marked(behind: RowsBehind) -> RowsBehind:
    """The drill with a column that says which rows rest on a corrected value, and which value; unchanged without any.

    Marks are those of the facts as they stand now. Marked rows stand first.
    """
    tables = set(correctable_tables(behind)) if len(behind.frame) else set()
    wanted = [item for item in corrections() if item.table in tables] if tables else []
    if not wanted:
        return behind
    marks: dict[tuple[str, str], list[str]] = {}
    with _facts() as reader:
        for item, cells in _corrected_rows(reader, wanted):
            for token in _tokens(reader, cells, behind.frame.columns):
                marks.setdefault(token, []).append(_mark(item))
    texts = ["; ".join(dict.fromkeys(_marks_of(row, marks))) for row in behind.frame.to_dict("records")]
    if not any(texts):
        return behind
    frame = behind.frame.assign(**{MARK: texts}).iloc[pd.Series(texts).eq("").argsort(kind="stable")]
    return replace(behind, frame=frame.reset_index(drop=True), labels={**behind.labels, MARK: MARK})


@contextmanager
def _facts() -> Iterator[_Reader]:
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        yield _Reader(connection, PartFiles(settings().facts_dir), manifest_of(current_state()))


def _links(reader: _Reader, row: pd.Series, table: str) -> dict[str, tuple[str, ...]]:
    """What the fact rows of a drilled row have in common with it."""
    columns = TABLES[table].by_name
    for link in reversed(LINKS):
        if link in row and link in columns and not pd.isna(row[link]):
            known = str(row[link])
            return {link: _owned(reader, known) if link == "account_id" else (known,)}
    values: dict[str, tuple[str, ...]] = {}
    if "month" in row and "month" in columns and not pd.isna(row["month"]):
        values["month"] = (f"{row['month']:%Y-%m-01}",)
    if "name" in row and row.get("kind") == "customer" and "account_id" in columns:
        known_as = reader.where("accounts", {"name": (str(row["name"]),)})
        accounts = [str(item.cells["account_id"]) for item in known_as]
        return {"account_id": tuple(dict.fromkeys(name for one in accounts for name in _owned(reader, one)))}
    return values


def _owned(reader: _Reader, account: str) -> tuple[str, ...]:
    """An account and the accounts below it."""
    found, newest = [account], [account]
    for _ in range(DEPTH):
        below = reader.where("accounts", {"parent_id": newest})
        newest = [name for name in _names(below, "account_id") if name not in found]
        if not newest:
            break
        found += newest
    return tuple(found)


def _owners(reader: _Reader, account: str | None) -> list[str]:
    """An account and the accounts above it."""
    found = [account] if account else []
    while found and len(found) <= DEPTH:
        above = _names(reader.where("accounts", {"account_id": found[-1:]}), "parent_id")
        if not above or above[0] in found:
            break
        found.append(above[0])
    return found


def _names(rows: Iterable[StoredRow], column: str) -> list[str]:
    return list(dict.fromkeys(str(row.cells[column]) for row in rows if row.cells[column] is not None))


def _tokens(reader: _Reader, cells: Mapping[str, str | None], columns: Iterable[str]) -> list[tuple[str, str]]:
    """What a fact row is known by in a drill with these columns: the narrowest link both have."""
    present = set(columns)
    for link in reversed(LINKS):
        if link in present and cells.get(link) is not None:
            owners = _owners(reader, cells[link]) if link == "account_id" else [str(cells[link])]
            return [(link, name) for name in owners]
    if "line" in cells:
        return [("line", f"{cells['month']} {_line_name(cells)}")]
    owners = _owners(reader, cells.get("account_id"))
    known = reader.where("accounts", {"account_id": owners}) if owners else []
    return [("name", name) for name in _names(known, "name")]


def _marks_of(row: Mapping[Hashable, Any], marks: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    tokens = [(link, str(row[link])) for link in LINKS if link in row and not pd.isna(row[link])]
    if row.get("kind") == "spend":
        tokens.append(("line", f"{row['month']:%Y-%m-%d} {row['name']}"))
    elif row.get("kind") == "customer":
        tokens.append(("name", str(row["name"])))
    return [text for token in tokens for text in marks.get(token, ())]


def _corrected_rows(
    reader: _Reader, wanted: Sequence[CorrectionView]
) -> Iterator[tuple[CorrectionView, Mapping[str, str | None]]]:
    """Each correction with the cells of its row."""
    for table in dict.fromkeys(item.table for item in wanted):
        own = [item for item in wanted if item.table == table]
        rows = {_key(table, row.cells): row.cells for row in reader.keys(table, [item.key for item in own])}
        yield from ((item, rows[_key(table, item.key)]) for item in own if _key(table, item.key) in rows)


def _line_name(cells: Mapping[str, str | None]) -> str:
    """A line of spend as drills name it; empty for other rows."""
    return (cells.get("line") or "").replace("_", " ").capitalize()


def _key(table: str, cells: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(cells.get(part) for part in TABLES[table].key)


def _mark(item: CorrectionView) -> str:
    before, after = (cell_words(item.table, item.column, cell) for cell in (item.delivered, item.new))
    told = f"{table_label(item.table)}, {column_label(item.column)}: {before} → {after}"
    return f"{told} ({item.author}, {display_day(local_day(item.at))})"


def _fact_row(table: str, row: StoredRow) -> FactRow:
    key = TABLES[table].key
    named = [row.cells[part] for part in key]
    named += [row.cells[name] for name in ("name", "product", "line", "due_on", "end_date") if name in row.cells]
    return FactRow(
        table=table,
        key={part: row.cells[part] for part in key},
        label=" · ".join(dict.fromkeys(str(cell) for cell in named if cell is not None)),
        cells={name: cell for name, cell in row.cells.items() if name not in key},
        source=row.source,
    )


def _cell(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
