"""The frames behind the figures of the programme, of voices and of the coverage measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.model.kpi_rules import kpi_rules
from core.month.scored_asks import scored_asks
from core.stats.ids import beside, in_numbers

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

Tables = Mapping[str, Callable[[], pd.DataFrame]]

YEAR_DAYS = 365
PLAIN = ("assets", "enrolments", "consents", "outcomes")
"""Record tables that are read as they are."""


def advocacy_fact_tables(facts: FactMonth) -> Tables:
    """Frames that rest on facts alone, by name.

    Returns:
        people: contact_id, account_id, unit_id, account_name, segment, joined_on, left_on: one row per contact.
        nps_answers: contact_id, month, answered_on, score: the last answer of a person in each month.
        advocacy_touches: account_id, contact_id, day, is_ask: recognitions and asks by touch.
        escalations: account_id, opened_on, closed_on: one row per escalated ticket.
        account_days: account_id, unit_id, start_date, go_live_on, first_value_on: one row per account.
        touch_months: one row per month with touches, by what is known of them.
        community_members: contact_id, first_on. onboarding_steps: account_id, enrolled_on, task_on.
        executive_reviews: planned_month, held_month, planned_reviews, held_reviews.
        risk_plays: one row per renewal that fell due, with play_on. renewal_days: account_id, due_on.
        finance_first: account_id, finance_month, finance_arr_cents.
        last_day: as_of, the last visible day, in one row.
    """
    rules = kpi_rules().coverage
    return {
        "people": lambda: people(facts),
        "nps_answers": lambda: facts.rollup("nps_answers"),
        "advocacy_touches": lambda: facts.rollup("advocacy_touches"),
        "escalations": lambda: facts.rollup("escalations"),
        "account_days": lambda: account_days(facts),
        "touch_months": lambda: facts.rollup("touch_months"),
        "community_members": lambda: facts.rollup("community_members"),
        "onboarding_steps": lambda: facts.rollup("onboarding_steps"),
        "executive_reviews": lambda: facts.rollup("executive_reviews", late_days=rules.review_late_days),
        "risk_plays": lambda: facts.rollup("risk_plays", risk_days=rules.risk_days, year_days=YEAR_DAYS),
        "renewal_days": lambda: facts.rollup("renewal_days"),
        "finance_first": lambda: facts.rollup("finance_first"),
        "last_day": lambda: pd.DataFrame({"as_of": [pd.Timestamp(facts.as_of)]}),
    }


def advocacy_record_tables(month: Month) -> Tables:
    """Record tables as they are, and three more.

    Returns:
        pool: one row per contact as the month's own last day sees it.
        scored_asks: as `core.month.scored_asks.scored_asks` gives them.
        ask_limits: between_asks_days, the rest between two asks by the rules of the month, in one row.
    """
    between = month.advocacy_rules.limits.between_asks.days
    return {name: lambda name=name: month.records[name] for name in PLAIN} | {
        "pool": lambda: pool(month),
        "scored_asks": lambda: scored_asks(month),
        "ask_limits": lambda: pd.DataFrame({"between_asks_days": [between]}),
    }


def people(facts: FactMonth) -> pd.DataFrame:
    """Every contact with the account that is counted; what is of the account is held as numbers."""
    contacts = in_numbers(facts.contacts[["contact_id", "account_id", "joined_on", "left_on"]], "account_id")
    own = beside(contacts["account_id"], facts.account_labels, "account_id")
    return pd.concat([contacts.reset_index(drop=True), own], axis=1)


def account_days(facts: FactMonth) -> pd.DataFrame:
    """Start, go-live and first value of every account: the first milestone, or the account's own date."""
    rows = facts.accounts[["account_id", "unit_id", "start_date", "go_live_on"]].reset_index(drop=True)
    reached = beside(rows["account_id"], facts.kpi_input.table("milestones"), "account_id")
    go_live = reached["go_live_on"].fillna(rows["go_live_on"])
    return rows.assign(go_live_on=go_live, first_value_on=reached["first_value_on"])


def pool(month: Month) -> pd.DataFrame:
    """Who could be asked for something on the month's last day.

    Returns:
        contact_id, account_id, unit_id, account_name, segment, active_people (at an active account and still there),
        scored_people (with a readiness score), eligible_people (an ask is open to them today), offerable_people (no
        stop stands against an ask, resting or not): 0 or 1 each; as_of.
    """
    contacts, state = month.contact_facts, month.standings
    left = contacts["left_on"].notna().to_numpy()
    active = contacts["account_active"].to_numpy(dtype=bool) & ~left
    scored = month.scores.numbers["readiness"].notna().to_numpy()
    return contacts[["contact_id", "account_id", "unit_id", "account_name", "segment"]].assign(
        active_people=active.astype(np.int8),
        scored_people=(scored & active).astype(np.int8),
        eligible_people=state.eq("ask").to_numpy().astype(np.int8),
        offerable_people=state.isin(["ask", "rest"]).to_numpy().astype(np.int8),
        as_of=pd.Timestamp(month.as_of),
    )
