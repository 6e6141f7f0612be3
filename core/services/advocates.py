"""Advocates: whom to ask for what, why now, and whom to leave in peace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from core.advocacy.guardrails import EVERY_ASK, GUARD_LABELS, GUARDS, GuardState
from core.advocacy.ladder import own_guards
from core.errors import CouncilError
from core.glossary import display, display_day
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from core.month import Month
from core.schema import TABLES

QUESTION = "Whom do we ask, for what, and whom do we leave in peace?"
NEEDED = (
    "contacts",
    "survey_responses",
    "outcomes",
    "consents",
    "tickets",
    "renewals",
    "usage",
    "interactions",
    "asks",
)
STATE_WORDS = {
    "ask": "ask now",
    "rest": "resting",
    "cultivate": "give first",
    "blocked": "leave in peace",
    "not_checked": "not checked",
}


@dataclass(frozen=True)
class GuardLine:
    """One guardrail of one contact: what it makes sure of, its state and why."""

    label: str
    state: str
    reason: str


@dataclass(frozen=True)
class PartLine:
    """One signal of a score: points it adds and the raw value behind them; None when it is absent."""

    label: str
    points: float | None
    raw: str
    missing: str


@dataclass(frozen=True)
class Profile:
    """One contact: score by signal, guardrails, next ask.

    Attributes:
        contact_id: Id of the contact.
        who: Name or role, with the account.
        readiness: 0 to 100; None with `reason`.
        coverage: Share of the score's weight for which a signal is present.
        reason: Why there is no score; empty when there is one.
        parts: Signals of readiness; their points sum to it.
        guards: Every guardrail that concerns the next ask, blocked first.
        activity: What to ask for; None when nobody should ask.
        label: That activity in words.
        state: What to do, in words.
        why: Why now, or why not.
        earliest: First day of the ask, in words.
        asker: Who asks.
    """

    contact_id: str
    who: str
    readiness: float | None
    coverage: float
    reason: str
    parts: tuple[PartLine, ...]
    guards: tuple[GuardLine, ...]
    activity: str | None
    label: str
    state: str
    why: str
    earliest: str
    asker: str

    @property
    def finding(self) -> str:
        """What the score says, in one line."""
        return f"{self.who}: readiness {self.readiness:.0f} of 100" if self.readiness is not None else self.who

    @property
    def definition(self) -> str:
        """What the waterfall shows."""
        absent = sum(part.points is None for part in self.parts)
        return (
            f"Points by signal; {display(self.coverage, 'ratio')} of the weight known, {absent} signals without a value"
        )


@dataclass(frozen=True)
class Missing:
    """A table that is not loaded, and what it would unlock."""

    table: str
    unlocks: str


@dataclass(frozen=True)
class Advocates:
    """Everything on the screen.

    Attributes:
        counts: Contacts by state, in the order ask, rest, cultivate, blocked, not_checked.
        ask: One row per person to ask now: contact_id, Account, Person, Next ask, Readiness, Why now, Asker.
        rest: One row per person not to ask now, nearest first: contact_id, Account, Person, What to do, Why, Earliest.
        accepted: One row per accepted ask that was not sent yet: ask_id, version, Account, Person, Ask.
        missing: Tables that are not loaded.
    """

    question: str
    answer: str
    note: str
    counts: dict[str, int]
    ask: pd.DataFrame
    rest: pd.DataFrame
    accepted: pd.DataFrame
    missing: tuple[Missing, ...]


def advocates(month: Month) -> Advocates:
    """The pool as of the end of a month.

    Args:
        month: The newest month; what was recorded in the product since counts.
    """
    table = pool(month)
    counts = {name: int((table["state"] == name).sum()) for name in STATE_WORDS}
    asking = table[table["state"] == "ask"].sort_values(["readiness", "contact_id"], ascending=[False, True])
    others = table[table["state"] != "ask"].assign(known=lambda rows: rows["earliest"].isna())
    others = others.sort_values(["known", "earliest", "account_name", "contact_id"])
    missing = tuple(Missing(name, TABLES[name].unlocks) for name in NEEDED if name not in month.loaded)
    return Advocates(
        question=QUESTION,
        answer=_answer(counts, bool(missing)),
        note=f"As of {display_day(month.as_of)} · {len(table):,} contacts · rules of data/model/advocacy.toml",
        counts=counts,
        ask=_shown(asking, "Next ask", "label", "Why now", "why", "Asker", "asker", readiness=True),
        rest=_shown(others, "What to do", "todo", "Why", "because", "Earliest", "earliest_text"),
        accepted=_accepted(month, table),
        missing=missing,
    )


def pool(month: Month) -> pd.DataFrame:
    """One row per contact: who it is, scores, next ask and what stands against it.

    Returns:
        contact_id, account_id, account_name, segment, person, health, readiness, engagement, coverage and the
        columns of `core.advocacy.next_ask.next_asks`, with `todo`, `because` and `earliest_text` in words.
    """
    contacts = month.advocacy_input.contacts[["contact_id", "account_id", "account_name", "segment", "persona"]]
    names = month.records["people"].drop_duplicates("contact_id").set_index("contact_id")["full_name"]
    table = (
        contacts.merge(month.scores.contacts, on="contact_id", how="left")
        .merge(month.next_asks, on="contact_id", how="left")
        .assign(person=contacts["contact_id"].map(names).to_numpy())
    )
    table["person"] = table["person"].fillna(table["persona"]).fillna("not named")
    table["todo"] = table["state"].map(STATE_WORDS)
    table["because"] = table["blocked_by"].fillna(table["not_checked"]).fillna(table["why"])
    table["earliest_text"] = [display_day(day.date()) if pd.notna(day) else "" for day in table["earliest"]]
    return table


def profile(month: Month, contact_id: str) -> Profile:
    """One contact in full.

    Raises:
        CouncilError: The contact is not visible in that month.
    """
    table = pool(month)
    found = table[table["contact_id"] == contact_id]
    if found.empty:
        raise CouncilError(f'contact "{contact_id}" is not known on {display_day(month.as_of)}')
    row = found.iloc[0]
    activity = None if pd.isna(row["activity"]) else str(row["activity"])
    return Profile(
        contact_id=contact_id,
        who=f"{row['person']}, {row['account_name']}",
        readiness=None if pd.isna(row["readiness"]) else float(row["readiness"]),
        coverage=float(row["coverage"]),
        reason="" if pd.isna(row["readiness_reason"]) else str(row["readiness_reason"]),
        parts=_parts(month, contact_id),
        guards=_guards(month, contact_id, None if pd.isna(row["towards"]) else str(row["towards"])),
        activity=activity,
        label="" if pd.isna(row["label"]) else str(row["label"]),
        state=str(row["todo"]),
        why="" if pd.isna(row["because"]) else str(row["because"]),
        earliest=str(row["earliest_text"]),
        asker="" if pd.isna(row["asker"]) else str(row["asker"]),
    )


def advocates_frame(month: Month) -> pd.DataFrame:
    """The pool for a file: one row per contact, no names."""
    names = ["contact_id", "account_id", "account_name", "segment", "health", "readiness", "engagement", "coverage",
             "state", "activity", "why", "earliest", "asker", "blocked_by", "not_checked"]  # fmt: skip
    return pool(month)[names]


def advocates_json(month: Month) -> list[dict[str, Any]]:
    """The pool as `python -m core advocates --json` prints it."""
    parts = month.scores.parts
    points = parts[(parts["score"] == "readiness") & parts["points"].notna()]
    by_contact = points.groupby("contact_id")[["signal", "points"]].apply(lambda rows: dict(rows.to_numpy().tolist()))
    return [_contact_json(row, by_contact.get(row["contact_id"], {})) for row in pool(month).to_dict("records")]


def _contact_json(row: dict[Any, Any], parts: dict[str, float]) -> dict[str, Any]:
    def given(name: str) -> Any:
        return None if pd.isna(row[name]) else row[name]

    ask = None
    if row["state"] == "ask":
        value = given("value_cents")
        ask = {
            "activity": row["activity"],
            "why": given("why"),
            "earliest": row["earliest"].date().isoformat() if pd.notna(row["earliest"]) else None,
            "asker": given("asker"),
            "value": None if value is None else value / 100,
        }
    return {
        "contact_id": row["contact_id"],
        "account_id": row["account_id"],
        "health": given("health"),
        "readiness": given("readiness"),
        "engagement": given("engagement"),
        "parts": parts,
        "coverage": given("coverage"),
        "state": row["state"],
        "next_ask": ask,
        "blocked_by": given("blocked_by"),
        "not_checked": given("not_checked"),
    }


def _shown(rows: pd.DataFrame, *columns: str, readiness: bool = False) -> pd.DataFrame:
    """Readers' columns; the arguments are pairs of a reader's name and a column."""
    pairs = dict(zip(columns[::2], columns[1::2], strict=True))
    shown = {"contact_id": rows["contact_id"], "Account": rows["account_name"], "Person": rows["person"]}
    first = next(iter(pairs))
    shown[first] = rows[pairs.pop(first)]
    if readiness:
        shown["Readiness"] = rows["readiness"].round()
    return pd.DataFrame(shown | {name: rows[column] for name, column in pairs.items()}).reset_index(drop=True)


def _accepted(month: Month, table: pd.DataFrame) -> pd.DataFrame:
    asks = month.records["asks"]
    waiting = asks[asks["state"] == "accepted"].merge(
        table[["contact_id", "account_name", "person"]], on="contact_id", how="inner"
    )
    labels = {name: item.label for name, item in load_activities().activities.items()}
    return pd.DataFrame(
        {
            "ask_id": waiting["ask_id"],
            "Account": waiting["account_name"],
            "Person": waiting["person"],
            "Ask": waiting["activity"].map(labels),
            "Accepted by": waiting["asked_by"],
        }
    )


def _parts(month: Month, contact_id: str) -> tuple[PartLine, ...]:
    parts = month.scores.parts
    own = parts[(parts["contact_id"] == contact_id) & (parts["score"] == "readiness")]
    return tuple(
        PartLine(
            label=_signal_labels()[str(row["signal"])],
            points=None if pd.isna(row["points"]) else float(row["points"]),
            raw="" if pd.isna(row["raw"]) else str(row["raw"]),
            missing="" if pd.isna(row["why_missing"]) else str(row["why_missing"]),
        )
        for row in own.sort_values("points", ascending=False, na_position="last").to_dict("records")
    )


@lru_cache(maxsize=1)
def _signal_labels() -> dict[str, str]:
    return {str(name): item.label for name, item in load_advocacy_rules().signals.items()}


def _guards(month: Month, contact_id: str, towards: str | None) -> tuple[GuardLine, ...]:
    guards = month.guards
    concern = set(EVERY_ASK)
    if towards is not None:
        concern |= {GUARDS[column] for column in own_guards(load_activities().activities[towards])}  # type: ignore[index]
    own = guards[(guards["contact_id"] == contact_id) & guards["guard"].isin(list(concern))]
    order = {GuardState.BLOCKED: 0, GuardState.NOT_CHECKED: 1, GuardState.CLEAR: 2}
    rows = sorted(own.to_dict("records"), key=lambda row: order[GuardState(str(row["state"]))])
    return tuple(
        GuardLine(
            label=GUARD_LABELS[str(row["guard"])],
            state=str(row["state"]).replace("_", " "),
            reason="" if pd.isna(row["reason"]) else str(row["reason"]),
        )
        for row in rows
    )


def _answer(counts: dict[str, int], incomplete: bool) -> str:
    if counts["ask"] == 0:
        if counts["not_checked"] or incomplete:
            return "Nobody can be asked yet: the guardrails cannot be checked"
        return f"Nobody to ask today; {counts['rest']} rest, {counts['cultivate']} to be given something first"
    people = "person" if counts["ask"] == 1 else "people"
    return (
        f"{counts['ask']} {people} to ask; {counts['rest']} rest, {counts['cultivate']} to be given something first, "
        f"{counts['blocked']} left in peace"
    )
