"""The manual for customer marketing says what the product does: its days, its lists, its words."""

import pytest

from core.model.advocacy import load_advocacy_rules
from core.model.advocacy_settings import load_setting_rules
from core.services.advocates import STATE_WORDS
from core.settings import ROOT

TEXT = (ROOT / "docs" / "advocates.md").read_text(encoding="utf-8")
ROWS = dict(line.strip("| ").split(" | ", 1) for line in TEXT.splitlines() if line.startswith("| "))


@pytest.mark.parametrize(
    ("row", "days"),
    [
        ("after an ask", lambda limits: limits.between_asks.days),
        ("after a no", lambda limits: limits.after_no.days),
        ("**an open promise**: said yes and has not done it", lambda limits: limits.open_promise.days),
        (
            "**a colleague was asked**: people of one account are asked one after another",
            lambda limits: limits.between_colleagues.days,
        ),
        ("after an escalation was closed, or a poor satisfaction answer", lambda limits: limits.after_escalation.days),
        ("after an escalation was closed, or a poor satisfaction answer", lambda limits: limits.poor_csat.days),
    ],
)
def test_every_rest_of_the_manual_is_as_long_as_the_product_starts_with(row, days):
    assert f"{days(load_advocacy_rules().limits)} days" in ROWS[row]


def test_the_manual_names_lists_states_and_settings_as_the_screen_does():
    from pages._app.people import LISTS

    labels = [
        load_setting_rules().number[f"limits.{name}.days"].label for name in ("open_promise", "between_colleagues")
    ]
    for words in (*LISTS, *(state.capitalize() for state in STATE_WORDS.values() if state != "ask now"), *labels):
        assert words in " ".join(TEXT.split()), words
