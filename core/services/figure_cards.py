"""The figures of one group of definitions as cards, for the screens that work on what they measure."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import CouncilError
from core.kpis import REGISTRY
from core.model.definitions import definition_rules
from core.month import Month
from core.services.definition_text import group_of, in_order
from core.services.overview_cards import Card, cards_of
from core.services.targets import Targets


@dataclass(frozen=True)
class GroupCards:
    """The cards of a group.

    Attributes:
        title: What the group is called, and how many of its figures can be shown.
        question: What the group answers.
        cards: One per KPI, those that can be shown first.
    """

    title: str
    question: str
    cards: tuple[Card, ...]


def group_cards(month: Month, group: str, targets: Targets) -> GroupCards:
    """Every KPI of a group in a month.

    Args:
        month: The month.
        group: Id of a group of data/model/definitions.toml.
        targets: What figures are to reach.

    Raises:
        CouncilError: There is no such group.
    """
    found = next((each for each in definition_rules().group if each.id == group), None)
    if found is None:
        raise CouncilError(f'no group of figures is called "{group}"')
    names = [name for name in in_order() if name in REGISTRY and group_of(name).id == group]
    cards = cards_of(month, month.kpis, names, None, targets)
    shown = [each for each in cards if each.result.shown]
    title = f"{found.label}: {len(shown)} of {len(cards)} figures can be shown"
    return GroupCards(title, found.question, tuple(sorted(cards, key=lambda each: not each.result.shown)))
