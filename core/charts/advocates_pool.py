"""Which figures of the pool stand beside which section of Pool health, with their words."""

from __future__ import annotations

from typing import Protocol

import plotly.graph_objects as go

from core.advocacy.back_test import BackTest
from core.advocacy.pool_load import Capacity, Concentration
from core.charts.pool import calibration_plot, capacity_bars, lift_bars, load_curve, load_trend
from core.glossary import display, display_day
from core.model.pool import pool_rules

Named = list[tuple[str, go.Figure]]
"""Figures by a permanent name."""


class Figures(Protocol):
    """The parts of the pool that are drawn."""

    @property
    def concentration(self) -> Concentration:
        """How the asks spread over people."""

    @property
    def capacity(self) -> Capacity:
        """Hours that can be given against hours asked for."""


class Health(Protocol):
    """What Pool health says, as far as it is drawn."""

    @property
    def figures(self) -> Figures:
        """The parts of the pool."""


def pool_figures(health: Health, section: str) -> Named:
    """Figures of one section.

    Args:
        health: The pool's health.
        section: `load` or `capacity`; others have none.
    """
    rules = pool_rules()
    if section == "load" and len(health.figures.concentration.rows):
        part = health.figures.concentration
        counts, idle = [int(count) for count in part.rows["asks"]], part.people - part.asked
        about = f"Asks of {rules.load.days} days, the busiest people first; {part.people:,} people in the pool"
        title = f"{part.asked:,} of {part.people:,} people carried the asks"
        shares = f"Share of the asks of a year carried by the {rules.load.top} busiest, at the end of each quarter"
        return [
            ("load_curve", load_curve(counts, idle, title=title, subtitle=about)),
            ("load_trend", load_trend(part.trend, title="Load by quarter", subtitle=shares)),
        ]
    if section == "capacity" and health.figures.capacity.hours is not None:
        alarm = rules.capacity.alarm
        about = f"Hours of the customers next quarter; the line is the alarm at {display(alarm, 'ratio')}"
        part_of = health.figures.capacity
        return [("capacity", capacity_bars(part_of, alarm, title="Hours asked for and hours to give", subtitle=about))]
    return []


def chance_figures(test: BackTest | None) -> Named:
    """How later asks turned out by foretold chance; none without a test."""
    if test is None or not test.groups:
        return []
    since = f"{test.asks:,} asks since {display_day(test.first_on)}, none of them learned from; 95 % intervals"
    overall = test.done / test.asks
    return [
        ("lift", lift_bars(test.groups, overall, title="Completed by group, the likeliest first", subtitle=since)),
        ("calibration", calibration_plot(test.groups, title="Completed against foretold", subtitle=since)),
    ]
