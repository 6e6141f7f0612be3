"""The frames that KPIs read by name: rollups of the facts, and record tables joined with their accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

Tables = Mapping[str, Callable[[], pd.DataFrame]]


def fact_tables(facts: FactMonth) -> Tables:
    """Frames that rest on facts alone, by name.

    Returns:
        accounts: account_id, unit_id (the counted parent), name, segment: every account, children included.
        deals: one row per opportunity, with channel_class.
        spend: one row per month and line, cost_cents in the reporting currency, with channel_class.
        contacts: contact_id, account_id, persona, joined_on, left_on.
    """
    return {
        "accounts": lambda: facts.accounts,
        "deals": lambda: facts.deals,
        "spend": lambda: facts.spend,
        "contacts": lambda: facts.contacts,
    }


def record_tables(month: Month) -> Tables:
    """Record tables by name; those about a contact carry account_id, unit_id, account_name and segment."""
    return {
        "asks": lambda: with_account(month, month.records["asks"]),
    }


def with_account(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows about contacts, with account_id, unit_id, account_name and segment of each contact's account."""
    accounts = month.facts.accounts[["account_id", "unit_id", "name", "segment"]]
    people = month.facts.contacts[["contact_id", "account_id"]].merge(accounts, on="account_id", how="left")
    return rows.merge(people.rename(columns={"name": "account_name"}), on="contact_id", how="left")
