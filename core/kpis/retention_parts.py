"""What stands beside retention: the figure without its largest account, and what was lost in which way."""

from __future__ import annotations

import datetime as dt

import numpy as np

from core.kpis.inputs import KpiInput
from core.kpis.result import Part
from core.stats.small_sample import judge_ratio

LOSSES = {"Lost with customers who left": "churned_mrr", "Lost to downgrades": "contraction_mrr"}


def without_largest(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Net revenue retention without the account that paid most at the start: one whale can carry it."""
    columns = data.columns("account_year", month, segment)
    start, held = columns["starting_mrr"], columns["starting_mrr"] > 0
    others = held & (np.arange(len(start)) != int(np.argmax(start)))
    n, base = int(others.sum()), float(start[others].sum())
    value = float(columns["ending_mrr"][others].sum()) / base if base else None
    shown = value is not None and judge_ratio(n, value, None).show
    return (Part("Without the largest account", value if shown else None, "ratio", n),)


def losses(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Revenue lost to customers who left and to downgrades of those who stayed, as shares of what there was."""
    columns = data.columns("account_year", month, segment)
    base = float(columns["starting_mrr"].sum())
    return tuple(
        Part(label, float(columns[name].sum()) / base if base else None, "ratio", int((columns[name] > 0).sum()))
        for label, name in LOSSES.items()
    )
