"""Many figures over many months give what one figure and one month give, however little is kept."""

import datetime as dt

from core.kpis import REGISTRY
from core.kpis.inputs import FRAMES
from core.kpis.recent import Recent
from core.kpis.registry import histories, kpi_rows, series, shown_value
from core.month import build_month
from core.services.home import current_state, open_engine, open_source
from core.stats.months import shift_month

OCTOBER = dt.date(2026, 10, 1)
ITEMS = [REGISTRY[name] for name in ("net_revenue_retention", "mrr", "promoter_rate", "attach_rate", "ltv_to_cac")]


def fresh():
    state = current_state()
    return build_month(dt.date(2026, 10, 31), open_source(state, open_engine(state))).kpi_input


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
