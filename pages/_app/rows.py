"""The dialog with the rows behind a figure."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.services.export import csv_bytes, file_name
from core.services.fact_rows import MARK, marked
from core.services.rows import RowsBehind
from pages._app.correcting import correct_form, start_anew
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
                _part(part)

    st.dialog(md(behind[0].title), width="large", on_dismiss="rerun")(body)()


def _marks(frame: pd.DataFrame) -> None:
    """Which rows rest on a corrected value: they stand first."""
    told = frame[frame[MARK] != ""]
    lines = [f"{name}: {text}" for name, text in zip(told.iloc[:, 0], told[MARK], strict=True)][:MARKS]
    more = [f"and {len(told) - MARKS} more, first in the list"] if len(told) > MARKS else []
    st.markdown("  \n".join(f":orange-badge[:material/edit: corrected] :small[{md(line)}]" for line in [*lines, *more]))


def _part(part: RowsBehind) -> None:
    st.markdown(md(part.tie))
    if part.frame.empty:
        st.markdown(md(f"No rows: {part.result.reason or 'nothing in this period'}."))
        return
    frame, money = part.shown.copy(), {part.labels[name] for name in part.money}
    texts = [str(name) for name, kind in frame.dtypes.items() if kind == "str"]
    frame[texts] = frame[texts].fillna("")
    sums = {part.labels[name]: value for name, value in part.sums.items()}
    config = {
        name: st.column_config.NumberColumn(name, format="%,.2f" if name in money else "%,d")
        for name in frame.columns
        if name in money or name in sums
    }
    config |= {
        name: st.column_config.DateColumn(name, format="D MMM YYYY") for name in frame.select_dtypes("datetime").columns
    }
    if MARK in frame:
        # Beside the row's name: the last column may lie beyond the edge.
        frame.insert(1, MARK, frame.pop(MARK))
        config[MARK] = st.column_config.TextColumn(MARK, width=130)
    st.dataframe(frame, hide_index=True, column_config=config, height=min(400, 37 + 35 * len(frame)), alt=part.title)
    totals = " · ".join(
        f"{name} {value:,.2f}" if name in money else f"{name} {value:,.0f}" for name, value in sums.items()
    )
    st.markdown(f":small[{md(f'{len(frame):,} rows, sums: {totals}')}]")
    if MARK in frame:
        _marks(frame)
    content = csv_bytes(part.frame)
    st.download_button(
        "Download CSV",
        content,
        file_name(part.result.id, content, "csv"),
        "text/csv",
        on_click="ignore",
        key=f"rows_csv_{part.result.id}",
    )
    fix = st.expander("Correct a value", key=f"rows_fix_{part.result.id}", on_change="rerun", icon=":material/edit:")
    if fix.open:
        with fix:
            correct_form(part)
