"""The story of one person: what was asked, answered and given, in order; stories, referrals and rewards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.glossary import display, display_day
from core.month import Month
from core.month.contact_story import contact_events
from core.services.advocates import activity_labels
from core.services.ask_lines import AskLine, ask_lines, ask_records
from core.services.clock import event_day
from core.services.follow_up import STEPS
from core.services.giving import give_labels
from core.store.tables import Ask

MOST = 60
"""Lines of the time line; older ones are counted."""
TOUCHES = {"give": "given", "ask": "asked", "neutral": ""}
CHANNELS = {"email": "by e-mail", "in_app": "in the app", "phone": "by phone", "meeting": "in a meeting"}
KINDS = {"send": "Message", "task": "Task", "enrolment": "Put on a play"}
"""Kinds of interaction that do not speak for themselves; the others are shown as they are called."""
SURVEYS = {"nps": "Recommendation (NPS)", "csat": "Satisfaction (CSAT)"}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One event: the day, what kind it is (ask, answer, survey, ticket, touch, reward, referral), and the words."""

    day: dt.date
    kind: str
    words: str


@dataclass(frozen=True)
class PersonStory:
    """Everything that happened with one person.

    Attributes:
        lines: Events, the newest first, at most 60.
        older: How many more there are.
        asks: Asks that were sent, the newest first.
        assets: Kind, link, permitted uses and state in words of each story or other asset.
        referrals: Day, state and what it brought of each referral.
        rewards: Day, kind, value and state of each reward.
        brought: What the referrals brought, in one line; empty without one.
    """

    lines: tuple[StoryLine, ...]
    older: int
    asks: tuple[AskLine, ...]
    assets: tuple[tuple[str, str, str, str], ...]
    referrals: tuple[tuple[str, str, str], ...]
    rewards: tuple[tuple[str, str, str, str], ...]
    brought: str


def person_story(month: Month, contact_id: str, day: dt.date | None = None) -> PersonStory:
    """The story of one person up to the month's last day; in the newest month what was recorded since counts.

    Args:
        month: The month.
        contact_id: Who; one of the month's contacts.
        day: Today, on which an asset may still be used or has expired, and the time of an ask is over or not; None is
            the end of the month.
    """
    inputs = month.advocacy_input.contacts
    account, segment = inputs.loc[inputs["contact_id"] == contact_id, ["account_id", "segment"]].iloc[0]
    rows, noted = ask_records(contact_id)
    promise = month.advocacy_rules.of(str(segment)).limits.open_promise.days
    own = {name: _own(month, name, contact_id) for name in ("rewards", "referrals", "assets")}
    deals = _deals(month, own["referrals"])
    events = sorted(
        (
            *_ask_events(rows),
            *_fact_events(contact_events(month.facts, contact_id, str(account))),
            *_reward_events(own["rewards"]),
            *_referral_events(own["referrals"], deals),
        ),
        key=lambda line: line.day,
        reverse=True,
    )
    return PersonStory(
        lines=tuple(events[:MOST]),
        older=max(len(events) - MOST, 0),
        asks=ask_lines(rows, noted, day or month.as_of, promise),
        assets=tuple(_asset(row, day or month.as_of) for row in own["assets"].to_dict("records")),
        referrals=tuple(_referral(row, deals) for row in own["referrals"].to_dict("records")),
        rewards=tuple(_reward(row) for row in own["rewards"].to_dict("records")),
        brought=_brought(own["referrals"], deals, month),
    )


def _own(month: Month, name: str, contact_id: str) -> pd.DataFrame:
    rows = month.records[name]
    return rows[rows["contact_id"] == contact_id]


def _ask_events(rows: list[Ask]) -> Iterator[StoryLine]:
    for row in rows:
        what = activity_labels()[row.activity]
        if row.state == "sent" and row.asked_on is not None:
            yield StoryLine(
                row.asked_on, "ask", f"{what}: asked{f' by {who_asked(row.asked_by)}' if row.asked_by else ''}"
            )
        if row.responded_on is not None:
            yield StoryLine(row.responded_on, "answer", f"{what}: {row.response or 'answered'}")
        for step, words in STEPS.items():
            if (day := getattr(row, step)) is not None:
                yield StoryLine(day, "answer" if step == "completed_on" else "touch", f"{what}: {words}")


def _fact_events(rows: pd.DataFrame) -> Iterator[StoryLine]:
    for row in rows.to_dict("records"):
        day = row["day"].date()
        if row["source"] == "survey":
            yield StoryLine(day, "survey", f"{SURVEYS.get(row['kind'], row['kind'])}: {row['number']}")
        elif row["source"] == "ticket":
            ended = f"closed {display_day(row['closed_on'].date())}" if pd.notna(row["closed_on"]) else "open"
            what = "Escalated ticket" if row["kind"] == "escalated" else "Ticket"
            yield StoryLine(day, "ticket", f"{what} of severity {row['number']}, {ended}")
        else:
            kind = str(row["kind"])
            channel = str(row["detail"])
            detail = "" if channel == kind else CHANNELS.get(channel, channel.replace("_", " "))
            how = [word for word in (detail, TOUCHES.get(row["direction"], "")) if word]
            said = f" ({', '.join(how)})" if how else ""
            yield StoryLine(day, "touch", f"{KINDS.get(kind, kind.replace('_', ' ').capitalize())}{said}")


def _reward_events(rows: pd.DataFrame) -> Iterator[StoryLine]:
    for row in rows.to_dict("records"):
        yield StoryLine(row["granted_on"].date(), "reward", f"{_reward_kind(row)}, {row['status']}")


def _referral_events(rows: pd.DataFrame, deals: dict[str, dict[Any, Any]]) -> Iterator[StoryLine]:
    for row in rows.to_dict("records"):
        yield StoryLine(event_day(row["submitted_at"]), "referral", f"Referral: {_state(row, deals)}")


def _deals(month: Month, referrals: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """Deals that came of the referrals, by id."""
    wanted = referrals["opportunity_id"].dropna()
    deals = month.facts.deals
    rows = deals[deals["opportunity_id"].isin(wanted)]
    return {str(row["opportunity_id"]): row for row in rows.to_dict("records")}


def _state(row: dict[Any, Any], deals: dict[str, dict[Any, Any]]) -> str:
    """How far a referral is, in words."""
    deal = deals.get(str(row["opportunity_id"]))
    if pd.notna(row["rejected_reason"]):
        return f"rejected: {row['rejected_reason']}"
    if deal is not None:
        return {"won": "deal won", "lost": "deal lost"}.get(str(deal["outcome"]), "deal open")
    if pd.notna(row["qualified_at"]):
        return "accepted by sales"
    return "contacted" if pd.notna(row["first_contact_at"]) else "not contacted yet"


def _referral(row: dict[Any, Any], deals: dict[str, dict[Any, Any]]) -> tuple[str, str, str]:
    deal = deals.get(str(row["opportunity_id"]))
    amount = display(deal["amount_cents"] / 100, "money", str(deal["currency"])) if deal is not None else ""
    return display_day(event_day(row["submitted_at"])), _state(row, deals), amount


def _brought(referrals: pd.DataFrame, deals: dict[str, dict[Any, Any]], month: Month) -> str:
    """Number of referrals, deals won and their first-year amounts, in the reporting currency."""
    if referrals.empty:
        return ""
    won = pd.DataFrame([deal for deal in deals.values() if deal["outcome"] == "won"])
    count = "1 referral" if len(referrals) == 1 else f"{len(referrals):,} referrals"
    if won.empty:
        return f"{count}, no deal won yet"
    cents = int(month.facts.reported(won["amount_cents"], won["currency"]).sum())
    return f"{count}, {len(won):,} won: {display(cents / 100, 'money', month.currency)} in the first year"


def _asset(row: dict[Any, Any], today: dt.date) -> tuple[str, str, str, str]:
    uses = str(row["permitted_uses"]).replace(",", ", ") if pd.notna(row["permitted_uses"]) else "no use stated"
    if pd.notna(row["expires_on"]):
        ended = row["expires_on"].date() < today
        state = f"{'expired' if ended else 'may be used until'} {display_day(row['expires_on'].date())}"
    else:
        state = (
            f"published {display_day(row['published_on'].date())}" if pd.notna(row["published_on"]) else "not published"
        )
    return str(row["kind"]).replace("_", " ").capitalize(), str(row["link"]), uses, state


def _reward(row: dict[Any, Any]) -> tuple[str, str, str, str]:
    value = "–" if not row["value_cents"] else display(row["value_cents"] / 100, "money", str(row["currency"]))
    return display_day(row["granted_on"].date()), _reward_kind(row), value, str(row["status"])


def _reward_kind(row: dict[Any, Any]) -> str:
    """What it was, in words; a give that was noted here has the name of its list."""
    kind = str(row["kind"])
    return give_labels().get(kind, kind.replace("_", " ").capitalize())


def who_asked(name: str) -> str:
    """A code of the CRM in words, such as CSM 05 for csm_05; a name stays as it is."""
    role, _, number = name.partition("_")
    return f"{role.upper() if len(role) <= 3 else role.capitalize()} {number}" if number.isdigit() else name
