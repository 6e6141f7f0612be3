"""Data, view Runs: what was imported, by whom, and taking the last import of a source back."""

from __future__ import annotations

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.data_screen_runs import (
    RunsView,
    Undoable,
    edited_rows,
    run_detail,
    runs_view,
    undo_rows,
    undo_words,
)
from core.services.import_undo import EditedSince, undo_import
from pages._app.data_views import head
from pages._app.tables import row_table, rows_high
from pages._app.widgets import empty_state, problem_banner
from pages._app.words import md

DONE, REFUSED = "data_runs_done", "data_runs_refused"
ROWS = 8
"""Imports shown without scrolling."""


def show() -> None:
    """Draw the view."""
    view = runs_view()
    head(view.question, view.answer, view.note)
    if done := st.session_state.pop(DONE, None):
        st.toast(md(done), icon=":material/check:")
    if not view.ids:
        empty_state("Every import will stand here with its files, counts and warnings. Start in the view Import.")
        return
    if view.undoable:
        _undo(view)
    _log(view)


@st.fragment
def _log(view: RunsView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown("## Imports, newest first\n\n:small[Choose a row for its files and counts]", anchors=False)
        chosen = row_table(view.log, "Imports", key="data_runs", most=rows_high(ROWS), on_select="rerun")
        _detail(view.ids[chosen or 0])


def _detail(run_id: int) -> None:
    """One import in full; the newest until another is chosen."""
    run = run_detail(run_id)
    st.markdown(f"### {md(run.title)}\n\n:small[{md(run.note)}]", anchors=False)
    if run.warnings:
        with st.expander(f"Good to know ({len(run.warnings)})"):
            st.markdown("\n".join(f"- {md(text)}" for text in run.warnings))
    files, tables = st.columns([3, 2], gap="small")
    with files:
        st.markdown(f":small[**{_counted(run.file_count, 'file')}**]")
        row_table(run.files, "Files of the import", key=f"data_files_{run_id}", most=rows_high(ROWS))
    with tables:
        st.markdown(f":small[**{_counted(len(run.tables), 'table')}**]")
        row_table(run.tables, "Rows by table", key=f"data_counts_{run_id}", most=rows_high(ROWS))
    if not run.skipped.empty:
        st.markdown(f"**Left out on request** :small[{len(run.skipped):,} problems]")
        row_table(run.skipped, "Rows left out on request", key=f"data_skipped_{run_id}", most=rows_high(ROWS))


def _counted(rows: int, what: str) -> str:
    return f"{rows:,} {what}" if rows == 1 else f"{rows:,} {what}s"


@st.fragment
def _undo(view: RunsView) -> None:
    if DONE in st.session_state:
        st.rerun()
    by_id = {item.run_id: item for item in view.undoable}
    with st.container(border=True, gap="small"):
        st.markdown(
            "## Take an import back\n\n"
            ":small[The newest import of a source: its facts and records become as before it. Corrections stay]",
            anchors=False,
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            chosen = st.selectbox(
                "Import", list(by_id), format_func=lambda number: by_id[number].label, key="data_undo", width=460
            )
            asked = st.button("Show what would change", key=f"data_undo_check_{chosen}")
        if refused := st.session_state.pop(REFUSED, None):
            problem_banner(refused)
        if asked:
            st.session_state["data_undo_shown"] = chosen
        if st.session_state.get("data_undo_shown") == chosen:
            _dry_run(by_id[chosen])


def _dry_run(run: Undoable) -> None:
    """What would change, and the button that does it; both sides where somebody has worked on its rows since."""
    try:
        with st.spinner("Counting what would change", show_time=True):
            report = undo_import(LOCAL_USER, now(), source=run.source, dry_run=True, run_id=run.run_id)
    except EditedSince as problem:
        st.error(
            "Rows of this import were edited since, so it cannot be taken back. Import the older file instead.",
            icon=":material/error:",
        )
        row_table(edited_rows(problem), "Both sides of the edited cells", key="data_undo_sides")
        return
    except CouncilError as problem:
        problem_banner(problem)
        return
    st.markdown(md(undo_words(report)))
    rows = undo_rows(report)
    if not rows.empty:
        row_table(rows, "What would change", key="data_undo_rows", most=rows_high(ROWS))
    with st.container(horizontal=True, gap="small"):
        st.button("Take it back", type="primary", key=f"data_undo_do_{run.run_id}", on_click=_take_back, args=(run,))
        st.button("Leave it", key=f"data_undo_leave_{run.run_id}", on_click=_forget)


def _take_back(run: Undoable) -> None:
    """Runs before anything is drawn, to its end even when the button is pressed twice."""
    _forget()
    try:
        undo_import(LOCAL_USER, now(), source=run.source, run_id=run.run_id)
    except CouncilError as problem:
        st.session_state[REFUSED] = str(problem)
    else:
        st.session_state[DONE] = f"Taken back: {run.label}. Import its files again to have it back."


def _forget() -> None:
    st.session_state.pop("data_undo_shown", None)
