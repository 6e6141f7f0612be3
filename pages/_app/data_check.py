"""The last look before an import, and what it did."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.errors import CouncilError
from core.glossary import display_day
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.export import csv_bytes, file_name
from core.services.import_as_of import AsOf, day_words
from core.services.import_check import Checked, take_back
from core.services.import_draft import MODE_HELP, MODES, Draft, with_settings, with_skip
from core.services.import_frames import (
    conflicts_frame,
    counts_frame,
    problem_list,
    skipped_frame,
    unread_lines,
    without_words,
)
from core.services.import_report import ImportReport
from core.services.import_screen import QUESTION, ImportView, done_note, done_words
from pages._app.data_views import DRAFT, head
from pages._app.screens import PAGES
from pages._app.tables import row_table, rows_high
from pages._app.widgets import md, problem_banner

COLUMNS = "2 Columns"
"""Name of the step in which columns are chosen."""


def review_step(view: ImportView, draft: Draft, checked: Checked) -> None:
    """The day the files describe, what would change, how it is read, and everything that is wrong."""
    _day(view, draft)
    with st.container(border=True, gap="small"):
        st.markdown("## What would change", anchors=False)
        _settings(draft)
        if not view.counts.empty:
            _counts(view.counts)
            for told in view.emptied:
                st.markdown(f":material/info: {md(told.place)}: {md(told)}")
        elif not view.problems.empty:
            st.caption("Counts appear once the problems below are solved or their rows left out.")
        _leaving_out(view, draft, checked)
    if not view.conflicts.empty:
        with st.container(border=True, gap="small"):
            st.markdown("## Edited here since: these stay as they are", anchors=False)
            row_table(view.conflicts, "Rows edited here", key="imp_conflicts")
    if not view.problems.empty:
        _problems(view)
    _meaning(view)
    _warnings(view)


def _meaning(view: ImportView) -> None:
    """How the columns that decide over every figure are read, what the system cannot say, and what is not read."""
    unread = unread_lines(view.files)
    if not view.meant.empty:
        with st.container(border=True, gap="small"):
            st.markdown("## Read like this: is it what you mean?", anchors=False)
            st.table(view.meant.map(md), hide_index=True, border="horizontal")
            for note in view.notes:
                st.caption(md(note))
            st.button("Choose other columns", key="imp_to_columns", on_click=_to_columns)
    if unread:
        with st.container(border=True, gap="xsmall"):
            st.markdown("## Not read", anchors=False)
            st.markdown("\n".join(f"- **{md(file)}** {md(what)}" for file, what in unread))


def _to_columns() -> None:
    st.session_state["imp_step"] = COLUMNS


def _settings(draft: Draft) -> None:
    with st.container(gap="xsmall", width="stretch"):
        st.segmented_control(
            "Rows of this source that are loaded already",
            list(MODES),
            default=draft.mode,
            required=True,
            format_func=MODES.__getitem__,
            key="imp_mode",
            on_change=_set,
        )
        st.caption(MODE_HELP[draft.mode])


def _day(view: ImportView, draft: Draft) -> None:
    """Ask which day the files describe, and say what follows from it."""
    with st.container(border=True, gap="xsmall"):
        st.markdown("## These files show the company as of …", anchors=False)
        if view.day is None:
            st.caption("Asked once the problems are solved: the newest event in the rows is proposed.")
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            key = f"imp_as_of_{view.day.observed}"
            st.date_input(
                "As of",
                draft.as_of or view.day.observed,
                format="YYYY-MM-DD",
                key=key,
                on_change=_set_day,
                args=(key,),
                label_visibility="collapsed",
                help="The day the files were exported. Proposed is the newest event in them. Later months cannot be "
                "shown; changed segments, owners and stages count from this day.",
                width=160,
            )
            note = f"**{md(view.day_note)}** " if view.day_note else ""
            st.markdown(f"{note}{_proposed(view.day)}")
        for warning in view.day.warnings:
            st.warning(md(warning.message), icon=":material/event_upcoming:")


def _proposed(day: AsOf) -> str:
    if day.observed is None:
        return "Choose the day the files were exported."
    if not day.stated or day.day == day.observed:
        newest = md(display_day(day.observed))
        return f"{newest} is the newest event in the files. Choose a later day if they were exported later."
    return f"The newest event in the files is of {md(display_day(day.observed))}."


def _set_day(key: str) -> None:
    state = st.session_state
    state[DRAFT] = with_settings(state[DRAFT], None, state[key])


def _set() -> None:
    state = st.session_state
    state[DRAFT] = with_settings(state[DRAFT], state.get("imp_mode"), state[DRAFT].as_of)


def _counts(frame: pd.DataFrame) -> None:
    numbers = {name: st.column_config.NumberColumn(name, format="%,d") for name in frame.columns[1:]}
    row_table(frame, "What changes", key="imp_counts", config=numbers, most=rows_high(len(frame)))


def _leaving_out(view: ImportView, draft: Draft, checked: Checked) -> None:
    """Leave out exactly the rows that are listed, where the problems belong to rows."""
    if draft.skip is not None:
        out = without_words(len({(row.file, row.line) for row in draft.skip.every}), view.rows)
        st.checkbox(out, True, key="imp_skip_on", on_change=_keep_all)
        with st.expander("Rows left out"):
            row_table(skipped_frame(draft.skip.every), "Rows left out", key="imp_skipped")
    if view.rows_out:
        told = "The rows are listed below, and the log keeps the list."
        stay = " Problems of a whole file or column may stay: solve those first." if view.stays else ""
        st.checkbox(
            without_words(view.rows_out, view.rows),
            False,
            key="imp_skip",
            on_change=_leave_out,
            args=(checked,),
            help=f"{told}{stay}",
        )


def _leave_out(checked: Checked) -> None:
    st.session_state[DRAFT] = with_skip(st.session_state[DRAFT], checked.skip)


def _keep_all() -> None:
    st.session_state[DRAFT] = with_skip(st.session_state[DRAFT], None)


def _problem_heading(view: ImportView) -> str:
    """As many problems as the title counts, and in how many places they show."""
    noun = "Questions and problems" if view.questions else "Problems"
    places = f", in {len(view.problems):,} places" if len(view.problems) > view.problem_groups else ""
    return f"{noun} ({view.problem_groups:,}{places})"


def _problems(view: ImportView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"## {_problem_heading(view)}", anchors=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            rule = st.pills(
                "Kind",
                list(view.rules_broken),
                format_func=lambda name: f"{name} ({view.rules_broken[name]:,})",
                key="imp_rule",
                label_visibility="collapsed",
            )
            content = csv_bytes(view.problems)
            st.download_button(
                "Download CSV",
                content,
                file_name("import problems", content, "csv"),
                "text/csv",
                on_click="ignore",
                key="imp_problems_csv",
            )
        shown, count = problem_list(view.problems, rule)
        st.table(shown.map(md), hide_index=True, border="horizontal", height=420 if len(shown) > 8 else "content")
        if count > len(shown):
            st.caption(f"The first {len(shown):,} of {count:,}; the CSV holds all of them.")


def _warnings(view: ImportView) -> None:
    if not view.warnings:
        return
    with st.expander(f"Good to know ({len(view.warnings)})"):
        st.markdown("\n".join(f"- {md(item.place)}: {md(item)}" for item in view.warnings))


def done_panel(report: ImportReport, start_over: Callable[[], None]) -> None:
    """What the import did, where to look next, and how to take it back."""
    _undo(report)
    undone = st.session_state.get("imp_undone")
    head(QUESTION, "Taken back: everything is as it was before" if undone else done_words(report), done_note(report))
    if problem := st.session_state.pop("imp_problem", None):
        problem_banner(problem)
    with st.container(border=True, gap="small"):
        st.markdown("## What was taken back" if undone else "## What changed", anchors=False)
        if not undone:
            st.markdown(f"**{md(day_words(report.day, dry_run=False))}**")
        _counts(counts_frame(report))
        for warning in report.day.warnings if not undone else ():
            st.warning(md(warning.message), icon=":material/event_upcoming:")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            if st.button("See the Overview", type="primary", key="imp_overview", icon=":material/arrow_forward:"):
                start_over()
                st.switch_page(PAGES / "overview.py")
            st.button("Import more files", key="imp_more", on_click=start_over)
            if report.run_id is not None and not undone:
                st.button("Undo this import", key="imp_undo", on_click=_wants_undo)
    if report.conflicts:
        st.info(
            f"{len(report.conflicts)} cells edited here differ from the files and stay as they are. Decide on each "
            "under Conflicts.",
            icon=":material/info:",
        )
        with st.expander("Cells edited here"):
            row_table(conflicts_frame(report), "Cells edited here", key="imp_done_conflicts")
    told = [item for item in report.warnings if item.rule != "as_of"]
    if told:
        with st.expander(f"Good to know ({len(told)})"):
            st.markdown("\n".join(f"- {md(item.place)}: {md(item)}" for item in told))


def _undo(report: ImportReport) -> None:
    """Take the import back; what came of it is kept before anything is drawn."""
    if not st.session_state.pop("imp_undo_go", False):
        return
    with st.spinner("Taking the import back"):
        try:
            st.session_state["imp_undone"] = take_back(LOCAL_USER, report.source, report.run_id or 0, now())
        except CouncilError as problem:
            st.session_state["imp_problem"] = str(problem)


def _wants_undo() -> None:
    st.session_state["imp_undo_go"] = True
