"""A month as one object: facts, records, figures and scores, each part computed when first asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from core.advocacy.guardrails import guardrails
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.propensity import Propensity
from core.advocacy.score import Scores
from core.budget.response import ResponseDraws, prior_draws
from core.cohorts.inputs import CohortInput
from core.journey.inputs import PathInput
from core.journey.path import Path, customer_path
from core.kpis import REGISTRY, evaluate
from core.kpis.inputs import KpiInput
from core.kpis.registry import histories, series, shown_value
from core.kpis.result import KpiResult
from core.model.advocacy import AdvocacyRules
from core.model.advocacy_settings import Setting, rules_in_force
from core.model.journey import journey_rules
from core.model.plays import load_plays
from core.month.cohorts import cohort_input
from core.month.contacts import advocacy_input, facts_by_rules
from core.month.erased import without_addresses, without_erased
from core.month.facts import FactMonth
from core.month.lazy import Lazy
from core.month.lines import budget_lines
from core.month.lists import Lists
from core.month.path import path_input
from core.month.pool import PoolFigures, month_gives, pool_figures
from core.month.propensity import month_propensity
from core.month.requests import known_referrals, open_deals, reference_needs
from core.month.reuse import scores_of
from core.month.source import Source, overrides_frame
from core.month.tables import record_tables
from core.schema import TABLES
from core.stats.months import month_of, shift_month

BUDGET_SEED = 20_261
CHECKED_BY_ROW = frozenset({"consents", "outcomes", "asks"})
"""Tables a guardrail reads: recorded one by one, a row settles the guardrail of its contact and of nobody else."""
RECORD_TABLES = frozenset(table.name for table in TABLES.values() if table.group == "record")


@dataclass(frozen=True)
class Month:
    """Everything one month says. Screens, the command line and exports are views of it.

    Attributes:
        facts: The part that rests on facts alone; shared by every Month of the same facts.
        records: Record tables as frames, by name.
        loaded: Tables of the contract that hold rows, facts and records.
        key: Identifies facts, model, revisions of the records and of what people set.
        figures_key: The same without what people set: settings of advocacy and scores by hand.
        settings: Every setting people laid over the rules of advocacy.
        overrides: Every score ever set by hand, as `Source` has them.
        stated: Record tables of which only rows made in the product exist.
    """

    facts: FactMonth
    records: dict[str, pd.DataFrame]
    loaded: frozenset[str]
    key: str
    figures_key: str = ""
    settings: tuple[Setting, ...] = ()
    overrides: pd.DataFrame = field(default_factory=lambda: overrides_frame(()))
    stated: frozenset[str] = frozenset()

    @property
    def as_of(self) -> dt.date:
        """Last visible day."""
        return self.facts.as_of

    @property
    def month(self) -> dt.date:
        """First day of the month."""
        return self.facts.month

    @property
    def currency(self) -> str:
        """Reporting currency."""
        return self.facts.currency

    @cached_property
    def kpi_input(self) -> KpiInput:
        """What the KPIs are computed from, records included."""
        facts = self.facts.kpi_input
        return facts.with_records({**facts.tables, **record_tables(self)}, self.loaded)

    @cached_property
    def kpis(self) -> Mapping[str, KpiResult]:
        """Every KPI of the registry, in its order, each computed when asked for."""
        facts = self.facts.kpis
        return Lazy(
            REGISTRY,
            lambda name: facts[name] if name in facts else evaluate(REGISTRY[name], self.kpi_input, self.month),
        )

    @cached_property
    def history(self) -> Mapping[str, tuple[float | None, ...]]:
        """The last thirteen months of every KPI, oldest first, each computed when asked for."""
        facts = self.facts.history
        return Lazy(
            REGISTRY,
            lambda name: facts[name] if name in facts else series(REGISTRY[name], self.kpi_input, self.month),
        )

    def histories(self, names: Iterable[str], segment: str | None = None) -> Mapping[str, tuple[float | None, ...]]:
        """The last thirteen months of several KPIs, oldest first; for who asks for more than one.

        Month after month, so that what figures share of a month is put together once however large it is.

        Args:
            names: Ids of the KPIs.
            segment: Only this segment; None for all.
        """
        wanted = tuple(names)
        found: dict[str, tuple[float | None, ...]] = {}
        for data in (self.facts.kpi_input, self.kpi_input):
            own = [REGISTRY[name] for name in wanted if self.input_of(name) is data]
            found |= histories(own, data, self.month, segment=segment)
        return {name: found[name] for name in wanted}

    def shown(self, name: str, back: int) -> float | None:
        """A KPI some months before this one; None where it may not be shown. One month alone, not its history."""
        return shown_value(REGISTRY[name], self.input_of(name), shift_month(self.month, -back))

    def input_of(self, name: str) -> KpiInput:
        """What a KPI is computed from: facts alone where it reads no record."""
        return self.kpi_input if REGISTRY[name].from_records else self.facts.kpi_input

    @cached_property
    def advocacy_rules(self) -> AdvocacyRules:
        """Weights, thresholds, caps and rests of this month: the model file with the settings laid over it."""
        return rules_in_force(self.settings, self.month)

    @cached_property
    def contact_facts(self) -> pd.DataFrame:
        """What facts say of every contact who was not erased, a detractor being what the rules of the month say."""
        whole, people = facts_by_rules(self.facts, self.advocacy_rules), self.records["people"]
        return self.facts.memory.kept("contacts", (whole, people), lambda: without_erased(whole, people))

    @cached_property
    def advocacy_input(self) -> AdvocacyInput:
        """What the scores and guardrails are computed from."""
        return advocacy_input(self)

    @cached_property
    def scores(self) -> Scores:
        """Health, readiness and engagement of every contact."""
        return scores_of(self.facts.memory, self.advocacy_input, self.advocacy_rules)

    @cached_property
    def guards(self) -> pd.DataFrame:
        """State of every guardrail for every contact."""
        return guardrails(self.advocacy_input, self.advocacy_rules)

    @cached_property
    def _lists(self) -> dict[dt.date, Lists]:
        return {}

    def list_day(self, day: dt.date | None) -> dt.date:
        """The day lists and saves judge rests on, consents too: the working day in the newest month, once it is later.

        Args:
            day: The working day; None is the month's last day, as in an earlier month.
        """
        return max(day or self.as_of, self.as_of) if self.facts.newest else self.as_of

    def on(self, day: dt.date | None) -> Lists:
        """The lists of a working day; figures know those of the month's last day alone.

        Args:
            day: As in `list_day`.
        """
        wanted = self.list_day(day)
        if (found := self._lists.get(wanted)) is None:
            if len(self._lists) > 1:  # that of the month's last day and of an earlier working day
                self._lists.clear()
            found = self._lists.setdefault(wanted, Lists(self, wanted))
        return found

    @property
    def next_asks(self) -> pd.DataFrame:
        """Next ask of every contact on the month's last day, for figures."""
        return self.on(None).next_asks

    @cached_property
    def cohort_input(self) -> CohortInput:
        """What cohorts are computed from."""
        return cohort_input(self)

    @cached_property
    def path_input(self) -> PathInput:
        """What the path from contract to referrer is computed from."""
        return path_input(self)

    @cached_property
    def path(self) -> Path:
        """Every customer at its furthest stage of the path, and how long steps take."""
        return customer_path(self.path_input, journey_rules())

    @property
    def standings(self) -> pd.Series:
        """State of the next ask of every contact on the month's last day, for figures."""
        return self.on(None).standings

    @cached_property
    def open_deals(self) -> pd.DataFrame:
        """Opportunities open on the month's last day, with their stage."""
        return open_deals(self)

    @cached_property
    def propensity(self) -> Propensity:
        """Learned chance that an ask is completed, with its test; ranks only where it wins."""
        return month_propensity(self)

    @cached_property
    def next_gives(self) -> pd.DataFrame:
        """Next give of every contact."""
        sources = self.contact_facts, self.records["interests"], self.records["rewards"]
        return self.facts.memory.kept("gives", sources, lambda: month_gives(self))

    @cached_property
    def pool_figures(self) -> PoolFigures:
        """Load, hours, gaps and trust of the pool."""
        return pool_figures(self)

    @property
    def reference_pool(self) -> pd.DataFrame:
        """Who may be asked for a reference on the month's last day, for figures."""
        return self.on(None).reference_pool

    @cached_property
    def reference_needs(self) -> pd.DataFrame:
        """Every reference request with its deal and the ask behind it."""
        return reference_needs(self)

    @cached_property
    def known_referrals(self) -> pd.DataFrame:
        """Every referral with its referrer, its deal and whether it counts as a lead."""
        return known_referrals(self)

    @cached_property
    def responses(self) -> ResponseDraws:
        """Response of every budget line with spend, as draws; its `lines` are the budget lines."""
        return prior_draws(budget_lines(self.facts), load_plays(), np.random.default_rng(BUDGET_SEED))


def build_month(as_of: dt.date, source: Source, facts: FactMonth | None = None) -> Month:
    """The month that ends on `as_of`.

    Args:
        as_of: Last visible day.
        source: The company.
        facts: The fact part, when it is already there; it must have the source's facts key and the same day.

    Returns:
        The month; its parts are computed when first asked for.
    """
    if facts is None or facts.key != source.facts_key or facts.as_of != as_of:
        facts = build_facts(as_of, source)
    key, figures_key = month_keys(source.facts_key, source.records_key, source.judgement_key, as_of)
    return Month(
        facts,
        without_addresses(source.records, facts.memory),
        source.loaded,
        key,
        figures_key,
        source.settings,
        source.overrides,
        source.stated & CHECKED_BY_ROW,
    )


def month_keys(facts_key: str, records_key: str, judgement_key: str, as_of: dt.date) -> tuple[str, str]:
    """What identifies a month: with what people set, and without."""
    figures = f"{facts_key}:{records_key}:{as_of}"
    return f"{figures}:{judgement_key}", figures


def build_facts(as_of: dt.date, source: Source) -> FactMonth:
    """The fact part of a month; lazy, as the month itself."""
    newest = not source.months or month_of(as_of) >= source.months[0]
    return FactMonth(
        source.engine, as_of, source.loaded - RECORD_TABLES, source.reporting, source.facts_key, newest, source.company,
        source.known_until,
    )  # fmt: skip
