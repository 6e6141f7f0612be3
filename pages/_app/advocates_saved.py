"""Views of the pool by name: those that are ready and those the reader keeps."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import Month
from core.services.pool_view import READY_VIEWS, PoolQuery
from core.services.saved_views import NAME_LENGTH, SavedView, forget_view, keep_view, usable
from pages._app import cached_advocates as kept
from pages._app.acting import act, behind, token_of
from pages._app.texts import text_line
from pages._app.widgets import md

FORM = "pool_keep"
"""Name of the form's token."""
READY = {ready.label: ready.query for ready in READY_VIEWS}
READY_HELP = "\n\n".join(
    (
        *(f"**{md(ready.label)}**: {md(ready.help)}" for ready in READY_VIEWS),
        "Beside them your own views, seen by nobody else. A view sets the filters; the address, and so a bookmark, "
        "keeps what they are set to.",
    )
)
"""What each ready view holds."""


def views_row(month: Month) -> DeltaGenerator:
    """The views as one widget, for a button each would be a message more in every run; returns the place beside."""
    own = {view.name: view for view in kept.saved_views_of()}
    row = st.container(horizontal=True, gap="xsmall", vertical_alignment="center")
    with row:
        st.markdown(":small[Views]", width="content", help=READY_HELP)
        st.pills(
            "Views",
            [*READY, *own],
            key="pool_view",
            format_func=lambda name: md(f"★ {name}") if name in own else name,
            on_change=_take_view,
            args=(month, own),
            label_visibility="collapsed",
        )
    return row


def _take_view(month: Month, own: dict[str, SavedView]) -> None:
    chosen = st.session_state["pool_view"]
    st.session_state["pool_view"] = None
    if chosen is not None:
        st.session_state.pop("pool_report", None)
        _take(usable(own[chosen].query, kept.pool_of(month)) if chosen in own else READY[chosen])


def _take(query: PoolQuery) -> None:
    """Choose what a view chooses, and nothing else: a key that is missing would be read from the address again."""
    given: dict[str, Any] = {"segment": query.segments, "tier": query.tiers, "state": query.states,
                             "role": query.roles, "ask": query.asks}  # fmt: skip
    for name, values in given.items():
        st.session_state[f"pool_{name}"] = list(values)
    plain = {"find": "", "ready": (query.least, query.most), "sort": query.sort, "turn": query.turned, "page": 1}
    for name, value in plain.items():
        st.session_state[f"pool_{name}"] = value


def own_views(place: DeltaGenerator, query: PoolQuery) -> None:
    """The button that keeps the choice on the screen under a name, and forgets what is kept."""
    with place:
        behind("Own views", "pool_own", lambda: _own(query), type="tertiary", icon=":material/bookmark:")


def _own(query: PoolQuery) -> None:
    with st.form("pool_keep_form", border=False):
        text_line("Keep this choice as", key="pool_keep_name", limit=NAME_LENGTH)
        if query.search:
            st.markdown(":small[The searched text is not kept: it may be somebody's name.]")
        st.form_submit_button("Keep", type="primary", on_click=_keep, args=(query, token_of(FORM)))
    for view in kept.saved_views_of():
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f":small[★ {md(view.name)}]", width="stretch")
            name = f"pool_forget_{view.name}"
            st.button("Forget", key=name, type="tertiary", on_click=_forget, args=(view, token_of(name)))


def _keep(query: PoolQuery, token: str) -> None:
    name = " ".join(st.session_state["pool_keep_name"].split())
    mine = next((view for view in kept.saved_views_of() if view.name == name), None)
    act(
        f"The view {name} is kept",
        lambda: keep_view(LOCAL_USER, name, query, mine.version if mine else None, token, now()),
        about="",
        form=FORM,
    )


def _forget(view: SavedView, token: str) -> None:
    act(
        f"The view {view.name} is forgotten",
        lambda: forget_view(LOCAL_USER, view.name, view.version, token, now()),
        about="",
        form=f"pool_forget_{view.name}",
    )
