"""How definitions are ordered and worded: data/model/definitions.toml as frozen dataclasses."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

SampleRule = Literal[
    "none",
    "proportion",
    "account_share",
    "account_ratio",
    "money_average",
    "duration",
    "lifetime",
    "two_arms",
    "belief",
]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Group:
    """One group of KPIs.

    Attributes:
        id: Permanent.
        label: Name on screens.
        question: What its figures answer together.
        modules: Modules of core/kpis whose figures belong to it.
        kpis: Figures that belong to it although their module does not.
    """

    id: Text
    label: Text
    question: Text
    modules: tuple[Text, ...]
    kpis: tuple[Text, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Change:
    """A change of a definition: since when a version holds, and what is different."""

    kpi: Text
    version: Annotated[int, Field(ge=2)]
    on: dt.date
    what: Text


@dataclass(frozen=True, config=STRICT)
class DefinitionRules:
    """Everything `data/model/definitions.toml` says.

    Attributes:
        group: Groups in the order they are shown.
        small_sample: Small-sample rule by the method of the interval.
        change: Changes of definitions since the first version.
    """

    group: tuple[Group, ...]
    small_sample: dict[str, SampleRule]
    change: tuple[Change, ...] = ()


def load_definition_rules(folder: Path = MODEL_DIR) -> DefinitionRules:
    """Read `definitions.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("definitions.toml", DefinitionRules, folder)


@lru_cache(maxsize=1)
def definition_rules() -> DefinitionRules:
    """The product's own order and wording, read once."""
    return load_definition_rules()
