"""Budget: where does the next unit of money earn most, and how sure are we?"""

import streamlit as st

from core.errors import CouncilError
from core.services.budget_words import method, question_of, stage_line
from core.services.scenarios import scenarios
from pages._app import cached
from pages._app.budget_panels import curves_card, effect_card, plan_buttons, points_card, problems, saved_list, told
from pages._app.budget_table import editing, state_words, table
from pages._app.filters import pick_month
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, heading_row, md

company = cached.company()
if company is None:
    heading(question_of(""), "No money is loaded yet", "Accounts, subscriptions and spend are all this screen needs.")
    empty_state("Import accounts, subscriptions and spend, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
try:
    budget = cached.budget_of(month)
except CouncilError as error:
    with left:
        heading(
            question_of(month.currency), "No budget can be shown for this month", "Spend by month and line is missing."
        )
    empty_state(str(error))
    st.stop()

state = editing(budget, cached.best_split(budget))
best = cached.best_split(budget, state.now.locked)
view = cached.plan_view(budget, state.now, state_words(state, budget, best))
heading(view.question, view.answer, view.note, left)
told()

grid = st.grid(7, min_column_width=164, gap="small")
with grid.cell(column_span=4):
    with st.container(border=True, gap="small"):
        plan_buttons(month, budget, state, best, view)
        table(state, budget, view)
        problems(view)
    points_card(view, stage_line(budget))
with grid.cell(column_span=3), st.container(key="budget_side"):
    effect_card(view, cached.gain_figure(budget, state.now, view))
    curves_card(budget, view, state.now)

saved_list(scenarios(budget.currency), budget)
with st.expander("How these figures are made"):
    for head, text in method():
        st.markdown(f"**{md(head)}**: {md(text)}")
