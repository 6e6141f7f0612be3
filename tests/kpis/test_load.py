"""What customers carry: asks per person, unused contributions, touches per customer."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.load import asks_per_contact_90d
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_programme import BASE, DECEMBER, done, person, since_2023


def sent(contact, *days, **other):
    return [
        {
            "ask_id": f"{contact}{text}{place}",
            "contact_id": contact,
            "activity": "review",
            "state": "sent",
            "asked_on": day(text),
            **other,
        }
        for place, text in enumerate(days)
    ]


def test_asks_of_ninety_days_are_counted_by_person(company):
    # the 90 days to 31 December 2025 begin on 3 October
    asks = since_2023(
        *sent("three", "2025-10-03", "2025-11-01", "2025-12-31"),
        *sent("one", "2025-10-02", "2025-12-01"),
        *sent("none", "2025-10-02"),
        *sent("later", "2026-01-01"),
        *sent("accepted", "2025-12-01", state="accepted"),
    )
    frame = company(BASE | {"asks": asks}).frame("asked_90d", DECEMBER).set_index("contact_id")
    assert frame["asks_90d"].to_dict() == {"three": 3, "one": 1}
    assert frame["over_limit"].sum() == 0


def test_a_mean_hides_the_few_who_are_asked_every_month(company):
    many = [row for place in range(45) for row in sent(f"p{place}", "2025-12-01")]
    few = [row for place in range(5) for row in sent(f"f{place}", *[f"2025-12-{n:02d}" for n in range(2, 8)])]
    result = evaluate(REGISTRY["asks_per_contact_90d"], company(BASE | {"asks": since_2023(*many, *few)}), DECEMBER)
    assert (result.value, result.n, result.low) == (6.0, 50, None)
    assert (45 + 30) / 50 == 1.5, "the mean per person"
    assert {part.label: part.value for part in result.parts}["Asked more than 3 times"] == 5.0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(0, 20))
def test_at_least_nineteen_of_twenty_were_asked_no_more_often(asks, unasked):
    value = asks_per_contact_90d(asks_90d=np.array(asks + [0] * unasked))
    assert value in asks
    assert sum(number <= value for number in asks) >= 0.95 * len(asks)
    assert sum(number < value for number in asks) < 0.95 * len(asks)


def test_nobody_asked_is_no_figure(company):
    assert asks_per_contact_90d(asks_90d=np.array([], dtype=np.int64)) is None
    result = evaluate(REGISTRY["asks_per_contact_90d"], company(BASE | {"asks": since_2023()}), DECEMBER)
    assert (result.value, result.reason) == (None, "nobody was asked in 90 days")


def test_a_contribution_is_judged_once_its_180_days_are_over(company):
    # completed from 5 July 2024 (due 1 January 2025) to 4 July 2025 (due 31 December 2025)
    asks = since_2023(
        *done("in time", "2024-07-05", used_on=day("2025-01-01")),
        *done("too late", "2024-08-01", used_on=day("2025-06-01")),
        *done("never", "2025-07-04"),
        *done("before", "2024-07-04"),
        *done("too young", "2025-07-05"),
        *done("withdrawn", "2025-03-01"),
        *done("withdrew later", "2025-03-01"),
    )
    consents = [
        {"contact_id": "withdrawn", "use": "quote", "status": "withdrawn", "granted_on": day("2025-05-01")},
        {"contact_id": "withdrew later", "use": "quote", "status": "withdrawn", "granted_on": day("2025-12-01")},
        {"contact_id": "never", "use": "email", "status": "refused", "granted_on": day("2024-01-01")},
    ]
    data = company(BASE | {"asks": asks, "consents": consents})
    frame = data.frame("contributions_year", DECEMBER).set_index("contact_id")
    assert frame["unused"].to_dict() == {"in time": 0, "too late": 1, "never": 1, "withdrew later": 1}
    result = evaluate(REGISTRY["contribution_unused_rate"], data, DECEMBER)
    assert (result.numerator, result.n, result.state) == (3, 4, State.TOO_FEW)


@pytest.mark.parametrize(
    ("status", "day_said", "counted"),
    [
        pytest.param("refused", "2025-02-28", True, id="refused before it was given"),
        pytest.param("withdrawn", "2025-02-28", True, id="withdrawn before it was given"),
        pytest.param("refused", "2025-03-02", False, id="refused since"),
        pytest.param("withdrawn", "2025-08-28", False, id="withdrawn on the last day"),
        pytest.param("withdrawn", "2025-08-29", True, id="withdrawn once the time was over"),
    ],
)
def test_only_a_consent_taken_back_since_takes_a_contribution_out(company, status, day_said, counted):
    asks = since_2023(*done("p", "2025-03-01"), *done("q", "2025-03-01", used_on=day("2025-03-02")))
    earlier = {"contact_id": "p", "use": "logo", "status": "withdrawn", "granted_on": day("2023-05-01")}
    said = {"contact_id": "p", "use": "quote", "status": status, "granted_on": day(day_said)}
    data = company(BASE | {"asks": asks, "consents": [earlier, said]})
    assert data.frame("contributions_year", DECEMBER)["contact_id"].tolist() == (["p", "q"] if counted else ["q"])


def test_where_no_use_is_ever_recorded_there_is_no_rate_of_a_hundred_per_cent(company):
    asks = since_2023(*done("p", "2025-03-01"), *done("q", "2025-03-01", used_on=day("2026-02-01")))
    result = evaluate(REGISTRY["contribution_unused_rate"], company(BASE | {"asks": asks}), DECEMBER)
    assert (result.value, result.state) == (None, State.MISSING)
    assert "no use of a contribution is recorded" in result.reason


def touch(name, kind, at, direction="give", account_id="a", contact=None):
    return {
        "interaction_id": name,
        "account_id": account_id,
        "contact_id": contact,
        "at": dt.datetime.fromisoformat(f"{at}T10:00:00+00:00"),
        "channel": "email",
        "kind": kind,
        "direction": direction,
        "started_by": "person",
    }


def test_touches_are_asks_thanks_and_recognitions_of_paying_accounts(company):
    rows = {
        "accounts": [account("a"), account("b")],
        "subscriptions": [
            subscription("a", "2023-01-01", None, 10),
            subscription("b", "2023-01-01", "2025-07-01", 10),
        ],
        "contacts": [person("p"), person("q", "b")],
        "asks": since_2023(
            *sent("p", "2025-03-01", thanked_on=day("2025-03-20"), told_outcome_on=day("2025-05-01")),
            *sent("p", "2025-04-01", delivered=False),
            *sent("q", "2025-08-01"),
            *sent("q", "2025-06-01"),
        ),
        "interactions": [
            touch("1", "recognition", "2025-09-01"),
            touch("2", "send", "2025-03-01", "ask", contact="p"),
            touch("3", "send", "2025-10-01", "ask", contact="p"),
            touch("4", "send", "2025-10-01", "ask", contact="p"),
            touch("5", "send", "2025-10-01", "give", contact="p"),
            touch("6", "recognition", "2024-12-31"),
        ],
    }
    frame = company(rows).frame("touched_customers", DECEMBER).set_index("account_id")
    assert frame[["ask_touches", "give_touches"]].to_dict("index") == {
        "a": {"ask_touches": 2, "give_touches": 3},
        "b": {"ask_touches": 1, "give_touches": 0},
    }, "a send on the day of an ask, or twice on a day, is one touch; b no longer paid in August"
    result = evaluate(REGISTRY["advocacy_touches_per_customer"], company(rows), DECEMBER)
    assert result.value == pytest.approx(6 / 1.5), "a paid at twelve month ends, b at six"
    assert {part.label: part.value for part in result.parts} == {
        "Gives per customer": pytest.approx(2.0),
        "Asks per customer": pytest.approx(2.0),
        "Gives for each ask": pytest.approx(1.0),
    }
