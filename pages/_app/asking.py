"""Acting on a person of Advocates: accept the next ask, defer it, never ask again, mark an accepted one as sent."""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.asking import accept_ask, mark_sent, set_aside
from core.services.home import Month
from core.services.profile import GuardLine, Profile
from pages._app.people import Choice
from pages._app.widgets import md, problem_banner


def say_done() -> None:
    """Confirm the last act, once."""
    if message := st.session_state.pop("adv_done", None):
        st.toast(md(message), icon=":material/check:")


def person_card(month: Month, person: Profile, choice: Choice, at: dt.datetime) -> None:
    """Who it is, what to do next with the buttons that do it, and the guardrails."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{md(person.name)}** · {md(person.role)}")
        if choice.ask_id is not None:
            st.markdown(f"Accepted: **{md(choice.label)}**, waits to be sent")
            _send(choice, person, at)
        else:
            _next_ask(person)
            _decide(month, person, at)
        guard_lines(person.guards)


def _next_ask(person: Profile) -> None:
    if person.activity is None:
        st.markdown(f"**{md(person.state)}** · {md(person.why)}")
        if person.label:
            when = "" if person.earliest == "no date" else f", from {person.earliest}"
            st.markdown(f":small[{md(f'Nearest ask: {person.label}{when}')}]")
        return
    asked = f"from {person.earliest}, asked by {_lower(person.asker)}"
    st.markdown(f"Next ask: **{md(person.label)}** · {md(person.why)}  \n:small[{md(asked)}]")


def _lower(asker: str) -> str:
    return asker if asker.isupper() else asker[:1].lower() + asker[1:]


def _decide(month: Month, person: Profile, at: dt.datetime) -> None:
    """Accept where there is an ask; defer and never wherever an activity is near."""
    activity = person.towards
    if activity is None:
        return
    token = st.session_state.setdefault(f"adv_token_{person.contact_id}", uuid4().hex)
    with st.container(horizontal=True, gap="small"):
        accepted = person.activity is not None and st.button(
            "Accept", type="primary", icon=":material/check:", key=f"adv_accept_{person.contact_id}"
        )
        with st.popover("Defer until", key=f"adv_defer_{person.contact_id}"):
            deferred = _aside_form("defer", person, at, month.as_of)
        with st.popover("Never", key=f"adv_never_{person.contact_id}"):
            refused = _aside_form("never", person, at, month.as_of)
    if accepted:
        words = f"{person.label} accepted for {person.name}; it waits to be sent"
        _act(person, words, lambda: accept_ask(LOCAL_USER, month, person.contact_id, activity, person.why, token, at))
    for given, words in ((deferred, "is deferred"), (refused, "is left in peace")):
        if given is not None:
            reason, until = given
            _act(
                person,
                f"{person.name} {words}",
                lambda: set_aside(LOCAL_USER, person.contact_id, activity, reason, token, at, until),  # noqa: B023
            )


def _aside_form(kind: str, person: Profile, at: dt.datetime, as_of: dt.date) -> tuple[str, dt.date | None] | None:
    """Reason and day of a deferral, or the reason of a never; None until it is sent."""
    tomorrow = at.date() + dt.timedelta(days=1)
    with st.form(f"adv_{kind}_form_{person.contact_id}", border=False):
        until = None
        if kind == "defer":
            first = max(as_of, at.date()) + dt.timedelta(days=90)
            until = st.date_input("Not before", first, min_value=tomorrow, key=f"adv_until_{person.contact_id}")
        else:
            st.markdown(f"{md(person.name)} will not be proposed again, for anything.")
        reason = st.text_input("Why", key=f"adv_{kind}_why_{person.contact_id}", max_chars=300)
        saved = st.form_submit_button("Defer" if kind == "defer" else "Never ask again")
    return (reason, until) if saved else None


def _send(choice: Choice, person: Profile, at: dt.datetime) -> None:
    """The button that says an accepted ask was sent, and the day."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        today = at.date()
        sent_on = st.date_input("Sent on", today, max_value=today, key=f"adv_sent_on_{choice.ask_id}", width=150)
        if st.button("Mark as sent", type="primary", icon=":material/send:", key=f"adv_sent_{choice.ask_id}"):
            words = f"{choice.label} for {person.name} is marked as sent"
            _act(person, words, lambda: mark_sent(LOCAL_USER, str(choice.ask_id), sent_on, at))


def _act(person: Profile, message: str, save: Callable[[], object]) -> None:
    """Save; say what was done on the next run, or show what stands against it on this one."""
    try:
        save()
    except CouncilError as error:
        problem_banner(error)
        return
    st.session_state.pop(f"adv_token_{person.contact_id}", None)
    st.session_state["adv_done"] = message
    st.rerun()


def guard_lines(guards: tuple[GuardLine, ...]) -> None:
    """Guardrails that are not clear, each with its reason; the clear ones behind one line."""
    for guard in guards:
        if guard.state == "blocked":
            until = f" · until {guard.until}" if guard.until else ""
            st.markdown(f":small[:red[:material/block: **Blocked**] · {md(guard.reason + until)}]")
        elif guard.state == "not checked":
            st.markdown(f":small[:material/help: **Not checked** · {md(f'{guard.label}: load {guard.unlocks}')}]")
    clear = [guard for guard in guards if guard.state == "clear"]
    with st.popover(
        f"{len(clear)} of {len(guards)} guardrails clear",
        type="tertiary",
        icon=":material/check_circle:",
        key="adv_clear",
    ):
        for guard in clear:
            st.markdown(f":small[:material/check_circle: **Clear** · {md(f'{guard.label}: {guard.reason}')}]")
