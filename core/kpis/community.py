"""Community and content: who takes part, and whom the words of customers reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns, Late
from core.kpis.deals import among_deals
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, proportion
from core.kpis.packed import Packed, looked_up
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import among_people, units_of
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions, coded, known, ranked, texts
from core.stats.months import month_end, month_numbers, month_starts
from core.stats.ordering import in_order
from core.stats.owner_days import Codes

FAR_AHEAD = np.datetime64("2200-01-01", "us")
MONTHS_APART = 10_000
"""More months than any two lie apart: keeps companies apart when one and a month are one number."""


@dataclass(frozen=True)
class Members:
    """People ever seen in the community, the first seen first.

    Attributes:
        rows: contact_id, unit, member_from, left_on: one row per person.
        from_days: member_from as days, to cut by.
        acts: By month, the rows of those that contributed in its last days.
        touches: By month, the rows of those that were seen in its last days.
    """

    rows: Columns
    from_days: np.ndarray
    acts: dict[dt.date, np.ndarray]
    touches: dict[dt.date, np.ndarray]


def members_of(data: KpiInput) -> Members:
    """Everybody identified in the community, put together once."""
    return data.kept_of_facts("members", _members)


def _members(data: KpiInput) -> Members:
    seen, contacts = data.once("community_month"), data.table("contacts")
    who, ids = ranked(seen["contact_id"])
    found = among_people(data).of(ids)
    first = np.full(len(ids), FAR_AHEAD)
    np.minimum.at(first, who[who >= 0], seen["seen_on"].to_numpy().astype("datetime64[us]")[who >= 0])
    joined, left = (contacts[name].array.take(found, allow_fill=True).to_numpy() for name in ("joined_on", "left_on"))
    days = np.fmax(first, joined.astype("datetime64[us]"))
    kept = np.flatnonzero(found >= 0)
    order = kept[in_order(days[kept])]
    place = np.full(len(ids) + 1, -1, dtype=np.intp)
    place[order] = np.arange(len(order))
    columns = {
        "contact_id": coded(order, ids),
        "unit": units_of(data).positions(contacts["account_id"].take(found[order])),
        "member_from": days[order],
        "left_on": left[order],
    }
    of = place[who]

    months = month_numbers(seen["month"].to_numpy())
    by_month = in_order(months)
    by_month = by_month[of[by_month] >= 0]
    different, begin = np.unique(months[by_month], return_index=True)

    def marked(column: str) -> dict[dt.date, np.ndarray]:
        counts = (seen[column] > 0).to_numpy()
        parts = np.split(by_month, begin[1:]) if len(begin) else []
        return dict(zip(month_starts(different).tolist(), (of[part[counts[part]]] for part in parts), strict=True))

    return Members(Columns(columns, len(order)), days[order], marked("acts"), marked("touches"))


@frame
def community_members(data: KpiInput, month: dt.date) -> Columns:
    """One row per person seen in the community before the last 28 days of a month and still there when they began.

    Returns:
        contact_id, account_id, account_name, segment (at month end), member_from, members (1), contributors (0 or 1)
        and onlookers (1 for those seen in the window who did nothing).
    """
    members, last = members_of(data), month_end(month)
    begin = last - dt.timedelta(days=kpi_rules().community.days - 1)
    stop = int(np.searchsorted(members.from_days, np.datetime64(begin, "us")))
    left = members.rows["left_on"][:stop]
    here = np.flatnonzero(np.isnat(left) | (left > np.datetime64(begin, "us")))
    acted, seen = (_marked(found.get(month), stop)[here] for found in (members.acts, members.touches))
    return Columns(
        {
            "contact_id": Late(lambda: members.rows.column("contact_id")[here]),
            **units_of(data).labels(members.rows["unit"][here], last),
            "member_from": members.from_days[here],
            "members": 1,
            "contributors": acted.astype("int64"),
            "onlookers": (seen & ~acted).astype("int64"),
        },
        len(here),
    )


def _marked(places: np.ndarray | None, stop: int) -> np.ndarray:
    marks = np.zeros(stop, dtype=bool)
    if places is not None:
        marks[places[places < stop]] = True
    return marks


def community_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Contributors per 100 active accounts, and those who only looked on."""
    columns = data.columns("community_members", month, segment)
    active = _active_accounts(data, month, segment)
    contributors = float(columns["contributors"].sum())
    return (
        Part("Contributors per 100 active accounts", 100 * contributors / active if active else None, "count", active),
        Part("Only looked on", int(columns["onlookers"].sum()), "count", columns.rows),
    )


def _active_accounts(data: KpiInput, month: dt.date, segment: str | None) -> int:
    paying = data.revenue.mrr_at(month) > 0
    if segment is not None:
        paying = paying & np.asarray(data.revenue.segment_at(month_end(month)) == segment)
    return int(paying.sum())


@windowed(by="month", months=1)
def companies_reached(data: KpiInput) -> Columns:
    """One row per company and month in which somebody of it saw an asset customers made.

    A company is a counted account, or a deal whose company is no account yet.

    Returns:
        account_id, account_name (of the deal where there is no account), segment, month, views, reached_accounts (1)
        and customers_reached (1 for an account).
    """
    views = data.once("content_views")
    views = views.take(np.flatnonzero(known(views["asset_id"], data.table("assets")["asset_id"])))
    unit = units_of(data).positions(views["account_id"])
    of, month, seen = _summed(unit, views)
    deal, later, by_deal = _prospects(data, views.take(np.flatnonzero(unit < 0)))
    units, deals = (np.full(len(of) + len(deal), -1) for _ in range(2))
    units[: len(of)], deals[len(of) :] = of, deal
    months = np.r_[month, later]
    return Columns(
        {
            **_company_labels(data, units, deals, _month_ends(months)),
            "month": month_starts(months).astype("datetime64[us]"),
            "views": np.r_[seen, by_deal],
            "reached_accounts": 1,
            "customers_reached": (units >= 0).astype(np.int64),
        },
        len(units),
    )


def _company_labels(
    data: KpiInput, units: Positions, deals: Positions, days: NDArray[np.datetime64]
) -> dict[str, Packed]:
    """Labels of accounts on a day; those of a deal where there is no account."""
    own, table = units_of(data).labels_of_all(units, days), data.table("deals")
    named = looked_up(deals, {"account_name": table["name"].array, "segment": table["segment"].array})
    codes = np.column_stack([own["segment"].codes, named["segment"].codes])

    def label(name: str, both: Codes) -> Any:
        found = texts(own[name].unpack(both[:, :-1]))
        return found if name not in named else np.where(both[:, 0] >= 0, found, texts(named[name].unpack(both[:, -1])))

    return {name: Packed(codes, partial(label, name)) for name in own}


def _summed(of: Positions, views: pd.DataFrame) -> tuple[Positions, NDArray[np.int64], NDArray[np.int64]]:
    """Views of each company, told by its number, in each month, both in ascending order; -1 stands for none."""
    rows = np.flatnonzero(of >= 0)
    months = month_numbers(views["month"].to_numpy()[rows])
    keys, place = np.unique(of[rows] * MONTHS_APART + months + MONTHS_APART // 2, return_inverse=True)
    seen = np.bincount(place, views["views"].to_numpy()[rows], minlength=len(keys)).astype(np.int64)
    return keys // MONTHS_APART, keys % MONTHS_APART - MONTHS_APART // 2, seen


def _month_ends(months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return month_starts(months + 1) - 1


def _prospects(data: KpiInput, views: pd.DataFrame) -> tuple[Positions, NDArray[np.int64], NDArray[np.int64]]:
    """Deals that were reached in each month, as places in the table `deals`, and their views.

    One that did not exist by the end of the month has no place, and so no name.
    """
    codes, ids = ranked(views["opportunity_id"])
    of, months, seen = _summed(codes, views)
    found = among_deals(data).of(ids)[of]
    created = np.append(data.table("deals")["created_on"].to_numpy(), np.datetime64("NaT"))[found]
    return np.where(created <= _month_ends(months), found, -1), months, seen


def reach_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Customers and prospects among them; customers also as a share of those active."""
    columns = data.columns("companies_reached", month, segment)
    customers = int(columns["customers_reached"].sum())
    active = _active_accounts(data, month, segment)
    return (
        Part("Customers", customers, "count", columns.rows),
        Part("Prospects with a deal", columns.rows - customers, "count", columns.rows),
        Part("Customers reached per active account", customers / active if active else None, "ratio", active),
    )


@kpi(
    label="Community engagement",
    unit="ratio",
    better="higher",
    frame="community_members",
    needs=("accounts", "contacts", "interactions"),
    interval=proportion("contributors", "members", "members"),
    version=1,
    parts=community_parts,
)
def community_engagement_rate(*, contributors: float, members: float) -> float | None:
    """Share of the identified members of the community who contributed in the 28 days to month end.

    rate = members who contributed / members identified before the 28 days

    Args:
        contributors: Of those, the ones with at least one post, answer, attendance or vote.
        members: People seen in the community before the window who had not left their company when it began.

    Returns:
        A ratio between 0 and 1. None when nobody was a member.

    Source:
        By members, who can be joined to accounts; not by followers or reach.
    """
    if members == 0:
        return None
    return contributors / members


@kpi(
    label="Content reach",
    unit="count",
    better="higher",
    frame="companies_reached",
    needs=("accounts", "interactions", "assets"),
    interval=census("companies", "reached_accounts"),
    version=1,
    parts=reach_parts,
)
def content_reach_accounts(*, reached_accounts: float) -> float | None:
    """Companies of which somebody saw content that customers made in the month.

    reach = distinct accounts and deals with a view of a customer's asset

    Args:
        reached_accounts: Companies with at least one view.

    Returns:
        Companies.

    Source:
        Companies, because deals are with companies; impressions count one reader many times.
    """
    return reached_accounts
