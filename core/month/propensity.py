"""What the chance of an act is learned from: days of asks, answers, outcomes and usage, as the month sees them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.history import History
from core.advocacy.propensity import Propensity, propensity
from core.advocacy.ranking import rank_asks
from core.advocacy.why import prompted
from core.model.activities import ASKER_LABELS, load_activities
from core.model.pool import pool_rules
from core.month.contacts import by_last_day, counted_asks, visible_outcomes
from core.stats.ids import beside

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.lists import Lists
    from core.month.month import Month

PROPENSITY_SEED = 20_267
ASKED = ["contact_id", "activity", "asked_on", "asked_by", "responded_on", "response", "completed_on"]


def history(month: Month) -> History:
    """Days of everything the month knows of its contacts.

    Later days are invisible or empty; in the newest month what people recorded since counts on its last day.
    """
    facts, today, outcomes = month.facts, pd.Timestamp(month.as_of), month.records["outcomes"]
    asks = counted_asks(month)

    def verified() -> pd.DataFrame:
        rows = visible_outcomes(outcomes, today, newest=facts.newest)[["account_id", "verified_on"]]
        return rows.assign(verified_on=by_last_day(rows["verified_on"], today))

    return History(
        as_of=month.as_of,
        contacts=facts.memory.kept("contacts asked", (), lambda: _contacts(month)),
        asks=asks.loc[asks["state"] == "sent", ASKED],
        nps=facts.kpi_input.kept("nps of contacts", lambda: _nps(facts)),
        csat=facts.kpi_input.kept("csat answers", lambda: facts.rollup("csat_answers")),
        outcomes=facts.memory.kept("outcomes", (outcomes,), verified),
        usage=facts.kpi_input.kept("usage of accounts", lambda: _usage(facts)),
    )


def _nps(facts: FactMonth) -> pd.DataFrame:
    """Answers by contact; kept apart from the table of the figures, as `_usage`, so that an act reads nothing again."""
    return facts.kpi_input.table("nps_answers")[["contact_id", "answered_on", "score"]]


def _usage(facts: FactMonth) -> pd.DataFrame:
    """Usage by account and month; kept apart from the table of the figures, which lets it go once they are made."""
    usage = facts.kpi_input.table("usage_month").rename(
        columns={"seated_user_weeks": "users", "seat_weeks": "seats", "weeks_known": "weeks"}
    )
    return usage[["account_id", "month", "users", "seats", "user_weeks", "weeks"]].astype({"account_id": "str"})


def _contacts(month: Month) -> pd.DataFrame:
    """Every contact of the facts, with the account's segment, fit and owner of today.

    People who were erased are among them, which `Month.advocacy_input` leaves out: what they were asked still teaches,
    under an id alone.
    """
    facts = month.facts
    people = facts.contacts[["contact_id", "account_id", "joined_on"]].reset_index(drop=True)
    accounts = facts.accounts[["account_id", "segment", "icp_fit", "owner_id"]]
    return pd.concat([people, beside(people["account_id"], accounts, "account_id")], axis=1)


def month_propensity(month: Month) -> Propensity:
    """The chance of an act as learned from the asks the month knows, and its test.

    What was learned is kept with the facts: a new ask teaches nothing until its time is over, so that saving one costs
    no learning.
    """
    rules, now = pool_rules().propensity, history(month)
    old = pd.Timestamp(month.as_of) - pd.Timedelta(days=rules.completed_within_days)
    known = [now.asks[now.asks["asked_on"] <= old], now.outcomes]
    digest = sha256(repr((month.advocacy_rules, sorted(month.loaded))).encode())
    for frame in known:
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    found = month.facts.kpi_input.kept(
        f"propensity {digest.hexdigest()}",
        lambda: propensity(now, rules, month.advocacy_rules, load_activities(), month.loaded, seed=PROPENSITY_SEED),
    )
    return found.seen_from(now)


def ask_chances(lists: Lists) -> NDArray[np.float64]:
    """Chance that the next ask of each contact is completed, in the order of `Lists.next_asks`; NaN where not used."""
    asks = lists.next_asks
    by_owner = (asks["asker"] == ASKER_LABELS["csm"]).to_numpy(dtype=np.float64)
    chances: NDArray[np.float64] = lists.month.propensity.chances(asks["contact_id"], asks["activity"], by_owner)
    return chances


def ask_order(lists: Lists) -> NDArray[np.intp]:
    """Places in `Lists.next_asks` of the people an ask is open to, best first."""
    asks, month = lists.next_asks, lists.month
    readiness = month.scores.contacts["readiness"].to_numpy(dtype=np.float64)
    load = month.advocacy_input.number("asks_365d")
    kept = pool_rules().ranking.kept_per_ask
    return rank_asks(asks, readiness, prompted(asks["why"]).to_numpy(dtype=bool), lists.ask_chances, load, kept)
