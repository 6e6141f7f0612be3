"""Counted accounts by position: whose row a fact belongs to, and in which segment it was on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

from core.kpis.columns import Late
from core.kpis.inputs import KpiInput
from core.kpis.packed import Packed, day_numbers, days_from, narrow
from core.stats.ids import Places, Positions, coded, id_type, numbered, places
from core.stats.months import month_numbers
from core.stats.ordering import in_order
from core.stats.owner_days import Codes, owner_of, pairs

Days = NDArray[np.datetime64]
Quantities = NDArray[np.float64] | Codes

SEVERAL = -2
"""Stands for the segment of a unit with more than one version."""


@dataclass(frozen=True)
class Units:
    """Parent accounts, by position.

    Attributes:
        ids: account_id of each.
        names: Name of each, in the order of `ids`.
        accounts: Every account_id, children included.
        parents: Position in `ids` of each of them.
        segments: Every segment there is.
        version_keys: Position and first day of every version of an account, in one ascending number.
        version_segments: Segment of each version, as a place in `segments`; -1 where it has none.
    """

    ids: pd.Index
    names: pd.Categorical
    accounts: pd.Index
    parents: Positions
    segments: pd.Index
    version_keys: NDArray[np.int64]
    version_segments: Positions

    def positions(self, account_ids: pd.Series | pd.Index) -> Positions:
        """Position of the parent of each account; -1 for an account that is empty or not known."""
        if isinstance(account_ids.array, pd.Categorical):
            return np.append(self.positions(account_ids.array.categories), -1)[np.asarray(account_ids.array.codes)]
        return np.append(self.parents, -1)[self.among_accounts.of(account_ids)]

    @cached_property
    def among_accounts(self) -> Places:
        """Says where an account stands in `accounts`."""
        return Places(self.accounts)

    def segments_on(self, units: Positions, days: Days | dt.date) -> pd.Categorical:
        """Segment of each unit in the version valid on its day; the first known one for earlier days.

        Args:
            units: Positions; -1 gives no segment.
            days: A day for each, or one for all.
        """
        if isinstance(days, dt.date) and len(units) > len(self.ids):
            each = self.segments_on(np.arange(len(self.ids)), days)
            codes = np.append(np.asarray(each.codes), -1)
            return pd.Categorical.from_codes(codes[units], dtype=each.dtype)
        if not len(self.version_keys):
            return pd.Categorical.from_codes(np.full(len(units), -1), categories=self.segments)
        found = self._only_segment[units]
        several = np.flatnonzero(found == SEVERAL)
        whole = np.asarray(days, dtype="datetime64[D]")
        found[several] = self._version_on(units[several], whole[several] if whole.ndim else whole)
        found = np.where(np.isnat(whole), -1, found)
        return pd.Categorical.from_codes(found, categories=self.segments, validate=False)

    @cached_property
    def _only_segment(self) -> Positions:
        """Segment of each unit that has one version, `SEVERAL` for more, -1 for none; the last stands for no unit."""
        of = owner_of(self.version_keys)
        found = np.full(len(self.ids) + 1, -1, dtype=np.intp)
        found[of] = np.where(np.bincount(of, minlength=len(self.ids))[of] > 1, SEVERAL, self.version_segments)
        return found

    def _version_on(self, units: Positions, days: Days) -> Positions:
        """Segment, as a place in `segments`, of units with versions in the one valid on a day."""
        at = np.searchsorted(self.version_keys, _key(units, days), side="right") - 1
        before_first = (at < 0) | (owner_of(self.version_keys[np.maximum(at, 0)]) != units)
        return self.version_segments[np.where(before_first, at + 1, at)]

    def labels(self, units: Positions, days: Days | dt.date) -> dict[str, Late]:
        """Columns account_id, account_name and segment of rows about units, each as of its day; ids as numbers."""
        return {
            "account_id": Late(lambda: pd.Categorical.from_codes(units, dtype=self.dtype, validate=False)),
            "account_name": Late(lambda: self.names.take(units, allow_fill=True)),
            "segment": Late(lambda: self.segments_on(units, days)),
        }

    def labels_of_all(self, units: Positions, days: Days) -> dict[str, Packed]:
        """The same columns of rows that are kept for all months, made of those rows that somebody looks at."""
        codes = np.empty((len(units), 2), dtype=np.int32)
        codes[:, 0], codes[:, 1] = units, day_numbers(days)
        return {name: Packed(codes, partial(self._label, name)) for name in ("account_id", "account_name", "segment")}

    def _label(self, name: str, codes: Codes) -> Any:
        return self.labels(codes[:, 0].astype(np.intp), days_from(codes[:, 1]))[name].make()

    @cached_property
    def dtype(self) -> pd.CategoricalDtype:
        """Type of a column of ids."""
        return id_type(self.ids)


@dataclass(frozen=True)
class Grid:
    """Quantities of every unit and month, as one table of units x months each.

    Attributes:
        first: First month, as months since 1970-01.
        values: Tables by name of the quantity, one column of memory per month; those of small whole numbers in a
            part of the space.
    """

    first: int
    values: Mapping[str, Quantities]

    def at(self, name: str, month: dt.date) -> NDArray[np.float64]:
        """One quantity of every unit in one month; zeros outside the data."""
        table = self.values[name]
        place = (month.year - 1970) * 12 + month.month - 1 - self.first
        return table[:, place].astype(np.float64) if 0 <= place < table.shape[1] else np.zeros(len(table))


def units_of(data: KpiInput) -> Units:
    """The counted accounts of a company, put together once."""
    return data.kept_of_facts("units", _units)


def among_people(data: KpiInput) -> Places:
    """Says where a person stands in the table `people`, and in `contacts`, which has the same rows."""
    return data.kept_of_facts("places of people", lambda facts: Places(facts.table("people")["contact_id"]))


def grid_of(units: Units, rows: pd.DataFrame, names: tuple[str, ...]) -> Grid:
    """Rows of account_id, month and quantities added up to units and months; unknown accounts are left out."""
    of, months = units.positions(rows["account_id"]), month_numbers(rows["month"].to_numpy())
    first, last = (int(months.min()), int(months.max())) if len(months) else (0, -1)
    size, width = len(units.ids), last - first + 1
    place = (months - first) * size
    place += of
    if of.min(initial=0) < 0:
        place[of < 0] = size * width  # a place of their own behind the others
    values: dict[str, Quantities] = {}
    for name in names:
        values[name] = _added_up(rows[name], place, size * width + 1)[: size * width].reshape(width, size).T
    return Grid(first, values)


def _added_up(amounts: pd.Series, places: Positions, size: int) -> Quantities:
    """Sum of the amounts of each place; whole numbers in as few bytes as hold them."""
    if not is_integer_dtype(amounts.dtype):
        sums = np.zeros(size)
        np.add.at(sums, places, amounts.to_numpy(dtype=np.float64, na_value=0.0))
        return sums
    whole = amounts.to_numpy(dtype=np.int64, na_value=0)
    kind = np.int32 if np.abs(whole).sum() <= np.iinfo(np.int32).max else np.int64
    found: Codes = np.zeros(size, dtype=kind)
    np.add.at(found, places, whole.astype(kind, copy=False))
    return narrow(found)


def _units(data: KpiInput) -> Units:
    accounts = data.table("accounts")
    tops = accounts.loc[accounts["account_id"] == accounts["unit_id"], ["account_id", "name"]]
    ids = pd.Index(tops["account_id"])
    versions = data.revenue.segments
    of = places(versions["account_id"], ids)
    names, different = numbered(tops["name"])
    codes, segments = pd.factorize(versions["segment"], sort=True)
    keys = _key(of, versions["valid_from"].to_numpy().astype("datetime64[D]"))
    known = of >= 0
    order = in_order(keys[known])
    return Units(
        ids=ids,
        names=coded(names, different),
        accounts=pd.Index(accounts["account_id"]),
        parents=places(accounts["unit_id"], ids),
        segments=pd.Index(segments),
        version_keys=keys[known][order],
        version_segments=codes[known][order],
    )


def _key(units: Positions, days: Days) -> NDArray[np.int64]:
    return pairs(units, days.astype(np.int64))
