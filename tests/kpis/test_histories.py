"""Many figures over many months give what one figure and one month give, however little is kept."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate, followed, judging, matched
from core.kpis.inputs import FRAMES
from core.kpis.recent import Recent
from core.kpis.registry import histories, kpi_rows, series, shown_value
from core.month import build_month
from core.services.figure_cards import group_cards
from core.services.home import current_state, open_engine, open_source
from core.services.overview import SHOWN, overview
from core.services.overview_exceptions import exceptions
from core.services.targets import Targets
from core.stats import stratified
from core.stats.months import shift_month

OCTOBER = dt.date(2026, 10, 1)
ITEMS = [REGISTRY[name] for name in ("net_revenue_retention", "mrr", "promoter_rate", "attach_rate", "ltv_to_cac")]


def fresh_month():
    state = current_state()
    return build_month(dt.date(2026, 10, 31), open_source(state, open_engine(state)))


def fresh():
    return fresh_month().kpi_input


def test_month_after_month_gives_the_series_of_each_figure(in_demo):
    together, apart = fresh(), fresh()
    found = histories(ITEMS, together, OCTOBER, 5)
    assert found == {item.id: series(item, apart, OCTOBER, 5) for item in ITEMS}
    assert all(value is not None for values in found.values() for value in values)
    assert histories(ITEMS[:1], together, OCTOBER, 3, segment="SMB") != histories(ITEMS[:1], together, OCTOBER, 3)


def test_figures_do_not_depend_on_what_is_still_kept(in_demo):
    data, poor = fresh(), fresh()
    object.__setattr__(poor, "_frames", Recent(most=0))
    for item in ITEMS:
        for back in (0, 1, 0):
            month = shift_month(OCTOBER, -back)
            assert shown_value(item, poor, month) == shown_value(item, data, month)
    assert kpi_rows(ITEMS[0], poor, OCTOBER).equals(kpi_rows(ITEMS[0], data, OCTOBER))


def test_readers_get_accounts_as_text(in_demo):
    rows = kpi_rows(REGISTRY["net_revenue_retention"], fresh(), OCTOBER)
    assert {str(rows[name].dtype) for name in ("account_id", "account_name")} == {"str"}


def test_rows_that_figures_share_are_built_once_a_month_however_many_frames_lie_between(in_demo, monkeypatch):
    data, built = fresh(), []
    object.__setattr__(data, "_frames", Recent(most=0))
    make = FRAMES["followed"]
    monkeypatch.setitem(FRAMES, "followed", lambda of, month: built.append(month) or make(of, month))
    names = ("retention_referred_vs_other", "attach_rate", "customer_lifetime_value")
    histories([REGISTRY[name] for name in names], data, OCTOBER, 3)
    assert len(built) == 3


@pytest.mark.parametrize(
    ("ask", "frame"),
    [
        pytest.param(lambda month: group_cards(month, "retention", Targets()), "account_year", id="a group of figures"),
        pytest.param(lambda month: overview(month), "account_year", id="the Overview"),
        pytest.param(lambda month: exceptions(month, SHOWN, Targets()), "deals_year", id="exceptions"),
    ],
)
def test_a_screen_of_many_figures_builds_what_they_share_once_a_month(in_demo, monkeypatch, ask, frame):
    """Of 50,000 accounts less is kept than a frame is large; the months a figure is set beside are built with it."""
    month, built, make = fresh_month(), [], FRAMES[frame]
    for data in (month.facts.kpi_input, month.kpi_input):
        object.__setattr__(data, "_frames", Recent(most=0))
    monkeypatch.setitem(FRAMES, frame, lambda of, at: built.append(at) or make(of, at))
    ask(month)
    beside = {shift_month(OCTOBER, back) for back in (0, -1, -12)}
    assert sorted(at for at in built if at not in beside) == [shift_month(OCTOBER, -back) for back in range(11, 1, -1)]


def test_figures_of_many_at_once_are_those_of_each_alone(in_demo):
    many, alone = fresh_month(), fresh_month()
    names = ("promoter_rate", "net_revenue_retention", "arr")
    assert list(many.histories(names).items()) == [(name, alone.history[name]) for name in names]
    assert many.histories(names, "SMB")["arr"] != many.history["arr"]


def test_a_line_over_time_shows_what_the_month_shows_and_works_out_no_interval(in_demo, monkeypatch):
    month, data = fresh_month(), fresh()
    asked = [(item, segment) for item in REGISTRY.values() for segment in (None, *month.facts.segments)]
    found = {
        (item.id, segment): evaluate(item, month.kpi_input, OCTOBER, segment=segment, history=False)
        for item, segment in asked
    }
    for name in ("newcombe", "poisson_exact", "wilson", "interval_of_median", "kaplan_meier", "_of_ratio"):
        monkeypatch.setattr(judging, name, refuse)
    for module, name in ((followed, "_band"), (matched, "weighted_wilson"), (stratified, "_interval")):
        monkeypatch.setattr(module, name, refuse)
    for item, segment in asked:
        result = found[item.id, segment]
        assert shown_value(item, data, OCTOBER, segment) == (result.value if result.shown else None), item.id


def refuse(*_args, **_more):
    raise AssertionError("a line over time needs no interval")
