"""What moved net revenue retention between two months: which segments kept more or less, which weights shifted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.change import Change, Part, ends, part
from core.kpis.inputs import KpiInput
from core.model.small_samples import small_samples
from core.stats.decompose import MixAndRate, mix_and_rate, pooled
from core.stats.resampling import linearised_of_sums

Floats = NDArray[np.float64]
MOVEMENTS = {"Expansion": ("expansion_mrr", 1), "Contraction": ("contraction_mrr", -1), "Churn": ("churned_mrr", -1)}
"""Label, column and sign of every movement inside the base."""


@dataclass(frozen=True)
class _Years:
    """The accounts of two years, row by row the same: who they are, and each year with 0 outside its base."""

    about: pd.DataFrame
    then: pd.DataFrame
    now: pd.DataFrame

    def both(self, name: str) -> tuple[Floats, Floats]:
        """A column of both years."""
        return self.then[name].to_numpy(dtype=np.float64), self.now[name].to_numpy(dtype=np.float64)


def retention_change(data: KpiInput, month: dt.date, base: dt.date, segment: str | None = None) -> Change:
    """Change of net revenue retention from `base` to `month`, by segment; of one segment, by movement.

    By segment: `core.stats.decompose.mix_and_rate` over the segments at the start of each year, those with too few
    accounts pooled. By movement: expansion / starting now - expansion / starting then, likewise the losses.
    Intervals linearised over accounts, each with both of its years: without a true change they leave zero out in one of
    twenty months, where a percentile bootstrap does in one of ten (tests/kpis/test_change.py). The rows of a rate are
    accounts: their distance from the mean ratio of their segment, so that the effects of a segment sum to its part.

    Args:
        data: Frames of the company.
        month: First day of the later month.
        base: First day of the earlier month.
        segment: Only this segment; None for all.

    Returns:
        The change as a fraction; with a reason where one of the months has no base.
    """
    frames = [_base_of(data, at, segment) for at in (base, month)]
    if any(frame.empty for frame in frames):
        return Change(None, None, None, None, (), "no revenue is known twelve months before one of the two months")
    years = _aligned(*frames)
    counts = [frame["segment"].astype("str").value_counts() for frame in frames]
    names = sorted({*counts[0].index, *counts[1].index})
    least = small_samples().account_ratio.least_accounts
    groups = pooled(names, least, *([int(count.get(name, 0)) for name in names] for count in counts))
    parts = _by_segment(years, groups) if len(groups) > 1 else _by_movement(years)
    wide = np.column_stack([*years.both("kept_mrr"), *years.both("starting_mrr")])
    low, high = ends(linearised_of_sums(wide, lambda sums: sums[:, 1] / sums[:, 3] - sums[:, 0] / sums[:, 2]))
    kept, start = years.both("kept_mrr"), years.both("starting_mrr")
    return Change(float(kept[0].sum() / start[0].sum()), float(kept[1].sum() / start[1].sum()), low, high, parts)


def _base_of(data: KpiInput, at: dt.date, segment: str | None) -> pd.DataFrame:
    """Accounts with revenue a year before `at`, with what is kept of it."""
    rows = data.frame("account_year", at)
    rows = rows[rows["base_accounts"] > 0]
    if segment is not None:
        rows = rows[rows["segment"] == segment]
    kept = rows["starting_mrr"] + rows["expansion_mrr"] - rows["contraction_mrr"] - rows["churned_mrr"]
    return rows.assign(kept_mrr=kept)


def _aligned(then: pd.DataFrame, now: pd.DataFrame) -> _Years:
    """Every account of either year once."""
    codes = [frame["account_id"].cat.codes.to_numpy() for frame in (then, now)]
    every = np.union1d(*codes)
    tables = [frame.set_axis(code).reindex(every) for frame, code in zip((then, now), codes, strict=True)]
    names = tables[1]["account_name"].astype("str").fillna(tables[0]["account_name"].astype("str"))
    ids = now["account_id"].cat.categories[every]
    about = pd.DataFrame({"account_id": np.asarray(ids, dtype=str), "name": names.to_numpy()})
    numbers = [name for name in then.columns if name.endswith("_mrr")]
    filled = [table[[*numbers, "segment"]].fillna(dict.fromkeys(numbers, 0)) for table in tables]
    return _Years(about, *(table.reset_index(drop=True) for table in filled))


def _by_segment(years: _Years, groups: dict[str, tuple[str, ...]]) -> tuple[Part, ...]:
    size = len(groups)
    inside = [
        np.column_stack([table["segment"].isin(members) for members in groups.values()])
        for table in (years.then, years.now)
    ]
    columns = [years.both(name)[at][:, None] * inside[at] for at in (0, 1) for name in ("kept_mrr", "starting_mrr")]
    wide = np.hstack(columns)

    def split(sums: Floats) -> MixAndRate:
        return mix_and_rate(*(sums[..., place * size : (place + 1) * size] for place in range(4)))

    def rate(place: int) -> Part:
        found = linearised_of_sums(wide, lambda sums: split(sums).rate[:, place])
        members = [member[:, place] for member in inside]
        moved = [(kept - start) * member for kept, start, member in zip(
            years.both("kept_mrr"), years.both("starting_mrr"), members, strict=True)]  # fmt: skip
        effect = _effects([column[:, place] for column in columns], [column.sum() for column in columns])
        rows = years.about.assign(moved_before=moved[0], moved_now=moved[1], effect=effect)
        n = [int((start[member] > 0).sum()) for start, member in zip(years.both("starting_mrr"), members, strict=True)]
        name = list(groups)[place]
        return part(name, "rate", float(whole.rate[place]), found, (n[0], n[1]), rows, members=groups[name])

    whole = split(wide.sum(axis=0))
    weights = [sums / sums.sum() for sums in (columns[1].sum(axis=0), columns[3].sum(axis=0))]
    rows = pd.DataFrame(
        {"name": list(groups), "share_before": weights[0], "share_now": weights[1], "effect": whole.mix}
    )
    found = linearised_of_sums(wide, lambda sums: split(sums).mix.sum(axis=-1))
    return (*map(rate, range(size)), part("Mix", "mix", float(whole.mix.sum()), found, (0, 0), rows))


def _effects(own: list[Floats], totals: list[float]) -> Floats:
    """What each account adds to the rate part of its group.

    e_i = w x ((kept_i1 - r x start_i1) / start_1 - (kept_i0 - r x start_i0) / start_0), r the mean of both ratios
    """
    kept0, start0, kept1, start1 = own
    bases = float(start0.sum()), float(start1.sum())
    if not all(bases):
        return np.zeros(len(kept0))
    share = (bases[0] / totals[1] + bases[1] / totals[3]) / 2
    mean = (kept0.sum() / bases[0] + kept1.sum() / bases[1]) / 2
    return np.asarray(share * ((kept1 - mean * start1) / bases[1] - (kept0 - mean * start0) / bases[0]))


def _by_movement(years: _Years) -> tuple[Part, ...]:
    starts = years.both("starting_mrr")
    parts = []
    for name, (column, sign) in MOVEMENTS.items():
        amounts = [sign * amount for amount in years.both(column)]
        each = [amount / start.sum() for amount, start in zip(amounts, starts, strict=True)]
        wide = np.column_stack([*amounts, *starts])
        found = linearised_of_sums(wide, lambda sums: sums[:, 1] / sums[:, 3] - sums[:, 0] / sums[:, 2])
        rows = years.about.assign(moved_before=amounts[0], moved_now=amounts[1], effect=each[1] - each[0])
        n = [int((amount != 0).sum()) for amount in amounts]
        parts.append(part(name, "movement", float(each[1].sum() - each[0].sum()), found, (n[0], n[1]), rows))
    return tuple(parts)
