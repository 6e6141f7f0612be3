"""Scores and next asks after a record changed: worked out anew for the accounts it touches, kept for all others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True)
class Difference:
    """Contacts of whom another input of the same facts says something else; every contact of their accounts.

    Attributes:
        scores: Those whose scores may differ.
        asks: Those whose next ask may differ; the former among them.
    """

    scores: Bools
    asks: Bools


@dataclass
class Memory:
    """What the last Month of the same facts came to; the next one starts from it."""

    scores: tuple[AdvocacyInput, AdvocacyRules, Scores] | None = None
    asks: tuple[AdvocacyInput, AdvocacyRules, pd.DataFrame] | None = None
    compared: tuple[AdvocacyInput, AdvocacyInput, Difference | None] | None = field(default=None, repr=False)

    def difference(self, before: AdvocacyInput, inputs: AdvocacyInput) -> Difference | None:
        """As `difference`, told once for scores and next asks."""
        kept = self.compared
        if kept is None or kept[0] is not before or kept[1] is not inputs:
            self.compared = kept = (before, inputs, difference(before, inputs))
        return kept[2]


def scores_of(memory: Memory, inputs: AdvocacyInput, rules: AdvocacyRules) -> Scores:
    """As `score`, with what is known of the accounts that did not change.

    Args:
        memory: That of the facts the input was built from; keeps the result.
        inputs: All contacts.
        rules: Curves, weights and half-lives.
    """
    last = memory.scores
    found = memory.difference(last[0], inputs) if last is not None and last[1] == rules else None
    if last is None or found is None:
        scores = score(inputs, rules)
    elif not found.scores.any():
        scores = last[2]
    else:
        part, at = _part(inputs, found.scores)
        fresh = score(part, rules)
        kept = last[2].overrides[~last[2].overrides["contact_id"].isin(part.ids)]
        by_hand = pd.concat([kept, fresh.overrides], ignore_index=True) if len(kept) else fresh.overrides
        patched = spliced(last[2].contacts, fresh.contacts, at)
        scores = Scores(patched, by_hand, lambda: score(inputs, rules).parts)
    memory.scores = (inputs, rules, scores)
    return scores


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
    found = memory.difference(last[0], inputs) if last is not None and last[1] == rules else None
    scores = scores_of(memory, inputs, rules)
    if last is None or found is None:
        own = guardrails(inputs, rules) if guards is None else guards
        asks = next_asks(inputs, scores, own, rules, activities)
    elif not found.asks.any():
        asks = last[2]
    else:
        part, at = _part(inputs, found.asks)
        own_scores = replace(scores, contacts=scores.contacts.take(at).reset_index(drop=True))
        changed = next_asks(part, own_scores, guardrails(part, rules), rules, activities)
        asks = spliced(last[2], changed, at)
    memory.asks = (inputs, rules, asks)
    return asks


def difference(before: AdvocacyInput, inputs: AdvocacyInput) -> Difference | None:
    """What records changed between two inputs of the same facts.

    Returns:
        Whose scores and next asks may differ, by account; None where the two cannot be compared, or so many accounts
        differ that working out everything is cheaper.
    """
    same = (before.as_of, before.loaded, before.stated) == (inputs.as_of, inputs.loaded, inputs.stated)
    if not same or not before.ids.array.equals(inputs.ids.array):
        return None
    scored = np.zeros(len(inputs.ids), dtype=bool)
    for name in FROM_RECORDS:
        old, new = before.contacts[name], inputs.contacts[name]
        scored |= ((old != new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool, na_value=True)
    for name in ("interests", "overrides"):
        scored |= before.marks[name] != inputs.marks[name]
    asked = scored.copy()
    for name in ("consents", "asks"):
        asked |= before.marks[name] != inputs.marks[name]
    accounts = inputs.accounts
    if len(np.unique(accounts[asked])) > MOST:
        return None
    return Difference(*(np.isin(accounts, np.unique(accounts[rows])) for rows in (scored, asked)))


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
