"""Evidence measures: what counts as done, on companies small enough to count by hand."""

import datetime as dt

import pytest

from core.kpis import MEASURES, REGISTRY, evaluate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription
from tests.kpis.test_deals_spend_asks import deal
from tests.kpis.test_load import sent, touch
from tests.kpis.test_programme import BASE, DECEMBER, done, person, since_2023

OLD = touch("old", "check_in", "2023-01-05")


def sums(data, name, month=DECEMBER):
    """The arguments of a measure, summed over its rows."""
    return totals(MEASURES[name], kpi_rows(MEASURES[name], data, month))


def test_measures_are_no_kpis():
    assert not set(MEASURES) & set(REGISTRY)
    assert not any(item.by_segment for item in MEASURES.values())
    assert {name for name, item in MEASURES.items() if item.unit != "ratio"} == {"nrr_advocate_gap"}


def test_sends_and_nudges_count_as_targeted_when_the_customer_started_them(company):
    rows = [
        OLD,
        touch("1", "send", "2025-10-01") | {"started_by": "product_event"},
        touch("2", "send", "2025-11-01", account_id=None) | {"started_by": "lifecycle_event"},
        touch("3", "send", "2025-12-31") | {"started_by": "calendar"},
        touch("4", "send", "2025-09-30") | {"started_by": "product_event"},
        touch("5", "nudge", "2025-12-01") | {"started_by": "product_event"},
        touch("6", "nudge", "2025-12-01") | {"started_by": "person"},
        touch("7", "marketing_touch", "2025-12-01") | {"started_by": "product_event"},
    ]
    milestones = [{"account_id": "a", "kind": "kickoff", "reached_on": day("2025-11-15")}]
    data = company(BASE | {"interactions": rows, "milestones": milestones})
    assert sums(data, "cov_event_started_sends") == {"event_sends": 2, "sends": 3}
    assert sums(data, "cov_targeted_nudges") == {"targeted_nudges": 1, "nudges": 2}
    assert sums(data, "cov_touches_resolved") == {"resolved_touches": 3, "post_sale_touches": 5}
    early = evaluate(MEASURES["cov_targeted_nudges"], data, dt.date(2023, 2, 1))
    assert (early.value, early.state) == (None, State.MISSING)
    assert early.reason == "touches are known from 2023-01, the window begins 2022-12"


def test_a_new_account_is_on_a_path_when_enrolled_and_tasked_within_a_week(company):
    accounts = [
        account(name, start_date=day(start))
        for name, start in (("both", "2025-03-01"), ("no task", "2025-03-01"), ("late", "2025-03-01"))
    ] + [account("week not over", start_date=day("2025-12-25")), account("child", parent_id="both")]
    touches = [
        OLD,
        touch("1", "enrolment", "2025-03-08", account_id="child"),
        touch("2", "task", "2025-03-02", account_id="both"),
        touch("3", "enrolment", "2025-03-02", account_id="no task"),
        touch("4", "enrolment", "2025-03-02", account_id="late"),
        touch("5", "task", "2025-03-09", account_id="late"),
    ]
    data = company(BASE | {"accounts": accounts, "interactions": touches})
    assert sums(data, "cov_accounts_on_role_path") == {"onboarded": 1, "new_accounts": 3}


def test_a_review_counts_when_held_in_time_with_a_value(company):
    reviews = [
        ("2025-02-01", "2025-02-08", True),
        ("2025-02-01", "2025-02-09", True),
        ("2025-02-01", "2025-02-01", False),
        ("2024-12-31", "2025-01-02", True),
        ("2025-12-30", "2026-01-02", True),
    ]
    rows = [
        touch(str(place), "review", held) | {"planned_on": day(planned), "value_stated": stated}
        for place, (planned, held, stated) in enumerate(reviews)
    ]
    data = company(BASE | {"interactions": [OLD, *rows]})
    assert sums(data, "cov_exec_reviews_held") == {"held_reviews": 1, "planned_reviews": 3}


def test_expansions_and_renewals_at_risk(company):
    expansions = [
        deal("with", None, "open", None, created="2025-05-01", kind="expansion", trigger="seats full"),
        deal("without", None, "won", "2025-06-01", created="2025-05-01", kind="expansion"),
        deal("new business", None, "open", None, created="2025-05-01", trigger="x"),
    ]
    renewals = [
        ("unsure, in time", 2, "2025-06-01", "2025-03-01"),
        ("unsure, too late", 1, "2025-08-01", "2025-06-01"),
        ("sure", 5, "2025-06-01", "2025-03-01"),
        ("said after it was due", 1, "2025-06-01", "2025-06-02"),
    ]
    rows = [
        {"renewal_id": name, "account_id": "a", "due_on": day(due), "mrr_due_cents": 1, "currency": "EUR"}
        | {"stated_intent": intent, "intent_on": day(said)}
        for name, intent, due, said in renewals
    ]
    plays = [OLD, touch("1", "play_opened", "2025-03-03")]
    data = company(BASE | {"opportunities": expansions, "renewals": rows, "interactions": plays})
    assert sums(data, "cov_signal_started_expansion") == {"signalled": 1, "expansions": 2}
    found = data.frame("risks_year", DECEMBER).set_index("renewal_id")["played"].to_dict()
    assert found == {"unsure, in time": 1, "unsure, too late": 1}, "90 days before 1 June is 3 March"
    assert sums(company(BASE | {"renewals": rows, "interactions": [OLD]}), "cov_risk_play_90d")["played"] == 0


def test_members_and_customers_met_outside_the_renewal(company):
    names = ["a", "b", "c", "d"]
    rows = {
        "accounts": [account(name) for name in names],
        "subscriptions": [subscription(name, "2023-01-01", None, 1) for name in names],
        "contacts": [person(f"p{name}", name) for name in names[:3]] + [person("gone", "d", left_on=day("2025-03-01"))],
        "interactions": [
            OLD,
            touch("1", "community", "2025-02-01", "neutral", contact="pa"),
            touch("2", "community", "2025-02-01", "neutral", account_id="d", contact="gone"),
            touch("3", "community", "2025-02-01", "neutral", account_id="b"),
        ],
        "asks": since_2023(*sent("pa", "2025-03-01"), *sent("pb", "2025-03-01"), *sent("pc", "2024-03-01")),
        "renewals": [
            {"renewal_id": name, "account_id": name, "due_on": day(due), "mrr_due_cents": 1, "currency": "EUR"}
            for name, due in (("a", "2025-05-30"), ("b", "2025-05-31"))
        ],
    }
    data = company(rows)
    assert sums(data, "cov_accounts_with_member") == {"member_accounts": 1, "paying_accounts": 4}
    frame = data.frame("customers_month", DECEMBER).set_index("account_id")
    assert frame["met_accounts"].to_dict() == {"a": 0, "b": 1, "c": 0, "d": 0}, "90 days before a renewal is its stage"


def test_an_ask_by_rule_is_prompted_after_value_and_after_a_rest(company):
    rows = BASE | {
        "accounts": [account("a"), account("b")],
        "contacts": [person(name) for name in ("ruled", "unprompted", "pressed")] + [person("early", "b")],
        "milestones": [{"account_id": "a", "kind": "first_value", "reached_on": day("2025-01-01")}],
        "outcomes": [
            {"outcome_id": "o", "account_id": "b", "agreed_on": day("2025-01-01"), "verified_on": day("2025-11-02")}
        ],
        "asks": since_2023(
            *sent("ruled", "2025-11-01", trigger="first_value"),
            *sent("unprompted", "2025-11-01"),
            *sent("early", "2025-11-01", trigger="go_live"),
            *sent("pressed", "2025-11-01", trigger="go_live"),
            *sent("pressed", "2025-11-05", trigger="go_live", activity="referral"),
        ),
    }
    frame = company(rows).frame("asks_quarter", DECEMBER)
    assert frame.loc[frame["rule_asks"] == 1, ["contact_id", "asked_on"]].to_numpy().tolist() == [
        ["ruled", dt.datetime(2025, 11, 1)],  # noqa: DTZ001
        ["pressed", dt.datetime(2025, 11, 1)],  # noqa: DTZ001
    ]


def test_thanks_are_due_in_14_days_and_a_record_needs_every_consent(company):
    asks = since_2023(
        *done("all", "2025-03-01", thanked_on=day("2025-03-15")),
        *done("late", "2025-03-01", thanked_on=day("2025-03-16")),
        *done("no consent", "2025-03-01", thanked_on=day("2025-03-02")),
        *done("half", "2025-03-01", activity="testimonial", thanked_on=day("2025-03-02")),
        *done("not yet over", "2025-12-20"),
    )
    given = [("all", "email"), ("late", "email"), ("half", "name")]
    consents = [
        {"contact_id": name, "use": use, "status": "granted", "granted_on": day("2024-01-01")} for name, use in given
    ] + [{"contact_id": "no consent", "use": "email", "status": "granted", "granted_on": day("2025-03-02")}]
    data = company(BASE | {"asks": asks, "consents": consents})
    assert sums(data, "cov_thanked_14d") == {"thanked_acts": 3, "done_asks": 4}
    assert sums(data, "cov_activities_in_process") == {"recorded_acts": 1, "done_asks": 4}


def test_requests_and_leads_are_in_time_when_done_by_their_day(company):
    requests = [
        {"request_id": str(place), "opportunity_id": "o", "needed_by": day("2025-05-01"), "state": state}
        | {"contact_id": contact}
        for place, (state, contact) in enumerate(
            [("done", "p"), ("done", None), ("missed", None), ("withdrawn", None), ("open", None)]
        )
    ]
    referrals = [
        {"referral_id": str(place), "contact_id": "p", "prospect_id": str(place), "ask_id": ask}
        | {"submitted_at": dt.datetime(2025, 5, 1, 9, tzinfo=dt.UTC), "first_contact_at": met}
        for place, (met, ask) in enumerate(
            [
                (dt.datetime(2025, 5, 2, 9, tzinfo=dt.UTC), "k"),
                (dt.datetime(2025, 5, 2, 9, 1, tzinfo=dt.UTC), None),
                (None, None),
            ]
        )
    ]
    data = company(BASE | {"reference_requests": requests, "referrals": referrals})
    assert sums(data, "cov_fast_lane_sla") == {"handled_in_time": 2, "handled_cases": 7}
    assert sums(data, "cov_leads_from_flow") == {"flow_leads": 1, "leads": 3}


def test_a_request_filled_after_its_day_is_not_in_time(company):
    requests = [
        {"request_id": name, "opportunity_id": name, "needed_by": day("2025-05-01"), "state": "done", "contact_id": "p"}
        for name in ("late", "on the day", "no day on record")
    ]
    asks = [
        row
        for name, given in (("late", "2025-05-02"), ("on the day", "2025-05-01"))
        for row in done("p", given, activity="reference", opportunity_id=name)
    ]
    data = company(BASE | {"reference_requests": requests, "asks": since_2023(*asks), "referrals": []})
    assert sums(data, "cov_fast_lane_sla") == {"handled_in_time": 2, "handled_cases": 3}


def test_the_link_of_a_referral_ends_in_a_contract_and_in_the_books_of_finance(company):
    names = ["matched", "differs", "unknown"]
    rows = {
        "accounts": [account(name) for name in names],
        "subscriptions": [subscription(name, "2025-04-10", None, 100) for name in names[:2]]
        + [subscription("old", "2023-01-01", None, 1)],
        "opportunities": [
            *(deal(name, "referral", "won", "2025-04-01", account_id=name) for name in names),
            deal("open", "referral", "open", None),
            deal("nobody knows", "referral", "open", None),
            deal("paid", "paid_search", "won", "2025-04-01", account_id="matched"),
        ],
        "referrals": [
            {"referral_id": name, "contact_id": "p", "prospect_id": name, "opportunity_id": name}
            | {"submitted_at": dt.datetime(2025, 1, 10, tzinfo=dt.UTC)}
            for name in (*names, "open")
        ],
        "finance_totals": [
            {
                "month": day("2025-04-01"),
                "account_id": name,
                "arr_cents": cents,
                "new_arr_cents": 0,
                "bookings_cents": 0,
            }
            for name, cents in (("matched", 1212_00), ("differs", 1212_01))
        ],
    }
    data = company(rows)
    assert sums(data, "cov_referral_link_kept") == {"linked_deals": 3, "marked_deals": 5}, "a deal won without revenue"
    assert sums(data, "cov_arr_reconciled") == {"matched_arr": 1200_00, "tagged_arr": 2400_00}


def test_the_busiest_tenth_and_the_opted_out(company):
    asks = since_2023(
        *done("busy", *[f"2025-0{month}-01" for month in range(1, 7)]),
        *(row for place in range(9) for row in done(f"p{place}", "2025-05-01")),
    )
    consents = [
        {"contact_id": name, "use": "email", "status": "withdrawn", "granted_on": day(at)}
        for name, at in (("busy", "2025-02-01"), ("p0", "2025-01-01"), ("p1", "2026-01-01"))
    ]
    data = company(BASE | {"asks": asks, "consents": consents})
    assert evaluate(MEASURES["activity_share_top_decile"], data, DECEMBER).value == pytest.approx(6 / 15)
    assert sums(data, "advocacy_optout_rate") == {"opted_out": 1, "asked_contacts": 10}


@pytest.mark.parametrize("name", list(MEASURES))
@pytest.mark.sampled(3)
def test_a_measure_without_its_tables_names_them(company, name):
    result = evaluate(MEASURES[name], company(BASE), DECEMBER)
    assert result.value is None and result.reason
    if set(MEASURES[name].needs) - set(BASE):
        assert (result.state, result.reason.split(":")[0]) == (State.MISSING, "not loaded")


@pytest.mark.parametrize("name", list(MEASURES))
@pytest.mark.sampled(3)
def test_a_measure_of_loaded_but_empty_tables_has_a_reason_and_no_figure(company, name):
    rows = BASE | {table: [] for table in MEASURES[name].needs if table not in BASE}
    result = evaluate(MEASURES[name], company(rows), DECEMBER)
    assert result.value in (None, 0.0)
    assert result.value == 0.0 or result.reason


def test_no_link_of_a_referral_ends_in_a_contract_while_nobody_pays(company):
    rows = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2025-04-10", None, 100, is_trial=True)],
        "opportunities": [deal("won", "referral", "won", "2025-04-01", account_id="a")],
        "referrals": [
            {"referral_id": "won", "contact_id": "p", "prospect_id": "a", "opportunity_id": "won"}
            | {"submitted_at": dt.datetime(2025, 1, 10, tzinfo=dt.UTC)}
        ],
        "finance_totals": [
            {"month": day("2025-04-01"), "account_id": "a", "arr_cents": 1, "new_arr_cents": 0, "bookings_cents": 0}
        ],
    }
    data = company(rows)
    assert sums(data, "cov_referral_link_kept") == {"linked_deals": 0, "marked_deals": 1}
    assert evaluate(MEASURES["cov_arr_reconciled"], data, DECEMBER).state is State.UNDEFINED
