"""What pays after the sale, as a short list of things to have: data/model/checklist.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

FILE = "checklist.toml"

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class ChecklistItem:
    """One thing to have.

    Attributes:
        id: Permanent name.
        group: Heading it stands under.
        text: The statement that is answered no, some, half or most.
        capability: Capability whose level is held beside the answer; empty where none covers it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    group: Text
    text: Text
    capability: str = ""


@dataclass(frozen=True, config=STRICT)
class Context:
    """What others say of themselves, to read the answers by; never a target."""

    text: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class Checklist:
    """The whole list."""

    label: Text
    source: Text
    context: tuple[Context, ...]
    item: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]


def load_checklist(folder: Path = MODEL_DIR) -> Checklist:
    """Read `checklist.toml` of `folder`.

    Raises:
        ModelError: Naming every wrong key, and an id that stands twice.
    """
    found = load(FILE, Checklist, folder)
    ids = [item.id for item in found.item]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ModelError(f'{FILE}: item: the id "{twice[0]}" stands twice')
    return found


@lru_cache(maxsize=1)
def checklist() -> Checklist:
    """The list of this installation, read once."""
    return load_checklist()
