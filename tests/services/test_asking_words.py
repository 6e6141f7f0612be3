"""What accepting an ask is said to do: who else of the account rests, and until when."""

import pandas as pd
import pytest

from core.model.advocacy import laid_over, load_advocacy_rules
from core.services.asking import accepted_words, colleagues_count

OWN = {"SMB": {"limits.between_colleagues.days": 3.0}, "Start-up": {"limits.between_colleagues.days": 1.0}}


@pytest.mark.parametrize(
    ("states", "segment", "words"),
    [
        pytest.param(("rest", "blocked", "ask"), "Enterprise", "", id="nobody else could be asked"),
        pytest.param(("ask", "rest", "ask"), "Enterprise", ". Bo {} rests until 7 days after it is sent", id="one"),
        pytest.param(
            ("ask", "ask", "ask"), None, ". Bo and 1 colleague {} rest until 7 days after it is sent", id="two"
        ),
        pytest.param(("ask", "rest", "ask"), "SMB", ". Bo {} rests until 3 days after it is sent", id="own limit"),
        pytest.param(("ask", "rest", "ask"), "Start-up", ". Bo {} rests until 1 day after it is sent", id="one day"),
    ],
)
def test_who_rests_with_the_person_asked_is_named_and_how_long_after_it_is_sent(states, segment, words):
    people = pd.DataFrame(
        {
            "contact_id": ["c1", "c2", "c3", "c4"],
            "account_id": ["a1", "a1", "a1", "a2"],
            "segment": [segment, segment, segment, "Start-up"],
            "name": ["Ann", "Bo", "Cem", "Dee"],
            "state": ["ask", *states],
        }
    )
    rules = laid_over(load_advocacy_rules(), {}, "test", OWN)
    said = accepted_words(people, "c1", "Review", "Ann", rules).replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"Review accepted for Ann; it waits to be sent{words.format('of the same account')}"


def test_of_many_who_are_asked_those_beside_them_who_could_be_asked_are_counted_once():
    people = pd.DataFrame(
        {
            "contact_id": ["c1", "c2", "c3", "c4", "c5"],
            "account_id": ["a1", "a1", "a1", "a2", "a3"],
            "state": ["ask", "ask", "rest", "ask", "ask"],
        }
    )
    assert colleagues_count(people, ["c1", "c4"]) == 1
    assert colleagues_count(people, ["c1", "c2"]) == 0
