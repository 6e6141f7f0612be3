"""journey.toml: complete, in the order of the path, on tables of the contract; wrong ones are refused."""

import tomllib

import pytest

from core.errors import ModelError
from core.model.journey import STAGES, JourneyRules, journey_rules
from core.model.toml import parse
from core.schema import TABLES
from core.settings import MODEL_DIR


def tables():
    return tomllib.loads((MODEL_DIR / "journey.toml").read_text(encoding="utf-8"))


def refused(data, words):
    with pytest.raises(ModelError, match=words):
        parse(data, JourneyRules, "journey.toml")


def test_the_stages_are_those_of_the_path_and_rest_on_tables_of_the_contract():
    rules = journey_rules()
    assert tuple(stage.id for stage in rules.stages) == STAGES
    assert {table for stage in rules.stages for table in stage.needs} <= set(TABLES)
    assert rules.stages[-1].usual_days is None


def test_a_stage_out_of_order_is_refused():
    data = tables()
    data["stages"] = data["stages"][::-1]
    refused(data, "in this order")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"within_days": None}, "missing at first_value", id="no days"),
        pytest.param({"usual_days": 400}, "must not exceed within_days", id="usual longer than the step"),
        pytest.param({"colour": "red"}, "colour", id="unknown key"),
    ],
)
def test_a_wrong_stage_is_refused(change, words):
    data = tables()
    place = STAGES.index("first_value")
    stage = {**data["stages"][place], **change}
    data["stages"][place] = {name: value for name, value in stage.items() if value is not None}
    refused(data, words)


def test_watching_begins_before_silence():
    data = tables()
    data["silence"]["watch_days"] = 90
    refused(data, "watch_days must be fewer")
