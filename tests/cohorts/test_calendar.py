"""Cohorts along the calendar: diagonals become columns, and a dip of a moment is told from one of a cohort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cohorts.calendar import calendar, calendar_columns
from core.cohorts.curves import calendar_curves
from core.cohorts.groups import grouping
from core.cohorts.measures import measured
from core.cohorts.moments import weakest
from core.cohorts.triangle import calendar_triangle, cohort_codes, triangle
from core.model.cohorts import cohort_rules
from tests.cohorts.worlds import company, drawn

MEASURES = ("logo", "gross", "net", "arr")


def along(data, measure, width, columns):
    taken = measured(data, data.customers, measure)
    return taken, calendar_triangle(calendar(taken, columns), width)


def cells(shown):
    return {(row.period.label, cell.age): cell for row in shown.cohorts for cell in row.cells}


def small_companies():
    mrr = st.lists(st.sampled_from([0, 0, 50, 100, 100, 300]), min_size=8, max_size=8)
    return st.lists(st.tuples(mrr, st.integers(1, 40)), min_size=1, max_size=5)


def built(blocks):
    people = [mrr for mrr, times in blocks for _ in range(times)]
    return company({f"c{number}": mrr for number, mrr in enumerate(people)}, months=8)


@settings(max_examples=10, deadline=None)
@given(small_companies(), st.sampled_from(MEASURES))
def test_the_diagonals_of_monthly_cohorts_become_columns(blocks, measure):
    data = built(blocks)
    ages = tuple(range(data.customers.last_age + 1))
    if not ages:
        return
    columns = tuple(range(int((data.customers.start + data.customers.reached).max()) + 1))
    taken, shown = along(data, measure, "month", columns)
    by_age, by_month = cells(triangle(taken, "month", ages)), cells(shown)
    first = {f"{data.customers.month(int(start)):%Y-%m}": int(start) for start in np.unique(data.customers.start)}
    assert len(by_age) == len(by_month)
    for (cohort, age), cell in by_age.items():
        assert by_month[cohort, first[cohort] + age].figure == cell.figure
        assert by_month[cohort, first[cohort] + age].kept == cell.kept


@settings(max_examples=10, deadline=None)
@given(small_companies(), st.sampled_from(MEASURES))
def test_a_cell_is_ripe_once_every_customer_of_the_cohort_has_started(blocks, measure):
    data = built(blocks)
    columns = calendar_columns(data.customers, "month")
    shown = along(data, measure, "quarter", columns)[1] if columns else None
    for row in shown.cohorts if shown else ():
        for cell in row.cells:
            assert (cell.figure.state == "unripe") == (cell.reached < cell.customers)
            assert cell.figure.value is None or (cell.figure.n >= 10 and cell.figure.state in ("ok", "wide"))
    for cell in shown.all.cells if shown else ():
        assert cell.figure.numerator == pytest.approx(
            sum(cells(shown)[key].figure.numerator for key in cells(shown) if key[1] == cell.age)
        )


def test_columns_are_the_newest_whole_quarters_or_months_since_anybody_was_there():
    data = company({"a": [100] * 20, "b": [0, 100]}, months=20)
    customers = data.customers
    ends = [customers.month(column) for column in calendar_columns(customers, "quarter")]
    assert [f"{end:%Y-%m}" for end in ends] == [
        "2020-03",
        "2020-06",
        "2020-09",
        "2020-12",
        "2021-03",
        "2021-06",
        "2021-09",
    ]
    months = calendar_columns(customers, "month")
    assert len(months) == cohort_rules().calendar.columns
    assert f"{customers.month(months[-1]):%Y-%m}" == "2021-09"


def test_a_curve_along_the_calendar_has_the_customers_of_its_group_who_had_started():
    rows = {f"p{number}": [100] * 6 for number in range(40)} | {f"r{number}": [0, 0, 100] for number in range(35)}
    channels = {name: "paid" if name.startswith("p") else "referral" for name in rows}
    data = company(rows, months=6, channels=channels)
    groups = grouping(data, "channel")
    seen = calendar(measured(data, groups.customers, "logo"), calendar_columns(data.customers, "month"))
    found = {curve.name: curve for curve in calendar_curves(groups, seen)}
    assert [point.figure.n for point in found["Paid"].points] == [40] * 6
    assert [point.figure.n for point in found["Referral"].points] == [0, 0, 35, 35, 35, 35][
        : len(found["Referral"].points)
    ]
    assert found["Paid"].drawn


def planted(rng, *, dip=(), cohorts=6, size=220, months=24, hazard=0.02, loss=0.12):
    """Customers of some start months who leave at random; `dip` names a month in which many do, and whose cohorts."""
    rows = {}
    for cohort in range(cohorts):
        for number in range(size):
            start, values = 2 * cohort, []
            for month in range(months):
                risk = loss if dip and month == dip[0] and cohort in dip[1] else hazard
                left = values and values[-1] == 0 and any(values)
                values.append(0 if month < start or left or (any(values) and rng.random() < risk) else 100)
            rows[f"c{cohort}-{number}"] = values
    return company(rows, months=months)


def renewing(rng, starts, *, months=30, dip=None):
    """Customers who leave at yearly renewals; `dip` names a month in which more do, how many more, and which."""
    age = np.arange(months)[None, :] - starts[:, None]
    risk = np.where(age % 12 == 0, 0.25, 0.005)
    if dip:
        risk[dip[2], dip[0]] += dip[1]
    gone = np.maximum.accumulate((rng.random(age.shape) < risk) & (age > 0), axis=1)
    mrr = np.where((age >= 0) & ~gone, 100, 0).tolist()
    return company({f"c{number}": values for number, values in enumerate(mrr)}, months=months)


STARTS = {
    "uniform": lambda rng: rng.integers(0, 18, 1_200),
    "every second month": lambda rng: np.repeat(2 * np.arange(6), 200),
}


def found_in(data, measure="logo", period="month", width="month"):
    taken = measured(data, data.customers, measure)
    seen = calendar(taken, calendar_columns(data.customers, period))
    codes = cohort_codes(data.customers, width)
    moment = weakest(seen, codes, np.ones(len(data.customers), dtype=bool))
    return moment, seen.columns[moment.place]


def test_an_age_between_others_that_nobody_paid_at_stops_nothing():
    moment, _ = found_in(company({"c": [0] * 8 + [50, 0, 50, 0]}), "gross")
    assert moment.outcome == "not_shown"


@pytest.mark.parametrize("measure", ["logo", "gross", "net"])
def test_a_month_in_which_customers_of_all_cohorts_leave_is_of_the_moment(measure):
    moment, column = found_in(planted(np.random.default_rng(3), dip=(18, range(6))), measure)
    assert (moment.outcome, column) == ("lower", 19)
    assert (moment.without, moment.carrier) == ("lower", None)


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 30))])
def test_what_one_cohort_loses_is_not_of_the_moment(seed):
    cohort = seed % 6
    data = planted(np.random.default_rng(seed), dip=(18, [cohort]), loss=0.3)
    moment, column = found_in(data)
    assert (moment.outcome, column) == ("lower", 19)
    assert moment.without in ("chance", "not_shown")
    assert moment.carrier == data.customers.month(2 * cohort + 1)


@pytest.mark.parametrize("period", ["month", "quarter"])
@pytest.mark.parametrize("extra", [0.15, pytest.param(0.3, marks=pytest.mark.long)])
def test_what_one_cohort_loses_is_never_told_of_several_where_others_lose_much_at_renewals(period, extra):
    told = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        starts = STARTS["uniform"](rng)
        data = renewing(rng, starts, dip=(21, extra, (starts >= 5) & (starts < 8)))
        told.append(found_in(data, period=period, width="quarter")[0])
    assert sum(moment.outcome == "lower" for moment in told) >= 2
    assert "lower" not in [moment.without for moment in told]


def test_where_every_month_is_alike_none_stands_out():
    assert found_in(planted(np.random.default_rng(5)))[0].outcome == "chance"


def test_where_nothing_happens_a_month_is_called_weak_in_no_more_than_one_of_twenty_companies():
    worlds = (drawn(np.random.default_rng(seed), 1_500, 30, hazard=0.025, growth=0.05) for seed in range(40))
    outcomes = [found_in(data, measure)[0].outcome for data in worlds for measure in ("logo", "gross", "net")]
    assert outcomes.count("lower") <= len(outcomes) / 20


@pytest.mark.parametrize("seeds", [range(10), pytest.param(range(10, 60), marks=pytest.mark.long)])
@pytest.mark.parametrize("starts", STARTS)
@pytest.mark.parametrize("period", ["month", "quarter"])
def test_renewals_at_the_age_of_a_year_do_not_make_a_period_weak(period, starts, seeds):
    outcomes = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        outcomes.append(found_in(renewing(rng, STARTS[starts](rng)), period=period, width="quarter")[0].outcome)
    assert outcomes.count("lower") <= len(outcomes) / 20
    assert "chance" in outcomes


@pytest.mark.parametrize(("period", "column"), [("month", 22), ("quarter", 23)])
def test_a_weak_period_is_found_beside_yearly_renewals(period, column):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        starts = STARTS["uniform"](rng)
        data = renewing(rng, starts, dip=(21, 0.1, np.ones(len(starts), dtype=bool)))
        moment, found = found_in(data, period=period, width="quarter")
        assert (moment.outcome, moment.without, found) == ("lower", "lower", column)


def test_too_few_losses_tell_nothing_and_an_amount_without_a_beginning_has_no_weakest_month():
    data = planted(np.random.default_rng(6), size=12)
    assert found_in(data)[0].outcome == "not_shown"
    seen = calendar(measured(data, data.customers, "margin"), calendar_columns(data.customers, "month"))
    codes = cohort_codes(data.customers, "month")
    assert weakest(seen, codes, np.ones(len(data.customers), dtype=bool)) is None
