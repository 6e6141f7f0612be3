"""Pool health: who carries the asks, what the pool can bear, where it falls short, how well a chance is foretold."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.services.home import Month
from core.services.pool_health import PoolHealth
from core.services.pool_words import Card, Section
from pages._app import cached_advocates as kept
from pages._app.advocates_funnel import funnel
from pages._app.advocates_views import open_profile
from pages._app.figure_cards import figure_cards
from pages._app.tables import height_of
from pages._app.widgets import chart, fact_row, md, word_list

DRAWN = ("load", "capacity")
"""Sections with figures of their own."""


def health(month: Month) -> None:
    """Draw the view."""
    view = kept.health_of(month)
    sections = {section.id: section for section in view.sections}
    for name in DRAWN:
        if name in sections:
            _drawn(month, sections[name])
    funnel(month, sections["funnel"])
    rest = [section for section in view.sections if section.id not in (*DRAWN, "funnel")]
    for pair in (rest[place : place + 2] for place in range(0, len(rest), 2)):
        for column, section in zip(st.columns(2, gap="small"), pair, strict=False):
            with column, st.container(border=True, height="stretch", gap="small"):
                _section(section)
    _propensity(month)
    figure_cards(month, "programme", "The programme's figures with their definitions and rows")
    _method(view)


def _drawn(month: Month, section: Section) -> None:
    """A section whose figures stand beside its cards."""
    figures = kept.health_figures(month, section.id)
    first, more = figures[:1], figures[1:]
    left, right = st.columns(2, gap="small")
    with left:
        with st.container(border=True, height="content" if more else "stretch", gap="small"):
            _section(section)
        for name, figure in more:
            chart(figure, f"adv_{name}", fill=True)
    with right:
        for name, figure in first:
            chart(figure, f"adv_{name}", fill=True)


def _section(section: Section) -> None:
    st.markdown(f"## {md(section.title)}", anchors=False)
    _cards(section.cards)
    if section.definition:
        st.markdown(f":small[{md(section.definition)}]")
    _rows(section.id, section.table, section.empty)


def _cards(cards: tuple[Card, ...]) -> None:
    fact_row([(card.label, card.value, card.note) for card in cards])


def _rows(name: str, table: pd.DataFrame, empty: str) -> None:
    """The rows behind a section, drawn while they are open; a person's row opens the profile."""
    if table.empty:
        st.markdown(f":small[{md(empty)}]")
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
    figures = kept.propensity_figures(month)
    for column, (name, figure) in zip(st.columns(max(len(figures), 1), gap="small"), figures, strict=False):
        with column:
            chart(figure, f"adv_{name}", fill=True)


def _method(view: PoolHealth) -> None:
    if view.missing:
        names = ", ".join(table.replace("_", " ") for table, _ in view.missing)
        with st.expander(md(f"Not loaded: {names}"), icon=":material/table:"):
            for table, unlocks in view.missing:
                st.markdown(md(f"{table.replace('_', ' ').capitalize()} unlocks {unlocks}."))
    with st.expander("How the pool is measured"):
        word_list([(label, (text,)) for label, text in view.method])
