"""The product's judgement on plays, channels and budget settings."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from core.errors import ModelError
from core.model.budget import load_budget
from core.model.channels import channel_class, channel_label, load_channels
from core.model.plays import load_plays, play_of

EXPECTED_PLAYS = {
    "onboarding_path", "reference_programme", "referral_programme", "customer_community", "customer_education",
    "value_cadence", "expansion_path", "paid_search", "paid_social", "events", "outbound", "partner_programme",
    "organic_content", "default_acquisition", "default_post_sale",
}  # fmt: skip


def test_every_play_the_budget_knows_has_a_file():
    assert set(load_plays()) == EXPECTED_PLAYS


@pytest.mark.parametrize("play", sorted(EXPECTED_PLAYS))
def test_a_prior_is_wide_and_gives_no_play_a_head_start(play):
    prior = load_plays()[play].response.average_return
    sigma = math.log(prior.high / prior.low) / (2 * 1.6448536)
    mean = math.sqrt(prior.low * prior.high) * math.exp(sigma**2 / 2)
    assert prior.high / prior.low >= 7.5
    assert mean == pytest.approx(0.80, abs=0.01)


def test_an_opinion_says_that_it_is_one():
    assert all(play.source.startswith("Own estimate") for play in load_plays().values())


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("paid_search", "paid"),
        (" Paid-Search ", "paid"),
        ("PAID  SOCIAL", "paid"),
        ("ads", "paid"),
        ("event", "paid"),
        ("Events", "paid"),
        ("outbound", "other"),
        ("Partner", "partner"),
        ("partner programme", "partner"),
        ("Referral", "referral"),
        ("organic content", "organic"),
        ("direct", "other"),
        ("carrier pigeon", "other"),
        ("", "other"),
        (" - ", "other"),
        (None, "other"),
    ],
)
def test_channel_class_ignores_case_and_spaces_and_knows_no_stranger(spelling, expected):
    assert channel_class(spelling) == expected


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [("google ads", "Paid search"), ("Carrier pigeon", "Carrier pigeon"), (None, "Not stated")],
)
def test_channel_label(spelling, expected):
    assert channel_label(spelling) == expected


def test_every_channel_points_to_a_play_that_exists():
    assert {entry.play for entry in load_channels().channel} - {None} <= set(load_plays())


@pytest.mark.parametrize(
    ("kind", "play", "channel", "expected"),
    [
        pytest.param("post_sale", "Customer education", None, "customer_education", id="its own play"),
        pytest.param("post_sale", "value_cadence", "paid_search", "value_cadence", id="play before channel"),
        pytest.param("acquisition", None, "Google Ads", "paid_search", id="its channel's play"),
        pytest.param("acquisition", "mystery", "outbound", "outbound", id="unknown play, known channel"),
        pytest.param("acquisition", None, "ads", "default_acquisition", id="channel without a play"),
        pytest.param("acquisition", None, None, "default_acquisition", id="nothing stated"),
        pytest.param("post_sale", "mystery", None, "default_post_sale", id="unknown play"),
    ],
)
def test_play_of_a_line(kind, play, channel, expected):
    assert play_of(kind, play, channel, load_plays()).id == expected


def test_budget_settings_are_those_agreed():
    rules = load_budget()
    assert (rules.change.cap, rules.draws.count, rules.interval.inner, rules.interval.outer) == (0.2, 400, 0.5, 0.9)


def test_a_prior_without_width_is_refused(tmp_path: Path):
    folder = tmp_path / "plays"
    folder.mkdir()
    (folder / "sure_thing.toml").write_text(
        'id = "sure_thing"\nlabel = "x"\nmoves = "cac_paid"\nkind = "acquisition"\nowner_role = "sales"\n'
        'lag_months = 1\nsource = "A salesman"\n[response]\ncurve = "hill"\naverage_return = { low = 2, high = 2 }\n'
        "half_at = { low = 1, high = 2 }\nexponent = { low = 0.5, high = 1 }\n",
        encoding="utf-8",
    )
    with pytest.raises(ModelError, match=r"average_return.*claims to know"):
        load_plays(tmp_path)


def test_missing_default_plays_are_named(tmp_path: Path):
    (tmp_path / "plays").mkdir()
    with pytest.raises(ModelError, match="default_acquisition and default_post_sale missing"):
        load_plays(tmp_path)


def test_a_channel_named_twice_is_refused(tmp_path: Path):
    entry = '[[channel]]\nid = "fax"\nlabel = "Fax"\nchannel_class = "other"\n'
    (tmp_path / "channels.toml").write_text(f'source = "x"\nclasses = {{ other = "Other" }}\n{entry}{entry}', "utf-8")
    with pytest.raises(ModelError, match=r"repeated: \['fax'\]"):
        load_channels(tmp_path)
