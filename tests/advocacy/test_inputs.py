import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.advocacy.random_input import case, ideal


def test_days_numbers_and_flags_are_taken_in_any_dress():
    inputs = case()
    dressed = inputs.contacts.assign(
        joined_on=pd.Series([dt.date(2024, 1, 10)], dtype=object),
        left_on=pd.Series([None], dtype=object),
        nps_on="2026-11-01",
        nps_score=pd.Series([pd.NA], dtype="Int64"),
        seats=pd.Series([100], dtype=object),
        sponsor_known=pd.Series([None], dtype=object),
        never=pd.Series([pd.NA], dtype="boolean"),
    )
    row = replace(inputs, contacts=dressed).contacts.iloc[0]
    assert row["joined_on"] == pd.Timestamp("2024-01-10")
    assert row["nps_on"] == pd.Timestamp("2026-11-01")
    assert row[["left_on", "nps_score", "sponsor_known"]].isna().all()
    assert (row["seats"], row["never"]) == (100.0, False)


def test_a_lacking_column_is_named():
    inputs = case()
    with pytest.raises(ValueError, match=r"contacts: columns nps_on, never are missing"):
        replace(inputs, contacts=inputs.contacts.drop(columns=["nps_on", "never"]))


def test_a_contact_or_a_consent_stands_once():
    with pytest.raises(ValueError, match="contact_id must be unique"):
        case(ideal(), ideal())
    inputs = case()
    with pytest.raises(ValueError, match="one row per contact and use"):
        replace(inputs, consents=pd.concat([inputs.consents, inputs.consents]))


def test_an_account_keeps_its_people_and_what_is_theirs():
    inputs = case(ideal(), ideal(contact_id="c2", account_id="a2"), interests=[("c2", "review", "likes")])
    own = inputs.of_account("a2")
    assert own.ids.tolist() == ["c2"]
    assert set(own.consents["contact_id"]) == {"c2"}
    assert len(own.interests) == 1
    assert np.array_equal(inputs.positions(pd.Series(["c2", "nobody"])), [1, -1])


def consents(*rows):
    return pd.DataFrame(rows, columns=["contact_id", "use", "status", "expires_on"])


@pytest.mark.parametrize("contact", ["c1", "nobody", None])
def test_a_consent_without_a_use_says_nothing(contact):
    without_use = (contact, None, "granted", None)
    assert case(consents=consents(without_use, without_use)).laid_consents.uses.empty
    laid = case(consents=consents(without_use, ("c1", "logo", "granted", None))).laid_consents
    assert laid.rows.tolist() == [[1], [-1]]


def test_what_was_worked_out_on_the_same_records_is_held_once():
    before = case(interests=[("c1", "review", "likes")])
    after = replace(before, asks=before.asks.copy())
    assert before.interest_codes and before.ask_codes
    after.take_over(before)
    assert after.laid_consents is before.laid_consents
    assert after.of_consents is before.of_consents
    assert after.interest_codes is before.interest_codes
    assert after.ask_codes is not before.ask_codes
