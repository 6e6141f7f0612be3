"""Rows of deals, referrals and reference requests for small companies."""

import datetime as dt

from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
BASE = {
    "accounts": [account("a", segment="SMB")],
    "subscriptions": [subscription("a", "2023-01-01", None, 10)],
    "contacts": [{"contact_id": "c1", "account_id": "a"}, {"contact_id": "c2", "account_id": "a"}],
}
OLD = {
    "opportunity_id": "old",
    "name": "Old",
    "kind": "expansion",
    "amount_cents": 1,
    "currency": "EUR",
    "created_on": dt.date(2023, 1, 2),
    "closed_on": dt.date(2023, 2, 1),
    "outcome": "lost",
}
"""An expansion long ago, from which on deals are known."""


def deal(name, source="referral", outcome="won", created="2025-03-01", closed="2025-06-01", cents=100_00, **other):
    return {
        "opportunity_id": name,
        "name": name.title(),
        "kind": "new",
        "source": source,
        "segment": "SMB",
        "amount_cents": cents,
        "currency": "EUR",
        "created_on": day(created),
        "closed_on": day(closed) if closed else None,
        "outcome": outcome,
        **other,
    }


def at(text):
    """An instant written YYYY-MM-DD HH:MM."""
    return dt.datetime.fromisoformat(text) if text else None


def referral(name, submitted="2025-06-02 10:00", company=None, contact="c1", called=None, accepted=None, **other):
    return {
        "referral_id": name,
        "contact_id": contact,
        "prospect_id": company or f"company of {name}",
        "submitted_at": at(submitted),
        "first_contact_at": at(called),
        "qualified_at": at(accepted),
        **other,
    }


def request(name, needed="2025-06-10", state="done", deal="d", contact="c1"):
    return {
        "request_id": name,
        "opportunity_id": deal,
        "needed_by": day(needed),
        "state": state,
        "contact_id": contact,
    }


def by(frame, key, value):
    """One column of a frame by another, as a dict."""
    return dict(zip(frame[key], frame[value], strict=True))
