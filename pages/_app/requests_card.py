"""One reference request: what is wanted, who can give it and why, the acts."""

import datetime as dt
from urllib.parse import quote

import streamlit as st

from core.model.requests import Attribute
from core.services.access import LOCAL_USER
from core.services.asking import colleague_words
from core.services.clock import now, today
from core.services.home import Month
from core.services.request_acts import (
    accept_match,
    finish_request,
    miss_request,
    relax_request,
    send_request,
    withdraw_request,
)
from core.services.request_lines import Candidate, RequestLine
from core.services.request_saving import TEXT_LENGTH
from core.services.request_words import clock_words
from core.services.requests import ASKED_LIST, OPEN_LIST
from pages._app import cached
from pages._app.requests_acting import act, card_place, form_behind, fresh, token_of
from pages._app.texts import text_line
from pages._app.widgets import md

FIRST = 3
"""Candidates shown at once; the others wait behind one line."""
ANSWERED = "A no, or a later, is noted on the profile, under Asks: after a no somebody else is proposed here."


def request_card(month: Month, line: RequestLine) -> None:
    """One request with everything that can be done with it."""
    with card_place("request", line.request_id):
        st.markdown(f"## {md(line.deal)}", anchors=False)
        clock = clock_words(line.status, line.clock)
        said = [f"needed by {line.needed_by}", *([clock] if clock else []), line.amount]
        st.markdown(f"{md(' · '.join(said))}  \n:small[{md(f'Wanted: {line.wanted}')}]")
        if line.to_match:
            _candidates(month, line)
        elif line.person:
            who = f"{_profile(line.contact_id, line.person)}, {md(line.account)} · {md(line.state_words)}"
            later = f"  \n:small[{md(ANSWERED)}]" if line.asked == "sent" else ""
            st.markdown(who + later)
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
        with st.popover(f"{len(rest)} more", icon=":material/group:", key=fresh(f"req_more_{line.request_id}")):
            for one in rest:
                _candidate(month, line, one)
    for drop, words in line.relax:
        left, right = st.columns([4, 1], gap="small", vertical_alignment="center")
        left.markdown(f":small[{md(words)}]")
        args = (line, drop, token_of(line.request_id))
        key = f"req_relax_{line.request_id}_{'_'.join(drop)}"
        right.button("Relax", key=key, width="stretch", on_click=_relax, args=args)


def _candidate(month: Month, line: RequestLine, one: Candidate) -> None:
    best = f" · :small[{md(one.proposed)}, proposed]" if one.proposed else ""
    taken = f" · :small[{md(f'better for {one.taken_by}')}]" if one.taken_by else ""
    place = f"{line.request_id}_{one.contact_id}"
    left, right = st.columns([4, 1], gap="small", vertical_alignment="center")
    with left:
        st.markdown(
            f"**{one.fit:.0f}** · {_profile(one.contact_id, one.person)}, {md(one.account)}{best}{taken}  \n"
            f":small[{md(one.reasons)}]"
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


def _profile(contact_id: str, person: str) -> str:
    """The name as a link to the profile, in a tab of its own: the request stays on the screen."""
    return f"[**{md(person)}**](advocates?contact={quote(contact_id, safe='')})"


def _acts(month: Month, line: RequestLine) -> None:
    token, this_day = token_of(line.request_id), today()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if line.asked == "accepted":
            day = f"req_sent_on_{line.request_id}"
            st.date_input("Asked on", this_day, max_value=this_day, format="YYYY-MM-DD", key=day, width=150)
            key = f"req_sent_{line.request_id}"
            args = (month, line, day, token)
            st.button("Mark as sent", type="primary", icon=":material/send:", key=key, on_click=_send, args=args)
        if not line.to_match and line.asked != "accepted":
            _done_form(line, token, this_day)
        if line.passed(this_day):
            _end_form(line, "miss", "Missed", "Mark as missed", token)
        else:
            _end_form(line, "withdraw", "Withdraw", "Withdraw the request", token)


def _done_form(line: RequestLine, token: str, today: dt.date) -> None:
    proof, day = f"req_proof_{line.request_id}", f"req_done_on_{line.request_id}"
    with form_behind("Done", "req_done", line.request_id, icon=":material/task_alt:"):
        text_line("Proof", key=proof, limit=TEXT_LENGTH, placeholder="Link to the recording, or who confirmed it")
        st.date_input("Took place on", today, max_value=today, format="YYYY-MM-DD", key=day)
        st.form_submit_button("It took place", type="primary", on_click=_finish, args=(line, proof, day, token))


def _end_form(line: RequestLine, kind: str, button: str, label: str, token: str) -> None:
    why = f"req_{kind}_why_{line.request_id}"
    with form_behind(button, f"req_{kind}", line.request_id):
        text_line("Why", key=why, limit=TEXT_LENGTH)
        st.form_submit_button(label, on_click=_end, args=(line, kind, why, token))


def _accept(month: Month, line: RequestLine, one: Candidate, token: str) -> None:
    why = f"reference for {line.deal}: {one.reasons}"
    people = cached.advocates_view(month).pool
    rest = colleague_words(people, one.contact_id, month.advocacy_rules)
    words = f"{line.deal} has its person: now send the ask{rest}"
    saved = act(
        line.request_id,
        words,
        lambda: accept_match(
            LOCAL_USER, month, line.request_id, line.version, one.contact_id, why, f"{token}:match", now()
        ),
    )
    _stay(saved, OPEN_LIST)


def _relax(line: RequestLine, drop: tuple[Attribute, ...], token: str) -> None:
    act(
        line.request_id,
        f"The request for {line.deal} is relaxed",
        lambda: relax_request(LOCAL_USER, line.request_id, line.version, drop, f"{token}:relax", now()),
    )


def _send(month: Month, line: RequestLine, day: str, token: str) -> None:
    on = st.session_state[day]
    saved = act(
        line.request_id,
        f"{line.deal} now stands under {ASKED_LIST}",
        lambda: send_request(LOCAL_USER, month, line.request_id, line.version, on, f"{token}:sent", now()),
    )
    _stay(saved, ASKED_LIST)


def _stay(saved: str | None, queue: str) -> None:
    """Keep the request that was acted on in view, in the list it now stands in."""
    if saved:
        st.query_params.update({"queue": queue, "request": saved})


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
