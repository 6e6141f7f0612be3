"""Data, view Conflicts: what people edited and sources want otherwise, tables that contradict, corrected values."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.corrections import withdraw
from core.services.data_conflicts import DataConflict
from core.services.data_screen_conflicts import ConflictsView, Dispute, conflicts_view, finding_rows
from core.services.export import csv_bytes, file_name
from core.services.record_conflicts import Side, resolve_conflict
from pages._app.cached import newest_month
from pages._app.data_kept import contradictions
from pages._app.data_views import head
from pages._app.tables import row_table
from pages._app.widgets import problem_banner
from pages._app.words import md

PER_PAGE = 10
"""Disputes on one page."""
DONE = "data_conflicts_done"


def show() -> None:
    """Draw the view."""
    month = newest_month()
    view = conflicts_view(month, contradictions(month) if month else ())
    head(view.question, view.answer, view.note)
    if done := st.session_state.pop(DONE, None):
        st.toast(md(done), icon=":material/check:")
    _disputes(view)
    _contradictions(view)
    _corrections(view)


def _disputes(view: ConflictsView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(
            f"## Edited here, different at the source: {len(view.disputes)}\n\n"
            ":small[An import never overwrites what somebody edited here; a person decides which side holds]",
            anchors=False,
        )
        if not view.disputes:
            st.markdown(":small[Nothing waits. Conflicts appear here when an import wants an edited cell otherwise.]")
        pages = -(-len(view.disputes) // PER_PAGE)
        page = st.pagination(pages, key="data_disputes_page") if pages > 1 else 1
        for item in view.disputes[(page - 1) * PER_PAGE : page * PER_PAGE]:
            _dispute(item)
        if not view.decided.empty:
            with st.expander(f"Decided ({len(view.decided)})"):
                row_table(view.decided, "Decided conflicts", key="data_decided")


def _dispute(item: Dispute) -> None:
    """One cell on one line: where it is, what it says here, what at the source, and the two decisions."""
    where, ours, keep, theirs, take = st.columns([3, 2, 1.3, 2, 1.3], gap="small", vertical_alignment="center")
    where.markdown(f"**{md(item.label)}**  \n:small[{md(item.told)}]")
    ours.markdown(f":small[Here]  \n{md(item.ours)}")
    theirs.markdown(f":small[At the source]  \n{md(item.theirs)}")
    sides: tuple[tuple[Side, str, DeltaGenerator], ...] = (("ours", "Keep ours", keep), ("theirs", "Take theirs", take))
    for side, act, place in sides:
        if place.button(act, key=f"data_{side}_{item.conflict.id}_{item.conflict.version}", width="stretch"):
            _decide(item, side)


def _decide(item: Dispute, side: Side) -> None:
    try:
        resolve_conflict(LOCAL_USER, item.conflict.id, side, now(), item.conflict.version)
    except CouncilError as problem:
        problem_banner(problem)
    else:
        _done(f"{item.label}: {'ours was kept' if side == 'ours' else 'the source was followed'}.")


def _contradictions(view: ConflictsView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(
            f"## Tables that contradict each other: {len(view.found)}\n\n"
            ":small[Neither table is changed: whoever owns it corrects it at the source, or here in the rows of a KPI]",
            anchors=False,
        )
        for item in view.found:
            _finding(item)
        if view.clean:
            st.markdown(f":material/check: :small[Nothing found: {md(' · '.join(view.clean))}]")
        if view.unchecked:
            told = " · ".join(f"{label} (needs {tables})" for label, tables in view.unchecked)
            st.markdown(f":material/help: :small[Not checked: {md(told)}]")
        if not (view.found or view.clean or view.unchecked):
            st.markdown(":small[Load accounts and subscriptions in the view Import: checks start with them.]")


def _finding(item: DataConflict) -> None:
    with st.container(gap="xxsmall"):
        st.markdown(f"**{md(item.label)}** :orange-badge[{item.count:,}]  \n{md(item.sentence)}")
        st.markdown(f":small[What to do: {md(item.advice)}]")
        if item.rows.empty:
            return
        place = st.expander(f"Rows ({len(item.rows):,})", key=f"data_finding_{item.id}", on_change="rerun")
        if not place.open:
            return
        with place:
            row_table(finding_rows(item), item.label, key=f"data_rows_{item.id}")
            content = csv_bytes(item.rows)
            st.download_button(
                "Download CSV",
                content,
                file_name(item.label, content, "csv"),
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"data_csv_{item.id}",
            )


def _corrections(view: ConflictsView) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(
            f"## Corrected values: {len(view.active)}\n\n"
            ":small[A correction outlives imports until the source says the same, or somebody withdraws it]",
            anchors=False,
        )
        disputed = [line for line in view.active if line.disputed]
        if disputed:
            st.warning(
                md(f"The source has since sent a third value for {len(disputed)}: {disputed[0].label}."),
                icon=":material/warning:",
            )
        if view.active:
            row_table(view.corrected, "Corrections that hold", key="data_corrected")
            _withdraw_form(view)
        else:
            st.markdown(
                ":small[No value is corrected. To correct one, open the rows behind a figure on its screen and choose "
                "“Correct a value”.]"
            )
        if not view.retired.empty:
            with st.expander(f"No longer in force ({len(view.retired)})"):
                row_table(view.retired, "Corrections that hold no longer", key="data_retired")


@st.fragment
def _withdraw_form(view: ConflictsView) -> None:
    lines = {line.correction.id: line for line in view.active}
    chosen = st.selectbox(
        "Withdraw a correction",
        list(lines),
        index=None,
        format_func=lambda number: lines[number].label,
        placeholder="Choose a correction",
        key="data_withdraw",
    )
    if chosen not in lines:
        return
    version = lines[chosen].correction.version
    with st.form(f"data_withdraw_{chosen}_{version}", border=False, enter_to_submit=False):
        reason = st.text_input("Why the source is right after all", key=f"data_withdraw_why_{chosen}_{version}")
        is_sent = st.form_submit_button("Withdraw", key=f"data_withdraw_do_{chosen}_{version}")
    if is_sent:
        try:
            withdraw(LOCAL_USER, chosen, version, reason, now())
        except CouncilError as problem:
            problem_banner(problem)
        else:
            _done("Withdrawn: the source speaks again.")


def _done(words: str) -> NoReturn:
    st.session_state[DONE] = words
    st.rerun()
