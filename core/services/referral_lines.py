"""One referral in words: company and referrer, clock, delays, what the referrer was told, what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.advocacy.fast_lane import State
from core.model.requests import Milestone
from core.month import Month
from core.services.request_words import (
    MILESTONE_WORDS,
    REFERRAL_WORDS,
    clock_words,
    day_words,
    left_words,
    names_of,
    time_words,
)
from core.stats.ids import beside

if TYPE_CHECKING:
    from core.services.referrals import Lane


@dataclass(frozen=True)
class MilestoneLine:
    """A milestone of a referral, when it was reached, and what the referrer was told of it."""

    milestone: Milestone
    label: str
    reached: str
    status: str
    told: str


@dataclass(frozen=True)
class ReferralLine:
    """One referral.

    Attributes:
        referral_id: Its id.
        version: Its version, to be given back with an act.
        company: The referred company.
        person: Who referred it, with role.
        who: The same by name alone.
        account: The referrer's account.
        submitted: Day it was submitted.
        state: Its state.
        state_words: The same in words.
        clock: What is waited for; empty without a clock.
        status: breached, at_risk, due_soon, in_time or no_clock.
        left: Time left or passed, in words.
        due: When it is due, in words.
        delays: What the system and what people took, in words.
        given_to: Who calls; empty where nobody is named.
        contacted: When the company was contacted and, where that was recorded here, by whom; empty before.
        flags: What stands against it, in words.
        verdict: approved or denied by whom, and why; empty while nobody has judged.
        to_judge: Whether something stands against it and nobody has judged.
        milestones: What was reached, in order of day; what has no day last.
    """

    referral_id: str
    version: int
    company: str
    person: str
    who: str
    account: str
    submitted: str
    state: State
    state_words: str
    clock: str
    status: str
    left: str
    due: str
    delays: tuple[tuple[str, str], ...]
    given_to: str
    contacted: str
    flags: tuple[str, ...]
    verdict: str
    to_judge: bool
    milestones: tuple[MilestoneLine, ...]

    @property
    def to_tell(self) -> tuple[MilestoneLine, ...]:
        """Milestones the referrer was not told yet."""
        return tuple(item for item in self.milestones if item.status != "told")

    @property
    def late(self) -> bool:
        """Whether the referrer should have been told of a milestone by now."""
        return any(item.status == "late" for item in self.milestones)

    @property
    def told(self) -> str:
        """How many of the milestones the referrer was told; empty before the first."""
        known = len(self.milestones)
        return f"{known - len(self.to_tell)} of {known}" if known else ""


def referral_frame(lines: Sequence[ReferralLine]) -> pd.DataFrame:
    """Referrals as a table: referral_id, Company, State, Clock, Referred by, Submitted, Told."""
    names = ("referral_id", "Company", "State", "Clock", "Referred by", "Submitted", "Told")
    rows = [
        (one.referral_id, one.company, one.state_words, clock_words(one.status, one.left), one.who, one.submitted,
         one.told)
        for one in lines
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(names))


def referral_lines(month: Month, rows: pd.DataFrame, lane: Lane, versions: dict[str, int]) -> tuple[ReferralLine, ...]:
    """Referrals in words.

    Args:
        month: The month.
        rows: The rows of the lane that are shown, in their order.
        lane: What was told, what stands against them, the steps recorded.
        versions: Version of each.
    """
    rows = rows.reset_index(drop=True)
    people = names_of(month, rows["contact_id"])
    accounts = month.facts.accounts[["account_id", "name"]]
    named = beside(rows["prospect_id"], accounts, "account_id")["name"].astype("str")
    company = rows["company"].astype("str").fillna(named).fillna("Prospect " + rows["prospect_id"])
    told = {str(key): part for key, part in lane.told.groupby("referral_id")}
    flags = {str(key): tuple(part["reason"]) for key, part in lane.flags.groupby("referral_id")}
    steps = {str(key): part for key, part in lane.steps.groupby("referral_id")}
    cells = rows.assign(company=company, person=people["person"], who=people["name"], account=people["account"])
    return tuple(
        _line(row, told.get(name), flags.get(name, ()), steps.get(name), versions.get(name, 0))
        for name, row in ((str(row["referral_id"]), row) for _, row in cells.iterrows())
    )


def _line(
    row: pd.Series, told: pd.DataFrame | None, flags: tuple[str, ...], steps: pd.DataFrame | None, version: int
) -> ReferralLine:
    state, verdict = row["state"], _verdict(steps)
    return ReferralLine(
        referral_id=str(row["referral_id"]),
        version=version,
        company=str(row["company"]),
        person=str(row["person"]),
        who=str(row["who"]),
        account=str(row["account"]),
        submitted=day_words(row["submitted_at"]),
        state=state,
        state_words=REFERRAL_WORDS[state],
        clock="" if pd.isna(row["clock"]) else str(row["clock"]),
        status=str(row["status"]),
        left=left_words(str(row["status"]), row["left_hours"]),
        due="" if pd.isna(row["due_at"]) else f"{day_words(row['due_at'])}, {row['due_at']:%H:%M} UTC",
        delays=_delays(row),
        given_to=_given_to(steps),
        contacted=_contacted(row, steps),
        flags=flags,
        verdict=verdict,
        to_judge=bool(flags) and not verdict and state not in ("rejected", "lost"),
        milestones=() if told is None else tuple(_milestone(item) for _, item in told.iterrows()),
    )


def _delays(row: pd.Series) -> tuple[tuple[str, str], ...]:
    waiting = " so far" if row["state"] == "submitted" else ""
    human = f"{time_words(row['human_hours'])}{waiting}" if pd.notna(row["human_hours"]) else "not recorded"
    if pd.notna(row["system_hours"]):
        lines = [
            ("Until somebody was given it", time_words(row["system_hours"])),
            ("From then to first contact", human),
        ]
    else:
        lines = [("When somebody was given it", "not recorded"), ("From submission to first contact", human)]
    if pd.notna(row["qualify_hours"]):
        lines.append(("From first contact to the decision of sales", time_words(row["qualify_hours"])))
    return tuple(lines)


def _contacted(row: pd.Series, steps: pd.DataFrame | None) -> str:
    if pd.isna(row["first_contact_at"]):
        return ""
    rows = None if steps is None else steps[steps["kind"] == "contacted"]
    by = "" if rows is None or rows.empty else f", recorded by {rows['author'].iloc[-1]}"
    return f"{day_words(row['first_contact_at'])}, {row['first_contact_at']:%H:%M} UTC{by}"


def _milestone(row: pd.Series) -> MilestoneLine:
    by = "" if pd.isna(row["by"]) else f" by {row['by']}"
    words = "" if pd.isna(row["text"]) else f": {row['text']}"
    told = {"told": f"told {day_words(row['told_at'])}{by}{words}", "late": "not told, late"}
    return MilestoneLine(
        milestone=row["milestone"],
        label=MILESTONE_WORDS[row["milestone"]],
        reached="" if pd.isna(row["reached_at"]) else day_words(row["reached_at"]),
        status=str(row["status"]),
        told=told.get(str(row["status"]), "not told yet"),
    )


def _verdict(steps: pd.DataFrame | None) -> str:
    rows = None if steps is None else steps[steps["kind"].isin(["approved", "denied"])]
    if rows is None or rows.empty:
        return ""
    last = rows.iloc[-1]
    return f"{str(last['kind']).capitalize()} by {last['author']} on {day_words(last['at'])}: {last['note']}"


def _given_to(steps: pd.DataFrame | None) -> str:
    rows = None if steps is None else steps[steps["kind"] == "routed"]
    return "" if rows is None or rows.empty else str(rows["given_to"].iloc[-1])
