"""The parts of Path: the stages, the list of accounts, one account, the segments, the customers behind a step."""

from functools import lru_cache
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts.base import CONFIG, Sent
from core.charts.overview import board, fold, table
from core.charts.path import StageBar, account_html, stage_bars
from core.errors import CouncilError
from core.glossary import NOTHING, display
from core.services.export import csv_bytes, file_name
from core.services.home import Month
from core.services.path import PathView
from core.services.path_accounts import (
    HERE,
    LATE,
    LIST_HELP,
    LISTS,
    REACHED,
    AccountList,
    AccountPath,
    account_path,
    path_accounts,
    stage_named,
)
from core.services.path_step_rows import path_step_rows
from pages._app import cached
from pages._app.screens import PAGES
from pages._app.tables import height_of, lean, open_table, sent
from pages._app.this_run import working_day
from pages._app.widgets import md, nothing

EVERY_STAGE = "All stages"
PARTS = (LATE, HERE, REACHED)
"""List that each part of a bar leads to."""
HEIGHT = 263
"""Height of the list in px: it ends where the chart does."""
CONTACTS = 5
"""Contacts of an account that are listed."""


def stage_chart(month: Month, segment: str | None, view: PathView) -> None:
    """The stages as bars; a click on one chooses it, and which of its accounts the list shows."""

    def build() -> Any:
        bars = [
            StageBar(line.label, line.reached, line.here, line.late, line.figures, line.step, line.unknown or "")
            for line in view.stages
        ]
        return Sent(stage_bars(bars, title=view.title, subtitle=view.subtitle))

    def choose() -> None:
        points = st.session_state["path_chart"]["selection"]["points"]
        if points:
            st.session_state["stage"] = view.stages[int(points[0]["customdata"])].label
            st.session_state["accounts"] = PARTS[int(points[0]["curve_number"])]

    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"## {md(view.title)}\n\n:small[{md(view.subtitle)}]", anchors=False)
        st.plotly_chart(
            cached.kept("path stages", (month.key, segment), build),
            key="path_chart",
            on_select=choose,
            selection_mode="points",
            alt=f"{view.title}. {view.subtitle}",
            config=CONFIG,
        )


def pick_account(month: Month, segment: str | None, view: PathView) -> str | None:
    """Draw the list of accounts with its filters; returns the chosen account, None where the list is empty.

    The card is one row that goes on below, so that filters, what they find, what can be done with it and the list need
    no rows of their own: each would be one message more.
    """
    card = st.container(
        border=True, horizontal=True, height="stretch", gap="small", vertical_alignment="bottom", key="path_choices"
    )
    with card:
        stage = st.selectbox(
            "Stage", [EVERY_STAGE, *(line.label for line in view.stages)], key="stage", bind="query-params", width=165
        )
        which = st.segmented_control(
            "Accounts", LISTS, default=HERE, required=True, key="accounts", bind="query-params", help=LIST_HELP
        )
        search = st.text_input(
            "Search", key="path_find", type="search", placeholder="Name or owner", persist_state="page", width=150
        )
        day = working_day()
        key = (month.on(day).key, segment, stage, which, search)
        found = cached.kept(
            "path accounts", key, lambda: path_accounts(month, segment, stage_named(stage), which, search, day)
        )
        account = _chosen(month, found)
        _said(month, segment, view, stage, found)
        if account is not None:
            _to_contacts(month, account)
        _file(month, found, key)
        if account is None:
            nothing("Nobody is in this list: choose another stage or list.")
        else:
            _table(found, account, cached.kept("path sent", key, lambda: sent(found.shown)), view.currency)
    return account


def _chosen(month: Month, found: AccountList) -> str | None:
    """The account the address names, where the list has it; else the first. Says so where the month knows no such."""
    asked = st.query_params.get("account", "")
    if asked in found.ids:
        return asked
    if asked:
        try:
            _account(month, asked)
        except CouncilError:
            nothing("The account of this link is no customer in this month: choose another, or another month.")
    return next(iter(found.ids), None)


def _said(month: Month, segment: str | None, view: PathView, stage: str, found: AccountList) -> None:
    """How many there are and their ARR; what is usual at the stage, and the rows behind its step."""
    line = next((item for item in view.stages if item.label == stage), None)
    late = f" · {line.limit}" if line and line.limit else ""
    lacking = f" {line.not_recorded:,} further on lack it on record." if line and line.not_recorded else ""
    told = f"{line.usual}.{lacking}" if line and line.usual else None
    st.markdown(f":small[**{md(found.said)}**{md(late)}]", width="stretch", help=told and md(told))
    if line and line.step and st.button("Step", key="path_step", type="tertiary", icon=":material/table_rows:",
                                        help="The customers its share and days are told from"):  # fmt: skip
        _open_step(month, line.id, segment)


def _to_contacts(month: Month, account_id: str) -> None:
    """The way to the contacts of the chosen account, where it has any."""
    shown = _account(month, account_id)
    if shown.people and st.button("Contacts", key="path_advocates", type="tertiary", icon=":material/group:",
                                  help="The chosen account's contacts on Advocates"):  # fmt: skip
        st.session_state["adv_search"] = st.session_state["adv_land"] = shown.name
        st.switch_page(PAGES / "advocates.py", query_params={"of": account_id})


def _file(month: Month, found: AccountList, key: object) -> None:
    content = cached.kept("path csv", key, lambda: csv_bytes(found.rows))
    st.download_button(
        "CSV",
        content,
        cached.kept("path file", key, lambda: file_name(f"path {month.month:%Y-%m}", content, "csv")),
        "text/csv",
        on_click="ignore",
        key="path_csv",
        type="tertiary",
        icon=":material/download:",
    )


def _table(found: AccountList, account: str, rows: pa.Table, currency: str) -> None:
    st.session_state["path_table"] = {"selection": {"rows": [found.ids.index(account)], "columns": [], "cells": []}}

    def remember() -> None:
        picked = st.session_state["path_table"]["selection"]["rows"]
        if picked:
            st.query_params["account"] = found.ids[picked[0]]

    st.dataframe(
        rows,
        key="path_table",
        on_select=remember,
        selection_mode="single-row",
        hide_index=True,
        height=height_of(len(found.ids), HEIGHT),
        alt="Accounts on the path",
        placeholder="",
        column_config=_columns(currency),
    )


@lru_cache(maxsize=8)
def _columns(currency: str) -> dict[str, Any]:
    """How each column of the list is written; beside one another they take what the card has at 1,440 px."""
    text, number = st.column_config.Column, st.column_config.NumberColumn
    late, silent = (
        "Days over the usual time at the stage, or our target",
        "Days since the last give or answer, from 60 on",
    )
    return lean(
        {
            "Account": text("Account", width=118),
            "Stage": text("Stage", width=104),
            "Days here": number("Days here", format="%,d", width=64),
            "Late by": number("Late by", format="%,d", width=50, help=late),
            "Silent for": number("Silent", format="%,d", width=44, help=silent),
            "ARR": number(f"ARR, {currency}", format="%,.0f", width=68),
            "Owner": text("Owner", width=118),
        }
    )


def below(view: PathView) -> str:
    """HTML of every segment on one line, most late ARR first; what is not known yet; how the path is told."""
    parts = [] if not view.segments else [_segments(view)]
    if view.gaps:
        parts.append(fold("Not known yet: " + ", ".join(label for label, _ in view.gaps), view.gaps))
    return board((), (*parts, fold("How the path is told", view.method)))


def _segments(view: PathView) -> str:
    numbers = ("Customers", "ARR", "Late", "ARR of the late", "Silent", "Speak for us")
    names = ("Segment", "Customers", "ARR", "Late", "ARR of the late", "Silent", "Speak for us", "Held up at")
    rows = [
        (
            line.segment,
            f"{line.customers:,}",
            display(line.arr, "money", view.currency),
            f"{line.late:,}",
            display(line.late_arr, "money", view.currency),
            NOTHING if line.silent is None else f"{line.silent:,}",
            NOTHING if line.speaking is None else f"{line.speaking:,}",
            line.held_up or NOTHING,
        )
        for line in view.segments
    ]
    return table(
        [(name, name in numbers) for name in names],
        rows,
        title="By segment",
        subtitle="Accounts by their segment in the month; late by the limits of the whole company",
    )


def _account(month: Month, account_id: str) -> AccountPath:
    pool, day = cached.advocates_view(month).pool, working_day()
    key = (month.on(day).key, account_id)
    return cached.kept("path account", key, lambda: account_path(month, account_id, pool, day))


def card_of(month: Month, account_id: str) -> str:
    """HTML of one account: where it stands, what to do next, its way so far, its contacts."""

    def card() -> str:
        shown = _account(month, account_id)
        wrong = shown.why and shown.why[:1].upper() + shown.why[1:]
        head = (shown.name, shown.about, shown.stands, wrong)
        step = shown.step, shown.who
        return account_html(head, step, shown.line, shown.signs, shown.people, CONTACTS, shown.judged)

    return cached.kept("path account card", (month.on(working_day()).key, account_id), card)


def _open_step(month: Month, stage: Any, segment: str | None) -> None:
    """Open the customers a step is told from."""
    rows = path_step_rows(month, stage, segment)
    if rows is None:
        return
    open_table(rows.title, rows.tie, rows.frame, "step")
