"""Whether the pool is treated well: promises kept, as much given as taken, and what follows an ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.history import Bools, History
from core.advocacy.pool_load import Figure, share_of
from core.model.pool import BalanceRules, DebtRules, WatchRules
from core.stats.timeline import Days, Timeline, day_numbers

PROMISES = (("thanked_on", "not thanked"), ("used_on", "not used"), ("told_outcome_on", "not told what came of it"))
"""Days of an ask that keep a promise, and the words where one is missing, the simplest first."""
SERVED_BY_USE = frozenset({"speaking", "advisory_board", "referral", "reference"})
"""Acts that are used by being done."""


@dataclass(frozen=True)
class Debt:
    """Promises to people who did what they were asked for.

    Attributes:
        share: Of the acts whose time is over for a promise at least, those with a promise broken.
        broken: Share by promise, of the acts whose time for it is over.
        rows: ask_id, contact_id, activity, completed_on, owed (in words), days (over the time of the oldest promise):
            one row per act with a promise broken, the longest overdue first.
        left_out: Acts with a promise broken to people known not to be written to any more, in none of the others: how
            many by reason, the most frequent first.
    """

    share: Figure
    broken: dict[str, Figure]
    rows: pd.DataFrame
    left_out: dict[str, int]


def promise_debt(
    asks: pd.DataFrame, as_of: dt.date, rules: DebtRules, silent: pd.Series, *, thanks_days: int, use_days: int
) -> Debt:
    """Acts of the last `days` days that were not thanked for, not used, or whose person was not told the outcome.

    A promise to somebody who opted out, left or was erased cannot be kept any more: it is no debt and is counted apart.
    A promise to somebody of whom nothing is known stays a debt.

    Args:
        asks: ask_id, contact_id, activity, completed_on, thanked_on, used_on, told_outcome_on of every ask sent.
        as_of: The day it is judged on.
        rules: Window, and days to tell the outcome.
        silent: Why nobody writes to a person any more, by contact_id; everybody else is owed what was promised.
        thanks_days: Days to thank.
        use_days: Days to use what was given; an act that is used by being done owes no use.
    """
    today = pd.Timestamp(as_of)
    done = asks[(asks["completed_on"] <= today) & (asks["completed_on"] > today - pd.Timedelta(days=rules.days))]
    age = (today - done["completed_on"]).dt.days.to_numpy(dtype=np.int64)
    within = {"thanked_on": thanks_days, "used_on": use_days, "told_outcome_on": rules.told_days}
    owing = np.zeros((len(done), len(PROMISES)), dtype=bool)
    due = owing.copy()
    over = np.zeros(len(done), dtype=np.int64)
    for column, (name, _) in enumerate(PROMISES):
        owes = ~done["activity"].isin(SERVED_BY_USE).to_numpy() if name == "used_on" else np.ones(len(done), dtype=bool)
        due[:, column] = owes & (age > within[name])
        owing[:, column] = due[:, column] & ~(done[name] <= today).to_numpy()
        over = np.maximum(over, np.where(owing[:, column], age - within[name], 0))
    words = [", ".join(text for (_, text), own in zip(PROMISES, row, strict=True) if own) for row in owing]
    why = done["contact_id"].map(silent).astype("str")
    out, owed_any = why.notna().to_numpy(), owing.any(axis=1)
    owed = done[["ask_id", "contact_id", "activity", "completed_on"]].assign(owed=words, days=over)
    owing, due = owing[~out], due[~out]
    return Debt(
        share=share_of(int(owing.any(axis=1).sum()), int(due.any(axis=1).sum())),
        broken={text: share_of(int(owing[:, place].sum()), int(due[:, place].sum()))
                for place, (_, text) in enumerate(PROMISES)},
        rows=owed[owed_any & ~out].sort_values(["days", "ask_id"], ascending=[False, True]).reset_index(drop=True),
        left_out={str(text): int(count) for text, count in why[owed_any & out].value_counts().items()},
    )  # fmt: skip


@dataclass(frozen=True)
class Balance:
    """What was given and taken.

    Attributes:
        per_ask: Gives per ask over everybody asked.
        short: Share of the people asked who got fewer gives than the least per ask.
        rows: contact_id, gives, asks, balance (gives - least per ask x asks), last_give_on: one row per person asked,
            who is owed most first.
    """

    per_ask: Figure
    short: Figure
    rows: pd.DataFrame


def balance(asks: pd.DataFrame, gives: pd.DataFrame, as_of: dt.date, rules: BalanceRules) -> Balance:
    """Gives against asks of each person asked in the window.

    Args:
        asks: contact_id, asked_on of every ask sent.
        gives: contact_id, gives (in the window), last_give_on.
        as_of: Last day of the window.
        rules: Length of the window, least gives per ask.
    """
    today = pd.Timestamp(as_of)
    inside = asks[(asks["asked_on"] <= today) & (asks["asked_on"] > today - pd.Timedelta(days=rules.days))]
    taken = inside["contact_id"].value_counts().sort_index()
    own = gives.set_index("contact_id").reindex(taken.index)
    got = own["gives"].fillna(0).to_numpy(dtype=np.int64)
    rows = pd.DataFrame({"contact_id": taken.index.astype("str"), "gives": got, "asks": taken.to_numpy(),
                         "balance": got - rules.least_gives_per_ask * taken.to_numpy(),
                         "last_give_on": own["last_give_on"].to_numpy()})  # fmt: skip
    total = int(taken.sum())
    return Balance(
        per_ask=Figure(int(got.sum()) / total if total else None, total,
                       reason=None if total else f"nobody was asked in {rules.days} days"),
        short=share_of(int((rows["balance"] < 0).sum()), len(rows)),
        rows=rows.sort_values(["balance", "contact_id"], kind="stable").reset_index(drop=True),
    )  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """What followed asks: after them, which need not mean because of them.

    Attributes:
        fell: Share of the asks after which an answer fell, of those with an answer before and after.
        tickets: Share of the asks after which the account opened a severe ticket.
        silent: Share of the asks whose time is over in which the person gave no sign: no answer, act or survey answer.
        rows: contact_id, activity, asked_on, what (in words): one row per ask with any of them, the latest first.
    """

    fell: Figure
    tickets: Figure
    silent: Figure
    rows: pd.DataFrame


def watch_after(history: History, tickets: pd.DataFrame, rules: WatchRules) -> Watch:
    """A fall of NPS or CSAT, a severe ticket, or silence within `days` days after each ask.

    Args:
        history: Asks and answers.
        tickets: account_id, severity, opened_on.
        rules: Length of the watch, what counts as a fall, which asks are watched.
    """
    asks, today = history.asked, history.today
    day, who = day_numbers(asks["asked_on"]), asks["of"].to_numpy(dtype=np.intp)
    watched = day > today - rules.looking_back_days
    end = np.minimum(day + rules.days, today)
    severe = tickets[tickets["severity"] <= rules.severe_at_most]
    at = history.account_of[0][who] if len(who) else who
    opened = Timeline.of(
        pd.Index(history.account_of[1]).get_indexer(pd.Index(severe["account_id"])), severe["opened_on"]
    )
    after = {"severe ticket": opened.count(at, end + 1, end - day) > 0}
    known = np.zeros(len(day), dtype=bool)
    for name, line, points in (
        ("NPS fell", history.nps_of, rules.fall_nps),
        ("CSAT fell", history.csat_of, rules.fall_csat),
    ):
        before, _ = line.last(who, day + 1, 365)
        later, _ = line.last(who, end + 1, end - day)
        known |= ~np.isnan(before - later)
        after[name] = before - later >= points
    over = day + rules.days <= today
    after["silence"] = over & _silent(asks, history, who, day, end)
    fell = after["NPS fell"] | after["CSAT fell"]
    return Watch(
        fell=share_of(int((fell & watched).sum()), int((known & watched).sum())),
        tickets=share_of(int((after["severe ticket"] & watched).sum()), int(watched.sum())),
        silent=share_of(int((after["silence"] & watched).sum()), int((over & watched).sum())),
        rows=_watched(asks, after, watched),
    )


def _silent(asks: pd.DataFrame, history: History, who: NDArray[np.intp], day: Days, end: Days) -> Bools:
    """Whether the person gave no sign from the ask to the end of its watch: no answer, no act, no survey answer."""
    signs = np.zeros(len(day), dtype=bool)
    for name in ("responded_on", "completed_on"):
        at = day_numbers(asks[name])
        signs |= asks[name].notna().to_numpy(dtype=bool) & (at >= day) & (at <= end)
    answers = history.nps_of.count(who, end + 1, end - day) + history.csat_of.count(who, end + 1, end - day)
    return np.asarray(~signs & (answers == 0), dtype=bool)


def _watched(asks: pd.DataFrame, after: dict[str, Bools], watched: Bools) -> pd.DataFrame:
    order = ("NPS fell", "CSAT fell", "severe ticket", "silence")
    table = np.column_stack([after[name] for name in order])
    rows = np.flatnonzero(watched & table.any(axis=1))
    words = [", ".join(name for name, own in zip(order, table[row], strict=True) if own) for row in rows]
    found = asks.iloc[rows][["contact_id", "activity", "asked_on"]].assign(what=words)
    return found.sort_values(["asked_on", "contact_id"], ascending=[False, True]).reset_index(drop=True)
