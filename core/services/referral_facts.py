"""The headline and the figures of the fast lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from core.glossary import NOTHING, display
from core.month import Month
from core.services.referral_lines import ReferralLine
from core.services.request_facts import Fact, kpi_fact
from core.services.request_words import counted, time_words

if TYPE_CHECKING:
    from core.services.referrals import Lane


def lane_answer(lines: Sequence[ReferralLine], left: int) -> str:
    """How many wait too long, and the one to call first; else how many were answered too late or run in time."""
    running = [line for line in lines if line.status != "no_clock"]
    late = [line for line in running if line.clock_status == "breached"]
    slipped = sum(line.status == "breached" for line in running) - len(late)
    if late:
        names = counted(len(late), "referral waits", "referrals wait")
        more = f"; {slipped:,} more answered too late" if slipped else ""
        return f"{names} too long; {late[0].company} first, {late[0].left}{more}"
    if slipped:
        was = "was" if slipped == 1 else "were"
        return f"No referral waits too long, but {slipped:,} of {len(running):,} with a clock {was} answered too late"
    judge = sum(line.to_judge for line in lines)
    if running:
        risk = sum(line.status == "at_risk" for line in running)
        return f"All {len(running):,} referrals with a clock are in time" + (f", {risk:,} at risk" if risk else "")
    if judge:
        return f"No referral waits; {judge:,} to approve or deny"
    return "No referral waits for anybody" + (f"; {left:,} older ones were left lying" if left else "")


def lane_facts(month: Month, lane: Lane, recent: pd.DataFrame, lines: Sequence[ReferralLine]) -> tuple[Fact, ...]:
    """Breached, called in time, the two delays, told, to judge."""
    breached = sum(line.status == "breached" for line in lines)
    soon = sum(line.status in ("at_risk", "due_soon") for line in lines)
    slipped = sum(line.status == "breached" != line.clock_status for line in lines)
    before = f"{slipped:,} answered too late; " if slipped else ""
    called = kpi_fact("Called in time", month.kpis["fast_lane_sla_rate"], "referrals")
    judge = sum(line.to_judge for line in lines)
    return (
        ("Breached", f"{breached:,}", f"{before}{soon:,} due soon or at risk"),
        called,
        _median("System delay", recent["system_hours"], "told once referrals are given to somebody here"),
        _median("Human delay", recent.loc[recent["first_contact_at"].notna(), "human_hours"], "nobody was contacted"),
        _told(lane, recent),
        ("To approve or deny", f"{judge:,}", "something stands against them"),
    )


def _median(label: str, hours: pd.Series, unknown: str) -> Fact:
    known = hours.dropna()
    if known.empty:
        return label, NOTHING, unknown
    return label, time_words(float(known.median())), f"median of {counted(len(known), 'referral', 'referrals')}"


def _told(lane: Lane, recent: pd.DataFrame) -> Fact:
    own = lane.told[lane.told["referral_id"].isin(recent["referral_id"])]
    told, late = int((own["status"] == "told").sum()), int((own["status"] == "late").sum())
    share = told / len(own) if len(own) else None
    return "Milestones told", display(share, "ratio"), f"{told:,} of {len(own):,} to the referrer, {late:,} late"
