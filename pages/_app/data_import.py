"""The import: files in, what they were taken for, what would change, and only then the import itself.

What was chosen lives in one draft of the session; the files in a private folder that goes with it. Slow work is asked
for by a callback and done in the run after it, under a name: nothing is written before the import was confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import has_database
from core.services.import_check import Checked, check, commit, draft_key
from core.services.import_draft import Draft, open_draft
from core.services.import_files import UPLOADED, UploadFolder
from core.services.import_frames import template_frame
from core.services.import_pace import Pace, Progress
from core.services.import_screen import QUESTION, ImportView, import_view
from core.services.templates import template_csv, template_tables
from pages._app import cached
from pages._app.data_check import done_panel, review_step
from pages._app.data_files import files_step
from pages._app.data_kept import sources_now
from pages._app.data_mapping import columns_step
from pages._app.data_solve import is_open, to_solve
from pages._app.data_views import DRAFT, IMPORT, VIEW, head
from pages._app.tables import row_table, rows_high
from pages._app.widgets import heading_row, md, problem_banner

T = TypeVar("T")
STEPS = ("1 Files", "2 Columns", "3 Review and import")
LOADED = ["Source", "Data up to", "Last import", "Rows"]
"""What is told of each source beside the files to choose."""
NEXT = ("Next: columns", "Next: review and import")


def show() -> None:
    """The import view of the Data screen."""
    if done := st.session_state.get("imp_done"):
        done_panel(done, _start_over)
        return
    _hold_files()
    _catch_up()
    draft: Draft | None = st.session_state.get(DRAFT)
    if draft is None:
        _start()
        return
    if st.session_state.pop("imp_go", False):
        _import(draft)
    view, checked = _viewed(draft)
    step = _head(view)
    _say_problem()
    if checked.error:
        problem_banner(checked.error)
    to_solve(view)
    if step == STEPS[0]:
        upload()
        files_step(view, draft)
    elif step == STEPS[1]:
        columns_step(view, draft)
    else:
        review_step(view, draft, checked)


def _hold_files() -> None:
    """Keep the files as long as the session lasts; a window that was away too long starts over."""
    folder: UploadFolder | None = st.session_state.get("imp_folder")
    if folder is None:
        return
    cached.hold(folder)
    if not folder.path.is_dir():
        _put_aside()
        st.session_state["imp_problem"] = "The connection was lost for minutes: choose the files again."


def _head(view: ImportView) -> str:
    """Answer, steps, and the one button that leads on."""
    left, right = heading_row()
    head(QUESTION, view.answer, view.note, left)
    st.session_state.setdefault("imp_step", STEPS[0])
    step = str(st.segmented_control("Step", STEPS, required=True, key="imp_step", label_visibility="collapsed"))
    with right:
        st.button("Start over", key="imp_over", on_click=_start_over)
        if step != STEPS[2]:
            place = STEPS.index(step)
            st.button(
                NEXT[place],
                type="secondary" if is_open(view) else "primary",
                key="imp_next",
                on_click=_go_to,
                args=(STEPS[place + 1],),
            )
        else:
            st.button(
                "Import these files",
                type="primary",
                key="imp_import",
                disabled=not view.ready or view.idle,
                on_click=_confirm,
            )
    return step


def _start() -> None:
    """Nothing is chosen yet: where the files go, and what they may look like."""
    is_empty = not has_database() or sources_now().is_empty
    answer = "Nothing is loaded yet: import your files" if is_empty else "Choose files to import"
    head(QUESTION, answer, "Accounts and subscriptions are enough to start; nothing is written until you confirm")
    _say_problem()
    left, right = st.columns([3, 2], gap="small")
    with left.container(border=True, height="stretch", gap="small"):
        st.markdown("## Your files", anchors=False)
        st.markdown("Exports of Salesforce, HubSpot or Stripe, spreadsheets, or filled-in templates: several at once.")
        upload()
        st.markdown(
            "1. **Files**: what each file holds is recognised. Where a date or a number can be read in two ways, you "
            "are asked.\n"
            "2. **Columns**: which column is which, to be looked over and changed, and remembered for the next time.\n"
            "3. **Review and import**: what is new, what changes, what would disappear. All of it becomes visible at "
            "once or nothing does, and the last import can be taken back."
        )
        _loaded()
    with right.container(border=True, height="stretch", gap="small"):
        _templates()


def _loaded() -> None:
    """Which source was last imported when, so that the next file is known; nothing while none is loaded."""
    sources = sources_now().sources
    if not sources.empty:
        st.markdown("## Loaded so far", anchors=False)
        row_table(sources[LOADED], "Sources that are loaded", key="imp_loaded", most=rows_high(5))


def upload() -> None:
    """Take files into the folder of the session and look into them."""
    token = st.session_state.setdefault("imp_token", 0)
    files = st.file_uploader(
        "Files (CSV, TSV, TXT, XLSX, Parquet) or a folder as ZIP",
        UPLOADED,
        accept_multiple_files=True,
        key=f"imp_upload_{token}",
    )
    if not files:
        return
    folder = st.session_state.setdefault("imp_folder", UploadFolder())
    problems = []
    with st.status("Taking in the files") as status:
        for file in files:
            status.update(label=f"Taking in {md(file.name)}")
            problems += folder.add(file.name, file)
        status.update(label="Looking into the files")
        if folder.files:
            st.session_state[DRAFT] = open_draft(LOCAL_USER, folder.path, st.session_state.get(DRAFT))
    if problems:
        lines = [f"  {item.place}: {item.message}" for item in problems]
        st.session_state["imp_problem"] = "\n".join(["Some files were not taken.", *lines])
    # A fresh uploader lets go of the copies Streamlit keeps in memory.
    st.session_state["imp_token"] = token + 1
    st.rerun()


def _templates() -> None:
    """A file to start from, table by table."""
    st.markdown("## Templates", anchors=False)
    tables = template_tables()
    table = st.selectbox("Table", list(tables), format_func=lambda name: name.replace("_", " "), key="imp_template")
    st.caption(md(f"Unlocks {tables[table]}"))
    st.table(template_frame(table).map(md), hide_index=True, border="horizontal", height=300, alt=f"Columns of {table}")
    content = template_csv(table).encode("utf-8-sig")
    st.download_button(
        "Download template (CSV)", content, f"{table}.csv", "text/csv", on_click="ignore", key=f"imp_csv_{table}"
    )


def _viewed(draft: Draft) -> tuple[ImportView, Checked]:
    """The draft checked and put into words, once for each state of it."""
    key = draft_key(draft)
    kept = st.session_state.get("imp_checked")
    if kept is None or kept[0] != key:
        checked = _with_progress("Checking the files", lambda told: check(LOCAL_USER, draft, now(), told))
        kept = (key, import_view(draft, checked), checked)
        st.session_state["imp_checked"] = kept
    return kept[1], kept[2]


def _with_progress(label: str, work: Callable[[Progress], T]) -> T:
    """Do something slow under a bar that names its step; the bar is gone afterwards."""
    pace, bar = Pace(), st.progress(0.0, label)
    try:
        return work(lambda step: _move(bar, *pace.told(step)))
    finally:
        bar.empty()


def _move(bar: st.delta_generator.DeltaGenerator, share: float, words: str) -> None:
    bar.progress(share, md(words))


def _import(draft: Draft) -> None:
    """Import; the report is kept before anything is drawn again, for drawing is where a further click ends a run."""

    def work(told: Progress) -> None:
        st.session_state["imp_done"] = commit(LOCAL_USER, draft, now(), told)
        _put_aside()

    try:
        _with_progress("Importing", work)
    except CouncilError as problem:
        st.session_state["imp_problem"] = str(problem)
        st.session_state.pop("imp_checked", None)
        return
    st.rerun()


def _catch_up() -> None:
    """Do what the last click asked for."""
    asked = st.session_state.pop("imp_later", None)
    if asked is None:
        return
    label, act = asked
    with st.spinner(label):
        try:
            st.session_state[DRAFT] = act()
        except CouncilError as problem:
            st.session_state["imp_problem"] = str(problem)


def _say_problem() -> None:
    if problem := st.session_state.pop("imp_problem", None):
        problem_banner(problem)


def _go_to(step: str) -> None:
    st.session_state["imp_step"] = step


def _confirm() -> None:
    st.session_state["imp_go"] = True
    # With data loaded the screen opens on Sources: the address keeps the report there, whatever ends the run.
    st.query_params[VIEW] = IMPORT


def _start_over() -> None:
    """Put everything aside."""
    _put_aside()
    st.session_state.pop("imp_done", None)


def _put_aside() -> None:
    folder = st.session_state.pop("imp_folder", None)
    if folder is not None:
        folder.close()
    for name in (DRAFT, "imp_checked", "imp_go", "imp_later", "imp_step", "imp_problem", "imp_undone"):
        st.session_state.pop(name, None)
