"""The plugin that leaves most of many like cases to the long run."""

pytest_plugins = ["pytester"]

CASES = """
import pytest

@pytest.mark.sampled(3)
@pytest.mark.parametrize("place", range(60))
def test_case(place):
    pass

@pytest.mark.parametrize("place", range(5))
def test_other(place):
    pass
"""


def outcomes(pytester, words):
    pytester.makepyfile(test_it=CASES)
    pytester.makeini("[pytest]\nmarkers =\n    long: x\n    sampled(n): x\n")
    return pytester.runpytest_inprocess("-p", "tests.sampling", "-m", words).parseoutcomes()


def test_the_short_run_takes_a_share_and_the_long_run_the_rest(pytester):
    short = outcomes(pytester, "not long")["passed"] - 5
    assert 10 <= short <= 30
    assert outcomes(pytester, "long")["passed"] == 60 - short


def test_the_sample_is_the_same_every_time(pytester):
    assert outcomes(pytester, "not long") == outcomes(pytester, "not long")
