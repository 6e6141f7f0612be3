"""The form of a look-back: the figures are read from the month, the lesson and the next step are entered."""

from __future__ import annotations

import streamlit as st

from core.errors import CouncilError
from core.month import Month
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.entering import TEXT_LENGTH
from core.services.meeting import Meeting
from core.services.reviews import AGAIN, ReviewDraft, record_review
from pages._app.meeting_forms import day_field, form_token, labels, saved
from pages._app.texts import text_block
from pages._app.widgets import problem_banner


@st.fragment
def review_form(view: Meeting, month: Month) -> None:
    """Record what was learned from a decision that is due, and what is done next."""
    token = form_token("review")
    lines = {line.id: line for line in view.due}
    names = labels((line.id, line.title) for line in view.due)
    # Outside the form: nothing is asked before there is something to look back at, and a day only where it is needed.
    chosen = st.selectbox(
        "Record a look-back",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Choose a decision that is due",
        key=f"meeting_look_{token}",
    )
    if chosen is None:
        return
    step = st.segmented_control(
        "What is done next",
        list(view.steps),
        format_func=lambda name: view.steps[name].capitalize(),
        key=f"meeting_step_{token}",
    )
    with st.form(f"meeting_review_form_{token}", border=False, enter_to_submit=False):
        lesson = text_block(
            "What we learned", height=96, limit=TEXT_LENGTH, key=f"meeting_lesson_{token}",
            help="The figures and the verdict above are kept with it.",
        )  # fmt: skip
        again_on = None
        if step == AGAIN:
            again_on = day_field(st.container(width=240), "Look again on", view.review_on, f"meeting_again_{token}")
        is_sent = st.form_submit_button("Record look-back", type="primary", key=f"meeting_review_send_{token}")
    if is_sent:
        draft = ReviewDraft(chosen, lesson, step or "", again_on)
        try:
            record_review(LOCAL_USER, month, draft, lines[chosen].version, token, now())
        except CouncilError as problem:
            problem_banner(problem)
        else:
            saved("review", f"Looked back: {lines[chosen].title}")
