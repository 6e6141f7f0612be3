"""The rules of exceptions: every pair names figures there are, and a wrong key is refused."""

from typing import get_args

import pytest

from core.errors import ModelError
from core.kpis import REGISTRY
from core.model.exceptions import ExceptionKind, exception_rules, load_exception_rules


def test_every_pair_names_two_different_figures_that_have_a_good_direction():
    for kpi, pair in exception_rules().pair.items():
        assert kpi != pair.counter
        assert {kpi, pair.counter} <= set(REGISTRY)
        assert "neither" not in (REGISTRY[kpi].better, REGISTRY[pair.counter].better)


def test_every_kind_has_its_place_once():
    assert sorted(exception_rules().order) == sorted(get_args(ExceptionKind))


def test_a_wrong_key_is_named(tmp_path):
    (tmp_path / "exceptions.toml").write_text("shown = 0\nunknown = 1\n", encoding="utf-8")
    with pytest.raises(ModelError, match="shown") as refused:
        load_exception_rules(tmp_path)
    assert "unknown" in str(refused.value)
