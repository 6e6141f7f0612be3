"""The forms of the Meeting: record a decision, add an action, close one.

Each is a fragment that keeps the view it was drawn from: what is saved is the number its reader saw, and a record that
somebody changed since is noticed. One token per opened form: a second click saves nothing, and the form after a save is
another one, so its fields are empty; a refused save leaves every field as it was typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NoReturn
from uuid import uuid4

import streamlit as st

from core.errors import CouncilError
from core.month import Month
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.decisions import DecisionDraft, add_action, close_action, record_decision
from core.services.entering import TEXT_LENGTH, TITLE_LENGTH
from core.services.meeting import Meeting
from core.services.meeting_choices import KpiChoice
from pages._app.texts import text_block, text_line
from pages._app.widgets import problem_banner
from pages._app.words import md

DECIDE, ASSIGN = "Record a decision", "Add an action"


def say_saved() -> None:
    """Confirm what the run before has saved."""
    saved = st.session_state.pop("meeting_saved", None)
    if saved:
        st.toast(md(saved), icon=":material/check:")


@st.fragment
def record_forms(view: Meeting, month: Month | None) -> None:
    """Record a decision, or add an action to one; after a decision its actions are next."""
    just_decided = st.session_state.get("meeting_decision")
    with st.container(gap="small"):
        st.markdown("## Decide and assign", anchors=False)
        form = st.segmented_control(
            "Form",
            (DECIDE, ASSIGN),
            default=ASSIGN if just_decided else DECIDE,
            required=True,
            key=f"meeting_form_{form_token('decision')}",
            label_visibility="collapsed",
        )
        if form == ASSIGN:
            _action_form(view, just_decided)
            return
        st.session_state.pop("meeting_decision", None)
        if month is None or not view.kpis:
            _no_number(view)
        else:
            _decision_form(view, month)


def _no_number(view: Meeting) -> None:
    st.markdown(md(view.obstacle))
    if view.gaps:
        lines = [f"- :small[**{md(gap.table.replace('_', ' '))}**: {md(gap.unlocks)}]" for gap in view.gaps]
        st.markdown("\n".join([":small[Tables that unlock one; the Data screen imports them:]\n", *lines]))


def _decision_form(view: Meeting, month: Month) -> None:
    token = form_token("decision")
    kpis = {item.id: item for item in view.kpis}
    # Outside the form: the unit of the fields below follows the choice at once.
    kpi = kpis[
        st.selectbox(
            "Number it is to move", list(kpis), format_func=lambda name: kpis[name].label, key=f"meeting_kpi_{token}"
        )
    ]
    st.caption(md(" · ".join(filter(None, (kpi.figure, kpi.caution)))))
    if view.left_out:
        st.caption(md(f"Left out as implausible: {'; '.join(view.left_out)}"))
    with st.form(f"meeting_decision_{token}", border=False, enter_to_submit=False):
        title = text_line("Decision, in one sentence", limit=TITLE_LENGTH, key=f"meeting_title_{token}")
        does, leaves = st.columns(2)
        about: dict[str, Any] = {"height": 96, "limit": TEXT_LENGTH}
        choice = text_block("What we do", where=does, key=f"meeting_choice_{token}", **about)
        rejected = text_block("What we rejected, and why", where=leaves, key=f"meeting_rejected_{token}", **about)
        expected, low, high = _change(kpi, token)
        who, when = st.columns(2)
        owner = text_line("Owner, one person", where=who, limit=TITLE_LENGTH, key=f"meeting_owner_{token}")
        review_on = day_field(when, "Look back on", view.review_on, f"meeting_review_{token}")
        names = labels((item.id, item.label) for item in view.scenarios)
        scenario = st.selectbox(
            "Scenario, optional",
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder="No scenario",
            disabled=not names,
            key=f"meeting_scenario_{token}",
        )
        is_sent = st.form_submit_button("Record decision", type="primary", key=f"meeting_decide_{token}")
    if is_sent:
        draft = DecisionDraft(
            title, choice, rejected, owner, kpi.id, expected, low, high, review_on, scenario_id=scenario
        )
        try:
            decision = record_decision(LOCAL_USER, month, draft, token, now())
        except CouncilError as problem:
            problem_banner(problem)
        else:
            st.session_state["meeting_decision"] = decision
            saved("decision", f"Recorded: {title}. Add who does what by when.")


def _change(kpi: KpiChoice, token: str) -> list[float | None]:
    """Expected change and its range; the fields belong to their unit, so that 2 points never become 2 euros."""
    unit = f", {kpi.unit}" if kpi.unit else ""
    fields = (
        (f"Expected change{unit}", "expected", kpi.hint.capitalize() + "."),
        (f"Low end{unit}", "low", "Least that is expected, optional."),
        (f"High end{unit}", "high", "Most that is expected, optional."),
    )
    places: dict[str, Any] = {"format": "%.1f", "step": 0.1} if kpi.is_percent else {"format": "%.0f", "step": 1.0}
    return [
        kpi.amount(
            column.number_input(
                md(label), value=None, help=md(words), key=f"meeting_{name}_{kpi.unit}_{token}", **places
            )
        )
        for column, (label, name, words) in zip(st.columns(3, vertical_alignment="bottom"), fields, strict=True)
    ]


def _action_form(view: Meeting, just_decided: int | None) -> None:
    token = form_token("action")
    titles = labels((line.id, line.title) for line in view.decisions)
    if not titles:
        st.caption("An action belongs to a decision: record one first.")
        return
    with st.form(f"meeting_action_{token}", border=False, enter_to_submit=False):
        newest = list(titles).index(just_decided) if just_decided in titles else None
        decision = st.selectbox(
            "Decision it follows from",
            list(titles),
            index=0 if len(titles) == 1 else newest,
            format_func=titles.__getitem__,
            placeholder="Choose a decision",
            key=f"meeting_of_{token}",
        )
        text = text_block("What is to be done", height=96, limit=TEXT_LENGTH, key=f"meeting_text_{token}")
        who, when = st.columns(2)
        owner = text_line("Owner, one person", where=who, limit=TITLE_LENGTH, key=f"meeting_doer_{token}")
        due = day_field(when, "Due on", None, f"meeting_due_{token}")
        is_sent = st.form_submit_button("Add action", type="primary", key=f"meeting_add_{token}")
    if is_sent:
        try:
            add_action(LOCAL_USER, decision, text, owner, due, token, now())
        except CouncilError as problem:
            problem_banner(problem)
        else:
            saved("action", f"Added: {text}")


@st.fragment
def close_form(view: Meeting) -> None:
    """Close an open action with what shows that it is done."""
    token = form_token("close")
    lines = {line.id: line for line in view.open_actions}
    names = labels((line.id, f"{line.text} ({line.owner})") for line in view.open_actions)
    # Outside the form: what shows that it is done is asked only once there is something to close.
    chosen = st.selectbox(
        "Close an action",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Choose an action",
        key=f"meeting_done_{token}",
    )
    if chosen is None:
        return
    with (
        st.form(f"meeting_close_{token}", border=False, enter_to_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        evidence = text_line("Evidence: a link or a sentence", limit=TEXT_LENGTH, key=f"meeting_proof_{token}")
        is_sent = st.form_submit_button("Close action", key=f"meeting_shut_{token}")
    if is_sent:
        try:
            close_action(LOCAL_USER, chosen, lines[chosen].version, evidence, now())
        except CouncilError as problem:
            problem_banner(problem)
        else:
            saved("close", f"Closed: {lines[chosen].text}")


def day_field(place: st.delta_generator.DeltaGenerator, label: str, value: dt.date | None, key: str) -> dt.date | None:
    """A field for a day, empty or with a proposal."""
    # A least day would empty the field of an earlier one, and the save could only call it missing.
    return place.date_input(label, value=value, format="YYYY-MM-DD", key=key)


def labels(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Labels by id that a list can tell apart: the second of the same words gets a 2."""
    labels: dict[int, str] = {}
    counts: dict[str, int] = {}
    for number, words in pairs:
        counts[words] = counts.get(words, 0) + 1
        labels[number] = words if counts[words] == 1 else f"{words} ({counts[words]})"
    return labels


def form_token(form: str) -> str:
    """The token of the form that is open now."""
    return str(st.session_state.setdefault(f"meeting_{form}_token", uuid4().hex))


def saved(form: str, words: str) -> NoReturn:
    """Open a fresh form and draw the whole screen again."""
    st.session_state[f"meeting_{form}_token"] = uuid4().hex
    st.session_state["meeting_saved"] = words
    st.rerun()
