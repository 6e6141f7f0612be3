"""A council goes through the product in a real browser: screens, rows behind a figure, an ask."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.server import ROOT

pytestmark = pytest.mark.browser


def test_a_card_leads_to_rows_that_sum_to_it(visit):
    page = visit.open()
    card = page.locator('section[aria-label="ARR"]')
    page.locator(".st-key-rows_behind").get_by_role("radio", name="ARR", exact=True).click()
    page.get_by_role("dialog").wait_for()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_text("Download CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    total = 12 * sum(float(row["ending_mrr"]) for row in csv.DictReader(io.StringIO(text)))
    assert card.count() == 1
    assert f"€{total / 1e6:.1f}M" in card.inner_text().replace("\u00a0", "").replace(" ", "")


def test_the_command_line_and_the_screen_say_the_same(visit):
    home = visit.server.log.parent
    printed = subprocess.run(
        [sys.executable, "-m", "core", "kpis", "--json"],
        cwd=ROOT,
        env=os.environ | {"COUNCIL_HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    nrr = next(row for row in json.loads(printed) if row["id"] == "net_revenue_retention")
    page = visit.open()
    assert f"pay {100 * nrr['value']:.0f}\xa0%" in page.locator("h1").inner_text()
    visit.sees(f"{100 * nrr['value']:.1f}")


def test_a_filter_stands_in_the_address_and_a_link_shows_what_its_sender_saw(visit):
    visit.open("?month=2026-06&segment=SMB")
    visit.sees("June 2026")
    visit.sees("in SMB")


def test_an_accepted_ask_leaves_the_list(visit):
    page = visit.open("advocates")
    with visit.changing("h1"):
        page.get_by_role("button", name="Accept").first.click()
    visit.sees("to be sent")


def test_a_definition_is_reached_by_a_link_and_another_by_its_line(visit):
    page = visit.open("definitions?kpi=promoter_rate")
    visit.sees("promoter rate = people with 9 or 10 / people with an answer")
    page.get_by_role("tab", name="Used in").click()
    page.get_by_role("tab", name="Tables").click()
    visit.sees("Survey responses")
    page.get_by_placeholder("Word").fill("win rate")
    page.get_by_placeholder("Word").press("Enter")
    visit.sees("of 66 listed")


def test_one_step_back_from_a_profile_or_another_view_leads_to_the_filtered_pool(visit):
    page = visit.open("advocates?show=Pool&pool_state=Resting&pool_sort=Account")
    visit.sees("people: Resting")
    table = page.locator('[data-testid="stDataFrame"] canvas').first.bounding_box()
    with visit.changing("h1"):
        page.mouse.click(table["x"] + 80, table["y"] + 50)
    page.go_back()
    visit.sees("people: Resting")
    with visit.changing("h1"):
        page.get_by_role("radio", name="Today", exact=True).click()
    with visit.changing("h1"):
        page.get_by_role("radio", name="Pool", exact=True).click()
    visit.sees("people: Resting")
    with visit.changing("h1"):
        page.go_back()
    assert "show=Today" in page.url
