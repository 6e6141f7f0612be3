import datetime as dt
import shutil

import numpy as np
import pytest

from core.errors import ModelError
from core.model.holidays import NONE, holiday_calendar, load_holidays
from core.model.kpi_rules import load_kpi_rules
from core.settings import MODEL_DIR

CALENDARS = [name for name in load_holidays().calendars if name != NONE]


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(MODEL_DIR, tmp_path / "model")


def written(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("germany", "2025-06-09", id="Whit Monday"),
        pytest.param("germany", "2026-10-03", id="Unity Day, a Saturday"),
        pytest.param("england_wales", "2026-12-28", id="Boxing Day on a Saturday moves to Monday"),
        pytest.param("england_wales", "2024-08-26", id="last Monday of August"),
        pytest.param("us_federal", "2026-07-03", id="Independence Day on a Saturday is kept on Friday"),
        pytest.param("us_federal", "2025-11-27", id="Thanksgiving"),
        pytest.param("us_federal", "2027-12-31", id="New Year's Day 2028 is kept in 2027"),
        pytest.param("target", "2027-03-26", id="Good Friday"),
    ],
)
def test_a_published_holiday_is_in_its_calendar(name, day):
    assert dt.date.fromisoformat(day) in holiday_calendar(name).days


@pytest.mark.parametrize("name", CALENDARS)
def test_every_calendar_covers_the_same_whole_years(name):
    years = [day.year for day in holiday_calendar(name).days]
    assert set(years) == set(range(2024, 2029))
    assert max(np.diff(np.bincount(years)[2024:])) <= 2


def test_without_a_stated_calendar_no_day_is_off():
    assert load_kpi_rules().fast_lane.calendar == NONE
    assert holiday_calendar(NONE).days == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        pytest.param("kpi_rules.toml", 'calendar = "none"', 'calendar = "mars"',
                     r'fast_lane.calendar: expected one of none, germany.*found "mars"', id="a calendar nobody knows"),
        pytest.param("holidays.toml", "2024-10-03, 2024-12-25, 2024-12-26,\n", "2024-12-25, 2024-10-03,\n",
                     "in order, each once", id="days out of order"),
        pytest.param("holidays.toml", "days = []", "days = [2026-01-01]", '"none" is missing or has days',
                     id="none with a day"),
        pytest.param("holidays.toml", "2024-10-03, 2024-12-25, 2024-12-26,\n", '"the third",\n', "germany.days",
                     id="no day"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place(folder, name, old, new, said):
    written(folder, name, old, new)
    with pytest.raises(ModelError, match=said):
        load_kpi_rules(folder)
