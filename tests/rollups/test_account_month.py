"""MRR by account and month: the rollup beside its definition, applied to every month end in turn."""

import datetime as dt
import random
from collections import defaultdict

from core.rollups.engine import rollup_sql
from core.stats.months import month_end
from tests.companies import source, subscription

AS_OF = dt.date(2024, 6, 20)
MONTHS = [dt.date(1990 + count // 12, count % 12 + 1, 1) for count in range(34 * 12 + 6)]
"""From the calendar table's first month to that of the as-of date, which is not over."""
DAYS = [
    *(dt.date(1985, 5, 5), dt.date(1989, 12, 31), dt.date(1990, 1, 1), dt.date(2023, 1, 31), dt.date(2023, 2, 1)),
    *(dt.date(2023, 2, 15), dt.date(2024, 5, 31), dt.date(2024, 6, 1), dt.date(2024, 6, 19), AS_OF),
    *(dt.date(2024, 6, 21), dt.date(2024, 6, 30), dt.date(2060, 1, 1)),
]
"""Days about the edges of months, of the calendar table and of the as-of date."""


def period(pick: random.Random, place: int) -> dict[str, object]:
    """A period of a subscription of its own, with an end after its start or none, of one of 90 accounts."""
    start, end = sorted(pick.sample(DAYS, 2))
    terms = {"start_date": start, "end_date": pick.choice((end, None)), "is_trial": pick.random() < 0.1}
    money = {"mrr_cents": pick.choice((0, 100, 250)), "currency": pick.choice(("EUR", "EUR", "USD"))}
    return subscription(f"a{place % 90}", "2000-01-01", None, 1, subscription_id=f"s{place}") | terms | money


def test_revenue_is_that_of_the_periods_open_at_each_month_end(tmp_path):
    pick = random.Random(7)
    rows = [period(pick, place) for place in range(360)]
    expected = defaultdict(lambda: (0, 0))
    for row in rows:
        for month in MONTHS if row["mrr_cents"] and not row["is_trial"] else ():
            day = min(month_end(month), AS_OF)
            if row["start_date"] <= day and (row["end_date"] is None or day < row["end_date"]):
                cents, number = expected[row["account_id"], month, row["currency"]]
                expected[row["account_id"], month, row["currency"]] = cents + row["mrr_cents"], number + 1
    engine = source(tmp_path, {"subscriptions": rows}).engine
    found = engine.query(rollup_sql("account_month"), {"as_of": AS_OF, "first_month": dt.date(1900, 1, 1)})
    keys = zip(found["account_id"], found["month"].dt.date, found["currency"], strict=True)
    amounts = zip(found["native_mrr_cents"], found["open_subscriptions"], strict=True)
    assert sorted(zip(keys, amounts, strict=True)) == sorted(expected.items())
    engine.close()
