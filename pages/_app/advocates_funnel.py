"""From ask to act: what became of the asks, cut by act, role or asker; its rows sum to all."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.advocacy.pool_funnel import CUTS
from core.services.home import Month
from core.services.pool_asks import CUT_LABELS
from core.services.pool_words import Section
from pages._app import cached_advocates as kept
from pages._app.tables import height_of
from pages._app.widgets import chart, fact_row, md

BY = "by"
"""Name of the choice in the address."""
FITTING = 12
"""Rows the table shows before it scrolls."""


def funnel(month: Month, section: Section) -> None:
    """Draw the section: its figures, and below them the chosen cut as a table and as a chart."""
    with st.container(border=True, gap="small"):
        st.markdown(f"## {md(section.title)}", anchors=False)
        if section.table.empty:
            st.markdown(f":small[{md(section.empty)}]")
            return
        fact_row([(card.label, card.value, card.note) for card in section.cards])
        st.markdown(f":small[{md(section.definition)}]")
    left, right = st.columns([2, 1], gap="small")
    with left, st.container(border=True, height="stretch", gap="small"):
        cut = st.segmented_control(
            "Asks by",
            CUTS,
            default=CUTS[0],
            required=True,
            key=BY,
            bind="query-params",
            format_func=CUT_LABELS.__getitem__,
            label_visibility="collapsed",
        )
        rows = kept.funnel_rows_of(month, cut)
        st.dataframe(
            rows,
            key=f"adv_funnel_{cut}",
            hide_index=True,
            height="content" if len(rows) <= FITTING else height_of(FITTING),
            alt=f"From ask to act, by {CUT_LABELS[cut].lower()}; the last row is all asks",
            placeholder="",
            column_config=_columns(CUT_LABELS[cut]),
        )
    with right:
        for name, figure in kept.health_figures(month, f"funnel_{cut}"):
            chart(figure, f"adv_{name}", fill=True)


def _columns(first: str) -> dict[str, Any]:
    """Narrow columns: all of them stand side by side."""
    column = st.column_config.Column
    right = {name: column(name, width=width, alignment="right", help=said) for name, width, said in (
        ("Asked", 60, "Delivered, and the time to do it is over"),
        ("Accepted", 76, "Answered with yes, or done"),
        ("Of asked", 120, "Accepted / asked"),
        ("Done", 56, "Done in time"),
        ("Of accepted", 120, "Done / accepted"),
        ("Used", 56, "Of those done"),
        ("Open", 56, "The time to do it is not over"),
        ("Bounced", 72, "Not delivered"),
        ("Sent", 56, "Asked + open + bounced"),
    )}  # fmt: skip
    return {first: column(first, width=140), **right, "Says": column("Says", width=84)}
