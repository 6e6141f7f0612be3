"""What counts as an exception of a month, and which figure is watched beside which: data/model/exceptions.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Text = Annotated[str, Field(min_length=1)]
ExceptionKind = Literal["implausible", "stale", "conflict", "off_target", "amber", "outside_limits", "counter"]


@dataclass(frozen=True, config=STRICT)
class Pair:
    """A figure that falls when another is bought at a price.

    Attributes:
        counter: KPI id of the figure watched beside it.
        why: What the pair guards against, in one sentence.
        source: Where the pair comes from.
    """

    counter: Text
    why: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class ExceptionRules:
    """Everything `data/model/exceptions.toml` says.

    Attributes:
        shown: Exceptions a screen shows before "all".
        order: Kinds, the gravest first.
        amber_months: Months near a target in a row that become an exception.
        counter_months: Months in a row a figure rises while its counter falls that become one.
        source: Where these numbers come from.
        pair: The counter of a KPI, by KPI id.
    """

    shown: Annotated[int, Field(ge=1)]
    order: tuple[ExceptionKind, ...]
    amber_months: Annotated[int, Field(ge=2)]
    counter_months: Annotated[int, Field(ge=1)]
    source: Text
    pair: dict[str, Pair]


def load_exception_rules(folder: Path = MODEL_DIR) -> ExceptionRules:
    """Read `exceptions.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("exceptions.toml", ExceptionRules, folder)


@lru_cache(maxsize=1)
def exception_rules() -> ExceptionRules:
    """The rules of exceptions, read once."""
    return load_exception_rules()
