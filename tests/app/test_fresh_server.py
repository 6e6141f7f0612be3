"""The first request after a start is the dangerous one: it must run the router, whatever address it asks for."""

from collections import Counter

import pytest

from pages._app.screens import PAGES, SCREENS
from tests.app.server import served
from tests.benchmarks.streamlit_client import Tab

FILES = [screen.file for screens in SCREENS.values() for screen in screens]
ADDRESSES = ["", *FILES[1:]]
"""The first screen is the landing page and has no path."""


def test_the_router_lists_every_page_file_once():
    assert sorted(FILES) == sorted(path.stem for path in PAGES.glob("*.py") if path.stem != "__init__")


def test_no_pages_folder_lies_beside_the_router():
    assert not (PAGES / "_app" / "pages").exists()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.sampled(5)
def test_a_page_opened_first_on_a_fresh_server_comes_with_the_router(address, tmp_path):
    with served(tmp_path) as app, Tab(app.port, address) as tab:
        run = tab.rerun()
    assert {"navigation", "page_config_changed"} <= run.kinds
    assert "page_not_found" not in run.kinds
    assert sorted(run.pages) == sorted(ADDRESSES)
    (page,) = (page for page in _navigation(run).app_pages if page.url_pathname == address)
    assert page.is_default is (not address)
    assert _navigation(run).page_script_hash == page.page_script_hash
    assert _titles_by_page(run) == {page.page_script_hash: 1}
    assert not [element for kind, element in run.elements if kind == "exception"]


@pytest.mark.parametrize("name", ["router", "widgets", "_app", "guard", "__init__"])
def test_a_file_that_is_not_listed_is_not_run(name, one_app):
    with Tab(one_app.port, name) as tab:
        run = tab.rerun()
        assert "page_not_found" in run.kinds
        assert sorted(run.pages) == sorted(ADDRESSES)


def test_a_failed_run_says_an_incident_and_nothing_of_the_error(tmp_path):
    script = tmp_path / "fail_app.py"
    script.write_text(
        "import streamlit as st\n"
        "from pages._app.server import on_script_error\n"
        f"app = st.App({str(tmp_path / 'fail.py')!r}, on_script_error=on_script_error)\n"
    )
    (tmp_path / "fail.py").write_text("raise ValueError('anna@example.test')\n")
    with served(tmp_path, str(script)) as app, Tab(app.port) as tab:
        run = tab.rerun()
        (text,) = run.texts
        assert "anna" not in text
        incident = text.split("incident ")[1].split(".")[0]
        assert f"incident {incident}: ValueError" in app.log.read_text()
        assert not [kind for kind, _ in run.elements if kind == "exception"]


def _titles_by_page(run):
    """How many page titles each page script drew, by the page's hash."""
    return Counter(
        message.metadata.active_script_hash for message in run.messages if "<h1>" in message.delta.new_element.html.body
    )


def _navigation(run):
    return next(message.navigation for message in run.messages if message.WhichOneof("type") == "navigation")


@pytest.fixture(scope="module")
def one_app(served_app, tmp_path_factory):
    return served_app(tmp_path_factory.mktemp("home"))
