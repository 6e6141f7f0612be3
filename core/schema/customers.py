"""Facts about customers: who they are, what they pay, use, answer and complain of."""

from __future__ import annotations

from typing import Literal

from core.schema.base import (
    Cents,
    Contract,
    Currency,
    Day,
    Flag,
    Fraction,
    Id,
    Instant,
    Integer,
    Month,
    Text,
    choice,
    col,
    opt,
    table,
)


@table(
    group="fact",
    key=("account_id", "valid_from"),
    event_date="start_date",
    unlocks="every screen: accounts are who the figures are about",
)
class Accounts(Contract):
    """One row per customer account and version of its attributes."""

    account_id: Id = col("Your own id of the account.")
    valid_from: Day | None = opt("First day these attributes held; empty means from the beginning.")
    parent_id: Id | None = opt("Account this one belongs to; figures count the parent once.")
    name: Text = col("Name of the customer.")
    segment: Text | None = opt("Segment, for example Enterprise.")
    industry: Text | None = opt("Industry.")
    region: Text | None = opt("Region or country.")
    product_tier: Text | None = opt("Tier or plan the customer is on.")
    use_case: Text | None = opt("What the customer uses the product for.")
    employees: Integer | None = opt("Number of employees.", low=0)
    start_date: Day = col("Effective date of the first contract.")
    go_live_on: Day | None = opt("Day the customer went live.")
    acquisition_channel: Text | None = opt("First source; kept as first told, whatever a later file says.")
    referrer_contact_id: Id | None = opt("Contact who referred this customer.")
    icp_fit: Fraction | None = opt("Fit with the ideal customer profile, 0 to 1.", low=0, high=1)
    owner_id: Id | None = opt("Who looks after the account.")


@table(
    group="fact",
    key=("contact_id", "valid_from"),
    event_date="joined_on",
    unlocks="Advocates: whom to ask",
    references={"account_id": "accounts"},
)
class Contacts(Contract):
    """One row per person at a customer and version; names live in `people`."""

    contact_id: Id = col("Your own id of the contact.")
    valid_from: Day | None = opt("First day these attributes held; empty means from the beginning.")
    account_id: Id = col("Account the contact belongs to.")
    persona: Text | None = opt("Role, for example Head of Operations.")
    joined_on: Day | None = opt("First day known at the account.")
    left_on: Day | None = opt("Day the person left the company.")


@table(
    group="fact",
    key=("subscription_id", "start_date"),
    event_date="start_date",
    plans=("end_date",),
    unlocks="Overview: ARR, net and gross revenue retention, churn",
    references={"account_id": "accounts"},
)
class Subscriptions(Contract):
    """One row per subscription and period of unchanged terms; ends are exclusive."""

    subscription_id: Id = col("Your own id of the subscription.")
    account_id: Id = col("Account that pays.")
    product: Text = col("Product or plan.")
    quantity: Integer = col("Seats or units.", low=0)
    mrr_cents: Cents = col("Monthly recurring revenue net of discounts, in cents.", low=0)
    currency: Currency = col("ISO 4217 code of the amount.")
    start_date: Day = col("First day of these terms.")
    end_date: Day | None = opt("First day no longer paid for; empty means open.")
    is_trial: Flag = col("Whether this is a trial; trials count nowhere in revenue.")


@table(
    group="fact",
    key=("renewal_id",),
    plans=("due_on",),
    unlocks="renewal rate, and the renewal window in which nobody is asked",
    references={"account_id": "accounts"},
)
class Renewals(Contract):
    """One row per renewal that falls due."""

    renewal_id: Id = col("Your own id of the renewal.")
    account_id: Id = col("Account up for renewal.")
    subscription_id: Id | None = opt("Subscription up for renewal.")
    opportunity_id: Id | None = opt("Opportunity that tracks it.")
    due_on: Day = col("Day the renewal falls due.")
    mrr_due_cents: Cents = col("MRR up for renewal, in cents.", low=0)
    mrr_renewed_cents: Cents | None = opt("MRR renewed, in cents.", low=0)
    currency: Currency = col("ISO 4217 code.")
    closed_on: Day | None = opt("Day it was decided.")
    stated_intent: Integer | None = opt("Customer's stated intent, 1 to 5.", low=1, high=5)
    intent_on: Day | None = opt("Day the intent was stated.")
    intent_by: Text | None = opt("Who stated it.")


@table(
    group="fact",
    key=("response_id",),
    event_date="answered_at",
    unlocks="promoter rate, customer satisfaction (CSAT) and the satisfaction part of readiness",
    references={"account_id": "accounts", "contact_id": "contacts"},
)
class SurveyResponses(Contract):
    """One row per answer to an NPS or CSAT question."""

    response_id: Id = col("Your own id of the answer.")
    account_id: Id = col("Account of the person who answered.")
    contact_id: Id | None = opt("Contact who answered.")
    survey: Literal["nps", "csat"] = choice("Which question: nps (0 to 10) or csat (1 to 5).")
    score: Integer = col("The answer: 0 to 10 for NPS, 1 to 5 for CSAT.", low=0, high=10)
    answered_at: Instant = col("When it was answered.")
    sent_at: Instant | None = opt("When it was sent.")


@table(
    group="fact",
    key=("account_id", "week_start"),
    event_date="week_start",
    unlocks="the usage part of health and readiness",
    references={"account_id": "accounts"},
)
class Usage(Contract):
    """One row per account and ISO week; event files are rolled up to this at import."""

    account_id: Id = col("Account.")
    week_start: Day = col("Monday of the ISO week.")
    active_users: Integer | None = opt("Distinct users with at least one core event.", low=0)
    licensed_seats: Integer | None = opt("Seats paid for in that week.", low=0)
    core_events: Integer = col("Core events.", low=0)
    features_used: Integer | None = opt("Distinct features used.", low=0)
    features_entitled: Integer | None = opt("Features the account may use.", low=0)


@table(
    group="fact",
    key=("account_id", "feature", "month"),
    event_date="month",
    unlocks="feature adoption",
    references={"account_id": "accounts"},
)
class FeatureUsage(Contract):
    """One row per account, feature and month."""

    account_id: Id = col("Account.")
    feature: Text = col("Feature.")
    month: Month = col("Month.")
    entitled_users: Integer = col("Users who may use the feature.", low=0)
    active_users: Integer = col("Users active in the product among them.", low=0)
    adopting_users: Integer = col("Users who used the feature among the active.", low=0)


@table(
    group="fact",
    key=("account_id", "kind", "reached_on"),
    event_date="reached_on",
    unlocks="time to first value, activation and the moments to ask",
    references={"account_id": "accounts"},
)
class Milestones(Contract):
    """One row per milestone an account reached."""

    account_id: Id = col("Account.")
    kind: Literal[
        "contract", "kickoff", "go_live", "first_login", "activation", "first_value", "renewal_window", "health_change"
    ] = choice("Which milestone.")
    reached_on: Day = col("Day it was reached.")


@table(
    group="fact",
    key=("ticket_id",),
    event_date="opened_at",
    unlocks="the guardrail against asks while an issue is open",
    references={"account_id": "accounts"},
)
class Tickets(Contract):
    """One row per support ticket."""

    ticket_id: Id = col("Your own id of the ticket.")
    account_id: Id = col("Account.")
    severity: Integer = col("1 (worst) to 4.", low=1, high=4)
    opened_at: Instant = col("When it was opened.")
    first_response_at: Instant | None = opt("First human response.")
    closed_at: Instant | None = opt("When it was closed.")
    escalated: Flag = col("Whether it was escalated.")
    csat: Integer | None = opt("Satisfaction with the ticket, 1 to 5.", low=1, high=5)
