"""What one month says of the facts: every rollup run once, as of the month's last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from core.kpis import REGISTRY, evaluate
from core.kpis.inputs import KpiInput
from core.kpis.registry import series
from core.kpis.result import KpiResult
from core.model.advocacy import AdvocacyRules
from core.model.channels import channel_class
from core.month.contact_facts import contact_facts
from core.month.lazy import Lazy
from core.month.reuse import Memory
from core.month.since import stops_since
from core.month.tables import fact_tables
from core.rollups.engine import Engine, rollup_sql
from core.stats.ids import coded, in_numbers, numbered, ranked
from core.stats.months import month_of
from core.stats.revenue import Revenue

BEGINNING = dt.date(1900, 1, 1)
NO_SEGMENT = "Not stated"
"""Segment of accounts and deals for which none is given, so that segments sum to the company."""


@dataclass(frozen=True)
class FactMonth:
    """Frames and figures of one month that rest on facts alone; lazily built, then kept.

    Attributes:
        engine: Runs rollups over the fact parts of one manifest.
        as_of: Last day that is visible.
        loaded: Fact tables that hold rows.
        reporting: Currency to report in; empty takes the only one of the subscriptions.
        key: Identifies facts and model this was built from.
        newest: Whether no later month can be shown.
        company: Name of the company where it must be said; else empty.
        known_until: Day up to which imports say the data are complete; None when none says so.
    """

    engine: Engine
    as_of: dt.date
    loaded: frozenset[str]
    reporting: str
    key: str
    newest: bool
    company: str = ""
    known_until: dt.date | None = None

    @property
    def month(self) -> dt.date:
        """First day of the month."""
        return month_of(self.as_of)

    @property
    def zone(self) -> str:
        """IANA zone of the company, whose clocks say on which day an instant counts."""
        return self.engine.zone

    @cached_property
    def memory(self) -> Memory:
        """Scores and next asks of the last Month of these facts, for the next one to start from."""
        return Memory()

    def rollup(self, name: str, **params: Any) -> pd.DataFrame:
        """Run one rollup as of this month."""
        return self.engine.query(rollup_sql(name), {"as_of": self.as_of, "beginning": BEGINNING, **params})

    @cached_property
    def account_versions(self) -> pd.DataFrame:
        """Attributes of every account, oldest version first.

        Let go once `accounts` and `revenue` are made of it, and rolled up again for who asks later.
        """
        versions = self.rollup("accounts").sort_values(["account_id", "valid_from"])
        return versions.assign(segment=versions["segment"].fillna(NO_SEGMENT))

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Every account in its newest version, with its parent resolved: `unit_id` is the account that is counted.

        The newest version as it is: what it leaves empty is empty, whatever an older one said.
        """
        frame = self.account_versions.drop_duplicates("account_id", keep="last").reset_index(drop=True)
        parents = dict(
            zip(frame["account_id"], frame["parent_id"].where(frame["parent_id"].notna(), None), strict=True)
        )
        frame["unit_id"] = [top_parent(account, parents) for account in frame["account_id"]]
        return frame.assign(channel_class=classes(frame["acquisition_channel"]))

    @cached_property
    def account_labels(self) -> pd.DataFrame:
        """account_id and, held as numbers, unit_id, account_name and segment of every account."""
        names = self.accounts[["account_id", "unit_id", "name", "segment"]].rename(columns={"name": "account_name"})
        return in_numbers(names, "unit_id", "account_name", "segment")

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Segments of counted accounts with revenue, in alphabetical order."""
        return tuple(sorted({str(name) for name in self.revenue.units["segment"].dropna()}))

    @cached_property
    def mrr_native(self) -> pd.DataFrame:
        """account_id, month, currency, native_mrr_cents, open_subscriptions; ids and currencies held as numbers.

        Let go once `revenue` is made of it, and rolled up again for who asks later.
        """
        rows = self.rollup("account_month", first_month=BEGINNING)
        return in_numbers(rows, "account_id", "currency")

    @cached_property
    def rates(self) -> dict[str, float]:
        """Reporting currency per unit of each currency: one rate a currency, that of this month or the last before.

        One rate for all months keeps currencies constant: no movement is ever made by a rate.
        """
        latest = self.rollup("rates").sort_values("month").groupby("currency")["rate"].last()
        return {str(name): float(rate) for name, rate in latest.items()}

    @cached_property
    def currency(self) -> str:
        """Currency of every figure; empty when there are several and a rate is missing."""
        present = sorted(map(str, self.mrr_native["currency"].unique()))
        target = self.reporting or (present[0] if len(present) == 1 else "")
        if not present:
            return target or "EUR"
        return target if target and all(item == target or item in self.rates for item in present) else ""

    def reported(self, cents: pd.Series, currencies: pd.Series) -> pd.Series:
        """Amounts in the reporting currency, whole cents; unchanged where no rate is needed, 0 where one is missing.

        Who adds such amounts up must check `convertible` first.
        """
        if currencies.eq(self.currency).all():
            return cents.astype("int64")
        rate = currencies.map(lambda code: 1.0 if code == self.currency else self.rates.get(code, 0.0))
        return (cents * rate.astype("float64").fillna(0)).round().astype("int64")

    @cached_property
    def revenue(self) -> Revenue:
        """MRR as reported of every counted account and month; of nothing where the currency is not known."""
        units = self.accounts[self.accounts["account_id"] == self.accounts["unit_id"]]
        versions, known = self.account_versions, units["account_id"]
        self.__dict__.pop("account_versions")
        return Revenue.of(
            mrr=self._mrr(),
            accounts=units.rename(columns={"acquisition_channel": "channel"})[
                ["account_id", "name", "segment", "channel", "channel_class"]
            ],
            segments=versions.loc[versions["account_id"].isin(known), ["account_id", "valid_from", "segment"]],
        )

    def _mrr(self) -> pd.DataFrame:
        """account_id (the counted parent, held as a number), month, mrr_cents as reported, open_subscriptions."""
        frame = self.mrr_native
        units = self.accounts.set_index("account_id")["unit_id"]
        codes, own = numbered(frame["account_id"])
        parents, ids = ranked(pd.Series(own).map(units).fillna(pd.Series(own)).astype("str"))
        rows = pd.DataFrame(
            {
                "account_id": coded(parents[codes], ids),
                "month": frame["month"],
                "mrr_cents": self.reported(frame["native_mrr_cents"], frame["currency"]),
                "open_subscriptions": frame["open_subscriptions"],
            },
            copy=False,
        )
        self.paying_accounts  # noqa: B018  before the rows are let go
        self.__dict__.pop("mrr_native", None)
        return rows if self.currency else rows.iloc[:0]

    @cached_property
    def paying_accounts(self) -> pd.Series:
        """account_id of every account that pays at the month's last day, in whatever currency."""
        now = self.mrr_native["month"] == pd.Timestamp(self.month)
        return self.mrr_native.loc[now, "account_id"].astype("str").reset_index(drop=True)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """contact_id, account_id, persona, joined_on, left_on: one row per person."""
        return self.rollup("contacts")

    @cached_property
    def _contact_facts(self) -> dict[int, pd.DataFrame]:
        return {}

    def contact_facts(self, detractor_at_most: int) -> pd.DataFrame:
        """One row per contact with all that facts say of it; the input of scores and guardrails, records left out.

        Kept for each threshold it was asked for with, so that neither a record nor a setting costs a rollup twice.

        Args:
            detractor_at_most: Highest NPS answer of a detractor.
        """
        if detractor_at_most not in self._contact_facts:
            self._contact_facts[detractor_at_most] = contact_facts(self, detractor_at_most)
        return self._contact_facts[detractor_at_most]

    @cached_property
    def _stops_since(self) -> dict[str, pd.DataFrame]:
        return {}

    def stops_since(self, rules: AdvocacyRules) -> pd.DataFrame:
        """What came in after the newest month and stops asks, kept for each rule of who is a detractor."""
        limits = {name: rules.of(name).stops.detractor.score_at_most for name in rules.segments}
        key = f"{rules.stops.detractor.score_at_most}:{sorted(limits.items())}"
        if key not in self._stops_since:
            self._stops_since[key] = stops_since(self, rules)
        return self._stops_since[key]

    @cached_property
    def deals(self) -> pd.DataFrame:
        """One row per opportunity, with the class of its first source; texts are held as numbers, but account_id."""
        frame = self.rollup("deals")
        frame = frame.assign(segment=frame["segment"].fillna(NO_SEGMENT), channel_class=classes(frame["source"]))
        return in_numbers(frame, *frame.select_dtypes("str").columns.drop("account_id"))

    @cached_property
    def spend(self) -> pd.DataFrame:
        """One row per month and line, cost in the reporting currency, with the class of its channel."""
        frame = self.rollup("spend_lines")
        return frame.assign(
            channel_class=classes(frame["channel"]),
            cost_cents=self.reported(frame["native_cost_cents"], frame["currency"]),
        )

    def convertible(self, currencies: pd.Series) -> bool:
        """Whether every amount can be given in the reporting currency."""
        return all(code == self.currency or code in self.rates for code in currencies.unique())

    @cached_property
    def kpi_input(self) -> KpiInput:
        """What the KPIs are computed from, without the records."""
        return KpiInput(
            revenue=self.revenue,
            tables=fact_tables(self),
            loaded=self.loaded,
            currency=self.currency,
            unpriced=frozenset(() if self.convertible(self.spend["currency"]) else ("spend",)),
            zone=self.zone,
        )

    @cached_property
    def kpis(self) -> Mapping[str, KpiResult]:
        """Every KPI that reads facts alone, each computed when asked for."""
        names = [name for name, item in REGISTRY.items() if not item.from_records]
        return Lazy(names, lambda name: evaluate(REGISTRY[name], self.kpi_input, self.month))

    @cached_property
    def history(self) -> Mapping[str, tuple[float | None, ...]]:
        """The last thirteen months of each of those KPIs, oldest first, each computed when asked for."""
        return Lazy(self.kpis, lambda name: series(REGISTRY[name], self.kpi_input, self.month))


def top_parent(account: str, parents: dict[str, str | None]) -> str:
    """The account at the top of the chain of parents; a circle or an unknown parent ends the chain."""
    seen = {account}
    while (parent := parents.get(account)) is not None and parent in parents and parent not in seen:
        seen.add(parent)
        account = parent
    return account


def classes(channels: pd.Series) -> pd.api.extensions.ExtensionArray:
    """Class of each channel; each of the few names there are is looked up once."""
    codes, names = numbered(channels)
    found = pd.array([*(channel_class(str(name)) for name in names), channel_class(None)], dtype="str")
    return found.take(codes)
