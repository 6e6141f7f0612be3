"""Hard stops: whom nobody may ask, and what could not be checked; none of them can be overridden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

import numpy as np
import pandas as pd

from core.advocacy.by_segment import per_contact
from core.advocacy.consents import consent_of
from core.advocacy.inputs import AdvocacyInput, Bools
from core.advocacy.shape import dated, days_after, latest
from core.advocacy.since import as_known
from core.advocacy.wording import Words, counted, joined, on_day, repeated, same, stacked, worded
from core.model.activities import Use
from core.model.advocacy import AdvocacyRules

USES: tuple[Use, ...] = get_args(Use)
USE_WORDS: dict[Use, str] = {
    "name": "use of the name",
    "logo": "use of the logo",
    "quote": "quotes",
    "call": "calls",
    "recording": "recordings",
    "email": "e-mail",
}

EVERY_ASK = (
    "left_company",
    "account_inactive",
    "opted_out",
    "never",
    "open_issue",
    "detractor",
    "renewal",
)
"""Guards that stop every ask of the contact."""
VERIFIED = {"value": "verified_value", "outcome": "verified_outcome"}
"""Guard by what an activity needs verified."""
GUARDS = (*EVERY_ASK, *VERIFIED.values(), *(f"consent_{use}" for use in USES))
"""Every guard, in the order of the result."""
GUARD_LABELS: dict[str, str] = {
    "left_company": "still at the company",
    "account_inactive": "account active",
    "opted_out": "not opted out",
    "never": "no standing never",
    "open_issue": "no open issue",
    "detractor": "no recent detractor answer",
    "renewal": "no renewal negotiation",
    "verified_value": "verified value",
    "verified_outcome": "verified outcome",
    **{f"consent_{use}": f"consent to {words}" for use, words in USE_WORDS.items()},
}
"""What each guard makes sure of."""


class GuardState(StrEnum):
    """What is known of one guard for one contact."""

    CLEAR = "clear"
    BLOCKED = "blocked"
    NOT_CHECKED = "not_checked"
    """Its table is not loaded: shown, and proposes nothing."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One guard over every contact: who is stopped, the words for both cases, and until when where that is known."""

    blocked: Bools
    stopped: Words | str
    free: Words | str
    until: pd.Series | None = None
    unchecked: Bools | None = None
    """Rows it could not be settled for although its table is loaded."""
    unlocks: str = ""
    """Table that would settle them, when it is another one."""
    told: Callable[[], Bools] | None = None
    """Rows that a single record settles where the table is not loaded as a whole."""


def guardrails(
    inputs: AdvocacyInput, rules: AdvocacyRules, names: Sequence[str] = GUARDS, day: dt.date | None = None
) -> pd.DataFrame:
    """Every hard stop of every contact, in three states.

    Args:
        inputs: The contacts as of a day; what is known later stops too.
        rules: Length of the windows.
        names: The guards that are wanted, in the order of `GUARDS`; the others are not worked out.
        day: The working day, on which a consent or the window after a detractor's answer is over; not before the last
            day something is known of, which is None. All else is judged on that last day.

    Returns:
        One row per guard and contact, guard by guard in the order of `GUARDS`, contacts in the order of the input:
        contact_id; guard; use (the consent it is about, null for other guards); state (clear, blocked, not_checked);
        reason in words; until, the first day the stop is gone by itself, empty when that depends on somebody or the
        guard is not blocked; unlocks, the table to load when not checked, else null.

    Source:
        Absolute stops of augmented-csm's advocacy tracker; "never after a poor experience or with an open issue" of the
        articles on advocacy journeys; consent per use of the guide to customer advocacy programmes.
    """
    rows = [_rows(inputs, table, check) for table, check in _checks(inputs, rules, day, names)]
    n = len(inputs.contacts)
    consents = [place - len(CHECKS) if place >= len(CHECKS) else -1 for place in map(GUARDS.index, names)]
    return pd.DataFrame(
        {
            "contact_id": pd.concat([inputs.ids] * len(names), ignore_index=True),
            "guard": repeated([GUARDS.index(name) for name in names], GUARDS, n),
            "use": repeated(consents, USES, n),
            "state": stacked([row.state for row in rows]).category().set_categories([str(s) for s in GuardState]),
            "reason": stacked([row.reason for row in rows]).category(),
            "until": pd.concat([row.until for row in rows], ignore_index=True),
            "unlocks": stacked([row.unlocks for row in rows]).category(),
        }
    )


def settled(inputs: AdvocacyInput, rules: AdvocacyRules, day: dt.date | None = None) -> tuple[Bools, Bools]:
    """Who is blocked and what is not checked, as `guardrails` says it, without words.

    Returns:
        Blocked and not checked: contacts x `GUARDS` each.
    """
    checks = [(_unchecked(inputs, table, check), check) for table, check in _checks(inputs, rules, day)]
    unchecked = np.array([without for without, _ in checks])  # guard by guard, as all who read it do
    return (np.array([check.blocked for _, check in checks]) & ~unchecked).T, unchecked.T


def _checks(
    inputs: AdvocacyInput, rules: AdvocacyRules, day: dt.date | None, names: Sequence[str] = GUARDS
) -> list[tuple[str, _Check]]:
    """Every guard with the table without which it is not checked, in the order of `GUARDS`."""
    inputs = as_known(inputs)
    today = max(inputs.today, pd.Timestamp(day or inputs.as_of).as_unit("us"))
    found = [(table, check(inputs, rules, today)) for name, (table, check) in CHECKS.items() if name in names]
    return found + [("consents", _consent(inputs, use, today)) for use in USES if f"consent_{use}" in names]


def _unchecked(inputs: AdvocacyInput, table: str, check: _Check) -> Bools:
    if table and table not in inputs.loaded:
        nobody = np.zeros(len(inputs.contacts), dtype=bool)
        return ~(check.told() if check.told is not None and table in inputs.stated else nobody)
    return check.unchecked if check.unchecked is not None else np.zeros(len(inputs.contacts), dtype=bool)


@dataclass(frozen=True, slots=True)
class _Rows:
    """One guard's block of the result."""

    state: Words
    reason: Words
    until: pd.Series
    unlocks: Words


def _rows(inputs: AdvocacyInput, table: str, check: _Check) -> _Rows:
    n = len(inputs.contacts)
    unchecked = _unchecked(inputs, table, check)
    blocked = check.blocked & ~unchecked
    missing = same(check.unlocks or table, n).where(unchecked)
    stopped = check.stopped if isinstance(check.stopped, Words) else same(check.stopped, n)
    known = same(GuardState.BLOCKED.value, n).where(blocked, GuardState.CLEAR.value)
    until = check.until if check.until is not None else pd.Series(pd.NaT, index=range(n))
    return _Rows(
        state=same(GuardState.NOT_CHECKED.value, n).where(unchecked, known),
        reason=('not checked: nothing loaded from table "' + missing + '"').where(
            unchecked, stopped.where(blocked, check.free)
        ),
        until=until.astype("datetime64[us]").where(blocked),
        unlocks=missing,
    )


def _left(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    words = "left the company on " + on_day(inputs.contacts["left_on"], inputs.today)
    return _Check(inputs.gone, words, "still at the company")


def _inactive(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    return _Check(~inputs.contacts["account_active"].to_numpy(), "the account is not active", "the account is active")


def _opted_out(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    mail, laid = consent_of(inputs, "email"), inputs.laid_consents

    def told() -> Bools:
        """Who granted any use when asked was reached and did not opt out."""
        return mail.known() | np.append(laid.names == "granted", False)[laid.status].any(axis=0)

    return _Check(mail.said("withdrawn", "refused"), "opted out: no e-mail", "has not opted out", told=told)


def _never(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    never = inputs.contacts["never"].to_numpy()
    return _Check(never, 'a standing "never"', 'no standing "never"', told=lambda: never)


def _open_issue(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    tickets, escalations = inputs.number("open_severe_tickets"), inputs.number("open_escalations")
    tickets_open, escalations_open = tickets > 0, escalations > 0
    words = joined(
        [
            counted(tickets, "open ticket of severity 1–2", "open tickets of severity 1–2").where(tickets_open),
            counted(escalations, "open escalation", "open escalations").where(escalations_open),
        ],
        glue=" and ",
    )
    unknown = np.isnan(tickets) | np.isnan(escalations)
    free = "no open ticket of severity 1–2, no open escalation"
    return _Check(tickets_open | escalations_open, words, free, unchecked=unknown & ~tickets_open & ~escalations_open)


def _detractor(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    """Any detractor answer in the window stops an ask; a better answer after it does not undo the experience."""
    low = inputs.number("nps_score") <= per_contact(inputs, rules, lambda own: own.stops.detractor.score_at_most)
    window = per_contact(inputs, rules, lambda own: own.stops.detractor.days)
    answered, missing = inputs.days("nps_on"), np.datetime64("NaT", "us")
    undated = low & np.isnat(answered)
    own = answered.copy()
    own[np.flatnonzero(~low)] = missing
    day = latest(own, inputs.days("last_detractor_on"))
    day[undated] = missing
    until, known = np.full(len(day), missing), dated(day)
    until[known] = days_after(day[known], window[known])
    words = worded(inputs.number("nps_score"), lambda value: f"detractor: NPS {value:.0f}").where(low, "detractor")
    blocked = undated | (until > today.to_datetime64())
    told = (words + ", day unknown").where(undated, words + " on " + on_day(pd.Series(day), today))
    free = worded(window, lambda days: f"no detractor answer in {days:.0f} days")
    return _Check(blocked, told, free, pd.Series(until))


def _renewal(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    due = inputs.days("next_renewal_on")
    window = per_contact(inputs, rules, lambda own: own.stops.renewal.days)
    words = "renewal due on " + on_day(pd.Series(due), inputs.today) + " is undecided"
    free = worded(window, lambda days: f"no undecided renewal due within {days:.0f} days")
    today_each = np.broadcast_to(np.datetime64(inputs.today, "us"), len(due))
    return _Check(due <= days_after(today_each, window), words, free)


def _outcome(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    verified = inputs.number("outcomes_verified")
    words = counted(verified, "verified outcome", "verified outcomes")
    return _Check(~(verified > 0), "no verified outcome yet", words, told=lambda: verified > 0)


def _value(inputs: AdvocacyInput, rules: AdvocacyRules, today: pd.Timestamp) -> _Check:
    """Either table can show value, so it is only known to be missing when both are loaded."""
    has = {table: table in inputs.loaded for table in ("milestones", "outcomes")}
    outcome = (inputs.number("outcomes_verified") > 0) & (has["outcomes"] or "outcomes" in inputs.stated)
    reached = inputs.contacts["first_value_on"]
    first = (inputs.days("first_value_on") <= np.datetime64(inputs.today, "us")) & has["milestones"]
    unsettled = ~(outcome | first) & np.bool_(not all(has.values()))
    free = ("first value on " + on_day(reached, inputs.today)).where(first, "outcome verified")
    unlocks = "outcomes" if has["milestones"] else "milestones"
    return _Check(
        blocked=~(outcome | first),
        stopped="neither first value nor a verified outcome yet",
        free=free,
        unchecked=unsettled,
        unlocks=unlocks,
    )


def _consent(inputs: AdvocacyInput, use: Use, today: pd.Timestamp) -> _Check:
    held, what = consent_of(inputs, use), USE_WORDS[use]
    granted, ended = held.said("granted"), held.ended(today)
    last = Words.late(lambda: on_day(pd.Series(held.ends), today))

    def stopped() -> Words:
        words = (f"consent to {what} expired after " + last).where(granted & ended, f"no consent to {what} recorded")
        refused = f"consent to {what} " + Words(held.status.astype(np.int64), list(held.names))
        return refused.where(held.said("refused", "withdrawn"), words)

    def free() -> Words:
        return (f"consent to {what} until " + last).where(~np.isnat(held.ends), f"consent to {what}")

    return _Check(~granted | ended, Words.late(stopped), Words.late(free), told=held.known)


CHECKS: dict[str, tuple[str, Callable[[AdvocacyInput, AdvocacyRules, pd.Timestamp], _Check]]] = {
    # guard: the table without which it is not checked ("" when the check finds out itself), and the check; only a stop
    # that ends by itself is judged on the working day it is handed
    "left_company": ("contacts", _left),
    "account_inactive": ("subscriptions", _inactive),
    "opted_out": ("consents", _opted_out),
    "never": ("asks", _never),
    "open_issue": ("tickets", _open_issue),
    "detractor": ("survey_responses", _detractor),
    "renewal": ("renewals", _renewal),
    "verified_value": ("", _value),
    "verified_outcome": ("outcomes", _outcome),
}
