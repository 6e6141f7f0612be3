"""One reference request: what is wanted, who can give it and why, the acts; and the form that opens one."""

import datetime as dt

import streamlit as st

from core.model.requests import ATTRIBUTES, Attribute
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import Month
from core.services.request_acts import (
    RequestDraft,
    accept_match,
    finish_request,
    miss_request,
    open_request,
    relax_request,
    send_request,
    withdraw_request,
)
from core.services.request_deals import deal_line, open_deal_names
from core.services.request_lines import Candidate, RequestLine
from core.services.request_words import LABELS, clock_words
from pages._app.requests_acting import act, token_of
from pages._app.widgets import md

FIRST = 3
"""Candidates shown at once; the others wait behind one line."""


def request_card(month: Month, line: RequestLine) -> None:
    """One request with everything that can be done with it."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"## {md(line.deal)}", anchors=False)
        clock = clock_words(line.status, line.clock)
        said = [f"needed by {line.needed_by}", *([clock] if clock else []), line.amount]
        st.markdown(f"{md(' · '.join(said))}  \n:small[{md(f'Wanted: {line.wanted}')}]")
        if line.to_match:
            _candidates(month, line)
        elif line.person:
            st.markdown(f"**{md(line.person)}** · {md(line.state_words)}")
        if line.status != "no_clock":
            _acts(month, line)
        if line.proof:
            st.markdown(f":small[{md(f'Proof: {line.proof}')}]")
        if line.steps:
            words = "  \n".join(md(step) for step in line.steps)
            st.markdown(f":small[{words}]")


def _candidates(month: Month, line: RequestLine) -> None:
    st.markdown(f"**{md(line.found)}**")
    for one in line.candidates[:FIRST]:
        _candidate(month, line, one)
    if rest := line.candidates[FIRST:]:
        with st.popover(f"{len(rest)} more", icon=":material/group:", key=f"req_more_{line.request_id}"):
            for one in rest:
                _candidate(month, line, one)
    for drop, words in line.relax:
        left, right = st.columns([4, 1], gap="small", vertical_alignment="center")
        left.markdown(f":small[{md(words)}]")
        args = (line, drop, token_of(line.request_id))
        key = f"req_relax_{line.request_id}_{'_'.join(drop)}"
        right.button("Relax", key=key, width="stretch", on_click=_relax, args=args)


def _candidate(month: Month, line: RequestLine, one: Candidate) -> None:
    best = " · :small[best for all requests]" if one.assigned else ""
    taken = f" · :small[{md(f'better for {one.taken_by}')}]" if one.taken_by else ""
    place = f"{line.request_id}_{one.contact_id}"
    left, right = st.columns([4, 1], gap="small", vertical_alignment="center")
    with left:
        st.markdown(
            f"**{one.fit:.0f}** · **{md(one.person)}**, {md(one.account)}{best}{taken}  \n:small[{md(one.reasons)}]"
        )
    with right:
        st.button(
            "Ask",
            key=f"req_ask_{place}",
            type="primary" if one.assigned else "secondary",
            width="stretch",
            on_click=_accept,
            args=(month, line, one, token_of(line.request_id)),
        )


def _acts(month: Month, line: RequestLine) -> None:
    token, today = token_of(line.request_id), now().date()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if line.asked == "accepted":
            day = f"req_sent_on_{line.request_id}"
            st.date_input("Asked on", today, max_value=today, key=day, width=150)
            key = f"req_sent_{line.request_id}"
            args = (month, line, day, token)
            st.button("Mark as sent", type="primary", icon=":material/send:", key=key, on_click=_send, args=args)
        if not line.to_match and line.asked != "accepted":
            with st.popover("Done", icon=":material/task_alt:", key=f"req_done_{line.request_id}"):
                _done_form(line, token, today)
        with st.popover("Withdraw", key=f"req_withdraw_{line.request_id}"):
            _end_form(line, "withdraw", "Withdraw the request", token)
        if line.status == "breached":
            with st.popover("Missed", key=f"req_missed_{line.request_id}"):
                _end_form(line, "miss", "Mark as missed", token)


def _done_form(line: RequestLine, token: str, today: dt.date) -> None:
    proof, day = f"req_proof_{line.request_id}", f"req_done_on_{line.request_id}"
    with st.form(f"req_done_form_{line.request_id}", border=False):
        st.text_input("Proof", key=proof, max_chars=500, placeholder="Link to the recording, or who confirmed it")
        st.date_input("Took place on", today, max_value=today, key=day)
        st.form_submit_button("It took place", type="primary", on_click=_finish, args=(line, proof, day, token))


def _end_form(line: RequestLine, kind: str, label: str, token: str) -> None:
    why = f"req_{kind}_why_{line.request_id}"
    with st.form(f"req_{kind}_form_{line.request_id}", border=False):
        st.text_input("Why", key=why, max_chars=500)
        st.form_submit_button(label, on_click=_end, args=(line, kind, why, token))


def new_request(month: Month, opportunity_id: str | None) -> None:
    """The form that asks for a reference for an open deal, behind a button; it starts from what is known of the deal.

    Args:
        month: The month the deals are read from.
        opportunity_id: The deal that is chosen; None offers every open deal.
    """
    names = open_deal_names(month)
    if not names:
        st.markdown(":small[No deal is open: import opportunities first.]")
        return
    with st.container(horizontal=True, gap="small"):
        if opportunity_id is not None:
            label = f"Ask for a reference for {names[opportunity_id]}"
            with st.popover(md(label), icon=":material/add:", type="primary", key="req_ask_deal"):
                _new_form(month, opportunity_id, f"deal_{opportunity_id}")
        with st.popover("For another deal", icon=":material/add:", key="req_ask_other"):
            deal = st.selectbox("Deal", list(names), format_func=names.__getitem__, key="req_deal")
            _new_form(month, deal, "new")


def _new_form(month: Month, deal: str, place: str) -> None:
    today, known = now().date(), deal_line(month, deal)
    start = dict(known.wanted) if known else {}
    keys: dict[str, str] = {name: f"req_{name}_{place}_{deal}" for name in (*ATTRIBUTES, "day", "note")}
    with st.form(f"req_form_{place}_{deal}", border=False):
        st.markdown(":small[Leave empty what does not matter: fewer wishes, more people.]")
        with st.grid(2, gap="small", min_column_width=150):
            for name in ATTRIBUTES:
                st.text_input(LABELS[name].capitalize(), start.get(name, ""), key=keys[name], max_chars=80)
            st.date_input("Needed by", today + dt.timedelta(days=14), min_value=today, key=keys["day"])
        st.text_input("What it is to help with", key=keys["note"], max_chars=500)
        args = (month, deal, keys, place, token_of(place))
        st.form_submit_button("Ask for it", type="primary", icon=":material/add:", on_click=_open, args=args)


def _open(month: Month, deal: str, keys: dict[str, str], place: str, token: str) -> None:
    wanted = {str(name): str(st.session_state[keys[name]] or "") for name in ATTRIBUTES}
    draft = RequestDraft(deal, st.session_state[keys["day"]], wanted, st.session_state[keys["note"]] or "")
    act(place, "The reference is asked for", lambda: open_request(LOCAL_USER, month, draft, token, now()))


def _accept(month: Month, line: RequestLine, one: Candidate, token: str) -> None:
    why = f"reference for {line.deal}: {one.reasons}"
    words = f"{one.person} is on {line.deal}; the ask waits to be sent"
    act(
        line.request_id,
        words,
        lambda: accept_match(
            LOCAL_USER, month, line.request_id, line.version, one.contact_id, why, f"{token}:match", now()
        ),
    )


def _relax(line: RequestLine, drop: tuple[Attribute, ...], token: str) -> None:
    act(
        line.request_id,
        f"The request for {line.deal} is relaxed",
        lambda: relax_request(LOCAL_USER, line.request_id, line.version, drop, f"{token}:relax", now()),
    )


def _send(month: Month, line: RequestLine, day: str, token: str) -> None:
    on = st.session_state[day]
    act(
        line.request_id,
        f"{line.person} was asked",
        lambda: send_request(LOCAL_USER, month, line.request_id, line.version, on, f"{token}:sent", now()),
    )


def _finish(line: RequestLine, proof: str, day: str, token: str) -> None:
    shown, on = st.session_state[proof], st.session_state[day]
    act(
        line.request_id,
        f"The reference for {line.deal} took place",
        lambda: finish_request(LOCAL_USER, line.request_id, line.version, shown, on, f"{token}:done", now()),
    )


def _end(line: RequestLine, kind: str, why: str, token: str) -> None:
    save, said = {"withdraw": (withdraw_request, "withdrawn"), "miss": (miss_request, "marked as missed")}[kind]
    reason = st.session_state[why]
    act(
        line.request_id,
        f"The request for {line.deal} is {said}",
        lambda: save(LOCAL_USER, line.request_id, line.version, reason, f"{token}:{kind}", now()),
    )
