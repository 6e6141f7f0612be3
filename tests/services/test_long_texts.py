"""Texts over their field: every save that takes one refuses it with how much to shorten."""

import datetime as dt

import pytest

from core.errors import RuleBroken, length_faults, too_long
from core.services.access import LOCAL_USER
from core.services.asking import set_aside, withdraw_ask
from core.services.asking_bulk import Pick, defer_many
from core.services.corrections import correct
from core.services.maturity_saving import name_of
from core.services.nominations import decide_nomination, nominate
from core.services.permissions import save_interest, verify_outcome
from core.services.referral_acts import judge_referral, route_referral, tell_referrer
from core.services.request_acts import RequestDraft, open_request, withdraw_request
from tests.homes import NOW

LONG, DAY = "x" * 5_000, NOW.date()
PICK = Pick("c1", "Ada", "speaking")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x" * 300, "", id="as many as may be"),
        pytest.param(f"  {'x' * 300}\n", "", id="spaces around it do not count"),
        pytest.param("x" * 301, "301 of 300 characters; shorten by 1", id="one too many"),
        pytest.param(LONG, "5,000 of 300 characters; shorten by 4,700", id="a paste"),
    ],
)
def test_how_much_to_shorten(text, said):
    assert too_long(text, 300) == said


def test_every_text_that_is_too_long_is_named():
    found = length_faults(("the owner", "x" * 81, 80), ("the reason", "why", 400), ("the note", LONG, 2_000))
    assert found == [
        "the owner is longer than 80 characters (81 of 80 characters; shorten by 1)",
        "the note is longer than 2,000 characters (5,000 of 2,000 characters; shorten by 3,000)",
    ]


@pytest.mark.parametrize(
    ("most", "save"),
    [
        pytest.param(300, lambda: set_aside(LOCAL_USER, "c1", "speaking", LONG, "t", NOW, None), id="set aside"),
        pytest.param(300, lambda: withdraw_ask(LOCAL_USER, "k1", LONG, NOW), id="withdraw an ask"),
        pytest.param(
            300, lambda: defer_many(LOCAL_USER, (PICK,), DAY + dt.timedelta(9), LONG, "t", NOW), id="defer many"
        ),
        pytest.param(500, lambda: nominate(LOCAL_USER, None, "c1", LONG, "t", NOW), id="nominate"),
        pytest.param(
            300,
            lambda: decide_nomination(LOCAL_USER, 1, 1, approve=False, answer=LONG, at=NOW),
            id="return a nomination",
        ),
        pytest.param(
            300,
            lambda: save_interest(LOCAL_USER, "c1", "speaking", "likes", "none", LONG, None, NOW),
            id="note of an interest",
        ),
        pytest.param(500, lambda: verify_outcome(LOCAL_USER, None, "c1", LONG, DAY, "t", NOW), id="outcome"),
        pytest.param(500, lambda: correct(LOCAL_USER, "accounts", {}, "name", "A", LONG, NOW), id="correction"),
        pytest.param(120, lambda: route_referral(LOCAL_USER, "r1", 1, LONG, "t", NOW), id="who calls"),
        pytest.param(500, lambda: judge_referral(LOCAL_USER, "r1", 1, "denied", LONG, "t", NOW), id="judge"),
        pytest.param(500, lambda: tell_referrer(LOCAL_USER, "r1", 1, "won", LONG, "t", NOW), id="tell"),
        pytest.param(
            500, lambda: open_request(LOCAL_USER, None, RequestDraft("o1", DAY, {}, LONG), "t", NOW), id="request"
        ),
        pytest.param(500, lambda: withdraw_request(LOCAL_USER, "R1", 1, LONG, "t", NOW), id="withdraw a request"),
        pytest.param(80, lambda: name_of(LOCAL_USER, LONG, "rate"), id="who rates"),
    ],
)
def test_a_save_says_how_much_to_shorten(in_empty, most, save):
    with pytest.raises(RuleBroken, match=f"5,000 of {most} characters; shorten by {5_000 - most:,}"):
        save()
