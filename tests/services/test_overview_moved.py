"""What moved since an earlier month: the parts sum to the change, the rows to the parts, the words to the intervals."""

import datetime as dt
from types import SimpleNamespace

import pytest

from core.month import build_month
from core.services.home import open_month
from core.services.overview import segments
from core.services.overview_bars import listing
from core.services.overview_bridge import MONTHS_BACK, TO_DATE, base_month, bridge, quarter_words
from core.services.overview_moves import moved, moved_rows
from core.stats.months import shift_month
from tests.companies import account, source, subscription

pytestmark = pytest.mark.sampled(2)


@pytest.fixture
def month(in_demo, demo_months):
    return demo_months()


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
    lost = rows.assign(lost=rows["contraction_arr"] + rows["churned_arr"])
    totals = lost.groupby("segment")["lost"].sum()
    worst = totals.idxmax()
    first = lost[lost["segment"] == worst].sort_values("lost").iloc[-1]
    assert found.sentence.startswith(f"{worst} lost most: ")
    assert first["account_name"] in found.sentence
    left = int(((lost["segment"] == worst) & (lost["churned_arr"] > 0)).sum())
    assert f"{left} account" in found.sentence or not left


@pytest.mark.parametrize(
    ("month", "base", "words"),
    [
        pytest.param(
            "2026-10-01", "2026-09-01", "October alone, the same as 1 month", id="the first month of a quarter"
        ),
        pytest.param("2026-11-01", "2026-09-01", "October and November", id="the second"),
        pytest.param("2026-12-01", "2026-09-01", "October to December", id="a whole quarter in its last month"),
        pytest.param("2026-01-01", "2025-12-01", "January alone, the same as 1 month", id="over the new year"),
    ],
)
def test_a_quarter_to_date_begins_where_the_calendar_quarter_does_and_says_which_months_it_holds(month, base, words):
    shown = SimpleNamespace(month=dt.date.fromisoformat(month))
    assert base_month(shown, TO_DATE) == dt.date.fromisoformat(base)
    assert quarter_words(shown.month) == f"Quarter to date: {words}"


def test_only_a_quarter_to_date_says_so(month):
    assert ". Quarter to date: October alone" in bridge(month, None, TO_DATE).subtitle
    assert "Quarter to date" not in bridge(month, None, "month").subtitle


@pytest.mark.parametrize("since", list(MONTHS_BACK))
def test_the_segments_are_those_of_the_bridge_over_the_same_window(month, since):
    found = bridge(month, None, since)
    bars = {bar.label: bar.value for bar in found.bars}
    assert sum(line.lost_arr for line in found.segments) == pytest.approx(-bars["Contraction"] - bars["Churn"])
    assert sum(line.new_arr for line in found.segments) == pytest.approx(bars["New"] + bars["Won back"])
    assert sorted(line.segment for line in found.segments) == list(segments(month))
    lost = [line.lost_arr for line in found.segments]
    assert lost == sorted(lost, reverse=True)
    worst = found.segments[0].segment
    assert found.segments_title.startswith(f"{worst} lost most since ")
    assert found.sentence.startswith(f"{worst} lost most: ")
    assert not bridge(month, worst, since).segments


def test_every_account_named_behind_a_bar_has_its_segment(month):
    frame = moved_rows(month, None, "quarter")[0].frame
    known = set(zip(frame["account_name"], frame["segment"], strict=True))
    shown = {(mover.name, mover.note) for bar in bridge(month, None, "quarter").bars for mover in bar.movers}
    assert len(shown) > 10
    assert shown <= known


def losing(folder, segments, leaving):
    """The bridge of twelve months of accounts that pay 10 a month, or what they paid before they left in June 2025."""
    accounts = [account(name, segment=segment) for name, segment in segments.items()]
    rows = [
        subscription(name, "2023-01-01", "2025-06-15" if name in leaving else None, leaving.get(name, 10))
        for name in segments
    ]
    return bridge(
        build_month(dt.date(2025, 12, 31), source(folder, {"accounts": accounts, "subscriptions": rows})), None, "year"
    )


def test_the_largest_loss_is_named_when_another_segment_lost_most(tmp_path):
    segments_of = {"ann": "LARGE", "ben": "LARGE", "cid": "SMALL", "dan": "SMALL", "eve": "SMALL"}
    found = losing(tmp_path, segments_of, {"ann": 50, "cid": 40, "dan": 30})
    assert found.sentence == (
        "SMALL lost most: €840 of ARR; 2 accounts left: Cid (€480) and Dan (€360). "
        "The largest single loss is in LARGE: Ann (€600)."
    )
    assert found.segments_title == "SMALL lost most since December 2024: €840"


def test_named_accounts_are_called_most_of_a_loss_only_if_they_are(tmp_path):
    names = [f"{letter}{letter}" for letter in "abcdefgh"]
    even = losing(tmp_path, dict.fromkeys(names, "SMALL"), dict.fromkeys(names[:7], 10))
    assert "7 accounts left, the largest of them " in even.sentence
    uneven = losing(tmp_path, dict.fromkeys(names, "SMALL"), dict.fromkeys(names[:7], 10) | {"aa": 100})
    assert "7 accounts left, most of it Aa (€1.2" in uneven.sentence


def test_losses_of_accounts_without_a_segment_are_counted_as_such(tmp_path):
    found = losing(tmp_path, {"ann": None, "ben": "SMALL", "cid": "SMALL"}, {"ann": 50})
    assert found.sentence == "Not stated lost: €600 of ARR; 1 account left: Ann (€600)."
    assert [(line.segment, line.lost_arr) for line in found.segments] == [
        ("Not stated", pytest.approx(600)),
        ("SMALL", 0),
    ]


def test_no_story_is_told_of_a_change_that_may_be_chance(month):
    for since in MONTHS_BACK:
        for moves in told(month, None, since).moves:
            kinds = {bar.kind for bar in moves.bars}
            if moves.title.startswith("No clear change"):
                assert kinds == {"unclear"}
                assert moves.sentence == "The change could be chance: read no cause into these bars."
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
    assert found.bridge.segments_title == "No segment lost revenue since November 2025"
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
