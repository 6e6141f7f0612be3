"""The screen Advocates: on the demo company, on one without contacts, on nothing; and an act from click to list."""

import datetime as dt

import pandas as pd
import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

import core.month.facts
from core.services.clock import now
from core.services.home import records_database
from core.services.pool_view import NO_TIER, PoolQuery
from core.settings import ROOT
from core.store.tables import Ask, AuditEntry, Consent, Enrolment, Nomination, Reward
from pages._app import asking, cached, cached_advocates
from pages._app.people import ROW
from tests.screens import head, title

pytestmark = pytest.mark.sampled(2)


@pytest.fixture
def months(monkeypatch):
    """Every month the screen was drawn from, in order."""
    drawn = []
    real = cached.advocates_view

    def advocates_view(month):
        drawn.append(month)
        return real(month)

    monkeypatch.setattr(cached, "advocates_view", advocates_view)
    return drawn


def opened(**address):
    page = AppTest.from_file(str(ROOT / "pages" / "advocates.py"), default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def button(page, start):
    (found,) = [item for item in page.button if str(item.key).startswith(start)]
    return found


def press(page, start):
    button(page, start).click().run()
    assert not page.exception


def people(page):
    (table,) = page.dataframe
    return table.value


def accounts(rows):
    """Account of each row of a list of the day: the last words of the cell with the name; in the pool a column."""
    return rows["Account"] if "Account" in rows else rows["Person"].str.rpartition(" · ")[2]


def words(page):
    return " ".join([head(page), *(item.value for kind in (page.caption, page.markdown) for item in kind)])


def made():
    with records_database().read() as session:
        asks = session.exec(select(Ask).where(Ask.token.is_not(None))).all()
        audited = session.exec(select(AuditEntry).where(AuditEntry.record.like("asks/%"))).all()
    return asks, audited


def test_the_demo_company_shows_the_list_the_first_person_and_the_act(in_demo):
    page = opened()
    assert "people can be asked, the first on the list at " in title(page)
    assert list(people(page)) == ["Person", "Next ask", "Readiness", "Asked", "Why now"]
    first = people(page).iloc[0]
    assert first["Person"].split(", ")[0] in words(page)
    assert "Next ask: **" in words(page)
    assert button(page, "adv_accept_").label == "Accept"
    assert not page.info
    assert not page.error


def test_without_contacts_there_is_one_empty_state_and_what_each_table_unlocks(in_ravenstack):
    page = opened()
    assert title(page).startswith("No contacts are loaded")
    assert not page.dataframe
    assert not page.info
    gaps = next(item for item in page.expander if item.label.startswith("Not loaded"))
    assert "contacts" in gaps.label
    assert any("Consents unlocks" in item.value for item in gaps.markdown)


def test_an_empty_home_says_what_to_import(in_empty):
    page = opened()
    assert "No contacts are loaded" in title(page)
    assert [button.key for button in page.button] == ["start_import", "load_demo"]


def test_an_accepted_ask_is_logged_and_the_person_leaves_the_list_with_the_colleagues(in_demo_copy):
    page = opened()
    before = people(page)
    press(page, "adv_accept_")
    after = people(page)
    others = before[accounts(before) != accounts(before).iloc[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(after, others)
    (ask,), (entry,) = made()
    assert (ask.state, ask.asked_by) == ("accepted", "Local user")
    assert (entry.act, entry.record) == ("accept ask", f"asks/{ask.ask_id}")
    assert before["Person"].iloc[0].split(", ")[0] in page.toast[0].value


def test_after_an_act_the_next_person_is_chosen_and_acting_again_asks_that_one(in_demo_copy, monkeypatch):
    monkeypatch.setattr(asking, "PAUSE", dt.timedelta(0))
    page = opened()
    first = button(page, "adv_accept_").key
    press(page, "adv_accept_")
    assert button(page, "adv_accept_").key != first
    press(page, "adv_accept_")
    asks, _ = made()
    assert len({ask.contact_id for ask in asks}) == 2


def test_a_fast_second_click_does_not_ask_the_person_who_moved_under_the_button(in_demo_copy, monkeypatch):
    monkeypatch.setattr(asking, "PAUSE", dt.timedelta(hours=1))
    page = opened()
    first = button(page, "adv_accept_").key
    press(page, "adv_accept_")
    press(page, "adv_accept_")
    (ask,), _ = made()
    assert first == f"adv_accept_{ask.contact_id}"


def test_accepting_leaves_the_facts_and_their_figures_as_they_are(in_demo_copy, months, monkeypatch):
    page = opened()
    kept = months[-1].facts.kpis
    figures = dict(kept)
    monkeypatch.setattr(
        core.month.facts, "evaluate", lambda *_: pytest.fail("a figure of the facts was computed again")
    )
    monkeypatch.setattr(core.month.facts.FactMonth, "rollup", lambda *_, **__: pytest.fail("a rollup ran again"))
    press(page, "adv_accept_")
    assert months[-1] is not months[0]
    assert months[-1].facts is months[0].facts
    assert months[-1].facts.kpis is kept
    assert {name: months[-1].kpis[name] for name in figures} == figures


def test_the_address_chooses_list_and_next_ask(in_demo):
    page = opened(ask="Reference call")
    assert set(people(page)["Next ask"]) == {"Reference call"}
    page = opened(list="To give")
    assert "Give" in people(page)
    assert not [item for item in page.button if str(item.key).startswith("adv_accept_")]
    page = opened(list="No such list", show="No such view")
    assert "Next ask" in people(page)


def test_a_search_finds_account_person_or_role_and_says_when_nobody_matches(in_demo):
    page = opened()
    wanted = accounts(people(page)).iloc[3]
    page.text_input(key="adv_search").set_value(wanted.upper()).run()
    assert set(accounts(people(page))) == {wanted}
    page.text_input(key="adv_search").set_value("no such person (").run()
    assert not page.exception
    assert not page.dataframe
    assert "Nobody here matches" in words(page)


@pytest.mark.parametrize("askable", [True, False])
def test_who_comes_for_the_contacts_of_one_account_lands_on_the_list_that_has_them(in_demo, askable):
    view = cached.advocates_view(cached.newest_month())
    asked = set(view.ask["Account"])
    account = next(name for name in view.rest["Account"] if (name in asked) == askable)
    shown = sum(name == account for name in view.pool["account_name"])
    page = AppTest.from_file(str(ROOT / "pages" / "advocates.py"), default_timeout=120)
    page.session_state["adv_search"] = page.session_state["adv_land"] = account
    page.query_params["of"] = "x"
    page.run()
    assert not page.exception
    assert not page.warning
    assert set(accounts(people(page))) == {account}
    assert ("Profile" not in people(page)) == askable
    assert askable or len(people(page)) == shown
    assert "adv_land" not in page.session_state


def test_a_link_to_an_account_without_contacts_says_so_and_one_to_somebody_does_not(in_demo):
    assert "The account of this link has no contact here" in words(opened(of="nobody"))
    account = cached.advocates_view(cached.newest_month()).pool["account_id"].iloc[0]
    assert "The account of this link" not in words(opened(of=account))


def choose(page, start):
    """Pick the first row of the list of asks to be sent whose last column starts so; returns its ask."""
    month = cached.newest_month()
    rows = cached_advocates.worklists_of(month).send
    before = cached_advocates.before_sending_of(month)
    place = next(place for place, text in enumerate(before) if text.startswith(start))
    row = rows.iloc[place]
    page.session_state["adv_picked_To send"] = (row["ask_id"], place)
    page.run()
    assert not page.exception
    return row


def test_an_accepted_ask_is_marked_as_sent_from_its_list(in_demo_copy):
    page = opened(list="To send")
    before = people(page)
    choose(page, "clear to send")
    press(page, "adv_sent_")
    assert len(people(page)) == len(before) - 1
    _, (entry,) = made()
    assert entry.act == "send ask"


def test_an_ask_that_is_stopped_cannot_be_sent_and_says_why_and_by_whom_it_was_accepted(in_demo_copy):
    page = opened(list="To send")
    row = choose(page, "stop: ")
    assert not [item for item in page.button if str(item.key).startswith("adv_sent_")]
    assert "Withdraw" in [item.proto.popover.label for item in page.get("popover")]
    assert "Not to be sent now" in words(page)
    assert f"accepted by: {row['Accepted by']}" in words(page).replace("\\", "")


def test_an_accepted_ask_is_withdrawn_with_a_reason(in_demo_copy):
    page = opened(list="To send")
    before = people(page)
    row = choose(page, "stop: ")
    open_form(page, "adv_withdraw_")
    (box,) = [item for item in page.text_input if str(item.key).startswith("adv_withdraw_why_")]
    box.set_value("no consent")
    next(item for item in page.button if item.label == "Withdraw the ask").click().run()
    assert not page.exception
    assert len(people(page)) == len(before) - 1
    with records_database().read() as session:
        kept = session.get(Ask, row["ask_id"])
        assert (kept.state, kept.note) == ("proposed", "no consent")


def test_after_another_search_the_first_row_is_ticked_and_shown(in_demo):
    page = opened(list="To give")
    full = people(page)
    page.text_input(key="adv_search").set_value(accounts(full).iloc[-1]).run()
    page.text_input(key="adv_search").set_value("").run()
    assert not page.exception
    assert page.session_state["adv_table_contact_id_To give"]["selection"]["rows"] == [0]
    assert f"**{full['Person'].iloc[0].split(', ')[0]}**" in words(page)


def open_form(page, start):
    """Open the form behind the button whose key starts so; it is drawn while it is open."""
    key = next(item.proto.popover.id for item in page.get("popover") if f"-{start}" in item.proto.popover.id)
    page.session_state[key.split("-", 2)[2]] = True
    page.run()
    assert not page.exception


def aside(page, kind, why):
    open_form(page, f"adv_{kind}_")
    (box,) = [item for item in page.text_input if str(item.key).startswith(f"adv_{kind}_why_")]
    box.set_value(why)
    label = {"defer": "Defer", "never": "Never ask again"}[kind]
    next(item for item in page.button if item.label == label).click().run()
    assert not page.exception


@pytest.mark.parametrize(("kind", "state"), [("defer", "deferred"), ("never", "never")])
def test_deferring_and_never_save_the_reason(in_demo_copy, kind, state):
    page = opened()
    before = len(people(page))
    aside(page, kind, "on leave")
    (ask,), (entry,) = made()
    assert (ask.state, ask.note, entry.detail["reason"]) == (state, "on leave", "on leave")
    assert len(people(page)) == before - 1


def test_without_a_reason_nothing_is_saved_and_the_screen_says_why(in_demo_copy):
    page = opened()
    aside(page, "never", "  ")
    assert "say why" in page.error[0].value
    assert made() == ([], [])


def test_an_ask_taken_by_a_colleague_meanwhile_is_refused_by_name(in_demo_copy, months):
    from core.services.access import Actor
    from core.services.asking import accept_ask

    page = opened()
    view = cached.advocates_view(months[-1])
    contact = view.ask["contact_id"].iloc[0]
    activity = view.pool.set_index("contact_id").loc[contact, "activity"]
    accept_ask(Actor("Ben", frozenset({"contributor"})), months[-1], contact, activity, "", "ben", now())
    press(page, "adv_accept_")
    asks, _ = made()
    assert [ask.asked_by for ask in asks] == ["Ben"]
    name = view.pool.set_index("contact_id").loc[contact, "name"]
    said = page.error[0].value.replace("\\", "")
    assert f"{name} was already accepted (" in said
    assert ") by Ben on" in said
    assert contact not in str(button(page, "adv_accept_").key)


def test_when_the_chosen_person_was_taken_elsewhere_the_screen_says_so_before_showing_the_next(in_demo_copy, months):
    from core.services.access import Actor
    from core.services.asking import set_aside

    page = opened()
    view = cached.advocates_view(months[-1])
    contact = view.ask["contact_id"].iloc[0]
    ben, until = Actor("Ben", frozenset({"contributor"})), now().date() + dt.timedelta(days=30)
    set_aside(ben, contact, "review", "on leave", "ben", now(), until)
    page.run()
    assert not page.exception
    said = page.error[0].value.replace("\\", "")
    assert f"{view.ask['Person'].iloc[0].split(', ')[0]} was already deferred until" in said
    assert "by Ben on" in said
    assert "The next person is shown" in said


def test_of_a_thanked_person_the_day_is_noted_and_the_next_one_is_shown(in_demo_copy):
    page = opened(list="To thank")
    before = people(page)
    thanked = next(item for item in page.button if str(item.key).endswith("_thanked_on"))
    ask_id = str(thanked.key).removeprefix("adv_note_").removesuffix("_thanked_on")
    thanked.click().run()
    assert not page.exception
    assert len(people(page)) == len(before) - 1
    with records_database().read() as session:
        assert session.get(Ask, ask_id).thanked_on is not None


def test_who_was_given_something_leaves_the_list_and_the_record_says_by_whom(in_demo_copy):
    page = opened(list="To give")
    before = people(page)
    assert f"Give: **{before['Give'].iloc[0]}**" in words(page).replace("\\", "")
    given = next(item for item in page.button if item.label == "Given")
    contact = str(given.key).removeprefix("adv_give_")
    given.click().run()
    assert not page.exception
    with records_database().read() as session:
        (reward,) = session.exec(select(Reward).where(Reward.contact_id == contact, Reward.value_cents == 0)).all()
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.act == "note give")).all()
    assert (reward.status, reward.granted_on) == ("sent", now().date())
    assert (entry.actor, entry.record) == ("Local user", f"rewards/{reward.reward_id}")
    month = cached.newest_month()
    assert contact not in set(cached_advocates.worklists_of(month).give["contact_id"])
    assert page.session_state["adv_picked_To give"][0] != contact


def test_a_card_about_telling_shows_no_guardrail_of_asking(in_demo):
    page = opened(list="To tell")
    assert people(page)["Due"].str.match("late by |by ").all()
    assert "Blocked" not in words(page)
    assert "guardrails clear" not in " ".join(item.proto.popover.label for item in page.get("popover"))


def tiers_of(shown):
    rows = cached_advocates.pool_of(cached.newest_month()).rows
    return rows.loc[rows["Person"].isin(shown["Person"]) & rows["Account"].isin(shown["Account"]), "Tier"]


def test_the_pool_shows_a_page_of_everybody_and_the_address_narrows_it(in_demo):
    page = opened(show="Pool")
    assert "1,296 people can be asked now" in title(page)
    assert len(people(page)) == 50
    page = opened(show="Pool", pool_tier="VIP", pool_sort="Account")
    assert set(tiers_of(people(page))) == {"VIP"}
    assert people(page)["Account"].is_monotonic_increasing
    assert "13 people" in words(page)
    page = opened(show="Pool", pool_find="no such person (")
    assert not page.dataframe
    assert "Nobody matches" in words(page)


def test_the_rows_of_the_pool_are_made_tall_enough_for_their_texts_where_that_is_wanted(in_demo):
    page = opened(show="Pool")
    assert not page.dataframe[0].proto.row_height
    page.toggle(key="pool_tall").set_value(True).run()
    assert not page.exception
    assert page.dataframe[0].proto.row_height == ROW


def test_many_are_accepted_at_once_and_who_is_refused_is_named(in_demo_copy, months):
    from core.services.access import Actor
    from core.services.asking import set_aside

    page = opened(show="Pool", pool_state="Ask now")
    rows = cached_advocates.page_of(months[-1], PoolQuery(states=("Ask now",)), 1).rows
    key = page.dataframe[0].key
    page.session_state[key] = {"selection": {"rows": [0, 1, 2], "columns": [], "cells": []}}
    page.run()
    assert button(page, "pool_accept").label == "Accept 3"
    ben, until = Actor("Ben", frozenset({"contributor"})), now().date() + dt.timedelta(days=30)
    set_aside(ben, rows["contact_id"].iloc[1], rows["activity"].iloc[1], "on leave", "ben", now(), until)
    press(page, "pool_accept")
    asks, _ = made()
    assert {ask.contact_id for ask in asks if ask.state == "accepted"} == {
        rows["contact_id"].iloc[0],
        rows["contact_id"].iloc[2],
    }
    said = words(page).replace("\\", "")
    assert "1 was refused" in said
    assert "was already deferred until" in said
    assert button(page, "pool_accept").label == "Accept"
    assert button(page, "pool_accept").disabled
    assert "· 0 chosen" in said
    asked = rows[rows["contact_id"].isin([ask.contact_id for ask in asks if ask.state == "accepted"])]
    pool = cached.advocates_view(months[0]).pool
    beside = pool["account_id"].isin(asked["account_id"]) & (pool["state"] == "ask")
    resting = int((beside & ~pool["contact_id"].isin(rows["contact_id"].iloc[:3])).sum())
    assert (f"; {resting:,} colleague" in page.toast[0].value.replace("\\", "")) == bool(resting)
    page.run()
    assert "1 was refused" in words(page)
    page.multiselect(key="pool_segment").set_value(["SMB"]).run()
    assert "1 was refused" not in words(page)


def test_a_profile_opens_from_the_address_with_scores_story_and_permissions(in_demo):
    contact = cached.advocates_view(cached.newest_month()).ask["contact_id"].iloc[0]
    page = opened(contact=contact)
    name = cached.contact_profile(cached.newest_month(), contact).name
    assert title(page).startswith(f"Ask {name} for ")
    assert "What to do next" in words(page)
    assert "Next give" in words(page)
    assert len(page.get("plotly_chart")) >= 1
    assert "rc-story" in " ".join(part.proto.body for part in page.get("html"))
    assert [item for item in page.button if str(item.key).startswith("adv_accept_")]


def test_an_unknown_person_in_the_address_is_said_so(in_demo):
    page = opened(contact="C-nobody")
    assert title(page).startswith("This link leads to nobody who is known on ")
    assert "C-nobody" not in head(page) + words(page)
    assert not [item for item in page.button if str(item.key).startswith("adv_accept_")]
    page.button(key="adv_to_pool").click().run()
    assert not page.exception
    assert set(page.query_params) == {"show"} and "Pool" in page.query_params["show"]


def test_a_consent_is_changed_where_it_is_read(in_demo_copy):
    contact = cached.advocates_view(cached.newest_month()).ask["contact_id"].iloc[0]
    page = opened(contact=contact)
    key = f"adv_consent_{contact}_recording"
    page.selectbox(key=f"{key}_status").set_value("refused")
    next(
        item for item in page.button if str(item.key).startswith("FormSubmitter") and key in str(item.key)
    ).click().run()
    assert not page.exception
    assert not page.error
    with records_database().read() as session:
        row = session.get(Consent, (contact, "recording"))
    assert (row.status, row.author) == ("refused", "Local user, asked by phone")


@pytest.mark.long
def test_a_person_is_erased_on_the_profile_once_the_box_is_ticked(in_demo_copy):
    contact = cached.advocates_view(cached.newest_month()).ask["contact_id"].iloc[0]
    page = opened(contact=contact)
    page.session_state["adv_erase"] = True
    page.run()
    erase = f"FormSubmitter:adv_erase_form_{contact}-Erase for good"
    press(page, erase)
    assert "tick the box first" in " ".join(item.value for item in page.error)
    page.checkbox(key=f"adv_erase_meant_{contact}").check()
    press(page, erase)
    assert page.query_params["show"] == "Pool"
    assert contact not in set(cached.advocates_view(cached.newest_month()).pool["contact_id"])


def test_pool_health_shows_its_finding_and_sections(in_demo):
    page = opened(show="Pool health")
    assert "find nobody who may be asked" in title(page)
    assert "busiest people carried" in words(page)


def test_a_count_leads_to_those_people_in_the_pool(in_demo):
    page = opened()
    page.button_group(key="adv_count").set_value("rest").run()
    assert not page.exception
    assert set(people(page)["State"]) == {"Resting"}
    assert dict(page.query_params) == {"show": "Pool", "pool_state": "Resting"}


def test_a_profile_of_nobody_says_nothing_of_the_lists_and_leads_to_people(in_demo):
    for address in ({"show": "Profile"}, {"contact": "C-nobody"}):
        page = opened(**address)
        assert "who may be asked: today" in head(page)
        assert "accepted ask" not in head(page)
        assert [item.key for item in page.button if item.key in ("adv_to_pool", "adv_to_today")] == [
            "adv_to_pool",
            "adv_to_today",
        ]


def test_a_nomination_is_made_on_the_profile_and_decided_on_today(in_demo_copy):
    month = cached.newest_month()
    rows = cached_advocates.pool_of(month).rows
    contact = rows.loc[(rows["Tier"] == NO_TIER) & (rows["State"] == "Ask now"), "contact_id"].iloc[0]
    page = opened(contact=contact)
    page.text_area(key=f"adv_nominate_{contact}_why").set_value("tells everybody about us")
    next(item for item in page.button if item.label == "Nominate").click().run()
    assert not page.exception
    assert not page.error
    assert "Take in" in [item.label for item in page.button]
    assert "Open profile" not in [item.label for item in page.button]
    page = opened()
    assert any("tells everybody about us" in item.value for item in page.markdown)
    next(item for item in page.button if item.label == "Take in").click().run()
    assert not page.exception
    with records_database().read() as session:
        (row,) = session.exec(select(Nomination)).all()
        assert row.state == "approved"
        assert session.exec(select(Enrolment).where(Enrolment.contact_id == contact)).first() is not None
