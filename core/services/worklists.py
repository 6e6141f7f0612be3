"""The lists of the day: asks to be sent, answers that are out, whom to thank, whom to tell, whom to give something."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from core.advocacy.check import Objection
from core.glossary import display_day
from core.model.kpi_rules import kpi_rules
from core.model.pool import pool_rules
from core.month import Month
from core.month.reachable import unreachable
from core.services.advocates import activity_labels
from core.services.ask_checks import Wanted, against_sending, stops_of
from core.stats.ids import beside, places

LISTED = [
    "ask_id", "contact_id", "activity", "state", "asked_on", "asked_by", "response", "completed_on", "used_on",
    "thanked_on", "told_outcome_on",
]  # fmt: skip
"""What the lists read of an ask."""

STOP = "stop: "
"""How `Before sending` starts for an accepted ask that must not be sent now."""


@dataclass(frozen=True)
class Worklists:
    """Everybody who waits for something of ours, each list with contact_id, Account and Person.

    Who was erased is on none of them.

    Attributes:
        send: Accepted asks that were not sent yet: ask_id, activity, Ask, Accepted by.
        answer: Asks without an answer whose time is not over on `day`, the oldest first: ask_id, Ask, Sent on.
        thank: Acts nobody was thanked for, the latest due first of all: ask_id, What, Due.
        tell: Acts whose result was used and whose author was not told, in the same order: ask_id, What, Due.
        give: People to give something before they are asked, the readiest first: Why. Who was given something within
            the rest between two gives is left out until it is over.
        late: How many of those to thank or to tell are late on `today`.
        unthanked: Acts of the list to thank whose author must not be written to, left out of it: ask_id, What, Why
            (opted out, or left the company).
        untold: The same for the list to tell.
    """

    send: pd.DataFrame
    answer: pd.DataFrame
    thank: pd.DataFrame
    tell: pd.DataFrame
    give: pd.DataFrame
    late: int
    unthanked: pd.DataFrame
    untold: pd.DataFrame

    @property
    def answer_words(self) -> str:
        """How many wait for a word of ours, in words; empty when nobody does."""
        waits = [(len(self.thank), "to thank"), (len(self.tell), "to tell")]
        return ", ".join(f"{count:,} {what}" for count, what in waits if count)


def worklists(month: Month, people: pd.DataFrame, day: dt.date) -> Worklists:
    """The lists of the day.

    Args:
        month: The newest month; what was recorded in the product since counts.
        people: As `core.services.advocates.pool` returns it for the month.
        day: Today, the day acts are noted on: what is due before it is late, though the data may end earlier.
    """
    memory, today = month.facts.memory, pd.Timestamp(month.as_of)
    asks = _named(month.records["asks"][LISTED], people, today - pd.Timedelta(days=2 * pool_rules().debt.days))
    sent = memory.same("asks sent lately", asks[asks["state"] == "sent"].reset_index(drop=True))
    whys = unreachable(month)
    follow = memory.kept("what follows asks", (sent, whys, day), lambda: _follow(sent, whys["reason"], today, day))
    return Worklists(
        send=_send(asks[asks["state"] == "accepted"]),
        answer=follow.answer,
        thank=follow.thank,
        tell=follow.tell,
        give=_give(month, people, day),
        late=int(follow.thank["Due"].str.startswith("late").sum() + follow.tell["Due"].str.startswith("late").sum()),
        unthanked=follow.unthanked,
        untold=follow.untold,
    )


@dataclass(frozen=True)
class _Follow:
    """The lists that rest on asks that were sent, as in `Worklists`: they last while asks are accepted or deferred."""

    answer: pd.DataFrame
    thank: pd.DataFrame
    tell: pd.DataFrame
    unthanked: pd.DataFrame
    untold: pd.DataFrame


def _follow(sent: pd.DataFrame, whys: pd.Series, today: pd.Timestamp, day: dt.date) -> _Follow:
    rules, coverage = pool_rules().debt, kpi_rules().coverage
    lately = (today - sent["completed_on"]).dt.days < rules.days
    owed = sent[lately & sent["thanked_on"].isna()]
    untold = sent[lately & sent["used_on"].notna() & sent["told_outcome_on"].isna()]
    thank, unthanked = _reached(_owed(owed, owed["completed_on"], coverage.thanks_days, "done", day), whys)
    tell, untellable = _reached(_owed(untold, untold["used_on"], rules.told_days, "used", day), whys)
    return _Follow(_answer(sent, pd.Timestamp(day)), thank, tell, unthanked, untellable)


def _named(asks: pd.DataFrame, people: pd.DataFrame, after: pd.Timestamp) -> pd.DataFrame:
    """Asks that were sent after a day or wait to be sent, of people who are known, with their account and name."""
    asks = asks[((asks["state"] == "sent") & (asks["asked_on"] > after)) | (asks["state"] == "accepted")]
    at = places(asks["contact_id"], people["contact_id"])
    asks, at = asks[at >= 0].reset_index(drop=True), at[at >= 0]
    return asks.assign(**{name: people[name].array.take(at) for name in ("account_name", "person")})


def _reached(rows: pd.DataFrame, whys: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The acts whose author may be written to, and the others with Why instead of Due."""
    why = rows["contact_id"].map(whys).astype("str")
    silent = rows[why.notna()].drop(columns="Due").assign(Why=why[why.notna()])
    return rows[why.isna()].reset_index(drop=True), silent.reset_index(drop=True)


def _shown(rows: pd.DataFrame, **columns: pd.Series) -> pd.DataFrame:
    """ask_id and contact_id, Account and Person, and further columns."""
    whose = {"ask_id": rows["ask_id"], "contact_id": rows["contact_id"]}
    shown = {"Account": rows["account_name"], "Person": rows["person"], **columns}
    return pd.DataFrame({**whose, **shown}).reset_index(drop=True)


def _labels(rows: pd.DataFrame) -> pd.Series:
    return rows["activity"].map(activity_labels()).astype("str")


def _send(rows: pd.DataFrame) -> pd.DataFrame:
    found = _shown(rows, **{"Ask": _labels(rows), "Accepted by": rows["asked_by"].fillna("not stated")})
    return found.assign(activity=rows["activity"].reset_index(drop=True))


def _answer(sent: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Asks of the time in which an act is still to be expected; an older one counts as not answered."""
    within = pool_rules().propensity.completed_within_days
    open_ones = sent["response"].isna() & sent["completed_on"].isna() & sent["asked_on"].notna()
    rows = sent[open_ones & ((day - sent["asked_on"]).dt.days < within)].sort_values(["asked_on", "ask_id"])
    return _shown(rows, **{"Ask": _labels(rows), "Sent on": _days(rows["asked_on"])})


def _owed(rows: pd.DataFrame, since: pd.Series, days: int, what: str, day: dt.date) -> pd.DataFrame:
    due = (since + pd.Timedelta(days=days)).loc[rows.index].sort_values(kind="stable")
    rows, since = rows.loc[due.index], since.loc[due.index]
    said = _labels(rows) + f", {what} on " + _days(since)
    over = (pd.Timestamp(day) - due).dt.days
    words = {n: "late by 1 day, due " if n == 1 else f"late by {n} days, due " for n in over.unique()}
    return _shown(rows, What=said, Due=over.map(words).where(over > 0, "by ").astype("str") + _days(due))


def _give(month: Month, people: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    earliest = beside(people["contact_id"], month.next_gives[["contact_id", "earliest"]], "contact_id")["earliest"]
    due = ~(earliest > pd.Timestamp(day)).to_numpy(dtype=bool)
    rows = people[due & (people["state"] == "cultivate").to_numpy(dtype=bool)]
    rows = rows.sort_values(["readiness", "contact_id"], ascending=[False, True])
    return pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "Account": rows["account_name"],
            "Person": rows["person"],
            "Why": rows["because"],
        }
    ).reset_index(drop=True)


def _days(days: pd.Series) -> pd.Series:
    """Days in words, each different one written once."""
    names = {day: display_day(pd.Timestamp(day).date()) for day in days.dropna().unique()}
    return days.map(names).astype("str")


def what_to_give(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    """The list of people to give something with `Give`, what it is.

    Args:
        month: The newest month.
        rows: As `Worklists.give`.
    """
    gives = beside(rows["contact_id"], month.next_gives[["contact_id", "label"]], "contact_id")["label"]
    found = rows.copy()
    found.insert(3, "Give", gives.fillna("not known").astype("str"))
    return found


@dataclass(frozen=True)
class NextGive:
    """What to give one person next.

    Attributes:
        give: Id of the give.
        label: What it is, in words.
        why: Why, with the first day in words.
        giver: Who gives it, in words.
    """

    give: str
    label: str
    why: str
    giver: str


def next_give(month: Month, contact_id: str, day: dt.date | None = None) -> NextGive | None:
    """What to give one person next; None for who left the company.

    Args:
        month: The newest month.
        contact_id: Who.
        day: Today, from which a rest between two gives is counted down; None is the end of the month.
    """
    rows = month.next_gives
    row = rows[rows["contact_id"] == contact_id].iloc[0]
    if pd.isna(row["label"]):
        return None
    due = row["earliest"].date()
    when = f"from {display_day(due)}" if due > (day or month.as_of) else "due now"
    why = ", ".join(filter(None, ("" if pd.isna(row["why"]) else str(row["why"]), when)))
    return NextGive(str(row["give"]), str(row["label"]), why, str(row["asker"]))


def clear_first(waiting: pd.DataFrame) -> pd.DataFrame:
    """Accepted asks with `Before sending`: those that can be sent now first, the stopped ones below."""
    order = waiting["Before sending"].astype("str").str.startswith(STOP).sort_values(kind="stable").index
    return waiting.loc[order].reset_index(drop=True)


def has_contacts(month: Month, asked: str) -> bool:
    """Whether a link leads to somebody.

    Args:
        month: The month.
        asked: Id of an account, whose family counts with it, or of a contact.
    """
    contacts, family = month.advocacy_input.contacts, month.facts.accounts
    own = {asked, *family.loc[family["unit_id"] == asked, "account_id"]}
    return bool(contacts["account_id"].isin(own).any() or contacts["contact_id"].eq(asked).any())


def before_sending(month: Month, waiting: pd.DataFrame, day: dt.date | None = None) -> list[str]:
    """For each accepted ask what stands against sending it now: guardrails, a no of the person, rests.

    Kept by account until a record touches the account, as the next asks are, or another day is asked for.

    Args:
        month: The newest month.
        waiting: As `Worklists.send`.
        day: Today, on which consents must hold; None is the end of the month.
    """
    asks: list[Wanted] = list(zip(waiting["contact_id"], waiting["activity"], strict=True))
    inputs = month.advocacy_input
    accounts = beside(waiting["contact_id"], inputs.contacts[["contact_id", "account_id"]], "contact_id")["account_id"]
    by_account: dict[str, list[Wanted]] = {}
    for account, ask in zip(accounts, asks, strict=True):
        by_account.setdefault(account, []).append(ask)
    kept = month.facts.memory.of_accounts("before sending", inputs, month.advocacy_rules)
    known = {account: words for account, (told_on, words) in list(kept.items()) if told_on == day}
    fresh = [ask for account, own in by_account.items() if set(own) - set(known.get(account, ())) for ask in own]
    words = {ask: _words(found) for ask, found in zip(fresh, against_sending(month, fresh, day), strict=True)}
    for account, own in by_account.items():
        if own[0] in words:
            known[account] = {ask: words[ask] for ask in own}
            kept[account] = day, known[account]
    return [known[account][ask] for account, ask in zip(accounts, asks, strict=True)]


def _words(found: list[Objection]) -> str:
    if stops := stops_of(found):
        return STOP + "; ".join(item.text for item in stops)
    return "; ".join(["clear to send", *(item.text for item in found)])
