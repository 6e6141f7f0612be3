import datetime as dt

import pytest

from core.month import build_month
from core.stats.months import month_end
from tests.companies import source


@pytest.fixture
def company(tmp_path):
    """Builds the KPI input of a company from rows by table, as of the end of a month."""

    def build(rows, month=dt.date(2025, 12, 1), reporting=""):
        return build_month(month_end(month), source(tmp_path, rows, reporting)).kpi_input

    return build
