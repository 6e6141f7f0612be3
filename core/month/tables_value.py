"""The frames that value, use, service and community KPIs read by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.model.kpi_rules import kpi_rules
from core.stats.ids import in_numbers, places, ranked

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

Tables = Mapping[str, Callable[[], pd.DataFrame]]


def value_fact_tables(facts: FactMonth) -> Tables:
    """Frames that rest on facts alone, by name.

    Returns:
        paid_changes: account_id, day, change (of the number of paid subscriptions).
        milestones: account_id, kickoff_on, go_live_on, first_login_on, activated_on, first_value_on, next_renewal_on:
            one row per account with a milestone or an undecided renewal.
        usage_month: account_id, month, user_weeks, weeks_known, seated_user_weeks, seat_weeks.
        feature_month: kind (account or feature), name, month, feature_users, feature_adopters.
        csat_month: account_id, month, answers, satisfied.
        ticket_answers: account_id, severity, opened_at, opened_on, first_response_at, answered_on: one row per ticket.
        reviews: account_id, held_on, planned_on, value_stated: one row per planned review that was held.
        community_month: contact_id, month, seen_on, acts, touches.
        content_views: account_id, opportunity_id, asset_id, month, views.
    """
    rules = kpi_rules()
    return {
        "paid_changes": lambda: facts.rollup("paid_changes"),
        "milestones": lambda: facts.rollup("account_milestones"),
        "usage_month": lambda: in_numbers(facts.rollup("usage_month"), "account_id"),
        "feature_month": lambda: in_numbers(facts.rollup("feature_month"), "kind", "name"),
        "csat_month": lambda: facts.rollup("csat_month", satisfied_from=rules.service.satisfied_from),
        "ticket_answers": lambda: facts.rollup("ticket_answers"),
        "reviews": lambda: facts.rollup("reviews"),
        "community_month": lambda: facts.rollup("community_month", days=rules.community.days),
        "content_views": lambda: facts.rollup("content_views"),
    }


def account_health(month: Month) -> pd.DataFrame:
    """Health of every account on the month's last day: account_id, health [0-100, missing if unknown], month.

    Every contact of an account carries its health; an account without contacts has none.
    """
    scores, contacts = month.scores.numbers, month.facts.contacts
    of = places(contacts["contact_id"], scores["contact_id"])
    codes, accounts = ranked(contacts["account_id"].take(np.flatnonzero(of >= 0)))
    health = scores["health"].to_numpy(dtype=np.float64)[of[of >= 0]]
    known = np.flatnonzero(~np.isnan(health) & (codes >= 0))[::-1]  # the first one of an account stays
    found = np.full(len(accounts), np.nan)
    found[codes[known]] = health[known]
    return pd.DataFrame({"account_id": accounts, "health": found, "month": pd.Timestamp(month.month)})
