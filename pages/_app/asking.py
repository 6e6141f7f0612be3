"""Choosing a person on Advocates, and acting on the next ask."""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.advocates import Advocates, Profile
from core.services.asking import accept_ask, mark_sent, set_aside
from core.services.home import Month
from pages._app.widgets import md, problem_banner

ASK, OTHERS = "To ask", "Not now"


def pick_person(view: Advocates) -> str | None:
    """The tables of people to ask and of people not to ask; returns the chosen contact."""
    if message := st.session_state.pop("adv_done", None):
        st.toast(md(message), icon=":material/check:")
    which = st.segmented_control(
        "List",
        [ASK, OTHERS],
        default=ASK,
        required=True,
        key="adv_list",
        bind="query-params",
        label_visibility="collapsed",
    )
    rows = view.ask if which == ASK else view.rest
    search = st.text_input("Search", key="adv_search", placeholder="Account or person", label_visibility="collapsed")
    if search:
        found = rows["Account"].str.contains(search, case=False, regex=False)
        rows = rows[found | rows["Person"].str.contains(search, case=False, regex=False)].reset_index(drop=True)
    if rows.empty:
        st.markdown(":small[Nobody here.]")
        return None
    event = st.dataframe(
        rows.drop(columns="contact_id"),
        key=f"adv_table_{which}_{search}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=min(460, 37 + 35 * len(rows)),
        alt=f"People: {which}",
        column_config={
            "Account": st.column_config.TextColumn("Account", pinned=True, width="medium"),
            "Readiness": st.column_config.ProgressColumn(
                "Readiness", min_value=0, max_value=100, format="%d", width="small"
            ),
            "Why now": st.column_config.TextColumn("Why now", width="large"),
            "Why": st.column_config.TextColumn("Why", width="large"),
        },
    )
    chosen = event["selection"]["rows"]
    place = chosen[0] if chosen and chosen[0] < len(rows) else 0
    return str(rows["contact_id"].iloc[place])


def decide(month: Month, profile: Profile, at: dt.datetime) -> None:
    """What to do with this person: accept the ask, defer it, or never ask again."""
    st.markdown(f"**{md(profile.who)}** · {md(profile.state)}" + (f" · {md(profile.label)}" if profile.label else ""))
    st.markdown(f":small[{md(profile.why)}]")
    if profile.activity is None:
        return
    token = st.session_state.setdefault(f"adv_token_{profile.contact_id}", uuid4().hex)
    with st.container(horizontal=True, gap="small"):
        if st.button(f"Accept: {profile.label}", type="primary", key="adv_accept"):
            _act(
                profile,
                f"{profile.label} accepted for {profile.who}",
                lambda: accept_ask(LOCAL_USER, month, profile.contact_id, profile.activity, profile.why, token, at),
            )
        with st.popover("Defer or never", key="adv_aside"), st.form("adv_aside_form", border=False):
            never = st.toggle("Never ask again", key="adv_never")
            until = st.date_input("Not before", month.as_of + dt.timedelta(days=90), key="adv_until")
            reason = st.text_input("Why", key="adv_reason")
            if st.form_submit_button("Save"):
                _act(
                    profile,
                    f"{profile.who} is left in peace",
                    lambda: set_aside(
                        LOCAL_USER, profile.contact_id, profile.activity, reason, token, at, None if never else until
                    ),
                )


def _act(profile: Profile, message: str, save: Callable[[], object]) -> None:
    try:
        save()
    except CouncilError as error:
        problem_banner(error)
        return
    st.session_state.pop(f"adv_token_{profile.contact_id}", None)
    st.session_state["adv_done"] = message
    st.rerun()


def sent_form(view: Advocates, month: Month, at: dt.datetime) -> None:
    """Accepted asks that wait to be sent, and the button that says one was."""
    st.header("Accepted, to be sent", anchor=False)
    labels = {
        row["ask_id"]: f"{row['Ask']}: {row['Person']}, {row['Account']}" for row in view.accepted.to_dict("records")
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Ask", list(labels), format_func=labels.__getitem__, key="adv_accepted")
        sent_on = st.date_input("Sent on", month.as_of, key="adv_sent_on", width=160)
        if st.button("Mark as sent", key="adv_sent") and chosen is not None:
            try:
                mark_sent(LOCAL_USER, chosen, sent_on, at)
            except CouncilError as error:
                problem_banner(error)
                return
            st.session_state["adv_done"] = f"{labels[chosen]} is marked as sent"
            st.rerun()
