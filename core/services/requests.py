"""Reference requests: who can give what sales asks for, all open requests together, and how soon."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from core.advocacy.guardrails import EVERY_ASK, GUARDS, GuardState
from core.advocacy.ladder import own_guards
from core.advocacy.matching import RequestMatches, match
from core.advocacy.turnaround import request_clocks
from core.model.activities import load_activities
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules
from core.month import Month
from core.services.clock import local_day
from core.services.request_deals import DealLine, deals_without
from core.services.request_facts import UNCHECKED, requests_answer, requests_facts
from core.services.request_lines import RequestLine, request_lines
from core.services.request_log import clock_note, moment, request_steps

QUESTION = "Who can give the references sales needs, and do referrals get an answer in time?"


OPEN_LIST, ASKED_LIST, CLOSED_LIST = "Open", "Person asked", "Closed lately"
"""Lists of requests: something is to be done here, the person was asked, nothing is to be done any more."""


@dataclass(frozen=True)
class RequestsView:
    """Everything about reference requests on the screen.

    Attributes:
        answer: The answer in one sentence.
        note: Where the clocks stand and what the list holds.
        facts: Label, value and note of the figures.
        lines: Open requests by what is due first, then those closed lately.
        deals: Late deals without a request, largest first.
        missing: Whether the table of requests is not loaded.
    """

    answer: str
    note: str
    facts: tuple[tuple[str, str, str], ...]
    lines: tuple[RequestLine, ...]
    deals: tuple[DealLine, ...]
    missing: bool

    @property
    def lists(self) -> dict[str, tuple[RequestLine, ...]]:
        """Requests by the list they stand in."""
        live = [line for line in self.lines if line.status != "no_clock"]
        return {
            OPEN_LIST: tuple(line for line in live if line.asked != "sent"),
            ASKED_LIST: tuple(line for line in live if line.asked == "sent"),
            CLOSED_LIST: tuple(line for line in self.lines if line.status == "no_clock"),
        }


def open_matches(month: Month, day: dt.date | None = None) -> tuple[RequestMatches, ...]:
    """All requests that need somebody, served together from the people who may be asked today.

    Where nobody may be asked because a table of a guardrail is not loaded, the reason of each names it.

    Args:
        month: The month.
        day: Today, on which rests are judged; None is the month's last day, as in every earlier month.
    """
    needs, people = month.reference_needs, month.on(day).reference_pool
    found = match(needs[needs["to_match"]], people, load_request_rules().matching)
    if not people.empty or not (absent := _not_checked(month)):
        return found
    return tuple(replace(item, reason=f"{UNCHECKED}, nothing is loaded from {' or '.join(absent)}") for item in found)


def _not_checked(month: Month) -> list[str]:
    """Tables that would settle the guardrails of a reference which are not checked."""
    concern = [*EVERY_ASK, *(GUARDS[place] for place in own_guards(load_activities().activities["reference"]))]
    guards = month.guards
    open_ones = guards["guard"].isin(concern) & (guards["state"] == GuardState.NOT_CHECKED)
    return sorted(map(str, guards.loc[open_ones, "unlocks"].unique()))


def requests_view(month: Month, versions: dict[str, int], now: dt.datetime | None = None) -> RequestsView:
    """Reference requests as they stand.

    Args:
        month: The newest month.
        versions: Version of every open request, as `request_versions` reads them.
        now: Now, UTC, which clocks are read at and on whose day rests are judged; None for the end of the month.
    """
    rules, steps = load_request_rules(), request_steps()
    at = moment(month, now)
    rows = request_clocks(month.reference_needs, steps, at, rules.turnaround, kpi_rules().fast_lane)
    day = None if now is None else local_day(now)
    matches = {item.request_id: item for item in open_matches(month, day)}
    shown = _shown(rows, at, rules.turnaround.recent_days)
    deals = deals_without(month, rules.deals)
    return RequestsView(
        answer=requests_answer(rows, matches, deals),
        note=f"{clock_note(month, now)} · {_live(rows):,} not closed",
        facts=requests_facts(month.on(day), rows, matches, deals),
        lines=request_lines(month, shown, matches, steps, versions),
        deals=deals,
        missing="reference_requests" not in month.loaded,
    )


def match_json(month: Month, day: dt.date | None = None) -> list[dict[str, Any]]:
    """The matches as `python -m core match --json` prints them.

    Args:
        month: The month.
        day: As in `open_matches`.

    Returns:
        One entry per request that needs somebody: request_id, opportunity_id, matches (contact_id, fit in 0-100,
        reasons), assigned (contact or null), relax (drop: attributes to give up; more: further people who meet all the
        rest).
    """
    return [
        {
            "request_id": item.request_id,
            "opportunity_id": item.opportunity_id,
            "matches": [
                {"contact_id": one.contact_id, "fit": round(one.fit, 1), "reasons": list(one.reasons)}
                for one in item.matches
            ],
            "assigned": item.assigned,
            "relax": [{"drop": list(option.drop), "more": option.more} for option in item.relax],
        }
        for item in open_matches(month, day)
    ]


def _live(rows: pd.DataFrame) -> int:
    return int((rows["status"] != "no_clock").sum())


def _shown(rows: pd.DataFrame, at: dt.datetime, recent_days: int) -> pd.DataFrame:
    """Open ones by what is due first, then those needed lately, the newest first."""
    since = pd.Timestamp(at).tz_localize(None) - pd.Timedelta(days=recent_days)
    live = rows[rows["status"] != "no_clock"].sort_values(["due_at", "request_id"])
    closed = rows[(rows["status"] == "no_clock") & (rows["needed_by"] >= since)]
    return pd.concat([live, closed.sort_values(["needed_by", "request_id"], ascending=False)], ignore_index=True)
