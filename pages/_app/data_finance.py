"""Data, view Tie-out: do our figures tie with finance's, and what explains a gap?"""

from __future__ import annotations

import streamlit as st

from core.services.data_screen_finance import QUESTION, FinanceLine, FinanceView
from core.services.export import csv_bytes, file_name
from core.services.home import Month
from pages._app import cached
from pages._app.data_kept import difference_figure, finance_of
from pages._app.data_sources import template_button
from pages._app.data_views import head
from pages._app.filters import pick_month
from pages._app.tables import row_table, rows_high
from pages._app.widgets import chart, empty_state, heading_row
from pages._app.words import md

DIFFERING, EVERY = "Differing", "All accounts"
ROWS = 14
"""Rows of the table shown without scrolling."""


def show() -> None:
    """Draw the view."""
    company = cached.company()
    if company is None:
        head(QUESTION, "No revenue is loaded yet", "The tie-out holds subscriptions and deals against finance's.")
        empty_state("Import accounts and subscriptions first, then finance totals: the view Import does it.")
        return
    left, right = heading_row()
    with right:
        month = company.load(pick_month(company.months))
    view = finance_of(month)
    head(view.question, view.answer, view.note, left)
    if view.reason is not None:
        _nothing(view)
        return
    for column, line in zip(st.columns(len(view.lines), gap="small"), view.lines, strict=True):
        with column:
            _card(line)
    _parts(view, month)
    _accounts(view, month)


def _nothing(view: FinanceView) -> None:
    if view.missing:
        empty_state(
            "Import finance totals: ARR, new ARR and bookings of each month, per account where finance has them.",
            lambda: template_button("finance_totals"),
        )
    else:
        empty_state(f"{view.reason}. Choose another month, or import what is missing.")


def _card(line: FinanceLine) -> None:
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"{md(line.label)} :{line.tone}-badge[{md(line.state)}]")
        st.markdown(f"## {md(line.difference)}", anchors=False)
        st.markdown(f":small[{md(line.sides)}]" + (f"  \n:small[{md(line.accounts)}]" if line.accounts else ""))


def _parts(view: FinanceView, month: Month) -> None:
    explained = [line for line in view.lines if line.parts]
    if not explained:
        return
    for column, line in zip(st.columns(len(explained), gap="small"), explained, strict=True):
        with column:
            chart(difference_figure(month, line, view.currency), f"data_parts_{line.measure}")


@st.fragment
def _accounts(view: FinanceView, month: Month) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Account by account", anchors=False)
        if view.rows.empty:
            st.markdown(
                ":small[Finance gives totals for the whole company only: load finance totals with account ids "
                "to see which accounts differ.]"
            )
            return
        labels = {line.measure: line.label for line in view.lines}
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            measure = st.segmented_control(
                "Figure",
                list(labels),
                format_func=labels.__getitem__,
                default=next(iter(labels)),
                required=True,
                key="data_measure",
                label_visibility="collapsed",
            )
            which = st.segmented_control(
                "Accounts",
                [DIFFERING, EVERY],
                default=DIFFERING,
                required=True,
                key="data_differing",
                label_visibility="collapsed",
            )
            content = csv_bytes(view.export)
            st.download_button(
                "Download CSV",
                content,
                file_name(f"tie-out {month.month:%Y-%m}", content, "csv"),
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="data_tie_csv",
            )
        _table(view, measure, which == DIFFERING)


def _table(view: FinanceView, measure: str, differing: bool) -> None:
    rows = view.accounts(measure, differing)
    if rows.empty:
        st.markdown(":small[No account differs by more than the threshold.]")
        return
    money = {
        name: st.column_config.NumberColumn(f"{name}, {view.currency}", format="%,.2f")
        for name in ("Ours", "Finance", "Difference")
    }
    key = f"data_accounts_{measure}_{differing}"
    row_table(rows, "Accounts beside finance's figures", key=key, most=rows_high(ROWS), config=money)
