"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.advocates import QUESTION, STATE_HELP, STATE_WORDS, Advocates, Missing
from pages._app import cached
from pages._app.advocacy_settings import settings_panel
from pages._app.asking import person_card, say_done
from pages._app.people import pick_person
from pages._app.starting import ways_to_start
from pages._app.widgets import chart, empty_state, heading, md

MARKS = {
    "ask": "check_circle",
    "rest": "hourglass_top",
    "cultivate": "redeem",
    "blocked": "do_not_disturb_on",
    "not_checked": "help",
}


def counts(view: Advocates) -> None:
    """How many people stand where, on one line."""
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", gap="small"):
        for name, label in STATE_WORDS.items():
            words = f":material/{MARKS[name]}: **{view.counts[name]:,}** {label}"
            st.markdown(words, help=STATE_HELP[name], width="content")


def not_loaded(gaps: tuple[Missing, ...], *, opened: bool = False) -> None:
    """Tables that are not loaded, each with what it unlocks, behind one line."""
    names = ", ".join(gap.table.replace("_", " ") for gap in gaps)
    with st.expander(md(f"Not loaded: {names}"), icon=":material/table:", expanded=opened):
        for gap in gaps:
            st.markdown(md(f"{gap.table.replace('_', ' ').capitalize()} unlocks {gap.unlocks}."))


month = cached.newest_month()
if month is None:
    heading(
        QUESTION, "No contacts are loaded yet", "Accounts, subscriptions and contacts are what this screen starts from."
    )
    empty_state("Import accounts, subscriptions and contacts, or look around in the demo company first.", ways_to_start)
    st.stop()
view = cached.advocates_view(month)
heading(view.question, view.answer, view.note)
if view.pool.empty:
    empty_state("This screen starts from the table contacts.", ways_to_start)
    not_loaded(view.missing, opened=True)
    st.stop()
said = st.container()
counts(view)
left, right = st.columns([3, 2], gap="small")
with left, st.container(border=True, height="stretch", gap="small"):
    choice = pick_person(view)
with said:
    say_done()
if choice is not None:
    person = cached.contact_profile(month, choice.contact_id, choice.activity)
    with right:
        person_card(month, person, choice)
        figure = cached.readiness_figure(month, person)
        if figure is not None:
            chart(figure, "readiness", fill=True)
        else:
            empty_state(f"{person.finding}: {person.reason}.")
if view.missing:
    not_loaded(view.missing)
with st.expander("How the list is made"):
    for label, text in view.method:
        st.markdown(f"**{md(label)}**: {md(text)}")
if "admin" in LOCAL_USER.roles:
    settings_panel(month)
