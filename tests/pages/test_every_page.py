"""Every screen on the demo company, on RavenStack (deals, spend and contacts missing) and on an empty home."""

import pytest
from streamlit.testing.v1 import AppTest

from core.glossary import MINUS
from core.settings import ROOT
from pages._app.screens import PAGES, SCREENS
from tests.screens import boards, title

pytestmark = pytest.mark.sampled(2)

FILES = [screen.file for screens in SCREENS.values() for screen in screens]


def draw(file):
    test = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=60).run()
    if file != "overview":
        test = test.switch_page(str(PAGES / f"{file}.py")).run()
    assert not test.exception, test.exception
    return test


def words(test):
    parts = [*test.markdown, *test.caption, *test.info, *test.error, *test.warning]
    return " ".join([boards(test), *(part.value for part in parts)]).replace("\\", "")


@pytest.mark.parametrize("file", FILES)
def test_on_the_demo_company(in_demo, file):
    test = draw(file)
    assert title(test)
    assert not test.error


@pytest.mark.parametrize("file", FILES)
def test_on_an_empty_home_it_says_what_to_do(in_empty, file):
    test = draw(file)
    assert title(test)
    if file not in ("maturity", "meeting"):
        assert "import" in words(test).lower()


@pytest.mark.parametrize(
    ("file", "missing"),
    [
        ("overview", ("spend", "opportunities", "asks")),
        ("advocates", ("contacts",)),
        ("budget", ("spend",)),
        ("maturity", ()),
        ("meeting", ()),
        ("definitions", ("figures wait for tables that are not loaded",)),
    ],
)
def test_on_ravenstack_it_names_the_table_that_is_missing(in_ravenstack, file, missing):
    said = words(draw(file))
    assert all(table in said for table in missing), said


def test_the_overview_flags_what_cannot_be_true(in_ravenstack):
    said = words(draw("overview"))
    assert "check the data before believing it" in said
    assert "implausible" in said
    assert "open subscriptions each" in said


def test_the_overview_of_another_month_and_segment(in_demo):
    test = draw("overview")
    october = title(test)
    test.selectbox(key="month").set_value("2026-03").run()
    assert not test.exception
    assert "March 2026" in words(test)
    test.selectbox(key="segment").set_value("SMB").run()
    assert not test.exception
    assert "in SMB" in words(test)
    assert title(test) != october


def test_the_rows_of_a_card_open_with_their_sum(in_demo):
    test = draw("overview")
    test.pills(key="rows_behind").set_value("Net revenue retention").run()
    assert not test.exception
    said = words(test)
    assert f"NRR = (starting + expansion {MINUS} contraction {MINUS} churned) / starting" in said
    assert "rows, sums:" in said


def test_an_empty_product_loads_the_demo_company_by_itself(in_empty):
    test = draw("overview")
    test.button(key="load_demo").click().run()
    assert not test.exception
    assert "Demo company" in words(test)
