"""What the scores are told of a contact on a day: nothing later, except what people recorded in the newest month."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.rests import rests
from core.glossary import SPACE
from core.model.activities import load_activities
from core.model.pool import pool_rules
from core.month import build_month
from core.month.contacts import (
    _ask_counts,
    counted_asks,
    month_asks,
    visible_asks,
    visible_consents,
    visible_outcomes,
)
from core.store.records import frame_of
from tests.companies import account, day, source, subscription

JUNE, MAY = day("2026-06-30"), day("2026-05-31")


def contact(name="c1", of="a", **other):
    return {"contact_id": name, "account_id": of, "joined_on": day("2024-01-01"), **other}


def ask(number=1, state="sent", asked_on="2026-06-01", **other):
    row = {"ask_id": f"k{number}", "contact_id": "c1", "activity": "review", "state": state}
    return row | {"asked_on": day(asked_on) if asked_on else None} | other


def nps(name, score, on, contact="c1"):
    return {
        "response_id": name, "account_id": "a", "contact_id": contact, "survey": "nps", "score": score,
        "answered_at": pd.Timestamp(on),
    }  # fmt: skip


@pytest.fixture
def company(tmp_path):
    """A month of one account with one contact, and whatever rows a test adds."""

    def build(as_of=JUNE, **rows):
        rows = {"accounts": [account("a")], "contacts": [contact()]} | rows
        rows.setdefault("subscriptions", [subscription("a", "2024-01-01", None, 100)])
        # an answer on the last day makes June the newest complete month
        rows["survey_responses"] = [
            *rows.get("survey_responses", []),
            nps("last", 10, "2026-06-30", contact="somebody else"),
        ]
        return build_month(as_of, source(tmp_path, rows))

    return build


def only(month, name="c1"):
    contacts = month.advocacy_input.contacts
    return contacts[contacts["contact_id"] == name].iloc[0]


def asks(*rows):
    return frame_of("asks", rows)


def test_an_ask_made_after_the_data_end_keeps_its_day_and_figures_count_it_on_the_last_one(company):
    month = company(asks=[ask(asked_on="2026-07-15", responded_on=day("2026-07-20"))])
    (told,) = month_asks(month).to_dict("records")
    assert (told["asked_on"], told["responded_on"]) == (pd.Timestamp("2026-07-15"), pd.Timestamp("2026-07-20"))
    (counted,) = counted_asks(month).to_dict("records")
    assert (counted["asked_on"], counted["responded_on"]) == (pd.Timestamp(JUNE), pd.Timestamp(JUNE))
    assert (only(month)["asks_90d"], only(month)["last_ask_on"]) == (1, pd.Timestamp("2026-07-15"))
    (load,) = month.pool_figures.concentration.rows.to_dict("records")
    assert (load["asks"], load["last_ask_on"]) == (1, pd.Timestamp("2026-07-15"))


def test_a_rest_after_an_ask_made_since_the_data_end_lasts_from_that_day(company):
    rows = [ask(1, asked_on="2026-07-01", responded_on=day("2026-07-02"), response="no")]
    month = company(asks=rows)
    found = rests(month.advocacy_input, month.advocacy_rules, load_activities())
    held = found.astype({"rest": "str", "reason": "str"}).set_index("rest")
    assert held.loc["between_asks", "until"] == pd.Timestamp("2026-07-31")
    assert held.loc["between_asks", "reason"].replace(SPACE, " ") == "asked on 1 Jul"
    assert held.loc["after_no", "until"] == pd.Timestamp("2026-12-29")


def test_an_act_done_since_the_data_end_is_as_fresh_as_one_of_the_last_day_and_no_fresher(company):
    def points(asked_on, done_on):
        row = ask(1, asked_on=asked_on, response="yes", responded_on=day(done_on), completed_on=day(done_on))
        parts = company(asks=[row], outcomes=[outcome(1, done_on)]).scores.parts
        return parts.loc[parts["score"] == "readiness", "points"].to_numpy()

    np.testing.assert_allclose(points("2026-06-30", "2026-06-30"), points("2026-07-09", "2026-07-12"))


def test_an_earlier_month_hides_later_asks_and_what_carries_no_day():
    later = asks(
        ask(1, asked_on="2026-05-31"),
        ask(2, asked_on="2026-06-01"),
        ask(3, "accepted", None),
        ask(4, "never", None),
        ask(5, "deferred", None, deferred_until=day("2026-09-01")),
    )
    assert list(visible_asks(later, pd.Timestamp(MAY), newest=False)["ask_id"]) == ["k1"]
    assert len(visible_asks(later, pd.Timestamp(MAY), newest=True)) == 5


def test_an_earlier_month_empties_later_answers():
    row = ask(asked_on="2026-05-20", responded_on=day("2026-06-02"), response="no", completed_on=day("2026-06-10"))
    (seen,) = visible_asks(asks(row), pd.Timestamp(MAY), newest=False).to_dict("records")
    assert pd.isna(seen["responded_on"])
    assert pd.isna(seen["response"])
    assert pd.isna(seen["completed_on"])


def test_an_answer_known_by_then_stays():
    row = ask(asked_on="2026-05-20", responded_on=day("2026-05-30"), response="no")
    (seen,) = visible_asks(asks(row), pd.Timestamp(MAY), newest=False).to_dict("records")
    assert seen["response"] == "no"


def consent(use="email", status="granted", granted_on="2026-06-10", **other):
    row = {"contact_id": "c1", "use": use, "status": status, "granted_on": day(granted_on)}
    return row | other


def test_a_consent_granted_later_is_invisible_in_an_earlier_month_and_counts_in_the_newest():
    frame = frame_of("consents", [consent()])
    assert visible_consents(frame, pd.Timestamp(MAY), newest=False).empty
    assert len(visible_consents(frame, pd.Timestamp(MAY), newest=True)) == 1


def guard(month, name):
    rows = month.guards[month.guards["guard"] == name]
    return rows.iloc[0]


def test_a_withdrawal_after_the_data_end_stops_every_ask_at_once(company):
    month = company(consents=[consent(status="withdrawn", granted_on="2026-07-10")])
    assert guard(month, "opted_out")["state"] == "blocked"


@pytest.mark.parametrize(("expires_on", "state"), [("2026-06-30", "clear"), ("2026-06-29", "blocked")])
def test_a_consent_holds_until_its_last_day(company, expires_on, state):
    month = company(consents=[consent(expires_on=day(expires_on))])
    assert guard(month, "consent_email")["state"] == state


def outcome(number, verified_on, agreed_on="2026-01-01"):
    days = {"agreed_on": day(agreed_on), "verified_on": day(verified_on) if verified_on else None}
    return {"outcome_id": f"o{number}", "account_id": "a", **days}


def test_outcomes_count_from_the_day_they_are_verified(company):
    rows = [outcome(1, "2026-05-31"), outcome(2, "2026-06-15"), outcome(3, None)]
    assert only(company(MAY, outcomes=rows))["outcomes_verified"] == 1
    assert only(company(MAY, outcomes=rows))["last_outcome_on"] == pd.Timestamp(MAY)
    assert only(company(JUNE, outcomes=rows))["outcomes_verified"] == 2


def test_an_outcome_verified_after_the_data_end_counts_in_the_newest_month_alone_and_keeps_its_day():
    frame = frame_of("outcomes", [outcome(1, "2026-07-15")])
    (seen,) = visible_outcomes(frame, pd.Timestamp(JUNE), newest=True)["verified_on"]
    assert seen == pd.Timestamp("2026-07-15")
    assert visible_outcomes(frame, pd.Timestamp(JUNE), newest=False).empty


@pytest.mark.parametrize(
    ("asked_on", "in_quarter", "in_year"),
    [
        pytest.param("2026-06-30", 1, 1, id="today"),
        pytest.param("2026-04-02", 1, 1, id="89 days ago"),
        pytest.param("2026-04-01", 0, 1, id="90 days ago"),
        pytest.param("2025-07-01", 0, 1, id="364 days ago"),
        pytest.param("2025-06-30", 0, 0, id="365 days ago"),
    ],
)
def test_asks_leave_the_quarter_after_90_days_and_the_year_after_365(company, asked_on, in_quarter, in_year):
    known = only(company(asks=[ask(asked_on=asked_on)]))
    assert (known["asks_90d"], known["asks_365d"]) == (in_quarter, in_year)


def test_only_sent_asks_count(company):
    rows = [ask(1, "proposed"), ask(2, "accepted"), ask(3, "deferred"), ask(4, "sent", "2026-06-02")]
    known = only(company(asks=rows))
    assert known["asks_90d"] == 1
    assert known["last_ask_on"] == pd.Timestamp("2026-06-02")


def test_the_last_ask_and_the_last_no_are_those_of_the_latest_days(company):
    known = only(
        company(
            asks=[
                ask(1, asked_on="2026-01-10", activity="reference", response="no", responded_on=day("2026-01-20")),
                ask(2, asked_on="2025-11-10", response="no"),
                ask(3, asked_on="2026-03-01", activity="referral", response="yes", responded_on=day("2026-03-02"),
                    completed_on=day("2026-04-01")),
            ]
        )
    )  # fmt: skip
    assert known["last_ask_activity"] == "referral"
    assert known["last_no_on"] == pd.Timestamp("2026-01-20")
    assert known["last_completed_on"] == pd.Timestamp("2026-04-01")
    assert (known["answered_365d"], known["completed_365d"]) == (2, 1)


def shown(month, signal):
    parts = month.scores.parts.astype({"score": "str", "signal": "str", "raw": "str", "why_missing": "str"})
    (row,) = parts[(parts["score"] == "readiness") & (parts["signal"] == signal)].to_dict("records")
    return row["raw"] if pd.isna(row["why_missing"]) else row["why_missing"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("asked_on", "then", "answers", "acts"),
    [
        pytest.param("2026-06-30", {}, "not asked in the last year, or", "not asked in the last year, or", id="just"),
        pytest.param("2026-05-02", {}, "not asked in the last year, or", "not asked in the last year, or", id="day 59"),
        pytest.param("2026-05-01", {}, "answered 0 of 1 ask", "0 acts", id="its time is over"),
        pytest.param("2026-06-10", {"response": "yes", "responded_on": day("2026-06-12")}, "answered 1 of 1 ask in",
                     "not asked in the last year, or", id="said yes"),
        pytest.param("2026-06-10", {"response": "no", "responded_on": day("2026-06-12")}, "answered 1 of 1 ask in",
                     "0 acts", id="said no"),
    ],
)  # fmt: skip
def test_who_was_asked_has_time_to_answer_and_to_act_before_it_counts(company, asked_on, then, answers, acts):
    month = company(asks=[ask(1, asked_on=asked_on, **then)])
    assert shown(month, "responsiveness").startswith(answers)
    assert shown(month, "willingness_shown").startswith(acts)


def test_an_ask_sent_now_moves_no_readiness_and_is_told_beside_those_that_count(company):
    old = ask(1, asked_on="2026-01-10", response="yes", responded_on=day("2026-01-11"), completed_on=day("2026-02-01"))
    before, after = company(asks=[old]), company(asks=[old, ask(2, asked_on="2026-07-01")])
    assert shown(after, "responsiveness") == "answered 1 of 1 ask in a year, 1 more not due yet"
    pd.testing.assert_series_equal(before.scores.contacts["readiness"], after.scores.contacts["readiness"])


def test_a_person_nobody_asked_has_zero_asks_and_no_days(company):
    known = only(company(asks=[ask(contact_id="somebody else")]))
    assert known[["asks_90d", "asks_365d", "answered_365d", "completed_365d"]].tolist() == [0, 0, 0, 0]
    assert pd.isna(known["last_ask_on"])
    assert not known["never"]


def test_a_never_stands_and_the_latest_deferral_counts(company):
    rows = [
        ask(1, "deferred", None, deferred_until=day("2026-08-01")),
        ask(2, "deferred", None, deferred_until=day("2026-09-01")),
        ask(3, "sent", "2026-01-01", deferred_until=day("2027-01-01")),
    ]
    month = company(asks=rows)
    assert only(month)["deferred_until"] == pd.Timestamp("2026-09-01")
    assert not only(month)["never"]
    month = company(asks=[*rows, ask(4, "never", None)])
    assert only(month)["never"]
    assert guard(month, "never")["state"] == "blocked"


def week(start, users=10, seats=20, events=100):
    return {
        "account_id": "a", "week_start": day(start), "active_users": users, "licensed_seats": seats,
        "core_events": events,
    }  # fmt: skip


def test_usage_is_the_last_four_complete_weeks_against_the_twelve_before(company):
    """30 June 2026 is a Tuesday: its week is not complete, the last complete one starts on 22 June."""
    weeks = [week("2026-06-29", users=1000, events=9000)]
    weeks += [week(f"2026-06-{number:02}", users=12, events=120) for number in (1, 8, 15, 22)]
    weeks += [week("2026-05-25", users=99, events=40), week("2026-03-09", events=80), week("2026-03-02", events=9000)]
    known = only(company(usage=weeks))
    assert known["users_4w"] == 12
    assert known["events_4w"] == 120
    assert known["events_prior_12w"] == 60
    assert known["seats"] == 20


def test_a_week_that_ends_on_the_last_day_is_complete(company):
    """31 May 2026 is a Sunday."""
    known = only(company(MAY, usage=[week("2026-05-25", events=400)]))
    assert known["events_4w"] == 400


def test_a_week_without_a_row_is_unknown_and_four_of_them_are_a_customer_that_stopped(company):
    one_missing = [week(f"2026-05-{number:02}", events=120) for number in (4, 18, 25)]
    assert only(company(MAY, usage=one_missing))["events_4w"] == 120
    stopped = only(company(MAY, usage=[week("2026-03-30", events=80)]))
    assert (stopped["events_4w"], stopped["events_prior_12w"]) == (0, 80)


def test_a_detractor_answer_stops_for_ninety_days_whatever_is_answered_after_it(company):
    rows = [nps("r1", 3, "2026-05-20"), nps("r2", 9, "2026-06-10")]
    assert only(company(MAY, survey_responses=rows))["nps_score"] == 3
    assert guard(company(MAY, survey_responses=rows), "detractor")["state"] == "blocked"
    assert only(company(JUNE, survey_responses=rows))["nps_score"] == 9
    assert guard(company(JUNE, survey_responses=rows), "detractor")["state"] == "blocked"
    older = [nps("r1", 3, "2026-03-20"), nps("r2", 9, "2026-06-10")]
    assert guard(company(JUNE, survey_responses=older), "detractor")["state"] == "clear"


def test_a_child_is_as_active_and_worth_as_much_as_the_parent_that_is_counted(company):
    month = company(
        accounts=[account("a"), account("child", parent_id="a"), account("gone")],
        contacts=[contact(), contact("c2", "child"), contact("c3", "gone")],
        subscriptions=[
            subscription("a", "2024-01-01", None, 100),
            subscription("child", "2024-01-01", None, 50),
            subscription("gone", "2024-01-01", "2026-06-01", 70),
        ],
    )
    assert [only(month, name)["mrr_cents"] for name in ("c1", "c2", "c3")] == [15_000, 15_000, 0]
    assert [bool(only(month, name)["account_active"]) for name in ("c1", "c2", "c3")] == [True, True, False]


def test_a_child_without_a_contract_of_its_own_is_active_with_its_parent(company):
    month = company(accounts=[account("a"), account("child", parent_id="a")], contacts=[contact("c2", "child")])
    assert only(month, "c2")["account_active"]


def test_a_missing_rate_leaves_revenue_unknown_but_customers_active(company):
    month = company(
        accounts=[account("a"), account("b")],
        subscriptions=[
            subscription("a", "2024-01-01", None, 100),
            subscription("b", "2024-01-01", None, 100, currency="USD"),
        ],
    )
    assert month.currency == ""
    assert only(month)["account_active"]
    assert pd.isna(only(month)["mrr_cents"])


def test_a_ticket_closed_later_is_open(company):
    ticket = {
        "ticket_id": "t1", "account_id": "a", "severity": 1, "opened_at": pd.Timestamp("2026-05-20"),
        "closed_at": pd.Timestamp("2026-06-05"), "escalated": True,
    }  # fmt: skip
    assert only(company(MAY, tickets=[ticket]))["open_severe_tickets"] == 1
    later = only(company(JUNE, tickets=[ticket]))
    assert later["open_severe_tickets"] == 0
    assert later["last_escalation_closed_on"] == pd.Timestamp("2026-06-05")


def test_somebody_who_leaves_later_is_still_there(company):
    row = contact(left_on=day("2026-06-15"))
    assert pd.isna(only(company(MAY, contacts=[row]))["left_on"])
    assert only(company(JUNE, contacts=[row]))["left_on"] == pd.Timestamp("2026-06-15")


def test_the_facts_of_contacts_are_read_once_and_records_every_time(company, monkeypatch):
    month = company()
    first = month.advocacy_input
    monkeypatch.setattr(type(month.facts), "rollup", lambda *_, **__: pytest.fail("a rollup ran again"))
    again = build_month_again(month, asks=asks(ask()))
    assert again.advocacy_input.contacts["asks_90d"].tolist() == [1]
    assert first.contacts["asks_90d"].tolist() == [0]


def build_month_again(month, **records):
    return type(month)(month.facts, month.records | records, month.loaded, month.key + "+")


DAYS = (90, 365)
STATES = ("sent", "accepted", "never", "deferred", "proposed")


def random_asks(rng, contacts, count):
    """Asks of known and unknown contacts, every day of them there or not."""
    names = ("asked_on", "responded_on", "completed_on", "deferred_until")
    today = pd.Timestamp(JUNE)
    days = {
        name: [today - pd.Timedelta(days=int(ago)) if ago < 500 else pd.NaT for ago in rng.integers(0, 700, count)]
        for name in names
    }
    return pd.DataFrame(
        {
            "ask_id": pd.Series([f"k{number}" for number in rng.permutation(count)], dtype="str"),
            "contact_id": pd.Series(rng.choice([*contacts, "unknown"], count), dtype="str"),
            "activity": pd.Series(rng.choice(["review", "video"], count), dtype="str"),
            "state": pd.Series(rng.choice(STATES, count), dtype="str"),
            "response": pd.Series(rng.choice(["yes", "no"], count), dtype="str"),
            **{name: pd.Series(values, dtype="datetime64[us]") for name, values in days.items()},
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_is_counted_by_place_is_what_is_counted_contact_by_contact(seed):
    rng, today = np.random.default_rng(seed), pd.Timestamp(JUNE)
    contacts = pd.Series([f"c{number}" for number in range(12)], dtype="str")
    asks = random_asks(rng, list(contacts), 60 * (seed > 0))
    found = _ask_counts(asks, contacts, today)
    for place, contact in enumerate(contacts):
        own = asks[asks["contact_id"] == contact]
        sent, row = own[own["state"] == "sent"], found.iloc[place]
        ages = (today - sent["asked_on"]).dt.days
        assert [row[f"asks_{days}d"] for days in DAYS] == [(ages < days).sum() for days in DAYS]
        assert row["answered_365d"] == ((ages < 365) & sent["responded_on"].notna()).sum()
        over = ages >= pool_rules().propensity.completed_within_days
        tried = over | (sent["response"] == "no") | sent["completed_on"].notna()
        assert row["asks_told_365d"] == ((ages < 365) & (over | sent["responded_on"].notna())).sum()
        assert row["asks_tried_365d"] == ((ages < 365) & tried).sum()
        assert row["completed_365d"] == ((today - sent["completed_on"]).dt.days < 365).sum()
        refused = sent["responded_on"].fillna(sent["asked_on"])[sent["response"] == "no"]
        pairs = {"last_ask_on": sent["asked_on"], "last_completed_on": sent["completed_on"], "last_no_on": refused,
                 "deferred_until": own.loc[own["state"] == "deferred", "deferred_until"]}  # fmt: skip
        for name, days in pairs.items():
            assert row[name] == days.max() or (pd.isna(row[name]) and days.dropna().empty)
        assert row["never"] == (own["state"] == "never").any()
        last = sent.sort_values(["asked_on", "ask_id"])["activity"]
        assert last.empty or row["last_ask_activity"] == last.iloc[-1]


def stopped(month, name="c1"):
    guards = month.guards[(month.guards["contact_id"] == name) & (month.guards["state"] == "blocked")]
    return set(guards["guard"])


SINCE = {
    "open_issue": {"tickets": [{"ticket_id": "t", "account_id": "a", "severity": 1, "escalated": False,
                                "opened_at": pd.Timestamp("2026-07-03")}]},
    "detractor": {"survey_responses": [nps("late", 2, "2026-07-03")]},
    "left_company": {"contacts": [contact(left_on=day("2026-07-03"))]},
    "account_inactive": {"subscriptions": [subscription("a", "2024-01-01", "2026-07-03", 100)]},
    "renewal": {"renewals": [{"renewal_id": "n", "account_id": "a", "due_on": day("2026-10-02"), "mrr_due_cents": 1,
                              "currency": "EUR"}]},
}  # fmt: skip


@pytest.mark.parametrize("guard", SINCE)
def test_what_came_in_after_the_newest_month_stops_an_ask_and_moves_no_score(tmp_path, guard):
    rows = {"accounts": [account("a")], "contacts": [contact()]} | SINCE[guard]
    rows.setdefault("subscriptions", [subscription("a", "2024-01-01", None, 100)])
    rows.setdefault("tickets", [{"ticket_id": "old", "account_id": "a", "severity": 4, "escalated": False,
                                 "opened_at": pd.Timestamp("2026-01-01")}])  # fmt: skip
    rows["survey_responses"] = [nps("last", 10, "2026-06-30"), *rows.get("survey_responses", [])]
    company = source(tmp_path, rows)
    known = build_month(JUNE, replace(company, known_until=day("2026-07-05")))
    as_of_june = build_month(JUNE, company)
    assert guard in stopped(known)
    assert guard not in stopped(as_of_june)
    assert guard not in stopped(build_month(MAY, replace(company, known_until=day("2026-07-05"))))
    pd.testing.assert_frame_equal(known.scores.contacts, as_of_june.scores.contacts)
