"""Records: what people change, wherever it came from. Importable and editable, kept in the database."""

from __future__ import annotations

from typing import Literal

from core.schema.base import (
    Cents,
    Contract,
    Currency,
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    Text,
    choice,
    col,
    opt,
    opt_choice,
    table,
)

Use = Literal["name", "logo", "quote", "call", "recording", "email"]
Activity = Literal[
    "review", "testimonial", "reference", "video", "referral", "case_study", "speaking", "advisory_board"
]


@table(group="record", key=("person_id",), unlocks="names beside roles on Advocates")
class People(Contract):
    """One row per person; the only table with names and addresses."""

    person_id: Id = col("Your own id of the person.")
    contact_id: Id | None = opt("Contact this person is.")
    full_name: Text = col("Full name.")
    email: Text = col("E-mail address.")
    erased_at: Instant | None = opt("When the person was erased.")


@table(
    group="record",
    key=("contact_id", "use"),
    event_date="granted_on",
    plans=("expires_on",),
    unlocks="the consent guardrail: who may be asked for what",
    references={"contact_id": "contacts"},
)
class Consents(Contract):
    """One row per contact and use."""

    contact_id: Id = col("Contact.")
    use: Use = choice("What the contact agreed to.")
    status: Literal["granted", "refused", "withdrawn"] = choice("State.")
    granted_on: Day = col("Day it was given or refused.")
    expires_on: Day | None = opt("Last day it holds.")
    author: Text | None = opt("Who recorded it.")


@table(
    group="record",
    key=("contact_id", "activity"),
    unlocks="asks that fit what a person is willing to do",
    references={"contact_id": "contacts"},
)
class Interests(Contract):
    """One row per contact and activity."""

    contact_id: Id = col("Contact.")
    activity: Activity = choice("Activity.")
    stance: Literal["likes", "willing", "no"] = choice("How the person stands to it.")
    values: Literal["influence", "visibility", "network", "perks", "none"] = choice("What the person values.")
    note: Text | None = opt("Note.")


@table(
    group="record",
    key=("outcome_id",),
    event_date="agreed_on",
    plans=("due_on",),
    unlocks="time to value, and asks after verified value",
    references={"account_id": "accounts"},
)
class Outcomes(Contract):
    """One row per outcome agreed with a customer."""

    outcome_id: Id = col("Your own id of the outcome.")
    account_id: Id = col("Account.")
    agreed_on: Day = col("Day it was agreed.")
    due_on: Day | None = opt("Day it is due.")
    verified_on: Day | None = opt("Day the customer confirmed it.")
    verified_by: Text | None = opt("Who confirmed it.")
    value_cents: Cents | None = opt("Value to the customer, in cents.", low=0)


@table(
    group="record",
    key=("ask_id",),
    event_date="asked_on",
    unlocks="invite to action, and the caps that protect advocates",
    references={"contact_id": "contacts"},
)
class Asks(Contract):
    """One row per ask; only state `sent` counts as an ask."""

    ask_id: Id = col("Your own id of the ask.")
    contact_id: Id = col("Contact.")
    activity: Activity = choice("What was asked for.")
    play: Text | None = opt("Play it belongs to.")
    trigger: Text | None = opt("Milestone that prompted it.")
    state: Literal["proposed", "accepted", "deferred", "never", "sent"] = choice("State.")
    asked_on: Day | None = opt("Day it was sent.")
    delivered: Flag | None = opt("Whether it was delivered.")
    asked_by: Text | None = opt("Who asked.")
    responded_on: Day | None = opt("Day of the answer.")
    response: Literal["yes", "no", "later"] | None = opt_choice("The answer.")
    completed_on: Day | None = opt("Day it was done.")
    used_on: Day | None = opt("Day the result was used.")
    thanked_on: Day | None = opt("Day the person was thanked.")
    told_outcome_on: Day | None = opt("Day the person was told what came of it.")
    opportunity_id: Id | None = opt("Opportunity it helped.")
    asset_id: Id | None = opt("Asset it produced.")
    reach: Integer | None = opt("People reached.", low=0)


@table(group="record", key=("asset_id",), plans=("expires_on",), unlocks="stories and their permitted uses")
class Assets(Contract):
    """One row per story, quote, review or other asset."""

    asset_id: Id = col("Your own id of the asset.")
    kind: Literal["story", "quote", "review", "case_study", "video", "logo"] = choice("Kind.")
    account_id: Id = col("Account it is about.")
    contact_id: Id | None = opt("Contact it comes from.")
    link: Text = col("Where it is.")
    permitted_uses: Text | None = opt("What it may be used for.")
    expires_on: Day | None = opt("Last day it may be used.")
    published_on: Day | None = opt("Day it was published.")


@table(
    group="record",
    key=("referral_id",),
    event_date="submitted_at",
    unlocks="referral leads, their speed and what they brought",
    references={"contact_id": "contacts"},
)
class Referrals(Contract):
    """One row per referred company."""

    referral_id: Id = col("Your own id of the referral.")
    contact_id: Id = col("Contact who referred.")
    ask_id: Id | None = opt("Ask that led to it.")
    referral_code: Text | None = opt("Code that was used.")
    prospect_id: Id = col("Referred company.")
    submitted_at: Instant = col("When it was submitted.")
    first_contact_at: Instant | None = opt("First human contact.")
    qualified_at: Instant | None = opt("When sales accepted it.")
    opportunity_id: Id | None = opt("Opportunity that came of it.")
    rejected_reason: Text | None = opt("Why it was rejected.")


@table(
    group="record",
    key=("contact_id", "enrolled_on"),
    event_date="enrolled_on",
    unlocks="programme participation and tiers",
    references={"contact_id": "contacts"},
)
class Enrolments(Contract):
    """One row per stay in the programme."""

    contact_id: Id = col("Contact.")
    enrolled_on: Day = col("Day the person joined the programme.")
    left_on: Day | None = opt("Day the person left it.")
    tier: Literal["vip", "gold", "silver", "community"] | None = opt_choice("Tier.")


@table(
    group="record",
    key=("reward_id",),
    event_date="granted_on",
    unlocks="the full cost of referrals",
    references={"contact_id": "contacts"},
)
class Rewards(Contract):
    """One row per reward."""

    reward_id: Id = col("Your own id of the reward.")
    contact_id: Id = col("Contact.")
    ask_id: Id | None = opt("Ask it was for.")
    kind: Text = col("Kind.")
    value_cents: Cents = col("Value in cents.", low=0)
    currency: Currency = col("ISO 4217 code.")
    granted_on: Day = col("Day it was earned.")
    status: Literal["promised", "sent", "declined"] = choice("State.")


@table(group="record", key=("request_id",), plans=("needed_by",), unlocks="reference requests and their fill rate")
class ReferenceRequests(Contract):
    """One row per request of sales for a reference."""

    request_id: Id = col("Your own id of the request.")
    opportunity_id: Id = col("Opportunity that needs it.")
    wanted_industry: Text | None = opt("Industry wanted.")
    wanted_size: Text | None = opt("Size wanted.")
    wanted_region: Text | None = opt("Region wanted.")
    wanted_use_case: Text | None = opt("Use case wanted.")
    wanted_persona: Text | None = opt("Role wanted.")
    needed_by: Day = col("Day it is needed.")
    state: Literal["open", "matched", "done", "withdrawn", "missed"] = choice("State.")
    contact_id: Id | None = opt("Contact who gave it.")
    proof: Text | None = opt("Proof that it took place.")
