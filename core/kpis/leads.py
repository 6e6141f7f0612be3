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

Flags = NDArray[np.bool_]

COUNTED, REPEATED = "counted", "referred before"


def referred(data: KpiInput) -> pd.DataFrame:
    """Every referral with a submission day, and whether it counts as a lead; oldest first.

    Returns:
        The columns of the table `referrals` with the referrer's account, company (name of the deal that came of it;
        missing without one), and standing: COUNTED, "referrer not known", "customer already", "deal open
        already" or REPEATED. What was known on the day of submission decides, and which deal came of it: referrals
        that name one deal are of one company.
    """
    return data.kept("referred", lambda: _referred(data))


def _referred(data: KpiInput) -> pd.DataFrame:
    rows = data.table("referrals")
    rows = rows.take(_oldest_first(rows)).reset_index(drop=True)
    standing = pd.Series(COUNTED, index=rows.index, dtype="str")
    deals = data.table("deals")
    named = among_deals(data).of(rows["opportunity_id"])
    in_talks, won = _deals_before(data, rows, named)
    paying, _ = _paid_before(data, units_at(data, rows["prospect_id"]), rows["submitted_on"])
    standing = standing.mask(in_talks, "deal open already")
    standing = standing.mask(paying | won, "customer already")
    standing = standing.mask(rows["account_id"].isna(), "referrer not known")
    lead = standing == COUNTED
    repeated = repeats(rows.loc[lead, ["prospect_id", "submitted_on"]], kpi_rules().referral.credit_days)
    standing = standing.mask(repeated.reindex(rows.index, fill_value=False), REPEATED)
    deal = rows["opportunity_id"].where(lead)
    standing = standing.mask(deal.notna() & deal.duplicated(), REPEATED)
    return rows.assign(company=texts(deals["name"].array.take(named, allow_fill=True)), standing=standing)


def _oldest_first(rows: pd.DataFrame) -> Positions:
    """Places of the referrals with a submission day, by day, instant and id."""
    known = np.flatnonzero(rows["submitted_at"].notna())
    order = known[in_order(ranked(rows["referral_id"].take(known))[0])]
    for name in ("submitted_at", "submitted_on"):
        order = order[in_order(days_of(rows[name])[order])]
    return order


def _paid_before(data: KpiInput, place: Positions, days: pd.Series) -> tuple[Flags, Flags]:
    """Whether each unit paid at the end of the month before its day, and whether it had begun to pay by then.

    Args:
        data: Frames of the company.
        place: Position of the unit in the revenue matrix; -1 for none.
        days: A day for each.
    """
    revenue = data.revenue
    paying, begun = np.zeros(len(place), dtype=bool), np.zeros(len(place), dtype=bool)
    if (first := revenue.first_month) is None:
        return paying, begun
    month = (days.dt.year - first.year) * 12 + days.dt.month - 1 - first.month
    inside = (place >= 0) & month.between(0, revenue.matrix.shape[1] - 1).to_numpy()
    of, before = place[inside], month.to_numpy()[inside]
    paying[inside], begun[inside] = revenue.matrix[of, before] > 0, revenue.first_paid[of] <= before
    return paying, begun


def _deals_before(data: KpiInput, rows: pd.DataFrame, named: Positions) -> tuple[Flags, Flags]:
    """Whether a deal of the referred company, or the one named in the referral, was open, or won, before it.

    A deal that was won makes its company a customer, until the account has paid and left.

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
    over = closed[deal] < on[row]
    running = (created[deal] < on[row]) & ~over
    won = over & (deals["outcome"] == "won").to_numpy()[deal]
    row_won, account = row[won], deals["account_id"].take(deal[won])
    paying, begun = _paid_before(data, units_at(data, account), rows["submitted_on"].take(row_won))
    found = row[running], row_won[paying | ~begun]
    in_talks, customer = (np.bincount(places_of, minlength=len(rows)) > 0 for places_of in found)
    return in_talks, customer


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
    """The segment and submitted_on of leads, and won_on, the day the deal of each was won after it; else missing."""

    def make() -> pd.DataFrame:
        deals = data.table("deals")
        rows = referred(data)[["opportunity_id", "segment", "submitted_on"]].take(counted(data))
        deal = among_deals(data).of(rows.pop("opportunity_id"))
        won_on = np.where(deals["outcome"] == "won", days_of(deals["closed_on"]), np.datetime64("NaT"))
        won_on = np.append(won_on, np.datetime64("NaT"))[deal]
        return rows.assign(won_on=np.where(won_on < days_of(rows["submitted_on"]), np.datetime64("NaT"), won_on))

    return data.kept("lead wins", make)
