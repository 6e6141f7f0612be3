"""Cohorts: ages shown, measures and when two groups count as apart, from `data/model/cohorts.toml`."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

MeasureId = Literal["logo", "gross", "net", "arr", "margin", "adoption", "value"]
Kind = Literal["share", "part", "ratio", "mean"]
Months = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Ages:
    """Ages in months since the start.

    Attributes:
        columns: Columns of the triangle.
        monthly_until: Last column of the triangle where every month is asked for.
        compared: Ages two groups can be compared at.
        preferred: The one of them that is chosen at first.
        curve_step: Distance of the points of a curve.
    """

    columns: Annotated[tuple[Months, ...], Field(min_length=1)]
    monthly_until: Months
    compared: Annotated[tuple[Months, ...], Field(min_length=1)]
    preferred: Months
    curve_step: Months
    source: Text

    def __post_init__(self) -> None:
        if any(list(ages) != sorted(set(ages)) for ages in (self.columns, self.compared)):
            raise ValueError("ages must ascend")
        if self.preferred not in self.compared:
            raise ValueError(f"the preferred age must be one of those compared; found {self.preferred}")


@dataclass(frozen=True, config=STRICT)
class CalendarColumns:
    """Most columns of calendar quarters or months."""

    columns: Annotated[int, Field(ge=3)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class Landmark:
    """Age in months at which it is decided who counts as advocate."""

    months: Months
    source: Text


@dataclass(frozen=True, config=STRICT)
class Divergence:
    """From which relative gap on two groups deserve a look, and the customers each needs."""

    relative: Annotated[float, Field(gt=0, lt=1)]
    least_customers: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class Opening:
    """What the screen may open on, in order: measures within splits, the first whose difference may be shown."""

    splits: Annotated[tuple[Literal["channel", "segment", "tier", "product", "persona"], ...], Field(min_length=1)]
    measures: Annotated[tuple[MeasureId, ...], Field(min_length=1)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class CohortSize:
    """Customers a typical cohort should have, and the most groups shown beside one another."""

    typical_customers: Count
    most_groups: Annotated[int, Field(ge=2)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class Comparison:
    """Customers of the second group that a kind of customer needs; length of a start period in months."""

    least_untreated: Annotated[int, Field(ge=2)]
    start_months: Months
    source: Text


@dataclass(frozen=True, config=STRICT)
class Measure:
    """What is measured of a cohort at an age.

    Attributes:
        id: Permanent name.
        label: Name on a screen.
        kind: `share` of customers, `part` of a whole that no customer exceeds, `ratio` of sums over customers, or
            `mean` per customer won.
        unit: How its values are written.
        verb: What a group with more of it has done, after its name.
        says: One sentence for a reader who did not build it.
        formula: The formula in words.
        left_out: What it does not count.
        numerator: Quantity of the glossary that is summed per customer.
        denominator: Quantity it is taken of.
        needs: Tables it needs.
        source: Where the definition comes from.
    """

    id: MeasureId
    label: Text
    kind: Kind
    unit: Literal["ratio", "money"]
    verb: Text
    says: Text
    formula: Text
    left_out: Text
    numerator: Text
    denominator: Text
    needs: tuple[Text, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class CohortRules:
    """Everything `data/model/cohorts.toml` says."""

    ages: Ages
    calendar: CalendarColumns
    landmark: Landmark
    divergence: Divergence
    opening: Opening
    cohort: CohortSize
    comparison: Comparison
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        ids = [measure.id for measure in self.measures]
        if len(ids) != len(set(ids)):
            raise ValueError("ids of measures must be unique")

    @cached_property
    def by_id(self) -> dict[str, Measure]:
        """The measures by id, in the order of the file."""
        return {measure.id: measure for measure in self.measures}


def load_cohort_rules(folder: Path = MODEL_DIR) -> CohortRules:
    """Read `cohorts.toml` of `folder`. Raises ModelError naming every wrong key."""
    return load("cohorts.toml", CohortRules, folder)


@lru_cache(maxsize=1)
def cohort_rules() -> CohortRules:
    """The product's own rules, read once a process."""
    return load_cohort_rules()
