"""Cohorts: which customers stay and grow, and does how we won them matter?"""

import streamlit as st

from core.charts.overview import board, fold
from core.services.cohort_method import method
from core.services.cohort_rows import cell_rows
from core.services.cohort_words import answer, note
from core.services.cohorts import QUESTION, cohorts
from pages._app import cached
from pages._app.cached_cohorts import curves_figure, triangle_figure
from pages._app.cohort_builder import (
    build,
    chosen_cell,
    comparison,
    curves_card,
    customers,
    more_choices,
    triangle_chart,
    ungrouped,
)
from pages._app.filters import pick_month
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, heading_row, piece

company = cached.company()
if company is None:
    heading(QUESTION, "No revenue is loaded yet", "Accounts and subscriptions are all this screen needs to start.")
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
    query = build(month)
    key = (month.key, query)
    view = cached.kept("cohorts", key, lambda: cohorts(month, query))
    more_choices(month, key, view)
words = cached.kept("cohort words", key, lambda: (answer(view), note(view, month), comparison(view)))
heading(QUESTION, words[0], words[1], left, words[2])
ungrouped(month, query.split)
if view.gap is not None:
    empty_state(f"{view.measure.label} cannot be shown: {view.gap}.", ways_to_start)
    st.stop()
cell = chosen_cell(view)
with st.grid(2, gap="small", min_column_width=560):
    cached.drawn("cohort curves", key, lambda: curves_card(view, curves_figure(view)))
    triangle_chart(triangle_figure(key, view, cell))
if cell is not None:
    cohort, column = cell
    rows = cached.kept("cohort cell", (key, cell), lambda: cell_rows(month, view, cohort, column))
    customers((key, cell), rows)
piece(cached.kept("cohort method", key, lambda: board((), (fold("How these figures are made", method(view)),))))
