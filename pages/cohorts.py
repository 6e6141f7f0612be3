"""Cohorts: which customers stay and grow, and does how we won them matter?"""

import streamlit as st

from core.services.cohort_method import method
from core.services.cohort_rows import cell_rows
from core.services.cohort_words import answer, apart_words, caution, facts, note
from core.services.cohorts import QUESTION, choices, cohorts
from pages._app import cached
from pages._app.cached_cohorts import curves_figure, triangle_figure
from pages._app.cohort_builder import (
    build,
    choose_cell,
    choose_group,
    curves_card,
    customer_table,
    download_triangle,
    triangle_chart,
)
from pages._app.filters import pick_month
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, fact_row, heading, heading_row, md

company = cached.company()
if company is None:
    heading(QUESTION, "No revenue is loaded yet", "Accounts and subscriptions are all this screen needs to start.")
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
query = build(month)
view = cached.kept("cohorts", (month.key, query), lambda: cohorts(month, query))
heading(QUESTION, answer(view), note(view, month), left)


def comparison() -> None:
    """The two groups, and what their difference is not."""
    gap = choices(month, query.split).gap
    if gap is not None:
        st.info(md(f"Customers cannot be grouped this way: {gap}."), icon=":material/table:")
    if view.comparison is not None:
        with st.container(border=True, gap="xsmall"):
            fact_row(facts(view))
            st.markdown(f":small[{md(caution(view))}]")
            if view.apart:
                st.markdown(f":orange-badge[:material/search: look] :small[{md(apart_words(view))}]")


def groups() -> None:
    """Each group by age."""
    curves_card(view, curves_figure(view))


cached.drawn("cohort comparison", (month.key, query), comparison)
if view.gap is not None:
    empty_state(f"{view.measure.label} cannot be shown: {view.gap}.", ways_to_start)
    st.stop()
charts, choice = (
    st.grid(2, gap="small", min_column_width=560),
    st.container(horizontal=True, vertical_alignment="bottom"),
)
with choice:
    choose_group(month, query.split)
    cell = choose_cell(view)
    download_triangle((month.key, query), view)
with charts:
    cached.drawn("cohort curves", (month.key, query), groups)
    triangle_chart(triangle_figure((month.key, query), view, cell))
if cell is not None:
    cohort, age = cell
    customer_table(cached.kept("cohort cell", (month.key, query, cell), lambda: cell_rows(month, view, cohort, age)))
made = st.expander("How these figures are made", key="method", on_change="rerun")
if made.open:
    made.markdown("\n\n".join(f"**{md(label)}**: {md(text)}" for label, text in method(view)))
