"""Windows and thresholds of renewals, value and economics: their sections of `data/model/kpi_rules.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Source = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class ComparisonRules:
    """How treated accounts are compared with others.

    Attributes:
        treated_months: Months before the start of the period in which an enrolment makes an account treated.
        washout_months: Months before those; accounts enrolled only then are in neither group.
        size_bands: Bands of starting revenue inside each segment.
        tenure_months: Months as a customer at which a new band of tenure begins.
        least_untreated: Untreated accounts a stratum needs.
        source: Where the values come from.
    """

    treated_months: Count
    washout_months: Count
    size_bands: Count
    tenure_months: tuple[Count, ...]
    least_untreated: Annotated[int, Field(ge=2)]
    source: Source


@dataclass(frozen=True, config=STRICT)
class RenewalRules:
    """Which renewals count, and whose account speaks for us beforehand.

    Attributes:
        grace_days: Days after the due date in which a renewal still counts. [days]
        window_days: Days before the due date at which an account's status as an advocate is read. [days]
        advocate_days: Days before that in which a completed act makes an account an advocate. [days]
        intent_ahead_days: Renewals due within this many days are asked for their intent. [days]
        intent_stale_days: Answers older than this do not count. [days]
        likely_from: Least answer, of 1 to 5, that counts as likely to renew.
        intent_chance: Chance of renewing that the answers 1 to 5 stand for. [ratio]
        customer_words: Spellings of `intent_by` that mean the customer; an empty one means the customer too.
        source: Where the values come from.
    """

    grace_days: Count
    window_days: Count
    advocate_days: Count
    intent_ahead_days: Count
    intent_stale_days: Count
    likely_from: Annotated[int, Field(ge=1, le=5)]
    intent_chance: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=5, max_length=5)]
    customer_words: tuple[str, ...]
    source: Source


@dataclass(frozen=True, config=STRICT)
class AttachRules:
    """What makes a product an add-on.

    Attributes:
        beside_share: Least share of its payers who pay for the same other product as well.
        early_days: Days after the first purchase of the base within which attaching is early. [days]
        source: Where the values come from.
    """

    beside_share: Share
    early_days: Count
    source: Source


@dataclass(frozen=True, config=STRICT)
class LifetimeRules:
    """How lifetime and the survival of customers are measured.

    Attributes:
        horizon_months: Months of margin that count. [months]
        yearly_discount: Discount rate. [ratio/year]
        cohort_months: Customers won in this many months to month end are followed. [months]
        least_at_risk: A curve of survival is cut where fewer customers are still followed.
        least_accounts: Customers needed behind a lifetime value.
        least_losses: Customers lost that are needed behind it.
        compared_after_months: Age at which referred customers are compared with others. [months]
        also_after_months: A later age, beside it. [months]
        source: Where the values come from.
    """

    horizon_months: Annotated[int, Field(ge=2)]
    yearly_discount: Annotated[float, Field(ge=0, lt=1)]
    cohort_months: Count
    least_at_risk: Count
    least_accounts: Count
    least_losses: Count
    compared_after_months: Count
    also_after_months: Count
    source: Source


@dataclass(frozen=True, config=STRICT)
class EconomicsRules:
    """How acquisition cost is split and what one more per cent of spend is.

    Attributes:
        least_channel_customers: New customers a kind of channel needs in both years to stand alone.
        marginal_step: Share of today's spend whose return is asked for. [ratio]
        source: Where the values come from.
    """

    least_channel_customers: Count
    marginal_step: Share
    source: Source
