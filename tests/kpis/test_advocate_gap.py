"""Advocates beside accounts alike: who is on which side, the gap by hand, a planted gap the plain one misses."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import MEASURES, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from core.month import build_month
from core.stats.months import month_end
from tests.companies import account, source, subscription
from tests.kpis import recovery_lift
from tests.kpis.test_programme import DECEMBER, done, person

ITEM = MEASURES["nrr_advocate_gap"]
ACTED = {
    "acted": "2024-12-31",
    "acted early": "2024-01-01",
    "acted long ago": "2023-12-31",
    "acted after the start": "2025-01-01",
}


def small(**mrr):
    """Accounts at 100 a month since 2022 with the MRR given from July 2025 on."""
    names = {**dict.fromkeys(ACTED, 100), "one": 100, "two": 100} | mrr
    rows = []
    for name, now in names.items():
        rows.append(subscription(name, "2022-01-01", "2025-07-01", 100))
        if now:
            rows.append(subscription(name, "2025-07-01", None, now))
    return {
        "accounts": [account(name, segment="SMB") for name in names],
        "subscriptions": rows,
        "contacts": [person(f"of {name}", name) for name in ACTED],
        "asks": [ask for name, on in ACTED.items() for ask in done(f"of {name}", on)],
    }


def test_an_advocate_acted_in_the_year_before_and_old_acts_are_on_neither_side(company):
    frame = company(small()).frame("advocate_year", DECEMBER).set_index("account_id")
    assert frame["treated"].to_dict() == {
        "acted": 1,
        "acted early": 1,
        "acted after the start": 0,
        "one": 0,
        "two": 0,
    }
    assert frame["compared_as"].astype("str")["acted"] == "advocate"


def test_the_gap_is_worked_by_hand_and_its_rows_sum_to_it(company):
    """Advocates 130 and 90 of 200; alike 100, 0 and 120 of 300: 110 % less 73 1/3 %."""
    data = company(small(**{"acted": 130, "acted early": 90, "one": 0, "two": 120}))
    assert ITEM.function(**totals(ITEM, kpi_rows(ITEM, data, DECEMBER))) == pytest.approx(1.1 - 220 / 300)


def test_few_advocates_are_no_figure_and_unknown_acts_are_said(company):
    result = evaluate(ITEM, company(small()), DECEMBER)
    assert result.state is State.TOO_FEW and result.reason.startswith("too few: 2 and 3 accounts")
    late = evaluate(ITEM, company(small()), dt.date(2024, 6, 1))
    assert late.reason == "asks and acts are known from 2023-12, the window begins 2022-07"


def acting(rng):
    """The planted company of the lift, its entries into a play turned into acts of a contact."""
    rows, truth = recovery_lift.world(rng)
    entries = [(row["account_id"], row["at"].date().isoformat()) for row in rows.pop("interactions")]
    contacts = [person(f"of {name}", name) for name, _ in entries]
    asks = [ask for name, on in entries for ask in done(f"of {name}", on)]
    return rows | {"contacts": contacts, "asks": asks}, truth["nrr_lift_pp"]


def test_a_planted_gap_is_found_where_the_plain_difference_says_too_much(tmp_path):
    rng, errors, plain = np.random.default_rng(7), [], []
    for place in range(6):
        rows, truth = acting(rng)
        folder = tmp_path / str(place)
        folder.mkdir()
        data = build_month(month_end(DECEMBER), source(folder, rows)).kpi_input
        result, frame = evaluate(ITEM, data, DECEMBER), data.frame("advocate_year", DECEMBER)
        sides = frame.groupby("treated")[["ending_mrr", "starting_mrr"]].sum()
        ratio = sides["ending_mrr"] / sides["starting_mrr"]
        errors.append(result.value - truth)
        plain.append(ratio[1] - ratio[0] - truth)
        assert result.low < result.value < result.high
    assert abs(np.mean(errors)) < 0.02 < np.mean(plain)
