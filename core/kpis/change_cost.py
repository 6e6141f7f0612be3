"""What moved the cost of a new customer between two months: which channels got dearer, which brought more of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acquisition import acquisition_gap
from core.kpis.change import Change, Part, ends, part
from core.kpis.inputs import KpiInput
from core.model.channels import load_channels
from core.model.kpi_rules import kpi_rules
from core.stats.decompose import MixAndRate, counted_interval, mix_and_rate, pooled
from core.stats.intervals import Interval

Floats = NDArray[np.float64]


def cost_change(data: KpiInput, month: dt.date, base: dt.date) -> Change:
    """Change of the full cost per new customer, all channels together, from `base` to `month`, by class of channel.

    `core.stats.decompose.mix_and_rate` over the classes: spend of the twelve months that brought the customers over
    the customers of twelve months; classes with too few customers pooled. Spend is known; every customer could have
    been won or not (Poisson), those won in both windows count in both. The rows of a rate are lines of spend.

    Args:
        data: Frames of the company.
        month: First day of the later month.
        base: First day of the earlier month.

    Returns:
        The change in cents per customer; with a reason where one of the two costs is not known.
    """
    reason = cost_gap(data, month, base)
    if reason is not None:
        return Change(None, None, None, None, (), reason)
    costs = _costs(data.frame("acquired_year", base), data.frame("acquired_year", month), base)
    if not all(costs.won.sum(axis=1)):
        return Change(None, None, None, None, (), "nobody was won in the twelve months to one of the two months")
    before, now = costs.spend.sum(axis=1) / costs.won.sum(axis=1)
    low, high = ends(costs.band(lambda split: (split.rate + split.mix).sum(axis=-1)))
    rates = [_rate(costs, place) for place in range(len(costs.groups))]
    return Change(float(before), float(now), low, high, (*rates, _mix(costs)))


def cost_gap(data: KpiInput, month: dt.date, base: dt.date) -> str | None:
    """Why one of the two costs is not known, in words; None when both are."""
    missing = [name for name in ("subscriptions", "spend") if name not in data.loaded]
    if missing:
        return f"not loaded: {', '.join(missing)}"
    return acquisition_gap(data, month) or acquisition_gap(data, base)


@dataclass(frozen=True)
class _Costs:
    """Spend and customers of both windows by class of channel, small classes pooled.

    Attributes:
        groups: Members of every group, by the name shown.
        frames: Rows of the earlier and of the later window.
        spend: Cents, windows x groups.
        won: Customers, windows x groups.
        patterns: Which counts one customer of each kind (group; both windows, earlier only, later only) adds to.
        counts: Customers of each kind.
    """

    groups: dict[str, tuple[str, ...]]
    frames: tuple[pd.DataFrame, pd.DataFrame]
    spend: Floats
    won: Floats
    patterns: Floats
    counts: Floats

    def split(self, numbers: Floats) -> MixAndRate:
        """The parts for customers by window and group, in one row a case."""
        size = len(self.groups)
        return mix_and_rate(self.spend[0], numbers[..., :size], self.spend[1], numbers[..., size:])

    def band(self, of: Callable[[MixAndRate], Floats]) -> Interval | None:
        """Interval of a figure of the parts."""
        return counted_interval(self.patterns, self.counts, lambda numbers: of(self.split(numbers)))

    @property
    def found(self) -> MixAndRate:
        """The parts as they are."""
        return self.split(self.won.ravel())


def _costs(then: pd.DataFrame, now: pd.DataFrame, base: dt.date) -> _Costs:
    labels: dict[str, str] = {str(name): label for name, label in load_channels().classes.items()}
    used = {*then["channel_class"], *now["channel_class"]}
    names = [labels[name] for name in labels if name in used]
    ids = {label: name for name, label in labels.items()}
    won = [_sums(frame, "new_customers", [(ids[name],) for name in names]) for frame in (then, now)]
    groups = pooled(names, kpi_rules().economics.least_channel_customers, *won)
    members = {name: tuple(ids[each] for each in group) for name, group in groups.items()}
    stayed = now[now["month"] <= pd.Timestamp(base)]
    windows = [_sums(frame, "new_customers", list(members.values())) for frame in (then, now, stayed)]
    both, size = windows[2], len(members)
    one = np.eye(size)
    nothing = np.zeros((size, size))
    return _Costs(
        groups=members,
        frames=(then, now),
        spend=np.vstack([_sums(frame, "acquisition_spend", list(members.values())) for frame in (then, now)]),
        won=np.vstack(windows[:2]),
        patterns=np.vstack([np.hstack([one, one]), np.hstack([one, nothing]), np.hstack([nothing, one])]),
        counts=np.concatenate([both, windows[0] - both, windows[1] - both]),
    )


def _sums(frame: pd.DataFrame, column: str, groups: list[tuple[str, ...]]) -> Floats:
    """Sum of a column by group of channel classes."""
    return np.array([float(frame.loc[frame["channel_class"].isin(group), column].sum()) for group in groups])


def _rate(costs: _Costs, place: int) -> Part:
    """What the customers of one group cost more or less, with its lines of spend."""
    name, members = list(costs.groups.items())[place]
    value = float(costs.found.rate[place])
    lines = [
        frame[(frame["kind"] == "spend") & frame["channel_class"].isin(members)]
        .groupby("name")["acquisition_spend"]
        .sum()
        for frame in costs.frames
    ]
    rows = pd.DataFrame({"spend_before": lines[0], "spend_now": lines[1]}).fillna(0.0).astype("float64")
    rows = rows.rename_axis("name").reset_index()
    won, totals = costs.won[:, place], costs.won.sum(axis=1)
    share = float((won / totals).mean()) if won.all() else 1.0
    by = won if won.all() else totals
    rows["effect"] = share * (rows["spend_now"] / by[1] - rows["spend_before"] / by[0])
    rest = value - float(rows["effect"].sum())
    if abs(rest) > 1e-6 * max(1.0, abs(value)):
        other = {"name": ["Share of customers"], "spend_before": [0.0], "spend_now": [0.0], "effect": [rest]}
        rows = pd.concat([rows, pd.DataFrame(other)], ignore_index=True)
    found = costs.band(partial(_rate_of, place=place))
    least = kpi_rules().economics.least_channel_customers
    n = (int(won[0]), int(won[1]))
    return part(name, "rate", value, found, n, rows, members=members, least=least)


def _rate_of(split: MixAndRate, place: int) -> Floats:
    return np.asarray(split.rate[..., place])


def _mix(costs: _Costs) -> Part:
    shares = costs.won / costs.won.sum(axis=1, keepdims=True)
    rows = pd.DataFrame(
        {"name": list(costs.groups), "share_before": shares[0], "share_now": shares[1], "effect": costs.found.mix}
    )
    found = costs.band(lambda split: np.asarray(split.mix.sum(axis=-1)))
    return part("Mix", "mix", float(costs.found.mix.sum()), found, (0, 0), rows)
