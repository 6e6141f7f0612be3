"""Pool: everybody in one table, filtered and sorted on the server and sent page by page; acts on many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
import streamlit as st

from core.services.access import LOCAL_USER
from core.services.asking import REASON_LENGTH, colleagues_count
from core.services.asking_bulk import MOST, BulkReport, Pick, accept_many, defer_many
from core.services.clock import now, today
from core.services.export import csv_bytes, file_name
from core.services.home import Month
from core.services.pool_view import (
    COLUMNS,
    FIRST_COLUMNS,
    SORTS,
    STATES,
    TIER_NAMES,
    PoolPage,
    PoolQuery,
    exported,
)
from pages._app import cached
from pages._app import cached_advocates as kept
from pages._app.acting import act, behind, token_of
from pages._app.advocates_saved import own_views, views_row
from pages._app.advocates_views import open_profile
from pages._app.people import ROW
from pages._app.tables import height_of, lean
from pages._app.texts import text_line
from pages._app.this_run import working_day
from pages._app.widgets import md

LIST = "pool"
"""Name of the table's token."""
CHOOSING = "Tick the box of a row to choose it; by keyboard, Shift+Space in the row."
NOBODY = pd.DataFrame()
"""No row is chosen."""
REFUSED, REPORT_HEIGHT = 4, 190
"""Refusals shown in full above the table; of more the list scrolls within this height in px."""


def pool(month: Month) -> None:
    """Draw the view."""
    _report()
    with st.container(border=True, gap="small"):
        place = views_row(month)
        query = _query(month)
        own_views(place, query)
        page = kept.page_of(month, query, int(st.session_state.get("pool_page") or 1))
        if not page.total:
            st.markdown(":small[Nobody matches. Take a filter away, or choose another view.]")
            return
        chosen = _table(month, page, query)
        _below(month, query, page, chosen)


def _first_page() -> None:
    st.session_state.pop("pool_page", None)
    _forget_report()


def _forget_report() -> None:
    st.session_state.pop("pool_report", None)


def _many(label: str, options: Sequence[str], name: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label, options, key=f"pool_{name}", bind="query-params", on_change=_first_page, placeholder="All"
    )
    return tuple(chosen)


def _query(month: Month) -> PoolQuery:
    """The filters; each stands in the address."""
    table = kept.pool_of(month)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="pool_find",
            type="search",
            placeholder="Account, person or role",
            bind="query-params",
            on_change=_first_page,
            width=210,
        )
        sort = st.selectbox("Sort by", SORTS, key="pool_sort", bind="query-params", on_change=_first_page, width=150)
        turned = st.toggle("Reverse order", key="pool_turn", bind="query-params", on_change=_first_page)
        with st.popover("Filters", icon=":material/filter_list:"):
            segments = _many("Segment", table.segments, "segment")
            tiers = _many("Tier", TIER_NAMES, "tier")
            states = _many("What to do", STATES, "state")
            asks = _many("Next ask", table.asks, "ask")
            roles = _many("Role", table.roles, "role")
            least, most = st.slider(
                "Readiness", 0, 100, (0, 100), key="pool_ready", bind="query-params", on_change=_first_page
            )
        with st.popover("Columns", icon=":material/view_column:"):
            st.multiselect("Columns", COLUMNS, list(FIRST_COLUMNS), key="pool_columns", persist_state="session")
            st.toggle("Texts in full, on three lines", key="pool_tall", persist_state="session")
    return PoolQuery(
        search=search or "",
        segments=segments,
        tiers=tiers,
        states=states,
        roles=roles,
        asks=asks,
        least=int(least),
        most=int(most),
        sort=sort,
        turned=turned,
    )


def _table(month: Month, page: PoolPage, query: PoolQuery) -> pd.DataFrame:
    """One page; returns its chosen rows."""
    rows = page.rows
    names = tuple(name for name in COLUMNS if name in (st.session_state.get("pool_columns") or FIRST_COLUMNS))
    key, tall = _key(page, query), bool(st.session_state.get("pool_tall"))

    def open_row() -> None:
        clicked = st.session_state["pool_open"].row
        if clicked is not None:
            open_profile(str(rows["contact_id"].iloc[clicked]))

    event = st.dataframe(
        kept.page_sent(month, query, page.page, names, "Profile"),
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        height=height_of(len(rows), 480),
        row_height=ROW if tall else None,
        alt="The pool",
        placeholder="",
        column_config={
            "Profile": st.column_config.ButtonColumn("Profile", key="pool_open", on_click=open_row, width=60),
            **{name: _columns(tall)[name] for name in names},
        },
    )
    places = event["selection"]["rows"]
    return rows.iloc[places] if places else NOBODY


def _key(page: PoolPage, query: PoolQuery) -> str:
    """Name of the table: another one for other rows, another state of one of them and after every act.

    The browser keeps ticks by place, so that under the same name they would pass to whoever takes the place.
    """
    held = tuple(zip(page.rows["contact_id"], page.rows["State"], strict=True))
    return f"pool_table_{abs(hash((query, page.page, held, token_of(LIST))))}"


@cache
def _columns(tall: bool) -> dict[str, Any]:
    """How each column that can be shown is written; in tall rows texts wrap, so that narrower columns have room."""
    number, text, day = st.column_config.NumberColumn, st.column_config.TextColumn, st.column_config.DateColumn
    return lean(
        {
            "Account": text("Account", width=96 if tall else 112),
            "Person": text("Person", width=136 if tall else 212),
            "Segment": text("Segment", width=92),
            "Tier": text("Tier", width=84),
            "State": text("What to do", width=92),
            "Next ask": text("Next ask", width=84),
            "Readiness": number("Readiness", format="%d", width=72),
            "Engagement": number("Engagement", format="%d", width=88),
            "Health": number("Health", format="%d", width=64),
            "Last ask": day("Last ask", format="D MMM YYYY", width=96),
            "Asks, 12 months": number("Asks, 12 months", format="%d", width=112),
            "Done, 12 months": number("Done, 12 months", format="%d", width=112),
            "Earliest": day("Earliest", format="D MMM YYYY", width=96),
            "Why": text("Why", width=200 if tall else 330),
            "Asker": text("Asker", width=130),
            "Agreed to": text("Agreed to", width=180),
            "Known": number("Known", format="percent", width=72, help="Share of the score's weight that is known"),
        }
    )


def _below(month: Month, query: PoolQuery, page: PoolPage, chosen: pd.DataFrame) -> None:
    """How many there are, the pages, and what can be done with the chosen ones."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", horizontal_alignment="distribute"):
        said = f"{page.total:,} people" if page.total != 1 else "1 person"
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
            narrowed = f": {md(query.narrowed)}" if query.narrowed else ""
            st.markdown(f":small[**{said}**{narrowed} · {len(chosen)} chosen]", width="content", help=CHOOSING)
            _acts(month, query, chosen)
        if page.pages > 1:
            st.pagination(page.pages, key="pool_page", bind="query-params")


def _acts(month: Month, query: PoolQuery, chosen: pd.DataFrame) -> None:
    picks, ready = _picks(chosen)
    token = token_of(LIST)
    st.button(
        _accepting(len(ready), len(chosen)),
        key="pool_accept",
        type="primary",
        disabled=not ready,
        help=f"Everybody is checked again when it is saved; at most {MOST} at once.",
        on_click=_accept,
        args=(month, ready, token),
    )
    behind("Defer", "pool_defer", lambda: _defer_form(picks, token), disabled=not picks)
    st.download_button(
        "CSV",
        lambda: csv_bytes(exported(month, kept.pool_of(month), query, working_day())),
        file_name("pool of advocates", month.on(working_day()).key.encode(), "csv"),
        "text/csv",
        key="pool_csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help="Everybody of this choice by id, without names, with the consent for every use.",
    )


def _accepting(ready: int, chosen: int) -> str:
    """What the button says: of how many who are chosen somebody may be asked now."""
    if not chosen:
        return "Accept"
    return f"Accept {ready}" if ready == chosen else f"Accept {ready} of {chosen}"


def _defer_form(picks: tuple[Pick, ...], token: str) -> None:
    with st.form("pool_defer_form", border=False):
        first, later = (today() + dt.timedelta(days=days) for days in (1, 90))
        st.date_input("Not before", later, min_value=first, format="YYYY-MM-DD", key="pool_until")
        text_line("Why", key="pool_why", limit=REASON_LENGTH)
        st.form_submit_button(f"Defer {len(picks)}", on_click=_defer, args=(picks, token))


def _picks(chosen: pd.DataFrame) -> tuple[tuple[Pick, ...], tuple[Pick, ...]]:
    """Of the chosen rows those with an activity near, and of these who may be asked for it now."""
    if chosen.empty:
        return (), ()
    near = chosen[chosen["towards"].notna()]
    picks = tuple(
        Pick(str(row["contact_id"]), str(row["Person"]), row["towards"], str(row["Why"]))
        for row in near.to_dict("records")
    )
    return picks, tuple(pick for pick, may in zip(picks, near["activity"].notna(), strict=True) if may)


def _accept(month: Month, picks: tuple[Pick, ...], token: str) -> None:
    people = cached.advocates_view(month).pool
    report = _many_at_once("accepted", lambda: accept_many(LOCAL_USER, month, picks, token, now()))
    if report is None:
        return
    named = {pick.contact_id for pick in picks} - set(report.contacts)
    if resting := colleagues_count(people[~people["contact_id"].isin(named)], report.contacts):
        others = "colleague of theirs rests" if resting == 1 else "colleagues of theirs rest"
        st.session_state["adv_done"] += f"; {resting:,} {others} until some days after the asks are sent"


def _defer(picks: tuple[Pick, ...], token: str) -> None:
    until, why = st.session_state["pool_until"], st.session_state["pool_why"]
    if until is None:
        st.session_state["adv_problem"] = "Nothing was saved: give the first day to propose them again."
        return
    _many_at_once("deferred", lambda: defer_many(LOCAL_USER, picks, until, why, token, now()))


def _many_at_once(what: str, save: Any) -> BulkReport | None:
    found: list[BulkReport] = []
    _forget_report()
    if not act("Saved", lambda: found.append(save()), about="", form=LIST):
        return None
    (report,) = found
    st.session_state["adv_done"] = f"{len(report.done):,} {what}, {len(report.refused):,} refused"
    st.session_state["pool_report"] = report
    return report


def _report() -> None:
    """Who was refused by the last act on many, and why, until the next act or another choice of people."""
    report: BulkReport | None = st.session_state.get("pool_report")
    if report is None or not report.refused:
        return
    many = len(report.refused) > REFUSED
    with st.container(border=True, gap="xsmall", height=REPORT_HEIGHT if many else "content"):
        verb = "was" if len(report.refused) == 1 else "were"
        st.markdown(f"**{len(report.refused):,} {verb} refused**")
        for name, reason in report.refused:
            st.markdown(f":small[**{md(name)}** · {md(reason)}]")
