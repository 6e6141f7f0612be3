"""Corrections as screens and exports show them, and the cells they cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlmodel import col, select

from core.schema import TABLES
from core.services.home import records_database
from core.store.tables import Correction


@dataclass(frozen=True)
class CorrectionView:
    """One correction as screens and exports show it; cells as text, None when empty.

    Attributes:
        id: Its number.
        table: Fact table.
        key: Key of the row.
        column: Column of the cell.
        old: What the source said when it was corrected.
        new: What it was corrected to.
        delivered: What the source says now.
        source: Source of the row.
        reason: Why.
        author: Who.
        at: When, UTC.
        state: `active` or `retired`.
        retired_reason: Why it no longer holds; None while it does.
        version: For `withdraw`.
    """

    id: int
    table: str
    key: dict[str, str | None]
    column: str
    old: str | None
    new: str | None
    delivered: str | None
    source: str
    reason: str
    author: str
    at: dt.datetime
    state: str
    retired_reason: str | None
    version: int

    @property
    def disputed(self) -> bool:
        """Whether the source has since delivered a third value."""
        return self.state == "active" and self.delivered != self.old


def corrections(table: str | None = None, *, active: bool = True) -> tuple[CorrectionView, ...]:
    """Corrections, newest first: of one table or of all, those that hold or all there ever were."""
    wanted = select(Correction).order_by(col(Correction.id).desc())
    wanted = wanted.where(Correction.table_name == table) if table else wanted
    wanted = wanted.where(Correction.state == "active") if active else wanted
    with records_database().read() as session:
        return tuple(view_of(row) for row in session.exec(wanted).all())


def corrected_keys(table: str) -> pd.DataFrame:
    """Corrected cells of a table, to be joined to the rows behind a figure.

    Returns:
        The key columns as text, then column, source_says, corrected_to, reason, author, at. A row of a table that
        keeps versions is meant from its `valid_from` on.
    """
    columns = [*TABLES[table].key, "column", "source_says", "corrected_to", "reason", "author", "at"]
    rows = [
        {
            **item.key,
            "column": item.column,
            "source_says": item.delivered,
            "corrected_to": item.new,
            "reason": item.reason,
            "author": item.author,
            "at": item.at,
        }
        for item in corrections(table)
    ]
    return pd.DataFrame(rows, columns=columns)


def view_of(row: Correction) -> CorrectionView:
    """A stored correction as a view."""
    assert row.id is not None
    return CorrectionView(
        id=row.id,
        table=row.table_name,
        key=dict(row.key),
        column=row.column_name,
        old=row.old,
        new=row.new,
        delivered=row.delivered,
        source=row.source,
        reason=row.reason,
        author=row.author,
        at=row.at,
        state=row.state,
        retired_reason=row.retired_reason,
        version=row.version,
    )
