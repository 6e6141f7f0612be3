"""Plays: what a budget line does, and what is believed of its response before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.channels import Channels, load_channels, normalised
from core.model.toml import STRICT, load_each
from core.settings import MODEL_DIR

Kind = Literal["acquisition", "post_sale"]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, config=STRICT)
class Interval:
    """A range of belief.

    Attributes:
        low: Lower end: the 5th percentile, or the least value of an even range.
        high: Upper end: the 95th percentile, or the greatest value of an even range.
    """

    low: Positive
    high: Positive

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError("low must be less than high: a prior without width claims to know")


@dataclass(frozen=True, config=STRICT)
class ResponsePrior:
    """Scale-free belief about a line's yearly response; holds for a company of any size.

    Attributes:
        curve: Form of the response; Hill is the only one.
        average_return: 12-month incremental gross margin per unit of money at today's spend; log-normal. [ratio]
        half_at: Spend that brings half of the ceiling, as a multiple of today's; log-normal. [ratio]
        exponent: Hill exponent, evenly likely within the range; at most 1 the curve is concave. [1]
    """

    curve: Literal["hill"]
    average_return: Interval
    half_at: Interval
    exponent: Interval


@dataclass(frozen=True, config=STRICT)
class Play:
    """One play or acquisition channel.

    Attributes:
        id: File name of the play.
        label: Name on screens.
        moves: KPI it is meant to move (name of its function).
        kind: What spend on it is for.
        owner_role: Who answers for it unless the line names somebody else.
        lag_months: Months from spending to the first visible effect. [months]
        response: Prior of its response.
        source: Where the prior comes from, in words.
    """

    id: str
    label: str
    moves: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    kind: Kind
    owner_role: Annotated[str, Field(pattern="^[a-z][a-z_]*$")]
    lag_months: Annotated[int, Field(ge=0, le=36)]
    response: ResponsePrior
    source: Annotated[str, Field(min_length=10)]


DEFAULT_PLAY: dict[Kind, str] = {"acquisition": "default_acquisition", "post_sale": "default_post_sale"}
"""Play of a line whose own play is not described, by kind."""


@lru_cache(maxsize=4)
def load_plays(folder: Path = MODEL_DIR) -> Mapping[str, Play]:
    """Every play of `data/model/plays`, by id.

    Raises:
        ModelError: A file is wrong, or one of the two default plays is missing.
    """
    plays = load_each("plays", Play, folder)
    missing = [play for play in DEFAULT_PLAY.values() if play not in plays]
    if missing:
        raise ModelError(f"plays: {' and '.join(missing)} missing; lines without a play of their own need them.")
    return MappingProxyType(plays)


def play_of(
    kind: Kind, play: str | None, channel: str | None, plays: Mapping[str, Play], channels: Channels | None = None
) -> Play:
    """The play a budget line follows: its own, else its channel's, else the default of its kind.

    Args:
        kind: What the line is for.
        play: Play as the data spell it, or None.
        channel: Channel as the data spell it, or None.
        plays: Known plays by id.
        channels: Known channels; None means those of `data/model/channels.toml`.
    """
    known = (channels or load_channels()).find(channel)
    candidates = (normalised(play), known.play if known is not None else None, normalised(channel))
    found = next((name for name in candidates if name is not None and name in plays), DEFAULT_PLAY[kind])
    return plays[found]
