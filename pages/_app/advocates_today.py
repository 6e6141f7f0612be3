"""Today: the lists of the day, and beside them the chosen person with what to do."""

from __future__ import annotations

import streamlit as st

from core.services.advocates import STATE_HELP, STATE_WORDS, Advocates
from core.services.home import Month
from core.services.profile import Profile
from pages._app import cached
from pages._app.advocates_follow import follow_up
from pages._app.advocates_gives import give_card
from pages._app.advocates_nominations import nominations_board
from pages._app.advocates_views import POOL, profile_button
from pages._app.asking import guard_lines, next_ask, send_ask
from pages._app.people import ANSWER, GIVE, SEND, TELL, THANK, Choice, pick_person
from pages._app.widgets import chart, empty_state, md

MARKS = {
    "ask": "check_circle",
    "rest": "hourglass_top",
    "cultivate": "redeem",
    "blocked": "do_not_disturb_on",
    "not_checked": "help",
}


def today(month: Month, view: Advocates) -> None:
    """Draw the view."""
    nominations_board(month)
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, height="stretch", gap="small"):
        choice = pick_person(month, view)
    if choice is None:
        return
    person = cached.contact_profile(month, choice.contact_id, choice.activity)
    with right:
        person_card(month, person, choice)
        figure = cached.readiness_figure(month, person)
        if figure is not None:
            chart(figure, "readiness", fill=True)
        else:
            empty_state(f"{person.finding}: {person.reason}.")


def person_card(month: Month, person: Profile, choice: Choice) -> None:
    """Who it is, what to do with the buttons that do it; where it is asking, the guardrails of the ask."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{md(person.name)}** · {md(person.role)}", width="stretch")
            profile_button(person.contact_id, f"adv_open_{person.contact_id}")
        if choice.which == SEND and choice.ask_id is not None:
            send_ask(month, choice, choice.ask_id, person)
        elif choice.which in (ANSWER, THANK, TELL):
            follow_up(month, person, choice)
        elif choice.which == GIVE:
            give_card(month, person)
        else:
            next_ask(month, person)
        if choice.which not in (ANSWER, THANK, TELL, GIVE):
            guard_lines(month, person, told=choice.stops)


def counts(view: Advocates) -> None:
    """How many people stand where, on one line; each leads to them in the pool."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for name, label in STATE_WORDS.items():
            st.button(
                f"**{view.counts[name]:,}** {label}",
                key=f"adv_count_{name}",
                icon=f":material/{MARKS[name]}:",
                type="tertiary",
                help=STATE_HELP[name],
                on_click=_show_state,
                args=(label.capitalize(),),
            )


def _show_state(state: str) -> None:
    for key in [key for key in st.session_state if str(key).startswith("pool_")]:
        del st.session_state[key]
    st.session_state["pool_state"] = [state]
    st.query_params.from_dict({"show": POOL})
