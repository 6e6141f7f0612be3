"""The last look before an import, and what it did."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.export import csv_bytes, file_name
from core.services.import_check import Checked, take_back
from core.services.import_draft import MODE_HELP, MODES, Draft, with_settings, with_skip
from core.services.import_frames import conflicts_frame, counts_frame, problem_list, skipped_frame
from core.services.import_report import ImportReport
from core.services.import_screen import QUESTION, ImportView, done_note, done_words
from pages._app.screens import PAGES
from pages._app.widgets import heading, md, problem_banner


def review_step(view: ImportView, draft: Draft, checked: Checked) -> None:
    """How to import, what would change, and everything that is wrong."""
    with st.container(border=True, gap="small"):
        st.markdown("## What would change", anchors=False)
        _settings(draft)
        if not view.counts.empty:
            _counts(view.counts)
        elif not view.problems.empty:
            st.caption("Counts appear once the problems below are solved or their rows left out.")
        _leaving_out(view, draft, checked)
    if not view.conflicts.empty:
        with st.container(border=True, gap="small"):
            st.markdown("## Edited here since: these stay as they are", anchors=False)
            st.dataframe(view.conflicts, hide_index=True, key="imp_conflicts", alt="Rows edited here")
    if not view.problems.empty:
        _problems(view)
    _warnings(view)


def _settings(draft: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
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
        st.date_input(
            "As of",
            draft.as_of,
            format="YYYY-MM-DD",
            key="imp_as_of",
            on_change=_set,
            help="The day the files describe. Left empty, it is the newest event in them. Changed segments, owners and "
            "stages count from this day.",
            width=180,
        )


def _set() -> None:
    state = st.session_state
    state["imp_draft"] = with_settings(state["imp_draft"], state.get("imp_mode"), state.get("imp_as_of"))


def _counts(frame: pd.DataFrame) -> None:
    numbers = {name: st.column_config.NumberColumn(name, format="%,d") for name in frame.columns[1:]}
    st.dataframe(frame, hide_index=True, key="imp_counts", column_config=numbers, height="content", alt="What changes")


def _leaving_out(view: ImportView, draft: Draft, checked: Checked) -> None:
    """Leave out exactly the rows that are listed, where the problems belong to rows."""
    if draft.skip is not None:
        count = len({(row.file, row.line) for row in draft.skip.every})
        st.checkbox(
            f"{count:,} row{' is' if count == 1 else 's are'} left out", True, key="imp_skip_on", on_change=_keep_all
        )
        with st.expander("Rows left out"):
            st.dataframe(skipped_frame(draft.skip.every), hide_index=True, key="imp_skipped", alt="Rows left out")
    if view.rows_out:
        rows = "1 row" if view.rows_out == 1 else f"{view.rows_out:,} rows"
        label = f"Leave out exactly the {rows} listed below, and import the rest"
        stay = " Problems of a whole file or column stay: solve those first." if view.stays else ""
        st.checkbox(
            label, False, key="imp_skip", on_change=_leave_out, args=(checked,), help=f"The log keeps the list.{stay}"
        )


def _leave_out(checked: Checked) -> None:
    st.session_state["imp_draft"] = with_skip(st.session_state["imp_draft"], checked.skip)


def _keep_all() -> None:
    st.session_state["imp_draft"] = with_skip(st.session_state["imp_draft"], None)


def _problems(view: ImportView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"## Problems ({len(view.problems):,})", anchors=False)
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
    heading(QUESTION, "Taken back: everything is as it was before" if undone else done_words(report), done_note(report))
    if problem := st.session_state.pop("imp_problem", None):
        problem_banner(problem)
    with st.container(border=True, gap="small"):
        st.markdown("## What was taken back" if undone else "## What changed", anchors=False)
        _counts(counts_frame(report))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.button("Import more files", type="primary", key="imp_more", on_click=start_over)
            if report.run_id is not None and not undone:
                st.button("Undo this import", key="imp_undo", on_click=_wants_undo)
            for file, title in (("overview", "Overview"), ("advocates", "Advocates"), ("meeting", "Meeting")):
                st.page_link(PAGES / f"{file}.py", label=title, icon=":material/arrow_forward:")
    if report.conflicts:
        st.info(
            f"{len(report.conflicts)} cells edited here differ from the files and stay as they are. Decide on each "
            "under Conflicts.",
            icon=":material/info:",
        )
        with st.expander("Cells edited here"):
            st.dataframe(conflicts_frame(report), hide_index=True, key="imp_done_conflicts", alt="Cells edited here")
    if report.warnings:
        with st.expander(f"Good to know ({len(report.warnings)})"):
            st.markdown("\n".join(f"- {md(item.place)}: {md(item)}" for item in report.warnings))


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
