"""Targets of the product itself, and how near to a target counts as near: data/model/targets.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Near:
    """How far beside its target a figure is still near it.

    Attributes:
        share: Of the target's size, on its wrong side. [fraction]
        source: Where the share comes from.
    """

    share: Annotated[float, Field(ge=0, lt=1)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class DefaultTarget:
    """What a figure is to reach until somebody sets a target; in the KPI's unit, never money.

    Attributes:
        value: The target; ratios and pp as fractions.
        reason: Why this figure.
        source: Where it comes from.
    """

    value: float
    reason: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class TargetRules:
    """Everything `data/model/targets.toml` says; `default` is by KPI id."""

    near: Near
    default: dict[str, DefaultTarget]


def load_target_rules(folder: Path = MODEL_DIR) -> TargetRules:
    """Read `targets.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("targets.toml", TargetRules, folder)


@lru_cache(maxsize=1)
def target_rules() -> TargetRules:
    """The product's own targets, read once."""
    return load_target_rules()
