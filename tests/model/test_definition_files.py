"""definitions.toml and targets.toml: wrong keys are named, and every rule has what it needs."""

import shutil

import pytest

from core.errors import ModelError
from core.kpis import MEASURES, REGISTRY
from core.model.definitions import definition_rules, load_definition_rules
from core.model.targets import load_target_rules, target_rules
from core.settings import MODEL_DIR


@pytest.fixture
def folder(tmp_path):
    for name in ("definitions.toml", "targets.toml"):
        shutil.copy(MODEL_DIR / name, tmp_path / name)
    return tmp_path


def test_every_method_of_an_interval_has_its_small_sample_rule_and_no_rule_is_left_over():
    methods = {item.judge.method for item in (REGISTRY | MEASURES).values()}
    assert methods == set(definition_rules().small_sample)


def test_near_is_a_share_with_a_source():
    assert 0 <= target_rules().near.share < 1
    assert target_rules().near.source


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("targets.toml", "share = 0.10", "share = 1.5", "near.share"),
        ("targets.toml", "[near]", "[nearly]", "nearly"),
        ("definitions.toml", '= "two_arms"', '= "three_arms"', "small_sample"),
        ("definitions.toml", 'id = "adoption"', 'name = "adoption"', "group"),
    ],
)
def test_a_wrong_key_is_named(folder, name, old, new, words):
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError, match=words):
        load_definition_rules(folder) if name.startswith("def") else load_target_rules(folder)
