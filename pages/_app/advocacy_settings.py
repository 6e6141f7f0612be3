"""Settings of advocacy: what counts how much, when people rest; who would move is shown before anything is saved.

A save runs as a callback, so it always finishes; the same save twice changes nothing. What was changed and not saved
stays while the reader goes from group to group.
"""

from typing import Any

import streamlit as st

from core.errors import CouncilError, StaleRecord
from core.glossary import display_month
from core.services.access import LOCAL_USER
from core.services.advocacy_numbers import GROUPS, Number
from core.services.advocacy_preview import Preview
from core.services.advocacy_settings import REASON_LENGTH, SettingsView, save_settings, settings_view
from core.services.clock import moment_words, now
from core.services.home import Month
from pages._app.cached_settings import settings_preview
from pages._app.texts import text_line
from pages._app.widgets import md, problem_banner

EVERYBODY = "Everybody"
HISTORY = "History"
WHOSE = ("A segment's own numbers hold for people at accounts of that segment. An account in a family counts with the "
         "segment its own row states; figures count the family in the segment of its top account.")  # fmt: skip
DRAFT = "set_draft"
"""Changes not saved yet, by key."""
SHORT = {"readiness": "Readiness", "health": "Health", "engagement": "Engagement", "fading": "Fading",
         "stops": "Hard stops", "limits": "Rest"}  # fmt: skip


def settings_panel(month: Month) -> None:
    """The settings behind one line; drawn, and paid for, only while it is open."""
    place = st.expander("Settings: what counts how much, and who rests how long", key="set_open", on_change="rerun")
    if place.open:
        with place:
            _panel(month)


@st.fragment
def _panel(month: Month) -> None:
    if st.session_state.pop("set_saved", False):
        st.rerun()
    _refusal()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        segments = [EVERYBODY, *settings_view(month).segments]
        chosen = st.selectbox("For", segments, key="set_for", width=180, help=WHOSE)
        view = settings_view(month, None if chosen == EVERYBODY else chosen)
        st.selectbox("From", view.months, format_func=display_month, key="set_from", width=180)
    names = [name for name in SHORT if any(item.group == name for item in view.numbers)]
    which = st.segmented_control(
        "Group", [*names, HISTORY], default=names[0], required=True, key="set_group", label_visibility="collapsed",
        format_func=lambda name: SHORT.get(name, name),
    )  # fmt: skip
    if which == HISTORY:
        _history(view)
    else:
        _group(view, which)
    _foot(month, view)


def _group(view: SettingsView, group: str) -> None:
    own = [item for item in view.numbers if item.group == group]
    sources = {item.source for item in own}
    st.markdown(f"**{md(GROUPS[group])}**" + (f"  \n:small[{md(own[0].source)}]" if len(sources) == 1 else ""))
    columns = st.columns(2 if len(own) > 1 else 1, gap="large")
    for place, item in enumerate(own):
        with columns[place * len(columns) // len(own)]:
            _number(item, view.segment, with_source=len(sources) > 1)


def _number(item: Number, segment: str | None, *, with_source: bool) -> None:
    """One number: a slider for a weight or a share, a field for days and counts; below it where it comes from."""
    key = f"{item.path}@{segment}" if segment else item.path
    draft: dict[str, float | None] = st.session_state.setdefault(DRAFT, {})
    changed = draft.get(key, item.value)
    span = item.range
    cells = {"min_value": span.least, "max_value": span.most, "step": span.step,
             "value": item.back if changed is None else changed}  # fmt: skip
    shown: dict[str, Any] = {name: item.entry(cell) for name, cell in cells.items()}
    widget = f"set_{key}_{st.session_state.get('set_round', 0)}"
    about: dict[str, Any] = {"key": widget, "on_change": _take, "args": (widget, key, item)}
    if item.is_slid:
        st.slider(md(item.label), **shown, **about, format="%g %%" if item.is_share else "%g")
    else:
        st.number_input(f"{md(item.label)} ({md(item.range.unit)})", **shown, **about)
    words = [f"Default {item.told(item.default)}"] if item.value != item.default else []
    words += [item.since] if item.since else []
    words += [item.source] if with_source else []
    if words:
        st.markdown(f":small[{md(' · '.join(words))}]")


def _take(widget: str, key: str, item: Number) -> None:
    """Keep what was changed; a value put back to what is in force is no change."""
    entered, draft = st.session_state[widget], st.session_state[DRAFT]
    if entered is None or entered == item.entry(item.value):
        draft.pop(key, None)
    else:
        draft[key] = item.entered(entered)
    st.session_state.pop("set_look", None)


def _foot(month: Month, view: SettingsView) -> None:
    """What was changed and not saved, with what can be done with it."""
    draft = dict(st.session_state.get(DRAFT, {}))
    if not draft:
        st.markdown(":small[Nothing is changed. Months that are over keep the settings they had.]")
        return
    by_path = {item.path: item for item in settings_view(month).numbers}
    lines = [_change_words(by_path, key, value) for key, value in draft.items()]
    st.markdown("**Not saved yet**: " + "; ".join(md(line) for line in lines))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text_line("Reason", key="set_reason", limit=REASON_LENGTH, width=420)
        if st.button("Preview: who moves", key="set_preview", icon=":material/groups:"):
            st.session_state["set_look"] = True
        st.button("Save", key="set_save", type="primary", on_click=_save, args=(month, view.version))
        st.button("Discard", key="set_discard", on_click=_discard)
    if st.session_state.get("set_look"):
        try:
            _moves(settings_preview(month, draft))
        except CouncilError as problem:
            problem_banner(problem)


def _change_words(by_path: dict[str, Number], key: str, value: float | None) -> str:
    path, _, segment = key.partition("@")
    item = by_path[path]
    back = item.value if segment else item.default
    return f"{item.named(segment or None)}: {item.told(back if value is None else value)}"


def _moves(found: Preview) -> None:
    """Who moves: the sentence, the kinds of moves, the people."""
    st.markdown(f"**{md(found.answer)}** :small[{md(found.known)}]")
    if not found.moved:
        return
    left, right = st.columns([1, 3], gap="small")
    with left:
        st.dataframe(
            found.moves,
            hide_index=True,
            alt="Moves",
            key="set_moves",
            column_config={"People": st.column_config.NumberColumn(width="small")},
        )
    with right:
        st.dataframe(found.shown, hide_index=True, alt="People who move", key="set_people")


def _history(view: SettingsView) -> None:
    if not view.history:
        st.markdown("Nothing was ever set: everything is as the model file says.")
    for line in view.history:
        who = f"{line.author}, {moment_words(line.at)}: {line.reason}"
        st.markdown(f"- {md(line.what)}: **{md(line.value)}**, {md(line.holds)} · {md(who)}")


def _save(month: Month, version: int) -> None:
    state = st.session_state
    try:
        save_settings(
            LOCAL_USER, month, dict(state[DRAFT]), str(state.get("set_reason") or ""), state["set_from"], version, now()
        )
    except CouncilError as problem:
        state["set_problem"] = problem
        return
    _discard()
    state["set_reason"], state["set_saved"] = "", True
    state["adv_done"] = f"Settings saved, from {display_month(state['set_from'])} on"


def _discard() -> None:
    st.session_state[DRAFT] = {}
    st.session_state["set_round"] = st.session_state.get("set_round", 0) + 1
    st.session_state.pop("set_look", None)


def _refusal() -> None:
    """Why the last save was refused; a stale one offers to start again from what is saved."""
    problem = st.session_state.pop("set_problem", None)
    if problem is None:
        return
    problem_banner(problem)
    if isinstance(problem, StaleRecord) and st.button("Load what is saved now", key="set_load"):
        st.rerun()
