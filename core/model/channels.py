"""Channels: the class each one belongs to, for acquisition cost, colours and credit."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

ChannelClass = Literal["referral", "paid", "organic", "partner", "other"]


def normalised(name: str | None) -> str | None:
    """A name as an id: lower case, runs of anything but letters and digits as one underscore; None when empty."""
    if name is None:
        return None
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_") or None


@dataclass(frozen=True, config=STRICT)
class Channel:
    """One channel.

    Attributes:
        id: Its name in data, normalised.
        label: Name on screens.
        channel_class: Class it belongs to.
        play: Play that a budget line of this channel follows, or None.
        aliases: Other spellings of the same channel.
    """

    id: str
    label: str
    channel_class: ChannelClass
    play: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Channels:
    """All known channels.

    Attributes:
        source: Where the classes come from.
        classes: Name of each class on screens, by class.
        channel: The channels, in the order of the file.
    """

    source: str
    classes: dict[ChannelClass, str]
    channel: tuple[Channel, ...]

    def __post_init__(self) -> None:
        names = [name for entry in self.channel for name in {entry.id, *entry.aliases}]
        twice = sorted({name for name in names if names.count(name) > 1})
        odd = sorted(name for name in names if normalised(name) != name)
        if twice or odd:
            raise ValueError(f"names must be unique and in lower_case; repeated: {twice}, misspelt: {odd}")

    @cached_property
    def _by_name(self) -> dict[str, Channel]:
        return {name: entry for entry in self.channel for name in (entry.id, *entry.aliases)}

    def find(self, channel: str | None) -> Channel | None:
        """The channel a spelling means, or None when it is empty or unknown."""
        name = normalised(channel)
        return None if name is None else self._by_name.get(name)


@lru_cache(maxsize=4)
def load_channels(folder: Path = MODEL_DIR) -> Channels:
    """The channels of `data/model/channels.toml`. Raises ModelError with every wrong key."""
    return load("channels.toml", Channels, folder)


def channel_class(channel: str | None) -> ChannelClass:
    """Class of a channel; an empty or unknown one is `other`.

    Example:
        >>> channel_class(" Paid-Search ")
        'paid'
    """
    found = load_channels().find(channel)
    return "other" if found is None else found.channel_class


def channel_label(channel: str | None) -> str:
    """Name of a channel on screens; an unknown one keeps its own spelling, an empty one is "Not stated"."""
    found = load_channels().find(channel)
    if found is not None:
        return found.label
    return (channel or "").strip() or "Not stated"
