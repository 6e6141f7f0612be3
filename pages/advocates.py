"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.advocates import QUESTION, Advocates, Missing
from core.services.home import Month
from pages._app import cached
from pages._app.acting import say_done
from pages._app.advocacy_settings import settings_panel
from pages._app.advocates_health import health
from pages._app.advocates_pool import pool
from pages._app.advocates_profile import profile
from pages._app.advocates_today import counts, today
from pages._app.advocates_views import CONTACT, HEALTH, POOL, PROFILE, TODAY, pick_view
from pages._app.cached_advocates import headline
from pages._app.people import land
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, md


def not_loaded(gaps: tuple[Missing, ...], *, opened: bool = False) -> None:
    """Tables that are not loaded, each with what it unlocks, behind one line."""
    names = ", ".join(gap.table.replace("_", " ") for gap in gaps)
    with st.expander(md(f"Not loaded: {names}"), icon=":material/table:", expanded=opened):
        for gap in gaps:
            st.markdown(md(f"{gap.table.replace('_', ' ').capitalize()} unlocks {gap.unlocks}."))


def views(month: Month, view: Advocates) -> None:
    """The chosen view below its heading."""
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        which = pick_view()
        if which == TODAY:
            counts(view)
    contact = st.query_params.get(CONTACT, "")
    try:
        words = headline(month, view, which, contact)
    except CouncilError as error:
        heading(view.question, str(error), view.note, place)
        empty_state("Choose somebody on Today or in the Pool: a row there opens the profile.")
        return
    heading(*words, place)
    said = st.container()
    if which == PROFILE and contact:
        profile(month, contact)
    elif which == PROFILE:
        empty_state("Choose somebody on Today or in the Pool: a row there opens the profile.")
    elif which == POOL:
        pool(month)
    elif which == HEALTH:
        health(month)
    else:
        today(month, view)
    with said:
        say_done()


month = cached.newest_month()
if month is None:
    heading(
        QUESTION, "No contacts are loaded yet", "Accounts, subscriptions and contacts are what this screen starts from."
    )
    empty_state("Import accounts, subscriptions and contacts, or look around in the demo company first.", ways_to_start)
    st.stop()
view = cached.advocates_view(month)
if view.pool.empty:
    heading(view.question, view.answer, view.note)
    empty_state("This screen starts from the table contacts.", ways_to_start)
    not_loaded(view.missing, opened=True)
    st.stop()
land(view)
views(month, view)
if view.missing:
    not_loaded(view.missing)
if "admin" in LOCAL_USER.roles:
    settings_panel(month)
with st.expander("How the list is made"):
    for label, text in view.method:
        st.markdown(f"**{md(label)}**: {md(text)}")
