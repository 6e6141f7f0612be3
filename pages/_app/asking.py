"""Acting on a person of Advocates: accept the next ask, defer it, never ask again; send or withdraw an accepted one.

Every act runs in a callback: it gets the person and the month that were on the screen when the button was drawn, so a
list that has changed meanwhile can never turn a click on one person into an act on another.
"""

from __future__ import annotations

import datetime as dt

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.asking import REASON_LENGTH, accept_ask, accepted_words, mark_sent, set_aside, withdraw_ask
from core.services.clock import now, real_now, today
from core.services.home import Month
from core.services.profile import GuardLine, Profile
from pages._app import cached
from pages._app.acting import act, behind, token_of
from pages._app.advocates_permissions import settle
from pages._app.people import Choice
from pages._app.texts import text_line
from pages._app.widgets import md

PAUSE = dt.timedelta(seconds=1)
"""After an act the next person takes the button's place; a click sooner than this was meant for the one before."""


def next_ask(month: Month, person: Profile) -> None:
    """What to do next with a person, and the buttons that do it."""
    _next_ask(person)
    _decide(month, person)


def _next_ask(person: Profile) -> None:
    if person.activity is None:
        stopped = any(guard.state == "blocked" for guard in person.guards)
        is_dated = person.earliest != "no date"
        until = f"not before {person.earliest}" if is_dated else "until what stands below is settled"
        other = until if stopped else person.why
        # the reason of the pool begins with a rest that ends last
        told = (
            f"{person.rest}; {'and ' if stopped else ''}{other}"
            if person.rest and not other.startswith(person.rest)
            else other
        )
        st.markdown(f"**{md(person.state)}** · {md(told)}")
        if person.label:
            when = f", from {person.earliest}" if is_dated else ""
            st.markdown(f":small[{md(f'Nearest ask: {person.label}{when}')}]")
        return
    asked = f"from today, asked by {_lower(person.asker)}"
    st.markdown(f"Next ask: **{md(person.label)}** · {md(person.why)}  \n:small[{md(asked)}]")


def _lower(asker: str) -> str:
    return asker if asker.isupper() else asker[:1].lower() + asker[1:]


def _decide(month: Month, person: Profile) -> None:
    """Accept where there is an ask; defer and never wherever an activity is near."""
    if person.towards is None:
        return
    token = token_of(person.contact_id)
    with st.container(horizontal=True, gap="small"):
        if person.activity is not None:
            key = f"adv_accept_{person.contact_id}"
            st.button(
                "Accept",
                type="primary",
                icon=":material/check:",
                key=key,
                on_click=_accept,
                args=(month, person, token),
            )
        behind("Defer until", f"adv_defer_{person.contact_id}", lambda: _defer_form(person, token))
        behind("Never", f"adv_never_{person.contact_id}", lambda: _never_form(person, token))


def _defer_form(person: Profile, token: str) -> None:
    day, why = f"adv_until_{person.contact_id}", f"adv_defer_why_{person.contact_id}"
    this_day = today()
    with st.form(f"adv_defer_form_{person.contact_id}", border=False):
        first = this_day + dt.timedelta(days=90)
        st.date_input("Not before", first, min_value=this_day + dt.timedelta(days=1), format="YYYY-MM-DD", key=day)
        text_line("Why", key=why, limit=REASON_LENGTH)
        st.form_submit_button("Defer", on_click=_set_aside, args=(person, token, why, day))


def _never_form(person: Profile, token: str) -> None:
    why = f"adv_never_why_{person.contact_id}"
    with st.form(f"adv_never_form_{person.contact_id}", border=False):
        st.markdown(f"{md(person.name)} will not be proposed again, for anything.")
        text_line("Why", key=why, limit=REASON_LENGTH)
        st.form_submit_button("Never ask again", on_click=_set_aside, args=(person, token, why))


def send_ask(month: Month, choice: Choice, ask_id: str, person: Profile) -> None:
    """An accepted ask: the button that says it was sent, and the day; beside it the way back."""
    who = f"accepted by: {choice.accepted_by}"
    st.markdown(f"Accepted: **{md(choice.label)}**, waits to be sent · {md(who)}")
    if choice.stops:
        st.markdown(f":small[:red[:material/block: **Not to be sent now**] · {md(choice.stops)}]")
    this_day, day = today(), f"adv_sent_on_{ask_id}"
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if not choice.stops:
            st.date_input("Sent on", this_day, max_value=this_day, format="YYYY-MM-DD", key=day, width=150)
            st.button(
                "Mark as sent",
                type="primary",
                icon=":material/send:",
                key=f"adv_sent_{ask_id}",
                on_click=_mark_sent,
                args=(month, choice, ask_id, person, day),
            )
        behind("Withdraw", f"adv_withdraw_{ask_id}", lambda: _withdraw_form(choice, ask_id, person))


def _withdraw_form(choice: Choice, ask_id: str, person: Profile) -> None:
    why = f"adv_withdraw_why_{ask_id}"
    with st.form(f"adv_withdraw_form_{ask_id}", border=False):
        text_line("Why", key=why, limit=REASON_LENGTH)
        st.form_submit_button("Withdraw the ask", on_click=_withdraw, args=(choice, ask_id, person, why))


def _accept(month: Month, person: Profile, token: str) -> None:
    activity, last = person.activity, st.session_state.get("adv_last")
    if activity is not None and (last is None or real_now() - last >= PAUSE):
        act(
            accepted_words(
                cached.advocates_view(month).pool, person.contact_id, person.label, person.name, month.advocacy_rules
            ),
            lambda: accept_ask(LOCAL_USER, month, person.contact_id, activity, person.why, token, now()),
            about=person.contact_id,
        )


def _set_aside(person: Profile, token: str, why: str, day: str | None = None) -> None:
    activity, reason = person.towards, st.session_state[why]
    until = st.session_state[day] if day else None
    if day and until is None:
        st.session_state["adv_problem"] = "Nothing was saved: give the first day to propose this person again."
    elif activity is not None:
        act(
            f"{person.name} is {'deferred' if until else 'left in peace'}",
            lambda: set_aside(LOCAL_USER, person.contact_id, activity, reason, token, now(), until),
            about=person.contact_id,
        )


def _mark_sent(month: Month, choice: Choice, ask_id: str, person: Profile, day: str) -> None:
    act(
        f"{choice.label} for {person.name} is marked as sent",
        lambda: mark_sent(LOCAL_USER, month, ask_id, st.session_state[day], now()),
        about=person.contact_id,
    )


def _withdraw(choice: Choice, ask_id: str, person: Profile, why: str) -> None:
    act(
        f"{choice.label} for {person.name} is withdrawn",
        lambda: withdraw_ask(LOCAL_USER, ask_id, st.session_state[why], now()),
        about=person.contact_id,
    )


def guard_lines(month: Month, person: Profile, told: str = "", *, asking: bool = True) -> None:
    """Guardrails that are not clear, each with its reason unless `told` has it, and what settles it on the spot; the
    clear ones behind one line, which says a rest as well where it is about asking and not about sending.
    """
    for guard in person.guards:
        if guard.state == "blocked" and guard.reason not in told:
            _guard(month, person, guard, f":red[:material/block: **Blocked**] · {md(guard.text)}")
        elif guard.state == "not checked":
            _guard(month, person, guard, f":material/help: **Not checked** · {md(guard.text)}")
    clear = [guard for guard in person.guards if guard.state == "clear"]
    line = person.guards_line if asking else person.guards_count
    with st.popover(line, type="tertiary", icon=":material/check_circle:", key="adv_clear"):
        st.markdown("  \n".join(f":small[:material/check_circle: **Clear** · {md(guard.text)}]" for guard in clear))


def _guard(month: Month, person: Profile, guard: GuardLine, words: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":small[{words}]", width="content")
        settle(month, person, guard)
