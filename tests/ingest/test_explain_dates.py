"""A cell that is no date: one sentence says what to write instead, and what it says is that day."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.dates import STYLES
from core.ingest.explain_dates import date_words

ISO = "YYYY-MM-DD"


def words(cell, style=ISO, timed=False):
    return date_words(cell, style, "a date", f'found "{cell}"', timed)


def written(day, style):
    parts = {"YYYY": f"{day.year:04d}", "MM": f"{day.month:02d}", "DD": f"{day.day:02d}"}
    for name, digits in parts.items():
        style = style.replace(name, digits)
    return style


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        pytest.param("31/12/2024", "Write 2024-12-31.", id="another style"),
        pytest.param("12/31/2024", "Write 2024-12-31.", id="month first"),
        pytest.param("2024-1-5", "Write 2024-01-05.", id="short month"),
        pytest.param("20240201", "Write 2024-02-01.", id="no separators"),
        pytest.param("Feb 3, 2024", "Write 2024-02-03.", id="named month"),
        pytest.param("03-MAR-2024", "Write 2024-03-03.", id="named month in capitals"),
        pytest.param(
            "05/06/2024",
            "It can be read in two ways: write 2024-05-06 for 6\u00a0May\u00a02024, or 2024-06-05 for "
            "5\u00a0Jun\u00a02024.",
            id="two days",
        ),
        pytest.param("05/05/2024", "Write 2024-05-05.", id="one day in two styles"),
        pytest.param(
            "2024-13-01",
            "There is no month 13; with day and month changed round it is 2024-01-13.",
            id="changed round",
        ),
        pytest.param("2024-31-31", "There is no month 31.", id="no month at all"),
        pytest.param("2023-02-29", "February 2023 has 28 days: correct the day.", id="no such day"),
        pytest.param(
            "45352",
            "It looks like a spreadsheet's day number, of 1\u00a0Mar\u00a02024: format the column as a date and export "
            "again, or write 2024-03-01.",
            id="day number",
        ),
        pytest.param("31/12/24", "Write the year with four digits, as YYYY-MM-DD.", id="short year"),
        pytest.param("soon", "No day can be read in it: write one such as 2026-10-31.", id="no date"),
        pytest.param("0000-01-01", "No day can be read in it: write one such as 2026-10-31.", id="no year"),
        pytest.param("2024-12-31 10:30", "Export the day alone.", id="a time"),
        pytest.param("9999-12-31", "Leave an open end empty.", id="stand-in"),
        pytest.param("1024-01-01", "Correct the year, or leave the cell empty where no day is known.", id="far away"),
    ],
)
def test_one_sentence_says_how_to_mend_the_cell(cell, remedy):
    told = words(cell)
    assert told.startswith("expected a date ")
    assert told.partition(f'found "{cell}"')[2].lstrip(". ") == remedy


def test_bounds_are_said_only_where_they_are_the_trouble():
    assert "1950" not in words("31/12/2024") and "1950" not in words("soon")
    assert "between 1950-01-01 and 2100-12-31" in words("2150-01-01")


@given(
    day=st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)).filter(lambda day: day.day > 12),
    have=st.sampled_from(sorted(STYLES)),
    want=st.sampled_from(sorted(STYLES)),
)
def test_a_day_that_cannot_be_mistaken_is_given_in_the_style_of_the_column(day, have, want):
    cell = written(day, have)
    told = words(cell, want)
    assert "9999" in cell or "2999" in cell or told.endswith(f"Write {written(day, want)}.") or "between" in told
    assert ("between" in told) == (have == want)


def test_a_count_of_seconds_is_mended_with_a_plain_day():
    assert words("yesterday", "epoch seconds").endswith("write one such as 2026-10-31.")
