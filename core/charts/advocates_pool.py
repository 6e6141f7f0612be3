"""Which figures of the pool stand beside which section of Pool health, with their words."""

from __future__ import annotations

from typing import Protocol

import plotly.graph_objects as go

from core.advocacy.back_test import BackTest
from core.advocacy.pool_capacity import Capacity
from core.advocacy.pool_funnel import CUTS, Cut, Funnels
from core.advocacy.pool_load import Concentration
from core.charts.pool import calibration_plot, lift_bars, load_curve, load_trend
from core.charts.pool_asks import acceptance, capacity_by_act
from core.glossary import display_day
from core.model.activities import load_activities
from core.model.pool import pool_rules

Named = list[tuple[str, go.Figure]]
"""Figures by a permanent name."""
TITLES: dict[Cut, str] = {
    "activity": "Who accepts, by ask", "persona": "Who accepts, by role", "asked_by": "Who accepts, by who asked"
}  # fmt: skip
MOST = 12
"""Rows of a cut that are drawn, those with most asks."""


class Figures(Protocol):
    """The parts of the pool that are drawn."""

    @property
    def concentration(self) -> Concentration:
        """How the asks spread over people."""

    @property
    def capacity(self) -> Capacity:
        """Hours that can be given against hours asked for."""

    @property
    def funnels(self) -> Funnels:
        """What became of the asks."""


class Health(Protocol):
    """What Pool health says, as far as it is drawn."""

    @property
    def figures(self) -> Figures:
        """The parts of the pool."""


def pool_figures(health: Health, section: str) -> Named:
    """Figures of one section.

    Args:
        health: The pool's health.
        section: `load`, `capacity`, or `funnel_` and a cut of the asks; others have none.
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
    if section == "capacity" and len(health.figures.capacity.rows):
        alarm = rules.capacity.alarm
        about = (f"Blue: hours asked for in a quarter, with their 95 % interval; grey: hours that can be given; red: "
                 f"the alarm at {100 * alarm:.0f} %")  # fmt: skip
        names: dict[str, str] = {name: item.label for name, item in load_activities().activities.items()}
        part_of = health.figures.capacity
        return [
            ("capacity", capacity_by_act(part_of, names, alarm, title="Hours asked for, act by act", subtitle=about))
        ]
    return _funnel(health.figures.funnels, section)


def _funnel(funnels: Funnels, section: str) -> Named:
    """Shares that accept by one cut; none for another section or without asks."""
    known = load_activities().activities
    labels: dict[str, str] = {name: item.label for name, item in known.items()}
    for cut in CUTS:
        if section == f"funnel_{cut}" and funnels.whole.asked:
            rules = pool_rules().funnel
            rows = [(labels.get(step.name or "", step.name or "Not stated"), step) for step in funnels.cuts[cut][:MOST]]
            about = (f"Point: share of those asked that accepted, 95 % interval; ring: asked and done; line: "
                     f"{100 * rules.least_accepted:.0f} %, under which too few accept")  # fmt: skip
            figure = acceptance(rows, rules.least_accepted, title=TITLES[cut], subtitle=about)
            return [(section, figure)]
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
