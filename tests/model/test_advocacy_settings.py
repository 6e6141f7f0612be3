"""Settings laid over the model file: which hold in a month, what is refused, and that a stop is never switched off."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelError
from core.model.advocacy import laid_over, load_advocacy_rules, number_at
from core.model.advocacy_settings import Setting, in_force, load_setting_rules, rules_in_force

RULES = load_advocacy_rules()
MONTHS = [dt.date(2026, month, 1) for month in (9, 10, 11, 12)]
NPS = "scores.readiness.weights.nps"


def setting(key, value, month=MONTHS[1], version=1):
    return Setting(key, value, month, version, "Ada", "Because it is so.", dt.datetime(2026, 11, 4, tzinfo=dt.UTC))


def test_without_settings_the_rules_are_those_of_the_model_file():
    assert rules_in_force((), MONTHS[0]) is RULES


def test_a_setting_holds_from_its_month_and_changes_nothing_else():
    rules = rules_in_force([setting("stops.renewal.days", 60.0)], MONTHS[1])
    assert (rules.stops.renewal.days, rules.stops.detractor, rules.scores) == (60, RULES.stops.detractor, RULES.scores)
    assert rules_in_force([setting("stops.renewal.days", 60.0)], MONTHS[0]) == RULES


def test_a_setting_of_one_segment_leaves_all_others_as_they_are():
    rules = rules_in_force([setting(f"{NPS}@Enterprise", 40.0), setting("limits.quarter.asks@SMB", 1.0)], MONTHS[1])
    assert rules.weights("readiness", "Enterprise")["nps"] == 40
    assert rules.weights("readiness", "SMB") == rules.weights("readiness") == RULES.weights("readiness")
    assert [rules.of(name).limits.quarter.asks for name in ("SMB", "Enterprise", None)] == [1, 2, 2]


def test_a_segment_without_a_setting_of_its_own_follows_everybody():
    rules = rules_in_force([setting(NPS, 30.0), setting("scores.readiness.weights.fit@SMB", 9.0)], MONTHS[1])
    assert rules.weights("readiness", "SMB")["nps"] == 30


def test_an_empty_value_goes_back_to_the_model_file():
    settings_ = [setting(NPS, 30.0), setting(NPS, None, MONTHS[2], 2)]
    assert rules_in_force(settings_, MONTHS[1]).weights("readiness")["nps"] == 30
    assert rules_in_force(settings_, MONTHS[2]) == RULES


@given(st.lists(st.tuples(st.sampled_from(MONTHS), st.integers(1, 99)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_latest_month_decides_and_in_it_the_latest_save(saved):
    every = [setting(NPS, float(value), month, place + 1) for place, (month, value) in enumerate(saved)]
    for month in MONTHS:
        held = [item for item in every if item.valid_from <= month]
        newest = max((item.valid_from for item in held), default=None)
        wanted = [item.value for item in held if item.valid_from == newest]
        found = in_force(every, month).get(NPS)
        assert (found.value if found else None) == (wanted[-1] if wanted else None)


def test_a_later_save_never_rewrites_an_earlier_month():
    before = [setting(NPS, 30.0, MONTHS[1])]
    after = [*before, setting(NPS, 50.0, MONTHS[2], 2), setting(f"{NPS}@SMB", 1.0, MONTHS[3])]
    assert rules_in_force(after, MONTHS[1]) == rules_in_force(before, MONTHS[1])


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("stops.detractor.days", 0, "stops.detractor.days.*found 0"),
        ("scores.readiness.weights.nps", -1, "greater than or equal to 0; found -1"),
        ("scores.readiness.minimum_coverage", 1.5, "minimum_coverage"),
        ("stops.detractor", 3, "expected paths of numbers"),
        ("stops.consent.days", 3, "expected paths of numbers.*stops.consent.days"),
        ("signals.fit.half_life_days", 30, "expected paths of numbers"),
    ],
)
def test_what_the_model_forbids_is_refused_with_its_place(path, value, message):
    with pytest.raises(ModelError, match=message):
        laid_over(RULES, {path: value}, "settings")


def test_no_score_can_lose_all_its_weights():
    nothing = dict.fromkeys((f"scores.engagement.weights.{name}" for name in RULES.scores["engagement"].weights), 0.0)
    with pytest.raises(ModelError, match="more than 0"):
        laid_over(RULES, nothing, "settings")


def test_what_is_not_judged_by_segment_cannot_be_set_for_one():
    with pytest.raises(ModelError, match=r"segments.SMB: triggers.days cannot differ by segment"):
        rules_in_force([setting("triggers.days@SMB", 60.0)], MONTHS[1])


def test_a_setting_whose_number_is_gone_has_no_effect():
    assert rules_in_force([setting("scores.readiness.weights.charm", 9.0)], MONTHS[1]) == RULES


def test_every_number_that_can_be_set_starts_within_its_range_and_a_stop_keeps_a_floor():
    rules = load_setting_rules()
    for path, span in rules.number.items():
        assert span.least <= number_at(RULES, path) <= span.most
    floors = {path: span.least for path, span in rules.number.items() if path.startswith("stops.")}
    assert set(floors) == {"stops.detractor.score_at_most", "stops.detractor.days", "stops.renewal.days"}
    assert min(floors.values()) > 1
