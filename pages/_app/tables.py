"""Tables of rows as every screen shows them: one height, one way to write days and amounts, one download."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.services.export import csv_bytes, file_name
from pages._app.widgets import md

HEAD_PX, ROW_PX, DIALOG_PX = 35, 33, 470
"""Heights of a header, of a row and of the tallest table over a page."""


def height_of(rows: int, most: int = 400) -> int:
    """Height in px of a table of so many rows; a longer one scrolls below its header."""
    return min(most, HEAD_PX + ROW_PX * rows)


def row_table(
    frame: pd.DataFrame,
    alt: str,
    *,
    money: Collection[str] = (),
    config: Mapping[str, Any] | None = None,
    most: int = 400,
    key: str | None = None,
    on_select: Literal["ignore", "rerun"] | Callable[[], None] = "ignore",
) -> int | None:
    """Rows to read: days as "5 Nov 2026", amounts with cents, whole numbers with thousands parted.

    Args:
        frame: The rows with readers' column names.
        alt: What the table is, for who cannot see it.
        money: Columns that hold amounts in units of the currency.
        config: Columns written otherwise.
        most: Greatest height in px.
        key: Permanent name of the place.
        on_select: What follows when a row is chosen; where nothing does, none can be.

    Returns:
        Position of the chosen row; None where none is.
    """
    ways: dict[str, Any] = {}
    for name in frame.columns:
        kind = frame[name].dtype
        if name in money:
            ways[name] = st.column_config.NumberColumn(name, format="%,.2f")
        elif pd.api.types.is_datetime64_any_dtype(kind):
            ways[name] = st.column_config.DateColumn(name, format="D MMM YYYY")
        elif pd.api.types.is_integer_dtype(kind):
            ways[name] = st.column_config.NumberColumn(name, format="%,d")
    state: Any = st.dataframe(
        frame,
        hide_index=True,
        column_config=ways | dict(config or {}),
        height=height_of(max(len(frame), 1), most),
        alt=alt,
        key=key,
        placeholder="",
        on_select=on_select,
        selection_mode="single-row",
    )
    chosen = state["selection"]["rows"] if on_select != "ignore" else ()
    return int(chosen[0]) if chosen and chosen[0] < len(frame) else None


def lean(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns without what they leave open or say as it would be: Streamlit copies each setting on each run.

    Args:
        columns: `column_config` by column name.
    """
    return {name: _said({**column, "label": _other(column, name)}) for name, column in columns.items()}


def _other(column: Mapping[str, Any], name: str) -> Any:
    """A label that is not the column's own name."""
    return None if column.get("label") == name else column.get("label")


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _said(value) if isinstance(value, Mapping) else value
        for name, value in settings.items()
        if value is not None
    }


def rows_high(rows: int) -> int:
    """Height in px of a table of which so many rows are seen without scrolling."""
    return HEAD_PX + ROW_PX * rows


def sent(frame: pd.DataFrame) -> pa.Table:
    """The rows as the browser gets them; a table that is drawn in every rerun is turned into this once and kept."""
    return pa.Table.from_pandas(frame)


def csv_download(rows: pd.DataFrame | bytes, stem: str, key: str, label: str = "Download CSV") -> None:
    """Rows as a file; its name carries a fingerprint of them.

    Args:
        rows: The rows, or the bytes of the file where a screen keeps them between runs.
        stem: What the file is, in words.
        key: Permanent name of the place.
        label: What stands on the button.
    """
    content = rows if isinstance(rows, bytes) else csv_bytes(rows)
    st.download_button(label, content, file_name(stem, content, "csv"), "text/csv", on_click="ignore", key=key)


def open_table(title: str, tie: str, frame: pd.DataFrame, key: str, money: Collection[str] = ()) -> None:
    """Open rows over the page: how the figure follows from them, the rows, their download.

    Args:
        title: What the rows are; from data, as plain text.
        tie: How the figure follows from the rows, in one line.
        frame: The rows with readers' column names.
        key: Permanent name of the place.
        money: Columns that hold amounts.
    """

    def body() -> None:
        st.markdown(md(tie))
        row_table(frame, title, money=money, most=DIALOG_PX)
        csv_download(frame, title, f"{key}_csv")

    st.dialog(md(title), width="large")(body)()
