"""What the facts say after the newest month's last day: too late for its figures, in time to stop an ask."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.advocacy.inputs import no_news
from core.advocacy.shape import SINCE_COLUMNS, shaped
from core.model.advocacy import AdvocacyRules
from core.stats.ids import beside, known

if TYPE_CHECKING:
    from core.month.facts import FactMonth


def known_on(facts: FactMonth) -> dt.date:
    """Last day something is known of: that of the data in the newest month, else the month's own last day."""
    return max(facts.as_of, facts.known_until or facts.as_of) if facts.newest else facts.as_of


def stops_since(facts: FactMonth, rules: AdvocacyRules) -> pd.DataFrame:
    """What stops an ask of each contact on the last day something is known of.

    Args:
        facts: The fact part of a month.
        rules: Who is a detractor.

    Returns:
        One row per contact whom something stops: the columns of `core.advocacy.shape.SINCE_COLUMNS` in their shape;
        none when nothing is known after the month.
    """
    day = known_on(facts)
    if day == facts.as_of:
        return shaped("since", no_news(), SINCE_COLUMNS)
    contacts = facts.rollup("contacts", as_of=day)[["contact_id", "account_id", "left_on"]].reset_index(drop=True)
    tickets = beside(contacts["account_id"], facts.rollup("account_tickets", as_of=day), "account_id")
    found = pd.DataFrame(
        {
            "contact_id": contacts["contact_id"],
            "open_severe_tickets": tickets["open_severe"].fillna(0),
            "open_escalations": tickets["open_escalations"].fillna(0),
            "last_detractor_on": _detractors(facts, contacts, rules, day),
            "left_on": contacts["left_on"],
            "account_ended": _ended(facts, contacts["account_id"], day),
        }
    )
    stopped = (found["open_severe_tickets"] > 0) | (found["open_escalations"] > 0) | found["account_ended"]
    dated = found["last_detractor_on"].notna() | found["left_on"].notna()
    return shaped("since", found[stopped | dated].reset_index(drop=True), SINCE_COLUMNS)


def _detractors(facts: FactMonth, contacts: pd.DataFrame, rules: AdvocacyRules, day: dt.date) -> pd.Series:
    """Day of the latest answer as a detractor, which is what the rules of the contact's segment say."""

    def answered(at_most: int) -> pd.Series:
        answers = facts.rollup("survey_latest", as_of=day, detractor_at_most=at_most)
        own = answers.loc[answers["survey"] == "nps", ["contact_id", "last_detractor_on"]]
        return beside(contacts["contact_id"], own, "contact_id")["last_detractor_on"]

    found = answered(rules.stops.detractor.score_at_most)
    segments = beside(contacts["account_id"], facts.accounts[["account_id", "segment"]], "account_id")["segment"]
    for segment in rules.segments:
        own = answered(rules.of(segment).stops.detractor.score_at_most)
        found = found.where(segments != segment, own)
    return found


def _ended(facts: FactMonth, accounts: pd.Series, day: dt.date) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the counted account of each pays for nothing any more."""
    periods = facts.rollup("paid_periods", as_of=day)
    paying = periods.loc[~(periods["end_date"] <= pd.Timestamp(day)), "account_id"].drop_duplicates()
    paying = paying.astype("str").reset_index(drop=True)
    own = facts.accounts[["account_id", "unit_id"]]
    units = beside(paying, own, "account_id")["unit_id"].fillna(paying)
    wanted = beside(accounts, own, "account_id")["unit_id"].fillna(accounts.reset_index(drop=True))
    return ~known(wanted, units)
