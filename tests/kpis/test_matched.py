"""Referred deals against comparable ones: win rate gained, what is incremental, how much sooner they are decided."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.matched import matched_rates
from core.kpis.result import State
from core.kpis.stages import stage_days
from core.stats.weighted import difference_of
from tests.companies import day
from tests.kpis.dealing import BASE, DECEMBER, OLD, by, deal
from tests.kpis.recovery_deals import LIFT as PLANTED
from tests.kpis.recovery_deals import MONTH, world

LIFT = REGISTRY["win_rate_lift_pp"]


def deals_of(name, source, won, lost, **other):
    return [
        deal(f"{name} {place}", source, "won" if place < won else "lost", closed="2025-06-01", **other)
        for place in range(won + lost)
    ]


def company_of(company, *groups, **tables):
    return company(BASE | tables | {"opportunities": [OLD, *(row for group in groups for row in group)]})


@pytest.fixture
def confounded(company):
    """Referrals add 10 points in each segment, and go to the segment that wins more often: the plain gap is 25."""
    return company_of(
        company,
        deals_of("rs", "referral", 48, 32, segment="SMB"),
        deals_of("re", "referral", 6, 14, segment="Enterprise", cents=900_00),
        deals_of("os", "events", 50, 50, segment="SMB"),
        deals_of("oe", "events", 60, 240, segment="Enterprise", cents=900_00),
    )


def test_matching_takes_out_what_the_segments_explain(confounded):
    found = evaluate(LIFT, confounded, DECEMBER)
    assert found.value == pytest.approx(0.10)
    naive = evaluate(REGISTRY["win_rate_gap"], confounded, DECEMBER)
    assert naive.value == pytest.approx(54 / 100 - 110 / 400), "the plain gap says 26.5 points"
    relative, plain, ours, theirs, unmatched = found.parts
    assert relative.value == pytest.approx(0.54 / 0.44 - 1)
    assert plain.value == pytest.approx(naive.value)
    assert (ours.value, theirs.value, unmatched.value) == (pytest.approx(0.54), pytest.approx(0.44), 0)
    assert found.low < 0.10 < found.high < 0.26
    assert evaluate(LIFT, confounded, DECEMBER, segment="SMB").value == pytest.approx(0.10)


def test_incremental_is_what_the_matched_difference_supports(confounded):
    lift = evaluate(LIFT, confounded, DECEMBER)
    arr, pipeline = (
        evaluate(REGISTRY[name], confounded, DECEMBER) for name in ("incremental_arr", "incremental_pipeline")
    )
    value = 80 * 100 + 20 * 900
    assert arr.value == pytest.approx(0.10 * value)
    assert (arr.low, arr.high) == (pytest.approx(lift.low * value), pytest.approx(lift.high * value))
    assert pipeline.value == pytest.approx(value * (1 - 0.44 / 0.54))
    assert pipeline.low < pipeline.value < pipeline.high
    sourced = arr.parts[0]
    assert sourced.value == 48 * 100 + 6 * 900 > arr.value, "sourced is not incremental"
    assert pipeline.parts[0].value == value


def test_one_stratum_gives_newcombes_published_interval(company):
    data = company_of(company, deals_of("r", "referral", 12, 18), deals_of("o", "events", 60, 240))
    columns = data.columns("matched_deals", DECEMBER)
    interval = difference_of(*matched_rates(columns))
    assert (interval.low, interval.high) == (pytest.approx(0.04, abs=0.005), pytest.approx(0.38, abs=0.005))
    found = evaluate(LIFT, data, DECEMBER)
    assert (found.value, found.state) == (pytest.approx(0.2), State.TOO_FEW)
    assert found.reason == "too few: 30 and 300 comparable closed deals, at least 50 needed on each side"
    assert [part.value for part in found.parts] == [None, None, None, None, 0], "counts only"


@pytest.mark.parametrize("name", ["incremental_arr", "incremental_pipeline"])
@pytest.mark.parametrize(
    ("won", "lost"),
    [pytest.param(40, 9, id="49 closed"), pytest.param(9, 60, id="9 won"), pytest.param(0, 0, id="none")],
)
def test_arms_that_are_too_small_give_no_money(company, name, won, lost):
    data = company_of(company, deals_of("r", "referral", won, lost), deals_of("o", "events", 60, 240))
    found = evaluate(REGISTRY[name], data, DECEMBER)
    assert (found.value, found.state) == (None, State.UNDEFINED)
    assert found.reason == "fewer than 50 closed or 10 won deals on one side of the comparison"


def test_referred_deals_without_comparable_ones_are_counted_apart(company):
    data = company_of(
        company,
        deals_of("r", "referral", 30, 30),
        deals_of("lonely", "referral", 5, 0, segment="Public"),
        deals_of("one other", "events", 1, 0, segment="Public"),
        deals_of("o", "events", 20, 60),
    )
    found = evaluate(LIFT, data, DECEMBER)
    assert (found.value, found.n) == (pytest.approx(0.25), 60)
    assert found.parts[-1].value == 5
    alone = evaluate(LIFT, data, DECEMBER, segment="Public")
    assert (alone.value, alone.reason) == (None, "no referred deal closed in twelve months has comparable ones")


def test_deals_are_alike_in_size_and_first_stage(company):
    stages = [
        {"opportunity_id": f"{name} {place}", "stage": stage, "entered_on": day("2025-03-01")}
        for name, stage, count in (("r", "demo", 2), ("o", "demo", 2), ("p", "lead", 2))
        for place in range(count)
    ]
    data = company_of(
        company,
        deals_of("r", "referral", 1, 1, cents=100),
        deals_of("o", "events", 1, 1, cents=100),
        deals_of("p", "events", 2, 0, cents=100),
        deals_of("q", "events", 2, 0, cents=100),
        stage_history=stages,
    )
    assert evaluate(LIFT, data, DECEMBER).value == 0, "only deals that began with a demo are compared"
    large = company_of(
        company,
        deals_of("r", "referral", 1, 1, cents=100),
        deals_of("o", "events", 0, 2, cents=100),
        deals_of("p", "events", 4, 0, cents=100_00),
        deals_of("q", "events", 4, 0, cents=900_00),
    )
    assert evaluate(LIFT, large, DECEMBER).value == 0.5, "larger deals are no comparison"


def test_an_earlier_month_sees_later_decisions_as_open(company):
    groups = (deals_of("r", "referral", 30, 30), deals_of("o", "events", 20, 60))
    later = [deal(f"n{place}", created="2025-04-01", closed="2025-09-01") for place in range(9)]
    full = company_of(company, *groups, later)
    june = dt.date(2025, 6, 1)
    then = company(
        BASE
        | {
            "opportunities": [
                OLD,
                *groups[0],
                *groups[1],
                *(row | {"closed_on": None, "outcome": "open"} for row in later),
            ]
        },
        june,
    )
    for name in ("win_rate_lift_pp", "incremental_arr", "incremental_pipeline", "stage_acceleration_rate"):
        assert evaluate(REGISTRY[name], full, june) == evaluate(REGISTRY[name], then, june)
    assert full.frame("matched_deals", june)["outcome"].value_counts()["open"] == 9


def waiting(name, source, days, outcome="won", created="2025-06-01"):
    closed = None if outcome == "open" else (day(created) + dt.timedelta(days=days)).isoformat()
    return deal(name, source, outcome, created=created, closed=closed)


def test_open_deals_count_as_waiting_and_won_ones_alone_mislead(company):
    """Of three deals two took 30 and 45 days and one is open since 60: half are decided after 45 days, not 37.5."""
    ours = [waiting("r1", "referral", 15), waiting("r2", "referral", 30, "lost"), waiting("r3", "referral", 0, "open")]
    theirs = [
        waiting("o1", "events", 30, created="2025-11-01"),
        waiting("o2", "events", 45, "lost", created="2025-11-01"),
        waiting("o3", "events", 0, "open", created="2025-11-01"),
    ]
    data = company_of(company, ours, theirs)
    found = evaluate(REGISTRY["stage_acceleration_rate"], data, DECEMBER)
    assert found.value == pytest.approx(1 - 30 / 45)
    assert found.state is State.TOO_FEW
    frame = data.frame("deal_waits", DECEMBER)
    assert by(frame, "name", "deal_days")["R3"] == 213, "followed to the end of December"
    assert found.parts[0].value is None, "fewer than ten decided"


def test_a_deal_that_nobody_decided_gives_no_figure(company):
    ours = [waiting(f"r{place}", "referral", 0, "open") for place in range(3)]
    data = company_of(company, ours, [waiting(f"o{place}", "events", 9) for place in range(3)])
    found = evaluate(REGISTRY["stage_acceleration_rate"], data, DECEMBER)
    assert (found.value, found.reason) == (None, "half of the referred or of the comparable deals are not decided yet")


def test_a_stage_lasts_from_its_first_entry_to_its_final_exit(company):
    entries = [
        ("d", "lead", "2025-06-01"),
        ("d", "demo", "2025-06-05"),
        ("d", "lead", "2025-06-08"),
        ("d", "demo", "2025-06-10"),
        ("e", "lead", "2025-06-01"),
        ("e", "offer", "2025-06-04"),
    ]
    rows = [{"opportunity_id": a, "stage": b, "entered_on": day(c)} for a, b, c in entries]
    data = company_of(
        company,
        [deal("d", created="2025-06-01", closed="2025-06-21"), deal("e", "events", "open", "2025-06-01", None)],
        stage_history=rows,
    )
    found = stage_days(data.table("stage_entries"), data.columns("deal_waits", DECEMBER), DECEMBER)
    days = {
        (row.opportunity_id, stage): (row.stage_days, row.passed)
        for stage, rows in found.items()
        for row in rows.frame.itertuples()
    }
    assert days == {
        ("d", "lead"): (9, 1),
        ("d", "demo"): (16, 1),
        ("e", "lead"): (3, 1),
        ("e", "offer"): (180 + 30, 0),
    }, "a skipped stage has no row"
    assert list(found) == ["lead", "offer", "demo"]
    june = stage_days(data.table("stage_entries"), data.columns("deal_waits", dt.date(2025, 6, 1)), dt.date(2025, 6, 1))
    assert by(june["offer"].frame, "opportunity_id", "stage_days")["e"] == 26


def test_faster_deals_with_enough_of_them(company):
    rng = np.random.default_rng(7)
    ours = [waiting(f"r{place}", "referral", int(days)) for place, days in enumerate(rng.integers(10, 50, 60))]
    theirs = [waiting(f"o{place}", "events", int(days)) for place, days in enumerate(rng.integers(30, 90, 80))]
    found = evaluate(REGISTRY["stage_acceleration_rate"], company_of(company, ours, theirs), DECEMBER)
    assert found.state in (State.OK, State.WIDE)
    assert found.low < 1 - 30 / 60 < found.high
    assert found.parts[0].value < found.parts[1].value


def test_planted_values_are_found_where_the_plain_gap_is_too_large(company):
    """Summed up over five companies; `recovery_deals.world` makes as many as a count of coverage needs."""
    held, gaps, lifts = 0, [], []
    for seed in range(5):
        rows, truth = world(np.random.default_rng(seed))
        data = company(rows, MONTH)
        found = {name: evaluate(REGISTRY[name], data, MONTH) for name in truth}
        held += sum(found[name].low <= value <= found[name].high for name, value in truth.items())
        lifts.append(found["win_rate_lift_pp"].value)
        gaps.append(evaluate(REGISTRY["win_rate_gap"], data, MONTH).value)
    assert held >= 0.8 * 5 * len(truth)
    assert abs(np.mean(lifts) - PLANTED) < 0.09, "three standard errors of five companies"
    assert np.mean(gaps) > np.mean(lifts) + 0.03, "referrals go to the segment that wins anyway"
