"""Random companies full of reasons not to ask, as files, and who must not be asked told from those rows alone.

The figures end with October 2026, the data on 18 November, people act on the 20th: what came in between is too late
for the month and in time to stop an ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlmodel import select

from core.model.activities import load_activities
from core.services.home import records_database
from core.store.tables import Ask, Consent, Interest, Outcome

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
TODAY, KNOWN, END = NOW.date(), dt.date(2026, 11, 18), dt.date(2026, 10, 31)
USES = ("name", "logo", "quote", "call", "recording", "email")
LADDER = load_activities().ladder
Rows = dict[str, list[dict[str, Any]]]


def back(days: int) -> dt.date:
    return KNOWN - dt.timedelta(days=days)


def company(rng: np.random.Generator, accounts: int = 12, *, bad: float = 0.1) -> Rows:
    """Three people an account; each reason not to ask holds for about a share `bad` of them."""

    def hit() -> bool:
        return bool(rng.random() < bad)

    def ago(most: int) -> dt.date:
        return back(int(rng.integers(0, most)))

    rows: Rows = {name: [] for name in (
        "accounts", "subscriptions", "contacts", "milestones", "outcomes", "survey_responses", "tickets", "renewals",
        "usage", "consents", "asks", "interests", "opportunities", "reference_requests", "people")}  # fmt: skip
    for number in range(accounts):
        of = f"a{number}"
        segment, industry = str(rng.choice(["Enterprise", "SMB"])), str(rng.choice(["Retail", "Energy"]))
        rows["accounts"].append({"account_id": of, "name": of.upper(), "segment": segment, "industry": industry,
                                 "start_date": "2023-01-01", "icp_fit": 0.9})  # fmt: skip
        rows["subscriptions"].append({"subscription_id": f"s{of}", "account_id": of, "product": "Pro", "quantity": 5,
                                      "mrr_cents": 90_000, "currency": "EUR", "start_date": "2023-01-01",
                                      "end_date": ago(60) if hit() else None, "is_trial": "false"})  # fmt: skip
        for week in range(6):
            monday = dt.date(2026, 10, 5) + dt.timedelta(weeks=week)
            rows["usage"].append({"account_id": of, "week_start": monday, "active_users": 9, "licensed_seats": 10,
                                  "core_events": 90})  # fmt: skip
        if not hit():
            rows["milestones"].append({"account_id": of, "kind": "first_value", "reached_on": ago(600)})
        rows["outcomes"].append({"outcome_id": f"o{of}", "account_id": of, "agreed_on": "2025-01-01",
                                 "verified_on": None if hit() else back(40 + int(rng.integers(0, 90)))})  # fmt: skip
        for place in range(2):
            opened = ago(120)
            rows["tickets"].append({"ticket_id": f"t{of}{place}", "account_id": of,
                                    "severity": int(rng.integers(1, 3) if hit() else rng.integers(3, 5)),
                                    "opened_at": f"{opened}T09:00:00",
                                    "closed_at": f"{KNOWN}T10:00:00" if rng.random() < 0.3 else None,
                                    "escalated": "true" if rng.random() < bad / 3 else "false"})  # fmt: skip
        due = back(-int(rng.integers(-20, 130))) if rng.random() < 2 * bad else back(-400)
        rows["renewals"].append({"renewal_id": f"n{of}", "account_id": of, "due_on": due, "mrr_due_cents": 1,
                                 "currency": "EUR", "closed_on": ago(20) if hit() else None})  # fmt: skip
        for place in range(3):
            _person(rng, rows, of, f"{of}p{place}", bad)
            erased = "2026-11-01T09:00:00" if bad and number % 5 == 4 and place == 2 else None
            rows["people"].append({"person_id": f"m{of}p{place}", "contact_id": f"{of}p{place}",
                                   "full_name": f"Name {of}p{place}", "email": f"{of}p{place}@example.com",
                                   "erased_at": erased})  # fmt: skip
    for number, deal in enumerate(("d1", "d2", "d3")):
        rows["opportunities"].append({"opportunity_id": deal, "account_id": f"a{number}", "name": deal, "kind": "new",
                                      "amount_cents": 10**6, "currency": "EUR", "created_on": "2026-08-01",
                                      "outcome": "open", "reference_required": "true"})  # fmt: skip
        rows["reference_requests"].append({"request_id": f"q{number}", "opportunity_id": deal, "state": "open",
                                           "needed_by": dt.date(2026, 12, 10)})  # fmt: skip
    return rows


ALONE: tuple[str, ...] = (
    "left", "inactive", "opted out", "never", "issue", "detractor", "renewal", "value", "outcome", "consent",
    "declined", "expired since", "issue since", "detractor since", "left since", "ended since", "erased", "nothing",
)  # fmt: skip
"""What is wrong with the account of each place in `one_each`, and with nobody else."""


def one_each() -> Rows:
    """An account for every reason not to ask, of people for whom everything else speaks, and one without any."""
    rows = company(np.random.default_rng(1), len(ALONE), bad=0.0)
    granted = {"status": "granted", "granted_on": "2025-01-01", "expires_on": None}
    people = [row["contact_id"] for row in rows["contacts"]]
    rows["consents"] = [{"contact_id": who, "use": use, **granted} for who in people for use in USES]
    rows["asks"] = [{"ask_id": "k0", "contact_id": people[-1], "activity": "speaking", "state": "sent",
                     "asked_on": back(700)}]  # fmt: skip
    for place, reason in enumerate(ALONE):
        _wrong(rows, reason, f"a{place}")
    return rows


def _wrong(rows: Rows, reason: str, of: str) -> None:
    def change(table: str, **values: Any) -> None:
        for row in rows[table]:
            if row.get("account_id", row.get("contact_id", "")).split("p")[0] == of:
                row.update(values)

    first, use = f"{of}p0", {"contact_id": f"{of}p0", "activity": "speaking"}
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "left": ("contacts", {"left_on": dt.date(2026, 10, 10)}),
        "left since": ("contacts", {"left_on": dt.date(2026, 11, 10)}),
        "inactive": ("subscriptions", {"end_date": dt.date(2026, 10, 1)}),
        "ended since": ("subscriptions", {"end_date": dt.date(2026, 11, 5)}),
        "issue": ("tickets", {"severity": 1, "opened_at": "2026-10-10T09:00:00", "closed_at": None}),
        "issue since": ("tickets", {"severity": 2, "opened_at": "2026-11-10T09:00:00", "closed_at": None}),
        "detractor": ("survey_responses", {"score": 3, "answered_at": "2026-10-12T09:00:00"}),
        "renewal": ("renewals", {"due_on": dt.date(2026, 12, 1), "closed_on": None}),
        "outcome": ("outcomes", {"verified_on": None}),
        "erased": ("people", {"erased_at": "2026-11-01T09:00:00"}),
        "value": ("outcomes", {"verified_on": None}),
    }
    if reason in changes:
        change(changes[reason][0], **changes[reason][1])
    own = [row for row in rows["consents"] if row["contact_id"].split("p")[0] == of]
    for row in own:
        row["status"] = "withdrawn" if reason == "opted out" and row["use"] == "email" else "granted"
        days = {"consent": dt.date(2026, 10, 20), "expired since": KNOWN + dt.timedelta(days=1)}
        row["expires_on"] = days.get(reason)
    if reason == "value":
        rows["milestones"] = [row for row in rows["milestones"] if row["account_id"] != of]
    if reason == "never":
        rows["asks"].append({"ask_id": "k1", **use, "state": "never", "asked_on": None})
    if reason == "declined":
        rows["interests"] += [{"contact_id": first, "activity": what, "stance": "no", "values": "none"}
                              for what in ("review", "reference")]  # fmt: skip
    if reason == "detractor since":
        rows["survey_responses"].append({"response_id": "late", "account_id": of, "contact_id": first, "survey": "nps",
                                         "score": 0, "answered_at": "2026-11-10T09:00:00"})  # fmt: skip


def _person(rng: np.random.Generator, rows: Rows, of: str, who: str, bad: float) -> None:
    def hit() -> bool:
        return bool(rng.random() < bad)

    left = back(int(rng.integers(-30, 60))) if hit() else None
    rows["contacts"].append({"contact_id": who, "account_id": of, "persona": "CFO", "joined_on": "2023-02-01",
                             "left_on": left})  # fmt: skip
    for place, days in enumerate(sorted(rng.integers(0, 160, 2).tolist(), reverse=True)):
        rows["survey_responses"].append({"response_id": f"r{who}{place}", "account_id": of, "contact_id": who,
                                         "survey": "nps", "score": int(rng.integers(0, 7) if hit() else 10),
                                         "answered_at": f"{back(days)}T09:00:00"})  # fmt: skip
    for use in USES:
        if rng.random() < 0.93:
            status = str(rng.choice(["refused", "withdrawn"])) if rng.random() < bad / 2 else "granted"
            ends = back(-int(rng.integers(-30, 20))) if hit() else None
            rows["consents"].append({"contact_id": who, "use": use, "status": status, "granted_on": "2025-01-01",
                                     "expires_on": ends if status == "granted" else None})  # fmt: skip
    for place in range(int(rng.integers(0, 4))):
        asked = back(int(rng.integers(2, 500)))
        response = str(rng.choice(["yes", "yes", "no", "later"])) if rng.random() < 0.7 else None
        done = asked + dt.timedelta(days=1) if response == "yes" else None
        state = str(rng.choice(["deferred", "never", "accepted"])) if rng.random() < bad / 2 else "sent"
        sent = state == "sent"
        told = {"asked_on": asked, "responded_on": asked if response else None, "response": response,
                "completed_on": done}  # fmt: skip
        rows["asks"].append({"ask_id": f"k{who}{place}", "contact_id": who, "activity": str(rng.choice(LADDER)),
                             "state": state, **(told if sent else dict.fromkeys(told))})  # fmt: skip
    if hit():
        rows["interests"].append({"contact_id": who, "activity": str(rng.choice(LADDER)), "stance": "no",
                                  "values": "none"})  # fmt: skip


def written(rows: Rows, folder: Path, *without: str) -> Path:
    """The company as files, some tables left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, items in rows.items():
        if name not in without and items:
            pd.DataFrame(items).to_csv(folder / f"{name}.csv", index=False)
    return folder


def saved() -> Rows:
    """Consents, interests, asks and outcomes as they stand in the records now."""
    kinds = {"consents": Consent, "interests": Interest, "asks": Ask, "outcomes": Outcome}
    with records_database().read() as session:
        return {name: [row.model_dump() for row in session.exec(select(kind)).all()] for name, kind in kinds.items()}


def erased_of(facts: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Contacts who were erased."""
    return {row["contact_id"] for row in facts["people"] if row["erased_at"]}


def against(facts: Mapping[str, list[dict[str, Any]]], records: Rows, who: str, activity: str, on: dt.date) -> set[str]:
    """Why nobody may ask: every reason that holds on a day, row by row in plain Python.

    Args:
        facts: The rows that were imported.
        records: As `saved` returns them; an accepted ask that is about to be sent left out.
        who: The contact.
        activity: What for.
        on: Day of the act; facts are known up to `KNOWN`, and what ends by itself is over on its day.
    """
    of = next(row["account_id"] for row in facts["contacts"] if row["contact_id"] == who)
    left = next(row["left_on"] for row in facts["contacts"] if row["contact_id"] == who)
    item = load_activities().activities[activity]  # type: ignore[index]

    def own(table: str, key: str = "account_id") -> list[dict[str, Any]]:
        return [row for row in facts[table] if row[key] == (of if key == "account_id" else who)]

    mine = {name: [row for row in rows if row.get("contact_id") == who] for name, rows in records.items()}
    held = {row["use"] for row in mine["consents"]
            if row["status"] == "granted" and (row["expires_on"] or on) >= on}  # fmt: skip
    answers = [(dt.date.fromisoformat(row["answered_at"][:10]), row["score"])
               for row in own("survey_responses", "contact_id")]  # fmt: skip
    outcome = any(row["verified_on"] for row in records["outcomes"] if row["account_id"] == of)
    reasons = {
        "erased": who in erased_of(facts),
        "left": left is not None and left <= KNOWN,
        "inactive": all(row["end_date"] is not None and row["end_date"] <= KNOWN for row in own("subscriptions")),
        "opted out": any(row["use"] == "email" and row["status"] != "granted" for row in mine["consents"]),
        "never": any(row["state"] == "never" for row in mine["asks"]),
        "issue": any(_open(row) for row in own("tickets")),
        "detractor": any(score <= 6 and (max(KNOWN, on) - day).days < 90 for day, score in answers),
        "renewal": any(row["closed_on"] is None and row["due_on"] <= KNOWN + dt.timedelta(days=90)
                       for row in own("renewals")),
        "value": not outcome and not (activity == "review" and own("milestones")),
        "consent": not set(item.consent) <= held,
        "declined": any(row["activity"] == activity and row["stance"] == "no" for row in mine["interests"]),
        **_resting(mine["asks"], activity, on),
    }  # fmt: skip
    return {name for name, holds in reasons.items() if holds}


HARD = frozenset({"erased", "left", "inactive", "opted out", "never", "issue", "detractor", "renewal"})
"""Reasons that stop every ask of the person."""


def _open(ticket: Mapping[str, Any]) -> bool:
    known = ticket["closed_at"] is not None and dt.date.fromisoformat(ticket["closed_at"][:10]) <= KNOWN
    return (ticket["severity"] <= 2 or ticket["escalated"] == "true") and not known


def _resting(asks: list[dict[str, Any]], activity: str, on: dt.date) -> dict[str, bool]:
    item = load_activities().activities[activity]  # type: ignore[index]
    sent = [row for row in asks if row["state"] == "sent" and row["asked_on"]]
    ages = [(on - row["asked_on"]).days for row in sent]
    refused = [(on - (row["responded_on"] or row["asked_on"])).days for row in sent if row["response"] == "no"]
    same = [row for row in sent if row["activity"] == activity]
    return {
        "accepted": any(row["state"] == "accepted" for row in asks),
        "deferred": any(row["state"] == "deferred" and (row["deferred_until"] is None or row["deferred_until"] > on)
                        for row in asks),
        "gap": any(age < 30 for age in ages),
        "quarter": sum(age < 90 for age in ages) >= 2,
        "year": sum(age < 365 for age in ages) >= 6,
        "after no": any(age < 180 for age in refused),
        "cooldown": any((on - row["asked_on"]).days < item.cooldown_days for row in same),
        "done": any(row["completed_on"] and (on - row["completed_on"]).days < item.repeat_days for row in same),
    }  # fmt: skip
