"""What the Overview says, and that it claims no more than the intervals support."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.glossary import JOINER, SPACE, display_interval
from core.kpis.result import KpiResult, State
from core.model.exceptions import exception_rules
from core.services.home import open_month
from core.services.overview import ORDER, _note, attention, overview
from core.services.overview_added import ALIKE, ARR, RAW, added
from core.services.overview_exceptions import _bought, _moved
from core.services.overview_words import answer as sentence
from core.services.targets import TargetLine, Targets


def result(kpi, value, low, high, unit="ratio", state=State.OK, reason=None):
    return KpiResult(
        id=kpi, label=kpi, unit=unit, better="higher", month=dt.date(2026, 10, 1), value=value, low=low, high=high,
        n=100, n_label="accounts", state=state, reason=reason, currency="EUR",
    )  # fmt: skip


NOTHING = result("cac", None, None, None, "money", State.MISSING, "not loaded: spend")
SURE = result("net_revenue_retention", 1.1, 1.05, 1.15)
OPEN = result("net_revenue_retention", 1.04, 0.96, 1.12)


def answer(nrr, referral=NOTHING, paid=NOTHING):
    return sentence({"net_revenue_retention": nrr, "cac_referral": referral, "cac_paid": paid})


def cac(value, low, high, state=State.OK):
    return result("cac", value, low, high, "money", state)


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (1.04, 0.96, 1.12, "pay 104 % of what they did (96 to 112 %): growth is not certain"),
        (1.09, 0.996, 1.18, "pay 109.0 % of what they did (99.6 to 118.0 %): growth is not certain"),
        (1.14, 1.03, 1.22, "pay 114 % of what they did (103 to 122 %), more than before"),
        (0.84, 0.73, 0.92, ", less than before"),
        (1.0, 1.0, 1.0, ": growth is not certain"),
    ],
)
def test_retention_is_called_more_or_less_only_beyond_its_interval(value, low, high, words):
    said = answer(result("net_revenue_retention", value, low, high)).replace(SPACE, " ")
    assert said.startswith("Customers of a year ago") and said.endswith(words)


@pytest.mark.parametrize(
    ("referral", "words"),
    [
        ((4.0, 3.0, 5.0), "; referred customers cost less to win than paid ones"),
        ((4.0, 3.0, 8.5), "; whether referred customers cost less to win than paid ones is not certain"),
        ((12.0, 11.0, 13.0), "; referred customers cost more to win than paid ones"),
    ],
)
def test_costs_are_compared_only_where_their_intervals_part(referral, words):
    assert answer(SURE, cac(*referral), cac(9.0, 8.0, 10.0)).endswith(words)


def test_two_open_questions_are_asked_in_one_breath():
    text = answer(OPEN, cac(4.0, 3.0, 8.5), cac(9.0, 8.0, 10.0))
    assert text.count("not certain") == 1
    assert "growth is not certain, nor that referred customers cost less" in text


def test_too_few_customers_leave_the_comparison_open_and_missing_tables_leave_it_out():
    few = answer(SURE, cac(4.0, 3.0, 5.0, State.TOO_FEW), cac(9.0, 8.0, 10.0))
    assert "whether referred" in few and few.endswith("not certain")
    assert "referred" not in answer(SURE)


def test_an_implausible_figure_is_no_triumph():
    nrr = result("net_revenue_retention", 2.92, 2.6, 3.3, state=State.IMPLAUSIBLE, reason="check")
    assert "check the data" in answer(nrr)


def test_too_few_accounts_give_no_rate():
    nrr = replace(result("net_revenue_retention", 0.7, 0.5, 0.9), state=State.TOO_FEW, reason="too few: 12 accounts")
    assert "70" not in answer(nrr)


def test_ravenstack_shows_what_it_has_and_names_the_rest(in_ravenstack):
    month = open_month()
    view = overview(month)
    states = {card.result.id: card.result.state for card in view.cards}
    assert states["arr"] is State.OK
    assert states["cac_referral"] is State.MISSING
    assert {gap.table for gap in view.gaps} == {"spend", "opportunities", "asks"}
    first = attention(month).exceptions[0]
    assert (first.kind, first.screen, bool(first.kpi)) == ("implausible", "definitions", True)
    assert "open subscriptions each" in first.why


@pytest.mark.parametrize(
    ("arr", "ends"), [(1_200.0, "EUR, constant currency · 100 customers in SMB"), (None, "EUR, constant currency")]
)
def test_customers_are_counted_only_where_their_revenue_is_known(arr, ends):
    facts = SimpleNamespace(company="")
    month = SimpleNamespace(facts=facts, month=dt.date(2026, 10, 1), as_of=dt.date(2026, 10, 31), currency="EUR")
    assert _note(month, {"arr": result("arr", arr, None, None, "money")}, "SMB").endswith(ends)


AS_THEY_ARE = "+20.0 pp over all others (10 to 30 pp)"
ALIKE_MAY_BE = "+20.0 pp over similar deals (−2 to 22 pp): may be chance"


@pytest.mark.parametrize(
    ("raw", "alike", "words"),
    [
        ((0.1, 0.3), (0.02, 0.28), f"{AS_THEY_ARE}, +20.0 pp over similar deals (2 to 28 pp): beyond chance"),
        ((0.1, 0.3), (-0.02, 0.22), f"{AS_THEY_ARE}, {ALIKE_MAY_BE}"),
        ((0.1, 0.3), None, f"{AS_THEY_ARE}; over similar deals too few: 5 and 9"),
        (None, None, "too few: 5 and 9"),
    ],
)  # fmt: skip
def test_what_referrals_add_is_called_beyond_chance_only_where_the_adjusted_interval_leaves_out_zero(raw, alike, words):
    few = result("gap", 0.2, None, None, "pp", State.TOO_FEW, "too few: 5 and 9")
    sides = [few if ends is None else result("gap", 0.2, *ends, "pp") for ends in (raw, alike)]
    arr = result("arr", 1_000.0, -1.0, 2_000.0, "money")
    lines = added({RAW: sides[0], ALIKE: sides[1], ARR: arr})
    assert lines[0].said.replace(SPACE, " ").replace(JOINER, "") == words
    assert len(lines) == (1 if alike is None else 2)
    assert added({RAW: sides[0], ALIKE: NOTHING, ARR: arr}) == ()


def test_a_card_is_watched_with_its_counter_figure(in_demo, demo_months):
    view = overview(demo_months())
    cards = {card.result.id: card for card in view.cards}
    assert list(cards) == list(ORDER)
    assert cards["net_revenue_retention"].beside.startswith("Gross revenue retention 9")
    for card, counter in (("net_revenue_retention", "gross_revenue_retention"), ("arr", "payback_months")):
        watched = open_month().kpis[counter]
        assert cards[card].beside.endswith(f" ({display_interval(watched.low, watched.high, watched.unit)})")
    assert "(" not in cards["invite_to_action_rate"].beside
    assert "Watched with Payback of acquisition cost" in cards["arr"].definition
    assert all(card.beside for card in view.cards)


def test_a_published_number_stands_before_the_counter_figure_and_no_counter_figure_stands_twice(in_demo, demo_months):
    cards = {card.result.id: card for card in overview(demo_months()).cards}
    published, counter = cards["gross_revenue_retention"].beside.split(" · ")
    assert published.startswith("others' median 91.0") and counter.startswith("Customer churn 1")
    beside = [card.beside for card in cards.values()]
    assert len(set(beside)) == len(beside)


def targets(kpi, value, since=dt.date(2026, 1, 1)):
    line = TargetLine(kpi, None, since, value, "EUR", "RevOps", "Finance", "agreed", None, 1)
    return Targets((line,), 1)


def kinds(month, kpi, target):
    return {item.kind for item in attention(month, targets(kpi, target)).exceptions if item.kpi == kpi}


def test_a_target_missed_beyond_the_interval_is_an_exception_and_one_inside_is_none(in_demo, demo_months):
    month = demo_months()
    churn = month.kpis["churn_logo_rate"]
    assert "off_target" in kinds(month, "churn_logo_rate", churn.low / 2)
    assert not kinds(month, "churn_logo_rate", (churn.low + churn.value) / 2) & {"off_target", "amber"}
    assert not kinds(month, "churn_logo_rate", churn.high * 1.1) & {"off_target", "amber"}


def test_amber_needs_three_months_in_a_row(in_demo, demo_months):
    month = demo_months()
    values = month.history["arr"][-3:]
    near = max(values) * 1.01
    assert "amber" in kinds(month, "arr", near)
    assert "amber" not in kinds(month, "arr", min(values) * 1.2), "off target in one of them"
    assert "amber" not in kinds(month, "arr", values[-1]), "on target now"


def test_a_jump_outside_the_natural_limits_is_one_and_good_news_is_marked():
    history = (1.0, 1.01, 1.0, 1.01, 1.0, 1.01, 1.0, 1.01, 1.0, 1.3)
    month = Stub({})
    (jump,) = _moved(month, replace(SURE, id="arr", unit="money", better="higher"), history)
    assert jump[0] == "outside_limits" and jump[2] is True
    (fall,) = _moved(month, replace(SURE, id="arr", better="higher"), (*history[:-1], 0.7))
    assert fall[2] is False
    assert not list(_moved(month, replace(SURE, id="arr"), history[:-1]))
    assert not list(_moved(month, replace(SURE, id="arr"), (*history[:-2], None, 1.3)))


@pytest.mark.parametrize(
    ("own", "other", "is_flagged"),
    [
        pytest.param((1.0, 1.1, 1.2), (0.9, 0.8, 0.7), True, id="up while its pair falls twice"),
        pytest.param((1.0, 1.1, 1.2), (0.9, 0.8, 0.8), False, id="the pair fell once"),
        pytest.param((1.0, 1.2, 1.1), (0.9, 0.8, 0.7), False, id="up once"),
        pytest.param((1.0, 1.1, 1.2), (0.9, None, 0.7), False, id="the pair is not known"),
    ],
)
def test_a_figure_bought_at_the_price_of_its_pair_is_one(own, other, is_flagged):
    month = Stub({"net_revenue_retention": own, "gross_revenue_retention": other})
    assert bool(list(_bought(month, SURE))) is is_flagged


class Stub:
    """A month with nothing but the last values of some figures."""

    month = dt.date(2026, 10, 1)

    def __init__(self, history):
        self.history = history

    def shown(self, name, back):
        return self.history[name][-1 - back]


def test_the_gravest_exception_comes_first(in_ravenstack):
    found = [item.kind for item in attention(open_month()).exceptions]
    assert found == sorted(found, key=exception_rules().order.index)
    assert found[0] == "implausible"
