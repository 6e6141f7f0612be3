"""Which tables change a figure: each is taken away from the demo company, and what moves must have been said."""

import datetime as dt
from dataclasses import replace

import pytest

from core.kpis import MEASURES, REGISTRY, evaluate
from core.month import build_month
from core.rollups.engine import Engine
from core.schema import TABLES
from core.services.home import current_state, manifest_of, open_engine, open_source
from core.settings import settings

AS_OF = dt.date(2026, 10, 31)
EVERY = REGISTRY | MEASURES
OF_EVERY_FIGURE = {"accounts", "subscriptions"}
OF_ALL_MONEY = {"fx_rates"}
"""Rates: there is no figure over several currencies without them, whatever table the money stands in."""
NOT_IN_THE_DEMO = {
    ("stage_history", "win_rate_lift_pp"): "deals alike entered the same stage first; in the demo all enter discovery",
    ("stage_history", "incremental_arr"): "as above",
    ("stage_history", "incremental_pipeline"): "as above",
    ("survey_responses", "cov_contacts_scored"): "whoever answered a survey has a score by other signals too",
    **{
        ("assets", name): "every asset of the demo was asked for"
        for name, item in EVERY.items()
        if "assets" in item.also
    },
}
"""What is said and cannot be seen in the demo company, with the reason."""


@pytest.fixture(scope="module")
def company(demo_home):
    from tests.homes import using

    with using(demo_home):
        state = current_state()
        folder, manifest = settings().facts_dir, manifest_of(state)
        parts = {name: tuple(folder / file for file in manifest.files(name)) for name in manifest.tables}
        yield open_source(state, open_engine(state)), parts


def figures(source):
    month = build_month(AS_OF, source)
    return {name: evaluate(item, month.kpi_input, month.month) for name, item in EVERY.items()}


@pytest.fixture(scope="module")
def whole(company):
    return figures(company[0])


def without(company, table):
    """The company as if a table had never been imported."""
    source, parts = company
    loaded, key = source.loaded - {table}, f"{source.facts_key} without {table}"
    if TABLES[table].group == "fact":
        rest = {name: files for name, files in parts.items() if name != table}
        return replace(source, engine=Engine(rest, source.engine.sources), loaded=loaded, facts_key=key)
    records = {**source.records, table: source.records[table].iloc[:0]}
    return replace(source, records=records, loaded=loaded, facts_key=key)


@pytest.mark.parametrize("table", [name for name in TABLES if name not in OF_EVERY_FIGURE | OF_ALL_MONEY])
def test_a_figure_names_every_table_that_changes_it(table, company, whole):
    now = figures(without(company, table))
    changed = {name for name in EVERY if now[name] != whole[name]}
    needed = {name for name, item in EVERY.items() if table in item.needs}
    said = {name for name, item in EVERY.items() if table in item.also}
    unseen = {name for of, name in NOT_IN_THE_DEMO if of == table}
    assert changed - needed == said - unseen
    assert not said & needed
    assert unseen <= said - changed, "what can be seen now needs no excuse"


def test_every_table_a_figure_adds_is_of_the_contract():
    assert {name for item in EVERY.values() for name in item.also} <= set(TABLES)
