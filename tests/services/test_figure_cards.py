"""The figures of a group as cards: all of the group, those that can be shown first."""

import pytest

from core.errors import CouncilError
from core.kpis import REGISTRY
from core.model.definitions import definition_rules
from core.services.definition_text import group_of
from core.services.figure_cards import group_cards
from core.services.home import open_month
from core.services.targets import read_targets


@pytest.fixture(scope="module")
def cards(demo_home, demo_months):
    from tests.homes import using

    with using(demo_home):
        month, targets = demo_months(), read_targets()
        yield {group.id: group_cards(month, group.id, targets) for group in definition_rules().group}


def test_every_figure_is_on_the_card_of_its_group_and_of_no_other(cards):
    held = [card.result.id for group in cards.values() for card in group.cards]
    assert sorted(held) == sorted(REGISTRY)
    assert all(group_of(card.result.id).id == name for name, group in cards.items() for card in group.cards)


def test_what_can_be_shown_comes_first_and_is_counted(cards):
    for group in cards.values():
        shown = [card.result.shown for card in group.cards]
        assert shown == sorted(shown, reverse=True)
        assert f"{sum(shown)} of {len(shown)} figures" in group.title


def test_an_unknown_group_is_named(cards, demo_home):
    from tests.homes import using

    with using(demo_home), pytest.raises(CouncilError, match='called "loyalty"'):
        group_cards(open_month(None), "loyalty", read_targets())
