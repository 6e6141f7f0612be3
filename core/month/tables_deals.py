"""New-business deals as they stood when they settled and when they closed, for the KPIs of referrals and deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.model.channels import channel_class
from core.model.kpi_rules import kpi_rules
from core.stats.ids import as_numbers

if TYPE_CHECKING:
    from core.month.facts import FactMonth


def new_deals(facts: FactMonth) -> pd.DataFrame:
    """New-business deals, each with what was known of it when it settled and when it closed.

    A deal settles `settled_after_days` after its creation, at the latest at the end of the month it was created in,
    so that no later version changes the figures of an earlier month. Its source is that of its first version.

    Returns:
        One row per opportunity: opportunity_id, name, unit_id (counted parent of its account; missing without one),
        created_on, closed_on, outcome, segment, industry, region, entry_stage (as settled; missing where not known),
        channel_class, entry_cents (amount as settled), deal_cents (amount at the end of the month it closed in, the
        newest while it is open), both in the reporting currency, and priced (whether there is a rate for it).
    """
    from core.month.facts import NO_SEGMENT  # facts imports the tables

    deals = facts.deals
    deals = deals[deals["kind"] == "new"][["opportunity_id", "name", "created_on", "closed_on", "outcome"]]
    versions = facts.rollup("new_deals").sort_values(["opportunity_id", "known_from"], kind="stable")
    versions = versions.assign(cents=facts.reported(versions["native_cents"], versions["currency"]))
    created_end, closed_end = (_month_end(deals[name]) for name in ("created_on", "closed_on"))
    settled_on = deals["created_on"] + pd.Timedelta(days=kpi_rules().deals.settled_after_days)
    settled_on = settled_on.where(settled_on <= created_end, created_end)
    entry = version_on(versions, deals["opportunity_id"], settled_on)
    final = version_on(versions, deals["opportunity_id"], closed_end.fillna(pd.Timestamp(facts.as_of)))
    first = versions.drop_duplicates("opportunity_id").set_index("opportunity_id").reindex(deals["opportunity_id"])
    units = facts.accounts.set_index("account_id")["unit_id"]
    classes = {name: channel_class(name) for name in first["source"].dropna().unique()}
    return deals.assign(
        unit_id=final["account_id"].map(units).to_numpy(),
        segment=entry["segment"].fillna(NO_SEGMENT).to_numpy(),
        industry=entry["industry"].to_numpy(),
        region=entry["region"].to_numpy(),
        entry_stage=entry["entry_stage"].where(entry["entered_on"] <= settled_on.to_numpy()).to_numpy(),
        channel_class=first["source"].map(classes).fillna(channel_class(None)).to_numpy(),
        entry_cents=entry["cents"].to_numpy(),
        deal_cents=final["cents"].to_numpy(),
        priced=(entry["currency"].eq(facts.currency) | entry["currency"].isin(list(facts.rates))).to_numpy(),
    ).reset_index(drop=True)


def version_on(versions: pd.DataFrame, ids: pd.Series, days: pd.Series) -> pd.DataFrame:
    """The version of each deal that was known on a day of its own; its first one where none was.

    Args:
        versions: One row per deal and version, sorted by opportunity_id and known_from.
        ids: The deals, each once.
        days: A day for each of them.

    Returns:
        Rows of `versions` in the order of `ids`.
    """
    first = versions.drop_duplicates("opportunity_id").set_index("opportunity_id")
    if len(first) == len(versions):
        return first.reindex(ids)
    until = versions["opportunity_id"].map(pd.Series(days.to_numpy(), index=ids.to_numpy()))
    known = versions[versions["known_from"] <= until].drop_duplicates("opportunity_id", keep="last")
    known = known.set_index("opportunity_id")
    return pd.concat([known, first[~first.index.isin(known.index)]]).reindex(ids)


def stage_entries(facts: FactMonth) -> pd.DataFrame:
    """opportunity_id, stage, entered_on, left_on (entry into the next stage) of new-business deals, every entry.

    Deals and stages are held as numbers.
    """
    rows = facts.rollup("stage_entries")
    return rows.assign(**{name: as_numbers(rows[name]) for name in ("opportunity_id", "stage")})


def _month_end(days: pd.Series) -> pd.Series:
    return days + pd.offsets.MonthEnd(0)
