"""Which counted accounts paid at which month ends, and whose people acted: by position in the revenue matrix."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import KINDS, Positions, acts_of
from core.kpis.columns import Late
from core.kpis.inputs import KpiInput
from core.kpis.units import units_of
from core.stats.ids import places
from core.stats.months import month_numbers, shift_month


def units_at(data: KpiInput, account_ids: pd.Series) -> Positions:
    """Position in the revenue matrix of the counted account of each account; -1 where it never paid."""

    def rows(facts: KpiInput) -> Positions:
        return np.append(places(facts.table("accounts")["unit_id"], facts.revenue.wide.index), -1)

    return data.kept_of_facts("rows of accounts", rows)[units_of(data).among_accounts.of(account_ids)]


def paid_month_ends(data: KpiInput, month: dt.date, months: int) -> NDArray[np.int64]:
    """At how many of the month ends up to one each account paid; ends outside the data count as not paid."""
    matrix = data.revenue.matrix
    paid = data.kept("month ends paid", lambda: _running(matrix))
    last = min(max(data.revenue.place(month) + 1, 0), matrix.shape[1])
    first = min(max(data.revenue.place(shift_month(month, -months)) + 1, 0), matrix.shape[1])
    return np.asarray(paid[:, last] - paid[:, first], dtype=np.int64)


def _running(matrix: NDArray[np.int64]) -> NDArray[np.int16]:
    """Number of paid month ends before each month; one column more than there are months."""
    paid = np.zeros((matrix.shape[0], matrix.shape[1] + 1), dtype=np.int16, order="F")
    for place in range(matrix.shape[1]):
        np.add(paid[:, place], matrix[:, place] > 0, out=paid[:, place + 1])
    return paid


def paid_in(data: KpiInput, units: Positions, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Whether each account paid at the end of the month of its day; False where it never paid or no day is given."""
    first = data.revenue.first_month
    if first is None:
        return np.zeros(len(units), dtype=bool)
    since = np.datetime64(first, "M").astype(np.int64)
    places = month_numbers(days) - since
    inside = (units >= 0) & (places >= 0) & (places < data.revenue.matrix.shape[1])
    found = np.zeros(len(units), dtype=bool)
    found[inside] = data.revenue.matrix[units[inside], places[inside]] > 0
    return found


def acting_units(data: KpiInput, of: slice, kind: str = "") -> NDArray[np.bool_]:
    """Of which accounts somebody acted, among some acts; only acts of one kind when it is named."""
    acts = acts_of(data)
    place = data.kept("units of acts", lambda: _units_of_acts(data))[of]
    wanted = place >= 0
    if kind:
        wanted &= acts.kind[of] == KINDS.index(kind)
    found = np.zeros(len(data.revenue.wide), dtype=bool)
    found[place[wanted]] = True
    return found


def units_of_people(data: KpiInput) -> Positions:
    """Position in the revenue matrix of the account of each person of the acts; -1 where it is not known."""

    def found() -> Positions:
        return places(acts_of(data).people["unit_id"], data.revenue.wide.index)

    return data.kept("units of people", found)


def _units_of_acts(data: KpiInput) -> Positions:
    units = units_of_people(data)
    return units[acts_of(data).person] if len(units) else np.zeros(0, dtype=np.intp)


def unit_labels(data: KpiInput, rows: Positions, day: dt.date) -> dict[str, Late]:
    """Columns account_id, account_name and segment (on a day) of rows of the revenue matrix."""
    revenue = data.revenue
    return {
        "account_id": Late(lambda: revenue.labels["account_id"][rows]),
        "account_name": Late(lambda: revenue.labels["account_name"][rows]),
        "segment": Late(lambda: revenue.segment_at(day)[rows]),
    }


def revenue_known(data: KpiInput, month: dt.date) -> str | None:
    """Why the customers of a month are not known: revenue begins later."""
    first = data.revenue.first_month
    if first is None or first <= month:
        return None
    return f"revenue is known from {first:%Y-%m}, the window begins {month:%Y-%m}"
