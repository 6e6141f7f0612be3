"""The words of every KPI: question, population, window, what is left out, owner, source."""

from __future__ import annotations

from functools import lru_cache

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, parse, read
from core.settings import MODEL_DIR


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


@lru_cache(maxsize=1)
def kpi_texts() -> dict[str, KpiText]:
    """Definitions by KPI id, from data/model/kpis.toml."""
    entries = read(MODEL_DIR / "kpis.toml")
    return {name: parse(entry, KpiText, f"kpis.toml [{name}]") for name, entry in entries.items()}
