"""Definitions: what exactly does each figure mean, and who answers for it?"""

import streamlit as st

from core.glossary import display_day, display_month
from core.services.definitions_view import QUESTION, answer
from core.services.rows import rows_behind
from core.services.targets import Targets
from pages._app import cached
from pages._app.cached_definitions import definition_entry
from pages._app.definition_card import card
from pages._app.definition_list import choose_list, chosen, compute, first_hit, known, narrow, table
from pages._app.filters import pick_month
from pages._app.rows import show_rows
from pages._app.starting import ways_to_start
from pages._app.target_form import DONE
from pages._app.widgets import empty_state, heading, heading_row

company = cached.company()
left, right = heading_row()
with right:
    month = company.load(pick_month(company.months)) if company else None
targets = company.targets if company else Targets()
note = f"{display_month(month.month)}, as of {display_day(month.as_of)}" if month else "Definitions hold without data"
heading(QUESTION, answer(month.loaded if month else None), note, left)
if company is None:
    empty_state(
        "Import accounts and subscriptions to see the figures beside their definitions, "
        "or look around in the demo company first.",
        ways_to_start,
    )

name = chosen()
measures = choose_list(name)
filters = narrow(measures)
listed, full = st.columns([8, 9], gap="small")
if month is not None and filters["state"]:
    compute(month, measures, listed)
name = first_hit(month, measures, filters, name)
with full:
    wants_rows = card(month, definition_entry(month, name, targets), company, targets)
ready = known(month, measures) if month is not None else None
with listed:
    waiting = st.empty() if ready is not None else None
    table(month, measures, filters, name, ready)
if month is not None and wants_rows:
    show_rows([rows_behind(month, name)])
elif month is not None and waiting is not None:
    # The list can be read and used meanwhile: a click ends this run and goes on with what it asks for.
    compute(month, measures, waiting)
    st.rerun()
st.session_state.pop(DONE, None)
