"""requests.toml: wrong keys are named, weights and steps are complete."""

import pytest

from core.errors import ModelError
from core.model.requests import load_request_rules
from core.settings import MODEL_DIR


def refused(tmp_path, old, new):
    text = (MODEL_DIR / "requests.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "requests.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError) as error:
        load_request_rules(tmp_path)
    return str(error.value)


def test_what_is_wrong_is_named(tmp_path):
    assert "weights needs persona" in refused(tmp_path, ", persona = 10", "")
    assert "matching.least_fit" in refused(tmp_path, "least_fit = 50", "least_fit = 150")
    assert "clocks.qualified needs within_hours" in refused(tmp_path, "within_hours = 40\n", "")
    assert "steps needs each of" in refused(tmp_path, 'id = "kinds"', 'id = "thanks"')


def test_the_load_never_outweighs_an_attribute():
    rules = load_request_rules().matching
    lightest = 100 * min(rules.weights.values()) / sum(rules.weights.values())
    assert rules.spread.readiness_points + rules.spread.load_points < lightest
