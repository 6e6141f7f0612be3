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
from core.stats.ids import Positions, numbered, places, ranked, texts
from core.stats.ordering import in_order

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
    rows = data.table("referrals")
    rows = rows.take(_oldest_first(rows)).reset_index(drop=True)
    standing = pd.Series(COUNTED, index=rows.index, dtype="str")
    deals = data.table("deals")
    named = among_deals(data).of(rows["opportunity_id"])
    standing = standing.mask(_in_talks(data, rows, named), "deal open already")
    standing = standing.mask(_is_customer(data, rows), "customer already")
    standing = standing.mask(rows["account_id"].isna(), "referrer not known")
    repeated = repeats(rows.loc[standing == COUNTED, ["prospect_id", "submitted_on"]], kpi_rules().referral.credit_days)
    return rows.assign(
        company=texts(deals["name"].array.take(named, allow_fill=True)),
        standing=standing.mask(repeated.reindex(rows.index, fill_value=False), REPEATED),
    )


def _oldest_first(rows: pd.DataFrame) -> Positions:
    """Places of the referrals with a submission day, by day, instant and id."""
    known = np.flatnonzero(rows["submitted_at"].notna())
    order = known[in_order(ranked(rows["referral_id"].take(known))[0])]
    for name in ("submitted_at", "submitted_on"):
        order = order[in_order(days_of(rows[name])[order])]
    return order


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


def counted(data: KpiInput) -> Positions:
    """Places in `referred` of those that count as leads."""
    return data.kept("counted leads", lambda: np.flatnonzero(referred(data)["standing"] == COUNTED))


def lead_wins(data: KpiInput) -> pd.DataFrame:
    """The segment and submitted_on of leads, and won_on, the day the deal of each was won; missing where none was."""

    def make() -> pd.DataFrame:
        deals = data.table("deals")
        rows = referred(data)[["opportunity_id", "segment", "submitted_on"]].take(counted(data))
        deal = among_deals(data).of(rows.pop("opportunity_id"))
        won_on = np.where(deals["outcome"] == "won", days_of(deals["closed_on"]), np.datetime64("NaT"))
        return rows.assign(won_on=np.append(won_on, np.datetime64("NaT"))[deal])

    return data.kept("lead wins", make)
