"""How the demo company handles its referrals: who calls, how soon, and what referrers hear."""

from __future__ import annotations

from functools import lru_cache

from pydantic.dataclasses import dataclass

from core.model.requests import Milestone
from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class DemoLane:
    """All of data/model/demo_lane.toml. Minutes, hours and callers are taken in turn; 0 stands for never."""

    source: str
    author: str
    callers: tuple[str, ...]
    given_after_minutes: tuple[int, ...]
    told_after_hours: tuple[int, ...]
    denied: str
    words: dict[Milestone, str]


@lru_cache(maxsize=1)
def demo_lane() -> DemoLane:
    """How the demo company handles its referrals, read once."""
    return load("demo_lane.toml", DemoLane)
