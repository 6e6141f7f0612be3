"""Scores and next asks after a record changed: worked out anew for the accounts it touches, kept for all others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

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
    "answered_365d", "asks_told_365d", "asks_tried_365d", "completed_365d", "last_completed_on", "never",
    "deferred_until",
)  # fmt: skip
"""Columns of a contact that records can change; the others rest on facts, which the memory is bound to."""
MOST = 200
"""Accounts beyond which everything is worked out anew: then that is the cheaper way."""
ROOM = 64
"""Accounts of which the guardrails are kept: those of the people looked at last."""

Built = TypeVar("Built")
Guards = dict[str, pd.DataFrame]
"""What `guardrails` says of the contacts of one account, by account."""


@dataclass(frozen=True)
class Difference:
    """Contacts of whom another input of the same facts says something else; every contact of their accounts.

    Attributes:
        scores: Those whose scores may differ.
        guards: Those whose guardrails may differ; the former among them.
        asks: Those whose next ask may differ; the former among them.
    """

    scores: Bools
    guards: Bools
    asks: Bools


@dataclass
class Memory:
    """What the last Month of the same facts came to; the next one starts from it.

    Attributes:
        scores: Its input, rules and scores.
        asks: Its input, rules and next asks, and guardrails that hold for this very input, by the day of the lists:
            the month's last and the working day.
    """

    scores: tuple[AdvocacyInput, AdvocacyRules, Scores] | None = None
    asks: dict[dt.date, tuple[AdvocacyInput, AdvocacyRules, pd.DataFrame, Guards]] = field(default_factory=dict)
    compared: tuple[AdvocacyInput, AdvocacyInput, Difference | None] | None = field(default=None, repr=False)
    parts: dict[str, tuple[tuple[object, ...], Any]] = field(default_factory=dict, repr=False)
    by_account: dict[str, tuple[AdvocacyInput, AdvocacyRules, dict[str, Any]]] = field(default_factory=dict, repr=False)

    def kept(self, name: str, sources: tuple[object, ...], build: Callable[[], Built]) -> Built:
        """A part of the month, built anew where one of the objects it rests on is another than last time.

        Args:
            name: Permanent name of the part.
            sources: Everything it rests on beside facts, as the very objects, which are never changed; a day may be an
                equal one.
            build: Makes it.
        """
        found = self.parts.get(name)
        if found is None or not all(_unchanged(*pair) for pair in zip(found[0], sources, strict=True)):
            self.parts[name] = found = (sources, build())
        return found[1]

    def same(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame of last time where the new one says the same: a source that lasts while rows beside it change.

        Args:
            name: Permanent name of the frame.
            frame: As it is now; never changed.
        """
        found = self.parts.get(name)
        if found is None or not found[1].equals(frame):
            self.parts[name] = found = ((), frame)
        return found[1]

    def of_accounts(self, name: str, inputs: AdvocacyInput, rules: AdvocacyRules) -> dict[str, Any]:
        """What was worked out account by account, without the accounts whose asks a record may have changed since.

        Args:
            name: Permanent name of what it is; everything it rests on is facts, the input and the rules.
            inputs: All contacts.
            rules: As in force for this input.

        Returns:
            To be added to, by account.
        """
        last = self.by_account.get(name)
        if last is not None and last[0] is inputs and last[1] == rules:
            return last[2]
        found = self.difference(last[0], inputs) if last is not None and last[1] == rules else None
        kept: dict[str, Any] = {}
        if last is not None and found is not None:
            changed = set(inputs.contacts.loc[found.asks, "account_id"])
            kept = {account: known for account, known in list(last[2].items()) if account not in changed}
        self.by_account[name] = inputs, rules, kept
        return kept

    def difference(self, before: AdvocacyInput, inputs: AdvocacyInput) -> Difference | None:
        """As `difference`, told once for scores and next asks; no input differs from itself."""
        if before is inputs:
            nobody = np.zeros(len(inputs.ids), dtype=bool)
            return Difference(nobody, nobody, nobody)
        kept = self.compared
        if kept is None or kept[0] is not before or kept[1] is not inputs:
            self.compared = kept = (before, inputs, difference(before, inputs))
        return kept[2]


def _unchanged(old: object, new: object) -> bool:
    return old is new or (isinstance(new, dt.date) and old == new)


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
        numbers = spliced(last[2].numbers, fresh.numbers, at)
        scores = Scores(numbers, by_hand, _reasons(last[2], fresh, at, inputs, rules),
                        lambda: score(inputs, rules).parts)  # fmt: skip
    memory.scores = (inputs, rules, scores)
    return scores


def _reasons(
    before: Scores, fresh: Scores, at: NDArray[np.intp], inputs: AdvocacyInput, rules: AdvocacyRules
) -> Callable[[], pd.DataFrame]:
    """Reasons with those of some accounts replaced; worked out anew where nobody has read those of the others."""
    if "reasons" not in before.__dict__:
        return lambda: score(inputs, rules).reasons
    found = spliced(before.reasons, fresh.reasons, at)
    return lambda: found


def next_asks_of(
    memory: Memory,
    inputs: AdvocacyInput,
    guards: pd.DataFrame | None,
    rules: AdvocacyRules,
    activities: Activities,
    day: dt.date | None = None,
) -> pd.DataFrame:
    """As `next_asks`, with what is known of the accounts that did not change.

    Args:
        memory: That of the facts the input was built from; keeps the result.
        inputs: All contacts.
        guards: As `guardrails` returns them on that day, where that is known already.
        rules: Scores, stops, caps and cool-downs.
        activities: The ladder.
        day: The day of the lists; None is that of the input.
    """
    day = day or inputs.as_of
    last = memory.asks.get(day)
    found = memory.difference(last[0], inputs) if last is not None and last[1] == rules else None
    scores, kept = scores_of(memory, inputs, rules), Guards()
    if last is None or found is None:
        own = guardrails(inputs, rules, day=day) if guards is None else guards
        asks = next_asks(inputs, scores, own, rules, activities, None, day)
    else:
        changed = set(inputs.contacts.loc[found.guards, "account_id"])
        kept = {account: frame for account, frame in list(last[3].items()) if account not in changed}
        asks = _patched(last[2], inputs, found.asks, scores, kept, rules, activities, day)
    others = {other: known for other, known in list(memory.asks.items()) if inputs.as_of in (other, day)}
    memory.asks = others | {day: (inputs, rules, asks, kept)}
    return asks


def guards_of(
    memory: Memory, inputs: AdvocacyInput, rules: AdvocacyRules, account_id: str, day: dt.date | None = None
) -> pd.DataFrame:
    """As `guardrails` says it of the contacts of one account, kept until a record touches them.

    Args:
        memory: That of the facts the input was built from.
        inputs: All contacts.
        rules: Length of the windows.
        account_id: The account.
        day: The day of the lists; None is that of the input.
    """
    last = memory.asks.get(day or inputs.as_of)
    own = last[3] if last is not None and last[0] is inputs and last[1] == rules else Guards()
    found = own.get(account_id)
    if found is None:
        found = guardrails(inputs.of_account(account_id), rules, day=day)
        if len(own) >= ROOM:
            own.clear()
        own[account_id] = found
    return found


def _patched(
    before: pd.DataFrame, inputs: AdvocacyInput, rows: Bools, scores: Scores, kept: Guards, rules: AdvocacyRules,
    activities: Activities, day: dt.date,
) -> pd.DataFrame:  # fmt: skip
    """The next asks with those of some accounts worked out anew."""
    if not rows.any():
        return before
    part, at = _part(inputs, rows)
    accounts = part.contacts["account_id"].unique()
    known = kept.get(accounts[0]) if len(accounts) == 1 else None
    reasons = scores.reasons.take(at).reset_index(drop=True)
    own = replace(scores, numbers=scores.numbers.take(at).reset_index(drop=True), _reasons=lambda: reasons)
    guards = guardrails(part, rules, day=day) if known is None else known
    return spliced(before, next_asks(part, own, guards, rules, activities, None, day), at)


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
        scored |= _differs(before.contacts[name], inputs.contacts[name])
    inputs.take_over(before)
    for name in ("interests", "overrides"):
        scored |= before.marks[name] != inputs.marks[name]
    guarded = scored | (before.marks["consents"] != inputs.marks["consents"])
    asked = guarded | (before.marks["asks"] != inputs.marks["asks"])
    accounts = inputs.accounts
    if len(np.unique(accounts[asked])) > MOST:
        return None
    return Difference(*(np.isin(accounts, np.unique(accounts[rows])) for rows in (scored, guarded, asked)))


def _differs(old: pd.Series, new: pd.Series) -> Bools:
    """Rows that differ; two missing ones do not."""
    if old.dtype == "str":
        return ((old != new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool, na_value=True)
    before, after = old.to_numpy(), new.to_numpy()
    return np.asarray((before != after) & ~((before != before) & (after != after)), dtype=bool)


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
