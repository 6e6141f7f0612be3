"""When data count as old, as tying and as contradicting each other: `data/model/data_state.toml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Days = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class FreshnessRule:
    """From what age on a source is stale.

    Attributes:
        default_days: Limit of a table not named below. [days]
        tables: Table -> its own limit. [days]
        source: Where the limits come from.
    """

    default_days: Days
    tables: dict[str, Days]
    source: Text

    def limit(self, table: str) -> int:
        """Age from which a table is stale, in days."""
        return self.tables.get(table, self.default_days)


@dataclass(frozen=True, config=STRICT)
class TieOutRule:
    """When a figure of the product ties with finance's.

    Attributes:
        share: Largest difference, as a share of finance's figure. [fraction]
        account_cents: Largest difference within one account that is rounding. [cents]
        source: Where the thresholds come from.
    """

    share: Share
    account_cents: Annotated[int, Field(ge=0)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class ConflictLimits:
    """Limits of the rules that hold tables against each other.

    Attributes:
        won_without_subscription_days: A won deal without a subscription after this is a finding. [days]
        renewal_share: A renewal and the subscription after it may differ by this share. [fraction]
        source: Where the limits come from.
    """

    won_without_subscription_days: Days
    renewal_share: Share
    source: Text


@dataclass(frozen=True, config=STRICT)
class BlockingColumn:
    """A column that may be empty, and what stays dark while it is."""

    table: Text
    column: Text
    blocks: Text


@dataclass(frozen=True, config=STRICT)
class DataState:
    """Everything `data/model/data_state.toml` says."""

    freshness: FreshnessRule
    tie_out: TieOutRule
    conflicts: ConflictLimits
    screens: dict[str, tuple[Text, ...]]
    columns: tuple[BlockingColumn, ...]


def load_data_state(folder: Path = MODEL_DIR, optional: Mapping[str, Collection[str]] | None = None) -> DataState:
    """Read `data_state.toml` of `folder`.

    Args:
        folder: Folder of the model files.
        optional: Table of the contract -> its columns that may be empty, to check the names against; None does not.

    Raises:
        ModelError: Naming every wrong key, and every table or column the contract does not have.
    """
    state = load("data_state.toml", DataState, folder)
    if optional is None:
        return state
    names = {*state.screens, *state.freshness.tables}
    wrong = [f"  no such table: {name}" for name in sorted(names - optional.keys())]
    wrong += [f"  no screens for {name}" for name in optional if name not in state.screens]
    wrong += [
        f"  no such optional column: {item.table}.{item.column}"
        for item in state.columns
        if item.column not in optional.get(item.table, ())
    ]
    if wrong:
        raise ModelError("data_state.toml:\n" + "\n".join(wrong))
    return state


@lru_cache(maxsize=1)
def data_state() -> DataState:
    """The product's own thresholds, read once. Tests call `data_state.cache_clear()`."""
    return load_data_state()
