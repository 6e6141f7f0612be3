"""Referrals and tickets about midnight at a month's edge count on the day the company's clocks showed."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from core.kpis.acts import acts_of
from core.kpis.leads import COUNTED, REPEATED, referred
from core.kpis.referral import leads_known
from core.model.kpi_rules import kpi_rules
from core.month import build_month
from core.schema.zones import local_days
from core.services.data_conflicts import data_conflicts
from tests.companies import account, day, source, subscription

OCTOBER, NOVEMBER = dt.date(2025, 10, 1), dt.date(2025, 11, 1)
NEW_YORK, TOKYO, UTC = "America/New_York", "Asia/Tokyo", "UTC"
EDGES = [
    pytest.param(NEW_YORK, "2025-11-01T03:30", "2025-10-31", id="New York, half past eleven in the evening"),
    pytest.param(NEW_YORK, "2025-11-01T04:30", "2025-11-01", id="New York, half past midnight"),
    pytest.param(NEW_YORK, "2025-11-01T00:00", "2025-11-01", id="New York, a day without an hour"),
    pytest.param(TOKYO, "2025-10-31T14:30", "2025-10-31", id="Tokyo, half past eleven in the evening"),
    pytest.param(TOKYO, "2025-10-31T15:30", "2025-11-01", id="Tokyo, half past midnight"),
    pytest.param(UTC, "2025-11-01T03:30", "2025-11-01", id="UTC"),
]


def referral(at, **other):
    return {"referral_id": "f", "contact_id": "c", "prospect_id": "p", "submitted_at": pd.Timestamp(at), **other}


def ticket(opened, answered=None, severity=1):
    first = pd.Timestamp(answered) if answered else None
    return {"ticket_id": "t", "account_id": "a", "severity": severity, "escalated": False,
            "opened_at": pd.Timestamp(opened), "first_response_at": first}  # fmt: skip


@pytest.fixture
def company(tmp_path):
    """A month of one account with one contact in a zone, complete to the end of November 2025."""

    def build(zone, month=NOVEMBER, **rows):
        base = {
            "accounts": [account("a")],
            "contacts": [{"contact_id": "c", "account_id": "a", "joined_on": day("2024-01-01")}],
            "subscriptions": [
                subscription("a", "2024-01-01", None, 100),
                subscription("z", "2025-11-30", "2025-11-30", 1),
            ],
        }
        last = {OCTOBER: day("2025-10-31"), NOVEMBER: day("2025-11-30")}[month]
        return build_month(last, source(tmp_path, base | rows, zone=zone))

    return build


def months_with(data, name):
    """In which of the two months a frame has its row."""
    return [f"{month:%Y-%m}" for month in (OCTOBER, NOVEMBER) if len(data.frame(name, month))]


@pytest.mark.parametrize(("zone", "utc", "day"), EDGES)
def test_a_referral_is_a_lead_an_act_and_a_step_of_the_companys_day(company, zone, utc, day):
    month = company(zone, referrals=[referral(utc)])
    data = month.kpi_input
    assert months_with(data, "leads_month") == [day[:7]]
    assert (len(data.frame("leads_year", OCTOBER)) == 1) == (day < "2025-11")
    assert (leads_known(data, OCTOBER) is None) == (day < "2025-11")
    assert [str(at)[:10] for at in acts_of(data).day] == [day]
    events = month.path_input.events
    assert {f"{at:%Y-%m-%d}" for at in events.loc[events["stage"].isin(["referrer", "advocate"]), "day"]} == {day}


@pytest.mark.parametrize(("zone", "utc", "day"), EDGES)
def test_an_earlier_month_knows_what_was_submitted_contacted_and_accepted_by_its_last_evening(company, zone, utc, day):
    early, known = referral("2025-10-20T12:00", first_contact_at=pd.Timestamp(utc)), day < "2025-11"
    edge = referral(utc, referral_id="e", contact_id="nobody", opportunity_id="d")
    deal = {"opportunity_id": "d", "name": "D", "kind": "new", "amount_cents": 1, "currency": "EUR", "outcome": "open",
            "created_on": dt.date(2025, 10, 1), "source": "customer_referral"}  # fmt: skip
    month = company(zone, OCTOBER, referrals=[early, edge], opportunities=[deal])
    found = month.known_referrals.set_index("referral_id")
    assert set(found.index) == ({"f", "e"} if known else {"f"})
    assert pd.notna(found.loc["f", "first_contact_at"]) == known
    (conflict,) = [item for item in data_conflicts(month) if item.id == "referral_without_contact"]
    assert conflict.count == int(known)
    assert month.kpi_input.frame("referral_deals_year", OCTOBER)["linked_deals"].tolist() == [int(known)]


@pytest.mark.parametrize(
    ("zone", "utc", "called", "settled_on"),
    [
        pytest.param(NEW_YORK, "2025-10-31T15:00", "2025-11-01T03:30", "2025-10-31", id="New York, called late"),
        pytest.param(NEW_YORK, "2025-10-31T15:00", "2025-11-01T04:30", "2025-11-01", id="New York, called early"),
        pytest.param(TOKYO, "2025-10-31T15:30", "2025-10-31T15:40", "2025-11-01", id="Tokyo, called early"),
        pytest.param(TOKYO, "2025-10-30T16:00", None, "2025-11-01", id="Tokyo, over in the hours of a team elsewhere"),
    ],
)
def test_a_call_is_settled_on_the_companys_day_whatever_the_zone_of_the_team(company, zone, utc, called, settled_on):
    rows = [referral(utc, first_contact_at=pd.Timestamp(called) if called else None)]
    frame = company(zone, referrals=rows).kpi_input.frame("leads_called_year", NOVEMBER)
    assert [f"{at:%Y-%m-%d}" for at in frame["settled_on"]] == [settled_on]


def test_a_call_at_the_close_that_falls_on_midnight_in_utc_is_in_time(company, monkeypatch):
    rules = kpi_rules()
    lane = replace(rules.fast_lane, zone="America/Los_Angeles")
    monkeypatch.setattr("core.kpis.referral.kpi_rules", lambda: replace(rules, fast_lane=lane))
    row = referral("2025-10-31T16:00", first_contact_at=pd.Timestamp("2025-11-01T00:00:00.000001"))
    frame = company("America/Los_Angeles", referrals=[row]).kpi_input.frame("leads_called_year", NOVEMBER)
    assert frame["prompt_leads"].tolist() == [1]
    assert [f"{at:%Y-%m-%d}" for at in frame["settled_on"]] == ["2025-10-31"]


def test_of_two_referrals_of_a_company_the_one_of_the_companys_earlier_day_counts(company):
    both = [
        referral("2025-11-01T00:00", referral_id="of the first"),
        referral("2025-11-01T03:30", referral_id="of the evening before"),
    ]
    data = company(NEW_YORK, referrals=both).kpi_input
    found = referred(data).set_index("referral_id")["standing"]
    assert found.to_dict() == {"of the evening before": COUNTED, "of the first": REPEATED}
    assert [data.frame("leads_month", month)["counted_leads"].sum() for month in (OCTOBER, NOVEMBER)] == [1, 0]


@pytest.mark.parametrize(
    ("zone", "utc", "due_on"),
    [
        pytest.param(NEW_YORK, "2025-10-31T03:30", "2025-10-31", id="New York, late on the 30th"),
        pytest.param(NEW_YORK, "2025-10-31T04:30", "2025-11-01", id="New York, early on the 31st"),
        pytest.param(NEW_YORK, "2025-10-31T00:00", "2025-11-01", id="New York, a day without an hour"),
        pytest.param(TOKYO, "2025-10-30T14:30", "2025-10-31", id="Tokyo, late on the 30th"),
        pytest.param(TOKYO, "2025-10-30T15:30", "2025-11-01", id="Tokyo, early on the 31st"),
    ],
)
def test_the_time_of_a_first_contact_is_over_on_the_companys_day(company, zone, utc, due_on):
    frame = company(zone, referrals=[referral(utc)]).kpi_input.frame("fast_lane_year", NOVEMBER)
    assert [f"{at:%Y-%m-%d}" for at in frame["due_on"]] == [due_on]


def test_a_moment_hours_later_that_falls_on_midnight_in_utc_is_no_day_without_an_hour():
    instants = pd.Series(pd.to_datetime(["2025-10-31T20:00", "2025-10-31T00:00", None], format="mixed"))
    found = local_days(instants, NEW_YORK, pd.Series([4.0, 24.0, 4.0]))
    assert found.dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2025-10-31", "2025-11-01", ""]


@pytest.mark.parametrize(("zone", "utc", "day"), EDGES)
def test_a_ticket_is_one_of_the_month_of_the_companys_day(company, zone, utc, day):
    answered = pd.Timestamp(utc) + pd.Timedelta(minutes=10)
    data = company(zone, tickets=[ticket(utc, answered)]).kpi_input
    assert months_with(data, "tickets_opened") == [day[:7]]
    opened = [f"{at:%Y-%m-%d}" for at in data.table("ticket_answers")["opened_on"]]
    assert opened == [day], "what the pool watches after an ask"


@pytest.mark.parametrize(
    ("zone", "opened", "answered", "counted", "met"),
    [
        pytest.param(NEW_YORK, "2025-11-01T03:30", "2025-11-01T03:50", 1, 1, id="New York, met before midnight"),
        pytest.param(NEW_YORK, "2025-11-01T03:30", "2025-11-01T04:10", 0, 0, id="New York, met after midnight"),
        pytest.param(NEW_YORK, "2025-11-01T02:30", None, 1, 0, id="New York, passed before midnight"),
        pytest.param(
            NEW_YORK, "2025-10-31T23:00", "2025-11-01T00:00:00.000001", 1, 1, id="New York, at the last minute"
        ),
        pytest.param(NEW_YORK, "2025-10-31T23:00", "2025-11-01T00:00:01", 1, 0, id="New York, a second late"),
        pytest.param(TOKYO, "2025-10-31T14:30", "2025-10-31T14:50", 1, 1, id="Tokyo, met before midnight"),
        pytest.param(TOKYO, "2025-10-31T14:30", "2025-10-31T15:10", 0, 0, id="Tokyo, met after midnight"),
        pytest.param(TOKYO, "2025-10-31T14:30", None, 0, 0, id="Tokyo, still within its promise"),
    ],
)
def test_a_promise_is_judged_at_the_companys_midnight_whenever_it_is_looked_at(
    company, zone, opened, answered, counted, met
):
    for seen_from in (OCTOBER, NOVEMBER):
        data = company(zone, seen_from, tickets=[ticket(opened, answered)]).kpi_input
        rows = data.frame("tickets_opened", OCTOBER)
        assert (rows["due_tickets"].sum(), rows["answered_in_time"].sum()) == (counted, met)
