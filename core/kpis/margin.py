"""Gross margin as the KPIs read it: one rate for the twelve months to a month end."""

from __future__ import annotations

import datetime as dt

import numpy as np

from core.kpis.inputs import KpiInput
from core.stats.months import shift_month

YEAR = 12


def margin_rate(data: KpiInput, month: dt.date) -> float | None:
    """Mean gross margin of the months of a year to month end for which finance gave one.

    Returns:
        A fraction of revenue. None when no month of the twelve has one.
    """

    def mean() -> float | None:
        rates = data.table("gross_margin")
        months = rates["month"].to_numpy()
        inside = (months > np.datetime64(shift_month(month, -YEAR))) & (months <= np.datetime64(month))
        found = rates["rate"].to_numpy(dtype=np.float64)[inside]
        return float(found.mean()) if len(found) else None

    return data.kept(("margin", month), mean)


def margin_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why a margin is not known for a month, in words; None when it is."""
    if margin_rate(data, month) is not None:
        return None
    return f"no gross margin is known for the {YEAR} months to {month:%Y-%m}"
