"""Of which months a table says anything."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from core.kpis.inputs import KpiInput


def known_months(data: KpiInput, table: str) -> frozenset[dt.date]:
    """The months that stand in the column `month` of a table, told once."""
    return data.kept(
        ("known months", table), lambda: frozenset(pd.DatetimeIndex(data.table(table)["month"].unique()).date)
    )
