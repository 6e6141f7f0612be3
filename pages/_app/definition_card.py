"""One figure in full: its value, its last months, what it means, its target, its tables and where it is used."""

from functools import partial

import streamlit as st

from core.glossary import NOTHING, display, display_change, display_month
from core.kpis.result import State
from core.services.definition_text import benchmark_words
from core.services.definitions_view import Entry, band_words, figure_words
from core.services.home import Month
from core.services.targets import Targets
from pages._app.cached import Company
from pages._app.cached_definitions import history_figure
from pages._app.definition_list import open_figure
from pages._app.target_form import target_tab
from pages._app.widgets import chart, md

TONES = {"good": ("green", "check"), "bad": ("red", "priority_high"), "neutral": ("gray", "remove")}


def card(month: Month | None, entry: Entry, company: Company | None, targets: Targets) -> bool:
    """Draw one figure in full; returns whether its rows are asked for."""
    with st.container(border=True, gap="small"):
        wants_rows = _head(month, entry)
        if entry.result is not None:
            _figure(entry)
    figure = history_figure(month, entry, targets) if month is not None else None
    if figure is not None:
        chart(figure, "def_history")
    names = ["Meaning", *(["Target"] if entry.has_targets else []), "Tables", "Used in"]
    places = dict(zip(names, st.tabs(names), strict=True))
    with places["Meaning"]:
        _meaning(entry)
    if "Target" in places:
        with places["Target"]:
            target_tab(entry, company, targets)
    with places["Tables"]:
        _tables(entry)
    with places["Used in"]:
        _uses(entry)
    return wants_rows


def _head(month: Month | None, entry: Entry) -> bool:
    item = entry.definition.item
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.markdown(
            f"## {md(item.label)}\n\n{md(entry.definition.question)}  \n"
            f":small[{md(entry.definition.group.label)} · owner {md(item.text.owner)} · version {item.version}]",
            anchors=False,
        )
        return st.button(
            "Rows behind it", key="def_rows", icon=":material/table_rows:", disabled=month is None, width="content"
        )


def _figure(entry: Entry) -> None:
    """This month's value with interval, sample and target; or why there is none and which table unlocks it."""
    result, target = entry.result, entry.target
    assert result is not None
    if result.shown or result.state is State.TOO_FEW:
        with st.grid(4, min_column_width=118, gap="xsmall"):
            label = display_month(result.month) if result.shown else "Counts, no rate"
            change = display_change(result.value, result.previous, result.unit, result.currency, ascii_minus=True)
            has_change = result.shown and result.previous is not None
            st.metric(label, figure_words(result), delta=f"{change} on a month ago" if has_change else None,
                      delta_color="off", delta_arrow="off")  # fmt: skip
            st.metric("95 % band", band_words(result))
            st.metric(f"Rests on {md(result.n_label)}", f"{result.n:,}")
            aim = display(target.value, result.unit, target.currency) if target else NOTHING
            st.metric("Target", aim)
    else:
        st.markdown(f"**No figure in {display_month(result.month)}**")
    words, tone = entry.standing
    if words:
        colour, icon = TONES[tone]
        st.markdown(f":{colour}-badge[:material/{icon}: {md(words)}]")
    if result.reason:
        st.markdown(f":small[{md(_sentence(result.reason))}]")
    for table in entry.missing:
        name = table.name.replace("_", " ")
        st.info(md(f"Not loaded: {name}. It unlocks {table.unlocks}."), icon=":material/table:")
    if result.parts:
        beside = " · ".join(
            f"{part.label} {display(part.value, part.unit, result.currency or _currency(entry))} (n {part.n:,})"
            for part in result.parts
        )
        st.markdown(f":small[Beside it: {md(beside)}]")


def _currency(entry: Entry) -> str:
    return entry.target.currency if entry.target else ""


def _meaning(entry: Entry) -> None:
    definition = entry.definition
    for label, words in definition.lines:
        st.markdown(f"**{md(label)}** {md(words)}")
    made_of = "\n".join(f"- **{md(label)}** {md(meaning)}" for label, meaning in definition.quantities)
    st.markdown(f"**The formula is made of**\n{made_of}")
    if definition.benchmark is not None:
        st.markdown(f"**Others publish** {md(benchmark_words(definition.item, definition.benchmark))}")
        st.markdown(":small[What others publish is no target: companies, definitions and years differ.]")
    else:
        st.markdown("**Others publish** nothing with a source was found.")


def _tables(entry: Entry) -> None:
    for table in entry.tables:
        mark = ":green-badge[:material/check: loaded]" if table.loaded else ":gray-badge[not loaded]"
        st.markdown(f"**{md(table.name.replace('_', ' ').capitalize())}** {mark} unlocks {md(table.unlocks)}")
        required, optional = (", ".join(names) or "none" for names in (table.required, table.optional))
        st.markdown(f":small[Columns it must have: {md(required)}. May have: {md(optional)}.]")


def _uses(entry: Entry) -> None:
    for place in entry.uses:
        if not place.figure:
            st.markdown(f"{md(place.kind)}: **{md(place.where)}**")
    others = [place for place in entry.uses if place.figure]
    if others:
        st.markdown(f"{md(others[0].kind)}:")
        with st.container(horizontal=True, gap="small"):
            for place in others:
                go = partial(open_figure, place.figure)
                st.button(md(place.where), key=f"def_go_{place.figure}", on_click=go, type="tertiary")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
