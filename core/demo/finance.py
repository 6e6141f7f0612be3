"""Finance's own totals: the same money, but for a handful of planted disagreements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.demo.customers import Accounts
from core.demo.frames import contract_frame, optional_int, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.world import Array, World


def finance_table(
    world: World, accounts: Accounts, history: History, bookings: Array, names: Names
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The table `finance_totals`: the company and each account by month.

    ARR is 12 times MRR at month end. New ARR counts an account in its first month, unless its parent or a sister
    was a customer before. Disagreements are changes of the company's ARR or of one account's.

    Args:
        world: The frame of the company.
        accounts: All accounts.
        history: What happened.
        bookings: First-year amounts won, in cents. [account, month]
        names: Ids.

    Returns:
        The table, and the disagreements as {month, account_id, column, subscriptions_cents, finance_cents}.
    """
    arr = 12 * history.mrr.sum(axis=0)
    fresh = np.zeros_like(arr)
    group = np.where(accounts.parent >= 0, accounts.parent, np.arange(len(accounts)))
    earliest = np.full(len(accounts), world.total)
    np.minimum.at(earliest, group, accounts.start_month)
    new = np.flatnonzero(accounts.start_month == earliest[group])
    fresh[new, accounts.start_month[new]] = arr[new, accounts.start_month[new]]
    window = slice(world.first, world.total)
    account, month = np.nonzero((arr[:, window] > 0) | (bookings[:, window] > 0))
    month = month + world.first
    whole = np.arange(world.first, world.total)
    who, when = np.r_[np.full(len(whole), -1), account], np.r_[whole, month]
    order = np.lexsort((who, when))
    values = [np.r_[table.sum(axis=0)[whole], table[account, month]][order] for table in (arr, fresh, bookings)]
    who, when = who[order], when[order]
    notes = _disagree(world, values[0], who, when, names)
    table = contract_frame(
        "finance_totals",
        len(who),
        month=world.starts[when],
        account_id=take(names.account, who),
        arr_cents=values[0],
        new_arr_cents=values[1],
        bookings_cents=values[2],
        revenue_cents=optional_int(
            np.r_[arr.sum(axis=0)[whole], arr[account, month]][order] // 12, np.ones(len(who), bool)
        ),
    )
    return table, notes


def _disagree(world: World, arr: Array, who: Array, when: Array, names: Names) -> list[dict[str, Any]]:
    rng, count = world.rng("finance"), world.model.finance.disagreements
    company = rng.choice(np.flatnonzero(who < 0), min(2, count), replace=False)
    single = rng.choice(np.flatnonzero((who >= 0) & (arr > 0)), count - len(company), replace=False)
    notes = []
    for row in sorted(int(row) for row in np.r_[company, single]):
        true = int(arr[row])
        arr[row] = round(true * float(rng.choice([0.994, 1.006]) if who[row] < 0 else 0.9))
        notes.append(
            {
                "month": str(world.starts[when[row]]),
                "account_id": None if who[row] < 0 else names.account[int(who[row])].as_py(),
                "column": "arr_cents",
                "subscriptions_cents": true,
                "finance_cents": int(arr[row]),
            }
        )
    return notes
