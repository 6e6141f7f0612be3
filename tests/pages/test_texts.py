"""Fields for words: a text over the limit stays where it was typed, with how much to shorten."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import ROOT


def form():
    import streamlit as st

    from pages._app.texts import text_block, text_line

    with st.form("f"):
        st.session_state["line"] = text_line("Why", key="why", limit=300)
        st.session_state["block"] = text_block("What", key="what", limit=500, height=96)
        st.form_submit_button("Save")


@pytest.mark.parametrize(
    ("key", "given", "kept", "limit", "over"),
    [
        pytest.param("why", "line", 5_000, "300", "4,700", id="a line"),
        pytest.param("what", "block", 501, "500", "1", id="a paragraph, by one"),
    ],
)
def test_a_text_over_the_limit_is_kept_and_told(key, given, kept, limit, over):
    page = AppTest.from_function(form).run()
    assert not page.markdown
    field = page.text_input(key="why") if key == "why" else page.text_area(key="what")
    field.set_value("x" * kept)
    page.button[0].click().run()
    assert page.session_state[given] == "x" * kept
    (told,) = page.markdown
    assert f"{kept:,} of {limit} characters; shorten by {over}" in told.value.replace("\\", "")


def test_a_text_of_just_the_limit_says_nothing():
    page = AppTest.from_function(form).run()
    page.text_input(key="why").set_value("x" * 300)
    page.button[0].click().run()
    assert not page.markdown


def test_no_field_drops_a_longer_paste():
    pages = [*Path(ROOT / "pages").rglob("*.py")]
    assert len(pages) > 50
    assert [page.name for page in pages if re.search(r"max_chars\s*=", page.read_text())] == []
