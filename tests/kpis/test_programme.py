"""The programme: acts, participation, repetition, retention and tiers of companies small enough to count by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.acts import Acts, acts_of
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.kpis.tiers import TIERS
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
BASE = {"accounts": [account("a")], "subscriptions": [subscription("a", "2023-01-01", None, 10)]}
FIRST = {"ask_id": "first", "contact_id": "somebody", "activity": "review", "state": "sent"}


def done(contact, *days, activity="review", **other):
    """Completed asks of one person, one a day."""
    return [
        {
            "ask_id": f"{contact}{activity}{text}{place}",
            "contact_id": contact,
            "activity": activity,
            "state": "sent",
            "asked_on": day(text) - dt.timedelta(days=3),
            "completed_on": day(text),
            **other,
        }
        for place, text in enumerate(days)
    ]


def stay(contact, start, end=None, tier=None):
    return {"contact_id": contact, "enrolled_on": day(start), "left_on": day(end) if end else None, "tier": tier}


def person(name, account_id="a", **other):
    return {"contact_id": name, "account_id": account_id, **other}


def since_2023(*rows):
    """Asks, with one of early 2023 that nobody answered: the data reach back far enough for every window."""
    return [FIRST | {"asked_on": day("2023-01-15")}, *rows]


def test_an_act_is_a_completed_ask_or_a_referral_or_asset_nobody_asked_for(company):
    data = company(
        BASE
        | {
            "asks": since_2023(
                *done("asked", "2025-05-01", asset_id="known"),
                {**FIRST, "ask_id": "accepted", "asked_on": day("2025-05-01"), "state": "accepted"},
            ),
            "referrals": [
                {
                    "referral_id": "r1",
                    "contact_id": "own",
                    "prospect_id": "p",
                    "submitted_at": dt.datetime(2025, 6, 1, tzinfo=dt.UTC),
                },
                {
                    "referral_id": "r2",
                    "contact_id": "asked",
                    "ask_id": "asked",
                    "prospect_id": "q",
                    "submitted_at": dt.datetime(2025, 6, 1, tzinfo=dt.UTC),
                },
            ],
            "assets": [
                {"asset_id": "known", "kind": "review", "account_id": "a", "contact_id": "asked", "link": "x"}
                | {"published_on": day("2025-05-03")},
                {"asset_id": "new", "kind": "quote", "account_id": "a", "contact_id": "own", "link": "x"}
                | {"published_on": day("2025-07-03")},
                {"asset_id": "logo", "kind": "logo", "account_id": "a", "contact_id": "own", "link": "x"}
                | {"published_on": day("2025-08-03")},
            ],
        }
    )
    acts = acts_of(data)
    who = acts.people["contact_id"].iloc[acts.person]
    assert list(zip(who, acts.kind.tolist(), strict=True)) == [("asked", 0), ("own", 4), ("own", 1)]


def test_two_reviews_of_one_day_are_one_act(company):
    data = company(BASE | {"asks": since_2023(*done("p", "2025-05-01", "2025-05-01"))})
    frame = data.frame("advocates_year", DECEMBER)
    assert frame.loc[frame["contact_id"] == "p", ["acts", "repeat_actors"]].to_numpy().tolist() == [[1, 0]]


def test_activities_are_divided_by_those_enrolled_and_not_by_those_who_acted(company):
    asks = since_2023(
        *done("full year", "2025-02-01", "2025-03-01", "2025-04-01"),
        *done("half a year", "2025-08-01"),
        *done("half a year", "2025-03-01", activity="video"),
        *done("outside", "2025-03-01"),
    )
    stays = [
        stay("full year", "2024-01-01"),
        stay("half a year", "2025-07-01"),
        stay("quiet", "2024-01-01", "2025-07-01"),
    ]
    result = evaluate(
        REGISTRY["activities_per_advocate"], company(BASE | {"asks": asks, "enrolments": stays}), DECEMBER
    )
    # acts while enrolled: 3 + 1; month ends enrolled: 12 + 6 + 6 of 12; over those who acted it were 4 / 2 = 2
    assert (result.state, result.n) == (State.TOO_FEW, 3)
    assert result.value == pytest.approx(4 / 2.0)
    rows = kpi_rows(REGISTRY["activities_per_advocate"], company(BASE | {"asks": asks, "enrolments": stays}), DECEMBER)
    assert totals(REGISTRY["activities_per_advocate"], rows) == {"enrolled_acts": 4.0, "advocate_years": 2.0}
    acted_only = 4 / len(rows[rows["enrolled_acts"] > 0])
    many = [stay(f"quiet {place}", "2024-01-01") for place in range(2)]
    more = evaluate(
        REGISTRY["activities_per_advocate"], company(BASE | {"asks": asks, "enrolments": [*stays, *many]}), DECEMBER
    )
    assert more.value == pytest.approx(1.0) and acted_only == 2.0, "dividing by the active cannot fall below 1"


def test_who_joined_within_the_window_is_out_and_who_left_within_it_stays(company):
    # the 90 days to 31 December 2025 begin after 2 October
    asks = since_2023(
        *done("took part", "2025-10-03"), *done("joined late", "2025-12-01"), *done("before", "2025-10-02")
    )
    stays = [
        stay("took part", "2024-01-01"),
        stay("joined late", "2025-10-03"),
        stay("left since", "2024-01-01", "2025-11-01"),
        stay("left before", "2024-01-01", "2025-10-02"),
        stay("before", "2024-01-01"),
    ]
    frame = company(BASE | {"asks": asks, "enrolments": stays}).frame("advocates_year", DECEMBER)
    assert set(frame.loc[frame["enrolled_before"] == 1, "contact_id"]) == {"took part", "left since", "before"}
    assert set(frame.loc[frame["participants"] == 1, "contact_id"]) == {"took part"}


def test_repeating_needs_two_days_within_the_year(company):
    asks = since_2023(
        *done("twice", "2025-02-01", "2025-12-31"),
        *done("once this year", "2024-12-31", "2025-02-01"),
        *done("after", "2025-02-01", "2026-01-01"),
    )
    frame = company(BASE | {"asks": asks}).frame("advocates_year", DECEMBER)
    assert int(frame["actors"].sum()) == 3
    assert set(frame.loc[frame["repeat_actors"] == 1, "contact_id"]) == {"twice"}


def test_a_second_act_counts_as_soon_only_for_those_whose_180_days_are_over(company):
    asks = since_2023(
        *done("soon", "2025-03-01", "2025-04-01"),
        *done("late", "2025-03-01", "2025-12-01"),
        *done("young", "2025-11-01", "2025-11-20"),
    )
    parts = evaluate(REGISTRY["repeat_advocacy_rate"], company(BASE | {"asks": asks}), DECEMBER).parts
    assert {part.label: (part.value, part.n) for part in parts} == {
        "Acts beyond the first": (3.0, 3),
        "Second act within 180 days": (None, 2),
    }


def test_who_left_the_company_or_the_account_stays_in_the_base_and_is_named(company):
    asks = since_2023(
        *done("kept", "2024-06-01", "2025-06-01"),
        *done("gone", "2024-06-01"),
        *done("lost", "2024-06-01"),
        *done("still", "2024-12-31"),
        *done("new", "2025-01-01"),
        *done("too early", "2023-12-31"),
    )
    rows = {
        "accounts": [account("a"), account("b")],
        "subscriptions": [*BASE["subscriptions"], subscription("b", "2023-01-01", "2025-10-01", 5)],
        "contacts": [
            person("kept"),
            person("gone", left_on=day("2025-05-01")),
            person("lost", "b"),
            person("still"),
        ],
        "asks": asks,
    }
    data = company(rows)
    frame = data.frame("advocates_year", DECEMBER)
    assert set(frame.loc[frame["earlier_advocates"] == 1, "contact_id"]) == {"kept", "gone", "lost", "still"}
    assert set(frame.loc[frame["kept_advocates"] == 1, "contact_id"]) == {"kept"}
    parts = REGISTRY["advocate_retention_rate"].parts(data, DECEMBER, None)
    assert [(part.label, part.value, part.n) for part in parts] == [
        ("Left the company", 1.0, 3),
        ("Account no longer a customer", 1.0, 3),
        ("Still there", 1.0, 3),
    ]


def test_being_enrolled_is_not_retention(company):
    stays = [stay(f"p{place}", "2024-01-01") for place in range(40)]
    asks = since_2023(
        *(row for place in range(40) for row in done(f"p{place}", "2024-06-01")), *done("p0", "2025-06-01")
    )
    result = evaluate(
        REGISTRY["advocate_retention_rate"], company(BASE | {"asks": asks, "enrolments": stays}), DECEMBER
    )
    assert (result.numerator, result.n) == (1, 40), "all forty are still on the list"


@pytest.mark.parametrize(
    ("name", "begins", "window"),
    [
        pytest.param("activities_per_advocate", "2025-02-01", "2025-01", id="a year"),
        pytest.param("programme_participation_rate", "2025-11-01", "2025-10", id="a quarter"),
        pytest.param("advocate_retention_rate", "2024-02-01", "2024-01", id="two years"),
    ],
)
def test_no_rate_over_a_window_the_data_do_not_reach(company, name, begins, window):
    asks = [FIRST | {"asked_on": day(begins)}]
    result = evaluate(REGISTRY[name], company(BASE | {"asks": asks, "enrolments": [stay("p", "2024-01-01")]}), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert result.reason == f"asks and acts are known from {begins[:7]}, the window begins {window}"


@pytest.mark.parametrize("name", ["activities_per_advocate", "programme_participation_rate", "tier_mix"])
def test_without_anybody_in_the_programme_there_is_no_figure(company, name):
    data = company(BASE | {"asks": since_2023(*done("p", "2025-05-01")), "enrolments": []})
    result = evaluate(REGISTRY[name], data, DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)
    assert "programme" in result.reason


def test_a_tier_follows_from_what_was_done_and_not_from_the_account(company):
    asks = since_2023(
        *done("speaker", "2025-05-01", activity="speaking"),
        *done("case", "2025-05-01", activity="case_study"),
        *done("three calls", "2025-05-01", "2025-06-01", "2025-07-01", activity="reference"),
        *done("two calls", "2025-05-01", "2025-06-01", activity="reference"),
        *done("long ago", "2024-05-01", activity="speaking"),
    )
    names = ["speaker", "case", "three calls", "two calls", "long ago", "quiet"]
    stays = [stay(name, "2024-01-01", tier="vip") for name in names]
    data = company(BASE | {"asks": asks, "enrolments": stays})
    frame = data.frame("tiers_month", DECEMBER).set_index("contact_id")
    assert {name: TIERS[place] for name, place in frame["tier"].items() if name in names} == {
        "speaker": "vip",
        "case": "gold",
        "three calls": "gold",
        "two calls": "silver",
        "long ago": "community",
        "quiet": "community",
    }
    result = evaluate(REGISTRY["tier_mix"], data, DECEMBER)
    assert (result.value, result.n) == (pytest.approx(3 / 6), 6)
    assert sum(part.value for part in result.parts[:4]) == pytest.approx(1.0), "every advocate has one tier"


def test_the_year_of_a_tier_begins_on_its_first_day_in_a_leap_year_too(company):
    asks = since_2023(
        *done("first day", "2024-01-01", activity="speaking"), *done("before", "2023-12-31", activity="video")
    )
    stays = [stay(name, "2023-01-01") for name in ("first day", "before")]
    data = company(BASE | {"asks": asks, "enrolments": stays})
    frame = data.frame("tiers_month", dt.date(2024, 12, 1)).set_index("contact_id")
    assert [TIERS[frame["tier"][name]] for name in ("first day", "before")] == ["vip", "community"]


def test_in_the_first_90_days_the_recorded_tier_does_not_fall(company):
    stays = [stay("settling", "2025-11-01", tier="gold"), stay("settled", "2025-05-01", tier="gold")]
    data = company(BASE | {"asks": since_2023(), "enrolments": stays})
    tiers = data.frame("tiers_month", DECEMBER).set_index("contact_id")["tier"]
    assert (TIERS[tiers["settling"]], TIERS[tiers["settled"]]) == ("gold", "community")


def test_the_pool_is_those_with_an_ask_open_to_them_today(company):
    contacts = [person(name, joined_on=day("2022-01-01")) for name in ("open", "refused", "no consent", "left")]
    contacts[3]["left_on"] = day("2025-06-01")
    consents = [
        {"contact_id": name, "use": "email", "status": status, "granted_on": day("2024-01-01")}
        for name, status in (("open", "granted"), ("refused", "refused"), ("left", "granted"))
    ]
    rows = BASE | {
        "contacts": contacts,
        "consents": consents,
        "asks": since_2023(*done("open", "2024-03-01")),
        "milestones": [{"account_id": "a", "kind": "first_value", "reached_on": day("2023-05-01")}],
        "outcomes": [
            {"outcome_id": "o", "account_id": "a", "agreed_on": day("2023-03-01"), "verified_on": day("2025-10-01")}
        ],
        "survey_responses": [
            {"response_id": name, "account_id": "a", "contact_id": name, "survey": "nps", "score": 10}
            | {"answered_at": dt.datetime(2025, 11, 3, 9, tzinfo=dt.UTC)}
            for name in ("open", "refused", "no consent", "left")
        ],
        "tickets": [],
        "renewals": [],
        "interests": [
            {"contact_id": name, "activity": "review", "stance": "likes", "values": "none"}
            for name in ("open", "refused", "no consent", "left")
        ],
    }
    data = company(rows)
    pool = data.frame("pool_month", DECEMBER).set_index("contact_id")
    assert pool.index[pool["eligible_people"] == 1].tolist() == ["open"]
    assert pool["active_people"].to_dict() == {"open": 1, "refused": 1, "no consent": 1, "left": 0}
    result = evaluate(REGISTRY["advocate_pool_size"], data, DECEMBER)
    assert (result.value, result.n, result.previous) == (1.0, 1, None)
    earlier = evaluate(REGISTRY["advocate_pool_size"], data, dt.date(2025, 11, 1))
    assert (earlier.value, earlier.state) == (None, State.MISSING)
    assert "open that month itself" in earlier.reason


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 900)), max_size=30), st.integers(0, 900), st.integers(0, 400)
)
def test_acts_between_two_days_are_those_a_filter_would_find(found, first, length):
    found = sorted(found, key=lambda item: item[1])
    start = dt.date(2020, 1, 1)
    days = np.array([start + dt.timedelta(days=when) for _, when in found], dtype="datetime64[us]")
    who = np.array([person for person, _ in found], dtype=np.intp)
    empty = np.zeros(0, dtype="datetime64[us]")
    people = pd.DataFrame({"contact_id": [str(place) for place in range(5)]})
    acts = Acts(people, who, days, np.zeros(len(who), int), np.zeros(0, int), empty, empty, np.zeros(0, object))
    low, high = start + dt.timedelta(days=first), start + dt.timedelta(days=first + length)
    expected = [sum(p == place and first <= when <= first + length for p, when in found) for place in range(5)]
    assert acts.counted(acts.between(low, high)).tolist() == expected
    distinct = [
        len({when for p, when in found if p == place and first <= when <= first + length}) for place in range(5)
    ]
    assert acts.days_of(acts.between(low, high)).tolist() == distinct


@pytest.mark.parametrize("start", [dt.date(1965, 3, 2), dt.date(1969, 12, 30), dt.date(2020, 1, 1)])
def test_the_first_two_days_are_those_of_each_person_in_any_year(start):
    found = [(1, 0), (1, 0), (1, 3), (2, 4), (1, 9), (0, 9), (2, 9)]
    days = np.array([start + dt.timedelta(days=when) for _, when in found], dtype="datetime64[us]")
    who, empty = np.array([person for person, _ in found], dtype=np.intp), np.zeros(0, dtype="datetime64[us]")
    people = pd.DataFrame({"contact_id": [str(place) for place in range(4)]})
    acts = Acts(people, who, days, np.zeros(len(who), int), np.zeros(0, int), empty, empty, np.zeros(0, object))
    first, second = (
        [None if np.isnat(day) else (day.item().date() - start).days for day in side] for side in acts.first_two_days
    )
    assert (first, second) == ([9, 0, 4, None], [None, 3, 9, None])
