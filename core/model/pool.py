"""The pool as a whole: how the chance of an act is learned and what a healthy pool is: data/model/pool.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.activities import ActivityId
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Days = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Amount = Annotated[float, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class TreeRules:
    """How boosted trees learn.

    Attributes:
        rounds: Number of trees.
        rate: What one tree adds.
        leaves: Most leaves of a tree.
        least_in_leaf: Fewest asks in a leaf.
        ridge: Penalty on the value of a leaf.
        source: Where the figures come from.
    """

    rounds: Count
    rate: Share
    leaves: Annotated[int, Field(ge=2)]
    least_in_leaf: Count
    ridge: Annotated[float, Field(ge=0)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class PropensityRules:
    """How the chance that an ask is completed is learned and tested.

    Attributes:
        completed_within_days: An ask counts as completed when it was done within so many days; younger asks teach
            nothing yet.
        later_share: Share of the asks, the latest, that test what the earlier ones taught.
        least_asks: Asks under which no chance is learned.
        most_asks: The latest so many asks are looked at.
        least_later_asks: Fewest asks to test on.
        least_acts: Fewest completed and fewest not completed asks on either side of the cut.
        answer_days: Age from which a survey answer says nothing any more.
        use_days: The same for a month of usage.
        folds: Time-ordered parts of the earlier asks; each but the first is predicted from those before it.
        fatigue_ridge: Penalty on the standardised coefficients beside which the effect of one more ask is told.
        boosting_from: Earlier asks from which trees are tried beside the regression.
        bins: Most groups of equal size in the tables of lift and calibration.
        least_in_bin: Fewest asks in a group.
        trees: How the trees learn.
        source: Where the figures come from.
    """

    completed_within_days: Days
    later_share: Share
    least_asks: Count
    most_asks: Count
    least_later_asks: Count
    least_acts: Count
    answer_days: Days
    use_days: Days
    folds: Annotated[int, Field(ge=2)]
    fatigue_ridge: Amount
    boosting_from: Count
    bins: Annotated[int, Field(ge=2)]
    least_in_bin: Count
    trees: TreeRules
    source: Text


@dataclass(frozen=True, config=STRICT)
class RankingRules:
    """Who stands first among those an ask is open to: `kept_per_ask` is what each ask of the last year leaves."""

    kept_per_ask: Share
    source: Text


@dataclass(frozen=True, config=STRICT)
class LoadRules:
    """Concentration: the `top` busiest of `days` days, over `trend_quarters` quarters; from `least_asks` asks on."""

    top: Count
    days: Days
    trend_quarters: Annotated[int, Field(ge=2)]
    least_asks: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class CapacityRules:
    """Hours: the length of a quarter, how many past ones foretell the next, and the share that raises the alarm."""

    quarter_days: Days
    past_quarters: Count
    alarm: Share
    source: Text


@dataclass(frozen=True, config=STRICT)
class CoverageRules:
    """Which stages are late, and which activity a late deal needs."""

    late_stages: Annotated[tuple[Text, ...], Field(min_length=1)]
    activity: ActivityId
    source: Text


@dataclass(frozen=True, config=STRICT)
class PromoterRules:
    """A promoter without an ask in `quiet_days` days was never asked."""

    quiet_days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class DebtRules:
    """Acts of the last `days` days; `told_days` to tell what came of one."""

    told_days: Days
    days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class BalanceRules:
    """Gives and asks of the last `days` days, and the fewest gives per ask."""

    days: Days
    least_gives_per_ask: Amount
    source: Text


@dataclass(frozen=True, config=STRICT)
class WatchRules:
    """What is watched in the `days` days after an ask.

    Attributes:
        days: Length of the watch.
        looking_back_days: Asks of so many days are watched.
        fall_nps: Points of NPS that count as a fall.
        fall_csat: Points of CSAT that count as a fall.
        severe_at_most: Highest severity number of a ticket that counts.
        source: Where the figures come from.
    """

    days: Days
    looking_back_days: Days
    fall_nps: Count
    fall_csat: Count
    severe_at_most: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class ChampionRules:
    """An advocate who left in the last `days` days is shown."""

    days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class FunnelRules:
    """From ask to act: asks of `days` days, each with `within_days` to be done; fewer accepting than a share warns."""

    days: Days
    within_days: Days
    least_accepted: Share
    source: Text


@dataclass(frozen=True, config=STRICT)
class PoolRules:
    """Everything pool.toml says; `hours` by activity, with its `source`."""

    propensity: PropensityRules
    ranking: RankingRules
    hours: dict[str, float | str]
    load: LoadRules
    capacity: CapacityRules
    coverage: CoverageRules
    promoters: PromoterRules
    debt: DebtRules
    balance: BalanceRules
    watch: WatchRules
    champions: ChampionRules
    funnel: FunnelRules

    @model_validator(mode="after")
    def _every_activity_has_hours(self) -> Self:
        known = {*get_args(ActivityId), "source"}
        wrong = [name for name in known if name not in self.hours] + [name for name in self.hours if name not in known]
        if wrong:
            raise ValueError(f"hours: missing or unknown {', '.join(sorted(wrong))}")
        amounts = [value for name, value in self.hours.items() if name != "source"]
        if not all(isinstance(value, float) and value > 0 for value in amounts):
            raise ValueError("hours must be above 0")
        return self

    def hours_of(self, activity: str) -> float:
        """Hours of the customer one act takes; 0 for an activity the file does not know."""
        value = self.hours.get(activity, 0.0)
        return value if isinstance(value, float) else 0.0


@lru_cache(maxsize=4)
def pool_rules(folder: Path = MODEL_DIR) -> PoolRules:
    """Read `pool.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("pool.toml", PoolRules, folder)
