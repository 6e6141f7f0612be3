import shutil
from typing import get_args

import pytest

from core.errors import ModelError
from core.model.activities import ActivityId
from core.model.gives import Value, load_gives
from core.model.pool import pool_rules
from core.settings import MODEL_DIR


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(MODEL_DIR, tmp_path / "model")


def changed(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_activity_has_hours():
    rules = pool_rules()
    assert all(rules.hours_of(name) > 0 for name in get_args(ActivityId))
    assert rules.hours_of("nothing of the kind") == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("review = 0.5\n", "", "review", id="an activity without hours"),
        pytest.param("review = 0.5", "review = 0.0", "hours must be above 0", id="no hours"),
        pytest.param("review = 0.5", "review = 0.5\npodcast = 1.0", "podcast", id="an activity nobody knows"),
        pytest.param("alarm = 0.7", "alarm = 70", "capacity.alarm", id="a per cent for a share"),
        pytest.param("folds = 4", "folds = 4\nfold = 3", "propensity.fold", id="a key nobody reads"),
    ],
)
def test_a_wrong_key_is_refused_with_its_name(folder, old, new, said):
    changed(folder, "pool.toml", old, new)
    with pytest.raises(ModelError, match=said):
        pool_rules(folder)


def test_there_is_a_give_for_everybody():
    gives = load_gives().gives.values()
    assert all(any(value in give.fits for give in gives) for value in get_args(Value))


def test_a_value_without_a_give_is_refused(folder):
    changed(folder, "gives.toml", 'fits = ["perks"]', 'fits = ["network"]')
    changed(folder, "gives.toml", '"network", "perks", "none"]', '"network", "none"]')
    with pytest.raises(ModelError, match="no give fits perks"):
        load_gives(folder)
