import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from core.advocacy.rests import rests
from tests.advocacy.random_input import AS_OF, ask, case, ideal


def on(days: int) -> pd.Timestamp:
    return pd.Timestamp(AS_OF) + pd.Timedelta(days=days)


def untils(inputs, rules, activities):
    return rests(inputs, rules, activities).groupby("rest", observed=True)["until"].max().to_dict()


def test_nobody_rests_without_a_reason(rules, activities):
    assert rests(case(), rules, activities).empty


@pytest.mark.parametrize(
    ("contact", "asks", "rest", "until", "reason"),
    [
        ({}, [ask("review", on(0))], "between_asks", on(30), "asked on 21 Nov"),
        ({}, [ask("review", on(-29))], "between_asks", on(1), "asked on 23 Oct"),
        ({}, [ask("review", on(-80)), ask("reference", on(-40))], "quarter", on(10), "2 asks in 90 days, 2 at most"),
        (
            {},
            [ask("review", on(-80)), ask("reference", on(-60)), ask("referral", on(-40))],
            "quarter",
            on(30),
            "3 asks in 90 days, 2 at most",
        ),
        ({}, [ask("speaking", on(-100 - 40 * k)) for k in range(6)], "year", on(65), "6 asks in 365 days, 6 at most"),
        (
            {},
            [ask("video", on(-80), response="yes"), ask("review", on(-200), response="yes")],
            "open_promise",
            on(10),
            "said yes to: Video, asked on 2 Sep, not done yet",
        ),
        ({}, [ask("video", on(-100), response="no")], "after_no", on(80), "said no on 13 Aug"),
        ({"deferred_until": on(14)}, [], "deferred", on(14), "deferred until 5 Dec"),
        ({"last_escalation_closed_on": on(-10)}, [], "after_escalation", on(20), "escalation closed on 11 Nov"),
        ({"csat_score": 2, "csat_on": on(-5)}, [], "poor_csat", on(25), "CSAT 2 on 16 Nov"),
        ({}, [ask("review", on(-60))], "cooldown", on(30), "Review asked for on 22 Sep"),
        (
            {},
            [ask("reference", on(-61), completed_on=on(-50))],
            "done",
            on(10),
            "Reference call done on 2 Oct",
        ),
    ],
)
def test_a_rest_ends_on_the_day_it_says(rules, activities, contact, asks, rest, until, reason):
    inputs = case(ideal(**contact), asks=asks)
    found = rests(inputs, rules, activities)
    row = found[found["rest"] == rest].iloc[0]
    last = until.date() - dt.timedelta(days=1)
    assert set(rests(inputs, rules, activities, last)["rest"]) >= {rest}
    assert rest not in set(rests(inputs, rules, activities, until.date())["rest"])
    assert (row["until"], row["reason"]) == (until, reason)
    eve = replace(inputs, as_of=(until - pd.Timedelta(days=1)).date())
    that_day = replace(inputs, as_of=until.date())
    assert rest in untils(eve, rules, activities)
    stale = {"asks_90d": 0, "asks_365d": 0}
    counted_anew = replace(that_day, contacts=that_day.contacts.assign(**stale))
    assert rest not in untils(counted_anew, rules, activities)


@pytest.mark.parametrize(
    ("contact", "asks"),
    [
        pytest.param({"csat_score": 3, "csat_on": on(0)}, [], id="middling CSAT"),
        pytest.param({"deferred_until": on(0)}, [], id="deferred until today"),
        pytest.param({}, [ask("review", on(0), state="proposed")], id="a proposal is no ask"),
        pytest.param({}, [ask("review", on(0), state="deferred", deferred_until=on(-1))], id="nor is a deferred one"),
        pytest.param({}, [ask("reference", on(-60)), ask("testimonial", on(-91))], id="two asks, one of them old"),
        pytest.param({}, [ask("testimonial", on(-95), response="yes")], id="a yes that lapsed"),
        pytest.param({}, [ask("reference", on(-65), response="later")], id="a later is no promise"),
    ],
)
def test_what_does_not_rest(rules, activities, contact, asks):
    assert rests(case(ideal(**contact), asks=asks), rules, activities).empty


def test_an_accepted_ask_that_was_not_sent_holds_without_an_end(rules, activities):
    row = rests(case(asks=[ask("review", None, state="accepted")]), rules, activities).iloc[0]
    assert row["rest"] == "accepted"
    assert pd.isna(row["until"])


COLLEAGUES = (
    ideal(),
    ideal(contact_id="c2"),
    ideal(contact_id="c3", last_ask_on=on(-30)),
    ideal(contact_id="c4", account_id="a2", account_name="Elsewhere"),
)


def of_the_account(inputs, rules, activities):
    found = rests(inputs, rules, activities)
    rows = found[found["rest"].isin(["colleague_asked", "colleague_accepted"])]
    return {row["contact_id"]: (row["reason"], row["until"]) for row in rows.to_dict("records")}


def test_people_of_one_account_are_asked_one_after_another(rules, activities):
    inputs = case(*COLLEAGUES, asks=[ask("review", on(-6))])
    held = ("a colleague was asked on 15 Nov", on(1))
    assert of_the_account(inputs, rules, activities) == {"c2": held, "c3": held}, "nobody holds herself"
    tomorrow = replace(inputs, as_of=on(1).date())
    assert of_the_account(tomorrow, rules, activities) == {}
    both = case(*COLLEAGUES, asks=[ask("review", on(-6)), ask("review", on(-2), contact_id="c2")])
    assert of_the_account(both, rules, activities) == {
        "c1": ("a colleague was asked on 19 Nov", on(5)),
        "c2": held,
        "c3": ("a colleague was asked on 19 Nov", on(5)),
    }


def test_an_accepted_ask_holds_the_colleagues_until_it_is_sent_or_withdrawn(rules, activities):
    waits = ask("review", None, state="accepted")
    words = ("an accepted ask of a colleague waits to be sent", pd.NaT)
    found = of_the_account(case(*COLLEAGUES, asks=[waits]), rules, activities)
    assert found == {"c2": words, "c3": words}
    found = of_the_account(case(*COLLEAGUES, asks=[waits, waits | {"contact_id": "c2"}]), rules, activities)
    assert set(found) == {"c1", "c2", "c3"}


def test_who_has_no_account_has_no_colleagues(rules, activities):
    alone = [ideal(contact_id=name, account_id=None) for name in ("c1", "c2")]
    asks = [ask("review", on(-2)), ask("review", None, state="accepted")]
    assert of_the_account(case(*alone, asks=asks), rules, activities) == {}


def test_a_cooldown_holds_for_its_activity_alone(rules, activities):
    found = rests(case(asks=[ask("review", on(-60))]), rules, activities)
    assert found["activity"].tolist() == ["review"]


def test_a_count_the_asks_do_not_explain_waits_for_the_last_one(rules, activities):
    inputs = case(ideal(asks_90d=3, last_ask_on=on(-50)))
    inputs = replace(inputs, contacts=inputs.contacts.assign(asks_90d=3.0, last_ask_on=on(-50)))
    assert untils(inputs, rules, activities)["quarter"] == on(40)


def test_a_deferral_without_a_day_holds_until_somebody_decides(rules, activities):
    inputs = case(ideal(), asks=[ask("review", None, state="deferred")])
    (row,) = rests(inputs, rules, activities).query("rest == 'deferred'").to_dict("records")
    assert row["until"] is pd.NaT
    assert row["reason"] == "deferred without a day"


def test_a_deferral_with_a_day_is_not_one_without(rules, activities):
    inputs = case(ideal(deferred_until=on(-1)), asks=[ask("review", None, state="deferred", deferred_until=on(-1))])
    assert rests(inputs, rules, activities).query("rest == 'deferred'").empty
