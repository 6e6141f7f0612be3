"""The frame around every screen: who lands where, the word mark, the heading."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.text import heading_html
from core.services.access import Role
from pages._app.router import LOGO
from pages._app.screens import LANDINGS, SCREENS, landing
from pages._app.stylesheet import LINK, STYLE

FILES = [screen.file for screens in SCREENS.values() for screen in screens]


@pytest.mark.parametrize(
    ("roles", "file"),
    [
        pytest.param({"viewer"}, "overview", id="an executive"),
        pytest.param(set(), "overview", id="nobody in particular"),
        pytest.param({"admin", "finance"}, "overview", id="the one user of a machine"),
        pytest.param({"customer_marketing", "viewer"}, "advocates", id="customer marketing"),
        pytest.param({"contributor"}, "advocates", id="a CSM"),
        pytest.param({"assessor"}, "maturity", id="an owner of capabilities"),
        pytest.param({"finance"}, "data", id="finance"),
    ],
)
def test_each_role_lands_on_its_own_screen(roles, file):
    assert landing(roles).file == file


def test_landings_name_roles_and_screens_that_exist():
    roles, files = zip(*LANDINGS, strict=True)
    assert set(roles) <= set(Role.__args__) and len(set(roles)) == len(roles)
    assert set(files) <= set(FILES)


def test_the_word_mark_is_served_from_here(one_app):
    status, headers, body = one_app.get(LOGO)
    assert (status, headers["content-type"].split(";")[0]) == (200, "image/svg+xml")
    assert b"prefers-color-scheme:dark" in body
    assert not re.search(rb"<script|\bon\w+=|href=", body)


def test_a_screen_loads_the_product_s_style_from_here_once(one_app):
    status, headers, page = one_app.get("/path", {"Accept-Encoding": "gzip"})
    assert (status, page.count(LINK), headers.get("content-encoding")) == (200, 1, None)
    status, headers, sheet = one_app.get(LINK.decode().split('"')[3])
    assert (status, headers["content-type"].split(";")[0], sheet.decode()) == (200, "text/css", STYLE)


@given(st.text(), st.text(), st.text())
def test_no_text_of_a_heading_becomes_markup(question, answer, note):
    tags = re.findall(r"</?[a-z0-9]+", heading_html(question, answer, note))
    assert tags == ["<div", "<p", "</p", "<h1", "</h1", "<p", "</p", "</div"]


@pytest.fixture(scope="module")
def one_app(served_app, tmp_path_factory):
    return served_app(tmp_path_factory.mktemp("home"))
