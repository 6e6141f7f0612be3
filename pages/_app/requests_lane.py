"""The fast lane: the board of states, the lists on the left, one referral with its acts on the right."""

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.clock import instant_of, local_time, now, today, zone_name
from core.services.referral_acts import (
    Verdict,
    contact_referral,
    judge_referral,
    route_referral,
    tell_referrer,
    undo_contact,
)
from core.services.referral_lines import MilestoneLine, ReferralLine, referral_frame
from core.services.referrals import BoardColumn, LaneView
from core.services.request_saving import NAME_LENGTH, TEXT_LENGTH
from core.services.request_words import STATUS_MARKS, clock_words
from pages._app.requests_acting import act, card_place, choose, download, forget_param, form_behind, pick, token_of
from pages._app.texts import text_block, text_line
from pages._app.widgets import empty_state, fact_row, md

VERDICTS: dict[Verdict, str] = {"approved": "Approve", "denied": "Deny"}
NOTHING = {
    "Running": "No referral is on its way.",
    "To judge": "Nothing stands against a referral that nobody has judged.",
    "Judged": "Nobody has judged a referral here yet.",
    "To tell": "Every referrer knows what became of the referral.",
    "Ended": "No referral has ended lately.",
    "Left lying": "No older referral was left lying.",
}


def lane_part(view: LaneView) -> None:
    """The part Referral fast lane of the screen."""
    fact_row(view.facts)
    _board(view.board)
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, gap="small"):
        which = choose("lane", {name: f"{name} ({len(lines):,})" for name, lines in view.lists.items()})
        lines = view.lists[which]
        chosen = _table(lines, which)
    line = next((line for line in lines if line.referral_id == chosen), None)
    if line is not None:
        with right:
            referral_card(line)


def _board(columns: tuple[BoardColumn, ...]) -> None:
    """How many stand in which state, on one line."""
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", gap="small"):
        for column in columns:
            late = f" · ✕ {column.breached:,} breached" if column.breached else ""
            amount = f" · {column.amount}" if column.amount else ""
            st.markdown(f"**{column.count:,}** {md(column.label)}{md(late)}{md(amount)}", width="content")


def _table(lines: tuple[ReferralLine, ...], which: str) -> str | None:
    frame = referral_frame(lines)
    if frame.empty:
        forget_param("referral")
        empty_state(NOTHING[which])
        return None
    text = st.column_config.TextColumn
    columns = {
        "Company": text("Company", width=122),
        "State": text("State", width=74),
        "Clock": text("Clock", width=112),
        "Referred by": text("Referred by", width=104),
        "Submitted": text("Submitted", width=80),
        "Told": text("Told", width=44, help="Milestones the referrer was told"),
    }
    hidden = ["Clock"] if frame["Clock"].eq("").all() else ["Submitted"]
    chosen = pick(frame.drop(columns=hidden), "referral", f"Referrals: {which}", columns)
    download(frame.drop(columns="referral_id"), "referrals")
    return chosen


def referral_card(line: ReferralLine) -> None:
    """One referral: its clock, who took how long, what was told, what stands against it."""
    with card_place("referral", line.referral_id):
        st.markdown(f"## {md(line.company)}", anchors=False)
        clock = clock_words(line.clock_status, line.clock_left)
        waits = f"**{md(line.state_words)}**" + (f" · {md(f'{line.clock}: {clock}, due {line.due}')}" if clock else "")
        by = md(f"Referred by {line.person}, {line.account}, {line.submitted}")
        st.markdown(f"{waits}  \n:small[{by}]")
        if line.prospect_id:
            words = f"Your files give no name of it; they call it {line.prospect_id}"
            st.markdown(f":small[{md(words)}]")
        for label, took in line.delays:
            st.markdown(f":small[{md(label)}: **{md(took)}**]")
        for label, words in line.slipped:
            st.markdown(f":small[{md(label)}: **{STATUS_MARKS['breached']}{md(words)}**]")
        if line.contacted:
            _contact_known(line)
        elif line.state == "submitted":
            _call(line)
        _judgement(line)
        for item in line.milestones:
            _milestone(line, item)


def _call(line: ReferralLine) -> None:
    """Who calls, and that it was done."""
    if line.given_to:
        st.markdown(f":material/call: {md(line.given_to)} calls")
    with st.container(horizontal=True, gap="small"):
        _route(line)
        _contacted(line)


def _route(line: ReferralLine) -> None:
    who = f"req_to_{line.referral_id}"
    with form_behind("Give to somebody", "req_route", line.referral_id, icon=":material/person_add:"):
        text_line("Who calls", key=who, limit=NAME_LENGTH)
        args = (line, who, token_of(line.referral_id))
        st.form_submit_button("Give", type="primary", on_click=_give, args=args)


def _contacted(line: ReferralLine) -> None:
    day, hour, here = f"req_called_on_{line.referral_id}", f"req_called_at_{line.referral_id}", local_time(now())
    with form_behind("Contacted", "req_called", line.referral_id, icon=":material/call_made:"):
        st.date_input("First contact on", here.date(), max_value=here.date(), format="YYYY-MM-DD", key=day)
        st.time_input(f"At, {zone_name()}", here.time().replace(second=0, microsecond=0), step=300, key=hour)
        args = (line, day, hour, token_of(line.referral_id))
        st.form_submit_button("It was contacted", type="primary", on_click=_contact, args=args)


def _contact_known(line: ReferralLine) -> None:
    """When it was contacted; a contact noted today by mistake can be taken back today."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":small[First contact: **{md(line.contacted)}**]", width="stretch")
        if line.undoable(today()):
            st.button(
                "Undo",
                key=f"req_undo_{line.referral_id}",
                type="tertiary",
                icon=":material/undo:",
                help="Takes the contact back, on the day it was noted only; both stay on record.",
                on_click=_undo,
                args=(line, token_of(line.referral_id)),
            )


def _judgement(line: ReferralLine) -> None:
    for flag in line.flags:
        st.markdown(f":small[:orange[:material/flag:] {md(flag)}]")
    if line.verdict:
        st.markdown(f":small[{md(line.verdict)}]")
    if not line.to_judge:
        return
    with st.container(horizontal=True, gap="small"):
        for verdict, label in VERDICTS.items():
            why = f"req_{verdict}_why_{line.referral_id}"
            with form_behind(label, f"req_{verdict}", line.referral_id):
                text_line("Why", key=why, limit=TEXT_LENGTH)
                args = (line, verdict, why, token_of(line.referral_id))
                st.form_submit_button(label, type="primary", on_click=_judge, args=args)


def _milestone(line: ReferralLine, item: MilestoneLine) -> None:
    mark = {"told": "check_circle", "late": "error", "to tell": "schedule"}[item.status]
    reached = f", {item.reached}" if item.reached else ""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":small[:material/{mark}: **{md(item.label)}**{md(reached)} · {md(item.told)}]")
        if item.status == "told":
            return
        text = f"req_tell_text_{line.referral_id}_{item.milestone}"
        with form_behind("Tell", "req_tell", f"{line.referral_id}_{item.milestone}"):
            text_block(md(f"What {line.person} was told"), key=text, limit=TEXT_LENGTH)
            args = (line, item, text, token_of(f"{line.referral_id}_{item.milestone}"))
            st.form_submit_button("Told", type="primary", on_click=_tell, args=args)


def _give(line: ReferralLine, who: str, token: str) -> None:
    name = st.session_state[who]
    saved = act(
        line.referral_id,
        f"{name} calls {line.company}",
        lambda: route_referral(LOCAL_USER, line.referral_id, line.version, name, f"{token}:give", now()),
    )
    _stay(saved)


def _contact(line: ReferralLine, day: str, hour: str, token: str) -> None:
    moment = instant_of(st.session_state[day], st.session_state[hour])
    saved = act(
        line.referral_id,
        f"{line.company} was contacted; the referrer is to be told",
        lambda: contact_referral(LOCAL_USER, line.referral_id, line.version, moment, f"{token}:contact", now()),
    )
    _stay(saved)


def _undo(line: ReferralLine, token: str) -> None:
    saved = act(
        line.referral_id,
        f"The contact of {line.company} is taken back; its clock runs as before",
        lambda: undo_contact(LOCAL_USER, line.referral_id, line.version, f"{token}:undo", now()),
    )
    _stay(saved)


def _stay(saved: str | None) -> None:
    """Keep the referral that was acted on in view."""
    if saved:
        st.query_params["referral"] = saved


def _judge(line: ReferralLine, verdict: Verdict, why: str, token: str) -> None:
    reason = st.session_state[why]
    act(
        line.referral_id,
        f"The referral of {line.company} is {verdict} and stands under Judged",
        lambda: judge_referral(
            LOCAL_USER, line.referral_id, line.version, verdict, reason, f"{token}:{verdict}", now()
        ),
    )


def _tell(line: ReferralLine, item: MilestoneLine, text: str, token: str) -> None:
    words = st.session_state[text]
    act(
        f"{line.referral_id}_{item.milestone}",
        f"{line.person} was told: {item.label.lower()}",
        lambda: tell_referrer(LOCAL_USER, line.referral_id, line.version, item.milestone, words, token, now()),
    )
