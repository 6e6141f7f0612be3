"""What the Overview says, and that it claims no more than the intervals support."""

from dataclasses import replace

import pytest

from core.kpis.result import KpiResult, State
from core.services.home import open_month
from core.services.overview import overview, segments
from core.services.overview_words import answer as sentence


def result(kpi, value, low, high, unit="ratio", state=State.OK, reason=None):
    import datetime as dt

    return KpiResult(
        id=kpi, label=kpi, unit=unit, better="higher", month=dt.date(2026, 10, 1), value=value, low=low, high=high,
        n=100, n_label="accounts", state=state, reason=reason, currency="EUR",
    )  # fmt: skip


def answer(nrr, referral=None, paid=None):
    nothing = result("cac", None, None, None, "money", State.MISSING, "not loaded: spend")
    return sentence({"net_revenue_retention": nrr, "cac_referral": referral or nothing, "cac_paid": paid or nothing})


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (1.04, 0.96, 1.12, "about as much as there was"),
        (1.14, 1.03, 1.22, "more than there was"),
        (0.84, 0.73, 0.92, "less than there was"),
    ],
)
def test_retention_is_called_more_or_less_only_beyond_its_interval(value, low, high, words):
    assert answer(result("net_revenue_retention", value, low, high)).endswith(words)


@pytest.mark.parametrize(
    ("referral", "paid", "words"),
    [
        ((4.0, 3.0, 5.0), (9.0, 8.0, 10.0), "costs less to win"),
        ((4.0, 3.0, 8.5), (9.0, 8.0, 10.0), "cannot be told apart"),
        ((12.0, 11.0, 13.0), (9.0, 8.0, 10.0), "costs more to win"),
    ],
)
def test_costs_are_compared_only_where_their_intervals_part(referral, paid, words):
    text = answer(
        result("net_revenue_retention", 1.0, 0.9, 1.1),
        result("cac_referral", *referral, "money"),
        result("cac_paid", *paid, "money"),
    )
    assert words in text


def test_an_implausible_figure_is_no_triumph():
    nrr = result("net_revenue_retention", 2.92, 2.6, 3.3, state=State.IMPLAUSIBLE, reason="check")
    assert "check the data" in answer(nrr)


def test_too_few_accounts_give_no_rate():
    nrr = replace(result("net_revenue_retention", 0.7, 0.5, 0.9), state=State.TOO_FEW, reason="too few: 12 accounts")
    assert "70" not in answer(nrr)


def test_ravenstack_shows_what_it_has_and_names_the_rest(in_ravenstack):
    view = overview(open_month())
    states = {card.result.id: card.result.state for card in view.cards}
    assert states["arr"] is State.OK
    assert states["cac_referral"] is State.MISSING
    assert {gap.table for gap in view.gaps} == {"spend", "opportunities", "asks"}


def test_segments_sum_to_the_company(in_demo):
    month = open_month()
    whole = overview(month).bridge.steps[-1][1]
    parts = [overview(month, name).bridge.steps[-1][1] for name in segments(month)]
    assert sum(parts) == pytest.approx(whole)
