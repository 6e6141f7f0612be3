"""Steps between stages, from rows worked by hand: who counts, who is censored, who is left out."""

import pandas as pd
import pytest

from core.journey.landmarks import landmarks
from core.journey.path import customer_path
from core.journey.steps import step_rows
from core.model.journey import journey_rules
from tests.journey.paths import company, customer, reached

RULES = journey_rules()


def rows(customers, events=(), start="contract", end="first_login", **other):
    data = company(customers, events, **({"since": "2024-01-01"} | other))
    return step_rows(data, landmarks(data, RULES), start, end, RULES)


def only(*args, **other):
    (row,) = rows(*args, **other).to_dict("records")
    return row


def test_who_has_not_got_there_is_followed_up_to_today():
    row = only([customer("a", "2026-05-01")])
    assert (row["waiting_days"], row["arrived"], row["old_enough"], row["went_on"]) == (60, 0, 1, 0)


def test_who_left_is_followed_up_to_that_day_and_counts_as_old_enough():
    row = only([customer("a", "2026-01-01", left="2026-01-11")])
    assert (row["waiting_days"], row["arrived"], row["old_enough"], row["went_on"]) == (10, 0, 1, 0)


def test_what_was_reached_after_leaving_is_not_seen():
    row = only([customer("a", "2026-01-01", left="2026-01-11")], reached("a", first_login="2026-02-01"))
    assert (row["arrived"], row["waiting_days"]) == (0, 10)
    assert pd.isna(row["end_on"])


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        pytest.param("2026-05-20", (39, 1, 0, 100), id="after the return"),
        pytest.param("2026-01-20", (19, 1, 1, 0), id="before it left"),
        pytest.param(None, (80, 0, 0, 100), id="not yet"),
    ],
)
def test_who_came_back_is_followed_on_without_the_days_away(logged, expected):
    back = customer("a", "2026-01-01", left="2026-01-31", stay="2026-05-11")
    row = only([back], reached("a", first_login=logged) if logged else ())
    assert (row["waiting_days"], row["arrived"], row["went_on"], row["days_away"]) == expected
    assert pd.isna(row["left_on"])
    assert row["old_enough"] == 1


def test_an_end_before_its_start_took_no_days():
    row = only([customer("a", "2026-01-10")], reached("a", first_login="2026-01-02"))
    assert (row["arrived"], row["waiting_days"], row["went_on"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("day", "went_on"),
    [pytest.param("2026-01-31", 1, id="30 days"), pytest.param("2026-02-01", 0, id="31 days")],
)
def test_only_who_got_there_within_the_days_went_on_in_time(day, went_on):
    row = only([customer("a", "2026-01-01")], reached("a", first_login=day))
    assert (row["arrived"], row["went_on"]) == (1, went_on)


def test_a_young_customer_that_got_there_is_not_counted_in_the_share():
    row = only([customer("a", "2026-06-10")], reached("a", first_login="2026-06-12"))
    assert (row["arrived"], row["old_enough"], row["went_on"]) == (1, 0, 0)


def test_who_started_before_the_next_stage_was_on_record_is_left_out():
    names = [customer("old", "2023-12-31"), customer("new", "2024-01-01")]
    assert list(rows(names)["account_id"]) == ["new"]


def test_who_started_today_or_may_not_be_followed_is_left_out():
    assert rows([customer("a", "2026-06-30"), customer("b", followed=False)]).empty


def test_a_step_starts_where_the_one_before_ended():
    events = reached("a", first_login="2026-01-05", activated="2026-01-25")
    row = only([customer("a", "2026-01-01"), customer("b", "2026-01-01")], events, start="first_login", end="activated")
    assert (row["account_id"], row["waiting_days"]) == ("a", 20)


def test_a_share_of_enough_customers_carries_its_interval():
    """80 of 100 within 30 days: Wilson's interval is 71.1 % to 86.7 %."""
    names = [f"c{place:03}" for place in range(100)]
    events = [event for name in names[:80] for event in reached(name, first_login="2025-01-11")]
    step = customer_path(company([customer(name) for name in names], events, since="2024-01-01"), RULES).steps[0]
    assert (step.went_on, step.old_enough, step.share) == (80, 100, 0.8)
    assert step.low == pytest.approx(0.711, abs=5e-4)
    assert step.high == pytest.approx(0.867, abs=5e-4)
    assert step.share_verdict.show
    assert (step.median, step.followed, step.arrived) == (10, 100, 80)
