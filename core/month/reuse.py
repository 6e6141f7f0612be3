"""Scores and next asks after a record changed: worked out anew for the accounts it touches, kept for all others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.guardrails import guardrails
from core.advocacy.inputs import AdvocacyInput, Bools
from core.advocacy.next_ask import next_asks
from core.advocacy.score import Scores, score
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules

FROM_RECORDS = (
    "outcomes_verified", "last_outcome_on", "asks_90d", "asks_365d", "last_ask_on", "last_ask_activity", "last_no_on",
    "answered_365d", "completed_365d", "last_completed_on", "never", "deferred_until",
)  # fmt: skip
"""Columns of a contact that records can change; the others rest on facts, which the memory is bound to."""
MOST = 200
"""Accounts beyond which everything is worked out anew: then that is the cheaper way."""


@dataclass
class Memory:
    """What the last Month of the same facts came to; the next one starts from it."""

    scores: tuple[AdvocacyInput, AdvocacyRules, Scores] | None = None
    asks: tuple[AdvocacyInput, AdvocacyRules, pd.DataFrame] | None = None
    compared: tuple[AdvocacyInput, AdvocacyInput, Bools | None] | None = field(default=None, repr=False)

    def touched(self, before: AdvocacyInput, inputs: AdvocacyInput) -> Bools | None:
        """As `touched`, told once for scores and next asks."""
        kept = self.compared
        if kept is None or kept[0] is not before or kept[1] is not inputs:
            self.compared = kept = (before, inputs, touched(before, inputs))
        return kept[2]


def scores_of(memory: Memory, inputs: AdvocacyInput, rules: AdvocacyRules) -> Scores:
    """As `score`, with what is known of the accounts that did not change.

    Args:
        memory: That of the facts the input was built from; keeps the result.
        inputs: All contacts.
        rules: Curves, weights and half-lives.
    """
    last = memory.scores
    rows = memory.touched(last[0], inputs) if last is not None and last[1] == rules else None
    if last is None or rows is None:
        found = score(inputs, rules)
    elif not rows.any():
        found = last[2]
    else:
        part, at = _part(inputs, rows)
        changed, kept = score(part, rules), last[2].overrides
        overrides = pd.concat([kept[~kept["contact_id"].isin(part.ids)], changed.overrides], ignore_index=True)
        contacts = spliced(last[2].contacts, changed.contacts, at)
        found = Scores(contacts, overrides, lambda: score(inputs, rules).parts)
    memory.scores = (inputs, rules, found)
    return found


def next_asks_of(
    memory: Memory, inputs: AdvocacyInput, guards: pd.DataFrame | None, rules: AdvocacyRules, activities: Activities
) -> pd.DataFrame:
    """As `next_asks`, with what is known of the accounts that did not change.

    Args:
        memory: That of the facts the input was built from; keeps the result.
        inputs: All contacts.
        guards: As `guardrails` returns them, where that is known already.
        rules: Scores, stops, caps and cool-downs.
        activities: The ladder.
    """
    last = memory.asks
    rows = memory.touched(last[0], inputs) if last is not None and last[1] == rules else None
    if last is None or rows is None:
        own = guardrails(inputs, rules) if guards is None else guards
        found = next_asks(inputs, scores_of(memory, inputs, rules), own, rules, activities)
    elif not rows.any():
        found = last[2]
    else:
        part, at = _part(inputs, rows)
        changed = next_asks(part, score(part, rules), guardrails(part, rules), rules, activities)
        found = spliced(last[2], changed, at)
    memory.asks = (inputs, rules, found)
    return found


def touched(before: AdvocacyInput, inputs: AdvocacyInput) -> Bools | None:
    """Contacts of whom another input of the same facts says something else; all of an account when one of it differs.

    Returns:
        Whether each contact's account differs; None where the two cannot be compared, or too many differ.
    """
    same = (before.as_of, before.loaded, before.stated) == (inputs.as_of, inputs.loaded, inputs.stated)
    if not same or not before.ids.array.equals(inputs.ids.array):
        return None
    differs = np.zeros(len(inputs.ids), dtype=bool)
    for name in FROM_RECORDS:
        old, new = before.contacts[name], inputs.contacts[name]
        differs |= ((old != new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool, na_value=True)
    for name in ("consents", "interests", "asks", "overrides"):
        differs |= _marks(before, name) != _marks(inputs, name)
    accounts = np.unique(inputs.accounts[differs])
    return np.isin(inputs.accounts, accounts) if len(accounts) <= MOST else None


def _marks(inputs: AdvocacyInput, name: str) -> NDArray[np.uint64]:
    """A number for each contact that changes with the rows of a table that concern it, whatever their order."""
    frame = getattr(inputs, name)
    marks = np.zeros(len(inputs.ids), dtype=np.uint64)
    at = inputs.positions(frame["contact_id"])
    rows = pd.util.hash_pandas_object(frame.drop(columns="contact_id"), index=False).to_numpy(dtype=np.uint64)
    np.add.at(marks, at[at >= 0], rows[at >= 0])
    return marks


def _part(inputs: AdvocacyInput, rows: Bools) -> tuple[AdvocacyInput, NDArray[np.intp]]:
    """The contacts of the accounts that differ, and where they stand among all."""
    part = inputs.of_accounts(set(inputs.contacts.loc[rows, "account_id"]))
    return part, inputs.positions(part.ids)


def spliced(before: pd.DataFrame, part: pd.DataFrame, at: NDArray[np.intp]) -> pd.DataFrame:
    """A frame with some rows replaced.

    Args:
        before: All rows.
        part: The new rows, same columns.
        at: Where each of them stands.
    """
    columns = {}
    for name in before.columns:
        old, new = before[name], part[name]
        if isinstance(old.dtype, pd.CategoricalDtype):
            every = old.cat.categories.union(new.cat.categories, sort=False)
            old, new = old.cat.set_categories(every), new.cat.set_categories(every)
        values = old.array.copy()
        values[at] = new.array
        columns[str(name)] = pd.Series(values, index=before.index)
    return pd.DataFrame(columns)
