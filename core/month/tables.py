"""The frames that KPIs read by name: rollups of the facts, and record tables joined with their accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from core.month.tables_advocacy import advocacy_fact_tables, advocacy_record_tables
from core.month.tables_deals import new_deals, stage_entries
from core.month.tables_money import money_tables
from core.month.tables_value import account_health, value_fact_tables
from core.schema.zones import local_days
from core.stats.ids import beside, in_numbers

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
        and those of advocacy_fact_tables.
        new_deals: one row per new-business opportunity, as `core.month.tables_deals.new_deals` gives them.
        stage_entries: one row per stage entered by one of them.
        And those of `core.month.tables_money.money_tables` and `core.month.tables_value.value_fact_tables`.
    """
    return {
        "accounts": lambda: facts.accounts,
        "deals": lambda: facts.deals,
        "spend": lambda: facts.spend,
        "contacts": lambda: facts.contacts,
        **advocacy_fact_tables(facts),
        "new_deals": lambda: facts.kpi_input.kept("new deals", lambda: new_deals(facts)),
        "stage_entries": lambda: facts.kpi_input.kept("stage entries", lambda: stage_entries(facts)),
        **money_tables(facts),
        **value_fact_tables(facts),
    }


def record_tables(month: Month) -> Tables:
    """Record tables by name; frames of facts are shared.

    Asks and referrals have account_id, unit_id, account_name and segment, referrals submitted_on, the company's day.
    """
    facts = month.facts.kpi_input
    return {
        **{name: partial(facts.table, name) for name in facts.tables},
        "asks": lambda: with_account(month, month.records["asks"]),
        **advocacy_record_tables(month),
        "account_health": lambda: account_health(month),
        "referrals": lambda: referrals(month),
        "reference_requests": lambda: month.records["reference_requests"],
    }


def referrals(month: Month) -> pd.DataFrame:
    """Every referral with its referrer's account, and submitted_on: its day on the company's clocks."""
    rows = with_account(month, month.records["referrals"])
    return rows.assign(submitted_on=local_days(rows["submitted_at"], month.facts.zone))


def with_account(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows about contacts, with account_id, unit_id, account_name and segment of each one's account, as numbers."""
    contacts = in_numbers(month.facts.contacts[["contact_id", "account_id"]], "account_id")
    of = beside(rows["contact_id"], contacts, "contact_id")
    own = beside(of["account_id"], month.facts.account_labels, "account_id")
    return pd.concat([rows.reset_index(drop=True), of, own], axis=1)
