"""What each KPI and evidence measure reads: the tables it opens, and the columns of the contract behind them."""

import datetime as dt
import re
from collections.abc import Mapping

import pytest

from core.kpis import MEASURES, REGISTRY, evaluate
from core.kpis.recent import Recent
from core.month import build_month
from core.rollups import engine as engine_module
from core.schema import TABLES
from tests.companies import account, source, subscription
from tests.rollup_columns import columns_found

DECEMBER = dt.date(2025, 12, 1)
EVERY = REGISTRY | MEASURES
ALIAS = re.compile(r"\b(?:from|join)\s+([a-z_]+)\s+as\s+([a-z_]+)", re.IGNORECASE)
COLUMN = re.compile(r"\b([a-z_]+)\.([a-z_]+)\b")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A company with every table loaded and nothing in most of them."""
    rows = {name: [] for name in TABLES if name not in ("accounts", "subscriptions")}
    rows |= {"accounts": [account("a")], "subscriptions": [subscription("a", "2023-01-01", None, 10)]}
    return build_month(dt.date(2025, 12, 31), source(tmp_path_factory.mktemp("reads"), rows)).kpi_input


class Recorded(Mapping):
    """Tables of a KPI input that remember which were opened."""

    def __init__(self, tables):
        self.tables, self.opened = tables, set()

    def __getitem__(self, name):
        self.opened.add(name)
        return self.tables[name]

    def __iter__(self):
        return iter(self.tables)

    def __len__(self):
        return len(self.tables)


def opened(item, data):
    from dataclasses import replace

    recorded = Recorded(data.tables)
    evaluate(item, replace(data, tables=recorded, facts=None, _kept={}, _frames=Recent()), DECEMBER)
    return recorded.opened


@pytest.mark.parametrize("name", list(EVERY))
def test_every_table_a_figure_opens_is_given_and_every_need_is_of_the_contract(name, data):
    item = EVERY[name]
    assert set(item.needs) <= set(TABLES)
    assert opened(item, data) <= set(data.tables)


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_measure_reads_something_that_can_be_loaded(name, data):
    assert opened(MEASURES[name], data) or "subscriptions" in MEASURES[name].needs


def test_an_unknown_table_is_noticed(data):
    from dataclasses import replace

    with pytest.raises(KeyError):
        replace(data, tables=Recorded(data.tables), _kept={}).table("no such table")


ROLLUPS = sorted((engine_module.files("core.rollups") / "sql").iterdir(), key=lambda path: path.name)


@pytest.mark.parametrize("path", ROLLUPS, ids=lambda path: path.name)
def test_every_column_a_rollup_reads_is_of_the_contract(path):
    sql = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    contract = {name: set(columns_found(name)) for name in TABLES}
    sources = {}
    for table, alias in ALIAS.findall(sql):
        sources.setdefault(alias, set()).add(table)
    read = [(alias, column) for alias, column in COLUMN.findall(sql) if alias in sources]
    assert read
    for alias, column in read:
        if sources[alias] <= set(contract):
            assert any(column in contract[table] for table in sources[alias]), f"{alias}.{column}"
