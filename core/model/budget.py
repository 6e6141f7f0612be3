"""Settings of the budget calculation: change cap, draws, intervals and the halved-effect question."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Share = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True, config=STRICT)
class Change:
    """How far one plan may move a line.

    Attributes:
        cap: Largest change of a line as a share of its spend today. [ratio]
        source: Where the value comes from.
    """

    cap: Annotated[float, Field(ge=0, le=1)]
    source: str


@dataclass(frozen=True, config=STRICT)
class Draws:
    """How many draws describe what is believed of a line.

    Attributes:
        count: Draws a line; even, because plans are chosen on one half and judged on the other. [count]
        source: Where the value comes from.
    """

    count: Annotated[int, Field(ge=2, multiple_of=2)]
    source: str


@dataclass(frozen=True, config=STRICT)
class Levels:
    """Shares of belief that the shown intervals hold.

    Attributes:
        inner: The narrow band. [ratio]
        outer: The wide band; a plan whose wide band holds 0 is not distinguishable from no change. [ratio]
        source: Where the values come from.
    """

    inner: Share
    outer: Share
    source: str

    def __post_init__(self) -> None:
        if self.inner >= self.outer:
            raise ValueError("inner must be narrower than outer")


@dataclass(frozen=True, config=STRICT)
class Sensitivity:
    """The sceptic's question.

    Attributes:
        effect_factor: Factor put on every effect. [ratio]
        source: Where the value comes from.
    """

    effect_factor: Share
    source: str


@dataclass(frozen=True, config=STRICT)
class Curve:
    """How a response curve is drawn.

    Attributes:
        points: Points of a drawn curve. [count]
        reach: How far it is drawn, as a multiple of the largest spend shown on it. [ratio]
        source: Where the values come from.
    """

    points: Annotated[int, Field(ge=3)]
    reach: Annotated[float, Field(gt=1)]
    source: str


@dataclass(frozen=True, config=STRICT)
class BudgetRules:
    """Everything in `data/model/budget.toml`."""

    change: Change
    draws: Draws
    interval: Levels
    sensitivity: Sensitivity
    curve: Curve


@lru_cache(maxsize=4)
def load_budget(folder: Path = MODEL_DIR) -> BudgetRules:
    """The settings of the budget calculation. Raises ModelError with every wrong key."""
    return load("budget.toml", BudgetRules, folder)
