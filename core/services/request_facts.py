"""The headline and the figures of reference requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.advocacy.matching import RequestMatches
from core.glossary import NOTHING, display
from core.kpis.result import KpiResult
from core.model.requests import load_request_rules
from core.month import Month
from core.month.lists import Lists
from core.services.request_deals import DealLine
from core.services.request_words import counted, day_words, time_words

Fact = tuple[str, str, str]
UNCHECKED = "nobody could be checked"
"""Begins the reason why nobody is found where a table is not loaded, not because of the people."""


def requests_answer(rows: pd.DataFrame, matches: Mapping[str, RequestMatches], deals: Sequence[DealLine]) -> str:
    """How many are open, what they need and whether it can be found, in one sentence; else which deals have nothing.

    Open means the same in the sentence, its figure and its list: something is to be done here, which is to find a
    person or to send the ask. The one that presses most is named whatever its step, be its person asked already.
    """
    live = rows[rows["status"] != "no_clock"].sort_values(["due_at", "request_id"])
    first = f"; {_first(live.iloc[0])}" if len(live) else ""
    if matches:
        count = len(live) - _asked(live)
        needs = f"{count:,} open {'request needs' if count == 1 else 'requests need'} a person"
        if count > len(matches):
            verb = "needs" if len(matches) == 1 else "need"
            needs = f"{count:,} open: {len(matches):,} {verb} a person, {_to_send(count, matches)}"
        return f"{needs}; {_found(matches)}{first}"
    without = f"; {counted(len(deals), 'late deal has', 'late deals have')} no request" if deals else ""
    if len(live):
        return f"Every request that is not closed has its person ({len(live):,}){first}{without}"
    return f"No reference is asked for{without}"


def requests_facts(
    lists: Lists, rows: pd.DataFrame, matches: Mapping[str, RequestMatches], deals: Sequence[DealLine]
) -> tuple[Fact, ...]:
    """Open requests and those whose person was asked, who could serve, filled in time, time to a person, bare deals."""
    live = rows[rows["status"] != "no_clock"]
    asked = _asked(live)
    open_ones = len(live) - asked
    urgent = int(live["status"].isin(["breached", "at_risk"]).sum())
    full, near = _full(matches), _near(matches)
    alone = len(matches) - full - near
    parts = (("near fit, part of what is wanted", near), ("nobody", alone))
    others = "".join(f"; {name}: {count:,}" for name, count in parts if count)
    return (
        (
            "Open",
            f"{open_ones:,}",
            f"need a person: {len(matches):,}"
            + (f"; {_to_send(open_ones, matches)}" if open_ones > len(matches) else "")
            + (f"; asked, not given yet: {asked:,} more" if asked else "")
            + f"; at risk or breached: {urgent:,} of {len(live):,}",
        ),
        (
            "Full fit to ask today",
            f"{full:,} of {len(matches):,}",
            f"somebody who meets all that is wanted, among {len(lists.reference_pool):,} who may be asked{others}",
        ),
        _filled(lists.month.kpis["reference_fill_rate"]),
        _turnaround(rows),
        _without(lists.month, deals),
    )


def _first(row: pd.Series) -> str:
    """The request that is due first: by when it is needed or, once that is over, whose it is and how far it got."""
    if row["status"] != "breached":
        return f"the first is needed by {day_words(row['needed_by'])}"
    deal = "a deal without a name" if pd.isna(row["name"]) else f"“{row['name']}”"
    asked = "" if pd.isna(row["ask_state"]) else str(row["ask_state"])
    waits = {"accepted": ", its ask waits to be sent", "sent": ", its person was asked"}.get(
        asked, ", it has its person"
    )
    return f"most overdue: {deal}, since {day_words(row['needed_by'])}{'' if row['to_match'] else waits}"


def _asked(live: pd.DataFrame) -> int:
    """Requests whose person was asked and has still to give the reference."""
    return int((~live["to_match"] & (live["ask_state"] == "sent")).sum())


def _to_send(count: int, matches: Mapping[str, RequestMatches]) -> str:
    """Open ones that need nobody any more."""
    return counted(count - len(matches), "has its person", "have their person")


def _full(matches: Mapping[str, RequestMatches]) -> int:
    """Requests that get somebody who meets everything when all are served at once."""
    return sum(item.is_full for item in matches.values())


def _near(matches: Mapping[str, RequestMatches]) -> int:
    """Requests that get somebody who meets part of what is wanted."""
    return sum(item.assigned is not None and not item.is_full for item in matches.values())


def _found(matches: Mapping[str, RequestMatches]) -> str:
    """For how many somebody who meets everything can be asked, for how many somebody who meets part of it."""
    full, near = _full(matches), _near(matches)
    if full:
        parts = ((near, "a near fit"), (len(matches) - full - near, "nobody"))
        others = "".join(f", {count:,} {what}" for count, what in parts if count)
        return f"{full:,} {'has' if full == 1 else 'have'} a full fit to ask today{others}"
    if near and any(item.full for item in matches.values()):
        return f"no request has a full fit left to it, {near:,} a near fit"
    if near:
        return f"nobody who may be asked meets everything, {near:,} {'has' if near == 1 else 'have'} a near fit"
    unchecked = [item.reason for item in matches.values() if item.reason and item.reason.startswith(UNCHECKED)]
    return unchecked[0] if unchecked else "nobody who may be asked fits"


def kpi_fact(label: str, result: KpiResult, units: str) -> Fact:
    """A KPI as a figure with its sample; the reason where it may not be shown."""
    if not result.shown:
        return label, NOTHING, (result.reason or "not known").split("; ")[0]
    return label, display(result.value, result.unit, result.currency), f"of {result.n:,} {units}, 12 months"


def _filled(result: KpiResult) -> Fact:
    return kpi_fact("Filled in time", result, "requests")


def _turnaround(rows: pd.DataFrame) -> Fact:
    hours, rules = rows["person_hours"].dropna(), load_request_rules().turnaround
    if hours.empty:
        return "Time to a person", NOTHING, "told once requests are opened here"
    met = int((hours <= rules.within_hours).sum())
    within = f"{met:,} of {len(hours):,} within {time_words(rules.within_hours)}"
    return "Time to a person", time_words(float(hours.median())), within


def _without(month: Month, deals: Sequence[DealLine]) -> Fact:
    cents = [line.cents for line in deals if line.cents is not None]
    amount = display(sum(cents) / 100 if cents else None, "money", month.currency)
    return "Late deals without a request", f"{len(deals):,}", f"{amount} of open deals; nobody asked yet"
