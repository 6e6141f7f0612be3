"""Numbers inside the definitions of value, service and community: sections of data/model/kpi_rules.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT

Severity = Literal["1", "2", "3", "4"]
Positive = Annotated[int, Field(ge=1)]
Hours = Annotated[float, Field(gt=0)]
Score = Annotated[float, Field(ge=0, le=100)]
Source = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class OnboardingRules:
    """The first weeks of a customer.

    Attributes:
        activation_days: Days after the start in which a new account should be active.
        marks: Days after the start at which the share that got there is given.
    """

    activation_days: Positive
    marks: Annotated[tuple[Positive, ...], Field(min_length=1)]
    source: Source


@dataclass(frozen=True, config=STRICT)
class HealthRules:
    """Bands of account health.

    Attributes:
        healthy_from: Lowest health of the green band. [0-100]
        at_risk_below: Health under this is the red band. [0-100]
        settling_days: An account younger than this is neither: it is being onboarded.
    """

    healthy_from: Score
    at_risk_below: Score
    settling_days: Positive
    source: Source


@dataclass(frozen=True, config=STRICT)
class ServiceRules:
    """What customers were promised.

    Attributes:
        satisfied_from: Lowest CSAT answer of a satisfied customer, on the scale 1 to 5.
        first_response_hours: Clock hours to the first human answer, by severity of the ticket.
        review_days: Days a review may be held before or after the planned day.
    """

    satisfied_from: Annotated[int, Field(ge=1, le=5)]
    first_response_hours: Annotated[dict[Severity, Hours], Field(min_length=4)]
    review_days: Annotated[int, Field(ge=0)]
    source: Source


@dataclass(frozen=True, config=STRICT)
class CommunityRules:
    """The community.

    Attributes:
        days: Length of the window that ends with the month; at most the shortest month.
    """

    days: Annotated[int, Field(ge=1, le=28)]
    source: Source
