"""Who is not written to any more is who is known to have left, opted out or been erased; nobody else."""

import datetime as dt

import pytest

from core.month import build_month
from core.month.reachable import unreachable
from tests.companies import account, day, source, subscription

GONE = dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC)


def consent(contact, status, use="email"):
    return {"contact_id": contact, "use": use, "status": status, "granted_on": day("2026-01-05")}


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """October with the contacts and without any."""
    tables = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2024-01-01", None, 100)],
        "contacts": [
            {"contact_id": name, "account_id": "a", "left_on": day("2026-09-03") if name in ("left", "both") else None}
            for name in ("there", "left", "out", "both", "quiet", "gone")
        ],
        "consents": [
            *(consent(name, "withdrawn") for name in ("out", "both", "gone")),
            consent("stranger out", "refused"),
            consent("stranger", "granted"),
            consent("quiet", "refused", use="logo"),
            consent("stranger quiet", "refused", use="logo"),
        ],
        "people": [
            {"person_id": "p1", "contact_id": "gone", "full_name": "G", "email": None, "erased_at": GONE},
            {"person_id": "p2", "contact_id": "stranger gone", "full_name": "S", "email": None, "erased_at": GONE},
            {"person_id": "p3", "contact_id": None, "full_name": "N", "email": None, "erased_at": GONE},
        ],
    }
    known = source(tmp_path_factory.mktemp("known"), tables)
    bare = source(tmp_path_factory.mktemp("bare"), {name: rows for name, rows in tables.items() if name != "contacts"})
    return build_month(day("2026-10-31"), known), build_month(day("2026-10-31"), bare)


def test_each_person_goes_by_the_last_reason_and_tells_all_of_them(months):
    found = unreachable(months[0])
    assert found["why"].to_dict() == {
        "left": "left the company", "out": "opted out", "both": "opted out", "stranger out": "opted out",
        "gone": "erased", "stranger gone": "erased",
    }  # fmt: skip
    assert found["reason"].to_dict() == {
        "left": "left the company on 3 Sep", "out": "opted out: no e-mail",
        "both": "left the company on 3 Sep; opted out: no e-mail", "stranger out": "opted out",
        "gone": "opted out; erased", "stranger gone": "erased",
    }  # fmt: skip
    assert unreachable(months[0]) is found


def test_without_contacts_only_what_is_known_of_people_counts(months):
    why = unreachable(months[1])["why"]
    assert why.to_dict() == {
        "out": "opted out", "both": "opted out", "stranger out": "opted out", "gone": "erased",
        "stranger gone": "erased",
    }  # fmt: skip
