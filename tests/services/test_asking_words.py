"""What accepting an ask is said to do: who else of the account rests."""

import pandas as pd
import pytest

from core.services.asking import accepted_words


@pytest.mark.parametrize(
    ("states", "words"),
    [
        pytest.param(("rest", "blocked", "ask"), "", id="nobody else could be asked"),
        pytest.param(("ask", "rest", "ask"), ". Bo of the same account rests until then", id="one"),
        pytest.param(("ask", "ask", "ask"), ". Bo and 1 colleague of the same account rest until then", id="two"),
    ],
)
def test_who_rests_with_the_person_asked_is_named(states, words):
    people = pd.DataFrame(
        {
            "contact_id": ["c1", "c2", "c3", "c4"],
            "account_id": ["a1", "a1", "a1", "a2"],
            "name": ["Ann", "Bo", "Cem", "Dee"],
            "state": ["ask", *states],
        }
    )
    said = accepted_words(people, "c1", "Review", "Ann")
    assert said == f"Review accepted for Ann; it waits to be sent{words}"
