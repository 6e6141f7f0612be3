"""look_back.toml and the flag of monthly flows: wrong keys are named, and only flows carry the flag."""

import pytest

from core.errors import ModelError
from core.kpis import REGISTRY
from core.model.look_back import load_look_back_rules, look_back_rules

FLOWS = [item for item in REGISTRY.values() if item.text.is_monthly_flow]


def test_fewer_months_than_the_window_holds_are_enough():
    rule = look_back_rules().windows
    assert 2 <= rule.least_months <= rule.months


def test_a_wrong_key_is_named(tmp_path):
    (tmp_path / "look_back.toml").write_text('[windows]\nmonths = 1\nleast_months = 3\nsource = "x"\nlast = 2\n')
    with pytest.raises(ModelError, match=r"windows\.months") as refused:
        load_look_back_rules(tmp_path)
    assert "last" in str(refused.value)


def test_a_monthly_flow_is_a_number_or_money_of_one_month():
    assert {item.unit for item in FLOWS} == {"count", "money"}
    assert [item.id for item in FLOWS if "twelve months" in item.text.window or "last day" in item.text.window] == []


def test_every_number_or_money_that_happened_in_the_month_is_a_monthly_flow():
    happened = ("Submitted in the month", "Created in the month", "Seen in the month", "Month end to month end.")
    said = {i.id for i in REGISTRY.values() if i.unit in ("count", "money") and i.text.window.startswith(happened)}
    assert said <= {item.id for item in FLOWS}
    assert {"referral_leads", "expansion_arr"} <= said
