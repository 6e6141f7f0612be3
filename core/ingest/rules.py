"""Rules that one row of a table must keep beyond the type of each cell."""

from __future__ import annotations

from dataclasses import dataclass

from core.schema.zones import day_sql


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule.

    Attributes:
        id: Short id, for grouping.
        column: Column to point at.
        broken: SQL condition of a row that breaks it.
        shows: SQL of the text put into the message.
        message: Expected, found and remedy, with `{}` for that text.
        moments: The two moments whose order it is about, first and last; empty for any other rule.
    """

    id: str
    column: str
    broken: str
    shows: str
    message: str
    moments: tuple[str, ...] = ()

    def broken_in(self, zone: str) -> str:
        """SQL of `broken` where the clocks are a zone's: a day without an hour and a moment go by their days."""
        if not self.moments:
            return self.broken
        first, last = (f"({day_sql(each, zone)})" for each in self.moments)
        whole = " OR ".join(f"{each} = date_trunc('day', {each})" for each in self.moments)
        return f"{self.broken} AND NOT (({whole}) AND {last} >= {first})"


def _order(first: str, last: str, moments: bool = False) -> RowRule:
    return RowRule(
        id="order",
        column=last,
        broken=f"{last} < {first}",
        shows=f"CAST({last} AS VARCHAR) || ' before ' || CAST({first} AS VARCHAR)",
        message=f"expected {last} on or after {first}, found {{}}. Correct one of the two.",
        moments=(first, last) if moments else (),
    )


def _at_most(smaller: str, larger: str) -> RowRule:
    return RowRule(
        id="order",
        column=smaller,
        broken=f"{smaller} > {larger}",
        shows=f"{smaller} || ' of ' || {larger}",
        message=f"expected {smaller} to be at most {larger}, found {{}}. Correct one of the two.",
    )


UNDONE = {"opportunities": ("closed_on", "outcome", "open")}
"""Table -> column that is empty where another column holds that text: who says one says the other."""

FROZEN = {"accounts": "acquisition_channel"}
"""Table -> column that is told once: cost follows the first source, whatever a later file says. A deal keeps what each
file said of its source, and the first is found among its versions."""

ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    "contacts": (_order("joined_on", "left_on"),),
    "subscriptions": (_order("start_date", "end_date"),),
    "survey_responses": (
        _order("sent_at", "answered_at", moments=True),
        RowRule(
            id="range",
            column="score",
            broken="survey = 'csat' AND (score < 1 OR score > 5)",
            shows="score",
            message='expected 1 to 5 for a csat answer, found "{}". Rescale the column or correct the cell.',
        ),
    ),
    "usage": (
        RowRule(
            id="monday",
            column="week_start",
            broken="isodow(week_start) <> 1",
            shows="CAST(week_start AS VARCHAR) || ', a ' || dayname(week_start)",
            message="expected the Monday of an ISO week, found {}. Write the Monday on or before it.",
        ),
    ),
    "usage_events": (
        RowRule(
            id="required",
            column="account_id",
            broken="account_id IS NULL AND subscription_id IS NULL",
            shows="''",
            message="expected an account or a subscription, found neither{}. Fill in one of them.",
        ),
    ),
    "feature_usage": (_at_most("active_users", "entitled_users"), _at_most("adopting_users", "active_users")),
    "tickets": (
        _order("opened_at", "first_response_at", moments=True),
        _order("opened_at", "closed_at", moments=True),
    ),
    "opportunities": (_order("created_on", "closed_on"),),
    "consents": (_order("granted_on", "expires_on"),),
    "people": (
        RowRule(
            id="email",
            column="email",
            broken=r"NOT regexp_full_match(email, '[^\s@,;<>\"]+@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)+')",
            shows="email",
            message='expected one e-mail address such as name@example.com, found "{}". Correct the cell.',
        ),
    ),
    "outcomes": (_order("agreed_on", "verified_on"),),
    "asks": (_order("asked_on", "responded_on"),),
    "assets": (_order("published_on", "expires_on"),),
    "referrals": (_order("submitted_at", "first_contact_at", moments=True),),
    "enrolments": (_order("enrolled_on", "left_on"),),
}
