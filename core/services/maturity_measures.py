"""The figures that maturity rules name, read from a month: KPIs, ratios of KPIs and evidence measures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import takewhile

from core.kpis import MEASURES, REGISTRY, evaluate
from core.kpis.result import KpiResult
from core.maturity.evidence import Measure, MeasureState, window_key
from core.model.capabilities import Capability
from core.month import Month
from core.services.decision_measures import COUNTS, council_record, decision_measure
from core.services.import_tests import LOAD_TESTS, load_measure, loads
from core.services.restatements import RESTATED, restatement_measure, vintages
from core.services.targets import Targets
from core.stats.months import shift_month


@dataclass(frozen=True)
class Figure:
    """A figure that rules name.

    Attributes:
        label: What a screen calls it.
        unit: How it is written.
        needs: Tables it is computed from.
        computed: Whether this version computes it; loading its tables alone does not make it testable otherwise.
    """

    label: str
    unit: str
    needs: tuple[str, ...]
    computed: bool = False


FIGURES: dict[str, Figure] = {
    name: Figure(item.label, item.unit, item.needs, computed=True) for name, item in MEASURES.items()
}
"""Figures of the capability files that are no KPIs: the evidence measures."""

RATIOS = {"cac_referral_to_paid_ratio": ("cac_referral", "cac_paid")}
"""Figures of rules that are one KPI over another."""

LONGEST = 13
"""Closed months a measure is looked back over."""


def measures_of(
    month: Month,
    metrics: Collection[str],
    targets: Targets,
    longest: int = LONGEST,
    compared: Mapping[str, int] | None = None,
) -> dict[str, Measure]:
    """The figures of a month as rules read them; those it does not compute are left out.

    A figure counts as measured in a month in which it may be shown. KPIs and evidence measures carry the months before,
    each with its own interval and sample; a ratio of KPIs carries their values alone, on the newest sample. The
    baseline of a KPI is the year before where its own window is a year.

    Args:
        month: The month.
        metrics: Ids of the figures.
        targets: What KPIs are to reach.
        longest: Months in a row that any rule asks for; a KPI is not looked back over more.
        compared: Months over which rules compare a KPI with something, by id; one not named stands on this month.
    """
    back = compared or {}
    found = {name: _measure(month, name, targets, longest, back.get(name, 1)) for name in metrics if name in REGISTRY}
    found |= {name: _evidence_measure(month, name) for name in metrics if name in MEASURES}
    found |= _of_records(month, {(name, 1): name for name in metrics})
    return found | {name: _ratio(month, *RATIOS[name], longest) for name in metrics if name in RATIOS}


def shown_measures(month: Month, names: Collection[str], targets: Targets | None = None) -> dict[str, Measure]:
    """KPIs of a month that may be shown, each with the year before as its baseline; the others are left out."""
    results = {name: month.kpis[name] for name in names if name in REGISTRY}
    return {
        name: Measure(
            value=result.value,
            low=result.low,
            high=result.high,
            n=result.n,
            months_measured=1,
            state=MeasureState(result.state.value),
            target=targets.value(name, month.month, month.currency) if targets else None,
            baseline=result.year_ago,
        )
        for name, result in results.items()
        if result.shown
    }


def windows_of(month: Month, capability: Capability) -> dict[str, Measure]:
    """Measures of the records a capability's rules name, for each number of months they ask for, by `window_key`."""
    wanted = {(each.metric, each.months) for each in capability.conditions}
    return _of_records(month, {(name, months): window_key(name, months) for name, months in wanted})


def _of_records(month: Month, keys: dict[tuple[str, int], str]) -> dict[str, Measure]:
    """Measures of the council's record and of the imports under the given keys, read when one is asked for."""
    asked = {at: key for at, key in keys.items() if at[0] in COUNTS}
    loaded = {months: key for (name, months), key in keys.items() if name == LOAD_TESTS}
    restated = {months: key for (name, months), key in keys.items() if name == RESTATED}
    found: dict[str, Measure] = {}
    if asked:
        record = council_record()
        found |= {key: decision_measure(record, month, name, months) for (name, months), key in asked.items()}
    if loaded:
        runs = loads()
        found |= {key: load_measure(runs, month, months) for months, key in loaded.items()}
    if restated:
        states = vintages()
        found |= {key: restatement_measure(states, month, months) for months, key in restated.items()}
    return found


def _measure(month: Month, name: str, targets: Targets, longest: int, compared: int) -> Measure:
    result, item = month.kpis[name], REGISTRY[name]
    return Measure(
        value=result.value,
        low=result.low,
        high=result.high,
        n=result.n,
        months_measured=_months_shown(month, name, longest),
        state=MeasureState(result.state.value),
        unlocked_by=tuple(table for table in item.needs if table not in month.loaded),
        target=targets.value(name, month.month, month.currency),
        baseline=result.year_ago if item.frame.endswith("_year") else None,
        window=_window(kpi_results(month, name, compared)) if compared > 1 else (),
    )


def kpi_results(month: Month, name: str, months: int) -> tuple[KpiResult, ...]:
    """A KPI of the last closed months with its interval in each, newest first."""
    item, whole = REGISTRY[name], month.kpi_input
    # facts alone hold their frames between months; only what reads records needs the whole input
    data = whole if item.from_records else whole.facts or whole

    def earlier(back: int) -> KpiResult:
        day = shift_month(month.month, -back)
        return data.kept(("kpi of a month", name, day), lambda: evaluate(item, data, day))

    return (month.kpis[name], *(earlier(back) for back in range(1, months)))


def _window(results: tuple[KpiResult, ...]) -> tuple[Measure, ...]:
    """Months in a row, newest first, in which a figure may be shown."""
    return tuple(
        Measure(result.value, result.low, result.high, result.n, 1, MeasureState(result.state.value))
        for result in takewhile(lambda result: result.shown, results)
    )


def measure_results(month: Month, name: str) -> tuple[KpiResult, ...]:
    """An evidence measure of the last closed months, newest first."""
    data = month.kpi_input

    def results() -> tuple[KpiResult, ...]:
        days = (shift_month(month.month, -back) for back in range(LONGEST))
        return tuple(evaluate(MEASURES[name], data, day, history=False) for day in days)

    return data.kept(("measure", name, month.month), results)


def _evidence_measure(month: Month, name: str) -> Measure:
    """An evidence measure with every closed month it was measured in without a gap."""
    results = measure_results(month, name)
    newest, window = results[0], _window(results)
    return Measure(
        value=newest.value,
        low=newest.low,
        high=newest.high,
        n=newest.n,
        months_measured=len(window),
        state=MeasureState(newest.state.value),
        unlocked_by=tuple(table for table in MEASURES[name].needs if table not in month.loaded),
        baseline=results[12].value if results[12].shown else None,
        window=window,
    )


def _ratio(month: Month, over: str, under: str, longest: int) -> Measure:
    """One KPI over another: as sure as the less sure of the two, on the smaller sample, without an interval."""
    upper, lower = month.kpis[over], month.kpis[under]
    worst = max(upper, lower, key=lambda result: _SURENESS.index(MeasureState(result.state.value)))
    state, n = MeasureState(worst.state.value), min(upper.n, lower.n)
    value = None
    if upper.shown and lower.shown and upper.value is not None and lower.value:
        value = upper.value / lower.value
    needs = dict.fromkeys((*REGISTRY[over].needs, *REGISTRY[under].needs))
    measured = min(_months_shown(month, name, longest) for name in (over, under))
    before = ((month.shown(over, back), month.shown(under, back)) for back in range(1, measured))
    values = (value, *(top / bottom if top is not None and bottom else None for top, bottom in before))
    return Measure(
        value=value,
        low=None,
        high=None,
        n=n,
        months_measured=measured,
        state=state,
        unlocked_by=tuple(table for table in needs if table not in month.loaded),
        window=tuple(Measure(each, None, None, n, 1, state) for each in values),
    )


_SURENESS = tuple(MeasureState)
"""Surest first: the order in which the states are declared."""


def _months_shown(month: Month, name: str, longest: int) -> int:
    """Months in a row, up to this one, in which a KPI may be shown; none before the first gap is computed."""
    values = (month.shown(name, back) for back in range(longest))
    return sum(1 for _ in takewhile(lambda value: value is not None, values))
