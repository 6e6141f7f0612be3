"""Who was erased is named nowhere a month is read: not by a second row of the contact, not by an address as an id."""

import pandas as pd
import pytest

from core.month.erased import not_erased, without_addresses
from core.month.reuse import Memory

GONE = pd.Timestamp("2026-10-20")


def people(*rows):
    frame = pd.DataFrame(rows, columns=["person_id", "contact_id", "email", "erased_at"])
    texts = dict.fromkeys(("person_id", "contact_id", "email"), "str")
    return frame.astype(texts | {"erased_at": "datetime64[us]"})


def referrals(*prospects):
    names = [f"r{place}" for place in range(len(prospects))]
    return pd.DataFrame({"referral_id": names, "prospect_id": list(prospects)}).astype("str")


def test_further_rows_of_a_contact_go_with_the_one_that_was_erased():
    gone = [("h1", "c1", "a@x.example", GONE), ("h4", None, "d@x.example", GONE)]
    rows = people(*gone, *((person, contact, f"{person}@x.example", None)
                           for person, contact in (("h2", "c1"), ("h3", None), ("h5", "c2"))))  # fmt: skip
    assert not_erased(rows)["person_id"].tolist() == ["h3", "h5"]


def test_without_anybody_erased_everything_is_the_same_object():
    rows, made = people(("h1", "c1", "a@x.example", None)), referrals("a@x.example")
    assert not_erased(rows) is rows
    assert without_addresses({"people": rows, "referrals": made}, Memory())["referrals"] is made


def test_a_referral_of_somebody_erased_goes_by_the_id_of_the_person():
    rows = people(("h1", None, "Ann@X.example", GONE), ("h2", None, "bo@x.example", None), ("h3", "c3", None, GONE))
    records, memory = {"people": rows, "referrals": referrals("ann@x.EXAMPLE", "bo@x.example", "P-7")}, Memory()
    found = without_addresses(records, memory)
    assert found["referrals"]["prospect_id"].tolist() == ["h1", "bo@x.example", "P-7"]
    assert found["people"] is rows
    assert without_addresses(records, memory)["referrals"] is found["referrals"], "what rests on it is kept"


def test_the_address_of_a_further_row_of_an_erased_contact_goes_too():
    rows = people(("h1", "c1", "a@x.example", GONE), ("h2", "c1", "a.private@y.example", None),
                  ("h3", "c2", "a.private@z.example", None))  # fmt: skip
    made = referrals("a.private@y.example", "a.private@z.example")
    found = without_addresses({"people": rows, "referrals": made}, Memory())["referrals"]
    assert found["prospect_id"].tolist() == ["h2", "a.private@z.example"]


@pytest.mark.parametrize(("kept", "written"), [("a@x.example", " A@x.example "), (" a@x.example ", "a@x.example")])
def test_spaces_around_an_address_hide_nobody(kept, written):
    records = {"people": people(("h1", None, kept, GONE)), "referrals": referrals(written)}
    assert without_addresses(records, Memory())["referrals"]["prospect_id"].tolist() == ["h1"]
