"""How much later imports moved the figures of a month: the facts that first covered it beside those of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from sqlmodel import select

from core.kpis import REGISTRY, evaluate
from core.maturity.evidence import Measure, MeasureState
from core.month import Month
from core.services.home import Source, State, build_facts, current_state, manifest_of, open_engine, records_database
from core.settings import settings
from core.stats.months import month_end, shift_month
from core.store.import_runs import standing_runs
from core.store.tables import ManifestRow

RESTATED = "restatement_rate"
"""Id of the evidence measure."""
HEADLINES = ("arr", "net_revenue_retention", "gross_revenue_retention")
"""Figures that are compared: what the council is told of revenue, from facts alone."""
REVENUE = ("subscriptions", "accounts", "fx_rates")
"""Fact tables they are made of."""
LONGEST = 13
"""Closed months the measure is looked back over."""
WHY_NONE = "no import of subscriptions came after the one that first covered a month"


@dataclass(frozen=True)
class Vintage:
    """The facts as an import left them; their parts are kept while the import stands.

    Attributes:
        manifest_hash: Names them.
        known_until: Day up to which they were complete: the newest day any import so far described.
        revenue: Whether the import brought subscriptions, so that it could move earlier figures.
    """

    manifest_hash: str
    known_until: dt.date
    revenue: bool


def vintages() -> tuple[Vintage, ...]:
    """The facts after every import that was not taken back, oldest first."""
    with records_database().read() as session:
        runs = standing_runs(session)[::-1]
        rows = session.exec(select(ManifestRow.id, ManifestRow.hash))
        names: dict[int | None, str] = dict(rows.all())
    days = accumulate((run.as_of or dt.date.min for run in runs), max)
    return tuple(
        Vintage(names[run.manifest_id], day, "subscriptions" in run.changes)
        for run, day in zip(runs, days, strict=True)
    )


def restatement_measure(found: Sequence[Vintage], month: Month, months: int) -> Measure:
    """The largest restatement of the newest closed months a later import could have moved.

    restatement = max over figures of |today / first - 1|

    First is the figure by the facts of the first import that covered the month, today by those of now; both as of the
    month's last day. Months since the last import of subscriptions wait: nothing could have moved them yet.

    Args:
        found: The facts after every import.
        month: The month.
        months: Closed months it must hold over.

    Returns:
        A census: no interval, n is the number of figures compared; undefined where no month was covered by an earlier
        import than the last one.
    """
    shown = tuple(_restated(found, month, months))
    if not shown:
        return Measure(None, None, None, 0, 0, MeasureState.UNDEFINED)
    return Measure(max(max(each) for each in shown), None, None, sum(map(len, shown)), len(shown))


def _restated(found: Sequence[Vintage], month: Month, months: int) -> Iterator[tuple[float, ...]]:
    """Changes of the figures of each month, newest first, at most `months` of them; ends with the first gap."""
    now, wanted = current_state(), months
    for back in range(LONGEST):
        day = shift_month(month.month, -back)
        place = next((at for at, each in enumerate(found) if each.known_until >= month_end(day)), None)
        later = place is not None and any(each.revenue for each in found[place + 1 :])
        if wanted == months and not later:
            continue
        changes = _changes(found[place].manifest_hash, now, day) if place is not None and later else ()
        if not changes or not wanted:
            return
        wanted -= 1
        yield changes


def _changes(first: str, now: State, day: dt.date) -> tuple[float, ...]:
    """Relative change of every figure that both facts have; empty where they have none, or parts are gone."""
    then = replace(now, manifest_hash=first)
    before, after = manifest_of(then), manifest_of(now)
    if any(not (settings().facts_dir / name).exists() for table in REVENUE for name in before.files(table)):
        return ()
    figures = _figures(now.manifest_hash, now.facts_key, day)
    same = all(before.of(table) == after.of(table) for table in REVENUE)
    earlier = figures if same else _figures(first, now.facts_key, day)
    both = ((one, other) for one, other in zip(earlier, figures, strict=True) if one and other is not None)
    return tuple(abs(other / one - 1) for one, other in both)


@lru_cache(maxsize=64)
def _figures(manifest_hash: str, _facts_key: str, day: dt.date) -> tuple[float | None, ...]:
    """The headline figures of a month by some facts, as of its last day; `_facts_key` says which model and currency."""
    state = replace(current_state(), manifest_hash=manifest_hash, facts_key=manifest_hash)
    engine = open_engine(state)
    source = Source(engine, {}, engine.tables, settings().council_currency, manifest_hash, "", ())
    data = build_facts(month_end(day), source).kpi_input
    return tuple(evaluate(REGISTRY[name], data, day, history=False).value for name in HEADLINES)
