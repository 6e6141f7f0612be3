"""Profile: one person in full, from the scores to the rewards."""

from __future__ import annotations

import streamlit as st

from core.charts.advocates_story import KIND_WORDS, rows_html
from core.services.clock import today
from core.services.home import Month
from core.services.person_scores import SCORE_HELP, PersonScore
from core.services.person_story import PersonStory
from core.services.profile import Profile
from core.services.worklists import next_give
from pages._app import cached
from pages._app import cached_advocates as kept
from pages._app.acting import behind
from pages._app.advocates_follow import note_buttons
from pages._app.advocates_gives import given_button
from pages._app.advocates_nominations import nomination_panel
from pages._app.advocates_permissions import permissions_panel
from pages._app.advocates_views import TODAY, go_to
from pages._app.asking import guard_lines, next_ask
from pages._app.erase_form import erase_form
from pages._app.override_form import override_form
from pages._app.people import SEND
from pages._app.widgets import chart, empty_state, md, piece

PERMITS, ASKS, BROUGHT = "Permissions and interests", "Asks", "Stories, referrals, rewards"
STORY_HEIGHT = 420
"""Height of the time line in px: about fifteen events, older ones below."""


def profile(month: Month, contact_id: str) -> None:
    """Draw the view of one contact."""
    person = cached.contact_profile(month, contact_id)
    scores = kept.scores_of(month, contact_id)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _scores(month, person, scores)
    with right:
        with st.container(border=True, gap="xsmall"):
            st.markdown("## What to do next", anchors=False)
            next_ask(month, person)
            if person.waits:
                _to_send(month, person)
            _give(month, person)
            guard_lines(month, person)
            with st.container(horizontal=True, gap="small"):
                nomination_panel(month, person)
                _by_hand(month, person)
                behind("Erase", "adv_erase", lambda: erase_form(month, person), type="tertiary")
        with st.container(border=True, height="stretch", gap="small"):
            st.markdown("## Time line", anchors=False)
            _story(month, person, kept.story_of(month, contact_id))
    _records(month, person)


def _to_send(month: Month, person: Profile) -> None:
    """The way to the list where the accepted ask waits, with its row chosen."""

    def leave() -> None:
        waiting = kept.to_send_of(month)
        own = waiting[waiting["contact_id"] == person.contact_id]
        if len(own):
            st.session_state[f"adv_picked_{SEND}"] = (str(own["ask_id"].iloc[0]), 0)
        st.session_state.pop("adv_search", None)
        go_to(TODAY, list=SEND)

    st.button(
        SEND,
        icon=":material/send:",
        key="adv_to_send",
        help="An accepted ask of this person waits in this list.",
        on_click=leave,
    )


def _give(month: Month, person: Profile) -> None:
    if found := next_give(month, person.contact_id, today()):
        st.markdown(f":small[:material/redeem: Next give: **{md(found.label)}** · {md(found.why)}]")
        given_button(month, person, found)


def _by_hand(month: Month, person: Profile) -> None:
    """The form that sets a score by hand, drawn while it is open."""
    place = st.popover("Set a score by hand", icon=":material/pan_tool:", key="adv_by_hand", on_change="rerun")
    if place.open:
        with place:
            override_form(month, person.contact_id)


def _scores(month: Month, person: Profile, scores: tuple[PersonScore, ...]) -> None:
    names = {score.label: score for score in scores}
    chosen = st.segmented_control(
        "Score",
        list(names),
        required=True,
        default=None if "adv_score" in st.session_state else next(iter(names)),
        key="adv_score",
        format_func=lambda name: _button(names[name]),
        label_visibility="collapsed",
        help=None,
    )
    score = names[str(chosen)]
    figure = kept.score_figure(month, person.contact_id, score)
    if figure is None:
        empty_state(f"{score.finding}: {score.reason}.")
    else:
        chart(figure, f"adv_score_{score.id}")
    _changed(month, person, score)


def _changed(month: Month, person: Profile, score: PersonScore) -> None:
    """What changed in a score since the month before."""
    figure = kept.change_figure(month, person.contact_id, score)
    if figure is not None:
        chart(figure, f"adv_change_{score.id}", fill=True)
        return
    with st.container(border=True, height="stretch"):
        st.markdown(f":small[{md(score.change_words)}]", help=SCORE_HELP[score.id])


def _button(score: PersonScore) -> str:
    return f"{score.label} {score.value:.0f}" if score.value is not None else f"{score.label} –"


def _records(month: Month, person: Profile) -> None:
    story = kept.story_of(month, person.contact_id)
    with st.container(border=True, gap="small"):
        tabs = st.tabs([PERMITS, ASKS, BROUGHT], key="adv_tab", on_change="rerun")
        for tab, draw in zip(tabs, (_permits, _asks, _brought), strict=True):
            if tab.open:
                with tab:
                    draw(month, person, story)


def _story(month: Month, person: Profile, story: PersonStory) -> None:
    present = list(dict.fromkeys(line.kind for line in story.lines))
    chosen = st.pills(
        "Kinds of events",
        present,
        selection_mode="multi",
        format_func=KIND_WORDS.__getitem__,
        key="adv_kinds",
        label_visibility="collapsed",
    )
    with st.container(height=STORY_HEIGHT, border=False):
        piece(kept.story_piece(month, person.contact_id, tuple(chosen)))


def _asks(month: Month, person: Profile, story: PersonStory) -> None:
    if not story.asks:
        st.markdown(":small[Nobody has asked this person for anything yet.]")
    for line in story.asks:
        with st.container(horizontal=line.is_over, vertical_alignment="center", gap="small"):
            words = f"**{md(line.label)}** · :small[{md(line.words)}]"
            st.markdown(words, width="content" if line.is_over else "stretch")
            note_buttons(person, line)


def _permits(month: Month, person: Profile, story: PersonStory) -> None:
    permissions_panel(month, person)


def _brought(month: Month, person: Profile, story: PersonStory) -> None:
    st.markdown("### Stories and other assets", anchors=False)
    piece(rows_html(("Kind", "Where", "Permitted uses", "State"), story.assets, "No story yet."))
    st.markdown("### Referrals and what they brought", anchors=False)
    if story.brought:
        st.markdown(f":small[{md(story.brought)}]")
    piece(rows_html(("Day", "State", "First-year amount"), story.referrals, "No referral yet."))
    st.markdown("### Rewards", anchors=False)
    piece(rows_html(("Day", "Kind", "Value", "State"), story.rewards, "No reward yet."))
