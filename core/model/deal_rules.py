"""Days, hours and bands inside the definitions of referrals, deals and references."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT

Days = Annotated[int, Field(ge=1)]
Hour = Annotated[float, Field(ge=0, le=24)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class ReferralRules:
    """What becomes of a referral, and in which time.

    Attributes:
        credit_days: Days the first referrer of a company keeps the credit.
        accepted_within_days: Calendar days from the submission sales have to accept a lead.
        won_within_days: Days a lead has to become a customer.
        curve_days: Days after which the share won so far is stated.
    """

    credit_days: Days
    accepted_within_days: Days
    won_within_days: Days
    curve_days: tuple[Days, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class FastLaneRules:
    """How soon a referred company hears from a person, in hours that the team works.

    Attributes:
        within_hours: Working hours until the first contact.
        opens: Hour a working day starts, in `zone`.
        closes: Hour it ends; later than `opens`.
        working_days: Days of the week, 1 is Monday.
        zone: IANA zone of the team.
        calendar: Public holidays of the team, one of data/model/holidays.toml.
    """

    within_hours: Annotated[float, Field(gt=0)]
    opens: Hour
    closes: Hour
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    zone: Text
    calendar: Text
    source: Text


@dataclass(frozen=True, config=STRICT)
class DealRules:
    """How deals are valued and compared.

    Attributes:
        settled_after_days: Days after which the first amount of a deal counts.
        match_on: What a referred deal has in common with those it is compared with.
        size_bands: Bands of size within a segment, of equal numbers of deals.
        created_months: Months whose new deals tell how long a decision takes.
        busiest: Number of people whose share of the references is stated.
    """

    settled_after_days: Annotated[int, Field(ge=0)]
    match_on: Annotated[
        tuple[Literal["segment", "industry", "region", "size_band", "entry_stage"], ...], Field(min_length=1)
    ]
    size_bands: Annotated[int, Field(ge=1)]
    created_months: Annotated[int, Field(ge=1)]
    busiest: Annotated[int, Field(ge=1)]
    source: Text
