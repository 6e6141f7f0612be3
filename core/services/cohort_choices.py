"""What can be chosen on the Cohorts screen, before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass

from core.cohorts.groups import Split, grouping
from core.cohorts.triangle import Width, fitting_width, periods
from core.model.cohorts import cohort_rules
from core.month import Month


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen for a month and a split.

    Attributes:
        groups: Groups, the most telling first.
        quarters: Start quarters with customers, oldest first.
        ages: Ages of a comparison that somebody reached. [months]
        width: Length of a start period that fits the number of customers.
        gap: Why there are no groups, in words; None when there are some.
    """

    groups: tuple[str, ...]
    quarters: tuple[str, ...]
    ages: tuple[int, ...]
    width: Width
    gap: str | None


def choices(month: Month, split: Split) -> Choices:
    """What can be chosen, before anything is measured."""
    data = month.cohort_input
    groups = grouping(data, split)
    ages = tuple(age for age in cohort_rules().ages.compared if age <= groups.customers.last_age)
    return Choices(
        groups=groups.names,
        quarters=tuple(period.label for period in periods(groups.customers, "quarter")),
        ages=ages or cohort_rules().ages.compared[:1],
        width=fitting_width(groups.customers),
        gap=groups.gap,
    )
