"""The frame of one demo company: its calendar, its scale and its sources of chance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.errors import InputProblems, Problem
from core.model.demo import DemoModel, demo_model

Array = NDArray[Any]
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class World:
    """What every part of the generator shares.

    Months are numbered from 0, the first simulated month; the window starts at `first` and ends
    before `total`.

    Attributes:
        accounts: Customers that exist at any time of the data.
        months: Months of the window.
        seed: Seed all chance derives from.
        end_month: First day of the window's last month.
        model: Parameters of data/model/demo.toml.
    """

    accounts: int
    months: int
    seed: int
    end_month: dt.date
    model: DemoModel

    @cached_property
    def first(self) -> int:
        """Number of the window's first month."""
        return self.model.history_months

    @cached_property
    def total(self) -> int:
        """Number of simulated months, history and window."""
        return self.first + self.months

    @cached_property
    def starts(self) -> Array:
        """First day of every simulated month."""
        end = np.datetime64(self.end_month, "M")
        days: Array = (end - self.total + 1 + np.arange(self.total)).astype("datetime64[D]")
        return days

    @cached_property
    def as_of(self) -> np.datetime64:
        """Last day of the window."""
        last: np.datetime64 = (np.datetime64(self.end_month, "M") + 1).astype("datetime64[D]") - 1
        return last

    @cached_property
    def begin(self) -> np.datetime64:
        """First day of the window."""
        day: np.datetime64 = self.starts[self.first]
        return day

    @cached_property
    def size(self) -> float:
        """Company size against the one the parameters describe."""
        return self.accounts / self.model.reference_accounts

    @cached_property
    def handful(self) -> int:
        """How often the few things that wait at the end are laid out: once for the company the parameters describe."""
        return max(round(self.size), 1)

    @cached_property
    def demand(self) -> float:
        """Factor on counts of new opportunities: company size, and the length of the window."""

        def per_month(months: int) -> float:
            return (1 - float(np.exp(-months / self.model.new_customer_months))) / months

        return self.size * per_month(self.months) / per_month(self.model.reference_months)

    @cached_property
    def shock_month(self) -> int:
        """Number of the month in which the price rises."""
        return max(self.total - 1 - min(self.model.shock.months_before_end, self.months // 2), 0)

    def rng(self, part: str) -> np.random.Generator:
        """A generator of its own for each part, so that one part's draws never shift another's."""
        return np.random.default_rng([self.seed, crc32(part.encode())])

    def month_of(self, days: Array) -> Array:
        """Number of the month each day lies in; negative before the first."""
        number: Array = (days.astype("datetime64[M]") - self.starts[0].astype("datetime64[M]")).astype(np.int64)
        return number

    def day(self, month: Array, day_of_month: Array) -> Array:
        """The day of a numbered month, which may lie outside the simulated ones."""
        months = self.starts[0].astype("datetime64[M]") + np.asarray(month)
        days: Array = months.astype("datetime64[D]") + (np.asarray(day_of_month) - 1)
        return days

    def calendar_factor(self, factors: tuple[float, ...]) -> Array:
        """Factors by calendar month, laid along the simulated months."""
        return np.asarray(factors)[self.starts.astype("datetime64[M]").astype(np.int64) % 12]

    def until_today(self, days: Array) -> Array:
        """The days, with those after the window emptied."""
        return np.where(days <= self.as_of, days, NEVER)


def build_world(accounts: int, months: int, seed: int, end_month: dt.date) -> World:
    """Check the arguments and build the frame.

    Raises:
        InputProblems: Listing every argument out of range.
    """
    limits = (("accounts", accounts, 30, 200_000), ("months", months, 13, 120), ("seed", seed, 0, 2**32 - 1))
    problems = [
        Problem("demo", f"{name} must be between {low} and {high}; found {value}.", column=name, found=str(value))
        for name, value, low, high in limits
        if not low <= value <= high
    ]
    if end_month.day != 1:
        problems.append(Problem("demo", f"end_month must be the first of a month; found {end_month}."))
    if problems:
        raise InputProblems(problems, "nothing was generated")
    return World(accounts, months, seed, end_month, demo_model())
