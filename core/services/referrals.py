"""The fast lane of referrals: where each stands, whose clock runs out, who was told, what is looked at twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.advocacy.fast_lane import ENDS, STATES, State, fast_lane, milestones
from core.advocacy.referral_flags import referral_flags
from core.glossary import display
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules
from core.month import Month
from core.month.requests import told_outcomes
from core.services.referral_facts import lane_answer, lane_facts
from core.services.referral_lines import ReferralLine, referral_lines
from core.services.request_log import arrivals, clock_note, moment, referral_steps
from core.services.request_words import REFERRAL_WORDS


@dataclass(frozen=True)
class BoardColumn:
    """One state of the board: recent referrals that stand there, those too long, and the amount of their open deals."""

    state: State
    label: str
    count: int
    breached: int
    amount: str


@dataclass(frozen=True)
class LaneView:
    """Everything about referrals on the screen.

    Attributes:
        answer: The answer in one sentence.
        note: When the clocks stand, and which referrals are listed.
        facts: Label, value and note of the figures.
        board: The states, in their order.
        lines: Referrals of the recent days: breached first, the ended ones last.
        left: Referrals older than that which never were contacted, decided or given a deal.
        missing: Whether the table of referrals is not loaded.
    """

    answer: str
    note: str
    facts: tuple[tuple[str, str, str], ...]
    board: tuple[BoardColumn, ...]
    lines: tuple[ReferralLine, ...]
    left: tuple[ReferralLine, ...]
    missing: bool

    @property
    def lists(self) -> dict[str, tuple[ReferralLine, ...]]:
        """Referrals by the list they stand in; one may stand in several. Of those to tell, the late ones come first."""
        return {
            "Running": tuple(line for line in self.lines if line.state not in ENDS),
            "To judge": tuple(line for line in self.lines if line.to_judge),
            "Judged": tuple(line for line in (*self.lines, *self.left) if line.verdict),
            "To tell": tuple(sorted((line for line in self.lines if line.to_tell), key=lambda line: not line.late)),
            "Ended": tuple(line for line in self.lines if line.state in ENDS),
            "Left lying": self.left,
        }


@dataclass(frozen=True)
class Lane:
    """What the fast lane is told from: every referral with its clock, what was told, what stands against it."""

    at: dt.datetime
    rows: pd.DataFrame
    told: pd.DataFrame
    flags: pd.DataFrame
    steps: pd.DataFrame


def open_lane(month: Month, now: dt.datetime | None = None) -> Lane:
    """Every referral with what was done so far.

    Args:
        month: The month.
        now: Now, UTC, which the clocks of the newest month are read at; None for the end of the month.
    """
    rules, steps, seen = load_request_rules(), referral_steps(), arrivals()
    if not month.facts.newest:
        end = pd.Timestamp(moment(month)).tz_localize(None)
        steps, seen = steps[steps["at"] < end], seen[seen < end]
    rows = month.known_referrals
    rows = rows.assign(routed_at=_routed(rows, steps, seen))
    at = moment(month, now)
    rows = fast_lane(rows, at, rules, kpi_rules().fast_lane)
    told = pd.concat([_told(steps), told_outcomes(month)], ignore_index=True)
    return Lane(at, rows, milestones(rows, told, at, rules, month.facts.zone), referral_flags(rows, rules.fraud), steps)


def lane_view(month: Month, versions: dict[str, int], now: dt.datetime | None = None) -> LaneView:
    """Referrals as they stand.

    Args:
        month: The newest month.
        versions: Version of every referral, as `referral_versions` reads them.
        now: As in `open_lane`.
    """
    lane, rules = open_lane(month, now), load_request_rules()
    since = pd.Timestamp(lane.at).tz_localize(None) - pd.Timedelta(days=rules.fraud.judge_days)
    fresh = lane.rows["submitted_at"] >= since
    recent = lane.rows[fresh]
    left = lane.rows[~fresh & lane.rows["clock"].notna()].sort_values("submitted_at", ascending=False)
    shown = referral_lines(month, lane.rows[fresh | lane.rows.index.isin(left.index)], lane, versions)
    by_id = {line.referral_id: line for line in shown}
    lines = tuple(by_id[name] for name in recent["referral_id"])
    days = rules.fraud.judge_days
    return LaneView(
        answer=lane_answer(lines, len(left)),
        note=f"{clock_note(month, now)} · referrals of the last {days} days",
        facts=lane_facts(month, lane, recent, lines),
        board=tuple(_column(month, recent, state) for state in STATES),
        lines=lines,
        left=tuple(by_id[name] for name in left["referral_id"]),
        missing="referrals" not in month.loaded,
    )


def sla_json(month: Month, now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The clocks as `python -m core sla --json` prints them.

    Args:
        month: The month.
        now: As in `open_lane`.

    Returns:
        One entry per referral, breached first: referral_id, state, clock (what is waited for, or null), due_at (UTC, or
        null), status (breached too where an earlier clock was stopped too late), system_hours and human_hours (working
        hours, null where not known), told (milestone, at, by, text of each that was told), flags.
    """
    lane = open_lane(month, now)
    told = {str(key): rows for key, rows in lane.told[lane.told["status"] == "told"].groupby("referral_id")}
    flags = {str(key): rows["flag"].tolist() for key, rows in lane.flags.groupby("referral_id")}
    return [
        {
            "referral_id": row["referral_id"],
            "state": row["state"],
            "due_at": _instant(row["due_at"]),
            "clock": _given(row["clock"]),
            "system_hours": _hours(row["system_hours"]),
            "human_hours": _hours(row["human_hours"]),
            "status": row["status"],
            "told": [_told_json(said) for said in told[row["referral_id"]].to_dict("records")]
            if row["referral_id"] in told
            else [],
            "flags": flags.get(row["referral_id"], []),
        }
        for row in lane.rows.to_dict("records")
    ]


def _routed(rows: pd.DataFrame, steps: pd.DataFrame, seen: pd.Series) -> pd.Series:
    """When each was first given to somebody here or, failing that, first arrived; not later than its first contact.

    A contact is known to the minute, so one in the minute it was given follows it.
    """
    given = steps[steps["kind"] == "routed"].groupby("referral_id")["at"].min()
    known = pd.concat([given, seen[~seen.index.isin(given.index)]])
    routed = known.reindex(rows["referral_id"]).set_axis(rows.index).astype("datetime64[us]")
    kept: pd.Series = routed.where(
        ~(routed.dt.floor("min") > rows["first_contact_at"]) & ~(routed < rows["submitted_at"])
    )
    return kept


def _told(steps: pd.DataFrame) -> pd.DataFrame:
    said = steps[steps["kind"] == "told"].rename(columns={"at": "told_at", "author": "by", "note": "text"})
    return said[["referral_id", "milestone", "told_at", "by", "text"]]


def _column(month: Month, rows: pd.DataFrame, state: State) -> BoardColumn:
    own = rows[rows["state"] == state]
    cents = own["amount_cents"].dropna()
    amount = display(cents.sum() / 100, "money", month.currency) if state not in ENDS and len(cents) else ""
    return BoardColumn(state, REFERRAL_WORDS[state], len(own), int((own["status"] == "breached").sum()), amount)


def _told_json(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "milestone": row["milestone"],
        "at": _instant(row["told_at"]),
        "by": _given(row["by"]),
        "text": _given(row["text"]),
    }


def _given(value: Any) -> Any:
    return None if pd.isna(value) else value


def _hours(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 2)


def _instant(value: Any) -> str | None:
    return None if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%dT%H:%M:%SZ}"
