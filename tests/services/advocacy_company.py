"""A small company on either database for tests of settings and scores set by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from core.month import FactMonth, Month, Source, build_month
from core.month.month import build_facts
from core.services.access import Actor
from core.services.home import current_state, read_overrides, read_settings
from core.settings import settings
from core.store.database import database
from tests.companies import account, day, source, subscription
from tests.homes import using

NOW = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
OCTOBER = dt.date(2026, 10, 1)
ADA = Actor("Ada", frozenset({"admin"}))
CLEO = Actor("Cleo", frozenset({"customer_marketing"}))
PEOPLE = 6
"""Contacts c0 to c5, each at an account of its own; c0 to c2 Enterprise, the others SMB."""


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty installation of its own, on either database."""
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    settings.cache_clear()
    yield
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory, company: Source) -> Iterator[Month]:
    """October in an installation that all tests of a module share because none of them saves anything."""
    with using(tmp_path_factory.mktemp("untouched")):
        yield build_month(day("2026-10-31"), company)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Everybody answered with a nine, has a renewal ahead and can be asked; c5 has an open severe ticket."""
    names = [f"a{place}" for place in range(PEOPLE)]
    people = [(f"c{place}", f"a{place}") for place in range(PEOPLE)]
    ticket = {"ticket_id": "t1", "account_id": "a5", "severity": 1, "escalated": False}
    renewal = {"due_on": day("2027-02-15"), "mrr_due_cents": 1, "currency": "EUR"}
    week = {"week_start": day("2026-10-19"), "active_users": 8, "licensed_seats": 10, "core_events": 9}
    granted = {"use": "email", "status": "granted", "granted_on": day("2026-01-01")}
    asked = {"activity": "speaking", "state": "sent", "asked_on": day("2024-02-01")}
    rows = {
        "accounts": [
            account(name, segment="Enterprise" if place < PEOPLE // 2 else "SMB", icp_fit=0.3 + place / 10)
            for place, name in enumerate(names)
        ],
        "subscriptions": [
            *(subscription(name, "2024-01-01", None, 100) for name in names),
            subscription("a0", "2026-10-31", None, 1),
        ],
        "contacts": [{"contact_id": who, "account_id": at, "joined_on": day("2024-01-01")} for who, at in people],
        "survey_responses": [
            {"response_id": f"r{who}", "account_id": at, "contact_id": who, "survey": "nps", "score": 9,
             "answered_at": dt.datetime.fromisoformat(f"2026-09-0{1 + place}")}
            for place, (who, at) in enumerate(people)
        ],
        "renewals": [{"renewal_id": f"n{at}", "account_id": at, **renewal} for at in names],
        "milestones": [{"account_id": at, "kind": "first_value", "reached_on": day("2025-01-01")} for at in names],
        "outcomes": [
            {"outcome_id": f"o{at}", "account_id": at, "agreed_on": day("2025-01-01"), "verified_on": day("2026-09-09")}
            for at in names
        ],
        "tickets": [{**ticket, "opened_at": dt.datetime.fromisoformat("2026-01-01")}],
        "usage": [{"account_id": at, **week} for at in names],
        "consents": [{"contact_id": who, **granted} for who, _ in people],
        "asks": [{"ask_id": "k", "contact_id": "c4", **asked}],
    }  # fmt: skip
    return source(tmp_path_factory.mktemp("company"), rows)


class Shared:
    """A company as a key: the same object is the same company."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shared) and other.source is self.source

    def __hash__(self) -> int:
        return id(self.source)


def month_now(company: Source, month: str = "2026-10-31") -> Month:
    """A month of the company with what is saved now."""
    told = replace(
        company, settings=read_settings(), overrides=read_overrides(), judgement_key=current_state().judgement_key
    )
    return build_month(day(month), told, _facts(Shared(company), month))


@lru_cache(maxsize=4)
def _facts(company: Shared, month: str) -> FactMonth:
    """What rests on facts alone, built once for all tests of a company."""
    return build_facts(day(month), company.source)


def states(month: Month) -> dict[str, str]:
    """State of the next ask by contact."""
    return dict(zip(month.next_asks["contact_id"], month.next_asks["state"], strict=True))
