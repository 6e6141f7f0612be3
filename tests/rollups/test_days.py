"""Facts count on the day the company's clocks showed, whatever UTC says."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from core.rollups.engine import rollup_sql
from core.schema.zones import day_of, told
from tests.companies import account, source

AS_OF = dt.date(2025, 12, 31)


def days(folder, zone, instants):
    """The day on which each instant counts, in the order of the instants."""
    touches = [
        {"interaction_id": f"i{place}", "account_id": "a", "contact_id": f"c{place:04}", "at": at, "channel": "email"}
        | {"kind": "community", "direction": "neutral", "started_by": "person"}
        for place, at in enumerate(instants)
    ]
    engine = source(folder, {"accounts": [account("a")], "interactions": touches}, zone=zone).engine
    found = engine.query(rollup_sql("community_members"), {"as_of": AS_OF}).sort_values("contact_id")
    engine.close()
    return [day.date() for day in found["first_on"]]


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        pytest.param("America/New_York", "2025-11-01T03:30", "2025-10-31", id="half past eleven in the evening"),
        pytest.param("America/New_York", "2025-11-01T04:30", "2025-11-01", id="half past midnight"),
        pytest.param("America/New_York", "2025-11-03T04:30", "2025-11-02", id="clocks went back that day"),
        pytest.param("America/New_York", "2025-11-02T04:30", "2025-11-02", id="before they went back"),
        pytest.param("America/New_York", "2025-03-10T03:30", "2025-03-09", id="clocks went forward that day"),
        pytest.param("America/New_York", "2009-11-02T04:30", "2009-11-01", id="years ago"),
        pytest.param("Asia/Tokyo", "2025-10-31T15:30", "2025-11-01", id="ahead of UTC"),
        pytest.param("America/New_York", "2025-11-01T00:00", "2025-11-01", id="a day without an hour"),
        pytest.param("UTC", "2025-11-01T03:30", "2025-11-01", id="UTC"),
    ],
)
def test_an_instant_counts_on_the_day_of_the_companys_clocks(tmp_path, zone, utc, day):
    assert days(tmp_path, zone, [dt.datetime.fromisoformat(utc)]) == [dt.date.fromisoformat(day)]


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        pytest.param("America/New_York", "2025-11-01T00:00", "2025-10-31", id="midnight in UTC, in the evening"),
        pytest.param("America/New_York", "2025-11-01T03:30", "2025-10-31", id="another hour"),
        pytest.param("UTC", "2025-11-01T00:00", "2025-11-01", id="UTC"),
    ],
)
def test_an_instant_whose_hour_is_known_is_no_day_without_one(zone, utc, day):
    at = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    kept = told(at, zone)
    assert day_of(kept, zone) == dt.date.fromisoformat(day)
    assert kept - at <= dt.timedelta(microseconds=1)
    assert told(kept, zone) == kept


@pytest.mark.parametrize("name", ["nps_answers", "survey_latest"])
def test_the_last_answer_is_that_of_the_companys_latest_day(tmp_path, name):
    answers = [("evening before", "2025-11-05T03:30", 0), ("day without an hour", "2025-11-05T00:00", 9)]
    rows = [
        {"response_id": text, "account_id": "a", "contact_id": "c", "survey": "nps", "score": score}
        | {"answered_at": dt.datetime.fromisoformat(at)}
        for text, at, score in answers
    ]
    facts = {"accounts": [account("a")], "survey_responses": rows}
    engine = source(tmp_path, facts, zone="America/New_York").engine
    found = engine.query(rollup_sql(name), {"as_of": AS_OF, "detractor_at_most": 6})
    engine.close()
    assert [(f"{row.answered_on:%Y-%m-%d}", row.score) for row in found.itertuples()] == [("2025-11-05", 9)]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_rollups_and_screens_tell_the_same_day_all_year_round(tmp_path, zone):
    clocks = ZoneInfo(zone)
    hours = [dt.datetime(2025, 1, 1, 0, 30, tzinfo=dt.UTC) + dt.timedelta(hours=step) for step in range(360 * 24)]
    edges = [at.replace(tzinfo=None) for at in hours if at.astimezone(clocks).hour in (0, 23)]
    assert days(tmp_path, zone, edges) == [day_of(at, zone) for at in edges]
