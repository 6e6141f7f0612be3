"""Pool health: who carries the asks, what the pool can bear, where it falls short, how well a chance is foretold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.services.home import Month
from core.services.pool_health import PoolHealth
from core.services.pool_words import Card, Section
from core.services.requests import OPEN_LIST
from pages._app import cached_advocates as kept
from pages._app.advocates_funnel import BY, funnel
from pages._app.advocates_views import open_profile
from pages._app.figure_cards import figure_cards
from pages._app.screens import PAGES
from pages._app.tables import height_of
from pages._app.widgets import chart, fact_row, md, word_list

FIRST = ("capacity", "debt", "load", "promoters", "balance")
"""Sections in the order the question asks for them; the others follow in the order of the service."""
FUNNEL, TIERS, COVERAGE, FOLD_ICON = "funnel", "tiers", "coverage", ":material/unfold_more:"


def health(month: Month) -> None:
    """Draw the view: what presses first, and behind one line each what is read more rarely."""
    view = kept.health_of(month)
    sections = {section.id: section for section in view.sections}
    _drawn(month, sections["capacity"])
    names = [name for name in dict.fromkeys((*FIRST, *sections)) if name not in ("capacity", FUNNEL, TIERS)]
    for pair in (names[place : place + 2] for place in range(0, len(names), 2)):
        for column, name in zip(st.columns(2, gap="small"), pair, strict=False):
            with column, st.container(border=True, height="stretch", gap="small"):
                _section(sections[name])
                if name == COVERAGE:
                    _to_requests()
    spread = "How the asks are spread over people, and quarter by quarter"
    _folded(spread, "load", lambda: _side_by_side(kept.health_figures(month, "load")))
    _folded(f"From ask to act: {sections[FUNNEL].title}", FUNNEL, lambda: funnel(month, sections[FUNNEL]))
    _folded(f"Tiers: {sections[TIERS].title}", TIERS, lambda: _section(sections[TIERS]))
    _folded("How well the chance of an act is foretold", "chance", lambda: _propensity(month))
    figure_cards(month, "programme", "The programme's figures with their definitions and rows")
    _method(view)


def _to_requests() -> None:
    """The way to the late deals nobody asked a reference for."""
    if st.button("Deals without a request", key="adv_requests", type="tertiary", icon=":material/forward:",
                 help="Late deals nobody asked a reference for yet, on Requests"):  # fmt: skip
        st.switch_page(PAGES / "requests.py", query_params={"queue": OPEN_LIST})


def _folded(label: str, name: str, draw: Callable[[], None]) -> None:
    """What is read more rarely, drawn and paid for while it is open; a link to a choice inside opens it."""
    opened = name == FUNNEL and BY in st.query_params
    place = st.expander(md(label), expanded=opened, key=f"adv_fold_{name}", icon=FOLD_ICON, on_change="rerun")
    if place.open:
        with place:
            draw()


def _drawn(month: Month, section: Section) -> None:
    """A section whose figure stands beside its cards."""
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch", gap="small"):
        _section(section)
    with right:
        for name, figure in kept.health_figures(month, section.id):
            chart(figure, f"adv_{name}", fill=True)


def _side_by_side(figures: Sequence[tuple[str, go.Figure]]) -> None:
    for column, (name, figure) in zip(st.columns(max(len(figures), 1), gap="small"), figures, strict=False):
        with column:
            chart(figure, f"adv_{name}", fill=True)


def _section(section: Section) -> None:
    st.markdown(f"## {md(section.title)}", anchors=False)
    _cards(section.cards)
    _rows(section.id, section.table, section.empty, section.definition)


def _cards(cards: tuple[Card, ...]) -> None:
    fact_row([(card.label, card.value, card.note) for card in cards])


def _rows(name: str, table: pd.DataFrame, empty: str, definition: str) -> None:
    """The rows behind a section and how they are counted, drawn while open; a person's row opens the profile."""
    if table.empty:
        st.markdown(f":small[{md(f'{empty} {definition}'.strip())}]")
        return
    words = "1 row" if len(table) == 1 else f"{len(table):,} rows"
    place = st.expander(words, key=f"adv_rows_{name}", icon=":material/table_rows:", on_change="rerun")
    if not place.open:
        return
    key = f"adv_health_{name}"
    ids = list(table["contact_id"]) if "contact_id" in table else []

    def open_row() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen and ids:
            open_profile(str(ids[chosen[0]]))

    with place:
        if definition:
            st.markdown(f":small[{md(definition)}]")
        st.dataframe(
            table.drop(columns="contact_id", errors="ignore"),
            key=key,
            on_select=open_row if ids else "ignore",
            selection_mode="single-row",
            hide_index=True,
            height=height_of(len(table), 320),
            alt=f"Rows behind {name}",
            placeholder="",
        )


def _propensity(month: Month) -> None:
    """How well the chance of an act is foretold, and whether it ranks the asks."""
    view = kept.propensity_of(month)
    with st.container(border=True, gap="small"):
        st.markdown(f"## {md(view.answer)}", anchors=False)
        if view.cards:
            _cards(view.cards)
    _side_by_side(kept.propensity_figures(month))


def _method(view: PoolHealth) -> None:
    if view.missing:
        names = ", ".join(table.replace("_", " ") for table, _ in view.missing)
        with st.expander(md(f"Not loaded: {names}"), icon=":material/table:"):
            for table, unlocks in view.missing:
                st.markdown(md(f"{table.replace('_', ' ').capitalize()} unlocks {unlocks}."))
    with st.expander("How the pool is measured"):
        word_list([(label, (text,)) for label, text in view.method])
