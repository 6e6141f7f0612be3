"""What moved since an earlier month: the parts sum to the change, the rows to the parts, the words to the intervals."""

import datetime as dt

import pytest

from core.month import build_month
from core.services.home import open_month
from core.services.overview import segments
from core.services.overview_bars import listing
from core.services.overview_bridge import MONTHS_BACK, bridge
from core.services.overview_moves import moved, moved_rows
from core.stats.months import shift_month
from tests.companies import account, source, subscription


@pytest.fixture
def month(in_demo):
    return open_month()


def told(month, segment=None, since="month"):
    return moved(month, segment, since, month.kpis["net_revenue_retention"])


@pytest.mark.parametrize("since", list(MONTHS_BACK))
def test_the_bridge_closes_at_the_arr_of_both_months(month, since):
    bars = told(month, None, since).bridge.bars
    assert sum(bar.value for bar in bars[:-1]) == pytest.approx(bars[-1].value)
    assert bars[-1].value == pytest.approx(month.kpis["arr"].value)
    assert bars[0].value == pytest.approx(month.shown("arr", MONTHS_BACK[since]))


@pytest.mark.parametrize("since", list(MONTHS_BACK))
@pytest.mark.parametrize("segment", [None, "SMB"])
def test_every_bar_is_the_sum_of_what_is_behind_it(month, segment, since):
    found = told(month, segment, since)
    bars = [*found.bridge.bars, *(bar for moves in found.moves for bar in moves.bars)]
    assert len(bars) > 8
    for bar in bars:
        assert sum(mover.amount for mover in bar.movers) + bar.rest == pytest.approx(bar.value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("since", list(MONTHS_BACK))
def test_the_bars_of_a_figure_sum_to_its_change(month, since):
    retention, cost = told(month, None, since).moves
    nrr = month.kpis["net_revenue_retention"].value - month.shown("net_revenue_retention", MONTHS_BACK[since])
    assert sum(bar.value for bar in retention.bars) == pytest.approx(nrr)

    def blended(at):
        sums = month.kpi_input.frame("acquired_year", at).sum(numeric_only=True)
        return sums["acquisition_spend"] / sums["new_customers"] / 100

    change = blended(month.month) - blended(shift_month(month.month, -MONTHS_BACK[since]))
    assert sum(bar.value for bar in cost.bars) == pytest.approx(change)


@pytest.mark.parametrize("segment", [None, "SMB"])
def test_the_rows_behind_sum_to_what_is_shown(month, segment):
    found = told(month, segment, "quarter")
    arr, *parts = moved_rows(month, segment, "quarter")
    shown = {bar.label: abs(bar.value) for bar in found.bridge.bars}
    for name, total in arr.sums.items():
        assert arr.frame[name].sum() == pytest.approx(total)
        assert shown[arr.labels[name].removeprefix("ARR ")] == (pytest.approx(total))
    for rows, moves in zip(parts, found.moves, strict=True):
        scale = 1 if moves.unit == "money" else 100
        assert rows.sums["effect"] == pytest.approx(scale * sum(bar.value for bar in moves.bars))
        by_part = rows.frame.groupby("part")["effect"].sum()
        for bar in moves.bars:
            assert by_part.get(bar.label, 0.0) == pytest.approx(scale * bar.value, abs=1e-9)


def test_the_segment_that_lost_most_is_named_with_its_accounts(month):
    found = bridge(month, None, "quarter")
    rows = moved_rows(month, None, "quarter")[0].frame
    lost = rows.assign(lost=rows["contraction_mrr"] + rows["churned_mrr"])
    totals = lost.groupby("segment")["lost"].sum()
    worst = totals.idxmax()
    first = lost[lost["segment"] == worst].sort_values("lost").iloc[-1]
    assert found.sentence.startswith(f"{worst} lost most: ")
    assert first["account_name"] in found.sentence
    left = int(((lost["segment"] == worst) & (lost["churned_mrr"] > 0)).sum())
    assert f"{left} account" in found.sentence or not left


def test_no_story_is_told_of_a_change_that_may_be_chance(month):
    for since in MONTHS_BACK:
        for moves in told(month, None, since).moves:
            kinds = {bar.kind for bar in moves.bars}
            if moves.title.startswith("No clear change"):
                assert kinds == {"unclear"}
                assert "tell no story" in moves.sentence
            else:
                assert " rose by " in moves.title or " fell by " in moves.title


@pytest.fixture
def planted(tmp_path):
    """Forty small accounts that stay as they are; of forty large ones eight double in December 2025."""
    accounts = [
        account(f"{name}{number:02}", segment=name.upper()) for name in ("small", "large") for number in range(40)
    ]
    rows = [subscription(f"small{number:02}", "2023-01-01", None, 10 + number % 7) for number in range(40)]
    for number in range(40):
        grows = number < 8
        rows.append(subscription(f"large{number:02}", "2023-01-01", "2025-12-01" if grows else None, 100))
        if grows:
            rows.append(subscription(f"large{number:02}", "2025-12-01", None, 200))
    return build_month(dt.date(2025, 12, 31), source(tmp_path, {"accounts": accounts, "subscriptions": rows}))


def test_a_clear_change_names_who_drove_it(planted):
    found = told(planted)
    retention = found.moves[0]
    assert retention.title.startswith("Net revenue retention rose by 17.7\N{NO-BREAK SPACE}pp since November 2025")
    assert retention.sentence.startswith("LARGE kept more (+17.7\N{NO-BREAK SPACE}pp), most of it Large0")
    assert {bar.label: bar.kind for bar in retention.bars} == {"LARGE": "good", "SMALL": "unclear", "Mix": "unclear"}
    assert found.bridge.sentence == "No account left or pays less than in November 2025."
    assert found.bridge.title == "Expansion of €9.6\N{NO-BREAK SPACE}k, and nothing was lost"


def test_segments_sum_to_the_company(month):
    whole = bridge(month, None, "year").bars[-1].value
    assert sum(bridge(month, name, "year").bars[-1].value for name in segments(month)) == pytest.approx(whole)


def test_what_is_not_loaded_is_said_and_an_implausible_figure_is_not_split(in_ravenstack):
    retention, cost = told(open_month()).moves
    assert not retention.bars and "implausible" in retention.sentence
    assert not cost.bars and cost.sentence == "Needs spend."


@pytest.mark.parametrize(
    ("names", "words"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_listed_as_one_says_them(names, words):
    assert listing(names) == words
