import datetime as dt
import json
from dataclasses import dataclass

import pandas as pd
import pytest

from core.advocacy.back_test import Group
from core.advocacy.pool_capacity import Capacity
from core.advocacy.pool_load import Figure, LoadQuarter, share_of
from core.charts.pool import calibration_plot, lift_bars, load_curve, load_trend
from core.charts.pool_asks import acceptance, capacity_by_act
from core.stats.intervals import wilson

WORDS = {"title": "A finding", "subtitle": "A definition"}
GROUPS = tuple(Group(40, done, done / 40 + 0.02, done / 40, wilson(done, 40), done / 20) for done in (30, 20, 10))


ACTS = pd.DataFrame(
    [("speaking", 0, 0, 0.0, 4, 12.0, 3.0, 30.0, None, ""),
     ("reference", 9, 18, 20.0, 40, 15.0, 11.0, 20.0, 0.75, "maybe"),
     ("review", 5, 10, 5.0, 0, 0.0, 0.0, 0.0, None, "")],
    columns=["activity", "people", "asks", "hours", "sent", "demand_hours", "low", "high", "used", "alarm"],
).astype({"activity": "str", "alarm": "str", "used": "float64"})  # fmt: skip
CAPACITY = Capacity(14, 28, 20.0, 5.0, Figure(15.0, 40), 12.0, Figure(0.75, 40), "maybe", 0, ACTS)
LABELS = {"speaking": "Speaking", "reference": "Reference call", "review": "Review"}


@dataclass(frozen=True)
class Asked:
    accepted: int
    accept: Figure
    act: Figure


STEPS = (
    ("Review", Asked(60, share_of(60, 100), share_of(40, 100))),
    ("Video <b>", Asked(3, share_of(3, 8), share_of(1, 8))),
)


def every():
    quarters = [LoadQuarter(dt.date(2026, 7, 31), 5, None, None), LoadQuarter(dt.date(2026, 10, 31), 90, 0.4, 0.5)]
    return {
        "curve": load_curve([4, 2, 1], 3, **WORDS),
        "trend": load_trend(quarters, **WORDS),
        "capacity": capacity_by_act(CAPACITY, LABELS, 0.7, **WORDS),
        "acceptance": acceptance(STEPS, 0.5, **WORDS),
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


def test_the_alarm_of_an_act_lies_at_its_share_of_the_hours():
    figure = capacity_by_act(CAPACITY, LABELS, 0.7, **WORDS)
    given, asked, alarm = figure.data
    assert dict(zip(alarm.y, alarm.x, strict=True)) == {"Reference call": 14.0, "Review": 3.5}
    assert list(given.x) == [0.0, 20.0, 5.0]
    assert list(asked.error_x.array) == [18.0, 5.0, 0.0]


def test_an_act_on_one_side_alone_says_so():
    said = [note.text for note in capacity_by_act(CAPACITY, LABELS, 0.7, **WORDS).layout.annotations]
    assert said == ["12\u00a0h, nobody to ask".replace("\u00a0", " "), "75.0\u00a0% of 20 h", "5 h, not asked for"]


def test_a_share_of_few_is_written_as_counts_and_not_drawn():
    figure = acceptance(STEPS, 0.5, **WORDS)
    assert list(figure.data[0].y) == list(figure.data[1].y) == ["Review"]
    assert (figure.data[0].x[0], figure.data[1].x[0]) == (0.6, 0.4)
    assert [note.text for note in figure.layout.annotations if note.y] == ["too few (3 of 8)"]
    assert "Video &lt;b&gt;" in figure.layout.yaxis.categoryarray


def test_points_and_whiskers_are_those_of_the_groups():
    points = calibration_plot(GROUPS, **WORDS).data[1]
    assert list(points.x) == [group.foretold for group in GROUPS]
    assert points.error_y.array[0] == pytest.approx(GROUPS[0].interval.high - GROUPS[0].rate)
    assert list(lift_bars(GROUPS, 0.5, **WORDS).data[0].y) == [0.75, 0.5, 0.25]
