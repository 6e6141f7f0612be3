"""What stands against asks, on the data as they are now: looked up when a list is drawn and again at every save."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from core.advocacy.check import Objection, check_asks, objections
from core.advocacy.guardrails import guardrails
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.rests import COLLEAGUE_WAITS
from core.errors import RuleBroken
from core.glossary import display_day
from core.model.activities import ActivityId, load_activities
from core.month import Month
from core.month.lists import Lists
from core.month.reuse import guards_of
from core.services.home import current_state, month_of_source, open_engine, open_source
from core.services.request_words import name_of

Wanted = tuple[str, ActivityId]
"""Whom to ask for what."""


def against_asking(month: Month, asks: Sequence[Wanted], day: dt.date) -> list[list[Objection]]:
    """What stands against each ask on the data as they are now; called while the write lock is held.

    The month in hand answers at once when nothing has changed since it was built and its next asks of the day are
    there: the rows in state ask are exactly those `check_ask` finds nothing against. Everything else is worked out
    afresh.

    Args:
        month: The month the list was drawn from.
        asks: Whom to ask for what, each judged by itself.
        day: Day of the act: a rest that is over by then stops no ask, a consent that has expired by then does.

    Returns:
        For each ask, in the order given, every reason against it; that a contact is not known any more is one.
    """
    now = as_things_are(month)
    lists = now.on(day)
    proposed = _proposed(lists, asks) if now is month and "next_asks" in vars(lists) else frozenset()
    open_ones = [ask for ask in asks if ask not in proposed]
    known = set(now.advocacy_input.ids[now.advocacy_input.ids.isin([contact for contact, _ in open_ones])])
    checked = [ask for ask in open_ones if ask[0] in known]
    found: dict[Wanted, list[Objection]] = {
        ask: [Objection("blocked", "unknown", f"{name_of(month, ask[0])} is not known on {display_day(now.as_of)}")]
        for ask in open_ones
        if ask[0] not in known
    }
    if checked:
        rules, scores = now.advocacy_rules, now.scores.contacts
        answers = check_asks(now.advocacy_input, checked, rules, load_activities(), scores, lists.day)
        found |= dict(zip(checked, answers, strict=True))
    return [found.get(ask, []) for ask in asks]


def _proposed(lists: Lists, asks: Sequence[Wanted]) -> frozenset[Wanted]:
    wanted = lists.next_asks["contact_id"].isin([contact for contact, _ in asks])
    rows = lists.next_asks.loc[wanted & lists.next_asks["activity"].notna(), ["contact_id", "activity"]]
    return frozenset(zip(rows["contact_id"], rows["activity"], strict=True))


def as_things_are(month: Month) -> Month:
    """The newest month on the newest data; what has not changed of the one in hand is kept."""
    state = current_state()
    facts = month.facts if month.facts.key == state.facts_key and month.facts.newest else None
    if facts is not None and month.key == state.month_key(month.as_of):
        return month
    engine = facts.engine if facts is not None else open_engine(state)
    return month_of_source(open_source(state, engine), None, facts)


def against_sending(month: Month, asks: Sequence[Wanted], day: dt.date | None = None) -> list[list[Objection]]:
    """Everything that stands against sending accepted asks, the wait of each for its own sending left out.

    Args:
        month: The month.
        asks: Whom accepted asks go to and what for; of two asks of one contact each stands against the other.
        day: Day they are sent, on which rests have to be over and consents to hold, as in `Month.list_day`.

    Returns:
        For each ask, in the order given, every reason; `stops_of` has those that forbid sending.

    Raises:
        RuleBroken: A contact is not visible on that day.
    """
    if not asks:
        return []
    inputs, found = month.advocacy_input, []
    at = inputs.contacts.set_index("contact_id")["account_id"].reindex([contact for contact, _ in asks])
    if at.isna().any():
        unknown = at.index[at.isna()][0]
        raise RuleBroken(
            f"{name_of(month, str(unknown))} is not known on {display_day(inputs.as_of)}; nothing was asked."
        )
    accounts, rules, memory, on = set(at), month.advocacy_rules, month.facts.memory, month.list_day(day)
    part = inputs.of_accounts(accounts)
    scores = month.scores.contacts.take(inputs.positions(part.ids))
    alone = next(iter(accounts)) if len(accounts) == 1 else None
    guards = guardrails(part, rules, day=on) if alone is None else guards_of(memory, inputs, rules, alone, on)
    for group in _apart(asks):
        others = part.without_asks(_waiting(part, group))
        answers = objections(others, group, scores, guards, rules, load_activities(), on)
        found += list(zip(group, answers, strict=True))
    by_ask = dict(found)
    return [by_ask[ask] for ask in asks]


def _apart(asks: Sequence[Wanted]) -> list[list[Wanted]]:
    """The asks in groups in which every contact stands once, so that none hides another of the same contact."""
    groups: list[list[Wanted]] = []
    for ask in dict.fromkeys(asks):
        free = next((group for group in groups if ask[0] not in {contact for contact, _ in group}), None)
        if free is None:
            groups.append([ask])
        else:
            free.append(ask)
    return groups


def _waiting(inputs: AdvocacyInput, asks: Sequence[Wanted]) -> list[int]:
    """Place of the first accepted ask of each contact and activity."""
    rows = inputs.asks[inputs.asks["state"] == "accepted"]
    first = rows.drop_duplicates(["contact_id", "activity"])
    pairs = list(zip(first["contact_id"], first["activity"], strict=True))
    wanted = np.fromiter((pair in set(asks) for pair in pairs), dtype=bool, count=len(pairs))
    return [int(place) for place in first.index[wanted]]


def stops_of(found: list[Objection]) -> list[Objection]:
    """Those that forbid sending: all but readiness, which was enough when the ask was accepted, and the accepted ask of
    a colleague: of two that wait, one has to be sent first.
    """
    return [item for item in found if item.kind != "not_ready" and item.about != COLLEAGUE_WAITS]


def refusal(what: str, found: list[Objection]) -> str:
    """What was refused, and line by line what stands against it."""
    lines = [f"- {item.text}" + (f" (until {display_day(item.until)})" if item.until else "") for item in found]
    return f"{what}; nothing was saved:\n" + "\n".join(lines)
