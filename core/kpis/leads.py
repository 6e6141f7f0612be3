"""Which referrals count as leads: each referred company once, if it is neither a customer nor in talks already."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.asked import days_of
from core.kpis.deals import among_deals
from core.kpis.inputs import KpiInput
from core.kpis.paying import units_at
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions, beside, numbered, places, texts

COUNTED, REPEATED = "counted", "referred before"


def referred(data: KpiInput) -> pd.DataFrame:
    """Every referral with a submission day, and whether it counts as a lead; oldest first.

    Returns:
        The columns of the table `referrals` with the referrer's account, company (name of the deal that came of it;
        missing without one), and standing: COUNTED, "referrer not known", "customer already", "deal open
        already" or REPEATED. Only what was known on the day of submission
        decides, so that the standing never changes.
    """
    return data.kept("referred", lambda: _referred(data))


def _referred(data: KpiInput) -> pd.DataFrame:
    rows = data.table("referrals").dropna(subset=["submitted_at"])
    rows = rows.sort_values(["submitted_on", "submitted_at", "referral_id"], ignore_index=True)
    standing = pd.Series(COUNTED, index=rows.index, dtype="str")
    deals = data.table("deals")
    named = among_deals(data).of(rows["opportunity_id"])
    standing = standing.mask(_in_talks(data, rows, named), "deal open already")
    standing = standing.mask(_is_customer(data, rows), "customer already")
    standing = standing.mask(rows["account_id"].isna(), "referrer not known")
    repeated = repeats(rows[standing == COUNTED], kpi_rules().referral.credit_days)
    return rows.assign(
        company=texts(deals["name"].array.take(named, allow_fill=True)),
        standing=standing.mask(repeated.reindex(rows.index, fill_value=False), REPEATED),
    )


def _is_customer(data: KpiInput, rows: pd.DataFrame) -> pd.Series:
    """Whether the referred company paid at the end of the month before it was referred."""
    revenue = data.revenue
    place = units_at(data, rows["prospect_id"])
    first = revenue.first_month
    if first is None:
        return pd.Series(False, index=rows.index)
    submitted = rows["submitted_on"]
    month = (submitted.dt.year - first.year) * 12 + submitted.dt.month - 1 - first.month
    inside = (place >= 0) & month.between(0, revenue.matrix.shape[1] - 1).to_numpy()
    paid = np.zeros(len(rows), dtype=bool)
    paid[inside] = revenue.matrix[place[inside], month.to_numpy()[inside]] > 0
    return pd.Series(paid, index=rows.index)


def _in_talks(data: KpiInput, rows: pd.DataFrame, named: Positions) -> NDArray[np.bool_]:
    """Whether a deal with the referred company, or the one named in the referral, was open before it was referred.

    Args:
        data: Frames of the company.
        rows: opportunity_id, prospect_id and submitted_on of referrals.
        named: Place in the table `deals` of the deal each one names; -1 for none.
    """
    deals, on = data.table("deals"), days_of(rows["submitted_on"])
    created, closed = days_of(deals["created_on"]), days_of(deals["closed_on"])
    company, companies = numbered(rows["prospect_id"])
    of = places(deals["account_id"], companies)
    theirs = pd.DataFrame({"company": of, "deal": np.arange(len(of))})[of >= 0]
    own = pd.DataFrame({"company": company, "row": np.arange(len(rows))}).merge(theirs, on="company")
    by_deal = np.flatnonzero(named >= 0)
    row, deal = np.r_[by_deal, own["row"].to_numpy()], np.r_[named[by_deal], own["deal"].to_numpy()]
    running = (created[deal] < on[row]) & ~(closed[deal] < on[row])
    return np.bincount(row[running], minlength=len(rows)) > 0


def repeats(rows: pd.DataFrame, credit_days: int) -> pd.Series:
    """Whether each referral falls within the credit of an earlier one of the same company that counts.

    Args:
        rows: prospect_id and submitted_on, oldest first.
        credit_days: Days the credit of one that counts lasts.
    """
    repeated = pd.Series(False, index=rows.index)
    rest = rows[rows["prospect_id"].duplicated(keep=False)]
    while len(rest):
        credit = rest.groupby("prospect_id")["submitted_on"].transform("min")
        within = rest["submitted_on"] < credit + pd.Timedelta(days=credit_days)
        first = ~rest["prospect_id"].duplicated()
        repeated.loc[rest.index[within & ~first]] = True
        rest = rest[~within]
    return repeated


def counted(data: KpiInput) -> pd.DataFrame:
    """The referrals that count as leads."""
    rows = referred(data)
    return rows[rows["standing"] == COUNTED].assign(counted_leads=1)


def lead_wins(data: KpiInput) -> pd.DataFrame:
    """Leads with won_on, the day the deal that came of each was won; missing where none was."""
    deals = data.table("deals")
    won = deals.loc[deals["outcome"] == "won", ["opportunity_id", "closed_on"]]
    rows = counted(data)
    return rows.assign(won_on=beside(rows["opportunity_id"], won, "opportunity_id")["closed_on"].to_numpy())
