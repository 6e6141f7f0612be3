"""The dialog with the rows behind a figure."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.glossary import plain_number
from core.services.fact_rows import MARK, marked
from core.services.rows import RowsBehind
from pages._app.correcting import correct_form, start_anew
from pages._app.tables import csv_download, row_table
from pages._app.widgets import md

MARKS = 3
"""Corrected rows that are written out below a list."""


def show_rows(behind: Sequence[RowsBehind]) -> None:
    """Open the rows of one figure, or of several side by side as tabs; rows that rest on a corrected value are marked.

    Args:
        behind: What is behind each figure of a card.
    """
    parts = [marked(part) for part in behind]
    for part in parts:
        start_anew(part)

    def body() -> None:
        for place, part in zip(st.tabs([md(part.result.label) for part in parts]), parts, strict=True):
            with place:
                rows_part(part)

    st.dialog(md(behind[0].title), width="large", on_dismiss="rerun")(body)()


def _marks(frame: pd.DataFrame) -> None:
    """Which rows rest on a corrected value: they stand first."""
    told = frame[frame[MARK] != ""]
    lines = [f"{name}: {text}" for name, text in zip(told.iloc[:, 0], told[MARK], strict=True)][:MARKS]
    more = [f"and {len(told) - MARKS} more, first in the list"] if len(told) > MARKS else []
    st.markdown("  \n".join(f":orange-badge[:material/edit: corrected] :small[{md(line)}]" for line in [*lines, *more]))


def rows_part(part: RowsBehind, place: str = "") -> None:
    """The rows of one figure: how it follows from them, the list, its sums, its download, the correction of a value.

    Args:
        part: The rows.
        place: What tells the place from another with the rows of the same figure; there no value can be corrected.
    """
    st.markdown(md(part.tie))
    if part.frame.empty:
        st.markdown(md(f"No rows: {part.result.reason or 'nothing in this period'}."))
        return
    frame, money = part.shown.copy(), {part.labels[name] for name in part.money}
    texts = [str(name) for name, kind in frame.dtypes.items() if kind == "str"]
    frame[texts] = frame[texts].fillna("")
    sums = {part.labels[name]: value for name, value in part.sums.items()}
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(name, format="%,d") for name in sums if name not in money
    }
    if MARK in frame:
        # Beside the row's name: the last column may lie beyond the edge.
        frame.insert(1, MARK, frame.pop(MARK))
        config[MARK] = st.column_config.TextColumn(MARK, width=130)
    row_table(frame, part.title, money=money, config=config)
    totals = " · ".join(f"{name} {plain_number(value, 2 if name in money else 0)}" for name, value in sums.items())
    st.markdown(f":small[{md(f'{len(frame):,} rows, sums: {totals}')}]")
    if MARK in frame:
        _marks(frame)
    csv_download(part.frame, part.result.id, f"rows_csv_{part.result.id}{place}")
    if place:
        return  # corrected where the figure itself is shown
    fix = st.expander("Correct a value", key=f"rows_fix_{part.result.id}", on_change="rerun", icon=":material/edit:")
    if fix.open:
        with fix:
            correct_form(part)
