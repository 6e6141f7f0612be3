"""The views of the Data screen beside the import: what they say, what their buttons do, no data as markup."""

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from core.services.access import LOCAL_USER
from core.services.corrections import correct, corrections
from core.services.home import records_database
from core.services.importing import import_runs
from core.services.record_conflicts import open_conflicts
from core.settings import ROOT
from core.store import records
from core.store.tables import Outcome
from pages._app.screens import PAGES
from tests.homes import NOW
from tests.inbox import ACCOUNTS, SUBSCRIPTIONS, Inbox
from tests.screens import boards, head, title

pytestmark = pytest.mark.sampled(2)

EVIL = "**Bold** <b>x</b> [a](http://evil.example) :red[y]"
MRR = {"subscription_id": "S-1", "start_date": "2025-01-01"}
VERIFIED = "outcome_id,account_id,agreed_on,verified_by\nO-1,A-1,2025-03-01,\nO-2,A-2,2025-03-01,\n"
VIEWS = ("data_sources", "data_finance", "data_conflicts", "data_runs")


@pytest.fixture
def inbox(in_empty, tmp_path):
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)


def shown(name):
    page = AppTest.from_string(f"from pages._app import {name}\n{name}.show()", default_timeout=60).run()
    assert not page.exception
    return page


def said(page):
    texts = [item.value for kind in (page.caption, page.markdown, page.error, page.warning) for item in kind]
    return " | ".join([boards(page), *texts]).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def button(page, start):
    return next(item for item in page.button if str(item.key).startswith(start))


@pytest.mark.parametrize("name", VIEWS)
def test_an_empty_home_says_what_to_do_on_every_view(in_empty, name):
    page = shown(name)
    assert title(page)
    assert "view Import" in said(page) or len(page.get("download_button")) > 0


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_opens_on_the_demo_company(in_demo, name):
    page = shown(name)
    assert title(page)
    assert not page.error


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_opens_on_a_company_with_four_tables(in_ravenstack, name):
    assert not shown(name).error


def test_missing_tables_come_with_their_template_and_the_rest_on_request(inbox):
    inbox.load()
    page = shown("data_sources")
    assert len(page.get("download_button")) == 6
    assert "18 more tables" in [item.label for item in page.expander]


def test_a_loaded_table_tells_what_it_feeds_once_chosen(inbox):
    inbox.load()
    page = shown("data_sources")
    page.session_state["data_table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    page.run()
    assert "ARR, net and gross revenue retention, churn" in said(page)


def test_accounts_that_differ_are_listed_first_and_all_on_request(in_demo):
    page = shown("data_finance")
    assert "ARR, new ARR and bookings tie with finance" in said(page)
    page.selectbox(key="month").set_value("2026-07").run()
    assert len(page.dataframe[0].value) == 1
    page.segmented_control(key="data_differing").set_value("All accounts").run()
    assert len(page.dataframe[0].value) > 200


def disputed(inbox):
    inbox.put(outcomes=VERIFIED).load(source="crm")
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"verified_by": EVIL})
    inbox.put(outcomes=VERIFIED).load(source="crm")


@pytest.mark.parametrize(("side", "left"), [("ours", EVIL), ("theirs", None)])
def test_a_conflict_is_decided_with_one_click_and_stays_decided(inbox, side, left):
    disputed(inbox)
    page = shown("data_conflicts")
    assert "http://evil" not in said(page)
    button(page, f"data_{side}_").click().run()
    assert not page.exception
    assert open_conflicts() == ()
    assert "Nothing waits" in said(page)
    with records_database().read() as session:
        assert session.get_one(Outcome, "O-1").verified_by == left


def test_a_conflict_somebody_else_decided_meanwhile_is_refused_in_words(inbox):
    disputed(inbox)
    page = shown("data_conflicts")
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 2, {"verified_by": "Bo"})
    button(page, "data_theirs_").click().run()
    assert "was changed by somebody else" in said(page)
    assert len(open_conflicts()) == 1


def test_a_correction_is_withdrawn_with_a_reason_only(inbox):
    inbox.load()
    made = correct(LOCAL_USER, "subscriptions", MRR, "mrr_cents", "90000", EVIL, NOW)
    page = shown("data_conflicts")
    page.selectbox(key="data_withdraw").set_value(made.id).run()
    button(page, "data_withdraw_do").click().run()
    assert "needs a reason" in said(page)
    assert len(corrections()) == 1
    next(item for item in page.text_input if str(item.key).startswith("data_withdraw_why")).set_value("it was right")
    button(page, "data_withdraw_do").click().run()
    assert corrections() == ()
    assert "No value is corrected" in said(page)


def test_the_last_import_is_taken_back_after_a_look_at_what_changes(inbox):
    inbox.load(source="crm")
    inbox.load(source="crm", as_of=dt.date(2025, 9, 1))
    page = shown("data_runs")
    button(page, "data_undo_check").click().run()
    assert "The import of crm" in said(page)
    button(page, "data_undo_leave").click().run()
    assert [run.undone_at for run in import_runs()] == [None, None]
    button(page, "data_undo_check").click().run()
    button(page, "data_undo_do").click().run()
    assert not page.exception
    assert [run.undone_at is None for run in import_runs()] == [False, True]
    assert [item.value.replace("\\", "")[:16] for item in page.toast] == ["Taken back: crm,"]


def test_an_import_that_is_not_the_newest_any_more_is_not_taken_back(inbox):
    inbox.load(source="crm")
    page = shown("data_runs")
    button(page, "data_undo_check").click().run()
    inbox.load(source="crm", as_of=dt.date(2025, 9, 1))
    button(page, "data_undo_do").click().run()
    assert "not the newest any more" in said(page)
    assert all(run.undone_at is None for run in import_runs())


def test_edited_rows_stand_in_the_way_with_both_sides(inbox):
    inbox.put(outcomes=VERIFIED).load(source="crm")
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"verified_by": EVIL})
    page = shown("data_runs")
    button(page, "data_undo_check").click().run()
    assert "edited since, so it cannot be taken back" in said(page)
    assert EVIL in set(page.dataframe[0].value["Now"])
    assert not any(str(item.key).startswith("data_undo_do") for item in page.button)


FORM = """
import streamlit as st
from core.services.home import open_month
from core.services.rows import rows_behind
from pages._app.correcting import correct_form
from tests.screens import head, title
if "behind" not in st.session_state:
    st.session_state["behind"] = rows_behind(open_month(), "arr")
correct_form(st.session_state["behind"])
"""


def test_a_value_is_corrected_from_its_row_in_amounts(inbox):
    inbox.load()
    page = AppTest.from_string(FORM, default_timeout=60).run()
    page.selectbox(key="fix_row_arr").set_value(0).run()
    column = next(item for item in page.selectbox if str(item.key).startswith("fix_column"))
    column.set_value("mrr_cents").run()
    assert "It says **1,200.00**" in said(page)
    new, why = page.text_input
    new.set_value("1.000,00")
    why.set_value("credit note")
    button(page, "fix_do").click().run()
    assert "such as 1200.00" in said(page)
    assert corrections() == ()
    page.text_input[0].set_value("1,000.00")
    button(page, "fix_do").click().run()
    (made,) = corrections()
    assert (made.column, made.old, made.new, made.reason) == ("mrr_cents", "120000", "100000", "credit note")
    assert "1,200.00 is now 1,000.00" in page.success[0].value.replace("\\", "")


def test_the_reason_of_a_correction_is_asked_for(inbox):
    inbox.load()
    page = AppTest.from_string(FORM, default_timeout=60).run()
    page.selectbox(key="fix_row_arr").set_value(0).run()
    next(item for item in page.selectbox if str(item.key).startswith("fix_column")).set_value("mrr_cents").run()
    page.text_input[0].set_value("1000")
    button(page, "fix_do").click().run()
    assert "needs a reason" in said(page)
    assert corrections() == ()


def test_rows_beyond_the_day_are_warned_of_and_a_later_day_is_stated_on_the_spot(inbox):
    inbox.load()
    page = shown("data_sources")
    assert "1 subscription ends after 1 Feb 2025 (the last on 1 Aug 2025) and counts as running" in said(page)
    page.date_input(key="data_as_of_day").set_value(dt.date(2025, 2, 1)).run()
    page.button(key="data_as_of_do").click().run()
    assert "known up to 1 Feb 2025 already" in said(page)
    page.date_input(key="data_as_of_day").set_value(dt.date(2025, 8, 31)).run()
    page.button(key="data_as_of_do").click().run()
    assert not page.exception
    assert "count as running" not in said(page) and "counts as running" not in said(page)
    assert import_runs()[0].as_of == dt.date(2025, 8, 31)


def screen(**query):
    page = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=90)
    for name, value in query.items():
        page.query_params[name] = value
    page = page.switch_page(str(PAGES / "data.py")).run()
    assert not page.exception, page.exception
    return page


def open_view(page):
    (picker,) = (item for item in page.get("button_group") if item.key == "data_view")
    return picker.options, picker.value


@pytest.mark.parametrize(
    ("home", "options"),
    [
        pytest.param("in_empty", ["Import", "Sources", "Tie-out", "Conflicts", "Runs"], id="nothing loaded"),
        pytest.param("in_demo", ["Sources", "Tie-out", "Conflicts", "Import", "Runs"], id="a company"),
    ],
)
def test_the_screen_opens_on_the_view_that_answers_and_import_is_one_click_away(home, options, request):
    request.getfixturevalue(home)
    page = screen()
    assert open_view(page) == (options, options[0])
    page.segmented_control(key="data_view").set_value("Runs").run()
    page.segmented_control(key="data_view").set_value("Import").run()
    assert page.get("file_uploader")
    assert page.query_params["view"] == "Import"
    assert [list(item.value["Source"]) for item in page.dataframe] == ([["demo"]] if home == "in_demo" else [])


def test_the_views_stand_below_the_heading_and_sources_say_whether_finance_agrees(in_demo):
    page = screen()
    kinds = [item.type for item in page.main]
    assert kinds.index("html") < kinds.index("button_group")
    assert "What do we know, how fresh is it, and does it tie to finance?" in head(page)
    assert "ARR, new ARR and bookings tie with finance" in head(page)


def test_a_link_names_its_view_and_a_begun_import_is_found_again(in_demo):
    assert open_view(screen(view="conflicts"))[1] == "Conflicts"
    page = screen(view="Import")
    page.get("file_uploader")[0].set_value([("accounts.csv", ACCOUNTS.encode(), "text/csv")])
    page.run()
    del page.query_params["view"]
    page.run()
    assert title(page) != "Choose files to import"
    assert open_view(page)[1] == "Import"


def test_the_button_of_an_empty_screen_leads_to_the_import_though_revenue_is_loaded(inbox):
    inbox.load()
    page = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=90)
    page = page.switch_page(str(PAGES / "advocates.py")).run()
    page.button(key="start_import").click().run()
    assert page.query_params["view"] == "Import"
    assert page.get("file_uploader")
