"""Everything known about every contact on one day, from rollups and records: the input of scores and guardrails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.said import Codes
from core.advocacy.shape import (
    CONSENT_COLUMNS,
    CONTACT_COLUMNS,
    INTEREST_COLUMNS,
    OVERRIDE_COLUMNS,
    latest_of,
    shaped,
)
from core.model.advocacy import AdvocacyRules
from core.model.pool import pool_rules
from core.month.since import known_on
from core.stats.ids import numbered, places

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

NO_DAY = np.datetime64("NaT", "us")
RESPONSE_NO = "no"
STATES = ("sent", "deferred", "never")
"""States of an ask that are counted by contact."""
ASK_DAYS = ("asked_on", "responded_on", "completed_on", "used_on", "thanked_on", "told_outcome_on")


def advocacy_input(month: Month) -> AdvocacyInput:
    """One row per contact as of the month's last day.

    What facts say of contacts is kept with the facts, so that a new record costs no rollup. Of the records asks,
    consents, interests, outcomes and reference requests are read.
    """
    facts, records, memory = month.facts, month.records, month.facts.memory
    today, newest = pd.Timestamp(facts.as_of), facts.newest
    asks, consents, requests = month_asks(month), records["consents"], records["reference_requests"]
    lasting = memory.kept("people", (month.contact_facts, records["outcomes"]), lambda: _lasting(month))
    return AdvocacyInput(
        as_of=facts.as_of,
        loaded=month.loaded - month.stated,
        contacts=pd.concat([lasting, _ask_counts(asks, lasting["contact_id"], today)], axis=1),
        consents=memory.kept("consents", (consents,), lambda: shaped(
            "consents", visible_consents(consents, today, newest=newest), CONSENT_COLUMNS)),
        interests=memory.kept("interests", (records["interests"],), lambda: shaped(
            "interests", records["interests"], INTEREST_COLUMNS)),
        asks=memory.kept("asks and promises", (asks, requests), lambda: without_ended_promises(asks, requests))
        if newest else asks,
        overrides=memory.kept("overrides", (month.overrides,), lambda: shaped(
            "overrides", visible_overrides(month.overrides, today, newest=newest), OVERRIDE_COLUMNS)),
        stated=month.stated,
        known_on=known_on(facts),
        since=facts.stops_since(month.advocacy_rules),
    )  # fmt: skip


def month_asks(month: Month) -> pd.DataFrame:
    """Asks the month sees, each with its own days; worked out once for all parts of the month."""
    asks, facts = month.records["asks"], month.facts
    return facts.memory.kept(
        "asks", (asks,), lambda: visible_asks(asks, pd.Timestamp(facts.as_of), newest=facts.newest)
    )


def counted_asks(month: Month) -> pd.DataFrame:
    """`month_asks` for figures of a window that ends with the month: a later day counts as its last one."""
    asks, today = month_asks(month), pd.Timestamp(month.as_of)

    def make() -> pd.DataFrame:
        later = [name for name in ASK_DAYS if (asks[name] > today).any()]
        return asks.assign(**{name: by_last_day(asks[name], today) for name in later}) if later else asks

    return month.facts.memory.kept("asks counted", (asks,), make)


def by_last_day(days: pd.Series, today: pd.Timestamp) -> pd.Series:
    """Days as figures count them: one since the data end counts as the last day; people are told the day itself."""
    return days.where(~(days > today), today)


def _lasting(month: Month) -> pd.DataFrame:
    """What no ask changes of every contact: what facts say, and the verified outcomes of the account."""
    facts, contacts = month.facts, month.contact_facts
    outcomes = month.records["outcomes"][["account_id", "agreed_on", "verified_on"]]
    verified = visible_outcomes(outcomes, pd.Timestamp(facts.as_of), newest=facts.newest)
    frame = pd.concat([contacts, _outcomes(verified, contacts["account_id"])], axis=1)
    return shaped("contacts", frame, {name: kind for name, kind in CONTACT_COLUMNS.items() if name in frame.columns})


def facts_by_rules(facts: FactMonth, rules: AdvocacyRules) -> pd.DataFrame:
    """What facts say of every contact; who is a detractor may differ by segment."""
    whole = facts.contact_facts(rules.stops.detractor.score_at_most)
    days = whole["last_detractor_on"]
    for segment in rules.segments:
        own = facts.contact_facts(rules.of(segment).stops.detractor.score_at_most)["last_detractor_on"]
        days = days.where(whole["segment"] != segment, own)
    return whole.assign(last_detractor_on=days) if rules.segments else whole


def visible_asks(asks: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Asks as they stood on a day.

    In the newest month what people recorded since the data end is seen, on its own day: nobody is asked twice because
    the data are older than the click, and a rest lasts from the day somebody was asked. In an earlier month a later ask
    is invisible, a later answer empty, and what carries no day (accepted, deferred, never: they say how things stand
    now) is left out.
    """
    if newest:
        return asks
    seen = asks[asks["asked_on"] <= today]
    answered = seen["responded_on"].isna() | (seen["responded_on"] <= today)
    return seen.assign(
        response=seen["response"].where(answered), **{name: seen[name].where(seen[name] <= today) for name in ASK_DAYS}
    )


def without_ended_promises(asks: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """Asks in which a yes to a reference request that ended without it reads as later: answered, no promise any more.

    It is neither a no nor done, and the record keeps the yes. Of the newest month alone: a request tells no day on
    which it ended.

    Args:
        asks: As `visible_asks`, with the deal each is for.
        requests: contact_id, opportunity_id and state of each request.
    """
    key = ["contact_id", "opportunity_id"]
    given = requests.dropna(subset=key)
    live, over = given["state"].isin(["open", "matched"]), given["state"].isin(["withdrawn", "missed"])
    if not over.any():
        return asks
    ended = pd.MultiIndex.from_frame(given.loc[over, key]).difference(pd.MultiIndex.from_frame(given.loc[live, key]))
    if ended.empty:
        return asks
    dealt = asks.loc[asks["opportunity_id"].notna() & asks["completed_on"].isna(), [*key, "response", "activity"]]
    open_yes = (dealt["response"] == "yes") & (dealt["activity"] == "reference")
    rows = dealt.loc[open_yes.fillna(False), key]
    released = rows.index[pd.MultiIndex.from_frame(rows).isin(ended)]
    return asks.assign(response=asks["response"].mask(asks.index.isin(released), "later"))


def visible_consents(consents: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Consents as they stood on a day; one that has expired stays, and the guardrail says since when.

    In the newest month a grant, and above all a withdrawal, recorded since the data end counts; in an earlier month it
    is invisible.
    """
    return consents if newest else consents[consents["granted_on"] <= today]


def visible_outcomes(outcomes: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Outcomes verified by a day; in the newest month those verified since the data end as well, on their own day."""
    if newest:
        return outcomes[outcomes["verified_on"].notna()]
    return outcomes[(outcomes["agreed_on"] <= today) & (outcomes["verified_on"] <= today)]


def visible_overrides(overrides: pd.DataFrame, today: pd.Timestamp, *, newest: bool) -> pd.DataFrame:
    """Scores set by hand that are in force on a day, one row per contact and score: the latest.

    In the newest month what was set or ended since the data end counts; in an earlier month it is invisible.
    """
    held = overrides["expires_on"] >= today
    if newest:
        rows = overrides[held & overrides["ended_on"].isna()]
    else:
        ended = overrides["ended_on"] <= today
        rows = overrides[held & ~ended & (overrides["set_on"] <= today)]
    return rows.drop_duplicates(["contact_id", "score"], keep="last")


def _outcomes(verified: pd.DataFrame, accounts: pd.Series) -> pd.DataFrame:
    """Of the account of each contact: outcomes_verified and last_outcome_on."""
    rows = verified[verified["account_id"].notna()]
    of, ids = numbered(rows["account_id"])
    days = latest_of(of, _days(rows["verified_on"]), len(ids))
    at = places(accounts, ids)
    return pd.DataFrame(
        {
            "outcomes_verified": np.append(np.bincount(of, minlength=len(ids)), 0)[at].astype(np.float64),
            "last_outcome_on": np.append(days, NO_DAY)[at],
        }
    )


def _ask_counts(asks: pd.DataFrame, contacts: pd.Series, today: pd.Timestamp) -> pd.DataFrame:
    """Of each contact: asks sent, answered and done; a standing never, and until when the contact is deferred.

    Counted by place: grouping so few rows took most of what a new ask costs.
    """
    at, n = places(asks["contact_id"], contacts), len(contacts)
    state = Codes.of(asks["state"])
    sent, deferred, never = (np.flatnonzero((at >= 0) & state.said(name)) for name in STATES)
    asked, responded, completed = (_days(asks[name])[sent] for name in ("asked_on", "responded_on", "completed_on"))
    by = at[sent]
    refused = (asks["response"].take(sent) == RESPONSE_NO).to_numpy(dtype=bool, na_value=False)
    flags = _counted(np.datetime64(today, "us"), asked, responded, completed, refused)
    noes = np.flatnonzero(refused)
    said_no = np.where(np.isnat(responded[noes]), asked[noes], responded[noes])
    latest = {
        "last_ask_on": latest_of(by, asked, n),
        "last_completed_on": latest_of(by, completed, n),
        "last_no_on": latest_of(by[noes], said_no, n),
    }
    last = _last_rows(asks["ask_id"], sent, asked, by, n)
    return pd.DataFrame(
        {
            **{name: np.bincount(by[flag], minlength=n).astype(np.float64) for name, flag in flags.items()},
            **latest,
            "last_ask_activity": pd.Series(asks["activity"].array.take(last, allow_fill=True)),
            "never": np.bincount(at[never], minlength=n) > 0,
            "deferred_until": latest_of(at[deferred], _days(asks["deferred_until"])[deferred], n),
        },
        copy=False,
    )


def _counted(
    now: np.datetime64,
    asked: NDArray[np.datetime64],
    responded: NDArray[np.datetime64],
    completed: NDArray[np.datetime64],
    refused: NDArray[np.bool_],
) -> dict[str, NDArray[np.bool_]]:
    """Which asks each count takes.

    The time of an ask is over when an act is no longer to be expected, `propensity.completed_within_days` after it:
    till then it is neither unanswered nor undone.
    """
    year, answered = now - np.timedelta64(365, "D"), ~np.isnat(responded)
    within = np.timedelta64(pool_rules().propensity.completed_within_days, "D")
    lately, over = asked > year, asked <= now - within
    return {
        "asks_90d": asked > now - np.timedelta64(90, "D"),
        "asks_365d": lately,
        "answered_365d": lately & answered,
        "asks_told_365d": lately & (over | answered),
        "asks_tried_365d": lately & (over | refused | ~np.isnat(completed)),
        "completed_365d": completed > year,
    }


def _last_rows(
    ids: pd.Series, sent: NDArray[np.intp], asked: NDArray[np.datetime64], by: NDArray[np.intp], n: int
) -> NDArray[np.intp]:
    """Row of the last ask of each of `n` places, -1 where there is none; one without a day counts as the latest.

    Of several on one day the one whose id comes last.
    """
    order = np.where(np.isnat(asked), np.iinfo(np.int64).max, asked.view(np.int64))
    newest = np.full(n, np.iinfo(np.int64).min)
    np.maximum.at(newest, by, order)
    best = np.flatnonzero(order == newest[by])
    tied = np.bincount(by[best], minlength=n)[by[best]] > 1
    several = best[tied]
    named = several[np.argsort(ids.take(sent[several]).to_numpy(dtype=object), kind="stable")]
    last = np.full(n, -1, dtype=np.intp)
    last[by[best[~tied]]] = sent[best[~tied]]
    last[by[named]] = sent[named]
    return last


def _days(days: pd.Series) -> NDArray[np.datetime64]:
    return days.to_numpy(dtype="datetime64[us]")
