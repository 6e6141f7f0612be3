"""What the views of the Data screen keep between runs; every key names the data it was built from."""

from __future__ import annotations

import plotly.graph_objects as go

from core.charts.data import difference_bars
from core.services.data_conflicts import DataConflict
from core.services.data_screen import SourcesView, data_key, sources_view
from core.services.data_screen_conflicts import month_conflicts
from core.services.data_screen_finance import FinanceLine, FinanceView, finance_view
from core.services.home import Month
from pages._app.cached import kept


def sources_now() -> SourcesView:
    """What is loaded and how fresh it is; built once per import."""
    return kept("data sources", data_key(), sources_view)


def finance_of(month: Month) -> FinanceView:
    """The tie-out of a month."""
    return kept("tie-out", (month.facts.key, month.month), lambda: finance_view(month))


def difference_figure(month: Month, line: FinanceLine, currency: str) -> go.Figure:
    """What explains the difference of one figure from finance's."""
    parts = [(part.label, part.amount) for part in line.parts]
    return kept(
        "tie-out parts",
        (month.facts.key, month.month, line.measure),
        lambda: difference_bars(parts, line.total or 0.0, currency, title=line.finding, subtitle=line.sides),
    )


def contradictions(month: Month) -> tuple[DataConflict, ...]:
    """What the rules find when they hold the tables of a month against each other."""
    return kept("contradictions", (month.key, data_key()), lambda: month_conflicts(month))
