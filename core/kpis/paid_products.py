"""Who pays for which product when: what drove an account's growth, and which products are add-ons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.inputs import KpiInput
from core.kpis.packed import day_numbers
from core.kpis.units import units_of
from core.model.kpi_rules import kpi_rules
from core.stats.ids import Positions
from core.stats.months import month_end, shift_month
from core.stats.ordering import in_order

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
DRIVERS = ("Seats", "Price or plan of what they had", "Products they did not have")


@dataclass(frozen=True)
class Periods:
    """Who pays for which product from when to when, by position, oldest start first.

    Attributes:
        held: Account and product, as a place in a table of accounts x products.
        start: First day paid for, as days since 1970.
        end: First day no longer paid for; `packed.NEVER` while open.
        mrr: Revenue of a month. [cents]
        seats: Seats or units.
        names: Products.
        first_bought: First day of each account and product, accounts x products; NaT where never bought.
    """

    held: Positions
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    mrr: Floats
    seats: Floats
    names: tuple[str, ...]
    first_bought: Days

    def on(self, day: np.datetime64) -> Positions:
        """Which periods run on a day."""
        number = np.int32(day.astype("datetime64[D]").astype(np.int64))
        return np.flatnonzero(self.end[: np.searchsorted(self.start, number, side="right")] > number)

    def paid(self, day: np.datetime64) -> NDArray[np.bool_]:
        """Who pays for what on a day, accounts x products."""
        found, seen = np.zeros(self.first_bought.shape, dtype=bool), self.on(day)
        found.ravel()[self.held[seen[self.mrr[seen] > 0]]] = True
        return found

    def table(self, amounts: Floats, day: np.datetime64) -> Floats:
        """Amounts of the periods that run on a day, added up to accounts x products."""
        shape, seen = self.first_bought.shape, self.on(day)
        sums = np.bincount(self.held[seen], amounts[seen], minlength=shape[0] * shape[1])
        return np.asarray(sums, dtype=np.float64).reshape(shape)


def periods_of(data: KpiInput) -> Periods:
    """The paid periods of a company, put together once."""

    def make() -> Periods:
        rows, units = data.once("paid_periods"), units_of(data)
        places = units.positions(rows["account_id"])
        known = np.flatnonzero(places >= 0)
        order = known[in_order(rows["start_date"].to_numpy()[known])]
        rows, places = rows.take(order), places[order]
        codes, names = pd.factorize(rows["product"], sort=True)
        start = rows["start_date"].to_numpy().astype("datetime64[D]")
        first = np.full((len(units.ids), len(names)), np.iinfo("int64").max)
        np.minimum.at(first, (places, codes), start.astype("int64"))
        never = first == np.iinfo("int64").max
        return Periods(
            held=places * len(names) + codes,
            start=day_numbers(start),
            end=day_numbers(rows["end_date"].to_numpy()),
            mrr=rows["mrr_cents"].to_numpy(dtype="float64"),
            seats=rows["seats"].to_numpy(dtype="float64"),
            names=tuple(str(name) for name in names),
            first_bought=np.where(never, np.datetime64("NaT"), first.astype("datetime64[D]")),
        )

    return data.kept_of_facts("paid periods", lambda _: make())


def last_day(month: dt.date) -> np.datetime64:
    """Last day of a month."""
    return np.datetime64(month_end(month))


def growth_drivers(data: KpiInput, month: dt.date) -> Floats:
    """Share of each account's growth in a month by driver, accounts x DRIVERS; price where nothing else is seen.

    A new product is a plan change where another product ended, an add-on otherwise; more seats are worth the price
    of a seat a month before; the rest of a product's change is price.
    """
    periods, now, then = periods_of(data), last_day(month), last_day(shift_month(month, -1))
    paid_now, paid_then = periods.table(periods.mrr, now), periods.table(periods.mrr, then)
    seats_now, seats_then = periods.table(periods.seats, now), periods.table(periods.seats, then)
    had, has = paid_then > 0, paid_now > 0
    new = np.where(has & ~had, paid_now, 0).sum(axis=1)
    ended = np.where(had & ~has, paid_then, 0).sum(axis=1)
    a_seat = np.divide(paid_then, seats_then, out=np.zeros_like(paid_then), where=seats_then > 0)
    by_seats = np.where(had & has, (seats_now - seats_then) * a_seat, 0)
    by_price = np.where(had & has, paid_now - paid_then, 0) - by_seats
    swapped = np.where(ended > 0, np.maximum(new - ended, 0), 0)
    parts = np.stack(
        [by_seats.clip(0).sum(axis=1), by_price.clip(0).sum(axis=1) + swapped, np.where(ended > 0, 0, new)], axis=1
    )
    total = parts.sum(axis=1, keepdims=True)
    return np.where(total > 0, np.divide(parts, np.where(total > 0, total, 1)), np.array([0.0, 1.0, 0.0]))


def addons_of(pays: NDArray[np.bool_], beside_share: float) -> dict[int, int]:
    """Products that are bought on top of another one, with that one.

    A product is an add-on of another when at least `beside_share` of its payers pay for the other too, and the
    other has more payers and is no add-on itself.

    Args:
        pays: Who pays for what; accounts x products.
        beside_share: Least share of payers.

    Returns:
        Place of the base product by place of the add-on.
    """
    both = _paid_beside(pays)
    payers, base_of = both.diagonal(), np.full(len(both), -1)
    for product in np.argsort(-payers, kind="stable"):
        larger = np.flatnonzero((payers > payers[product]) & (base_of < 0))
        base = larger[both[product, larger].argmax()] if len(larger) else -1
        if base >= 0 and payers[product] and both[product, base] >= beside_share * payers[product]:
            base_of[product] = base
    return {int(product): int(base_of[product]) for product in np.flatnonzero(base_of >= 0)}


def _paid_beside(pays: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many pay for both of two products; products x products, the payers of each one on the diagonal.

    Eight accounts a byte: a product of matrices keeps a thread of its own spinning between one month and the next.
    """
    bits = np.packbits(np.ascontiguousarray(pays.T), axis=1)
    both = np.zeros((len(bits), len(bits)), dtype=np.int64)
    for one in range(len(bits)):
        both[one, one:] = both[one:, one] = np.bitwise_count(bits[one] & bits[one:]).sum(axis=1, dtype=np.int64)
    return both


def who_pays(data: KpiInput, month: dt.date) -> tuple[NDArray[np.bool_], dict[int, int]]:
    """Who pays for what at a month end, and which products are add-ons of which."""

    def make() -> tuple[NDArray[np.bool_], dict[int, int]]:
        periods = periods_of(data)
        pays = periods.paid(last_day(month))
        return pays, addons_of(pays, kpi_rules().attach.beside_share)

    return data.recent(("pays", month), make, lambda found: found[0].size // 8)
