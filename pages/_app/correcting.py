"""Correcting one wrong value of a fact row, from the rows behind a figure."""

from __future__ import annotations

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.cell_words import cell_words, column_label, table_label, typed_cell, typing_words
from core.services.clock import now
from core.services.corrections import TEXT_LENGTH, correct
from core.services.fact_rows import FactRow, correctable_tables, fact_rows, row_labels
from core.services.rows import RowsBehind
from pages._app.texts import text_line
from pages._app.widgets import problem_banner
from pages._app.words import md


def correct_form(behind: RowsBehind) -> None:
    """Choose a row and a cell behind it, see what it says, give the right value and the reason.

    Args:
        behind: The rows of a figure.
    """
    name = behind.result.id
    place = st.empty()
    if _done(name) not in st.session_state:
        with place.container():
            _form(behind)
    if done := st.session_state.get(_done(name)):
        with place.container():
            st.success(md(done), icon=":material/check:")
            if st.button("Show the new figures", type="primary", key=f"fix_close_{name}"):
                st.session_state.pop(_done(name))
                st.rerun()


def start_anew(behind: RowsBehind) -> None:
    """Forget what was corrected the last time these rows were open."""
    st.session_state.pop(_done(behind.result.id), None)


def _form(behind: RowsBehind) -> None:
    tables = correctable_tables(behind)
    if behind.frame.empty or not tables:
        st.markdown(":small[These rows rest on records, which are edited on their own screens.]")
        return
    row = _fact_row(behind, tables)
    if row is not None:
        _value_form(behind.result.id, row)


def _fact_row(behind: RowsBehind, tables: tuple[str, ...]) -> FactRow | None:
    """The stored row the reader means."""
    name, labels = behind.result.id, row_labels(behind)
    left, middle, right = st.columns([3, 2, 3], gap="small")
    place = left.selectbox(
        "Row of the list",
        range(len(labels)),
        format_func=labels.__getitem__,
        index=None,
        placeholder="Choose a row",
        key=f"fix_row_{name}",
    )
    table = middle.selectbox("Table", tables, format_func=table_label, key=f"fix_table_{name}")
    if place is None:
        return None
    found = fact_rows(behind, place, table)
    if not found:
        st.markdown(f":small[Nothing in {md(table_label(table))} belongs to this row.]")
        return None
    chosen = right.selectbox(
        "Stored row, newest first",
        range(len(found)),
        format_func=lambda item: found[item].label,
        key=f"fix_stored_{name}_{place}_{table}",
    )
    return found[chosen]


def _value_form(name: str, row: FactRow) -> None:
    """The cell: what it says, what it should say, and why."""
    key = f"{name}_{row.table}_{'_'.join(map(str, row.key.values()))}"
    column = st.selectbox(
        "Column",
        list(row.cells),
        format_func=column_label,
        index=None,
        placeholder="Choose a column",
        key=f"fix_column_{key}",
    )
    if column is None:
        return
    st.markdown(
        f"It says **{md(cell_words(row.table, column, row.cells[column]))}**, from {md(row.source)}.  \n"
        f":small[{md(typing_words(row.table, column))}]"
    )
    with st.form(f"fix_{key}_{column}", border=False, enter_to_submit=False):
        new = st.text_input("Right value", placeholder="Empty empties the cell", key=f"fix_new_{key}_{column}")
        why = text_line("Why", limit=TEXT_LENGTH, key=f"fix_why_{key}_{column}")
        is_sent = st.form_submit_button("Correct the value", type="primary", key=f"fix_do_{key}_{column}")
    if not is_sent:
        return
    try:
        value = typed_cell(row.table, column, new)
        made = correct(LOCAL_USER, row.table, row.key, column, value, why, now())
    except CouncilError as problem:
        problem_banner(problem)
    else:
        told = f"{cell_words(row.table, column, row.cells[column])} is now {cell_words(row.table, column, made.new)}"
        place = f"{table_label(row.table)}, {column_label(column)}"
        st.session_state[_done(name)] = f"{place}: {told}. Later imports keep it."


def _done(name: str) -> str:
    return f"fix_done_{name}"
