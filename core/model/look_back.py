"""Over how many months a promise about a monthly flow is looked back at: data/model/look_back.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR


@dataclass(frozen=True, config=STRICT)
class WindowRule:
    """The months before a decision and since it.

    Attributes:
        months: Most months on either side.
        least_months: Fewest months on either side with which a change is told.
        source: Where both come from.
    """

    months: Annotated[int, Field(ge=2)]
    least_months: Annotated[int, Field(ge=2)]
    source: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class LookBackRules:
    """Everything `data/model/look_back.toml` says."""

    windows: WindowRule


def load_look_back_rules(folder: Path = MODEL_DIR) -> LookBackRules:
    """Read `look_back.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("look_back.toml", LookBackRules, folder)


@lru_cache(maxsize=1)
def look_back_rules() -> LookBackRules:
    """The product's own windows, read once."""
    return load_look_back_rules()
