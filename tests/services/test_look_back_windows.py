"""A promise about a monthly flow: means of months worked by hand, a trough is no success, too early is said."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.model.look_back import WindowRule
from core.services.look_back import look_back
from core.services.look_back_windows import Windows, is_monthly_flow, windows
from core.stats.months import month_end, shift_month
from core.store.tables import Decision

RULE = WindowRule(months=6, least_months=3, source="test")
MARCH, OCTOBER = dt.date(2026, 3, 1), dt.date(2026, 10, 1)
IN_APRIL = dt.datetime(2026, 4, 14, 9, tzinfo=dt.UTC)
DECIDED = IN_APRIL.date()


def month_of(values, last=OCTOBER, kpi="referral_leads"):
    """A month whose KPI had these figures, one a month up to it; before them nothing is known."""
    item = REGISTRY[kpi]
    currency = "EUR" if item.unit == "money" else ""
    value = values[-1]
    figure = KpiResult(
        kpi, item.label, item.unit, item.better, last, value, None, None, 9, "leads",
        State.OK if value is not None else State.UNDEFINED, None if value is not None else "nobody", currency=currency,
    )  # fmt: skip

    def shown(_, back):
        return values[-1 - back] if back < len(values) else None

    return SimpleNamespace(kpis={kpi: figure}, month=last, as_of=month_end(last), shown=shown)


def decision(kpi="referral_leads", expected=4.0, low=1.0, high=7.0, seen=7.0, month=MARCH, at=IN_APRIL):
    item = REGISTRY[kpi]
    currency = "EUR" if item.unit == "money" else ""
    figure = {"value": seen, "low": None, "high": None, "unit": item.unit, "state": "ok", "version": item.version}
    return Decision.model_validate(
        {
            "title": "t", "choice": "c", "rejected": "r", "owner": "o", "kpi": kpi, "month": month,
            "expected": expected, "expected_low": low, "expected_high": high, "review_on": dt.date(2026, 10, 31),
            "decided_at": at, "decided_by": "o", "token": "t", "status": "decided",
            "seen": figure | {"currency": currency},
        }
    )  # fmt: skip


def held(values, seen=MARCH, decided=DECIDED, **changes):
    return windows("referral_leads", seen, decided, month_of(values, **changes), RULE)


# September 2025 to October 2026: March, the one seen, is the seventh of fourteen.
LEADS = (30.0, 5, 6, 7, 8, 9, 7, 99, 12, 13, 14, 15, 16, 14)


def test_both_means_are_those_worked_by_hand():
    found = held(LEADS)
    # October to March: 42 in six months. April, in which it was decided, counts on neither side; May to October: 84.
    assert (found.before.mean, found.since.mean, found.change) == (7.0, 14.0, 7.0)
    assert (found.before.first, found.before.last) == (dt.date(2025, 10, 1), MARCH)
    assert (found.since.first, found.since.last) == (dt.date(2026, 5, 1), OCTOBER)
    # Variances 2 and 2; a count of 10.5 a month scatters by 10.5: ± 2.228 x root of 2 x 10.5 / 6 with 10 degrees.
    assert (found.ends.low, found.ends.high) == (pytest.approx(2.832, abs=1e-3), pytest.approx(11.168, abs=1e-3))
    assert found.doubt == ""


def test_a_rise_of_the_means_is_told_with_what_was_compared():
    back = look_back(decision(), month_of(LEADS))
    assert (back.verdict, back.got, back.change) == ("in line", 7.0, "+7 a month")
    assert back.compared == "mean 14 a month in May to Oct 2026, 7 in Oct 2025 to Mar 2026"
    assert back.reading == (
        "Mean 14 a month in May to Oct 2026, 7 in Oct 2025 to Mar 2026: it rose, and its interval reaches the promise."
    )
    assert (back.then, back.promised, back.now) == ("7", "11", "14")
    assert back.promised_note == "+4 (1 to 7) a month"


def test_a_low_last_month_does_not_hide_a_rise():
    values = (*LEADS[:-1], 7)
    assert look_back(decision(), month_of(values)).got == pytest.approx(77 / 6 - 7)


def test_a_trough_month_is_no_success():
    usual = (220e3, 180e3, 260e3, 230e3, 170e3)
    values = (*usual, 121e3, 200e3, 190e3, 210e3, 266e3)
    june = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)
    money = decision("expansion_arr", 90e3, 40e3, 160e3, seen=121e3, month=dt.date(2026, 6, 1), at=june)
    back = look_back(money, month_of(values, kpi="expansion_arr"))
    assert 40e3 < 266e3 - 121e3 < 160e3
    # Before 1,181 thousand in six months, since 866 thousand in four.
    assert back.got == pytest.approx((200e3 + 190e3 + 210e3 + 266e3) / 4 - 1_181e3 / 6)
    assert (back.verdict, "months differ as much by chance" in back.reading) == ("not told yet", True)


def test_a_fall_where_a_rise_was_promised_is_told():
    values = (*[20.0] * 6, 21, 20, 5, 4, 6, 5, 4, 5)
    back = look_back(decision(seen=20.0), month_of(values))
    assert (back.verdict, "it fell; the promise was a rise" in back.reading) == ("other way", True)


def test_a_promised_fall_is_kept_by_a_fall():
    values = (*[20.0] * 7, 20, 5, 4, 6, 5, 4, 5)
    assert look_back(decision(expected=-15.0, low=-18.0, high=-12.0), month_of(values)).verdict == "in line"


def test_a_promise_out_of_reach_is_said_though_no_change_is_told():
    back = look_back(decision(expected=60.0, low=50.0, high=70.0), month_of((7.0,) * 14))
    assert (back.verdict, "ends short of the promise" in back.reading) == ("not told yet", True)


@pytest.mark.parametrize(
    ("decided", "words"),
    [
        pytest.param(dt.date(2026, 10, 2), "no full month since", id="this month"),
        pytest.param(dt.date(2026, 9, 30), "only 1 full month since", id="a month ago"),
        pytest.param(dt.date(2026, 8, 11), "only 2 full months since", id="two months ago"),
    ],
)
def test_a_decision_of_these_days_cannot_be_told(decided, words):
    at = dt.datetime.combine(decided, dt.time(9), dt.UTC)
    back = look_back(decision(at=at), month_of((*[5.0] * 11, 90, 90, 90)))
    assert words in back.reading
    assert back.verdict in ("not told yet", "no figure")


def test_three_full_months_are_enough_for_a_plain_change():
    found = held((*[5.0] * 11, 90, 90, 90), decided=dt.date(2026, 7, 31))
    assert (len(found.since.values), found.change, found.doubt) == (3, 85.0, "")


def test_months_before_the_data_begin_are_left_out_and_too_few_are_said():
    two = held(LEADS[5:])
    assert (two.before.values, two.ends) == ((9.0, 7.0), None)
    assert "only 2 full months before" in two.doubt


def test_a_month_without_a_figure_since_is_named_and_one_before_ends_the_window():
    assert held((*LEADS[:10], None, *LEADS[11:])) == "July 2026 has no figure, so no mean can be formed."
    assert held((*LEADS[:3], None, *LEADS[4:])).before.values == (8.0, 9.0, 7.0)
    assert held((*LEADS[:6], None, *LEADS[7:])) == "March 2026 has no figure any more."


@given(values=st.lists(st.integers(0, 40), min_size=13, max_size=13), back=st.integers(1, 12))
def test_windows_never_overlap_never_pass_the_month_and_never_hold_more_than_allowed(values, back):
    seen = shift_month(OCTOBER, -back)
    found = held([float(value) for value in values], seen=seen, decided=seen)
    assert isinstance(found, Windows)
    assert found.before.last == seen < found.since.first <= found.since.last == OCTOBER
    assert len(found.before.values) <= RULE.months
    assert len(found.since.values) == min(back, RULE.months)
    if found.ends is not None and found.ends.contains(0):
        assert found.doubt


def test_a_stock_or_a_figure_of_a_year_is_no_monthly_flow():
    assert is_monthly_flow("expansion_arr") and is_monthly_flow("referral_leads")
    assert not any(is_monthly_flow(kpi) for kpi in ("arr", "cac_paid", "net_revenue_retention", "gone"))
