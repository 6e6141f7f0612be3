"""Where accounts stand, how long they wait there, who is late and who silent: worked by hand, and as properties."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journey.path import customer_path, segment_path
from core.model.journey import STAGES, journey_rules
from tests.journey.paths import EVERY_TABLE, TODAY, company, customer, reached

RULES = journey_rules()
SINCE = "2024-01-01"


def path(*args, **other):
    return customer_path(company(*args, since=SINCE, **other), RULES)


def row(found, name):
    (only,) = found.accounts[found.accounts["account_id"] == name].to_dict("records")
    return only


def count(found, stage):
    return found.stages[STAGES.index(stage)]


def test_an_account_stands_at_its_furthest_stage_and_waits_since_it_got_there():
    found = path([customer("a")], reached("a", first_login="2025-01-10", activated="2026-06-20"))
    at = row(found, "a")
    assert (at["stage"], at["next_stage"], at["waiting_days"]) == ("activated", "first_value", 10)
    assert at["since"] == pd.Timestamp("2026-06-20")
    assert not at["late"]


def test_the_first_time_counts_when_a_stage_was_reached_twice():
    twice = [*reached("a", first_login="2025-03-01"), *reached("a", first_login="2025-02-01")]
    assert row(path([customer("a")], twice), "a")["first_login_on"] == pd.Timestamp("2025-02-01")


def test_a_stage_that_was_skipped_does_not_hold_back_and_is_told_as_not_on_record():
    found = path([customer("a"), customer("b")], reached("a", referrer="2026-06-01", advocate="2026-06-01"))
    assert row(found, "a")["stage"] == "referrer"
    assert pd.isna(row(found, "a")["first_value_on"])
    assert count(found, "first_value").not_recorded == 1
    assert count(found, "referrer").not_recorded == 0
    assert count(found, "contract").not_recorded == 0


def test_the_last_stage_waits_for_nothing_and_is_never_late():
    at = row(path([customer("a")], reached("a", referrer="2024-06-01")), "a")
    assert pd.isna(at["next_stage"])
    assert pd.isna(at["usual_days"])
    assert not at["late"]


def test_a_promoter_who_fell_silent_is_no_promoter_now():
    days = reached("a", first_login="2025-02-01", promoter="2025-03-01")
    now = path([customer("a")], days, promoters={"a"})
    later = path([customer("a")], days)
    assert row(now, "a")["stage"] == "promoter"
    assert row(later, "a")["stage"] == "first_login"
    assert pd.isna(row(later, "a")["promoter_on"])
    assert count(later, "promoter").reached == 0


def test_a_promoter_waits_since_the_present_spell_began_and_its_step_is_told_from_the_first():
    days = reached("a", first_login="2025-02-01", promoter="2025-03-01")
    found = path([customer("a")], days, promoters={"a": "2026-06-20"})
    assert (row(found, "a")["waiting_days"], row(found, "a")["promoter_on"]) == (10, pd.Timestamp("2026-06-20"))
    (step,) = [step for step in found.steps if step.start == "promoter"]
    assert (step.old_enough, step.followed) == (1, 1)


def test_an_account_that_came_back_waits_since_then():
    days = reached("a", first_login="2024-02-01")
    back = path([customer("a", "2024-01-01", left="2025-01-01", stay="2026-06-01")], days)
    assert row(back, "a")["waiting_days"] == 29


def test_an_account_that_left_stands_nowhere():
    found = path([customer("a"), customer("b", left="2026-01-01")], reached("b", advocate="2025-06-01"))
    assert list(found.accounts["account_id"]) == ["a"]
    assert count(found, "advocate").reached == 0


@pytest.mark.parametrize(
    ("start", "late"),
    [pytest.param("2026-06-16", False, id="14 days"), pytest.param("2026-06-15", True, id="15 days")],
)
def test_late_begins_after_the_days_of_the_model_while_customers_do_not_tell(start, late):
    found = path([customer("a", start, 50)])
    assert row(found, "a")["usual_days"] == 14
    assert row(found, "a")["late"] == late
    assert count(found, "contract").late_arr == (60_000 if late else 0)


def test_late_is_what_three_of_four_customers_tell_once_they_are_enough():
    """Of 40 customers two each log in after 1, 2, ... 20 days: three of four within 15."""
    names = [f"c{place:02}" for place in range(40)]
    start = pd.Timestamp("2025-01-01")
    logged = [
        event
        for place, name in enumerate(names)
        for event in reached(name, first_login=start + pd.Timedelta(days=place // 2 + 1))
    ]
    found = path([*(customer(name) for name in names), customer("new", "2026-06-14", followed=False)], logged)
    (step,) = [step for step in found.steps if step.start == "contract"]
    assert (step.quantile, step.usual_days, step.median) == (15, 15, 10)
    assert row(found, "new")["late"]


def test_a_time_longer_than_the_days_of_the_step_is_never_usual_but_the_target_of_the_model():
    """Of 40 customers 26 log in after 10 days, 14 after 60: three of four need 60, half of them 10."""
    names = [f"c{place:02}" for place in range(40)]
    logged = [
        event
        for place, name in enumerate(names)
        for event in reached(name, first_login="2025-01-11" if place < 26 else "2025-03-02")
    ]
    waiting = customer("new", "2026-05-30", followed=False)
    found = path([*(customer(name) for name in names), waiting], logged)
    step = found.steps[0]
    assert (step.median, step.quantile, step.usual_days, step.limit_from) == (10, 60, 30, "target")
    assert row(found, "new")["limit_from"] == "target"
    assert row(found, "new")["late"]


@pytest.mark.parametrize(
    ("arrived", "median"),
    [pytest.param(40, 334, id="half need longer than the target"), pytest.param(31, None, id="half never get there")],
)
def test_nobody_is_late_where_half_of_the_customers_need_longer_than_the_target(arrived, median):
    names = [f"c{place:02}" for place in range(arrived if median else 70)]
    logged = [event for name in names[:arrived] for event in reached(name, first_login="2025-12-01")]
    found = path([*(customer(name) for name in names), customer("new", "2024-02-01", followed=False)], logged)
    step = found.steps[0]
    assert (step.median, step.usual_days, step.limit_from, step.within_days) == (median, None, None, 30)
    assert not row(found, "new")["late"]
    assert pd.isna(row(found, "new")["usual_days"])
    assert count(found, "contract").late == 0


def test_a_few_customers_that_need_longer_move_the_target_to_the_days_of_the_step():
    logged = [event for name in "abc" for event in reached(name, first_login="2025-01-21")]
    step = path([customer(name) for name in "abc"], logged).steps[0]
    assert (step.median, step.usual_days, step.limit_from) == (20, 30, "target")


@settings(max_examples=15, deadline=None)
@given(days=st.lists(st.integers(0, 60), min_size=1, max_size=60), still=st.integers(0, 20))
def test_nobody_is_late_before_half_of_the_customers_got_there(days, still):
    names = [f"c{place:02}" for place in range(len(days) + still)]
    start = pd.Timestamp("2024-02-01")
    logged = [
        event
        for name, waited in zip(names, days, strict=False)
        for event in reached(name, first_login=start + pd.Timedelta(days=waited))
    ]
    step = path([customer(name, "2024-02-01") for name in names], logged).steps[0]
    assert (step.usual_days is None) == (step.limit_from is None)
    if step.usual_days is not None and step.median is not None:
        assert step.median < step.usual_days + 1
    if step.usual_days is not None:
        assert step.usual_days <= step.within_days


def test_an_account_of_a_segment_is_late_by_the_limit_of_the_company():
    """All of SMB log in after 10 days, of Enterprise after 25: three of four of all 80 within 25 days."""
    names = [(f"c{place:02}", "SMB" if place < 40 else "Enterprise") for place in range(80)]
    logged = [
        event
        for name, segment in names
        for event in reached(name, first_login="2025-01-11" if segment == "SMB" else "2025-01-26")
    ]
    data = company([customer(name, segment=segment) for name, segment in names], logged, since=SINCE)
    whole = customer_path(data, RULES)
    smb = segment_path(data, whole, "SMB", RULES)
    assert (smb.steps[0].median, smb.steps[0].quantile) == (10, 10)
    assert smb.steps[0].usual_days == whole.steps[0].usual_days == 25


def test_the_leak_is_where_most_arr_waits_too_long():
    found = path(
        [customer("a", mrr=10), customer("b", mrr=10), customer("c", mrr=30)], reached("c", first_login="2025-02-01")
    )
    assert found.leak is not None
    assert found.leak.start == "first_login"
    assert count(found, "first_login").late_arr == 36_000
    assert path([customer("a", "2026-06-29")]).leak is None


def test_a_stage_whose_table_is_missing_is_not_known_rather_than_empty():
    loaded = EVERY_TABLE - {"milestones", "outcomes"}
    found = path([customer("a")], reached("a", advocate="2026-01-01"), loaded=loaded)
    assert count(found, "first_login").unknown == "load milestones"
    assert count(found, "verified_outcome").unknown == "load outcomes"
    assert count(found, "first_login").not_recorded == 0
    assert [(step.start, step.end) for step in found.steps] == [
        ("contract", "promoter"), ("promoter", "advocate"), ("advocate", "referrer"),
    ]  # fmt: skip


def test_a_kind_that_nobody_has_on_record_is_not_known():
    data = company([customer("a")], since=SINCE, unrecorded=["activated"])
    assert count(customer_path(data, RULES), "activated").unknown.startswith("none is recorded by 30")


def test_without_gives_nobody_knows_who_is_silent():
    found = path([customer("a")], loaded=EVERY_TABLE - {"interactions"})
    assert found.silence_unknown == "load interactions"
    assert count(found, "contract").silent is None
    assert found.accounts["silent_days"].isna().all()
    assert not found.accounts["silent"].any()


@pytest.mark.parametrize(
    ("give", "answer", "days", "state"),
    [
        pytest.param("2026-04-01", None, 90, "silent", id="a give 90 days ago"),
        pytest.param("2026-04-02", None, 89, "watched", id="a give 89 days ago"),
        pytest.param("2026-01-01", "2026-05-02", 59, "", id="an answer since"),
        pytest.param(None, None, 545, "silent", id="nothing since the contract"),
    ],
)
def test_silence_runs_from_the_last_give_or_answer(give, answer, days, state):
    at = row(path([customer("a")], touches=[("a", give, answer)]), "a")
    assert at["silent_days"] == days
    assert (at["silent"], at["watched"]) == (state == "silent", state == "watched")


def test_nobody_is_silent_for_longer_than_the_stay_or_the_record_of_gives():
    data = company([customer("a", "2026-06-01"), customer("b", "2020-01-01")], since="2026-05-31")
    assert list(customer_path(data, RULES).accounts["silent_days"]) == [29, 30]


DAYS = st.integers(0, 545).map(lambda back: pd.Timestamp(TODAY) - pd.Timedelta(days=back))
ACCOUNT = st.fixed_dictionaries(
    {
        "start": DAYS,
        "mrr": st.integers(1, 500),
        "segment": st.sampled_from(["SMB", "Enterprise"]),
        "gone": st.booleans(),
        "days": st.dictionaries(st.sampled_from(STAGES[1:]), DAYS),
        "promoter": st.booleans(),
        "touch": st.tuples(st.none() | DAYS, st.none() | DAYS),
    }
)


def made(accounts):
    """A company from drawn accounts, by name."""
    names = list(accounts)
    rows = [
        customer(name, one["start"], one["mrr"], left=TODAY if one["gone"] else None, segment=one["segment"])
        for name, one in accounts.items()
    ]
    events = [event for name, one in accounts.items() for event in reached(name, **one["days"])]
    promoters = [name for name in names if accounts[name]["promoter"] and "promoter" in accounts[name]["days"]]
    touches = [(name, *one["touch"]) for name, one in accounts.items()]
    return company(rows, events, promoters=promoters, touches=touches, since=SINCE)


COMPANIES = st.lists(ACCOUNT, max_size=7).map(lambda rows: {f"a{place}": one for place, one in enumerate(rows)})


@settings(max_examples=20)
@given(COMPANIES)
def test_every_active_account_stands_at_one_stage_and_the_stages_sum_to_all(accounts):
    found = customer_path(made(accounts), RULES)
    active = [one for one in accounts.values() if not one["gone"]]
    assert sum(stage.here for stage in found.stages) == len(found.accounts) == len(active)
    assert sum(stage.here_arr for stage in found.stages) == 1200 * sum(one["mrr"] for one in active)
    assert sum(stage.late for stage in found.stages) == found.accounts["late"].sum()
    assert all(stage.late <= stage.here <= stage.reached for stage in found.stages)
    assert (found.accounts["waiting_days"] >= 0).all()
    last = [
        max([0, *(STAGES.index(name) for name in one["days"] if name != "promoter" or one["promoter"])])
        for one in active
    ]
    assert [STAGES.index(stage) for stage in found.accounts["stage"]] == last


@settings(max_examples=20)
@given(COMPANIES)
def test_segments_sum_to_the_company(accounts):
    data = made(accounts)
    whole = customer_path(data, RULES)
    parts = [segment_path(data, whole, name, RULES) for name in ("SMB", "Enterprise")]
    for name in ("here", "here_arr", "late", "late_arr", "reached", "reached_arr", "not_recorded", "silent"):
        sums = [sum(getattr(part.stages[at], name) for part in parts) for at in range(len(STAGES))]
        assert sums == [getattr(stage, name) for stage in whole.stages]
    for at, step in enumerate(whole.steps):
        assert step.followed == sum(part.steps[at].followed for part in parts)
        assert step.went_on == sum(part.steps[at].went_on for part in parts)


OF_ALL = ("usual_days", "limit_from", "late")


@settings(max_examples=20)
@given(COMPANIES, ACCOUNT)
def test_another_account_changes_nothing_about_the_others(accounts, other):
    before = customer_path(made(accounts), RULES)
    after = customer_path(made({**accounts, "zz": other}), RULES)
    kept = after.accounts[after.accounts["account_id"] != "zz"].reset_index(drop=True)
    # How long is usual is told by all customers together, and so is who is late.
    own = [name for name in kept if name not in OF_ALL]
    pd.testing.assert_frame_equal(kept[own], before.accounts[own])
    assert sum(stage.here for stage in after.stages) == sum(stage.here for stage in before.stages) + (not other["gone"])


@settings(max_examples=20)
@given(COMPANIES)
def test_the_order_of_customers_and_events_does_not_matter(accounts):
    backwards = dict(reversed(accounts.items()))
    one, two = customer_path(made(accounts), RULES), customer_path(made(backwards), RULES)
    assert one.stages == two.stages
    assert one.steps == two.steps


@settings(max_examples=20)
@given(COMPANIES)
def test_no_share_of_so_few_customers_may_be_shown(accounts):
    for step in customer_path(made(accounts), RULES).steps:
        assert not step.share_verdict.show
        assert step.median_verdict is None or not step.median_verdict.show
        assert step.went_on <= step.old_enough <= step.followed
        assert step.went_on <= step.arrived <= step.followed
