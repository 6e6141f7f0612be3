import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.glossary import JOINER, SPACE
from core.glossary_steps import common_step


def told(then, now, expected, unit, currency=""):
    """Then, promised, now and the change, as one place writes them."""
    changes = (expected, now - then) if unit == "money" else (expected,)
    step = common_step((then, now), changes, unit, currency)
    first, last = step.rounded(then), step.rounded(now)
    texts = [step.written(one) for one in (first, first + expected, last)]
    texts.append(step.written(last - first, signed=True, change=True))
    return [text.replace(SPACE, " ").replace(JOINER, "") for text in texts]


@pytest.mark.parametrize(
    ("then", "now", "expected", "unit", "words"),
    [
        pytest.param(22 / 3, 10.5, 4, "count", ["7.3", "11.3", "10.5", "+3.2"], id="means of counts"),
        pytest.param(7, 14, 4, "count", ["7", "11", "14", "+7"], id="whole counts stay whole"),
        pytest.param(223_331, 238_931, 90_000, "money", ["€223 k", "€313 k", "€239 k", "+€16 k"], id="money"),
        pytest.param(
            19.12e6, 19.27e6, 0.5e6, "money", ["€19.12 M", "€19.62 M", "€19.27 M", "+€150 k"], id="small beside large"
        ),
        pytest.param(1.043, 1.0533, 0.02, "ratio", ["104.3 %", "106.3 %", "105.3 %", "+1.0 pp"], id="ratio"),
        pytest.param(42.2, 40, -3, "days", ["42.2 days", "39.2 days", "40.0 days", "−2.2 days"], id="a fall in days"),
        pytest.param(0, 0, 5, "count", ["0", "5", "0", "0"], id="nothing"),
        pytest.param(1.2, 1.9, 0.25, "score", ["1.20", "1.45", "1.90", "+0.70"], id="a promise keeps its digits"),
    ],
)
def test_figures_of_one_sentence_add_up_as_they_stand(then, now, expected, unit, words):
    assert told(then, now, expected, unit, "EUR" if unit == "money" else "") == words


@given(st.floats(0, 9_999), st.floats(0, 9_999))
def test_the_change_is_that_of_the_figures_as_they_stand(then, now):
    first, _, last, change = (float(text.replace(",", "").replace("−", "-")) for text in told(then, now, 4, "count"))
    assert change == pytest.approx(last - first, abs=1e-6)
    assert abs(last - now) <= 0.5
