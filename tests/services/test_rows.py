"""Every figure leads to rows that sum to it."""

import datetime as dt
import re

import pytest

from core.errors import CouncilError
from core.kpis import REGISTRY
from core.services.home import open_month
from core.services.overview import ORDER, overview
from core.services.rows import rows_behind


@pytest.fixture(scope="module")
def month(demo_home, demo_months):
    from tests.homes import using

    with using(demo_home):
        yield demo_months(dt.date(2026, 10, 1))


@pytest.mark.parametrize("kpi", list(REGISTRY))
@pytest.mark.parametrize("segment", [None, "SMB"])
@pytest.mark.sampled(3)
def test_the_rows_sum_to_the_figure(month, kpi, segment):
    item = REGISTRY[kpi]
    behind = rows_behind(month, kpi, segment)
    if behind.result.value is None:
        assert behind.result.reason
        return
    scale = 100 if item.unit == "money" else 1
    cents = {name: round(value * 100) if name in behind.money else value for name, value in behind.sums.items()}
    from_rows = {name: behind.frame[name].sum() for name in item.arguments}
    assert from_rows == pytest.approx(behind.sums)
    columns = {name: behind.frame[name].to_numpy() * (100 if name in behind.money else 1) for name in item.arguments}
    given = cents if item.of == "sums" else columns
    assert item.function(**given) == pytest.approx(behind.result.value * scale)
    assert behind.result.n <= max(len(behind.frame), *behind.sums.values()), "as many rows, or as many counted in them"


@pytest.mark.parametrize("kpi", list(REGISTRY))
def test_a_screen_shows_no_internal_id(month, kpi):
    shown = rows_behind(month, kpi).shown
    assert not [name for name in shown.columns if re.search(r"(^|[ _])id$", name.lower())]


def test_an_unknown_kpi_is_answered_with_those_there_are(month):
    with pytest.raises(CouncilError, match="net_revenue_retention"):
        rows_behind(month, "nrr")


def test_rows_of_a_missing_table_say_so(in_ravenstack):
    behind = rows_behind(open_month(), "cac_paid")
    assert behind.frame.empty
    assert "spend" in behind.result.reason


def test_every_card_leads_to_its_rows_and_definition(month):
    view = overview(month)
    assert [card.result.id for card in view.cards] == list(ORDER)
    for card in view.cards:
        assert card.definition
        for kpi in card.rows_of:
            assert not rows_behind(month, kpi).frame.empty
