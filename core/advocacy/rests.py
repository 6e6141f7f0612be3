"""Rest: caps and cool-downs that keep people from being asked too often, each with the first day it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.wording import Words, counted, on_day, same, stacked, worded, written
from core.model.activities import Activities
from core.model.advocacy import AdvocacyRules, Cap

DONE = "done"
"""The rest after an activity was completed: the ladder goes on to the next rung meanwhile."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """One kind of rest and the contacts it holds for."""

    kind: str
    ids: pd.Series
    activity: Words
    reason: Words
    until: pd.Series


def rests(inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities) -> pd.DataFrame:
    """Who rests, from what, why and until when.

    Args:
        inputs: The contacts as of a day.
        rules: Caps and cool-downs per contact.
        activities: Cool-down and repeat interval per activity.

    Returns:
        One row per rest in force, none for contacts that do not rest: contact_id; activity it holds for, null for every
        activity; rest (quarter, year, between_asks, after_no, deferred, accepted, after_escalation, poor_csat,
        cooldown, done); reason in words; until, the first day it is over, empty when that depends on somebody (an
        accepted ask that was not sent yet, a deferral without a day).

    Source:
        Fatigue rules of augmented-csm and saasdash, which differ: data/model/advocacy.toml.
    """
    found = [*_of_contact(inputs, rules), *_of_activity(inputs, activities)]
    whole = pd.DataFrame(
        {
            "contact_id": pd.concat([rest.ids for rest in found], ignore_index=True),
            "activity": stacked([rest.activity for rest in found]).category(),
            "rest": stacked([same(rest.kind, len(rest.ids)) for rest in found]).category(),
            "reason": stacked([rest.reason for rest in found]).category(),
            "until": pd.concat([rest.until for rest in found], ignore_index=True),
        }
    )
    visible = inputs.positions(whole["contact_id"]) >= 0
    return whole[visible].reset_index(drop=True)


def _of_contact(inputs: AdvocacyInput, rules: AdvocacyRules) -> Iterator[_Rest]:
    limits, contacts, today = rules.limits, inputs.contacts, inputs.today
    yield _capped(inputs, "quarter", limits.quarter, "asks_90d")
    yield _capped(inputs, "year", limits.year, "asks_365d")
    asked = "asked on " + on_day(contacts["last_ask_on"], today)
    yield _pause(inputs, "between_asks", contacts["last_ask_on"], limits.between_asks.days, asked)
    refused = "said no on " + on_day(contacts["last_no_on"], today)
    yield _pause(inputs, "after_no", contacts["last_no_on"], limits.after_no.days, refused)
    deferred = "deferred until " + on_day(contacts["deferred_until"], today)
    yield _pause(inputs, "deferred", contacts["deferred_until"], 0, deferred)
    closed = contacts["last_escalation_closed_on"]
    solved = "escalation closed on " + on_day(closed, today)
    yield _pause(inputs, "after_escalation", closed, limits.after_escalation.days, solved)
    poor = inputs.number("csat_score") <= limits.poor_csat.score_at_most
    words = worded(inputs.number("csat_score"), lambda value: f"CSAT {value:g} on ") + on_day(
        contacts["csat_on"], today
    )
    yield _pause(inputs, "poor_csat", contacts["csat_on"].where(poor), limits.poor_csat.days, words)
    yield _open_end(inputs, "accepted", inputs.asks["state"] == "accepted", "an accepted ask waits to be sent")
    undated = (inputs.asks["state"] == "deferred") & inputs.asks["deferred_until"].isna()
    yield _open_end(inputs, "deferred", undated, "deferred without a day")


def _open_end(inputs: AdvocacyInput, rest: str, asks: pd.Series, reason: str) -> _Rest:
    """A rest that ends when somebody acts on one of the asks."""
    waiting = inputs.asks[asks].drop_duplicates("contact_id")
    n = len(waiting)
    unknown = pd.Series(pd.NaT, index=range(n)).astype("datetime64[us]")
    return _Rest(rest, waiting["contact_id"], same(None, n), same(reason, n), unknown)


def _pause(inputs: AdvocacyInput, rest: str, since: pd.Series, days: int, words: Words) -> _Rest:
    until = since + pd.Timedelta(days=days)
    held = np.flatnonzero((until > inputs.today).to_numpy())
    return _Rest(rest, inputs.ids.iloc[held], same(None, len(held)), words.take(held), until.iloc[held])


def _capped(inputs: AdvocacyInput, rest: str, cap: Cap, column: str) -> _Rest:
    """The cap-th latest ask must leave the window; a count that the asks do not explain waits for the last one."""
    latest = _sent(inputs).sort_values(["contact_id", "asked_on"], ascending=[True, False])
    place = latest.groupby("contact_id").cumcount()
    window = pd.Timedelta(days=cap.days)
    due = latest[place == cap.asks - 1].set_index("contact_id")["asked_on"].reindex(inputs.ids).reset_index(drop=True)
    due = due.where(due + window > inputs.today)
    counts = inputs.number(column)
    due = due.where(due.notna() | ~(counts >= cap.asks), inputs.contacts["last_ask_on"])
    in_window = latest[latest["asked_on"] + window > inputs.today].groupby("contact_id").size()
    asked = np.fmax(np.asarray(in_window.reindex(inputs.ids), dtype=np.float64), counts)
    words = counted(asked, "ask", "asks") + f" in {cap.days} days, {cap.asks} at most"
    return _pause(inputs, rest, due, cap.days, words)


def _of_activity(inputs: AdvocacyInput, activities: Activities) -> Iterator[_Rest]:
    labels: dict[str, str] = {name: item.label for name, item in activities.activities.items()}
    cooldown = {name: item.cooldown_days for name, item in activities.activities.items()}
    again = {name: item.repeat_days for name, item in activities.activities.items()}
    for rest, column, days, verb in (
        ("cooldown", "asked_on", cooldown, "asked for on"),
        (DONE, "completed_on", again, "done on"),
    ):
        last = _sent(inputs).groupby(["contact_id", "activity"], sort=False)[column].max().dropna().reset_index()
        until = last[column] + pd.to_timedelta(last["activity"].map(days), unit="D")
        held = (until > inputs.today).to_numpy()
        kept = last[held]
        activity = written(kept["activity"])
        labelled = Words(activity.codes, [labels.get(text, text) for text in activity.texts])
        words = labelled + f" {verb} " + on_day(kept[column], inputs.today)
        yield _Rest(rest, kept["contact_id"], activity, words, until[held])


def _sent(inputs: AdvocacyInput) -> pd.DataFrame:
    return inputs.asks[inputs.asks["state"] == "sent"]
