"""The words of every KPI: question, population, window, what is left out, owner, source."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load_tables


@dataclass(frozen=True, config=STRICT)
class Benchmark:
    """What others publish of the same figure; shown with its grade, never used in a calculation.

    Attributes:
        says: The published figure and whom it is about.
        source: Who published it.
        grade: A primary, B careful secondary, C vendor marketing or unsourced, D template of unknown origin.
        value: The figure itself, in the KPI's unit (ratios as fractions), where it is one number.
        is_median: Whether that number is the median of the companies it is about.
    """

    says: str
    source: str
    grade: Literal["A", "B", "C", "D"]
    value: float | None = None
    is_median: bool = False


@dataclass(frozen=True, config=STRICT)
class KpiText:
    """Definition of one KPI as readers see it.

    Attributes:
        question: The question the figure answers.
        says: What it says, in one sentence.
        population: Who is counted.
        window: Over which time.
        left_out: What is not counted.
        owner: Who answers for it.
        when_empty: Why it has no value when its denominator is empty.
        source: Where the definition comes from.
        plausible: Range outside which the figure is flagged; None where any value can be true.
        mistakes: How this figure is commonly got wrong, in one sentence.
        benchmark: What others publish; None when no published figure was found.
        is_monthly_flow: Whether it counts what happened in one month (a number or money), so that one month says
            little and a change is told from means of months.
    """

    question: str
    says: str
    population: str
    window: str
    left_out: str
    owner: str
    when_empty: str
    source: str
    plausible: tuple[float, float] | None = None
    mistakes: str | None = None
    benchmark: Benchmark | None = None
    is_monthly_flow: bool = False


@lru_cache(maxsize=1)
def kpi_texts() -> dict[str, KpiText]:
    """Definitions by KPI id, from data/model/kpis: one file per module of core/kpis. Raises ModelError."""
    return load_tables("kpis", KpiText)
