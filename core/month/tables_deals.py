"""New-business deals as they stood when they settled and when they closed, for the KPIs of referrals and deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.model.kpi_rules import kpi_rules
from core.stats.ids import beside, in_numbers, places

if TYPE_CHECKING:
    from core.month.facts import FactMonth

KEPT = ["opportunity_id", "name", "created_on", "closed_on", "outcome", "channel_class"]
"""Columns that are those of the table `deals`."""


def new_deals(facts: FactMonth) -> pd.DataFrame:
    """New-business deals, each with what was known of it when it settled and when it closed.

    A deal settles `settled_after_days` after its creation, at the latest at the end of the month it was created in,
    so that no later version changes the figures of an earlier month. Its source is the first that was told.

    Returns:
        One row per opportunity: opportunity_id, name, unit_id (counted parent of its account; missing without one),
        created_on, closed_on, outcome, segment, industry, region, entry_stage (as settled; missing where not known),
        channel_class, entry_cents (amount as settled), deal_cents (amount at the end of the month it closed in, the
        newest while it is open), both in the reporting currency, and priced (whether there is a rate for it).
    """
    deals = facts.deals.loc[facts.deals["kind"] == "new", KEPT].reset_index(drop=True)
    versions = _versions(facts)
    created_end, closed_end = (_month_end(deals[name]) for name in ("created_on", "closed_on"))
    settled_on = deals["created_on"] + pd.Timedelta(days=kpi_rules().deals.settled_after_days)
    settled_on = settled_on.where(settled_on <= created_end, created_end)
    entry = version_on(versions, deals["opportunity_id"], settled_on)
    final = version_on(versions, deals["opportunity_id"], closed_end.fillna(pd.Timestamp(facts.as_of)))
    return deals.assign(
        unit_id=beside(final["account_id"], facts.accounts[["account_id", "unit_id"]], "account_id")["unit_id"],
        segment=entry["segment"],
        industry=entry["industry"],
        region=entry["region"],
        entry_stage=entry["entry_stage"].where(entry["entered_on"] <= settled_on),
        entry_cents=entry["cents"],
        deal_cents=final["cents"],
        priced=entry["currency"].eq(facts.currency) | entry["currency"].isin(list(facts.rates)),
    )


def _versions(facts: FactMonth) -> pd.DataFrame:
    """Every version of every new-business deal, oldest first, with its amount as reported; texts as numbers."""
    from core.month.facts import NO_SEGMENT  # facts imports the tables

    rows = facts.rollup("new_deals").sort_values(["opportunity_id", "known_from"], kind="stable", ignore_index=True)
    cents = facts.reported(rows["native_cents"], rows["currency"])
    rows = rows.drop(columns="native_cents").assign(cents=cents, segment=rows["segment"].fillna(NO_SEGMENT))
    return in_numbers(rows, "segment", "industry", "region", "currency", "entry_stage")


def version_on(versions: pd.DataFrame, ids: pd.Series, days: pd.Series) -> pd.DataFrame:
    """The version of each deal that was known on a day of its own; its first one where none was.

    Args:
        versions: One row per deal and version, sorted by opportunity_id and known_from, numbered from 0.
        ids: The deals, each once.
        days: A day for each of them.

    Returns:
        Rows of `versions` in the order of `ids`, numbered from 0.
    """
    found, of = places(ids, versions["opportunity_id"]), places(versions["opportunity_id"], ids)
    until = np.append(days.to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))[of]
    known = np.flatnonzero(versions["known_from"].to_numpy() <= until)
    found[of[known]] = known  # oldest first: the last one stays
    return versions.reindex(found).set_axis(pd.RangeIndex(len(found)))


def stage_entries(facts: FactMonth) -> pd.DataFrame:
    """opportunity_id, stage, entered_on, left_on (entry into the next stage) of new-business deals, every entry.

    Deals and stages are held as numbers.
    """
    rows = facts.rollup("stage_entries")
    return in_numbers(rows, "opportunity_id", "stage")


def _month_end(days: pd.Series) -> pd.Series:
    return days + pd.offsets.MonthEnd(0)
