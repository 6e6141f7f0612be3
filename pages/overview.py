"""Overview: how much of last year's revenue is still here, and what do referrals add?"""

import streamlit as st

from core.services.overview import QUESTION, Card, segments
from core.services.rows import rows_behind
from pages._app import cached
from pages._app.filters import pick_month, pick_segment
from pages._app.rows import segment_table, show_rows
from pages._app.starting import ways_to_start
from pages._app.widgets import chart, empty_state, heading, heading_row, kpi_row, md, rows_choice

company = cached.company()
if company is None:
    heading(QUESTION, "No revenue is loaded yet", "Accounts and subscriptions are all this screen needs to start.")
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
    names = segments(month)
    segment = pick_segment(names) if len(names) > 1 else None
view = cached.overview_view(month, segment, company.targets)
heading(view.question, view.answer, view.note, left)


def open_rows(card: Card) -> None:
    """Show the rows of every figure on a card."""
    show_rows([rows_behind(month, kpi, segment) for kpi in card.rows_of])


def details() -> None:
    """Everything below the cards; the same whenever month and segment are the same."""
    for doubt in view.doubts:
        st.warning(md(doubt), icon=":material/warning:")
    if view.bridge is not None:
        chart(cached.bridge_figure(month, segment, view.bridge), "arr_bridge")
    if view.segments:
        segment_table(view.segments, month.currency)
    for gap in view.gaps:
        st.info(md(f"Not loaded: {gap.table.replace('_', ' ')}. It unlocks {gap.unlocks}."), icon=":material/table:")


cached.drawn("overview cards", (month.key, segment, company.targets.key), lambda: kpi_row(view.cards))
rows_choice(view.cards, open_rows)
cached.drawn("overview", (month.key, segment), details)
method = st.expander("How these figures are made", key="method", on_change="rerun")
if method.open:
    method.markdown("\n\n".join(f"**{md(label)}**: {md(text)}" for label, text in view.method))
