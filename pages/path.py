"""Path: where customers stand on the way from contract to referrer, and where they get stuck."""

import streamlit as st

from core.charts.definitions import facts_html
from core.services.path import QUESTION, PathView, path_view
from pages._app import cached
from pages._app.filters import pick_month, pick_segment
from pages._app.path_panels import below, card_of, pick_account, stage_chart
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, heading_row, piece

company = cached.company()
if company is None:
    heading(
        QUESTION, "No customers are loaded yet", "Accounts and subscriptions, then milestones, are what it starts from."
    )
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
    names = month.facts.segments
    segment = pick_segment(names) if len(names) > 1 else None
view: PathView = cached.kept("path", (month.key, segment), lambda: path_view(month, segment))
heading(view.question, view.answer, view.note, left, facts_html(view.facts, ()) if view.customers else "")
if not view.customers:
    empty_state("Nobody pays in this month: choose another month or segment, or import subscriptions.", ways_to_start)
    st.stop()

with st.grid(2, gap="small", min_column_width=560):
    stage_chart(month, segment, view)
    account = pick_account(month, segment, view)
card = "" if account is None else card_of(month, account)
piece(card + cached.kept("path below", (month.key, segment), lambda: below(view)))
