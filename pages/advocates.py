"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.advocates import QUESTION, Advocates, Missing
from core.services.advocates_words import nobody_words
from core.services.home import Month
from core.services.worklists import has_contacts
from pages._app import cached
from pages._app.acting import say_done
from pages._app.advocacy_settings import settings_panel
from pages._app.advocates_health import health
from pages._app.advocates_pool import pool
from pages._app.advocates_profile import profile
from pages._app.advocates_today import counts, today
from pages._app.advocates_views import CONTACT, HEALTH, OF, POOL, PROFILE, TODAY, current_view, pick_view, ways_back
from pages._app.cached_advocates import headline, nominated
from pages._app.people import land
from pages._app.starting import ways_to_start
from pages._app.this_run import working_day
from pages._app.widgets import empty_state, heading, md, nothing

STRANGE = "The account of this link has no contact here: choose somebody from the list, or search by name."
NOBODY = 'Choose somebody: "Open profile" on Today, or "Open" in a row of the Pool.'


def not_loaded(gaps: tuple[Missing, ...], *, opened: bool = False) -> None:
    """Tables that are not loaded, each with what it unlocks, behind one line."""
    names = ", ".join(gap.table.replace("_", " ") for gap in gaps)
    with st.expander(md(f"Not loaded: {names}"), icon=":material/table:", expanded=opened):
        for gap in gaps:
            st.markdown(md(f"{gap.table.replace('_', ' ').capitalize()} unlocks {gap.unlocks}."))


def method(view: Advocates) -> None:
    """How the list is made, behind one line."""
    with st.expander("How the list is made"):
        st.markdown("\n\n".join(f"**{md(label)}**: {md(text)}" for label, text in view.method))


def views(month: Month, view: Advocates, revision: int) -> None:
    """The chosen view below its heading."""
    which, contact = current_view(), st.query_params.get(CONTACT, "")
    try:
        words, problem = headline(month, view, which, contact), ""
    except CouncilError as error:
        found, _, problem = str(error).partition("\n")
        words, problem = nobody_words(month.on(working_day()), found), problem or NOBODY
    heading(*words)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pick_view()
        if which == TODAY:
            counts(view)
    if problem:
        empty_state(problem, ways_back)
        return
    say_done()
    asked = st.query_params.get(OF, "")
    if asked and which in (TODAY, POOL) and not has_contacts(month, asked):
        nothing(STRANGE)
    if which == PROFILE and contact:
        profile(month, contact)
    elif which == PROFILE:
        empty_state(NOBODY, ways_back)
    elif which == POOL:
        pool(month)
    elif which == HEALTH:
        health(month)
    else:
        today(month, view, nominated(month, revision))


company = cached.company()
if company is None:
    heading(
        QUESTION, "No contacts are loaded yet", "Accounts, subscriptions and contacts are what this screen starts from."
    )
    empty_state("Import accounts, subscriptions and contacts, or look around in the demo company first.", ways_to_start)
    st.stop()
month = company.load(company.months[0])
view = cached.advocates_view(month)
if view.pool.empty:
    heading(view.question, view.answer, view.note)
    empty_state("This screen starts from the table contacts.", ways_to_start)
    not_loaded(view.missing, opened=True)
    st.stop()
land(view)
views(month, view, company.nominations)
if view.missing:
    not_loaded(view.missing)
if "admin" in LOCAL_USER.roles:
    settings_panel(month)
cached.drawn("advocates method", month.key, lambda: method(view))
