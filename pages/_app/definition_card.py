"""One figure in full: its value, its last months, what it means, its target, its tables and where it is used."""

from functools import partial

import streamlit as st

from core.charts.cards import SIGNS
from core.glossary import NOTHING, display, display_change, display_month
from core.kpis.result import KpiResult, State
from core.services.definition_text import benchmark_words
from core.services.definitions_view import Entry, TableNeed, band_words, figure_words
from core.services.home import Month
from core.services.targets import Targets, status_means
from pages._app.cached import Company
from pages._app.cached_definitions import history_figure
from pages._app.definition_list import open_figure
from pages._app.target_form import target_tab
from pages._app.widgets import chart, fact_row, md, word_list

COLOURS = {"good": "green", "bad": "red", "neutral": "gray"}


def card(month: Month | None, entry: Entry, company: Company | None, targets: Targets) -> bool:
    """Draw one figure in full; returns whether its rows are asked for."""
    with st.container(border=True, gap="small"):
        wants_rows = _head(month, entry)
        if month is not None and entry.result is not None:
            _figure(entry, entry.result, month.currency)
    figure = history_figure(month, entry, company) if month is not None and company is not None else None
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
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        st.container(width="stretch").markdown(f"## {md(item.label)}", anchors=False)
        wanted = st.button(
            "Rows behind it", key="def_rows", icon=":material/table_rows:", disabled=month is None, width="content"
        )
    st.markdown(
        f"{md(entry.definition.question)} {md(item.text.says)}\n\n{md(item.formula)}\n\n"
        f":small[{md(entry.definition.group.label)} · owner {md(item.text.owner)} · version {item.version}]",
        anchors=False,
    )
    return wanted


def _figure(entry: Entry, result: KpiResult, currency: str) -> None:
    """This month's value with interval, sample and target; or why there is none and which table unlocks it."""
    if result.shown or result.state is State.TOO_FEW:
        fact_row(_facts(entry, result), _beside(result, currency))
    else:
        st.markdown(f"**No figure in {display_month(result.month)}**")
    words, tone = entry.standing
    if words:
        st.markdown(f":{COLOURS[tone]}-badge[{md(f'{SIGNS[tone]} {words}')}]", help=md(f"{status_means(words)}."))
    if result.reason:
        st.markdown(f":small[{md(_sentence(result.reason))}]")
    for table in entry.missing:
        name = table.name.replace("_", " ")
        st.info(md(f"Not loaded: {name}. It unlocks {table.unlocks}."), icon=":material/table:")


def _facts(entry: Entry, result: KpiResult) -> list[tuple[str, str, str]]:
    change = ""
    if result.shown and result.previous is not None:
        change = f"{display_change(result.value, result.previous, result.unit, result.currency)} on a month ago"
    target = entry.target
    since = f"from {display_month(target.month_from)}" if target and target.month_from else ""
    return [
        (display_month(result.month) if result.shown else "Counts, no rate", figure_words(result), change),
        ("95 % band", band_words(result), ""),
        ("Rests on", f"{result.n:,}", result.n_label),
        ("Target", display(target.value, result.unit, target.currency) if target else NOTHING, since),
    ]


def _beside(result: KpiResult, currency: str) -> list[tuple[str, str, str]]:
    return [
        (part.label, display(part.value, part.unit, currency), f"n {part.n:,}" if part.n else "")
        for part in result.shown_parts
    ]


def _meaning(entry: Entry) -> None:
    definition = entry.definition
    made_of = [f"{label}: {meaning}" if meaning else label for label, meaning in definition.quantities]
    lines = [
        (label, (words, *made_of)) if label == "Formula" else (label, (words,))
        for label, words in definition.lines
        if label != "Says"
    ]
    published: tuple[str, ...] = ("No published figure was found for this definition.",)
    if definition.benchmark is not None:
        told = benchmark_words(definition.item, definition.benchmark)
        published = (told, "No target: companies, definitions and years differ.")
    word_list([*lines, ("Others publish", published)])


def _tables(entry: Entry) -> None:
    lines = []
    for table in entry.tables:
        required, optional = (", ".join(names) or "none" for names in (table.required, table.optional))
        columns = (f"Columns it must have: {required}", f"May have: {optional}")
        lines.append((table.name.replace("_", " ").capitalize(), (f"{_state(table)}.", *columns)))
    word_list(lines)


def _state(table: TableNeed) -> str:
    if table.needed:
        return "Loaded" if table.loaded else f"Not loaded: unlocks {table.unlocks}"
    return "Loaded; also used" if table.loaded else "Not loaded: the figure is made without it"


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
