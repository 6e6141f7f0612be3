"""The screen Path: on the demo company, on one without milestones, on nothing; from a stage to an account."""

import html
import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.services.home import open_month
from core.services.path import path_view
from core.services.path_accounts import path_accounts
from core.settings import ROOT

pytestmark = pytest.mark.sampled(2)


def opened(**address):
    page = AppTest.from_file(str(ROOT / "pages" / "path.py"), default_timeout=240)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def words(page):
    parts = [*page.title, *page.caption, *page.markdown]
    said = " ".join(part.value for part in parts) + " ".join(item.proto.body for item in page.get("html"))
    return said.replace("\\", "")


def title(page):
    return html.unescape(re.search(r"<h1[^>]*>(.*?)</h1>", words(page)).group(1))


def accounts(page):
    return next(table.value for table in page.dataframe if "Days here" in table.value)


def test_the_demo_company_shows_stages_accounts_and_the_first_account(in_demo):
    page = opened()
    view = path_view(open_month())
    assert title(page) == view.answer
    assert len(accounts(page)) == view.customers
    assert len(page.get("plotly_chart")) == 1
    first = accounts(page)["Account"].iloc[0]
    assert f"<h2>{first}</h2>" in words(page)
    assert "Next step:" in words(page)
    assert "Readiness" in words(page)


def test_the_address_carries_stage_list_segment_and_account(in_demo):
    month = open_month()
    listed = path_accounts(month, "SMB", "verified_outcome", "Late")
    page = opened(stage="Verified outcome", accounts="Late", segment="SMB", account=listed.ids[1])
    assert list(accounts(page)["Account"]) == list(listed.rows["Account"])
    assert f"<h2>{listed.rows['Account'][1]}</h2>" in words(page)
    assert listed.said in words(page)


def test_a_click_on_a_bar_chooses_its_stage_and_its_part(in_demo):
    page = opened()
    point = {"customdata": 4, "curve_number": 0}
    page.session_state["path_chart"] = {"selection": {"points": [point], "point_indices": [4], "box": [], "lasso": []}}
    page.session_state["stage"], page.session_state["accounts"] = "Verified outcome", "Late"
    page.run()
    assert not page.exception
    assert set(accounts(page)["Stage"]) == {"Verified outcome"}
    assert accounts(page)["Late by"].notna().all()


def test_an_empty_list_says_what_to_do_and_an_unknown_account_falls_back_to_the_first(in_demo):
    page = opened(account="nobody")
    assert f"<h2>{accounts(page)['Account'].iloc[0]}</h2>" in words(page)
    assert "The account of this link is no customer in this month" in words(page)
    page.text_input(key="path_find").set_value("no such name").run()
    assert not page.exception
    assert "Nobody is in this list" in words(page)


def test_the_customers_behind_a_step_open_with_its_figures(in_demo):
    page = opened(stage="First value")
    page.button(key="path_step").click().run()
    assert not page.exception
    assert "old enough went on" in words(page)


ROOM, LONGEST = 569, 116
"""Px the columns of the list share at 1,440 px, and those an owner of 17 letters takes with its margins."""


def test_beside_the_silent_the_names_of_owners_stay_whole(in_demo):
    page = opened()
    columns = {
        name: column for name, column in json.loads(page.dataframe[0].proto.columns).items() if "width" in column
    }
    assert "Silent for" in columns
    assert columns["Owner"]["width"] >= LONGEST
    assert sum(column["width"] for column in columns.values()) <= ROOM


def test_without_milestones_the_stages_say_what_to_load(in_ravenstack):
    page = opened()
    assert "load milestones" in title(page)
    assert "No contact of this account is loaded" in words(page)
    assert len(accounts(page)) > 0
    assert "Not known yet" in words(page)


def test_an_empty_home_says_what_to_import(in_empty):
    page = opened()
    assert title(page) == "No customers are loaded yet"
    assert page.button(key="load_demo")
