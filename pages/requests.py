"""Requests: who gives the references sales needs, which referrals wait, how a programme starts."""

import streamlit as st

from core.services.accepting_words import accepting_words
from core.services.request_log import working_hours_words
from core.services.requests import QUESTION
from pages._app import cached
from pages._app.cached_requests import lane_of, pilot_of, requests_of
from pages._app.figure_cards import figure_cards
from pages._app.requests_acting import LANE, PARAMS, PILOT, REFERENCES, forget_problem, keep_params, say_done
from pages._app.requests_lane import lane_part
from pages._app.requests_list import requests_part
from pages._app.requests_pilot import pilot_part
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, heading_row, md

METHOD = (
    ("Who fits", "100 × the weight of what is met over the weight of what is wanted. Only people whom no guardrail, no "
                 "missing check, no cap and no rest forbids are proposed, the same as on Advocates. A full fit meets "
                 "everything that is wanted (100), a near fit part of it."),
    ("Together", "All open requests are served at once, one person each: as many requests as possible and, of those "
                 "ways, the one that fits best. Between people who fit alike the readier and less asked one is taken."),
    ("Clocks", f"{working_hours_words()}. The system's time runs until somebody is given the referral, people's time "
               "from then to the first contact. Clocks are read at the last quarter of an hour, whatever month the "
               "figures are of. What was done too late stays breached while the next clock runs."),
    ("Decision of sales", accepting_words()),
    ("Weights and times", "data/model/requests.toml, kpi_rules.toml and holidays.toml, each with its source."),
)  # fmt: skip

month = cached.newest_month()
if month is None:
    heading(QUESTION, "No requests are loaded yet", "Accounts, subscriptions and contacts come first.")
    empty_state("Import accounts, subscriptions and contacts, or look around in the demo company.", ways_to_start)
    st.stop()

left, right = heading_row()
with right:
    part = st.segmented_control(
        "Part",
        [REFERENCES, LANE, PILOT],
        default=REFERENCES,
        required=True,
        key="part",
        bind="query-params",
        label_visibility="collapsed",
        on_change=forget_problem,
    )
keep_params(PARAMS[part])
if part == LANE:
    lane = lane_of(month)
    heading(QUESTION, lane.answer, lane.note, left)
    say_done()
    if lane.missing:
        empty_state("No referral is loaded: import referrals to see their clocks.", ways_to_start)
    else:
        lane_part(lane)
        figure_cards(month, "referral", "Figures of referrals and deals with their definitions and rows")
elif part == PILOT:
    pilot = pilot_of(month)
    heading(QUESTION, pilot.answer, pilot.note, left)
    say_done()
    pilot_part(month, pilot)
else:
    references = requests_of(month)
    heading(QUESTION, references.answer, references.note, left)
    say_done()
    requests_part(month, references)
    figure_cards(month, "referral", "Figures of referrals and deals with their definitions and rows")
with st.expander("How it is told"):
    for label, text in METHOD:
        st.markdown(f"**{md(label)}**: {md(text)}")
