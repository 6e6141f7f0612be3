import datetime as dt
import json

import pandas as pd
import pytest

from core.advocacy.back_test import Group
from core.advocacy.pool_load import Capacity, Figure, LoadQuarter
from core.charts.pool import calibration_plot, capacity_bars, lift_bars, load_curve, load_trend
from core.stats.intervals import Interval, wilson

WORDS = {"title": "A finding", "subtitle": "A definition"}
GROUPS = tuple(Group(40, done, done / 40 + 0.02, done / 40, wilson(done, 40), done / 20) for done in (30, 20, 10))


def capacity(demand=60.0, interval=None, hours=100.0):
    band = Interval(50.0, 75.0, "x") if interval is None else interval
    none = demand is None
    return Capacity(10, 20, hours, Figure(demand, 40, None if none else band, "no ask" if none else None),
                    Figure(None, 40), "maybe", 0, pd.DataFrame())  # fmt: skip


def every():
    quarters = [LoadQuarter(dt.date(2026, 7, 31), 5, None, None), LoadQuarter(dt.date(2026, 10, 31), 90, 0.4, 0.5)]
    return {
        "curve": load_curve([4, 2, 1], 3, **WORDS),
        "trend": load_trend(quarters, **WORDS),
        "capacity": capacity_bars(capacity(), 0.7, **WORDS),
        "calibration": calibration_plot(GROUPS, **WORDS),
        "lift": lift_bars(GROUPS, 0.5, **WORDS),
    }


@pytest.mark.parametrize("name", every())
def test_a_figure_carries_its_words_and_survives_the_browser(name):
    figure = every()[name]
    assert figure.layout.meta == WORDS
    text = figure.to_json()
    assert "NaN" not in text
    assert json.loads(text)["data"]


def test_the_curve_starts_at_nothing_and_ends_at_all_with_the_busiest_first():
    carried = load_curve([1, 4, 2], 3, **WORDS).data[1]
    assert list(carried.y) == pytest.approx([0, 4 / 7, 6 / 7, 1, 1, 1, 1])
    assert list(carried.x)[-1] == 1


def test_a_quarter_with_too_few_asks_says_so():
    bars = every()["trend"].data[0]
    assert bars.text[0] == "too few"
    assert bars.y[0] is None


def test_the_alarm_lies_at_its_share_of_the_hours():
    figure = capacity_bars(capacity(hours=200.0), 0.7, **WORDS)
    assert figure.layout.shapes[0].x0 == pytest.approx(140)
    assert any(note.text == "alarm at 70 %" for note in figure.layout.annotations)


def test_an_unknown_demand_is_not_drawn_as_none():
    figure = capacity_bars(capacity(demand=None), 0.7, **WORDS)
    assert any(note.text == "not known" for note in figure.layout.annotations)


def test_points_and_whiskers_are_those_of_the_groups():
    points = calibration_plot(GROUPS, **WORDS).data[1]
    assert list(points.x) == [group.foretold for group in GROUPS]
    assert points.error_y.array[0] == pytest.approx(GROUPS[0].interval.high - GROUPS[0].rate)
    assert list(lift_bars(GROUPS, 0.5, **WORDS).data[0].y) == [0.75, 0.5, 0.25]
