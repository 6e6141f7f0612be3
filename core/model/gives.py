"""What can be given to a person, by what the person values: data/model/gives.toml as frozen dataclasses."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from core.model.activities import Asker
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Value = Literal["influence", "visibility", "network", "perks", "none"]
VALUE_LABELS: dict[Value, str] = {
    "influence": "influence",
    "visibility": "visibility",
    "network": "network",
    "perks": "perks",
    "none": "nothing in particular",
}
Kind = Literal["send", "review", "check_in", "recognition", "content_view", "community", "task", "nudge", "enrolment"]
Days = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Give:
    """One thing to give.

    Attributes:
        label: Name on the screen.
        fits: Values of a person it suits.
        kinds: Kinds of interaction that show it was given.
        asker: Who gives it.
        source: Where it comes from.
    """

    label: Text
    fits: Annotated[tuple[Value, ...], Field(min_length=1)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    asker: Asker
    source: Text


@dataclass(frozen=True, config=STRICT)
class Gives:
    """Everything gives.toml says.

    Attributes:
        rest_days: Days after any give before the next one is proposed.
        same_again_days: Days after a give before the same one is proposed again.
        source: Where the days come from.
        gives: Every give by id; of two that fit the earlier one is proposed first.
    """

    rest_days: Days
    same_again_days: Days
    source: Text
    gives: dict[str, Give]

    @model_validator(mode="after")
    def _one_for_everybody(self) -> Self:
        lacking = [value for value in get_args(Value) if not any(value in give.fits for give in self.gives.values())]
        if lacking:
            raise ValueError(f"no give fits {', '.join(lacking)}")
        return self


@lru_cache(maxsize=4)
def load_gives(folder: Path = MODEL_DIR) -> Gives:
    """Read `gives.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("gives.toml", Gives, folder)
