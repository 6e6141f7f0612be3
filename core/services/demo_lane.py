"""What the demo company did with the referrals of its last half-year, recorded as people record it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle

import pandas as pd

from core.model.demo_lane import demo_lane
from core.model.requests import Milestone, load_request_rules
from core.services.access import Actor
from core.services.home import open_month
from core.services.referral_acts import judge_referral, route_referral, tell_referrer
from core.services.referrals import open_lane
from core.services.request_log import referral_versions

Act = tuple[dt.datetime, Callable[[], object]]
MINUTE = dt.timedelta(minutes=1)


def record_demo_lane() -> None:
    """Record who was given the referrals of the last half-year, what their referrers heard, and what was denied.

    Every act carries the time it was done at, never after the last day of the data. Does nothing where its author has
    recorded an act already.

    Raises:
        CouncilError: There is no complete month: the company is not the demo company.
    """
    lane = open_lane(open_month())
    if (lane.steps["author"] == demo_lane().author).any():
        return
    since = pd.Timestamp(lane.at).tz_localize(None) - pd.Timedelta(days=load_request_rules().fraud.judge_days)
    rows = lane.rows[lane.rows["submitted_at"] >= since].sort_values(["submitted_at", "referral_id"])
    told = lane.told.loc[lane.told["status"] == "told", ["referral_id", "milestone"]].itertuples(index=False, name=None)
    clerk = _Clerk(frozenset(told))
    acts = [*clerk.given(rows), *clerk.told(rows), *clerk.judged(lane.rows, lane.flags)]
    for at, act in sorted(acts, key=lambda each: each[0]):
        if at <= lane.at:
            act()


@dataclass(frozen=True)
class _Clerk:
    """Who keeps the lane: what referrers were told with their asks is known."""

    heard: frozenset[tuple[str, str]]

    @property
    def actor(self) -> Actor:
        return Actor(demo_lane().author, frozenset({"customer_marketing"}))

    def given(self, rows: pd.DataFrame) -> list[Act]:
        """Each referral given to somebody, before its first contact; some to nobody."""
        acts: list[Act] = []
        turns = zip(cycle(demo_lane().given_after_minutes), cycle(demo_lane().callers), strict=False)
        for (minutes, caller), row in zip(turns, rows.to_dict("records"), strict=False):
            if minutes:
                name, at = str(row["referral_id"]), _utc(row["submitted_at"]) + minutes * MINUTE
                if pd.notna(row["first_contact_at"]):
                    at = min(at, _utc(row["first_contact_at"]) - MINUTE)
                token = f"demo-lane-{name}-given"
                acts.append((at, partial(_save, route_referral, self.actor, name, caller, token, at)))
        return acts

    def told(self, rows: pd.DataFrame) -> list[Act]:
        """What referrers of running referrals heard of the first call and of the deal; some heard nothing."""
        acts: list[Act] = []
        running = rows[rows["state"].isin(["contacted", "qualified", "opportunity"])]
        days: dict[Milestone, str] = {"contacted": "first_contact_at", "opportunity": "opened_on"}
        for hours, row in zip(cycle(demo_lane().told_after_hours), running.to_dict("records"), strict=False):
            name = str(row["referral_id"])
            for milestone, column in days.items():
                if hours and pd.notna(row[column]) and (name, milestone) not in self.heard:
                    at, token = _utc(row[column]) + hours * 60 * MINUTE, f"demo-lane-{name}-{milestone}"
                    words = demo_lane().words[milestone]
                    told = partial(_save, tell_referrer, self.actor, name, milestone, words, token, at)
                    acts.append((at, told))
        return acts

    def judged(self, rows: pd.DataFrame, flags: pd.DataFrame) -> list[Act]:
        """What something stands against and sales did not decide in time is denied two days after the first contact."""
        late = (rows["state"] == "contacted") & (rows["status"] == "breached")
        found = rows[late & rows["referral_id"].isin(flags["referral_id"])]
        acts: list[Act] = []
        for row in found.to_dict("records"):
            name, at = str(row["referral_id"]), _utc(row["first_contact_at"]) + dt.timedelta(days=2)
            why, token = demo_lane().denied, f"demo-lane-{name}-denied"
            acts.append((at, partial(_save, judge_referral, self.actor, name, "denied", why, token, at)))
        return acts


def _save(act: Callable[..., object], actor: Actor, referral_id: str, *rest: object) -> None:
    """Do one act on the referral as it is by then: the acts before it have raised its version."""
    act(actor, referral_id, referral_versions()[referral_id], *rest)


def _utc(moment: pd.Timestamp) -> dt.datetime:
    return moment.to_pydatetime().replace(tzinfo=dt.UTC)
