"""What Maturity keeps between runs: figures, each named by all it shows."""

from __future__ import annotations

import datetime as dt

import plotly.graph_objects as go

from core.charts.maturity import maturity_matrix
from core.charts.maturity_time import level_history, maturity_radar
from core.maturity.assess import Assessment
from core.model.maturity import ScaleLevel
from core.month import Month
from core.services.maturity_history import History, Radar
from core.services.maturity_view import quarter_end
from pages._app.cached import Company, kept


def month_of_quarter(company: Company | None, quarter: dt.date) -> Month | None:
    """The last complete month of a quarter, which its claims are held against; the newest where it has none yet."""
    if company is None:
        return None
    inside = [month for month in company.months if quarter <= month <= quarter_end(quarter)]
    return company.load(inside[0] if inside else company.months[0])


def matrix_figure(
    rows: tuple[Assessment, ...], levels: tuple[ScaleLevel, ...], title: str, trends: tuple[tuple[str, str], ...]
) -> go.Figure:
    """The maturity matrix."""
    shown = [
        (row.capability, row.claimed, row.support.level, row.support.testable, row.status, row.reported, row.target,
         row.not_applicable)
        for row in rows
    ]  # fmt: skip
    key = (shown, title, trends)
    return kept("maturity matrix", key, lambda: maturity_matrix(rows, levels, title=title, trends=dict(trends)))


def radar_figure(radar: Radar) -> go.Figure:
    """A matrix beside last quarter and target."""
    return kept("maturity radar", radar, lambda: _radar(radar))


def _radar(radar: Radar) -> go.Figure:
    words = {"title": radar.title, "subtitle": radar.subtitle}
    return maturity_radar(radar.labels, radar.now, radar.before, radar.targets, **words)


def history_figure(history: History) -> go.Figure:
    """Levels by quarter."""
    return kept("maturity history", history, lambda: _history(history))


def _history(history: History) -> go.Figure:
    return level_history(
        [row.label for row in history.rows],
        history.labels,
        [[cell.reported if cell else None for cell in row.cells] for row in history.rows],
        [[cell.claimed if cell else None for cell in row.cells] for row in history.rows],
        title=history.finding,
        subtitle=history.subtitle,
    )
