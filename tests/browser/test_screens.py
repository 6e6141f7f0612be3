"""Every screen as people meet it: wide, narrow, on a phone, magnified, light and dark, by keyboard and by axe-core."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages._app.screens import SCREENS
from tests.browser.conftest import HARMLESS, picture

pytestmark = pytest.mark.browser

FILES = [screen.file for screens in SCREENS.values() for screen in screens]
ADDRESSES = ["", *FILES[1:]]
SIZES = {"1440": (1440, 900), "1024": (1024, 768), "zoom200": (720, 450), "390": (390, 844)}
"""Windows in CSS px; a window of 1440 magnified twice is one of 720."""
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

FAULTS, BROKEN_RULES, FOCUS = (
    (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8") for name in ("faults", "broken_rules", "focus")
)

LARGEST = 1440
"""Width in px of the window a screen is made for."""
STREAMLITS_OWN = {"presentation-role-conflict": "the area of the file uploader that files are dropped on"}
"""Rules broken inside Streamlit's elements, where no page can mend them, each with its place."""


def fits(visit, address, axe):
    """Faults of one screen in every window, and in dark in the largest, with a picture of each; axe-core in that one.

    The colour scheme moves nothing, so that a fault of layout shows in either.
    """
    faults = []
    visit.open(address)
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        for name, (width, height) in SIZES.items():
            if scheme == "dark" and width < LARGEST:
                continue
            visit.page.set_viewport_size({"width": width, "height": height})
            visit.settle()
            picture(visit.page, f"{address or 'overview'}_{name}_{scheme}")
            faults += [f"{name} {scheme}: {fault}" for fault in visit.page.evaluate(FAULTS, width >= LARGEST)]
            if width >= LARGEST and axe:
                faults += [f"{name} {scheme}: {line}" for line in broken_rules(visit.page, axe)]
    return faults


def broken_rules(page, axe):
    """Rules of accessibility that a page breaks, but for Streamlit's own."""
    page.evaluate(axe)
    return [broken for broken in page.evaluate(BROKEN_RULES) if broken[0] not in STREAMLITS_OWN]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_screen_fits_every_window_breaks_no_rule_and_says_nothing_to_the_console(visit, address, axe):
    assert fits(visit, address, axe) == []
    assert [text for text in visit.errors if not any(part in text for part in HARMLESS)] == []
    assert visit.outside == []
    if not axe:
        pytest.skip("axe-core is not fetched: npm ci --prefix tests/browser; the rest held")


@pytest.fixture(scope="session")
def axe():
    """axe-core as `make test` fetched it; empty where it did not."""
    return AXE.read_text(encoding="utf-8") if AXE.exists() else ""


def test_a_projector_shows_the_answer_the_cards_and_what_moved_them_without_scrolling(visit):
    ends = "[...document.querySelectorAll('.rc-head,.rc-cards,.rc-panels')].map(e => e.getBoundingClientRect().bottom)"
    cut = "[...document.querySelectorAll('.rc-card h2')].filter(e => e.scrollWidth > e.clientWidth).length"
    visit.open("?projector=1")
    for width, height in ((1920, 1080), (1920, 970), (1366, 768), (1280, 720), (1024, 768)):
        visit.page.set_viewport_size({"width": width, "height": height})
        found = visit.page.evaluate(ends)
        assert (len(found), visit.page.evaluate(cut)) == (3, 0)
        assert max(found) <= height, (width, height)


SLIDES = """() => [...document.querySelectorAll('[data-testid="stDataFrame"],.rc-wide')].map(table => {
    const scroller = table.querySelector('.dvn-scroller') || table;
    const place = table.closest('[data-testid="stElementContainer"]:has(.dvn-scroller)') || table;
    const hint = getComputedStyle(place, '::before');
    return [scroller.scrollWidth > scroller.clientWidth, hint.content !== 'none' && parseFloat(hint.fontSize) > 0];
})"""


@pytest.mark.parametrize("address", ["", "path", "advocates", "requests", "advocates?list=To tell"])
def test_on_a_phone_a_table_says_that_it_slides_sideways_where_it_does(visit, address):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open(address)
    visit.settle()
    found = visit.page.evaluate(SLIDES)
    assert found
    assert all(slides == said for slides, said in found), found
    visit.page.set_viewport_size({"width": 1440, "height": 900})
    visit.settle()
    assert not any(slides for slides, _ in visit.page.evaluate(SLIDES))


def test_on_a_phone_the_cards_follow_the_filters_and_what_needs_a_word_follows_them_for_the_keyboard_too(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open()
    visit.settle()
    note = '<div class="rc-note"><a href="meeting">Look-back due: in this company none is.</a></div>'
    board = f'<div class="rc-board">{note}</div>'
    visit.page.evaluate("board => document.querySelector('.rc-cards').insertAdjacentHTML('beforebegin', board)", board)
    tops = "['.st-key-segment','.rc-cards','.rc-note'].map(e => document.querySelector(e).getBoundingClientRect().top)"
    filters, cards, words = visit.page.evaluate(tops)
    assert filters < cards < min(words, 844 / 2)
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.rc-cards')).marginTop") == "0px"
    visit.page.locator(".rc-card .rc-open").last.focus()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate(FOCUS)["words"].startswith("Look-back due")


def test_a_link_to_the_projector_is_legible_on_a_phone_and_left_there(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    size = "parseFloat(getComputedStyle(document.querySelector('.rc-card .rc-foot')).fontSize)"
    visit.open("?projector=1")
    assert visit.page.evaluate(size) > 12
    visit.page.get_by_role("button", name="Leave").click()
    visit.page.wait_for_url(lambda address: "projector" not in address)
    expect(visit.page.locator(".st-key-projector")).to_be_hidden()


def test_the_keyboard_reaches_navigation_filters_cards_and_rows_and_shows_where_it_is(visit):
    page = visit.open()
    page.keyboard.press("Tab")
    stops = []
    for _ in range(45):
        stops.append(page.evaluate(FOCUS))
        page.keyboard.press("Tab")
    places = {
        "navigation": next((at for at, stop in enumerate(stops) if stop["words"].startswith("Meeting")), None),
        "month": next((at for at, stop in enumerate(stops) if "st-key-month" in stop["key"]), None),
        "card": next((at for at, stop in enumerate(stops) if stop["card"]), None),
        "rows": next((at for at, stop in enumerate(stops) if "rows" in stop["key"]), None),
    }
    assert None not in places.values(), places
    assert list(places.values()) == sorted(places.values()), places
    hidden = [stop["words"] or stop["key"] for stop in stops if stop["tag"] != "BODY" and not stop["seen"]]
    assert hidden == []
