"""Of few customers Path and Overview write counts: a rate, a change or an average of money only where it may stand."""

import datetime as dt
import json
import re
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.charts.cards import cards_html
from core.charts.path import StageBar, stage_bars
from core.glossary import display, display_change, display_interval
from core.journey.path import customer_path
from core.kpis import REGISTRY, evaluate
from core.kpis.result import State
from core.model.exceptions import exception_rules
from core.model.journey import STAGES, journey_rules
from core.model.kpis import kpi_texts
from core.month import build_month
from core.services.overview import SHOWN, month_kpis, overview
from core.services.overview_bridge import WINDOWS, base_month
from core.services.overview_exceptions import exceptions
from core.services.overview_moves import moved, moved_rows
from core.services.path import path_json, path_view
from core.services.targets import Targets
from core.stats.months import shift_month
from core.stats.small_sample import judge_proportion
from pages._app.overview_boards import panels
from tests.companies import account, source, subscription
from tests.journey.paths import TODAY, company, customer

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A company takes a second to build, so a failing one is shown as it was drawn."""
RATE = re.compile(r"[−+]?\d[\d.,]*\s(?:%|pp)")
RULES = journey_rules()
USUAL = f"{100 * RULES.usual.share:.0f} %"


def on_the_path():
    """Up to five kinds of customers, each up to sixty times: how many stages they reached, and how fast."""
    one = st.tuples(
        st.integers(0, len(STAGES) - 1), st.integers(1, 60), st.booleans(), st.sampled_from(["SMB", "Large"])
    )
    return st.lists(st.tuples(one, st.integers(1, 60)), min_size=1, max_size=5)


def path_month(drawn):
    people = [kind for kind, times in drawn for _ in range(times)]
    start = dt.date(2025, 1, 1)
    customers, events = [], []
    for number, (stages, days, stays, segment) in enumerate(people):
        customers.append(customer(f"c{number}", left=None if stays else "2026-03-01", segment=segment))
        for place in range(1, stages + 1):
            events.append((f"c{number}", STAGES[place], start + dt.timedelta(days=days * place)))
    data = company(customers, events, since="2024-01-01")
    facts = SimpleNamespace(company="", segments=("Large", "SMB"))
    return SimpleNamespace(
        path=customer_path(data, RULES), path_input=data, facts=facts, currency="EUR", month=TODAY.replace(day=1),
        as_of=TODAY,
    )  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(on_the_path(), st.sampled_from([None, "SMB"]))
def test_a_step_of_the_path_has_a_share_or_days_only_where_they_may_be_shown(drawn, segment):
    month = path_month(drawn)
    view = path_view(month, segment)
    found = path_json(month) if segment is None else path_json(month, by_segment=True)[1:]
    steps = {step["start"]: step for step in found[0]["steps"]}
    for line in view.stages:
        assert not RATE.search(f"{line.label} {line.figures}")
        assert set(RATE.findall(f"{line.usual} {line.limit}")) <= {USUAL}
        step = steps.get(line.id)
        if step is None:
            assert not line.step
            continue
        share, days = line.step.split("; ")
        may = judge_proportion(step["went_on"], step["old_enough"]).show
        assert bool(RATE.search(share)) == may == (step["share"] is not None)
        assert may or str(step["went_on"]) in share or "nobody" in share
        assert ("half in" in days) == (step["median"] is not None)
        assert step["median"] is None or step["arrived"] >= 10
        assert ("of the customers got there by then" in line.usual) <= (
            next(at for at in month.path.steps if at.start == line.id).arrived >= RULES.usual.least_customers
            or "fewer than" in line.usual
        )
    words = [view.answer, view.note, view.title, *(part for fact in view.facts for part in fact)]
    words += [line.held_up for line in view.segments]
    assert not RATE.search(" ".join(words))
    bars = [StageBar(line.label, line.reached, line.here, line.late, line.figures, line.step) for line in view.stages]
    drawn_text = unescape(
        json.dumps(stage_bars(bars, title="", subtitle="").to_plotly_json(), default=str, ensure_ascii=False)
    )
    allowed = {rate for line in view.stages for rate in RATE.findall(line.step)}
    assert set(RATE.findall(drawn_text.replace("\\u00a0", " "))) <= allowed


def companies():
    """Accounts in two segments from few to more than enough, some of whom leave or grow, and spend for new ones."""
    block = st.tuples(
        st.integers(1, 60), st.sampled_from(["SMB", "Large"]), st.sampled_from(["stay", "leave", "grow"]),
        st.sampled_from(["2023-01-01", "2024-04-01", "2025-03-01"]),
    )  # fmt: skip
    return st.tuples(st.lists(block, min_size=1, max_size=5), st.booleans())


def spend(month):
    """A month of search advertising."""
    amounts = dict.fromkeys(("planned", "committed", "media", "people", "platform", "rewards"), 0) | {"media": 100_000}
    cents = {f"{name}_cents": amount for name, amount in amounts.items()}
    return {"month": month, "line": "search", "kind": "acquisition", "channel": "paid", "currency": "EUR", **cents}


def built(folder, drawn):
    blocks, with_spend = drawn
    rows = {"accounts": [], "subscriptions": []}
    for block, (size, segment, fate, start) in enumerate(blocks):
        for number in range(size):
            name, mrr = f"b{block}n{number}", 50 + 10 * (number % 5)
            rows["accounts"].append(account(name, segment=segment, channel="paid", channel_class="paid"))
            ends = "2025-09-01" if fate != "stay" and number % 3 == 0 else None
            rows["subscriptions"].append(subscription(name, start, ends, mrr))
            if ends and fate == "grow":
                rows["subscriptions"].append(subscription(name, ends, None, 2 * mrr))
    if with_spend:
        rows["spend"] = [spend(shift_month(dt.date(2022, 1, 1), at)) for at in range(48)]
    return build_month(dt.date(2025, 12, 31), source(folder, rows))


def figures_of(result):
    """Every rate of a result that may be written: its value, band and changes."""
    if not result.shown:
        return ""
    words = [display(result.value, result.unit), display_interval(result.low, result.high, result.unit)]
    words += [
        display_change(result.value, then, result.unit, result.currency)
        for then in (result.previous, result.year_ago)
        if then is not None
    ]
    return " ".join(words)


def read(html):
    """Text of HTML without definitions and method, which speak of rates in general."""
    kept = re.sub(
        r"<style>.*?</style>|<details>.*?</details>|<div class=\"rc-pop\".*?</div>", "", html, flags=re.DOTALL
    )
    return unescape(re.sub(r"<[^>]*>", " ", kept)).replace("95 %:", "").replace("95\N{NO-BREAK SPACE}%", "").replace(
        "95 % band", "")  # fmt: skip


def checked(drawn):
    with TemporaryDirectory() as folder:
        month = built(Path(folder), drawn)
        for segment in (None, "SMB"):
            view, results = overview(month, segment), month_kpis(month, segment)
            beside = [pair.counter for kpi, pair in exception_rules().pair.items() if kpi in SHOWN]
            allowed = " ".join(figures_of(results[kpi]) for kpi in (*SHOWN, *beside))
            allowed += " ".join(display(kpi_texts()[kpi].benchmark.value, "ratio") for kpi in SHOWN
                                if (found := kpi_texts()[kpi].benchmark) and found.value is not None)  # fmt: skip
            nrr = results["net_revenue_retention"]
            if nrr.shown:
                allowed += f" {nrr.value * 100:.0f} %"
            said = f"{view.answer} {read(cards_html(view.cards))}".replace("\N{NO-BREAK SPACE}", " ")
            known = set(RATE.findall(allowed.replace("\N{NO-BREAK SPACE}", " ")))
            assert set(RATE.findall(said)) <= known, (segment, said)
            told_of_moves(month, segment, results)
        for found in exceptions(month, SHOWN, Targets()):
            assert not found.kpi or month.kpis[found.kpi].shown


def told_of_moves(month, segment, results):
    data = month.facts.kpi_input
    for since in WINDOWS:
        window = (month.month, since)
        found, base = moved(month, segment, since, results["net_revenue_retention"]), base_month(month, since)
        both = [evaluate(REGISTRY["net_revenue_retention"], data, at, segment=segment) for at in (base, month.month)]
        may = all(result.shown and result.state is not State.IMPLAUSIBLE for result in both)
        retention = found.moves[0]
        written = f"{retention.title} {retention.subtitle} {retention.sentence}".replace("95 %:", "")
        assert bool(retention.bars) <= may and bool(RATE.search(written)) <= may, written
        for bar in retention.bars:
            assert not bar.note.startswith("too few") or bar.kind == "unclear"
        tabs = [rows.result.id for rows in moved_rows(month, segment, since)]
        assert ("net_revenue_retention" in tabs) == bool(retention.bars)
        if segment is None:
            cost = found.moves[1]
            assert ("cac_shift" in tabs) == bool(cost.bars)
            if cost.bars:
                notes = [
                    re.findall(r"(\d+) customers then, (\d+) now|too few: (\d+) then, (\d+) now", bar.note)
                    for bar in cost.bars
                ]
                sums = [[int(one or "0") for one in match] for each in notes for match in each]
                assert min(sum(row[0] + row[2] for row in sums), sum(row[1] + row[3] for row in sums)) >= 10
        view = overview(month, segment)
        drawn = read(panels(view, found, window, is_projected=False)).replace("\N{NO-BREAK SPACE}", " ")
        bridge_only = panels(view, type(found)(found.bridge, ()), window, is_projected=False)
        rates = set(RATE.findall(read(bridge_only).replace("\N{NO-BREAK SPACE}", " ")))
        shown = [
            evaluate(REGISTRY[kpi], month.kpi_input, month.month, segment=line.segment)
            for line in view.segments for kpi in ("net_revenue_retention", "gross_revenue_retention")
        ]  # fmt: skip
        may_stand = set(RATE.findall(" ".join(map(figures_of, shown)).replace("\N{NO-BREAK SPACE}", " ")))
        assert rates <= may_stand, rates - may_stand
        assert may or not (set(RATE.findall(drawn)) - may_stand)


@settings(max_examples=3, deadline=None, phases=UNSHRUNK)
@given(companies())
def test_the_overview_writes_no_rate_that_the_small_sample_rule_forbids(drawn):
    checked(drawn)


@pytest.mark.long
@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(companies())
def test_the_overview_writes_no_rate_that_the_small_sample_rule_forbids_in_many_companies(drawn):
    checked(drawn)
