"""Today: the lists of the day, and beside them the chosen person with what to do."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.services.advocates import STATE_WORDS, Advocates
from core.services.home import Month
from core.services.nominations import NominationLine
from core.services.profile import ActivityId, Profile
from pages._app import cached
from pages._app.advocates_follow import follow_up
from pages._app.advocates_gives import give_card
from pages._app.advocates_nominations import nominations_board
from pages._app.advocates_views import POOL, SHOW, profile_button
from pages._app.ahead import ahead
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


def today(month: Month, view: Advocates, nominated: Sequence[NominationLine]) -> None:
    """Draw the view."""
    nominations_board(nominated)
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, height="stretch", gap="small"):
        choice = pick_person(month, view)
    if choice is None:
        return
    person = cached.contact_profile(month, choice.contact_id, choice.activity)
    with right:
        person_card(month, person, choice)
        cached.drawn("readiness", hash(person), lambda: _readiness(month, person, choice.after))


def _readiness(month: Month, person: Profile, after: tuple[str, ActivityId | None] | None) -> None:
    """The waterfall; with it, once, what the person after needs, who follows as soon as this one is acted on."""
    if after is not None:
        ahead(lambda: cached.readiness_figure(cached.contact_profile(month, *after)))
    figure = cached.readiness_figure(person)
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
            guard_lines(month, person, told=choice.stops, asking=choice.which != SEND)


def counts(view: Advocates) -> None:
    """How many people stand where, on one line; each leads to them in the pool. One widget: it is drawn every run."""
    st.pills(
        "Where people stand",
        list(STATE_WORDS),
        key="adv_count",
        format_func=lambda name: f":material/{MARKS[name]}: **{view.counts[name]:,}** {STATE_WORDS[name]}",
        label_visibility="collapsed",
        on_change=_show_chosen,
    )


def _show_chosen() -> None:
    chosen = st.session_state["adv_count"]
    st.session_state["adv_count"] = None
    if chosen is not None:
        _show_state(STATE_WORDS[chosen].capitalize())


def _show_state(state: str) -> None:
    for key in [key for key in st.session_state if str(key).startswith("pool_")]:
        del st.session_state[key]
    st.session_state["pool_state"] = [state]
    st.query_params.from_dict({SHOW: POOL, "pool_state": state})
