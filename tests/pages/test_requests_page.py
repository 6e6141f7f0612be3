"""The screen Requests: its three parts on the demo company, links, acts, and what it says where nothing is loaded."""

import datetime as dt

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.glossary import display_day
from core.services.asking import colleague_words
from core.services.clock import instant_of, now
from core.services.home import open_month, records_database, utc
from core.services.pilot import pilot_view
from core.services.referrals import lane_view
from core.services.request_choices import draft_reach, pool_choices
from core.services.requests import open_matches, requests_view
from core.settings import ROOT, settings
from core.store.tables import ReferenceRequest, Referral, ReferralEvent
from pages._app import cached
from tests.screens import head, title

pytestmark = pytest.mark.sampled(2)

LANE, PILOT = "Referral fast lane", "Pilot plan"


def opened(**address):
    page = AppTest.from_file(str(ROOT / "pages" / "requests.py"), default_timeout=240)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def words(page):
    parts = [*page.markdown, *page.error, *page.toast]
    return " ".join(part.value for part in parts).replace("\\", "")


def record(kind, key):
    with records_database().read() as session:
        return session.get(kind, key)


def test_a_request_is_given_to_a_person_once_and_the_ask_waits(in_demo_copy):
    first = open_matches(open_month())[0]
    page = opened(request=first.request_id)
    assert "need a person" in title(page)
    assert "who may be asked fit" in words(page)
    pool = cached.advocates_view(cached.newest_month()).pool.set_index("contact_id", drop=False)
    button = page.button(key=f"req_ask_{first.request_id}_{first.assigned}")
    button.click().run()
    assert not page.exception
    assert not page.error
    assert "has its person: now send the ask" in words(page)
    assert f"](advocates?contact={first.assigned}), {pool['account_name'][first.assigned]}" in words(page)
    row = record(ReferenceRequest, first.request_id)
    assert (row.state, row.contact_id) == ("matched", first.assigned)
    assert page.button(key=f"req_sent_{first.request_id}")

    ends = {f"req_{kind}_why_{first.request_id}": kind for kind in ("withdraw", "miss")}
    (why,) = (field for field in page.text_input if field.key in ends)  # until its day the one, from then on the other
    why.set_value(" ")
    submit(page, f"req_{ends[why.key]}_form_{first.request_id}")
    assert "the reason is missing" in words(page)


def test_giving_a_request_to_a_person_says_who_of_the_account_rests(in_demo_copy):
    pool, rules = cached.advocates_view(cached.newest_month()).pool, open_month().advocacy_rules
    request, contact, rests = next(
        (item.request_id, one.contact_id, said)
        for item in open_matches(open_month())
        for one in item.matches
        if (said := colleague_words(pool, one.contact_id, rules))
    )
    page = opened(request=request)
    page.button(key=f"req_ask_{request}_{contact}").click().run()
    assert not page.error
    assert page.toast[0].value.replace("\\", "").endswith(rests)


def test_a_new_request_is_chosen_once_it_is_saved_and_its_form_is_gone(in_demo_copy):
    page = opened()
    deal = requests_view(open_month(), {}).deals[0]
    key = f"deal_{deal.opportunity_id}_{deal.opportunity_id}"
    assert f"req_open_{key}" not in [button.key for button in page.button]
    page.session_state[f"req_ask_deal_{deal.opportunity_id}_0"] = True
    page.run()
    region = pool_choices(open_month())["region"][-1]
    page.selectbox(key=f"req_region_{key}").set_value(region).run()
    wanted = {**deal.wanted, "region": region}
    assert draft_reach(open_month(), deal.opportunity_id, wanted)[0] in words(page)
    page.button(key=f"req_open_{key}").click().run()
    assert not page.exception
    assert not page.error
    (row,) = [row for row in asked_for(deal.opportunity_id) if row.state == "open"]
    assert row.wanted_region == region
    assert row.request_id in page.query_params["request"]
    assert f"## {deal.deal}" in words(page)
    assert f"req_open_{key}" not in [button.key for button in page.button]
    assert page.session_state["req_acts"] == 1


def asked_for(deal):
    with records_database().read() as session:
        return session.exec(select(ReferenceRequest).where(ReferenceRequest.opportunity_id == deal)).all()


def test_a_referral_is_given_to_somebody_and_then_contacted(in_demo_copy, monkeypatch):
    monkeypatch.setenv("COUNCIL_ZONE", "Asia/Tokyo")
    settings.cache_clear()
    line = next(line for line in lane_view(open_month(), {}).lists["Running"] if line.state == "submitted")
    page, before = opened(part=LANE, lane="Running", referral=line.referral_id), len(events())
    page.text_input(key=f"req_to_{line.referral_id}").set_value("Ben")
    submit(page, f"req_route_form_{line.referral_id}")
    assert "Ben calls" in words(page)
    assert line.referral_id in page.query_params["referral"]
    day, hour = (page.date_input(key=f"req_called_on_{line.referral_id}"),
                 page.time_input(key=f"req_called_at_{line.referral_id}"))  # fmt: skip
    assert hour.label == "At, Asia/Tokyo"
    moment = instant_of(day.value, hour.value)
    assert dt.timedelta(0) <= now() - moment < dt.timedelta(minutes=5)
    submit(page, f"req_called_form_{line.referral_id}")
    assert not page.error
    assert utc(record(Referral, line.referral_id).first_contact_at) == moment
    assert [event.kind for event in events()[before:]] == ["routed", "contacted"]
    assert "First contact:" in words(page)
    assert f"req_called_form_{line.referral_id}" not in [button.form_id for button in page.button]
    page.button(key=f"req_undo_{line.referral_id}").click().run()
    assert not page.exception
    assert not page.error
    assert [event.kind for event in events()[before:]] == ["routed", "contacted", "not contacted"]
    assert "First contact:" not in words(page)


def submit(page, form):
    next(button for button in page.button if button.form_id == form).click().run()
    assert not page.exception


def test_the_lane_opens_by_its_link_and_tells_a_referrer(in_demo_copy):
    view = lane_view(open_month(), {})
    line = view.lists["To tell"][0]
    milestone = line.to_tell[0].milestone
    page, before = opened(part=LANE, lane="To tell", referral=line.referral_id), len(events())
    assert title(page) == view.answer
    assert f"## {line.company}" in words(page)
    key = f"{line.referral_id}_{milestone}"
    page.text_area(key=f"req_tell_text_{key}").set_value("Thank you: they *signed*")
    submit(page, f"req_tell_form_{key}")
    assert not page.error
    (event,) = events()[before:]
    assert (event.referral_id, event.milestone, event.note) == (line.referral_id, milestone, "Thank you: they *signed*")


def events():
    with records_database().read() as session:
        return session.exec(select(ReferralEvent).order_by(ReferralEvent.id)).all()


def test_the_pilot_plan_shows_every_step(in_demo):
    view = pilot_view(open_month())
    page = opened(part=PILOT)
    assert title(page) == view.answer
    steps = next(table.value for table in page.dataframe if "Goal" in table.value)
    assert list(steps["Step"]) == list(view.steps["Step"])
    page.session_state["pilot_opened"] = "low_barrier_acts"
    page.run()
    assert not page.exception
    assert "one row an act of a kind that asks little" in words(page)
    acts = next(table.value for table in page.dataframe if "Thanked" in table.value)
    assert len(acts) == steps["There is"].iloc[view.ids.index("low_barrier_acts")]


def test_without_requests_it_says_what_to_load(in_ravenstack):
    page = opened()
    assert "No reference is asked for" in title(page)
    assert "import referrals" in words(opened(part=LANE))
    assert "Not loaded: contacts, asks, assets, consents" in words(opened(part=PILOT))


def test_an_empty_home_says_what_to_import(in_empty):
    page = opened()
    assert title(page) == "No requests are loaded yet"
    assert page.button(key="load_demo")


def test_the_address_names_only_what_is_shown(in_demo):
    page = opened(part=LANE, queue="Person asked", request="R-1", lane="Never heard of", referral="gone")
    assert set(page.query_params) == {"part"}
    page = opened(queue="Person asked", request="gone", referral="F-1")
    assert set(page.query_params) == {"queue"}
    assert page.query_params["queue"] == "Person asked"


def test_clocks_stand_at_the_companys_now_and_the_heading_says_what_day_it_is(in_demo):
    page = opened()
    here = f"Demo company: here it is {display_day(now().date())}"
    assert here in head(page)
    assert f"Clocks stand at {display_day(now().date())}, " in head(page)
