import datetime as dt

import pandas as pd
import pytest

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.next_give import next_gives
from core.advocacy.shape import CONTACT_COLUMNS
from core.model.gives import load_gives

TODAY = dt.date(2026, 10, 31)


def people(values=None, **other):
    row = dict.fromkeys(CONTACT_COLUMNS) | {"contact_id": "c1", "account_id": "a1", "account_active": True} | other
    stated = [] if values is None else [("c1", "review", "likes", value) for value in values]
    return AdvocacyInput(
        as_of=TODAY,
        loaded=frozenset({"contacts", "interests"}),
        contacts=pd.DataFrame([row]),
        consents=pd.DataFrame(columns=["contact_id", "use", "status", "expires_on"]),
        interests=pd.DataFrame(stated, columns=["contact_id", "activity", "stance", "values"]),
        asks=pd.DataFrame(columns=["contact_id", "activity", "asked_on", "response", "completed_on", "state",
                                   "deferred_until"]),
    )  # fmt: skip


def given(*rows):
    frame = pd.DataFrame(
        [("c1", kind, pd.Timestamp(day)) for kind, day in rows], columns=["contact_id", "kind", "last_on"]
    )
    return frame.astype({"contact_id": "str", "kind": "str", "last_on": "datetime64[us]"})


def give(values=None, *rows, **other):
    return next_gives(people(values, **other), given(*rows), load_gives()).iloc[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["influence"], "roadmap_preview", id="influence"),
        pytest.param(["visibility"], "public_thanks", id="visibility"),
        pytest.param(["network"], "executive_call", id="network"),
        pytest.param(["perks"], "small_gift", id="perks"),
        pytest.param(["perks", "network", "network"], "executive_call", id="what was named most often"),
        pytest.param(None, "personal_thanks", id="nothing was said"),
        pytest.param(["none"], "personal_thanks", id="nothing in particular"),
    ],
)
def test_the_give_suits_what_the_person_values(values, expected):
    assert give(values)["give"] == expected


def test_what_was_given_lately_is_not_given_again():
    assert give(["influence"], ("send", "2026-09-01"))["give"] == "product_session"
    assert give(["influence"], ("send", "2026-02-01"))["give"] == "roadmap_preview"


def test_when_everything_was_given_lately_the_oldest_turn_comes():
    rows = [("send", "2026-09-01"), ("review", "2026-08-15"), ("check_in", "2026-09-20"), ("recognition", "2026-10-01")]
    assert give(["influence"], *rows)["give"] == "product_session"


def test_a_give_rests_for_thirty_days():
    found = give(["influence"], ("send", "2026-10-20"))
    assert found["earliest"] == pd.Timestamp("2026-11-19")
    assert found["last_given_on"] == pd.Timestamp("2026-10-20")
    assert give(["influence"])["earliest"] == pd.Timestamp(TODAY)


def test_the_words_say_what_counts_and_what_was_given():
    assert give(["visibility"], ("send", "2026-10-20"))["why"] == "values visibility; last given on 20 Oct"
    assert give(None)["why"] == "has not said what counts; nothing given so far"
    assert give(["network"])["why"] == "values network; nothing given so far"


def test_who_left_gets_nothing():
    found = give(["network"], left_on=pd.Timestamp("2026-10-01"))
    assert pd.isna(found["give"])
    assert pd.isna(found["earliest"])
    assert pd.isna(found["why"])


def test_a_give_noted_by_its_name_counts_as_given():
    assert give(["influence"], ("roadmap_preview", "2026-10-31"))["give"] == "product_session"
    assert give(["influence"], ("roadmap_preview", "2026-10-31"))["earliest"] == pd.Timestamp("2026-11-30")
