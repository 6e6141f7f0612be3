"""Numbers inside KPI definitions that the council may set: days, bands and tiers of data/model/kpi_rules.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.adoption_rules import CommunityRules, HealthRules, OnboardingRules, ServiceRules
from core.model.deal_rules import DealRules, FastLaneRules, ReferralRules
from core.model.holidays import holiday_calendar
from core.model.revenue_rules import AttachRules, ComparisonRules, EconomicsRules, LifetimeRules, RenewalRules
from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Tier = Literal["vip", "gold", "silver", "community"]
Days = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class TierRule:
    """A tier, and how many acts of which activities in twelve months reach it."""

    tier: Tier
    activities: Annotated[tuple[Text, ...], Field(min_length=1)]
    acts: Count
    source: Text


@dataclass(frozen=True, config=STRICT)
class ProgrammeRules:
    """The advocacy programme.

    Attributes:
        participation_days: Window in which an advocate takes part by doing something.
        second_act_days: Days after the first act in which the second counts as soon.
        settled_days: Days after enrolling in which a tier does not fall.
        tiers: Highest first; the first rule that is met decides.
    """

    participation_days: Days
    second_act_days: Days
    settled_days: Days
    tiers: tuple[TierRule, ...]
    source: Text


@dataclass(frozen=True, config=STRICT)
class VoicesRules:
    """What customers say.

    Attributes:
        promoter_at_least: Lowest NPS answer of a promoter.
        detractor_at_most: Highest NPS answer of a detractor.
        settled_days: Days after go-live before an account can be expected to speak for us.
    """

    promoter_at_least: Count
    detractor_at_most: Count
    settled_days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class LoadRules:
    """What customers carry.

    Attributes:
        ask_days: Window in which asks of one person are counted.
        asks_percentile: Percentile over people that is shown. [1-100]
        ask_limit: Most asks of one person in that window.
        busiest_share: Share of people called the busiest.
        use_days: Days in which a contribution should be used.
    """

    ask_days: Days
    asks_percentile: Annotated[int, Field(ge=1, le=100)]
    ask_limit: Count
    busiest_share: Annotated[float, Field(gt=0, le=1)]
    use_days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class CoverageRules:
    """When a thing counts as done, in the coverage measures of the maturity matrices.

    Attributes:
        thanks_days: Days to thank for an act.
        first_contact_hours: Hours to the first contact with a referred lead.
        onboarding_days: Days from the start of an account to its path and its first task.
        risk_days: Days before a renewal by which a play must be open.
        risk_intent_at_most: Highest stated intent to renew, 1 to 5, of an account at risk.
        score_days: Age of a score that still counts as fresh.
        review_late_days: Days an executive review may slip and still be on time.
        finance_tolerance: Largest difference from finance's own figure, as a fraction.
        renewal_days: Days before a renewal that are the renewal stage.
    """

    thanks_days: Days
    first_contact_hours: Count
    onboarding_days: Days
    risk_days: Days
    risk_intent_at_most: Count
    score_days: Days
    review_late_days: Annotated[int, Field(ge=0)]
    finance_tolerance: Share
    renewal_days: Days
    source: Text


@dataclass(frozen=True, config=STRICT)
class KpiRules:
    """Everything `data/model/kpi_rules.toml` says, one section a module."""

    programme: ProgrammeRules
    voices: VoicesRules
    load: LoadRules
    coverage: CoverageRules
    comparison: ComparisonRules
    renewal: RenewalRules
    attach: AttachRules
    lifetime: LifetimeRules
    economics: EconomicsRules
    referral: ReferralRules
    fast_lane: FastLaneRules
    deals: DealRules
    onboarding: OnboardingRules
    health: HealthRules
    service: ServiceRules
    community: CommunityRules


def load_kpi_rules(folder: Path = MODEL_DIR) -> KpiRules:
    """Read `kpi_rules.toml` of `folder`. Raises ModelError naming every wrong key, or a calendar nobody knows."""
    rules = load("kpi_rules.toml", KpiRules, folder)
    holiday_calendar(rules.fast_lane.calendar, folder)
    return rules


@lru_cache(maxsize=1)
def kpi_rules() -> KpiRules:
    """The product's own numbers, read once a process."""
    return load_kpi_rules()
