"""When a figure may be shown: the thresholds of `data/model/small_samples.toml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, lt=1)]
Source = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class ProportionRule:
    """When a share of units may be shown as a rate.

    Attributes:
        least_units: Fewer units than this: counts only.
        shown_width: An interval at most this wide is always shown. [fraction]
        suppressed_width: An interval at least this wide is never shown. [fraction]
        suppressed_relative_width: Between the two, suppressed when width / rate exceeds this.
        source: Where the thresholds come from.
    """

    least_units: Count
    shown_width: Share
    suppressed_width: Share
    suppressed_relative_width: Positive
    source: Source


@dataclass(frozen=True, config=STRICT)
class AccountRatioRule:
    """Least number of base accounts of a ratio of sums."""

    least_accounts: Count
    source: Source


@dataclass(frozen=True, config=STRICT)
class MoneyAverageRule:
    """Least number of deals behind an average of money."""

    least_deals: Count
    source: Source


@dataclass(frozen=True, config=STRICT)
class TwoArmsRule:
    """Least numbers, on each side of a comparison."""

    least_units: Count
    least_events: Count
    source: Source


@dataclass(frozen=True, config=STRICT)
class WideRule:
    """From where on a shown figure carries neither colour nor rank.

    Attributes:
        width: Of the interval of a share or ratio. [fraction]
        share_relative_width: Of the interval of a share, divided by the smaller of share and 1 - share.
        relative_width: Of the interval of any other figure, divided by the value.
        source: Where the thresholds come from.
    """

    width: Share
    share_relative_width: Positive
    relative_width: Positive
    source: Source


@dataclass(frozen=True, config=STRICT)
class PoolingRule:
    """How far the variance of a ratio borrows the scatter all units have in common.

    Attributes:
        units: Units the own scatter must rest on to count as much as the common one.
        source: Where the number comes from.
    """

    units: Positive
    source: Source


@dataclass(frozen=True, config=STRICT)
class ResamplingRule:
    """How intervals of functions of sums are drawn.

    Attributes:
        draws: Bootstrap draws.
        bootstrap_units: Most units that are resampled; above, the interval is linearised.
        undefined_share: Largest share of draws that may be undefined before no interval is given.
        source: Where the settings come from.
    """

    draws: Count
    bootstrap_units: Count
    undefined_share: Share
    source: Source


@dataclass(frozen=True, config=STRICT)
class XmrRule:
    """Limits of a series of individual values: mean ± scaling × mean moving range."""

    scaling: Positive
    least_points: Annotated[int, Field(ge=2)]
    source: Source


@dataclass(frozen=True, config=STRICT)
class SmallSamples:
    """Everything `data/model/small_samples.toml` says."""

    proportion: ProportionRule
    account_ratio: AccountRatioRule
    money_average: MoneyAverageRule
    two_arms: TwoArmsRule
    wide: WideRule
    pooling: PoolingRule
    resampling: ResamplingRule
    xmr: XmrRule


def load_small_samples(folder: Path = MODEL_DIR) -> SmallSamples:
    """Read `small_samples.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("small_samples.toml", SmallSamples, folder)


@lru_cache(maxsize=1)
def small_samples() -> SmallSamples:
    """The product's own thresholds, read once. Tests call `small_samples.cache_clear()`."""
    return load_small_samples()
