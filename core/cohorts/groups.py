"""Which group a customer belongs to, as of its start: never by what became of it later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.cohorts.customers import Customers
from core.cohorts.inputs import CohortInput
from core.model.channels import load_channels
from core.model.cohorts import cohort_rules
from core.stats.ids import places

Split = Literal["all", "channel", "segment", "tier", "product", "persona", "advocate"]
SPLITS: dict[Split, str] = {
    "all": "Nothing",
    "channel": "First source",
    "segment": "Segment at start",
    "tier": "Product tier at start",
    "product": "Product at start",
    "persona": "Role of first contact",
    "advocate": "Advocate or not",
}
"""What customers can be grouped by, with its name on a screen."""
EVERYBODY = "All customers"
NOT_STATED = "Not stated"
REST = "All others"
ADVOCATES, NOT_YET = "Advocates", "Not advocates"

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grouping:
    """Customers and their groups.

    Attributes:
        split: What they are grouped by.
        names: The groups, the most telling first.
        codes: Place of each customer's group in `names`.
        customers: The customers, in the same order.
        kinds: What decides the colour of each group: a class of channel, "advocate", or the name itself.
        gap: Why there are no groups, in words; None when there are some.
    """

    split: Split
    names: tuple[str, ...]
    codes: Codes
    customers: Customers
    kinds: tuple[str, ...]
    gap: str | None = None

    def between(self, since: dt.date | None, until: dt.date | None) -> Grouping:
        """Only customers who started from one month to another; groups keep their names."""
        chosen = self.customers.between(since, until)
        first = int(np.searchsorted(self.customers.start, chosen.start[0])) if len(chosen) else 0
        codes = self.codes[first : first + len(chosen)]
        return Grouping(self.split, self.names, codes, chosen, self.kinds, self.gap)


def grouping(data: CohortInput, split: Split) -> Grouping:
    """Customers by one property, read at their start.

    Groups beyond the number that can be told apart are pooled. By advocate, customers are taken at a fixed age (the
    landmark): who is still there and had a first completed act by the end of that month is an advocate, who is still
    there without one is not, and both are followed from then on. A later act changes nothing, so nobody has to stay
    long in order to become an advocate. Customers who started before acts are on record are left out: nobody knows
    whether they had acted by then.

    Args:
        data: The company.
        split: What to group by.

    Returns:
        The groups; all customers in one, with the reason, where the property is not known.

    Source:
        Anderson, Cain and Gelber, Journal of Clinical Oncology 1, 1983, 710-719 (landmark)
    """
    return data.kept(("grouping", split), lambda: _MAKERS[split](data))


def segment_codes(data: CohortInput, customers: Customers) -> Codes:
    """Segment of each customer at the end of its first month, as a number; -1 where none is known."""
    return _versions_at(data, customers, data.revenue.segments, "segment")[0]


def _everybody(data: CohortInput, gap: str | None = None, split: Split = "all") -> Grouping:
    codes = np.zeros(len(data.customers), dtype=np.int64)
    return Grouping(split, (EVERYBODY,), codes, data.customers, (EVERYBODY,), gap)


def _channel(data: CohortInput) -> Grouping:
    classes = load_channels().classes
    names = list(classes)
    found = data.revenue.units["channel_class"].to_numpy()[data.customers.place]
    codes = pd.Categorical(found, categories=names).codes.astype(np.int64)
    codes = np.where(codes < 0, names.index("other"), codes)
    held = [code for code in range(len(names)) if (codes == code).any()]
    if not held:
        return _everybody(data, "no customer's start is known", "channel")
    order = np.zeros(len(names), dtype=np.int64)
    order[held] = np.arange(len(held))
    labels = tuple(classes[names[code]] for code in held)
    return Grouping("channel", labels, order[codes], data.customers, tuple(str(names[code]) for code in held))


def _segment(data: CohortInput) -> Grouping:
    codes, names = _versions_at(data, data.customers, data.revenue.segments, "segment")
    return _pooled(data, "segment", codes, names, "no segment is known")


def _tier(data: CohortInput) -> Grouping:
    codes, names = _versions_at(data, data.customers, data.table("tiers"), "product_tier")
    return _pooled(data, "tier", codes, names, "no product tier is known: import accounts with their product tier")


def _product(data: CohortInput) -> Grouping:
    """The product that brought most of the first month end's revenue."""
    rows = data.table("products")
    where = np.full(len(data.revenue.wide), -1, dtype=np.int64)
    where[data.customers.place] = np.arange(len(data.customers))
    account = places(rows["account_id"], data.revenue.wide.index)
    at = np.where(account >= 0, where[account], -1) if len(where) else account
    rows, at = rows[at >= 0], at[at >= 0]
    day = _first_month_end(data.customers)[at]
    begun = rows["start_date"].to_numpy().astype("datetime64[D]") <= day
    ends = rows["end_date"].to_numpy().astype("datetime64[D]")
    active = begun & (np.isnat(ends) | (day < ends))
    codes, names = pd.factorize(rows["product"][active], sort=True)
    paid = rows["mrr_cents"].to_numpy()[active]
    sums = pd.Series(paid).groupby([at[active], codes]).sum().reset_index()
    sums.columns = pd.Index(["customer", "product", "cents"])
    sums = sums.sort_values(["customer", "cents", "product"], ascending=[True, False, True], kind="stable")
    first = sums.drop_duplicates("customer")
    out = np.full(len(data.customers), -1, dtype=np.int64)
    out[first["customer"].to_numpy()] = first["product"].to_numpy()
    return _pooled(data, "product", out, [str(name) for name in names], "no product is known")


def _persona(data: CohortInput) -> Grouping:
    """The role of the contact that was there first, by the end of the first month."""
    rows = data.table("contacts")
    at = places(rows["account_id"], data.revenue.wide.index)
    day = np.full(len(data.revenue.wide), np.datetime64("NaT"), dtype="datetime64[D]")
    day[data.customers.place] = _first_month_end(data.customers)
    there = (at >= 0) & (rows["joined_on"].to_numpy().astype("datetime64[D]") <= day[at])
    codes, names = pd.factorize(rows["persona"][there], sort=True)
    found = np.full(len(data.revenue.wide), -1, dtype=np.int64)
    found[at[there][::-1]] = codes[::-1]  # the first of them stays
    gap = "no role of a first contact is known: import contacts with persona and joined_on"
    return _pooled(data, "persona", found[data.customers.place], [str(name) for name in names], gap)


def _advocate(data: CohortInput) -> Grouping:
    since = data.column_known("acts")
    if since is None or data.table("acts").empty:
        return _everybody(data, "nobody is known to have acted for us: import asks or referrals", "advocate")
    months = cohort_rules().landmark.months
    left = data.customers.between(data.customers.month(since), None).after(months)
    acted = data.months_of("acts")[left.place]
    advocate = (acted >= 0) & (acted <= left.start + months)
    codes = np.where(advocate, 0, 1).astype(np.int64)
    return Grouping("advocate", (ADVOCATES, NOT_YET), codes, left, ("advocate", "baseline"))


def _versions_at(
    data: CohortInput, customers: Customers, versions: pd.DataFrame, column: str
) -> tuple[Codes, list[str]]:
    """Value of an attribute in the version valid at the end of each customer's first month, and the values.

    The first version holds before it, too.
    """
    rows = versions.dropna(subset=[column])
    at = places(rows["account_id"], data.revenue.wide.index)
    codes, values = pd.factorize(rows[column], sort=True)
    known = at >= 0
    at, codes = at[known], codes[known]
    days = rows["valid_from"].to_numpy().astype("datetime64[D]")[known]
    day = np.full(len(data.revenue.wide), np.datetime64("NaT"), dtype="datetime64[D]")
    day[customers.place] = _first_month_end(customers)
    found = np.full(len(data.revenue.wide), -1, dtype=np.int64)
    found[at[::-1]] = codes[::-1]  # newest first, so that the oldest version stays
    valid = days <= day[at]
    found[at[valid]] = codes[valid]  # oldest first: the last one stays
    return found[customers.place], [str(value) for value in values]


def _first_month_end(customers: Customers) -> NDArray[np.datetime64]:
    first = np.datetime64(customers.first_month, "M")
    return np.asarray((first + customers.start + 1).astype("datetime64[D]") - np.timedelta64(1, "D"))


def _pooled(data: CohortInput, split: Split, codes: Codes, names: list[str], gap: str) -> Grouping:
    """Groups from the largest to the smallest; those beyond the number that can be told apart in one."""
    size = np.bincount(codes[codes >= 0], minlength=len(names)) if len(names) else np.zeros(0, dtype=np.int64)
    if not size.any():
        return _everybody(data, gap, split)
    order = [int(code) for code in np.argsort(-size, kind="stable") if size[code]]
    most = cohort_rules().cohort.most_groups - int((codes < 0).any())
    alone = order if len(order) <= most else order[: most - 1]
    rank = np.full(len(names) + 1, len(alone), dtype=np.int64)
    rank[alone] = np.arange(len(alone))
    labels = [names[code] for code in alone] + ([REST] if len(order) > len(alone) else [])
    rank[-1] = len(labels)
    if (codes < 0).any():
        labels.append(NOT_STATED)
    return Grouping(split, tuple(labels), rank[codes], data.customers, tuple(labels))


_MAKERS: dict[Split, Callable[[CohortInput], Grouping]] = {
    "all": _everybody,
    "channel": _channel,
    "segment": _segment,
    "tier": _tier,
    "product": _product,
    "persona": _persona,
    "advocate": _advocate,
}
