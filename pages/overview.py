"""Overview: how much of last year's revenue is still here, and what do referrals add?"""

import streamlit as st

from core.services.overview import QUESTION, segments
from core.services.overview_bridge import WINDOWS, Since
from core.services.overview_moves import moved_rows
from core.services.rows import rows_behind
from pages._app import cached
from pages._app.filters import as_said, pick_month, pick_segment
from pages._app.overview_boards import panels, since_words, top
from pages._app.rows import show_rows
from pages._app.starting import ways_to_start
from pages._app.widgets import empty_state, heading, heading_row, piece, rows_choice

MOVED = "What moved"

company = cached.company()
if company is None:
    heading(QUESTION, "No revenue is loaded yet", "Accounts and subscriptions are all this screen needs to start.")
    empty_state("Import accounts and subscriptions, or look around in the demo company first.", ways_to_start)
    st.stop()

is_projected = st.query_params.get("projector") == "1"


def turn() -> None:
    """Turn the projector on or off; the address carries it as `projector=1`."""
    if is_projected:
        st.query_params.pop("projector", None)
    else:
        st.query_params["projector"] = "1"


def pick_since() -> Since:
    """Let the reader choose how far back "What moved" goes; `since=quarter` in a link is understood as well."""
    asked = st.query_params.get("since")
    if asked in WINDOWS:
        as_said("since", since_words(asked))
    return st.segmented_control(
        "Moved in the last", WINDOWS, default="month", required=True,
        key="since", bind="query-params", format_func=since_words,
    )  # fmt: skip


left, right = heading_row()
with right:
    month = company.load(pick_month(company.months))
    names = segments(month)
    segment = pick_segment(names) if len(names) > 1 else None
    st.button("Leave" if is_projected else "Projector", key="projector", on_click=turn)
view = cached.overview_view(month, segment, company.targets)
heading(view.question, view.answer, view.note, left)
key = (month.key, segment, is_projected, company.targets.key, company.talk)
words = cached.attention_of(month, company)
piece(cached.kept("overview top", key, lambda: top(view, words, is_projected=is_projected)))
with st.container(horizontal=True, horizontal_alignment="distribute", gap="medium"):
    chosen = rows_choice([*(card.result.label for card in view.cards), MOVED])
    since = pick_since()
moved = cached.moved_since(month, segment, since)
window = (None if month.month == company.months[0] else month.month, since)
piece(cached.kept("overview panels", (*key, since), lambda: panels(view, moved, window, is_projected=is_projected)))
if chosen is not None:
    kpis = {card.result.label: card.rows_of for card in view.cards}.get(chosen, ())
    show_rows([rows_behind(month, kpi, segment) for kpi in kpis] or list(moved_rows(month, segment, since)))
