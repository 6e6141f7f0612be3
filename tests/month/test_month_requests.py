"""What requests and referrals are judged by, from the facts and records of a small company."""

import datetime as dt

import pandas as pd
import pytest

from core.month import build_month
from core.month.source import Source
from tests.companies import account, day, source, subscription

AT = dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC)


def deal(name, account_id=None, **other):
    known = {"opportunity_id": name, "account_id": account_id, "name": name, "kind": "new", "source": "organic"}
    money = {"amount_cents": 100_000, "currency": "EUR", "created_on": day("2026-09-01"), "outcome": "open"}
    return known | money | other


def ask(name, contact, deal_id, **other):
    known = {"ask_id": name, "contact_id": contact, "activity": "reference", "state": "sent"}
    return known | {"opportunity_id": deal_id, "asked_on": day("2026-10-02")} | other


def request(name, deal_id, state="matched", contact="c1"):
    known = {"request_id": name, "opportunity_id": deal_id, "needed_by": day("2026-11-10"), "state": state}
    return known | {"contact_id": contact}


@pytest.fixture(scope="module")
def october(tmp_path_factory):
    tables = {
        "accounts": [account("a", segment="SMB", industry="Retail"), account("b", parent_id="a"), account("c")],
        "subscriptions": [subscription(name, "2024-01-01", None, 100) for name in ("a", "c")],
        "contacts": [{"contact_id": f"c{n}", "account_id": name} for n, name in enumerate("abc")],
        "opportunities": [
            deal("d1"),
            deal("d2"),
            deal("d3", closed_on=day("2026-11-05"), outcome="won"),
            deal("d4", closed_on=day("2026-10-20"), outcome="lost"),
            deal("d5", "b"),
        ],
        "stage_history": [
            {"opportunity_id": "d1", "stage": "proposal", "entered_on": day("2026-09-02")},
            {"opportunity_id": "d1", "stage": "negotiation", "entered_on": day("2026-10-02")},
            {"opportunity_id": "d1", "stage": "won", "entered_on": day("2026-11-02")},
        ],
        "asks": [
            ask("k1", "c1", "d1", state="proposed", asked_on=None),
            ask("k2", "c1", "d1", state="accepted", asked_on=None),
            ask("k3", "c1", "d2", response="no"),
            ask("k4", "c1", "d3", completed_on=day("2026-10-10"), told_outcome_on=day("2026-10-12")),
        ],
        "reference_requests": [
            request("q1", "d1"),
            request("q2", "d2"),
            request("q3", "d3", "done"),
            request("q4", "d5", "matched", None),
            request("q5", "d1", "open", None),
        ],
        "people": [
            {"person_id": "p1", "contact_id": "c0", "full_name": "Ann", "email": "ann@shared.example"},
            {"person_id": "x1", "contact_id": None, "full_name": "Xi", "email": "xi@Shared.example"},
        ],
        "referrals": [
            {"referral_id": "f1", "contact_id": "c0", "prospect_id": "x1", "submitted_at": AT},
            {"referral_id": "f2", "contact_id": "c0", "prospect_id": "b", "submitted_at": AT},
            {"referral_id": "f3", "contact_id": "c2", "prospect_id": "z", "submitted_at": AT, "opportunity_id": "d5"},
            {"referral_id": "f4", "contact_id": "c0", "prospect_id": "me@shared.example", "submitted_at": AT},
        ],
    }
    return build_month(day("2026-10-31"), source(tmp_path_factory.mktemp("requests"), tables))


def erasing(month, *rows, referrals):
    """The month with further people of shared.example, who were all erased, and with referrals of c0."""
    gone = pd.DataFrame(rows, columns=["person_id", "contact_id", "email"]).assign(erased_at=pd.Timestamp("2026-10-05"))
    people = month.records["people"]
    gone = gone.reindex(columns=people.columns).astype(people.dtypes.to_dict())
    made = month.records["referrals"].iloc[[0]].loc[[0] * len(referrals)].reset_index(drop=True)
    names = [f"g{place}" for place in range(len(referrals))]
    made = made.assign(referral_id=names, prospect_id=referrals).astype({"referral_id": "str", "prospect_id": "str"})
    records = month.records | {"people": pd.concat([people, gone], ignore_index=True), "referrals": made}
    known = Source(month.facts.engine, records, month.loaded, "", month.facts.key, "other records", ())
    return build_month(month.as_of, known, month.facts).known_referrals.set_index("referral_id")


def test_open_deals_stand_in_the_stage_of_the_day(october):
    deals = october.open_deals.set_index("opportunity_id")
    assert set(deals.index) == {"d1", "d2", "d3", "d5"}
    assert deals.loc["d1", "stage"] == "negotiation"
    assert deals.loc["d5", "unit_id"] == "a"


def test_a_request_needs_somebody_while_its_ask_was_withdrawn_refused_or_never_made(october):
    needs = october.reference_needs.set_index("request_id")
    assert needs["to_match"].to_dict() == {"q1": False, "q2": True, "q3": False, "q4": True, "q5": True}
    assert needs.loc["q1", "ask_id"] == "k2"


def test_referrals_of_the_own_group_and_with_a_shared_domain_are_seen(october):
    found = october.known_referrals.set_index("referral_id")
    assert found["own_company"].to_dict() == {"f1": False, "f2": True, "f3": False, "f4": False}
    assert found["shared_domain"].dropna().to_dict() == {"f1": "shared.example", "f4": "shared.example"}
    assert found.loc["f3", "amount_cents"] == 100_000
    assert pd.isna(found.loc["f1", "outcome"])


def test_erasing_the_referred_person_leaves_the_shared_domain(october):
    found = erasing(
        october, ("x7", None, " Gone@shared.example "), ("x8", "c2", "went@shared.example"),
        referrals=["gone@Shared.example", " gone@shared.example ", "x7", "c2", "c", "gone@other.example"],
    )  # fmt: skip
    assert found["prospect_id"].tolist() == ["x7", "x7", "x7", "c2", "c", "gone@other.example"]
    assert found["shared_domain"].tolist()[:5] == ["shared.example"] * 5
    assert pd.isna(found["shared_domain"].iloc[5])


def test_the_domain_of_a_referrer_who_was_erased_is_not_told(october):
    assert erasing(october, ("p2", "c0", "ann@shared.example"), referrals=["x1"])["shared_domain"].isna().all()
