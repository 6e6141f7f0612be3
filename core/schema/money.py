"""Facts about deals and money: opportunities, touches, spend, margin, rates, finance's own figures."""

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
    Month,
    Text,
    choice,
    col,
    opt,
    table,
)


@table(
    group="fact",
    key=("opportunity_id", "valid_from"),
    event_date="created_on",
    unlocks="win rate, cost per customer, sales cycle",
)
class Opportunities(Contract):
    """One row per opportunity and version of its attributes."""

    opportunity_id: Id = col("Your own id of the opportunity.")
    valid_from: Day | None = opt("First day these attributes held; empty means from the beginning.")
    account_id: Id | None = opt("Account, once there is one.")
    name: Text = col("Name of the deal.")
    kind: Literal["new", "expansion", "renewal"] = choice("New business, expansion or renewal.")
    source: Text | None = opt("First source, frozen at creation.")
    trigger: Text | None = opt("What started it.")
    segment: Text | None = opt("Segment of the buyer.")
    industry: Text | None = opt("Industry of the buyer.")
    region: Text | None = opt("Region of the buyer.")
    amount_cents: Cents = col("First-year recurring amount in cents; never used for ARR.", low=0)
    currency: Currency = col("ISO 4217 code.")
    created_on: Day = col("Day it was created.")
    closed_on: Day | None = opt("Day it was won or lost.")
    outcome: Literal["open", "won", "lost"] = choice("State.")
    reference_required: Flag | None = opt("Whether the buyer asked for a reference.")
    owner_id: Id | None = opt("Who sells it.")


@table(
    group="fact",
    key=("opportunity_id", "stage", "entered_on"),
    event_date="entered_on",
    unlocks="stage acceleration",
    references={"opportunity_id": "opportunities"},
)
class StageHistory(Contract):
    """One row per stage an opportunity entered."""

    opportunity_id: Id = col("Opportunity.")
    stage: Text = col("Stage.")
    entered_on: Day = col("Day it entered the stage.")


@table(
    group="fact",
    key=("interaction_id",),
    event_date="at",
    plans=("planned_on",),
    unlocks="give and take, silence, attribution",
)
class Interactions(Contract):
    """One row per touch between the company and a customer or prospect."""

    interaction_id: Id = col("Your own id of the touch.")
    account_id: Id | None = opt("Account, where it was resolved.")
    contact_id: Id | None = opt("Contact, where it was resolved.")
    opportunity_id: Id | None = opt("Opportunity it belongs to.")
    at: Instant = col("When it happened.")
    channel: Text = col("Channel, for example email.")
    kind: Literal[
        "marketing_touch",
        "send",
        "nudge",
        "task",
        "enrolment",
        "review",
        "community",
        "content_view",
        "play_opened",
        "recognition",
        "check_in",
    ] = choice("What it was.")
    direction: Literal["give", "ask", "neutral"] = choice("Whether it gave, asked or neither.")
    started_by: Literal["calendar", "product_event", "lifecycle_event", "person"] = choice("What started it.")
    play: Text | None = opt("Play it belongs to.")
    planned_on: Day | None = opt("Day it was planned for.")
    value_stated: Flag | None = opt("Whether a measured value was stated.")
    asset_id: Id | None = opt("Asset that was used or seen.")


@table(
    group="fact",
    key=("month", "line"),
    event_date="month",
    unlocks="cost per customer, return on spend, Budget",
)
class Spend(Contract):
    """One row per month and budget line."""

    month: Month = col("Month.")
    line: Text = col("Budget line.")
    kind: Literal["acquisition", "post_sale"] = choice("What the line is for.")
    channel: Text | None = opt("Channel, for acquisition lines.")
    play: Text | None = opt("Play, for post-sale lines.")
    journey_stage: Literal["awareness", "consideration", "conversion", "post_purchase"] = choice(
        "Stage of the journey."
    )
    planned_cents: Cents = col("Planned, in cents.", low=0)
    committed_cents: Cents = col("Committed and no longer movable, in cents.", low=0)
    media_cents: Cents = col("Media and agencies, in cents.", low=0)
    people_cents: Cents = col("People, in cents.", low=0)
    platform_cents: Cents = col("Tools, in cents.", low=0)
    rewards_cents: Cents = col("Rewards, in cents.", low=0)
    currency: Currency = col("ISO 4217 code.")


@table(group="fact", key=("month", "product"), event_date="month", unlocks="lifetime value, payback, return on spend")
class GrossMargin(Contract):
    """One row per month and product; an empty product holds for all."""

    month: Month = col("Month.")
    product: Text | None = opt("Product; empty means all.")
    rate: Fraction = col("Gross margin as a fraction.", low=-1, high=1)


@table(group="fact", key=("month", "currency"), event_date="month", unlocks="figures over several currencies")
class FxRates(Contract):
    """One row per month and currency."""

    month: Month = col("Month.")
    currency: Currency = col("ISO 4217 code.")
    rate: Fraction = col("Reporting currency per unit of this currency.", low=0)


@table(
    group="fact",
    key=("month", "account_id"),
    event_date="month",
    unlocks="the tie-out with finance",
    references={"account_id": "accounts"},
)
class FinanceTotals(Contract):
    """One row per month, and per account where finance has it; an empty account is the whole company."""

    month: Month = col("Month.")
    account_id: Id | None = opt("Account; empty means the company.")
    arr_cents: Cents = col("ARR at month end, in cents.", low=0)
    new_arr_cents: Cents = col("New ARR of the month, in cents.", low=0)
    bookings_cents: Cents = col("Bookings of the month, in cents.", low=0)
    revenue_cents: Cents | None = opt("Recognised revenue of the month, in cents.", low=0)
