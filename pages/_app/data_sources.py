"""Data, view Sources: how fresh each source is, what is loaded, and which table to load next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.cell_words import column_label
from core.services.clock import now
from core.services.data_screen import MissingTable, SourcesView
from core.services.data_screen_finance import note_with_tie
from core.services.data_state import TableCoverage
from core.services.export import file_name
from core.services.import_as_of import LaterInStore, state_as_of
from core.services.templates import template_csv
from pages._app.cached import newest_month
from pages._app.data_kept import finance_of, sources_now
from pages._app.data_views import head
from pages._app.tables import row_table, rows_high
from pages._app.widgets import problem_banner
from pages._app.words import md

FIRST = 6
"""Missing tables that are shown before the rest."""
PICKED = "data_table"
DONE, REFUSED = "data_as_of_done", "data_as_of_refused"


def show() -> None:
    """Draw the view."""
    view, month = sources_now(), newest_month()
    tie = finance_of(month) if month else None
    head(view.question, view.answer, note_with_tie(tie, view.note))
    if done := st.session_state.pop(DONE, None):
        st.toast(md(done), icon=":material/check:")
    if view.later.words:
        _later(view.later)
    if not view.is_empty:
        _sources(view)
    if view.missing:
        _missing(view.missing)
    if not view.is_empty:
        _loaded(view)


def _later(later: LaterInStore) -> None:
    """Rows beyond the day the data describe, and the way to state a later one."""
    with st.container(border=True, gap="small"):
        st.warning(md(later.words), icon=":material/event_upcoming:")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            source = st.selectbox("Source that is complete", later.sources, key="data_as_of_source", width=240)
            day = st.date_input(
                "Complete up to",
                later.known_until or later.newest,
                format="YYYY-MM-DD",
                key="data_as_of_day",
                width=160,
            )
            st.button("State this as-of date", key="data_as_of_do", on_click=_state, args=(source, day))
        if refused := st.session_state.pop(REFUSED, None):
            problem_banner(refused)


def _state(source: str, day: dt.date) -> None:
    try:
        state_as_of(LOCAL_USER, day, now(), source)
    except CouncilError as problem:
        st.session_state[REFUSED] = str(problem)
    else:
        st.session_state[DONE] = f"{source} is complete up to {day:%Y-%m-%d}; under Runs it can be taken back."


def _sources(view: SourcesView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Sources, oldest first", anchors=False)
        row_table(
            view.sources,
            "Sources with their age",
            key="data_sources",
            config={
                "Days behind": st.column_config.NumberColumn("Days behind", help="Days behind the newest source."),
                "Usual rhythm": st.column_config.TextColumn(
                    "Usual rhythm", help="Days between the days its imports described, the median."
                ),
                "Old after": st.column_config.TextColumn(
                    "Old after", help="The shortest limit of the tables the source brings."
                ),
            },
        )
        if len(view.rows.columns) > 1:
            with st.expander("Rows per table and source"):
                row_table(view.rows, "Rows per table and source", key="data_source_rows")


def _missing(missing: Sequence[MissingTable]) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Not loaded, the most useful first", anchors=False)
        for item in missing[:FIRST]:
            _missing_row(item)
        if missing[FIRST:]:
            count = len(missing) - FIRST
            more = st.expander(
                f"{count} more {'table' if count == 1 else 'tables'}", key="data_more", on_change="rerun"
            )
            if more.open:
                with more:
                    for item in missing[FIRST:]:
                        _missing_row(item)


def _missing_row(item: MissingTable) -> None:
    name, brings, button = st.columns([2, 7, 1.6], gap="small", vertical_alignment="center")
    name.markdown(f"**{md(item.label.capitalize())}**  \n:small[{md(item.reading)}]")
    words = [f"{item.unlocks[:1].upper()}{item.unlocks[1:]}."]
    if item.at_once:
        words.append(f"KPIs: {' · '.join(item.at_once)}.")
    if item.also:
        words.append(f"Also used by: {' · '.join(item.also)}.")
    if item.rules:
        words.append(f"Capability rules: {' · '.join(item.rules)}.")
    words.append(f"Seen on {', '.join(item.screens)}.")
    brings.markdown(f":small[{md(' '.join(words))}]")
    with button:
        template_button(item.table)


def template_button(table: str) -> None:
    """The template of a table: its header and two rows that import as they are."""
    content = template_csv(table).encode()
    st.download_button(
        "Template",
        content,
        file_name(table, content, "csv"),
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"data_template_{table}",
        width="stretch",
    )


@st.fragment
def _loaded(view: SourcesView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(
            "## Loaded tables\n\n:small[Choose a row to see what the table feeds and which columns are empty]",
            anchors=False,
        )
        chosen = row_table(view.loaded, "Loaded tables", key=PICKED, most=rows_high(12), on_select="rerun")
        if chosen is not None:
            _table(view.tables[chosen])
        elif view.empty_columns:
            _empty_columns(view)


def _table(item: TableCoverage) -> None:
    """One loaded table: what rests on it."""
    lines = [("For", item.unlocks)]
    lines += [(f"KPIs that need it ({len(item.kpis)})", " · ".join(item.kpis))] if item.kpis else []
    lines += [(f"KPIs that also use it ({len(item.also)})", " · ".join(item.also))] if item.also else []
    lines += [("Capability rules", " · ".join(item.rules))] if item.rules else []
    lines += [("Screens", ", ".join(item.screens))]
    lines += [(f"Empty: {column_label(empty.column)}", f"blocks {empty.blocks}") for empty in item.empty_columns]
    st.markdown("\n".join(f"- **{md(label)}** {md(text)}" for label, text in lines))
    template_button(item.table)


def _empty_columns(view: SourcesView) -> None:
    st.markdown("### Columns nobody fills", anchors=False)
    lines = [
        f"- **{md(table)}: {md(column)}** :small[{md(f'{meaning} While it is empty, it blocks {blocks}.')}]"
        for table, column, meaning, blocks in view.empty_columns
    ]
    st.markdown("\n".join(lines))
