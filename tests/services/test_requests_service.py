"""Requests and referrals: who may act, what is checked again at save, once per token, on SQLite and PostgreSQL."""

import datetime as dt
import re
import shutil
import threading

import pytest
from sqlmodel import select

from core.advocacy.rests import rests
from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.glossary import display_day
from core.model.activities import load_activities
from core.services.access import LOCAL_USER, Actor
from core.services.ask_checks import as_things_are
from core.services.asking import accept_ask, withdraw_ask
from core.services.clock import event_day
from core.services.follow_up import record_response
from core.services.home import open_month, records_database
from core.services.import_undo import undo_import
from core.services.importing import run_import
from core.services.referral_acts import contact_referral, judge_referral, route_referral, tell_referrer, undo_contact
from core.services.referrals import lane_view, open_lane, sla_json
from core.services.request_acts import (
    RequestDraft,
    accept_match,
    finish_request,
    miss_request,
    open_request,
    relax_request,
    send_request,
    withdraw_request,
)
from core.services.request_choices import draft_reach, pool_choices
from core.services.request_log import moment, referral_versions, request_versions
from core.services.requests import ASKED_LIST, OPEN_LIST, match_json, requests_view
from core.settings import settings
from core.store.database import database
from core.store.tables import Ask, AuditEntry, ReferenceRequest, Referral, ReferralEvent, RequestEvent

pytestmark = pytest.mark.sampled(2)

NOW = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
ANNA = Actor("Anna", frozenset({"customer_marketing"}))
BEN = Actor("Ben", frozenset({"contributor"}))
VIEWER = Actor("Vera", frozenset({"viewer"}))

FILES = {
    "accounts": "account_id,name,segment,industry,region,use_case,employees,start_date,icp_fit\n"
    "a,Aster,SMB,Retail,North,Planning,80,2024-01-01,0.9\nb,Birch,SMB,Energy,North,Planning,90,2024-01-01,0.9\n"
    "d,Dogwood,SMB,Retail,South,Planning,90,2024-01-01,0.9\n",
    "subscriptions": "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "s1,a,Pro,10,120000,EUR,2024-01-01,,false\ns2,b,Pro,10,120000,EUR,2024-01-01,,false\n"
    "s3,d,Pro,10,120000,EUR,2024-01-01,,false\n",
    "contacts": "contact_id,account_id,persona,joined_on\nc1,a,Team Lead,2024-01-01\nc2,b,CFO,2024-01-01\n"
    "c3,d,CFO,2024-01-01\n",
    "people": "person_id,contact_id,full_name,email\np1,c1,Ada Aster,ada@aster.example\n"
    "p2,c2,Bo Birch,bo@birch.example\nx9,,Zoe Novak,zoe@birch.example\n",
    "milestones": "account_id,kind,reached_on\na,first_value,2026-09-01\nb,first_value,2026-09-01\n",
    "outcomes": "outcome_id,account_id,agreed_on,verified_on\no1,a,2026-01-01,2026-09-15\no2,b,2026-01-01,2026-09-15\n",
    "survey_responses": "response_id,account_id,contact_id,survey,score,answered_at\n"
    "r1,a,c1,nps,10,2026-10-10T09:00:00\nr2,b,c2,nps,10,2026-10-31T09:00:00\n",
    "tickets": "ticket_id,account_id,severity,opened_at,closed_at,escalated\n"
    "t1,a,3,2026-01-01T09:00:00,2026-01-02T09:00:00,false\n",
    "renewals": "renewal_id,account_id,due_on,mrr_due_cents,currency\nn1,a,2027-12-31,120000,EUR\n",
    "usage": "account_id,week_start,active_users,licensed_seats,core_events\n"
    "a,2026-10-19,9,10,100\nb,2026-10-19,9,10,100\n",
    "consents": "contact_id,use,status,granted_on\nc1,call,granted,2026-01-01\nc2,call,granted,2026-01-01\n",
    "asks": "ask_id,contact_id,activity,state,asked_on,delivered\nk1,c2,speaking,sent,2024-02-01,true\n",
    "opportunities": "opportunity_id,account_id,name,kind,segment,industry,region,amount_cents,currency,created_on,"
    "closed_on,outcome,reference_required\n"
    "d1,,Cedar deal,new,SMB,Retail,North,500000,EUR,2026-09-01,,open,true\n"
    "d2,,Elm deal,new,SMB,Energy,North,700000,EUR,2026-10-22,,open,true\n"
    "d3,,Fir deal,new,SMB,Energy,North,700000,EUR,2026-09-01,2026-10-01,won,true\n"
    "d4,a,Aster grows,expansion,SMB,Retail,North,100000,EUR,2026-09-01,,open,false\n",
    "reference_requests": "request_id,opportunity_id,wanted_industry,wanted_region,needed_by,state,contact_id,proof\n"
    "q1,d1,Retail,North,2026-11-20,open,,\nq2,d4,Retail,,2026-11-10,open,,\nq3,d3,,,2026-09-20,done,c2,call held\n",
    "referrals": "referral_id,contact_id,prospect_id,submitted_at,first_contact_at,qualified_at,opportunity_id,"
    "rejected_reason\n"
    "f1,c1,z1,2026-10-30T10:00:00,,,,\nf2,c2,x9,2026-10-20T09:00:00,2026-10-20T11:00:00,2026-10-21T09:00:00,d2,\n"
    "f3,c1,a,2026-10-28T09:00:00,2026-10-28T12:00:00,,,\n",
}  # fmt: skip


def put(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def clear():
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="module")
def sqlite_home(tmp_path_factory):
    """The company below in a home of its own; for copying only."""
    folder = tmp_path_factory.mktemp("requests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNCIL_HOME", str(folder / "home"))
        patch.delenv("DATABASE_URL", raising=False)
        settings.cache_clear()
        run_import(LOCAL_USER, [put(folder / "inbox", **FILES)], NOW)
        clear()
    return folder / "home"


@pytest.fixture
def company(sqlite_home, tmp_path, monkeypatch):
    """Three accounts with one person each; c1 and c2 can be asked for a reference, c3 lacks everything."""
    monkeypatch.setenv("COUNCIL_HOME", str(shutil.copytree(sqlite_home, tmp_path / "home")))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    yield open_month()
    clear()


@pytest.fixture
def on_postgres(tmp_path, postgres_url, monkeypatch):
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    settings.cache_clear()
    run_import(LOCAL_USER, [put(tmp_path / "inbox", **FILES)], NOW)
    yield open_month()
    clear()


def rows(kind, **wanted):
    with records_database().read() as session:
        found = session.exec(select(kind)).all()
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def request(name="q1"):
    return rows(ReferenceRequest, request_id=name)[0]


def accept(month, contact="c1", name="q1", token="t", actor=ANNA, version=None):
    seen = request(name).version if version is None else version
    return accept_match(actor, month, name, seen, contact, "same industry", token, NOW)


def send(month, name="q1", token="s"):
    return send_request(ANNA, as_things_are(month), name, request(name).version, TODAY, token, NOW)


def finish(name="q1", proof="https://calls.example/7", done_on=TODAY, token="d"):
    return finish_request(BEN, name, request(name).version, proof, done_on, token, NOW)


def view(month):
    return requests_view(as_things_are(month), request_versions())


def need(month, *names):
    rows = as_things_are(month).reference_needs
    return rows.loc[rows["request_id"] == "q1", list(names)].iloc[0].tolist()


def test_the_case_is_what_it_says(company):
    assert set(company.reference_pool["contact_id"]) == {"c1", "c2"}
    found = {row["request_id"]: row for row in match_json(company)}
    assert set(found) == {"q1", "q2"}
    assert found["q1"]["assigned"] == "c1"
    assert found["q2"]["assigned"] is None  # c1 is of the company that buys, c2 is of another industry
    assert [one["contact_id"] for one in found["q1"]["matches"]] == ["c1"]


def test_a_match_that_is_accepted_makes_one_ask_one_step_and_two_audit_rows(company):
    assert accept(company) == "q1"
    (ask,) = rows(Ask, contact_id="c1")
    assert (ask.activity, ask.state, ask.opportunity_id, ask.asked_by) == ("reference", "accepted", "d1", "Anna")
    (step,) = rows(RequestEvent)
    assert (step.kind, step.ask_id, step.contact_id, step.author) == ("matched", ask.ask_id, "c1", "Anna")
    assert (request().state, request().contact_id, request().version) == ("matched", "c1", 2)
    assert {row.act for row in rows(AuditEntry, actor="Anna")} == {"accept ask", "match request"}
    assert need(company, "ask_state", "to_match") == ["accepted", False]


def test_three_clicks_with_one_token_save_once(company):
    assert {accept(company, version=1) for _ in range(3)} == {"q1"}
    assert len(rows(RequestEvent)) == len(rows(Ask, contact_id="c1")) == 1


def test_what_came_up_since_the_list_was_drawn_is_caught_and_nothing_is_saved(company, tmp_path):
    text = "ticket_id,account_id,severity,opened_at,escalated\nt2,a,1,2026-10-30T09:00:00,false\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", tickets=text)], NOW)
    with pytest.raises(RuleBroken, match="1 open ticket of severity 1–2"):
        accept(company)
    assert (request().state, request().version) == ("open", 1)
    assert rows(RequestEvent) == []
    assert rows(AuditEntry, actor="Anna") == []


def test_somebody_who_was_asked_elsewhere_meanwhile_is_refused(company):
    accept_ask(BEN, company, "c1", "reference", "", "other", NOW)
    with pytest.raises(RuleBroken, match="already accepted"):
        accept(company)
    assert request().state == "open"


def test_two_people_who_decide_at_once_get_one_match_and_one_refusal(company):
    accept(company, "c1", token="anna")
    with pytest.raises(StaleRecord, match="matched, by Anna on"):
        accept(company, "c2", token="ben", actor=BEN, version=1)
    assert len(rows(RequestEvent)) == 1


def test_who_works_for_the_buyer_and_who_cannot_be_asked_is_refused(company):
    with pytest.raises(RuleBroken, match="of the company that buys"):
        accept(company, "c1", "q2")
    with pytest.raises(RuleBroken, match="cannot be asked now"):
        accept(company, "c3")


def test_a_request_whose_person_fell_away_is_matched_again(company):
    accept(company)
    withdraw_ask(ANNA, rows(Ask, contact_id="c1")[0].ask_id, "on leave", NOW)
    assert need(company, "to_match") == [True]
    accept(as_things_are(company), "c2", token="again")
    assert request().contact_id == "c2"


def test_the_history_of_a_request_tells_a_no_before_what_was_done_about_it(company):
    def told():
        (line,) = [line for line in view(as_things_are(company)).lines if line.request_id == "q1"]
        return [step.split(",")[0] for step in line.steps]

    accept(company)
    send_request(ANNA, as_things_are(company), "q1", 2, TODAY, "s", NOW)
    (ask,) = rows(Ask, contact_id="c1")
    day = display_day(TODAY)
    given, asked, refused = (f"{words} {day}" for words in ("Given to a person", "Person asked", "Person said no"))
    assert told() == [given, asked]
    record_response(ANNA, ask.ask_id, "no", TODAY, ask.version, NOW)
    assert told() == [given, asked, refused]
    relax_request(BEN, "q1", request().version, ("industry",), "r", NOW)
    assert told() == [given, asked, refused, f"Relaxed {day}"]


@pytest.mark.parametrize(
    ("region", "words"), [("North", ", 1 meets everything."), ("South", ", nobody meets everything.")]
)
def test_how_many_meet_everything_is_told_in_words(company, region, words):
    opened = open_request(BEN, company, RequestDraft("d2", TODAY, {"industry": "Energy", "region": region}), "o", NOW)
    (line,) = [line for line in view(as_things_are(company)).lines if line.request_id == opened]
    assert line.found.endswith(words)


def test_a_request_goes_from_open_to_done_with_proof(company):
    opened = open_request(BEN, company, RequestDraft("d2", TODAY, {"industry": " Energy "}, "price"), "o", NOW)
    assert opened == open_request(BEN, company, RequestDraft("d2", TODAY, {}), "o", NOW)
    assert (request(opened).wanted_industry, request(opened).wanted_region) == ("Energy", None)
    accept(as_things_are(company), "c2", opened, "m")
    with pytest.raises(RuleBroken, match="mark the ask as sent first"):
        finish(opened)
    send(company, opened)
    with pytest.raises(RuleBroken, match="the proof is missing"):
        finish(opened, proof="  ")
    with pytest.raises(RuleBroken, match="give a day from"):
        finish(opened, done_on=TODAY + dt.timedelta(days=1))
    assert finish(opened) == finish(opened) == opened
    assert (request(opened).state, request(opened).proof) == ("done", "https://calls.example/7")
    (ask,) = rows(Ask, contact_id="c2", opportunity_id="d2")
    assert (ask.completed_on, ask.response, ask.state) == (TODAY, "yes", "sent")
    assert [row.kind for row in rows(RequestEvent, request_id=opened)] == ["opened", "matched", "sent", "done"]
    told = view(company)
    line = next(line for line in told.lines if line.request_id == opened)
    assert [step.split(" ")[0] for step in line.steps] == ["Asked", "Given", "Person", "Took"]
    assert {label: value for label, value, _ in told.facts}["Time to a person"] == "0\N{NO-BREAK SPACE}min"


def test_a_request_that_is_relaxed_wants_less_from_then_on(company):
    assert [item["drop"] for item in match_json(company)[0]["relax"]] == [["industry"]]
    assert relax_request(BEN, "q2", 1, ("industry",), "r", NOW) == relax_request(BEN, "q2", 1, ("industry",), "r", NOW)
    assert (request("q2").wanted_industry, request("q2").version) == (None, 2)
    assert match_json(as_things_are(company))[0]["assigned"] == "c2"
    with pytest.raises(RuleBroken, match="no industry is wanted"):
        relax_request(BEN, "q2", 2, ("industry",), "again", NOW)


def test_a_withdrawn_request_takes_its_unsent_ask_back(company):
    accept(company)
    with pytest.raises(RuleBroken, match="the reason is missing"):
        withdraw_request(ANNA, "q1", 2, " ", "w", NOW)
    withdraw_request(ANNA, "q1", 2, "deal on hold", "w", NOW)
    assert request().state == "withdrawn"
    assert rows(Ask, contact_id="c1")[0].state == "proposed"
    with pytest.raises(StaleRecord, match="withdrawn, by Anna"):
        withdraw_request(BEN, "q1", 3, "again", "w2", NOW)


@pytest.mark.parametrize(("end", "days"), [(withdraw_request, 16), (miss_request, 20)])
def test_a_yes_to_a_request_that_ended_without_it_is_no_promise_and_no_no(company, end, days):
    accept(company)
    send_request(ANNA, as_things_are(company), "q1", 2, TODAY, "s", NOW)
    (ask,) = rows(Ask, contact_id="c1")
    record_response(ANNA, ask.ask_id, "yes", TODAY, ask.version, NOW)

    def rests_of_c1():
        month = as_things_are(company)
        found = rests(month.advocacy_input, month.advocacy_rules, load_activities())
        return set(found.loc[found["contact_id"] == "c1", "rest"])

    assert "open_promise" in rests_of_c1()
    end(ANNA, "q1", request().version, "deal on hold", "w", NOW + dt.timedelta(days=days))
    assert not rests_of_c1() & {"open_promise", "after_no", "done"}
    (ask,) = rows(Ask, contact_id="c1")
    assert (ask.response, ask.completed_on, ask.state) == ("yes", None, "sent")


def test_days_of_forms_are_held_against_the_day_of_the_company(company, monkeypatch):
    accept(company)
    monkeypatch.setenv("COUNCIL_ZONE", "Asia/Tokyo")
    settings.cache_clear()
    late = NOW.replace(hour=20)
    with pytest.raises(RuleBroken, match="lies ahead"):
        send_request(ANNA, as_things_are(company), "q1", 2, TODAY + dt.timedelta(days=2), "s", late)
    send_request(ANNA, as_things_are(company), "q1", 2, TODAY + dt.timedelta(days=1), "s", late)
    assert rows(Ask, contact_id="c1")[0].asked_on == TODAY + dt.timedelta(days=1)


def test_a_contact_is_taken_back_on_the_day_of_the_company_alone(company, monkeypatch):
    monkeypatch.setenv("COUNCIL_ZONE", "Asia/Tokyo")
    settings.cache_clear()
    evening = NOW.replace(hour=14)
    contact_referral(ANNA, "f1", 1, evening, "c", evening)
    with pytest.raises(RuleBroken, match="on that day only"):
        undo_contact(ANNA, "f1", 2, "u", evening + dt.timedelta(hours=1))
    assert undo_contact(ANNA, "f1", 2, "u", evening + dt.timedelta(minutes=20)) == "f1"


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        pytest.param("America/Los_Angeles", 30, "30 Oct 2026, 17:00 America/Los_Angeles", id="late in Los Angeles"),
        pytest.param("UTC", 31, "31 Oct 2026, 00:00 UTC", id="UTC"),
    ],
)
def test_a_contact_at_midnight_in_utc_counts_on_the_day_of_the_company(company, monkeypatch, zone, day, told):
    monkeypatch.setenv("COUNCIL_ZONE", zone)
    settings.cache_clear()
    midnight = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
    contact_referral(ANNA, "f1", 1, midnight, "c", midnight)
    (row,) = rows(Referral, referral_id="f1")
    assert event_day(row.first_contact_at) == dt.date(2026, 10, day)
    assert lines(company)["f1"].contacted.replace("\N{NO-BREAK SPACE}", " ") == f"{told}, recorded by Anna"


@pytest.mark.parametrize(
    ("zone", "called", "possible"),
    [
        pytest.param("Asia/Tokyo", "2026-10-30T08:30+09:00", True, id="before nine in Tokyo"),
        pytest.param("Asia/Tokyo", "2026-10-29T23:30+09:00", False, id="the evening before in Tokyo"),
        pytest.param("America/New_York", "2026-10-29T21:00-04:00", False, id="the evening before in New York"),
    ],
)
def test_a_contact_is_in_order_with_every_hour_of_a_day_without_one(company, monkeypatch, zone, called, possible):
    monkeypatch.setenv("COUNCIL_ZONE", zone)
    settings.cache_clear()
    with records_database().write() as session:
        session.get_one(Referral, "f1").submitted_at = dt.datetime(2026, 10, 30, tzinfo=dt.UTC)
    at = dt.datetime.fromisoformat(called)
    if possible:
        contact_referral(ANNA, "f1", 1, at, "c", NOW)
        assert event_day(rows(Referral, referral_id="f1")[0].first_contact_at) == at.date()
    else:
        with pytest.raises(RuleBroken, match=r"give a time from 30.Oct.2026, when it was submitted, to"):
            contact_referral(ANNA, "f1", 1, at, "c", NOW)


def test_a_request_is_missed_only_when_its_day_has_passed(company):
    with pytest.raises(RuleBroken, match="which has not passed"):
        miss_request(ANNA, "q1", 1, "nobody", "x", NOW)
    miss_request(ANNA, "q1", 1, "nobody", "x", NOW + dt.timedelta(days=20))
    assert request().state == "missed"


def test_a_request_is_withdrawn_only_until_its_day(company):
    with pytest.raises(RuleBroken, match=r"20.Nov.2026, which has passed; mark it as missed"):
        withdraw_request(ANNA, "q1", 1, "deal lost", "x", NOW + dt.timedelta(days=20))
    assert request().state == "open", "what was not there on its day is missed, whatever was said of it later"


def test_a_request_that_makes_no_sense_is_refused(company):
    yesterday = TODAY - dt.timedelta(days=1)
    for draft, why in [
        (RequestDraft("d3", TODAY), "choose a deal that is open"),
        (RequestDraft("nothing", TODAY), "choose a deal that is open"),
        (RequestDraft("d2", yesterday), "give the day it is needed"),
        (RequestDraft("d2", None), "give the day it is needed"),
        (RequestDraft("d1", TODAY), "has a request already"),
    ]:
        with pytest.raises(RuleBroken, match=why):
            open_request(BEN, company, draft, "o", NOW)
    assert rows(RequestEvent) == []


def test_who_lacks_the_role_does_nothing(company):
    acts = [
        lambda: open_request(VIEWER, company, RequestDraft("d2", TODAY), "1", NOW),
        lambda: accept(company, actor=VIEWER),
        lambda: finish_request(VIEWER, "q1", 1, "x", TODAY, "2", NOW),
        lambda: withdraw_request(VIEWER, "q1", 1, "x", "3", NOW),
        lambda: route_referral(VIEWER, "f1", 1, "Ben", "4", NOW),
        lambda: contact_referral(VIEWER, "f1", 1, NOW, "7", NOW),
        lambda: undo_contact(VIEWER, "f1", 1, "8", NOW),
        lambda: tell_referrer(VIEWER, "f2", 1, "contacted", "x", "5", NOW),
        lambda: judge_referral(VIEWER, "f2", 1, "denied", "x", "6", NOW),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert rows(RequestEvent) == rows(ReferralEvent) == []


def lines(month):
    return {line.referral_id: line for line in lane_view(as_things_are(month), referral_versions()).lines}


def clock(month, name):
    return next(row for row in sla_json(as_things_are(month)) if row["referral_id"] == name)


def test_the_lane_shows_clock_flags_and_what_is_to_tell(company):
    found = lines(company)
    assert (found["f1"].state, found["f1"].status) == ("submitted", "at_risk")
    assert (found["f2"].state, found["f3"].state) == ("opportunity", "contacted")
    assert found["f2"].flags == ("both sides use the e-mail domain birch.example",)
    assert found["f3"].flags == ("the referred company is the referrer's own", "the company was a customer already")
    assert [item.label for item in found["f2"].to_tell] == ["Contacted", "Accepted by sales", "Deal opened"]


def test_from_the_moment_somebody_is_given_a_referral_the_human_clock_runs(company):
    route_referral(ANNA, "f1", 1, "Ben", "r", dt.datetime(2026, 10, 30, 15, tzinfo=dt.UTC))
    route_referral(ANNA, "f1", 1, "Ben", "r", NOW)
    assert lines(company)["f1"].given_to == "Ben"
    row = clock(company, "f1")
    assert (row["system_hours"], row["human_hours"], row["status"]) == (5, 2, "at_risk")
    with pytest.raises(RuleBroken, match="was contacted on"):
        route_referral(ANNA, "f2", 1, "Ben", "r2", NOW)


def test_an_import_whose_referral_was_given_away_can_be_taken_back_and_brought_again(company, tmp_path):
    text = "referral_id,contact_id,prospect_id,submitted_at\nf9,c1,z9,2026-10-30T10:00:00\n"
    files = [put(tmp_path / "more", referrals=text)]
    run_import(LOCAL_USER, files, NOW)
    route_referral(ANNA, "f9", 1, "Ben", "r", NOW)
    (told,) = undo_import(LOCAL_USER, NOW).records
    assert (told.table, told.removed) == ("referrals", 1)
    assert "f9" not in lines(open_month())
    run_import(LOCAL_USER, files, NOW)
    assert lines(open_month())["f9"].given_to == "Ben"


def test_of_two_people_who_give_one_referral_away_the_second_is_told_who_has_it(company, tmp_path):
    route_referral(ANNA, "f1", 1, "Ben", "r", NOW)
    with pytest.raises(StaleRecord, match="given to Ben by Anna"):
        route_referral(BEN, "f1", 1, "Cleo", "s", NOW)
    assert [row.given_to for row in rows(ReferralEvent)] == ["Ben"]
    assert route_referral(BEN, "f1", 2, "Cleo", "s", NOW + dt.timedelta(minutes=1)) == "f1"
    assert lines(company)["f1"].given_to == "Cleo"
    text = "referral_id,contact_id,prospect_id,submitted_at,first_contact_at\n"
    text += "f1,c1,z1,2026-10-30T10:00:00,2026-11-04T10:00:00\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", referrals=text)], NOW)
    (row,) = rows(Referral, referral_id="f1")
    assert (row.edited, row.version, row.first_contact_at is None) == (False, 4, False), "no column was edited here"


def test_what_a_later_import_brings_tells_the_delay_of_the_system(company, tmp_path):
    text = "referral_id,contact_id,prospect_id,submitted_at\nf9,c2,z9,2026-11-03T09:00:00\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", referrals=text)], NOW)
    row = clock(company, "f9")
    assert row["system_hours"] == 8.5
    others = [row for row in sla_json(as_things_are(company)) if row["referral_id"] != "f9"]
    assert all(row["system_hours"] is None for row in others)


def test_the_referrer_is_told_once_what_was_reached(company):
    assert tell_referrer(ANNA, "f2", 1, "qualified", "They want a trial", "a", NOW) == "f2"
    assert tell_referrer(ANNA, "f2", 1, "qualified", "They want a trial", "a", NOW) == "f2"
    with pytest.raises(RuleBroken, match="Anna told it on"):
        tell_referrer(BEN, "f2", 1, "qualified", "again", "b", NOW)
    with pytest.raises(RuleBroken, match="is not qualified yet"):
        tell_referrer(BEN, "f1", 1, "qualified", "soon", "c", NOW)
    told = {item.milestone: item.told for item in lines(company)["f2"].milestones}
    assert "by Anna: They want a trial" in told["qualified"]
    row = clock(company, "f2")
    assert [said["milestone"] for said in row["told"]] == ["qualified"]
    assert len(rows(AuditEntry, act="tell referrer")) == 1


def test_a_denied_referral_is_rejected_with_the_reason_and_judged_once(company):
    judge_referral(BEN, "f3", 1, "denied", "own company", "j", NOW)
    assert rows(Referral, referral_id="f3")[0].rejected_reason == "denied: own company"
    assert lines(company)["f3"].state == "rejected"
    with pytest.raises(StaleRecord):
        judge_referral(ANNA, "f3", 1, "approved", "it is fine", "k", NOW)
    with pytest.raises(RuleBroken, match="Ben denied it on"):
        judge_referral(ANNA, "f3", 2, "approved", "it is fine", "k", NOW)


def test_an_approved_referral_stays_and_is_judged_no_more(company):
    assert lines(company)["f2"].to_judge
    judge_referral(ANNA, "f2", 1, "approved", "two companies share the mail", "j", NOW)
    found = lines(company)["f2"]
    assert (found.to_judge, found.state) == (False, "opportunity")
    assert found.verdict.startswith("Approved by Anna on")


def test_no_act_moves_the_clocks_of_either_part(company):
    before_lane, before = lines(company), {line.request_id: line for line in view(company).lines}
    accept(company)
    send(company)
    tell_referrer(ANNA, "f2", 1, "contacted", "We called", "a", NOW)
    contact_referral(ANNA, "f1", 1, NOW - dt.timedelta(hours=1), "b", NOW)
    after = {line.request_id: line for line in view(company).lines}
    assert open_lane(as_things_are(company)).at == dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert {name: (line.status, line.clock) for name, line in after.items()} == {
        name: (line.status, line.clock) for name, line in before.items()
    }
    others = ("f2", "f3")
    assert [lines(company)[name].left for name in others] == [before_lane[name].left for name in others]
    assert f"the end of {display_day(dt.date(2026, 10, 31))}" in view(company).note
    assert f"the end of {display_day(dt.date(2026, 10, 31))}" in lane_view(company, {}).note


def test_a_request_that_was_sent_here_leaves_the_open_ones(company):
    assert [line.request_id for line in view(company).lists[OPEN_LIST]] == ["q2", "q1"]
    accept(company)
    given = view(company)
    assert "q1" in [line.request_id for line in given.lists[OPEN_LIST]]
    assert given.answer.startswith("2 open: 1 needs a person, 1 has its person; ")
    assert given.facts[0][:2] == ("Open", "2")
    assert given.facts[0][2].startswith("need a person: 1; 1 has its person; ")
    send(company)
    told = view(company)
    assert [line.request_id for line in told.lists[OPEN_LIST]] == ["q2"]
    assert [line.request_id for line in told.lists[ASKED_LIST]] == ["q1"]
    assert told.facts[0][:2] == ("Open", "1")
    assert "; asked, not given yet: 1 more; " in told.facts[0][2]
    assert re.fullmatch(r".*; at risk or breached: [012] of 2", told.facts[0][2])


def test_a_request_may_be_missed_once_its_day_has_passed_for_whoever_acts(company):
    line = next(line for line in view(company).lines if line.request_id == "q1")
    assert not line.passed(dt.date(2026, 11, 20))
    assert line.passed(dt.date(2026, 11, 21))


def test_a_referral_that_was_contacted_moves_on_and_says_by_whom(company):
    assert contact_referral(ANNA, "f1", 1, NOW - dt.timedelta(hours=2), "c", NOW) == "f1"
    assert contact_referral(ANNA, "f1", 1, NOW - dt.timedelta(hours=2), "c", NOW) == "f1"
    (row,) = rows(Referral, referral_id="f1")
    assert (row.first_contact_at.hour, row.version) == (7, 2)
    found = lines(company)["f1"]
    assert (found.state, found.clock) == ("contacted", "decision of sales")
    assert (found.status, found.left) == ("breached", "called 15\N{NO-BREAK SPACE}working hours late")
    assert (found.clock_status, found.due) == ("in_time", f"{display_day(dt.date(2026, 11, 17))}, 17:00 UTC")
    assert found.slipped == (
        ("First contact", "late by 15\N{NO-BREAK SPACE}working hours, limit 8\N{NO-BREAK SPACE}working hours"),
    )
    told = lane_view(as_things_are(company), referral_versions())
    assert told.answer == "No referral waits too long, but 1 of 2 with a clock was answered too late"
    assert told.facts[0] == ("Breached", "1", "1 answered too late; 0 due soon or at risk")
    assert [column.breached for column in told.board if column.state == "contacted"] == [1]
    assert found.contacted == f"{display_day(TODAY)}, 07:30 UTC, recorded by Anna"
    assert [(item.milestone, item.status) for item in found.milestones] == [("contacted", "to tell")]
    assert [(row.kind, row.author) for row in rows(ReferralEvent)] == [("contacted", "Anna")]
    assert len(rows(AuditEntry, act="contact referral")) == 1
    with pytest.raises(StaleRecord):
        contact_referral(BEN, "f1", 1, NOW, "d", NOW)
    with pytest.raises(RuleBroken, match="was contacted on"):
        contact_referral(BEN, "f1", 2, NOW, "d", NOW)


def test_a_contact_noted_by_mistake_is_taken_back_on_its_day_and_both_stay_on_record(company):
    before = clock(company, "f1")
    contact_referral(ANNA, "f1", 1, NOW - dt.timedelta(hours=2), "c", NOW)
    assert lines(company)["f1"].undoable(TODAY)
    assert not lines(company)["f1"].undoable(TODAY + dt.timedelta(days=1))
    for _ in range(2):
        assert undo_contact(BEN, "f1", 2, "u", NOW + dt.timedelta(minutes=5)) == "f1"
    (row,) = rows(Referral, referral_id="f1")
    assert (row.first_contact_at, row.version) == (None, 3)
    assert clock(company, "f1") == before
    found = lines(company)["f1"]
    assert (found.state, found.contacted, found.recorded_on) == ("submitted", "", None)
    assert [(row.kind, row.author) for row in rows(ReferralEvent)] == [("contacted", "Anna"), ("not contacted", "Ben")]
    (entry,) = rows(AuditEntry, act="undo contact")
    assert entry.detail["contacted_at"] == "2026-11-04T07:30:00+00:00"
    contact_referral(ANNA, "f1", 3, NOW, "again", NOW + dt.timedelta(minutes=6))
    assert lines(company)["f1"].undoable(TODAY)


def test_a_contact_something_rests_on_is_not_taken_back(company):
    with pytest.raises(RuleBroken, match="no first contact was recorded here"):
        undo_contact(ANNA, "f3", 1, "u", NOW)
    contact_referral(ANNA, "f1", 1, NOW, "c", NOW)
    with pytest.raises(StaleRecord):
        undo_contact(ANNA, "f1", 1, "u", NOW)
    with pytest.raises(RuleBroken, match="on that day only"):
        undo_contact(ANNA, "f1", 2, "u", NOW + dt.timedelta(days=1))
    tell_referrer(ANNA, "f1", 2, "contacted", "we spoke", "t", NOW + dt.timedelta(minutes=1))
    with pytest.raises(RuleBroken, match="Anna told the referrer of it"):
        undo_contact(ANNA, "f1", 2, "u", NOW + dt.timedelta(minutes=2))
    assert not lines(company)["f1"].undoable(TODAY)
    assert rows(Referral, referral_id="f1")[0].first_contact_at is not None


def test_a_referred_company_goes_by_a_name_and_never_by_the_id_of_a_file(company, tmp_path):
    text = "referral_id,contact_id,prospect_id,submitted_at\nf8,c1,x9,2026-10-31T09:00:00\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", referrals=text)], NOW)
    found = lines(company)
    assert (found["f3"].company, found["f3"].prospect_id) == ("Aster", ""), "an account of that id"
    assert found["f2"].company == "Elm deal", "the deal that came of it"
    assert found["f8"].company == "birch.example (Zoe Novak)", "somebody of it whom the people name"
    assert (found["f1"].company, found["f1"].prospect_id) == ("Company referred by Ada Aster", "z1")


def test_a_contact_in_the_minute_it_was_given_keeps_who_was_given_it(company):
    route_referral(ANNA, "f1", 1, "Ben", "r", NOW + dt.timedelta(seconds=20))
    contact_referral(BEN, "f1", 2, NOW, "c", NOW + dt.timedelta(seconds=40))
    found = lines(company)["f1"]
    assert [label for label, _ in found.delays] == ["Until somebody was given it", "From then to first contact"]
    assert found.delays[1][1] == "0\N{NO-BREAK SPACE}min"


def test_a_contact_that_cannot_be_is_refused(company):
    for when in (NOW + dt.timedelta(minutes=1), dt.datetime(2026, 10, 30, 9, 59, tzinfo=dt.UTC)):
        with pytest.raises(RuleBroken, match=r"give a time from 30.Oct.2026, 10:00 UTC"):
            contact_referral(ANNA, "f1", 1, when, "c", NOW)
    judge_referral(BEN, "f1", 1, "denied", "not wanted", "j", NOW)
    with pytest.raises(RuleBroken, match="is rejected"):
        contact_referral(ANNA, "f1", 2, NOW, "c", NOW)
    assert [row.kind for row in rows(ReferralEvent)] == ["denied"]


def test_a_judgement_stays_in_its_own_list_with_who_made_it(company):
    judge_referral(ANNA, "f2", 1, "approved", "two companies share the mail", "j", NOW)
    judge_referral(BEN, "f3", 1, "denied", "own company", "k", NOW)
    told = lane_view(as_things_are(company), referral_versions()).lists
    assert told["To judge"] == ()
    assert {line.referral_id: line.verdict.split(" on ")[0] for line in told["Judged"]} == {
        "f2": "Approved by Anna",
        "f3": "Denied by Ben",
    }


def test_who_should_have_been_told_by_now_comes_first(company, tmp_path):
    text = (
        "referral_id,contact_id,prospect_id,submitted_at,first_contact_at\n"
        "f8,c2,z8,2026-10-05T09:00:00,2026-10-05T11:00:00\n"
    )
    run_import(LOCAL_USER, [put(tmp_path / "more", referrals=text)], NOW)
    told = lane_view(as_things_are(company), {}).lists["To tell"]
    assert [line.late for line in told] == sorted((line.late for line in told), reverse=True)
    assert (told[0].referral_id, told[0].late, told[-1].late) == ("f8", True, False)


def test_what_a_draft_can_have_is_said_before_it_is_saved(company):
    assert pool_choices(company)["industry"] == ("Energy", "Retail")
    assert pool_choices(company)["region"] == ("North",)
    assert draft_reach(company, "d2", {}) == ("2 of 2 people who may be asked meet everything.",)
    assert draft_reach(company, "d2", {"industry": " energy", "size": "85+"}) == (
        "1 of 2 people who may be asked meets everything.",
    )
    assert draft_reach(company, "d2", {"region": "Mars", "industry": "Retail"}) == (
        "0 of 2 people who may be asked meet everything.",
        "Nobody who may be asked has the region Mars.",
    )
    assert draft_reach(company, "d4", {"industry": "Retail"}) == (
        "0 of 1 person who may be asked meet everything.",
        "Nobody who may be asked has the industry Retail.",
    )


def in_threads(*acts):
    results, start = [None] * len(acts), threading.Barrier(len(acts))

    def run(place, act):
        start.wait()
        try:
            results[place] = act()
        except (RuleBroken, StaleRecord) as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_on_postgres_one_token_in_three_threads_saves_once_and_one_of_two_wins(on_postgres):
    assert in_threads(*[lambda: accept(on_postgres, version=1)] * 3) == ["q1"] * 3
    assert len(rows(RequestEvent)) == len(rows(Ask, contact_id="c1")) == 1
    month, version = as_things_are(on_postgres), request().version
    both = in_threads(
        lambda: withdraw_request(ANNA, "q1", version, "on hold", "w1", NOW),
        lambda: send_request(BEN, month, "q1", version, TODAY, "w2", NOW),
    )
    assert sorted(type(item).__name__ for item in both) == ["StaleRecord", "str"]
    told = in_threads(*[lambda: tell_referrer(ANNA, "f2", 1, "contacted", "We called", "a", NOW)] * 3)
    assert told == ["f2"] * 3
    assert len(rows(ReferralEvent)) == 1


def test_one_clock_is_read_now_on_lists_and_command_line(company):
    assert lines(company)["f1"].status != "breached", "at the end of Saturday 31 October nothing is late"
    lane = lane_view(company, referral_versions(), NOW)
    late = next(line for line in lane.lines if line.referral_id == "f1")
    assert (late.status, late.left) == ("breached", "16\N{NO-BREAK SPACE}working hours late"), "7 + 8 + 0.5"
    assert lane.note.startswith(f"Clocks stand at {display_day(TODAY)}, 09:30 UTC")
    found = {row["referral_id"]: row["status"] for row in sla_json(company, NOW)}
    assert found["f1"] == "breached"
    before, after = (
        {line.request_id: line.clock for line in requests_view(company, {}, at).lines} for at in (None, NOW)
    )
    assert before["q2"] != after["q2"]


def test_now_is_never_before_the_data_end_and_an_earlier_month_is_read_at_its_own(company):
    early, end = dt.datetime(2026, 10, 5, tzinfo=dt.UTC), dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert (moment(company, early), moment(company, end), moment(company)) == (end, end, end)
    assert moment(open_month(dt.date(2026, 9, 1)), NOW) == dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def test_the_headline_names_what_is_overdue_longest_whatever_its_step(company):
    def ending(days):
        answer = requests_view(as_things_are(company), {}, NOW + dt.timedelta(days=days)).answer
        return answer.replace("\N{NO-BREAK SPACE}", " ").split("; ")[-1]

    assert ending(0) == "the first is needed by 10 Nov 2026"
    assert ending(8) == "most overdue: “Aster grows”, since 10 Nov 2026"
    accept(company, contact="c2", name="q2")
    assert ending(8) == "most overdue: “Aster grows”, since 10 Nov 2026, its ask waits to be sent"
    send(company, name="q2")
    assert ending(0) == "the first is needed by 10 Nov 2026", "whose person was asked is still open"
    assert ending(8) == "most overdue: “Aster grows”, since 10 Nov 2026, its person was asked"
