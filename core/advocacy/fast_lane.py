"""The fast lane of referrals: where each stands, which clock runs, what took how long, who was told."""

from __future__ import annotations

import datetime as dt
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

from core.model.deal_rules import FastLaneRules
from core.model.requests import ClockRules, Milestone, RequestRules
from core.schema.zones import local_days
from core.stats.working_hours import due_by, hours_worked, utc_time

State = Literal["submitted", "contacted", "qualified", "opportunity", "won", "lost", "rejected"]
STATES: tuple[State, ...] = get_args(State)
"""From the submission to the end; the last three are ends."""
ENDS: tuple[State, ...] = ("won", "lost", "rejected")
Status = Literal["breached", "at_risk", "due_soon", "in_time", "no_clock"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""The most urgent first."""
CLOCKS: dict[State, str] = {
    "submitted": "first contact",
    "contacted": "decision of sales",
    "qualified": "deal on record",
}
"""What the clock of a state waits for."""

STARTS: dict[State, str] = {"submitted": "submitted_at", "contacted": "first_contact_at", "qualified": "qualified_at"}
"""The instant from which the clock of a state runs."""


def fast_lane(referrals: pd.DataFrame, at: dt.datetime, rules: RequestRules, lane: FastLaneRules) -> pd.DataFrame:
    """Every referral with its state and its clock at one moment.

    submitted waits for the first contact, `lane.within_hours` working hours after the submission; contacted for the
    decision of sales, `clocks.contacted.within_hours` working hours after that contact; qualified for a deal on record,
    `clocks.qualified.within_hours` working hours after the decision. A deal and an end have no clock. A clock that an
    act starts is read at `at` or at that act, whichever is later. One that an act stopped too late stays breached while
    the next one runs.

    Args:
        referrals: One row per referral: referral_id, submitted_at, routed_at (when somebody was given it, missing where
            that is not on record), first_contact_at, qualified_at, opportunity_id, outcome (of its deal: open, won,
            lost), rejected_reason; instants UTC without zone. Other columns are kept.
        at: The moment, UTC.
        rules: When a clock warns, and the working hours of those after the first contact.
        lane: Working hours, and those until the first contact.

    Returns:
        The rows with state; clock, what is waited for, missing without one; due_at, UTC, missing without a clock;
        left_hours, working hours until then, negative once it has passed; clock_status, how that clock stands; status,
        the same, or breached where an earlier clock was stopped too late; call_late_hours and decision_late_hours [h],
        by how many working hours the contact and the decision passed their limits, missing without both ends,
        negative or 0 in time; system_hours [h], working hours from
        the submission until somebody was given it, missing where that is not on record; human_hours [h], from then
        (from the submission where it is not on record) to the first contact, or to `at` while it is waited for;
        qualify_hours [h], from the first contact to the decision. Breached first, then by what is due first; the ended
        ones last.

    Source:
        System and human delay apart: lead-response method of service teams; warnings: data/model/requests.toml.
    """
    rows = referrals.reset_index(drop=True)
    moment = pd.Series(_utc(at), index=rows.index).astype("datetime64[us]")
    state = states(rows)
    due_at = _due_at(rows, state, rules, lane)
    left = hours_worked(_read_at(rows, state, moment), due_at, lane)
    running = _status(state, left, rules)
    routed, reached = rows["routed_at"].fillna(rows["submitted_at"]), rows["first_contact_at"]
    call_late = hours_worked(rows["submitted_at"], reached, lane) - lane.within_hours
    decision_late = hours_worked(reached, rows["qualified_at"], lane) - _allowed(rules.clocks.contacted)
    slipped = (running != "no_clock") & ((call_late > 0) | (decision_late > 0))
    result = rows.assign(
        state=state,
        clock=state.map(cast(dict[str, str], CLOCKS)),
        due_at=due_at,
        left_hours=left,
        clock_status=running,
        status=running.mask(slipped, "breached"),
        call_late_hours=call_late,
        decision_late_hours=decision_late,
        system_hours=hours_worked(rows["submitted_at"], rows["routed_at"], lane),
        human_hours=hours_worked(routed, reached.where(state != "submitted", moment), lane).clip(lower=0),
        qualify_hours=hours_worked(reached, rows["qualified_at"], lane).clip(lower=0),
    )
    return _urgent_first(result)


def states(rows: pd.DataFrame) -> pd.Series:
    """State of each referral: the furthest on record, a rejection before everything.

    Args:
        rows: As in `fast_lane`.
    """
    outcome = rows["outcome"].astype("str")
    steps: list[tuple[State, pd.Series]] = [
        ("rejected", rows["rejected_reason"].notna()),
        ("won", outcome == "won"),
        ("lost", outcome == "lost"),
        ("opportunity", rows["opportunity_id"].notna()),
        ("qualified", rows["qualified_at"].notna()),
        ("contacted", rows["first_contact_at"].notna()),
    ]
    state = np.select([met.to_numpy(dtype=bool) for _, met in steps], [name for name, _ in steps], "submitted")
    return pd.Series(state, index=rows.index, dtype="str")


def milestones(rows: pd.DataFrame, told: pd.DataFrame, at: dt.datetime, rules: RequestRules, zone: str) -> pd.DataFrame:
    """Every milestone a referral has reached that its referrer is told, and whether that was done.

    What was told without a milestone (the outcome of the ask) has a day without an hour, and covers everything reached
    by the end of it.

    Args:
        rows: As `fast_lane` returns them, with opened_on and closed_on of the deal.
        told: What referrers were told: referral_id, milestone (missing where it was not said), told_at, by, text.
        at: The moment, UTC.
        rules: Milestones that are told, and in how many days.
        zone: IANA zone of the company, whose days those are.

    Returns:
        One row per referral and milestone, by the day it was reached, without a day last: referral_id, milestone,
        reached_at (missing for a rejection without a day), told_at, by, text, and status: told, late (the days have
        passed), or to tell.
        What was told before the submission tells nothing of a rejection without a day.
    """
    reached = pd.concat([_reached(rows, name) for name in rules.loop.milestones], ignore_index=True)
    named = told[told["milestone"].notna()].sort_values("told_at").drop_duplicates(["referral_id", "milestone"])
    found = reached.merge(named, on=["referral_id", "milestone"], how="left")
    whole = told[told["milestone"].isna()].sort_values("told_at").drop_duplicates("referral_id", keep="last")
    beside = found[["referral_id"]].merge(whole, on="referral_id", how="left").set_axis(found.index)
    reached_on = local_days(found["reached_at"].fillna(found["submitted_at"]), zone)
    covered = found["told_at"].isna() & (local_days(beside["told_at"], zone) >= reached_on)
    for name in ("told_at", "by", "text"):
        found[name] = found[name].where(~covered, beside[name])
    late = found["reached_at"] + pd.Timedelta(days=rules.loop.tell_days) < _utc(at)
    status = np.select([found["told_at"].notna(), late], ["told", "late"], "to tell")
    order = {name: place for place, name in enumerate(rules.loop.milestones)}
    found = found.assign(status=pd.Series(status, dtype="str"), place=found["milestone"].map(order))
    return (
        found.sort_values(["referral_id", "reached_at", "place"], kind="stable")
        .drop(columns=["place", "submitted_at"])
        .reset_index(drop=True)
    )


def _utc(at: dt.datetime) -> pd.Timestamp:
    moment = pd.Timestamp(at)
    return moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment


def _due_at(rows: pd.DataFrame, state: pd.Series, rules: RequestRules, lane: FastLaneRules) -> pd.Series:
    due = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    allowed = {
        "submitted": lane.within_hours,
        "contacted": _allowed(rules.clocks.contacted),
        "qualified": _allowed(rules.clocks.qualified),
    }
    for name, start in STARTS.items():
        own = state == name
        due[own] = utc_time(due_by(rows.loc[own, start], lane, allowed[name]), lane)
    return due


def _allowed(clock: ClockRules) -> float:
    if clock.within_hours is None:
        raise ValueError("a clock after the first contact needs within_hours")
    return clock.within_hours


def _read_at(rows: pd.DataFrame, state: pd.Series, moment: pd.Series) -> pd.Series:
    """When each clock is read: at the moment, or at the act that started it where that came later."""
    read_at = moment
    for name, start in STARTS.items():
        started = rows[start]
        read_at = read_at.mask((state == name) & (started > moment), started)
    return read_at


def _status(state: pd.Series, left: pd.Series, rules: RequestRules) -> pd.Series:
    warns = {name: getattr(rules.clocks, name) for name in CLOCKS}
    soon = state.map({name: clock.due_soon_hours for name, clock in warns.items()}).astype("float64")
    risk = state.map({name: clock.at_risk_hours for name, clock in warns.items()}).astype("float64")
    order: list[Status] = ["no_clock", "breached", "at_risk", "due_soon"]
    met = [left.isna(), left < 0, left <= risk, left <= soon]
    return pd.Series(np.select(met, order, "in_time"), index=state.index, dtype="str")


def _urgent_first(rows: pd.DataFrame) -> pd.DataFrame:
    urgency = {name: place for place, name in enumerate(STATUSES)}
    keys = rows.assign(
        ended=rows["state"].isin(list(ENDS)),
        urgency=rows["status"].map(urgency),
        newest=-rows["submitted_at"].astype("int64"),
    )
    order = keys.sort_values(["ended", "urgency", "due_at", "newest", "referral_id"], kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def _reached(rows: pd.DataFrame, milestone: Milestone) -> pd.DataFrame:
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    days: dict[Milestone, pd.Series] = {
        "contacted": rows["first_contact_at"],
        "qualified": rows["qualified_at"],
        "opportunity": rows["opened_on"].where(rows["opportunity_id"].notna()),
        "won": rows["closed_on"].where(rows["state"] == "won"),
        "lost": rows["closed_on"].where(rows["state"] == "lost"),
        "rejected": never,
    }
    day = days[milestone].astype("datetime64[us]")
    own = rows["state"] == milestone if milestone in ENDS else day.notna()
    frame = rows[["referral_id", "submitted_at"]].assign(milestone=milestone, reached_at=day)
    return frame[own]
