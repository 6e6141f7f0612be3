"""What a file says of a moment, for a company that is not in UTC."""

import duckdb
import pytest

from core.ingest.dates import date_sql, instant_sql, utc_sql
from core.settings import settings

ISO = "YYYY-MM-DD"


@pytest.fixture
def read(monkeypatch):
    """The value of a text on the clocks of New York, as a moment in UTC and as a day."""
    monkeypatch.setenv("COUNCIL_ZONE", "America/New_York")
    settings.cache_clear()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def value(text, style):
        told = f"CAST({instant_sql('raw', style)} AS VARCHAR), CAST({date_sql('raw', style, times=True)} AS VARCHAR)"
        return connection.execute(f"SELECT {told} FROM (SELECT ? AS raw)", [text]).fetchone()

    yield value
    connection.close()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def utc_text():
    """A text as a rule with `utc` reads it."""
    with duckdb.connect() as connection:
        yield lambda text: connection.execute(f"SELECT {utc_sql('raw')} FROM (SELECT ? AS raw)", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "style", "moment", "day"),
    [
        pytest.param("2025-10-31T23:30:00-04:00", ISO, "2025-11-01 03:30:00", "2025-10-31", id="late, with its offset"),
        pytest.param("2025-11-01T03:30:00Z", ISO, "2025-11-01 03:30:00", "2025-10-31", id="late, in UTC"),
        pytest.param("2025-10-31 23:30", ISO, "2025-11-01 03:30:00", "2025-10-31", id="late, no offset"),
        pytest.param("2025-11-01 00:30", ISO, "2025-11-01 04:30:00", "2025-11-01", id="early, no offset"),
        pytest.param("2025-11-02 23:30", ISO, "2025-11-03 04:30:00", "2025-11-02", id="clocks went back"),
        pytest.param("2025-03-09 23:30", ISO, "2025-03-10 03:30:00", "2025-03-09", id="clocks went forward"),
        pytest.param("2025-03-09 02:30", ISO, "2025-03-09 07:30:00", "2025-03-09", id="an hour that never was"),
        pytest.param("10/31/2025 11:30 PM", "MM/DD/YYYY", "2025-11-01 03:30:00", "2025-10-31", id="am and pm"),
        pytest.param("1761967800", "epoch seconds", "2025-11-01 03:30:00", "2025-10-31", id="seconds since 1970"),
        pytest.param("1761955200", "epoch seconds", "2025-11-01 00:00:00", "2025-11-01", id="a day as seconds"),
        pytest.param("2025-11-01", ISO, "2025-11-01 00:00:00", "2025-11-01", id="a day"),
        pytest.param("2025-11-01T00:00:00Z", ISO, "2025-11-01 00:00:00", "2025-11-01", id="a day as midnight in UTC"),
        pytest.param("2025-11-01 00:00:00", ISO, "2025-11-01 00:00:00", "2025-11-01", id="a day as midnight"),
        pytest.param("2025-10-31 20:00", ISO, "2025-11-01 00:00:00.000001", "2025-10-31", id="midnight in UTC, no day"),
        pytest.param("2025-13-01 20:00", ISO, None, None, id="no date"),
    ],
)
def test_a_moment_counts_on_the_day_that_was_written_or_that_the_companys_clocks_showed(read, text, style, moment, day):
    assert read(text, style) == (moment, day)


@pytest.mark.parametrize(
    ("text", "moment", "day"),
    [
        pytest.param("2025-11-01 03:30", "2025-11-01 03:30:00", "2025-10-31", id="minutes"),
        pytest.param("2025-11-01T03:30:00.5", "2025-11-01 03:30:00.5", "2025-10-31", id="parts of a second"),
        pytest.param("2025-11-01 00:00", "2025-11-01 00:00:00", "2025-11-01", id="a day as midnight"),
        pytest.param("2025-11-01", "2025-11-01 00:00:00", "2025-11-01", id="a day"),
        pytest.param("2025-10-31 23:30:00-04:00", "2025-11-01 03:30:00", "2025-10-31", id="its own offset"),
        pytest.param("2025-11-01 03:30:00 UTC", "2025-11-01 03:30:00", "2025-10-31", id="UTC by itself"),
    ],
)
def test_a_time_of_a_column_in_utc_is_utc_unless_it_says_otherwise(utc_text, read, text, moment, day):
    assert read(utc_text(text), ISO) == (moment, day)
