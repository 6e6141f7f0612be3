"""How the Data screen draws its tables: as high as their rows, days and counts written as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.column_config import DateColumn, NumberColumn

HEAD, ROW = 35, 33
"""Heights of a table's head and of one row in px."""


def table(
    frame: pd.DataFrame, key: str, words: str, *, most: int = 10, columns: Mapping[str, Any] | None = None
) -> None:
    """Draw a table.

    Args:
        frame: Columns named for readers.
        key: Permanent name of the place.
        words: What the table is, for those who do not see it.
        most: Rows shown without scrolling.
        columns: Column settings that differ from the usual ones.
    """
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        height=height(len(frame), most),
        alt=words,
        column_config={**_usual(frame), **(columns or {})},
    )


def pick_row(frame: pd.DataFrame, key: str, words: str, *, most: int = 10) -> int | None:
    """Draw a table of which one row can be chosen; returns its position, None where none is."""
    state = st.dataframe(
        frame,
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=height(len(frame), most),
        alt=words,
        column_config=_usual(frame),
    )
    chosen = state["selection"]["rows"]
    return int(chosen[0]) if chosen and chosen[0] < len(frame) else None


def height(rows: int, most: int) -> int:
    """Height of a table of that many rows, in px."""
    return HEAD + ROW * min(max(rows, 1), most)


def _usual(frame: pd.DataFrame) -> dict[str, Any]:
    days = {name: DateColumn(name, format="D MMM YYYY") for name in frame.select_dtypes("datetime").columns}
    counts = {name: NumberColumn(name, format="localized") for name in frame.select_dtypes("number").columns}
    return {**days, **counts}
