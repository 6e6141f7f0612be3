"""The headline and the figures of reference requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.advocacy.matching import RequestMatches
from core.glossary import NOTHING, display
from core.kpis.result import KpiResult
from core.model.requests import load_request_rules
from core.month import Month
from core.services.request_deals import DealLine
from core.services.request_words import counted, day_words, time_words

Fact = tuple[str, str, str]


def requests_answer(rows: pd.DataFrame, matches: Mapping[str, RequestMatches], deals: Sequence[DealLine]) -> str:
    """What is to be found and whether it can be, in one sentence; else which deals have nothing."""
    live = rows[rows["status"] != "no_clock"]
    if matches:
        served = sum(item.assigned is not None for item in matches.values())
        first = live.loc[live["to_match"], "needed_by"].min()
        verb = "needs" if len(matches) == 1 else "need"
        who = "nobody who may be asked fits" if not served else f"{served:,} can be served today"
        return f"{counted(len(matches), 'request', 'requests')} {verb} a person: {who}; the first is needed by " + (
            day_words(first)
        )
    without = f"; {counted(len(deals), 'late deal has', 'late deals have')} no reference" if deals else ""
    if len(live):
        return f"Every request that is not closed has its person ({len(live):,}){without}"
    return f"No reference is asked for{without}"


def requests_facts(
    month: Month, rows: pd.DataFrame, matches: Mapping[str, RequestMatches], deals: Sequence[DealLine]
) -> tuple[Fact, ...]:
    """Open requests and those whose person was asked, who could serve, filled in time, time to a person, bare deals."""
    live = rows[rows["status"] != "no_clock"]
    asked = int((~live["to_match"] & (live["ask_state"] == "sent")).sum())
    urgent = int(live["status"].isin(["breached", "at_risk"]).sum())
    served = sum(item.assigned is not None for item in matches.values())
    return (
        (
            "Open",
            f"{len(live) - asked:,}",
            f"{urgent:,} at risk or breached" + (f"; asked: {asked:,} more" if asked else ""),
        ),
        ("Served together", f"{served:,} of {len(matches):,}", f"from {len(month.reference_pool):,} who may be asked"),
        _filled(month.kpis["reference_fill_rate"]),
        _turnaround(rows),
        _without(month, deals),
    )


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
    return "Late deals without one", f"{len(deals):,}", f"{amount} of open deals"
