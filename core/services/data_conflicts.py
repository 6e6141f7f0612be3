"""Tables that contradict each other: each finding with its rows, what it means and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from core.model.data_state import ConflictLimits, data_state
from core.month import Month
from core.services.importing import import_conflicts

Finder = Callable[[Month, ConflictLimits], pd.DataFrame]


@dataclass(frozen=True)
class ConflictRule:
    """One way in which tables can contradict each other.

    Attributes:
        id: Permanent id.
        label: What it is called.
        needs: Tables it compares; without one of them it is not checked.
        one: The sentence for one row.
        many: The sentence for several, with `{count}`.
        advice: What to do about it.
        find: The rows that contradict each other.
    """

    id: str
    label: str
    needs: tuple[str, ...]
    one: str
    many: str
    advice: str
    find: Finder


@dataclass(frozen=True)
class DataConflict:
    """What one rule found in one month.

    Attributes:
        id: Id of the rule.
        label: What it is called.
        sentence: The finding, or why there is none, in one sentence.
        count: Rows that contradict each other; None when a table is missing.
        rows: Those rows, with ids and the name of the account; money in units of its currency.
        advice: What to do about it.
        missing: Tables that are not loaded.
    """

    id: str
    label: str
    sentence: str
    count: int | None
    rows: pd.DataFrame
    advice: str
    missing: tuple[str, ...] = ()


def data_conflicts(month: Month, limits: ConflictLimits | None = None) -> tuple[DataConflict, ...]:
    """Hold the tables of a month against each other, findings first.

    Args:
        month: The month.
        limits: Thresholds; the product's own by default.

    Returns:
        One entry per rule, and one per count on which the files of an import disagree.
    """
    used = limits or data_state().conflicts
    checked = [_check(rule, month, used) for rule in RULES]
    counted = [
        DataConflict("counts", "Counts in the files", text, 1, pd.DataFrame(), "Agree on one of the counts.")
        for text in import_conflicts()
    ]
    return tuple(sorted([*checked, *counted], key=lambda item: -1 if item.count is None else item.count, reverse=True))


def _check(rule: ConflictRule, month: Month, limits: ConflictLimits) -> DataConflict:
    missing = tuple(name for name in rule.needs if name not in month.loaded)
    if missing:
        listed = " and ".join(name.replace("_", " ") for name in missing)
        text = f"Not checked: needs {listed}."
        return DataConflict(rule.id, rule.label, text, None, pd.DataFrame(), rule.advice, missing)
    rows = rule.find(month, limits).reset_index(drop=True)
    count = len(rows)
    sentence = rule.one if count == 1 else rule.many.format(count=count) if count else "Nothing found."
    return DataConflict(rule.id, rule.label, sentence, count, rows, rule.advice)


def _lost_but_paying(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    terms = month.facts.rollup("renewal_terms")
    found = terms[(terms["renewed_cents"] == 0) & (terms["subscription_cents"] > 0)]
    return _named(month, found.assign(subscription_mrr=found["subscription_cents"] / 100))[
        ["account_id", "account_name", "renewal_id", "subscription_id", "due_on", "closed_on", "subscription_mrr"]
    ]


def _renewed_otherwise(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    terms = month.facts.rollup("renewal_terms")
    kept = terms[terms["renewed_cents"] > 0]
    # A renewal is written for one subscription or for all of the account: either amount is right.
    gaps = kept[["subscription_cents", "account_cents"]].sub(kept["renewed_cents"], axis=0).abs()
    found = kept[gaps.min(axis=1) > limits.renewal_share * kept["renewed_cents"]]
    found = found.assign(renewed_mrr=found["renewed_cents"] / 100, subscription_mrr=found["subscription_cents"] / 100)
    return _named(month, found)[
        ["account_id", "account_name", "renewal_id", "subscription_id", "due_on", "renewed_mrr", "subscription_mrr"]
    ]


def _won_without_subscription(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    wait = dt.timedelta(days=limits.won_without_subscription_days)
    deals = month.facts.deals
    ripe = deals[(deals["outcome"] == "won") & (deals["kind"] == "new")]
    ripe = ripe[ripe["closed_on"].dt.date + wait <= month.as_of]
    paid = month.facts.rollup("paid_periods").groupby("account_id")["start_date"].min()
    first = ripe["account_id"].map(paid)
    found = ripe[first.isna() | (first > ripe["closed_on"] + wait)]
    found = found.astype(dict.fromkeys(("opportunity_id", "name", "currency"), "str"))
    found = found.assign(first_paid=first[found.index], amount=found["amount_cents"] / 100, deal=found["name"])
    return _named(month, found)[
        ["account_id", "account_name", "opportunity_id", "deal", "closed_on", "amount", "currency", "first_paid"]
    ]


def _unknown_account(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    contacts = month.facts.contacts
    return contacts.loc[
        ~contacts["account_id"].isin(month.facts.accounts["account_id"]), ["contact_id", "account_id", "joined_on"]
    ]


def _referral_without_contact(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    referrals = _seen(month, month.kpi_input.table("referrals"), "submitted_on")
    unknown = ~referrals["contact_id"].isin(month.facts.contacts["contact_id"])
    return referrals.loc[unknown, ["referral_id", "contact_id", "prospect_id", "submitted_at"]]


def _asked_after_leaving(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    asks = _seen(month, month.records["asks"], "asked_on")
    sent = asks[asks["state"] == "sent"].merge(
        month.facts.contacts[["contact_id", "account_id", "left_on"]], on="contact_id"
    )
    found = _named(month, sent[sent["asked_on"] >= sent["left_on"]])
    return found[["contact_id", "account_id", "account_name", "ask_id", "activity", "asked_on", "left_on"]]


def _asked_unknown(month: Month, limits: ConflictLimits) -> pd.DataFrame:
    asks = _seen(month, month.records["asks"], "asked_on")
    unknown = ~asks["contact_id"].isin(month.facts.contacts["contact_id"])
    return asks.loc[unknown, ["ask_id", "contact_id", "activity", "asked_on"]]


def _seen(month: Month, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows of a record table whose day lies on or before the as-of date."""
    return frame[frame[column] <= pd.Timestamp(month.as_of)]


def _named(month: Month, frame: pd.DataFrame) -> pd.DataFrame:
    names = month.facts.accounts.set_index("account_id")["name"]
    return frame.assign(account_name=frame["account_id"].map(names))


RULES: tuple[ConflictRule, ...] = (
    ConflictRule(
        "lost_but_paying", "Lost, and still paying", ("renewals", "subscriptions"),
        "One renewal is recorded as lost, and its subscription runs on past the due day.",
        "{count} renewals are recorded as lost, and their subscriptions run on past the due day.",
        "End the subscription in billing, or correct the renewal: churn is understated or the renewal rate is.",
        _lost_but_paying,
    ),
    ConflictRule(
        "renewed_otherwise", "Renewed at another amount", ("renewals", "subscriptions"),
        "One renewal says another amount than the subscription pays from the due day on.",
        "{count} renewals say another amount than the subscription pays from the due day on.",
        "Net revenue retention follows the subscription; correct the one that is wrong.",
        _renewed_otherwise,
    ),
    ConflictRule(
        "won_without_subscription", "Won, and nothing billed", ("opportunities", "subscriptions"),
        "One new deal was won and no subscription followed in time.",
        "{count} new deals were won and no subscription followed in time.",
        "Check with finance: billing is late, the deal names no account or another one, or it was not won.",
        _won_without_subscription,
    ),
    ConflictRule(
        "unknown_account", "Contacts at no account", ("contacts", "accounts"),
        "One contact belongs to an account that is not there in this month.",
        "{count} contacts belong to an account that is not there in this month.",
        "Load the account, or correct the start date of its first contract.",
        _unknown_account,
    ),
    ConflictRule(
        "referral_without_contact", "Referrals by nobody known", ("referrals", "contacts"),
        "One referral names a contact who is not among the contacts.",
        "{count} referrals name a contact who is not among the contacts.",
        "Load the contact: without it nobody can be thanked, and the referral has no segment.",
        _referral_without_contact,
    ),
    ConflictRule(
        "asked_after_leaving", "Asked after leaving", ("asks", "contacts"),
        "One ask went to a person who had left the company.",
        "{count} asks went to people who had left the company.",
        "Correct the day the person left, or find out which list the ask was sent from.",
        _asked_after_leaving,
    ),
    ConflictRule(
        "asked_unknown", "Asks of nobody known", ("asks", "contacts"),
        "One ask names a contact who is not among the contacts.",
        "{count} asks name a contact who is not among the contacts.",
        "Load the contact, or correct the id: such an ask counts in no rate by segment.",
        _asked_unknown,
    ),
)  # fmt: skip
