"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

import streamlit as st

from core.services.advocates import QUESTION, STATE_WORDS
from core.services.clock import now
from pages._app import cached
from pages._app.asking import decide, pick_person, sent_form
from pages._app.widgets import chart, empty_state, heading, md

month = cached.newest_month()
if month is None:
    heading(QUESTION, "No contacts are loaded yet", "Contacts, answers and consents are what this screen starts from.")
    empty_state("Import accounts, subscriptions and contacts: python -m core import FOLDER.")
    st.stop()
view = cached.advocates_view(month)
heading(view.question, view.answer, view.note)
if sum(view.counts.values()) == 0:
    for gap in view.missing:
        st.info(md(f"Not loaded: {gap.table.replace('_', ' ')}. It unlocks {gap.unlocks}."), icon=":material/table:")
    st.stop()

with st.container(horizontal=True, gap="small"):
    for name, label in STATE_WORDS.items():
        st.metric(label.capitalize(), view.counts[name], border=True)

left, right = st.columns([3, 2], gap="small")
with left, st.container(border=True):
    person = pick_person(view)
if person is not None:
    profile = cached.contact_profile(month, person)
    with right:
        figure = cached.readiness_figure(month, profile)
        if figure is not None:
            chart(figure, "readiness")
        else:
            empty_state(f"{profile.who}: no readiness score, {profile.reason}.")
        with st.container(border=True, gap="xsmall"):
            decide(month, profile, now())
            for guard in profile.guards:
                icon = {"clear": "check_circle", "blocked": "block", "not checked": "help"}[guard.state]
                st.markdown(
                    f":small[:material/{icon}: {md(guard.label)}: **{guard.state}**"
                    + (f", {md(guard.reason)}" if guard.reason and guard.state != "clear" else "")
                    + "]"
                )
if not view.accepted.empty:
    with st.container(border=True):
        sent_form(view, month, now())
for gap in view.missing:
    st.info(md(f"Not loaded: {gap.table.replace('_', ' ')}. It unlocks {gap.unlocks}."), icon=":material/table:")
