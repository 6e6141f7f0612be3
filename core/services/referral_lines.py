"""One referral in words: company and referrer, clock, delays, what the referrer was told, what stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.advocacy.fast_lane import State
from core.model.kpi_rules import kpi_rules
from core.model.requests import Milestone, load_request_rules
from core.month import Month
from core.month.erased import not_erased
from core.services.clock import local_day, moment_words
from core.services.request_log import UNDONE
from core.services.request_words import (
    ACTS,
    MILESTONE_WORDS,
    REFERRAL_WORDS,
    clock_words,
    day_words,
    left_words,
    names_of,
    time_words,
)
from core.stats.ids import beside, known

if TYPE_CHECKING:
    from core.services.referrals import Lane


UNNAMED = "Company referred by "
"""How a referred company is called of which no name is on record, followed by who referred it."""

Row = dict[Hashable, Any]


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
        status: breached, at_risk, due_soon, in_time or no_clock; breached too where an earlier clock was stopped late.
        left: What the status rests on: time left or passed, or by how much an earlier clock was passed, in words.
        clock_status: How the clock that runs stands, whatever came before.
        clock_left: Time left or passed on that clock, in words.
        slipped: What was done too late: the act, by how much, and the limit, in words.
        due: When it is due, in words.
        delays: What the system and what people took, in words.
        given_to: Who calls; empty where nobody is named.
        contacted: When the company was contacted and, where that was recorded here, by whom; empty before.
        recorded_on: Day that contact was recorded here, while nothing rests on it yet; else None.
        prospect_id: Id of the company in the files, where no name of it is on record; else empty.
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
    clock_status: str
    clock_left: str
    slipped: tuple[tuple[str, str], ...]
    due: str
    delays: tuple[tuple[str, str], ...]
    given_to: str
    contacted: str
    recorded_on: dt.date | None
    prospect_id: str
    flags: tuple[str, ...]
    verdict: str
    to_judge: bool
    milestones: tuple[MilestoneLine, ...]

    def undoable(self, today: dt.date) -> bool:
        """Whether the contact may be taken back today."""
        return self.recorded_on == today

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
    people, company = names_of(month, rows["contact_id"]), _companies(month, rows)
    told, flags, steps = (_by_referral(part, rows) for part in (lane.told, lane.flags, lane.steps))
    unnamed = rows["prospect_id"].where(company.isna()).fillna("")
    company = company.fillna(UNNAMED + people["name"].set_axis(company.index))
    cells = rows.assign(
        company=company, unnamed=unnamed, person=people["person"], who=people["name"], account=people["account"]
    )
    return tuple(
        _line(row, told.get(name, []), flags.get(name, []), steps.get(name, []), versions.get(name, 0))
        for name, row in ((str(row["referral_id"]), row) for row in cells.to_dict("records"))
    )


def _by_referral(part: pd.DataFrame, rows: pd.DataFrame) -> dict[str, list[Row]]:
    """Rows of the referrals that are shown, in their order; plain ones, which a line reads far faster than frames."""
    found: dict[str, list[Row]] = {}
    for row in part[known(part["referral_id"], rows["referral_id"])].to_dict("records"):
        found.setdefault(str(row["referral_id"]), []).append(row)
    return found


def _line(row: Row, told: list[Row], flags: list[Row], steps: list[Row], version: int) -> ReferralLine:
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
        clock="" if _missing(row["clock"]) else str(row["clock"]),
        status=str(row["status"]),
        left=_left(row),
        clock_status=str(row["clock_status"]),
        clock_left=left_words(str(row["clock_status"]), row["left_hours"]),
        slipped=_slipped(row),
        due="" if _missing(row["due_at"]) else moment_words(row["due_at"]),
        delays=_delays(row),
        given_to=_given_to(steps),
        contacted=_contacted(row, steps),
        recorded_on=_recorded_on(row, steps),
        prospect_id=str(row["unnamed"]),
        flags=tuple(str(flag["reason"]) for flag in flags),
        verdict=verdict,
        to_judge=bool(flags) and not verdict and state not in ("rejected", "lost"),
        milestones=tuple(_milestone(item) for item in told),
    )


def _companies(month: Month, rows: pd.DataFrame) -> pd.Series:
    """Name of each referred company: its account, else the deal that came of it, else its e-mail domain and person."""
    accounts = month.facts.accounts[["account_id", "name"]]
    own, buys = (beside(rows[key], accounts, "account_id")["name"].astype("str")
                 for key in ("prospect_id", "deal_account_id"))  # fmt: skip
    people = not_erased(month.records["people"]).dropna(subset=["person_id"]).drop_duplicates("person_id")
    domain = people["email"].astype("str").str.rsplit("@", n=1).str[-1]
    told = people[["person_id"]].assign(told=(domain + " (" + people["full_name"].astype("str") + ")").fillna(domain))
    named = beside(rows["prospect_id"], told, "person_id")["told"].astype("str")
    return own.fillna(buys).fillna(rows["company"].astype("str")).fillna(named)


def _recorded_on(row: Row, steps: list[Row]) -> dt.date | None:
    """Day the contact on record was noted here, None where it came with an import or the referral has moved on."""
    own = _of(steps, "contacted", UNDONE)
    if row["state"] != "contacted" or not own or own[-1]["kind"] == UNDONE:
        return None
    recorded = own[-1]["at"]
    told = any(step["milestone"] == "contacted" and step["at"] >= recorded for step in steps)
    return None if told else local_day(recorded)


def _left(row: Row) -> str:
    """Time on the clock that runs, or what was done too late before it where that is all that is breached."""
    if row["status"] == row["clock_status"]:
        return left_words(str(row["clock_status"]), row["left_hours"])
    past = [f"{done} {time_words(row[hours])} late" for hours, (_, done) in ACTS.items() if row[hours] > 0]
    return ", ".join(past)


def _slipped(row: Row) -> tuple[tuple[str, str], ...]:
    limits = {
        "call_late_hours": kpi_rules().fast_lane.within_hours,
        "decision_late_hours": load_request_rules().clocks.contacted.within_hours,
    }
    return tuple(
        (label, f"late by {time_words(row[hours])}, limit {time_words(limits[hours])}")
        for hours, (label, _) in ACTS.items()
        if row[hours] > 0
    )


def _delays(row: Row) -> tuple[tuple[str, str], ...]:
    waiting = " so far" if row["state"] == "submitted" else ""
    human = f"{time_words(row['human_hours'])}{waiting}" if not _missing(row["human_hours"]) else "not recorded"
    if not _missing(row["system_hours"]):
        lines = [
            ("Until somebody was given it", time_words(row["system_hours"])),
            ("From then to first contact", human),
        ]
    else:
        lines = [("When somebody was given it", "not recorded"), ("From submission to first contact", human)]
    if not _missing(row["qualify_hours"]):
        lines.append(("From first contact to the decision of sales", time_words(row["qualify_hours"])))
    return tuple(lines)


def _contacted(row: Row, steps: list[Row]) -> str:
    if _missing(row["first_contact_at"]):
        return ""
    by = "".join(f", recorded by {step['author']}" for step in _of(steps, "contacted")[:1])
    return f"{moment_words(row['first_contact_at'])}{by}"


def _milestone(row: Row) -> MilestoneLine:
    by = "" if _missing(row["by"]) else f" by {row['by']}"
    words = "" if _missing(row["text"]) else f": {row['text']}"
    told = {"told": f"told {day_words(row['told_at'])}{by}{words}", "late": "not told, late"}
    return MilestoneLine(
        milestone=row["milestone"],
        label=MILESTONE_WORDS[row["milestone"]],
        reached="" if _missing(row["reached_at"]) else day_words(row["reached_at"]),
        status=str(row["status"]),
        told=told.get(str(row["status"]), "not told yet"),
    )


def _verdict(steps: list[Row]) -> str:
    rows = _of(steps, "approved", "denied")
    if not rows:
        return ""
    last = rows[-1]
    return f"{str(last['kind']).capitalize()} by {last['author']} on {day_words(last['at'])}: {last['note']}"


def _given_to(steps: list[Row]) -> str:
    rows = _of(steps, "routed")
    return str(rows[-1]["given_to"]) if rows else ""


def _of(steps: list[Row], *kinds: str) -> list[Row]:
    return [step for step in steps if step["kind"] in kinds]


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))
