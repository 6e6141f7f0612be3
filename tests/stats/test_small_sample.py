import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import ModelError
from core.model.small_samples import load_small_samples, small_samples
from core.settings import MODEL_DIR
from core.stats.intervals import Interval, newcombe, wilson
from core.stats.small_sample import NO_BAND, judge_money_average, judge_proportion, judge_ratio, judge_two_arms

counts = st.integers(0, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def band(low, high):
    return Interval(low, high, "given")


@pytest.mark.parametrize("case_id", ["nchs_15_of_30", "nchs_12_of_40"])
def test_the_boundary_cases_of_the_published_rule(published, case_id):
    case = published[case_id]
    assert judge_proportion(**case["inputs"]).show is case["expected"]["show"]


@pytest.mark.parametrize(
    ("successes", "n", "state", "reason"),
    [
        pytest.param(4, 9, "too_few", "too few: 4 of 9, about 39 needed to show such a rate", id="under 30 units"),
        pytest.param(29, 29, "too_few", "too few: 29 of 29, at least 30 needed to show a rate", id="all of 29"),
        pytest.param(0, 0, "too_few", "too few: 0 of 0, at least 30 needed to show a rate", id="nobody"),
        pytest.param(
            15, 30, "too_few", "too few: 15 of 30, about 39 needed to show such a rate", id="band of 30 points"
        ),
        pytest.param(
            3,
            100,
            "too_few",
            "too few: 3 of 100, about 201 needed to show such a rate",
            id="band over 130 % of the rate",
        ),
        pytest.param(0, 40, "too_few", "too few: 0 of 40, about 73 needed to show such a rate", id="none of 40"),
        pytest.param(12, 40, "wide", "wide: 12 of 40 could be 18 % to 45 %", id="band over 20 points"),
        pytest.param(20, 200, "ok", None, id="band of 8 points on 10 %"),
        pytest.param(180, 200, "ok", None, id="band of 8 points on 90 %"),
        pytest.param(97, 100, "wide", "wide: 97 of 100 could be 92 % to 99 %", id="band over 130 % of the complement"),
        pytest.param(60, 200, "ok", None, id="band of 13 points on 30 %"),
        pytest.param(5, 1_000, "ok", None, id="up to 5 points, whatever the rate"),
        pytest.param(0, 100, "ok", None, id="none of 100 is within 4 points"),
    ],
)
def test_a_proportion_is_shown_by_its_wilson_band(successes, n, state, reason):
    verdict = judge_proportion(successes, n)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.show is (state != "too_few")


@given(counts)
def test_a_shown_proportion_keeps_every_promise_of_the_rule(count):
    successes, n = count
    verdict = judge_proportion(successes, n)
    assert (verdict.reason is None) is (verdict.state == "ok")
    if verdict.show:
        width = wilson(successes, n).width
        assert n >= 30
        assert width < 0.30
        assert width <= 0.05 or width <= 1.30 * successes / n
    else:
        assert verdict.reason.startswith(f"too few: {successes} of {n}, ")


@given(counts)
def test_a_share_and_its_complement_are_coloured_alike(count):
    successes, n = count
    verdict, other = judge_proportion(successes, n), judge_proportion(n - successes, n)
    if verdict.show and other.show:
        assert verdict.state == other.state


@given(st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_as_many_units_as_are_said_to_be_needed_do(count):
    successes, n = count
    assume(not judge_proportion(successes, n).show)
    needed = int(judge_proportion(successes, n).reason.split("needed")[0].split()[-1])
    rate = successes / n
    assert needed > n
    # a whole number of successes can miss the rate by a little, so a twentieth more units are given
    more = int(1.05 * needed) + 20
    assert judge_proportion(round(rate * more), more).show


@pytest.mark.parametrize(
    ("accounts", "value", "interval", "state", "reason"),
    [
        pytest.param(29, 1.04, band(1.0, 1.1), "too_few", "too few: 29 accounts, at least 30 needed", id="29 accounts"),
        pytest.param(1, 1.04, None, "too_few", "too few: 1 account, at least 30 needed", id="1 account"),
        pytest.param(30, 1.04, band(0.96, 1.12), "ok", None, id="30 accounts, 16 points"),
        pytest.param(
            300, 1.04, band(0.9, 1.15), "wide", "wide: anything from 90 % to 115 % fits the data", id="25 points"
        ),
        pytest.param(300, 0.1, band(0.06, 0.14), "wide", "wide: anything from 6 % to 14 % fits the data", id="80 %"),
        pytest.param(300, 0.02, band(0.0, 0.05), "ok", None, id="5 points on a small rate"),
        pytest.param(300, 1.04, None, "wide", NO_BAND, id="no band"),
    ],
)
def test_a_ratio_needs_thirty_accounts_and_a_narrow_band(accounts, value, interval, state, reason):
    verdict = judge_ratio(accounts, value, interval)
    assert (verdict.state, verdict.reason) == (state, reason)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_what_is_kept_and_what_is_lost_get_the_same_verdict(first, second, third):
    low, kept, high = sorted((first, second, third))
    state = judge_ratio(300, kept, band(low, high), part=True).state
    if min(abs(high - low - limit) for limit in (0.05, 0.20, 1.3 * min(kept, 1 - kept))) > 1e-9:
        assert state == judge_ratio(300, 1 - kept, band(1 - high, 1 - low), part=True).state


@pytest.mark.parametrize(
    ("value", "interval", "state"),
    [
        pytest.param(0.90, band(0.85, 0.94), "ok", id="9 points on what is kept"),
        pytest.param(0.10, band(0.06, 0.15), "ok", id="9 points on what is lost"),
        pytest.param(0.97, band(0.92, 0.99), "wide", id="over 130 % of the little that is lost"),
        pytest.param(0.50, band(0.39, 0.61), "wide", id="22 points"),
        pytest.param(0.99, band(0.955, 1.00), "ok", id="up to 5 points"),
    ],
)
def test_a_part_of_a_whole_is_judged_by_its_smaller_side(value, interval, state):
    assert judge_ratio(300, value, interval, part=True).state == state


@pytest.mark.parametrize(
    ("deals", "value", "interval", "state", "reason"),
    [
        pytest.param(9, 5e3, band(4.9e3, 5.1e3), "too_few", "too few: 9 deals, at least 10 needed", id="9 deals"),
        pytest.param(1, 5e3, None, "too_few", "too few: 1 deal, at least 10 needed", id="1 deal"),
        pytest.param(10, 5e3, band(4e3, 6.5e3), "ok", None, id="10 deals, half the value"),
        pytest.param(10, 5e3, band(3e3, 7e3), "wide", "wide: the band is 80 % of the value", id="80 % of the value"),
        pytest.param(10, -5e3, band(-7e3, -3e3), "wide", "wide: the band is 80 % of the value", id="a loss"),
        pytest.param(10, 0.0, band(-1.0, 1.0), "wide", "wide: it may be 0", id="around nothing"),
        pytest.param(10, 5e3, None, "wide", NO_BAND, id="no band"),
    ],
)
def test_an_average_of_money_needs_ten_deals_and_a_narrow_band(deals, value, interval, state, reason):
    verdict = judge_money_average(deals, value, interval)
    assert (verdict.state, verdict.reason) == (state, reason)


@given(st.integers(0, 60), st.floats(1, 1e6), st.floats(0, 2), st.floats(0.01, 1_000))
def test_the_unit_of_money_never_changes_the_verdict(deals, value, spread, rate):
    here = judge_money_average(deals, value, band(value, value * (1 + spread)))
    there = judge_money_average(deals, rate * value, band(rate * value, rate * value * (1 + spread)))
    if abs(spread - 0.65) > 1e-9:
        assert here.state == there.state


@pytest.mark.parametrize(
    ("units", "events", "difference", "state", "reason"),
    [
        pytest.param(
            (30, 300),
            (12, 60),
            newcombe(12, 30, 60, 300),
            "too_few",
            "too few: 30 and 300 deals, at least 50 needed on each side",
            id="30 deals on one side",
        ),
        pytest.param(
            (60, 300),
            (9, 60),
            None,
            "too_few",
            "too few: 9 and 60 wins, at least 10 needed on each side",
            id="9 wins on one side",
        ),
        pytest.param((50, 50), (10, 10), None, "ok", None, id="just enough"),
        pytest.param(
            (60, 70),
            (24, 14),
            newcombe(24, 60, 14, 70),
            "wide",
            "wide: the difference could be +4 to +35 points",
            id="over 20 points",
        ),
        pytest.param((600, 700), (240, 140), newcombe(240, 600, 140, 700), "ok", None, id="10 points"),
    ],
)
def test_two_arms_need_units_and_events_on_both_sides(units, events, difference, state, reason):
    verdict = judge_two_arms(units, events, difference, noun="deals", events_noun="wins")
    assert (verdict.state, verdict.reason) == (state, reason)


@given(st.tuples(st.integers(0, 90), st.integers(0, 90)), st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_the_order_of_the_arms_never_changes_the_verdict(units, events):
    assert judge_two_arms(units, events).state == judge_two_arms(units[::-1], events[::-1]).state


def test_no_side_is_rounded_to_a_signed_zero():
    assert judge_two_arms((90, 90), (20, 20), band(-0.001, 0.3)).reason == (
        "wide: the difference could be 0 to +30 points"
    )


def test_thresholds_can_be_overridden(tmp_path):
    text = (MODEL_DIR / "small_samples.toml").read_text(encoding="utf-8")
    (tmp_path / "small_samples.toml").write_text(text.replace("least_deals = 10", "least_deals = 3"), encoding="utf-8")
    assert not judge_money_average(4, 100.0, band(90, 110)).show
    assert judge_money_average(4, 100.0, band(90, 110), load_small_samples(tmp_path)).show


def test_a_wrong_threshold_is_refused_with_its_name(tmp_path):
    text = (MODEL_DIR / "small_samples.toml").read_text(encoding="utf-8")
    text = text.replace("least_units = 30", 'least_units = 0\nleast_unit = "30"')
    (tmp_path / "small_samples.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"(?s)proportion\.least_units.*proportion\.least_unit"):
        load_small_samples(tmp_path)


def test_the_product_reads_its_thresholds_once():
    assert small_samples() is small_samples()
    assert small_samples() == load_small_samples()


@pytest.mark.parametrize(
    ("noun", "one"),
    [
        ("opportunities", "1 opportunity"),
        ("people asked", "1 person asked"),
        ("asks of the top tenth", "1 ask of the top tenth"),
        ("customers won in twelve months", "1 customer won in twelve months"),
        ("new accounts that got there", "1 new account that got there"),
    ],
)
def test_of_one_unit_the_noun_is_in_the_singular(noun, one):
    assert judge_money_average(1, 5.0, None, noun=noun).reason == f"too few: {one}, at least 10 needed"
    assert judge_money_average(0, 5.0, None, noun=noun).reason == f"too few: 0 {noun}, at least 10 needed"
