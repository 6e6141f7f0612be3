import tomllib
from typing import get_args

import pytest

from core.advocacy.guardrails import EVERY_ASK, GUARD_LABELS, GUARDS
from core.advocacy.signals import READERS
from core.errors import ModelError
from core.model.activities import Activities, ActivityId, Use
from core.model.advocacy import AdvocacyRules
from core.model.toml import parse
from core.schema import TABLES, records
from core.settings import MODEL_DIR


def tables(name: str) -> dict:
    return tomllib.loads((MODEL_DIR / name).read_text(encoding="utf-8"))


def test_activities_and_uses_are_those_of_the_contract():
    assert set(get_args(ActivityId)) == set(get_args(records.Activity))
    assert get_args(Use) == get_args(records.Use)


def test_every_signal_has_a_table_of_the_contract_and_a_reader(rules):
    assert set(rules.signals) == set(READERS)
    assert {signal.table for signal in rules.signals.values()} <= set(TABLES)


def test_every_signal_is_used_by_a_score(rules):
    assert {name for score in rules.scores.values() for name in score.weights} == set(rules.signals)


def test_the_ladder_climbs_from_review_to_the_board(activities):
    order = ["review", "reference", "referral", "case_study", "speaking", "advisory_board"]
    assert [name for name in activities.ladder if name in order] == order
    least = [activities.activities[name].minimum_readiness for name in activities.ladder]
    assert least == sorted(least)


def test_only_the_review_is_content_with_first_value(activities):
    assert [name for name, item in activities.activities.items() if item.needs_verified == "value"] == ["review"]


def test_every_guard_has_a_name():
    assert set(GUARD_LABELS) == set(GUARDS) >= set(EVERY_ASK)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file["signals"]["nps"].update(worth=[0, 1, 0, 0.6, 0.9, 1]), "must not turn"),
        (lambda file: file["signals"]["nps"].update(at=[0, 6, 6, 8, 9, 10]), "ascend"),
        (lambda file: file["signals"]["nps"].update(worth=[0, 1]), "same number"),
        (lambda file: file["signals"]["nps"].pop("half_life_days"), "belong together"),
        (lambda file: file["signals"].update(charm=file["signals"]["nps"]), "signals.charm"),
        (lambda file: file["signals"].pop("nps"), "weighs nps"),
        (lambda file: file["scores"].pop("health"), "needs health"),
        (lambda file: file["scores"]["health"].update(weights={"usage": 0}), "more than 0"),
        (lambda file: file["stops"]["detractor"].pop("source"), "stops.detractor.source"),
        (lambda file: file["limits"]["quarter"].update(asks=0), "limits.quarter.asks"),
        (lambda file: file.update(segments={"SMB": {"scores.readiness.weights.support": 1}}), "segments.SMB"),
    ],
)
def test_a_wrong_rule_is_refused_and_named(change, message):
    file = tables("advocacy.toml")
    change(file)
    with pytest.raises(ModelError, match=message):
        parse(file, AdvocacyRules, "advocacy.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file["activities"]["video"].update(rung=1), "share a rung"),
        (lambda file: file["activities"]["reference"].update(needs_verified="value"), "verified outcome is needed"),
        (lambda file: file["activities"]["review"].update(consent=[]), "at least one use"),
        (lambda file: file["activities"].pop("speaking"), "needs speaking"),
        (lambda file: file["activities"]["review"].update(asker="robot"), "review.asker"),
    ],
)
def test_a_wrong_activity_is_refused_and_named(change, message):
    file = tables("activities.toml")
    change(file)
    with pytest.raises(ModelError, match=message):
        parse(file, Activities, "activities.toml")
