"""Where the pool falls short: late deals without a reference, promoters nobody asked, referrers and champions gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.pool_load import Figure, share_of
from core.model.pool import ChampionRules, CoverageRules, PromoterRules


@dataclass(frozen=True)
class Coverage:
    """Open late-stage deals against references that may be asked today.

    Attributes:
        covered: Share of the late deals for which their segment has a reference of its own left.
        uncovered_cents: Amount of the deals that are left over; None where an amount has no rate.
        rows: segment, deals, amount_cents, references, uncovered, uncovered_cents: one row per segment, the largest
            gap first.
        deals: opportunity_id, name, segment, stage, amount_cents, covered: one row per late deal.
    """

    covered: Figure
    uncovered_cents: float | None
    rows: pd.DataFrame
    deals: pd.DataFrame


def coverage(deals: pd.DataFrame, references: pd.Series, rules: CoverageRules) -> Coverage:
    """Whether the late deals of each segment find a reference in it.

    One reference serves one deal, the largest deals first; a quarter has no room for more by the caps. It is a count of
    what is there, so it has no interval.

    Args:
        deals: opportunity_id, name, kind, segment, stage, amount_cents of every open deal.
        references: Segment of every person who may be asked for a reference today.
        rules: Which stages are late.
    """
    late_stages = {name.casefold() for name in rules.late_stages}
    late = deals[(deals["kind"] == "new") & deals["stage"].str.casefold().isin(late_stages)]
    late = late.sort_values(["segment", "amount_cents"], ascending=[True, False], kind="stable")
    there = references.value_counts()
    free = late["segment"].map(there).fillna(0).astype(np.int64)
    late = late.assign(covered=late.groupby("segment", dropna=False).cumcount().to_numpy() < free.to_numpy())
    rows = _by_segment(late, there)
    n, reason = len(late), None if len(late) else "no open deal is in a late stage"
    left = late.loc[~late["covered"], "amount_cents"]
    return Coverage(
        covered=Figure(float(late["covered"].mean()) if n else None, n, reason=reason),
        uncovered_cents=None if left.isna().any() else float(left.sum()),
        rows=rows,
        deals=late[["opportunity_id", "name", "segment", "stage", "amount_cents", "covered"]].reset_index(drop=True),
    )


def _by_segment(late: pd.DataFrame, there: pd.Series) -> pd.DataFrame:
    left = late.assign(uncovered=~late["covered"], left_cents=late["amount_cents"].where(~late["covered"], 0.0))
    rows = left.groupby("segment").agg(
        deals=("covered", "size"),
        amount_cents=("amount_cents", "sum"),
        uncovered=("uncovered", "sum"),
        uncovered_cents=("left_cents", "sum"),
    )
    rows = rows.assign(references=there.reindex(rows.index).fillna(0).astype("int64"))
    rows = rows.sort_values(["uncovered_cents", "amount_cents"], ascending=False, kind="stable")
    return rows.rename_axis("segment").reset_index()


@dataclass(frozen=True)
class Promoters:
    """Promoters nobody asked.

    Attributes:
        share: Of the promoters at healthy accounts, those without an ask.
        rows: contact_id, account_id, account_name, segment, nps_score, nps_on, health, last_ask_on, state of the next
            ask: one row per promoter without an ask, the newest answer first.
    """

    share: Figure
    rows: pd.DataFrame


def never_asked(
    people: pd.DataFrame, as_of: dt.date, rules: PromoterRules, *, promoter_from: int, healthy_from: float, age: int
) -> Promoters:
    """Promoters at healthy accounts whom nobody asked in the last `quiet_days` days.

    Args:
        people: contact_id, account_id, account_name, segment, nps_score, nps_on, health, last_ask_on, left_on,
            account_active, state.
        as_of: The day it is judged on.
        rules: How long without an ask.
        promoter_from: Lowest answer of a promoter.
        healthy_from: Lowest health of a healthy account.
        age: Age of an answer, in days, from which it counts no more.
    """
    today = pd.Timestamp(as_of)
    fresh = (people["nps_score"] >= promoter_from) & (people["nps_on"] > today - pd.Timedelta(days=age))
    there = people["account_active"].astype(bool) & ~(people["left_on"] <= today)
    glad = people[fresh & there & (people["health"] >= healthy_from)]
    quiet = ~(glad["last_ask_on"] > today - pd.Timedelta(days=rules.quiet_days))
    names = ["contact_id", "account_id", "account_name", "segment", "nps_score", "nps_on", "health", "last_ask_on",
             "state"]  # fmt: skip
    rows = glad.loc[quiet, names].sort_values(["nps_on", "contact_id"], ascending=[False, True])
    return Promoters(share_of(int(quiet.sum()), len(glad)), rows.reset_index(drop=True))


@dataclass(frozen=True)
class Referrers:
    """Referred customers whose referrer is gone or at risk.

    Attributes:
        share: Of the paying referred customers, those whose referrer left, or whose referrer's account left or is at
            risk.
        rows: account_id, account_name, segment, mrr_cents, health, contact_id (referrer), referrer_account, what (in
            words): one row per such customer, and per paying referrer whose referred customers left, largest first.
    """

    share: Figure
    rows: pd.DataFrame


WATCHED = (
    ("referrer_left", "the referrer left the company"),
    ("referrer_account_gone", "the referrer's account is no customer any more"),
    ("referrer_at_risk", "the referrer's account is at risk"),
    ("referred_gone", "is no customer any more: tell the referrer"),
)
"""What is watched, worst first, and its words."""


def referrer_watch(referred: pd.DataFrame, at_risk_below: float) -> Referrers:
    """Referred customers whose referrer has gone or is at risk, and referred customers who have gone.

    Args:
        referred: account_id, account_name, segment, mrr_cents, active, health of every referred account; contact_id,
            referrer_account (name), referrer_left, referrer_active, referrer_health of who referred it.
        at_risk_below: Health under this is at risk.

    Source:
        Van den Bulte, Bayer, Skiera and Schmitt, Journal of Marketing Research 55, 2018: referred customers churn less
        only as long as their referrer has not
    """
    active, left = referred["active"].astype(bool), referred["referrer_left"].astype(bool)
    host = referred["referrer_active"].astype(bool)
    flags = {
        "referrer_left": active & left,
        "referrer_account_gone": active & ~host,
        "referrer_at_risk": active & host & (referred["referrer_health"] < at_risk_below),
        "referred_gone": ~active & host & ~left,
    }
    words = pd.Series("", index=referred.index, dtype="str")
    for name, text in WATCHED:
        words = words.where(~flags[name] | (words != ""), text)
    endangered = flags["referrer_left"] | flags["referrer_account_gone"] | flags["referrer_at_risk"]
    names = ["account_id", "account_name", "segment", "mrr_cents", "health", "contact_id", "referrer_account"]
    rows = referred.assign(what=words)[words != ""].sort_values(
        ["mrr_cents", "account_id"], ascending=[False, True], kind="stable"
    )
    return Referrers(share_of(int(endangered.sum()), int(active.sum())), rows[[*names, "what"]].reset_index(drop=True))


@dataclass(frozen=True)
class Champions:
    """Advocates who left lately.

    Attributes:
        left: How many, of those in the programme or with an act in a year before they left.
        rows: contact_id, account_id, account_name, segment, left_on, acts, successors (people an ask is open to at the
            same account): one row per person, the latest first.
    """

    left: Figure
    rows: pd.DataFrame


def champions_left(
    people: pd.DataFrame, acts: pd.Series, enrolled: pd.Series, as_of: dt.date, rules: ChampionRules
) -> Champions:
    """Advocates who left their company in the last `days` days, and who could follow them.

    Args:
        people: contact_id, account_id, account_name, segment, left_on, state.
        acts: Completed acts of the last year, by contact.
        enrolled: Contacts in the programme.
        as_of: The day it is judged on.
        rules: How long ago.
    """
    today = pd.Timestamp(as_of)
    done = people["contact_id"].map(acts).fillna(0).astype("int64")
    champion = (done > 0) | people["contact_id"].isin(enrolled)
    recent = (people["left_on"] <= today) & (people["left_on"] > today - pd.Timedelta(days=rules.days))
    follow = people[people["state"].isin(["ask", "rest"])]["account_id"].value_counts()
    rows = people.assign(acts=done, successors=people["account_id"].map(follow).fillna(0).astype("int64"))
    names = ["contact_id", "account_id", "account_name", "segment", "left_on", "acts", "successors"]
    rows = rows.loc[champion & recent, names].sort_values(["left_on", "contact_id"], ascending=[False, True])
    return Champions(Figure(float(len(rows)), int(champion.sum())), rows.reset_index(drop=True))
