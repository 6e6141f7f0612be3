"""Cohorts on hand-worked and published companies, and what holds for any company."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohorts.compare import compare, compare_cohorts, diverge
from core.cohorts.curves import curves
from core.cohorts.figures import figure
from core.cohorts.groups import ADVOCATES, EVERYBODY, NOT_STATED, NOT_YET, REST, grouping, segment_codes
from core.cohorts.measures import measured
from core.cohorts.triangle import ages_reached, fitting_width, period_of, periods, triangle
from core.model.cohorts import cohort_rules, load_cohort_rules
from core.stats.intervals import newcombe
from core.stats.months import shift_month
from core.stats.revenue import Revenue
from core.stats.small_sample import judge_proportion
from tests.cohorts.worlds import FIRST, company, drawn, from_revenue

MEASURES = tuple(cohort_rules().by_id)


def sums(data, measure, age):
    """Numerator and denominator over all customers who reached an age."""
    found = measured(data, data.customers, measure).at(age)
    return float(found.numerator[found.counted].sum()), float(found.denominator[found.counted].sum())


@pytest.mark.parametrize(
    ("rows", "age", "expected"),
    [
        pytest.param(
            {"a": [700, 700], "b": [200, 400], "c": [100, 0]}, 1, 1.1, id="start 1000, churn 100, expansion 200"
        ),
        pytest.param({"a": [1000] * 11 + [5000]}, 11, 5.0, id="start 1000, 5000 in month 11"),
    ],
)
def test_net_retention_of_published_cohorts(rows, age, expected):
    """Chargebee, "What is MRR retention cohort": retained MRR over the MRR of the month of activation."""
    above, below = sums(company(rows), "net", age)
    assert above / below == pytest.approx(expected)


HAND = {
    # starts in February 2020, grows, shrinks below its start, leaves, comes back
    "swing": [100, 150, 80, 0, 120],
    # starts in February 2020 and stays as it is
    "still": [200, 200, 200, 200, 200],
    # starts in April 2020: reached age 2 by June
    "late": [0, 0, 50, 60, 40],
}


@pytest.mark.parametrize(
    ("measure", "age", "expected"),
    [
        pytest.param("logo", 0, (3, 3), id="everybody is there at the start"),
        pytest.param("logo", 2, (3, 3), id="nobody lost yet"),
        pytest.param("logo", 3, (1, 2), id="one left; the late one has not come to the age"),
        pytest.param("logo", 4, (1, 2), id="who came back stays lost"),
        pytest.param("gross", 1, (350, 350), id="growth is cut off"),
        pytest.param("gross", 2, (320, 350), id="80 of 100, 200 of 200, 40 of 50"),
        pytest.param("gross", 4, (300, 300), id="who came back with more counts with its start"),
        pytest.param("net", 1, (410, 350), id="150 + 200 + 60"),
        pytest.param("net", 4, (320, 300), id="who came back counts with what it pays"),
        pytest.param("arr", 2, (12 * 320, 3), id="ARR is twelve times the MRR"),
    ],
)
def test_a_company_worked_by_hand(measure, age, expected):
    assert sums(company(HAND), measure, age) == pytest.approx(expected)


def test_customers_of_the_first_month_are_left_out():
    data = company(HAND)
    assert data.customers.left_out == 1
    assert [data.customers.month(int(start)) for start in data.customers.start] == [
        dt.date(2020, 2, 1), dt.date(2020, 2, 1), dt.date(2020, 4, 1)
    ]  # fmt: skip


def test_later_revenue_is_not_seen():
    data = company(HAND)
    earlier = from_revenue(data.revenue, dt.date(2020, 4, 1))
    assert len(earlier.customers) == 3
    assert earlier.customers.last_age == 2
    assert (earlier.customers.lost == earlier.customers.mrr.shape[1]).all()


def test_earned_margin_takes_the_rate_of_each_month_and_nothing_before_the_first():
    margins = pd.DataFrame({"month": [pd.Timestamp(2020, 3, 1), pd.Timestamp(2020, 4, 1)], "rate": [0.5, 0.8]})
    data = company(
        {"early": [100] * 4, "later": [0, 100, 100, 100]},
        tables={"margins": margins},
        loaded=("subscriptions", "gross_margin"),
    )
    # starts in March: March at 0.5, April at 0.8; May has no rate and takes April's
    assert sums(data, "margin", 2) == pytest.approx((130, 1))
    assert not measured(data, data.customers, "margin").at(1).counted[0]


def test_seats_in_use_speak_of_customers_with_seats():
    usage = pd.DataFrame(
        {
            "account_id": ["a", "a", "b"],
            "month": [pd.Timestamp(2020, 2, 1), pd.Timestamp(2020, 3, 1), pd.Timestamp(2020, 3, 1)],
            "users": [5, 6, 30],
            "seats": [10, 10, 40],
        }
    )
    data = company({"a": [1, 1], "b": [1, 1], "c": [1, 1]}, tables={"usage": usage}, loaded=("subscriptions", "usage"))
    assert sums(data, "adoption", 0) == (5, 10)
    assert sums(data, "adoption", 1) == (36, 50)


def test_value_counts_lost_customers_and_leaves_out_who_started_before_outcomes_are_on_record():
    outcomes = pd.DataFrame({"account_id": ["a", "old"], "day": [pd.Timestamp(2020, 5, 9), pd.Timestamp(2020, 5, 9)]})
    data = company(
        {"old": [1] * 6, "a": [0, 1, 1, 1, 1, 1], "gone": [0, 1, 0, 0, 0, 0]},
        tables={"outcomes": outcomes},
        known_from={"outcomes": dt.date(2020, 3, 1)},
        loaded=("subscriptions", "outcomes"),
    )
    assert sums(data, "value", 1) == (0, 2)
    assert sums(data, "value", 2) == (1, 2)


@pytest.mark.parametrize("measure", ["margin", "adoption", "value"])
def test_a_measure_names_the_table_it_lacks(measure):
    data = company(HAND)
    assert "not loaded" in measured(data, data.customers, measure).gap


def cohort(prefix, customers, months, lost=0, start=0):
    """Customers alike, some of them lost after a month."""
    return {
        f"{prefix}{number}": [0] * start + ([100] if number < lost else [100] * (months - start))
        for number in range(customers)
    }


def test_a_cell_is_ripe_only_when_every_customer_reached_the_age():
    data = company({**cohort("a", 40, 6), **cohort("b", 40, 6, start=1)})
    shown = triangle(measured(data, data.customers, "logo"), "quarter", (3, 4, 5))
    (row,) = shown.cohorts
    assert row.period.label == "2020 Q1"
    assert [(cell.figure.state, cell.reached) for cell in row.cells] == [("ok", 80), ("ok", 80), ("unripe", 40)]
    assert row.cells[2].figure.value is None
    assert "40 of 80" in row.cells[2].figure.reason
    # the row of all customers takes those who reached it
    assert shown.all.cells[2].figure.n == 40


@pytest.mark.parametrize("measure", ["logo", "gross"])
def test_all_cohorts_of_a_share_follow_the_curve_and_never_rise_because_worse_cohorts_are_young(measure):
    data = company({**cohort("a", 60, 12), **cohort("b", 60, 12, lost=30, start=6)})
    taken = measured(data, data.customers, measure)
    shown = triangle(taken, "quarter", (3, 9)).all
    early, late = (cell.figure for cell in shown.cells)
    assert early.value == pytest.approx(90 / 120)
    # everybody who reached month 9 is of the better cohort
    assert (late.numerator / late.denominator, late.n) == (1, 60)
    assert late.value == pytest.approx(early.value if measure == "logo" else 1)
    at = {point.age: point.figure for point in curves(grouping(data, "all"), taken)[0].points}
    assert [(found.value, found.low, found.high) for found in (early, late)] == [
        (at[age].value, at[age].low, at[age].high) for age in (3, 9)
    ]


def test_a_small_cell_has_counts_and_no_rate():
    data = company(cohort("a", 9, 6, lost=5))
    (row,) = triangle(measured(data, data.customers, "logo"), "quarter", (3,)).cohorts
    cell = row.cells[0]
    assert (cell.kept, cell.reached, cell.figure.value, cell.figure.state) == (4, 9, None, "too_few")


def test_the_period_of_a_cohort_fits_the_number_of_customers():
    many = drawn(np.random.default_rng(1), 1_000, 13, hazard=0.0)
    few = drawn(np.random.default_rng(1), 60, 25, hazard=0.0)
    assert fitting_width(many.customers) == "quarter"
    assert fitting_width(few.customers) == "year"


@pytest.mark.parametrize(
    ("width", "label", "last"),
    [
        ("month", "2024-05", dt.date(2024, 5, 1)),
        ("quarter", "2024 Q2", dt.date(2024, 6, 1)),
        ("half", "2024 H1", dt.date(2024, 6, 1)),
        ("year", "2024", dt.date(2024, 12, 1)),
    ],
)
def test_start_periods(width, label, last):
    assert (period_of(dt.date(2024, 5, 1), width).label, period_of(dt.date(2024, 5, 1), width).last) == (label, last)


def test_a_range_of_starts_keeps_groups_and_customers_together():
    data = company(
        {"a": [1] * 9, "b": [0, 1] + [1] * 7, "c": [0] * 6 + [1] * 3},
        channels={"a": "paid", "b": "referral", "c": "paid"},
    )
    groups = grouping(data, "channel").between(dt.date(2020, 3, 1), None)
    assert [groups.names[code] for code in groups.codes] == ["Referral", "Paid"]
    assert list(groups.customers.start) == [2, 7]
    assert not len(grouping(data, "channel").between(dt.date(2021, 1, 1), None).customers)


def test_segment_and_tier_are_those_of_the_start():
    versions = pd.DataFrame(
        {
            "account_id": ["a", "a", "b"],
            "valid_from": [pd.Timestamp(1900, 1, 1), pd.Timestamp(2020, 4, 1), pd.Timestamp(2020, 6, 1)],
            "product_tier": ["Basic", "Premier", "Premier"],
        }
    )
    data = company({"a": [1] * 6, "b": [1] * 6, "c": [1] * 6}, tables={"tiers": versions})
    groups = grouping(data, "tier")
    found = {
        data.revenue.wide.index[place]: groups.names[code]
        for place, code in zip(groups.customers.place, groups.codes, strict=True)
    }
    # an upgrade in April is later than the start; a first version dated later holds before it, too
    assert found == {"a": "Basic", "b": "Premier", "c": NOT_STATED}


def test_product_is_the_one_that_brings_most_at_the_start():
    day = pd.Timestamp
    products = pd.DataFrame(
        [
            ("a", "Small", day(2020, 2, 3), pd.NaT, 10),
            ("a", "Large", day(2020, 2, 3), pd.NaT, 90),
            ("b", "Large", day(2020, 3, 1), pd.NaT, 500),
            ("b", "Small", day(2020, 2, 1), day(2020, 3, 15), 10),
        ],
        columns=["account_id", "product", "start_date", "end_date", "mrr_cents"],
    )
    data = company({"a": [100, 100], "b": [10, 500]}, tables={"products": products})
    groups = grouping(data, "product")
    assert sorted(groups.names[code] for code in groups.codes) == ["Large", "Small"]


def test_the_role_is_that_of_who_joined_first_by_the_end_of_the_first_month():
    """Customers start in February 2020; `late` has nobody by then, `blank` a first contact without a role."""
    contacts = pd.DataFrame(
        [
            ("both", pd.Timestamp("2020-01-10"), "Finance"),
            ("both", pd.Timestamp("2020-02-10"), "IT"),
            ("last_day", pd.Timestamp("2020-02-29"), "IT"),
            ("late", pd.Timestamp("2020-03-01"), "IT"),
            ("blank", pd.Timestamp("2020-01-05"), None),
        ],
        columns=["account_id", "joined_on", "persona"],
    )
    names = ("both", "last_day", "late", "blank")
    groups = grouping(company({name: [5, 5] for name in names}, tables={"contacts": contacts}), "persona")
    found = {name: groups.names[code] for name, code in zip(sorted(names), groups.codes, strict=True)}
    assert found == {"both": "Finance", "last_day": "IT", "late": "Not stated", "blank": "Not stated"}


def test_without_contacts_no_role_is_claimed_and_it_says_what_to_load():
    groups = grouping(company({"a": [5, 5]}), "persona")
    assert groups.names == (EVERYBODY,)
    assert "persona and joined_on" in groups.gap


def test_every_month_of_the_first_year_as_far_as_somebody_got():
    assert ages_reached(company({"a": [5] * 5}).customers, monthly=True) == (1, 2, 3, 4)
    assert ages_reached(company({"a": [5] * 30}).customers, monthly=True) == tuple(range(1, 13))


def test_many_groups_are_pooled():
    names = {f"a{number}{letter}": f"Segment {letter}" for letter in "bcdefghij" for number in range(ord(letter) - 96)}
    data = company({name: [1, 1] for name in names}, segments=names)
    groups = grouping(data, "segment")
    assert len(groups.names) == cohort_rules().cohort.most_groups
    assert groups.names[0] == "Segment j"
    assert groups.names[-1] == REST
    assert np.bincount(groups.codes).sum() == len(names)


def landmarked(act, months=30):
    """Two customers who start in March 2020; the first acts in a month after its start."""
    acts = pd.DataFrame({"account_id": ["a"], "day": [pd.Timestamp(shift_month(dt.date(2020, 3, 1), act))]})
    rows = {"a": [0] + [100] * months, "b": [0] + [100] * months}
    return company(rows, tables={"acts": acts}, known_from={"acts": FIRST})


@pytest.mark.parametrize(
    ("act", "group"),
    [
        pytest.param(-1, ADVOCATES, id="before the start"),
        pytest.param(12, ADVOCATES, id="in the month of the landmark"),
        pytest.param(13, NOT_YET, id="a month later changes nothing"),
    ],
)
def test_who_is_an_advocate_is_decided_at_the_landmark(act, group):
    groups = grouping(landmarked(act), "advocate")
    assert groups.names[groups.codes[0]] == group
    assert groups.customers.offset == cohort_rules().landmark.months


def test_advocates_are_followed_from_the_landmark_among_those_still_there():
    acts = pd.DataFrame({"account_id": ["a", "gone"], "day": [pd.Timestamp(2020, 3, 9), pd.Timestamp(2020, 3, 9)]})
    rows = {"a": [0] + [100] * 12 + [200, 150], "gone": [0] + [100] * 5 + [0] * 9, "young": [0] * 8 + [100] * 7}
    data = company(rows, tables={"acts": acts}, known_from={"acts": FIRST})
    groups = grouping(data, "advocate")
    assert list(data.revenue.wide.index[groups.customers.place]) == ["a"]
    found = measured(data, groups.customers, "net").at(1)
    assert (found.numerator[0], found.denominator[0]) == (150, 200)


def test_customers_who_started_before_acts_are_on_record_are_no_comparison():
    acts = pd.DataFrame({"account_id": ["b"], "day": [pd.Timestamp(2020, 7, 1)]})
    data = company(
        {"a": [1] * 30, "b": [0] * 5 + [1] * 25}, tables={"acts": acts}, known_from={"acts": dt.date(2020, 6, 1)}
    )
    assert len(grouping(data, "advocate").customers) == 1


def test_without_acts_there_are_no_advocates_and_it_says_so():
    groups = grouping(company(HAND), "advocate")
    assert groups.names == ("All customers",)
    assert "import asks" in groups.gap


def pair_of(data, first, second, age, measure="logo"):
    groups = grouping(data, "channel")
    taken = measured(data, groups.customers, measure)
    codes = segment_codes(data, groups.customers)
    return compare(groups, taken, first, second, age, codes)


def two_groups(referred, paid, lost_referred, lost_paid):
    rows = {**cohort("r", referred, 8, lost_referred), **cohort("p", paid, 8, lost_paid)}
    return company(rows, channels={name: "referral" if name[0] == "r" else "paid" for name in rows})


def test_a_difference_of_shares_has_newcombes_interval():
    found = pair_of(two_groups(100, 120, 12, 40), "Referral", "Paid", 6)
    expected = newcombe(88, 100, 80, 120)
    assert found.raw.value == pytest.approx(88 / 100 - 80 / 120)
    assert (found.raw.low, found.raw.high) == pytest.approx((expected.low, expected.high))
    assert found.raw.outcome == "first"


def test_customers_alike_with_one_stratum_are_the_customers_as_they_are():
    found = pair_of(two_groups(100, 120, 12, 40), "Referral", "Paid", 6)
    assert found.alike.value == pytest.approx(found.raw.value)
    assert found.alike_customers == 100


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        pytest.param((49, 120, 20, 40), "49 and 120 customers", id="too few customers"),
        pytest.param((100, 120, 9, 40), "9 and 40 customers lost", id="too few lost"),
    ],
)
def test_a_difference_of_too_few_is_not_shown(sizes, why):
    found = pair_of(two_groups(*sizes), "Referral", "Paid", 6)
    assert found.raw.value is None
    assert found.raw.outcome == "not_shown"
    assert why in found.raw.reason


def test_groups_further_apart_than_the_threshold_call_for_a_look():
    share = [figure("share", np.repeat([1.0, 0.0], [kept, 200 - kept]), np.ones(200)) for kept in (170, 150, 140)]
    assert not diverge(share[0], share[1])  # 13 % apart
    assert diverge(share[0], share[2])  # 21 % apart
    assert not diverge(share[0], figure("share", np.ones(10), np.ones(10)))


def test_the_newest_ripe_cohort_is_compared_with_the_oldest():
    rows = {**cohort("a", 60, 30, lost=11), **cohort("b", 60, 30, lost=30, start=12), **cohort("c", 60, 30, start=28)}
    data = company(rows)
    everybody = np.ones(len(data.customers), dtype=bool)
    taken = measured(data, data.customers, "logo")
    found = compare_cohorts(taken, "year", 12, everybody)
    assert (found.first, found.second, found.raw.outcome) == ("2021", "2020", "second")
    assert compare_cohorts(taken, "year", 24, everybody) is None


def test_a_logo_curve_is_kaplan_meier_over_customers_young_and_old():
    rows = {**cohort("a", 60, 12, lost=20), **cohort("b", 60, 12, start=8)}
    data = company(rows)
    (curve,) = curves(grouping(data, "all"), measured(data, data.customers, "logo"))
    at = {point.age: point.figure for point in curve.points}
    assert at[0].value == 1
    assert at[1].value == pytest.approx(100 / 120)
    assert at[11].value == pytest.approx(100 / 120)
    assert at[11].n == 60


def test_a_curve_ends_where_too_few_are_followed():
    data = company({**cohort("a", 29, 12), **cohort("b", 31, 12, start=6)})
    (curve,) = curves(grouping(data, "all"), measured(data, data.customers, "logo"))
    assert curve.points[-1].age == 5


def small_companies():
    """Up to forty customers, each a month-by-month MRR with gaps, in up to three groups."""
    mrr = st.lists(st.sampled_from([0, 0, 50, 100, 100, 100, 300]), min_size=12, max_size=12)
    group = st.sampled_from(["referral", "paid", "organic"])
    one = st.tuples(mrr, group, st.sampled_from(["A", "B"]))
    block = st.tuples(one, st.integers(1, 45))
    return st.lists(block, min_size=1, max_size=6)


def built(blocks):
    people = [(mrr, group, segment) for (mrr, group, segment), times in blocks for _ in range(times)]
    names = [f"c{number}" for number in range(len(people))]
    rows = {name: mrr for name, (mrr, _, _) in zip(names, people, strict=True)}
    channels = {name: group for name, (_, group, _) in zip(names, people, strict=True)}
    segments = {name: segment for name, (_, _, segment) in zip(names, people, strict=True)}
    return company(rows, months=12, channels=channels, segments=segments)


@settings(max_examples=25, deadline=None)
@given(small_companies())
def test_no_rate_is_shown_that_the_small_sample_rule_forbids(blocks):
    data = built(blocks)
    groups = grouping(data, "channel")
    for measure in ("logo", "gross", "net"):
        taken = measured(data, groups.customers, measure)
        shown = triangle(taken, "quarter", (1, 3, 6, 9))
        cells = [cell for row in (*shown.cohorts, shown.all) for cell in row.cells]
        figures = [cell.figure for cell in cells] + [
            point.figure for curve in curves(groups, taken) for point in curve.points
        ]
        for found in figures:
            assert found.value is None or found.n >= 30
            assert (found.value is None) == (found.state in ("too_few", "unripe", "unknown"))
        if measure == "logo":
            for cell in cells:
                if cell.figure.value is not None:
                    assert judge_proportion(cell.kept, cell.reached).show
        for cell in (cell for row in shown.cohorts for cell in row.cells):
            assert cell.figure.value is None or cell.reached == cell.customers
        if len(groups.names) > 1:
            found = pair_of(data, *groups.names[:2], 3, measure)
            assert found.raw.value is None or min(item.n for item in found.figures) >= 50


@settings(max_examples=25, deadline=None)
@given(small_companies())
def test_what_holds_for_any_company(blocks):
    data = built(blocks)
    customers = data.customers
    kept = [sums(data, "logo", age) for age in range(customers.last_age + 1)]
    for age in range(customers.last_age + 1):
        gross, base = sums(data, "gross", age)
        net, same = sums(data, "net", age)
        assert base == same
        assert 0 <= gross <= min(net, base)
    # customers of one start month, so that all ages have the same customers
    for start in np.unique(customers.start):
        own = customers.between(customers.month(int(start)), customers.month(int(start)))
        alive = [int((own.lost > age).sum()) for age in range(own.last_age + 1)]
        assert alive == sorted(alive, reverse=True)
        assert alive[0] == len(own)
    assert all(0 <= part <= whole for part, whole in kept)


@settings(max_examples=25, deadline=None)
@given(small_companies())
def test_arr_of_all_cells_is_the_revenue_of_all_months(blocks):
    data = built(blocks)
    ages = tuple(range(data.customers.last_age + 1))
    shown = triangle(measured(data, data.customers, "arr"), "month", ages) if ages else None
    total = sum(cell.figure.numerator for row in shown.cohorts for cell in row.cells) if shown else 0
    paid = data.revenue.wide.drop(index="opener")
    assert total == 12 * int(paid.to_numpy().sum())


@settings(max_examples=25, deadline=None)
@given(small_companies())
def test_groups_share_out_all_customers(blocks):
    data = built(blocks)
    for split in ("all", "channel", "segment"):
        groups = grouping(data, split)
        assert len(groups.codes) == len(groups.customers) == len(data.customers)
        assert groups.codes.min(initial=0) >= 0
        assert groups.codes.max(initial=0) < len(groups.names)


def test_a_company_without_revenue_has_no_cohorts():
    empty = pd.DataFrame({"account_id": pd.Series(dtype="str"), "month": pd.Series(dtype="datetime64[us]")})
    frame = empty.assign(mrr_cents=pd.Series(dtype="int64"), open_subscriptions=pd.Series(dtype="int64"))
    accounts = pd.DataFrame(columns=["account_id", "name", "segment", "channel", "channel_class"], dtype="str")
    versions = pd.DataFrame(columns=["account_id", "valid_from", "segment"], dtype="str")
    data = from_revenue(Revenue.of(frame, accounts, versions), FIRST)
    assert len(data.customers) == 0
    assert periods(data.customers, "quarter") == ()
    assert ages_reached(data.customers) == cohort_rules().ages.columns[:1]


def test_the_rules_name_what_is_wrong(tmp_path):
    text = (load_cohort_rules.__globals__["MODEL_DIR"] / "cohorts.toml").read_text()
    (tmp_path / "cohorts.toml").write_text(text.replace("preferred = 12", "preferred = 13"))
    with pytest.raises(Exception, match="preferred age"):
        load_cohort_rules(tmp_path)
