"""What is kept of the months that were looked at."""

from hypothesis import given
from hypothesis import strategies as st

from core.kpis.recent import Recent


def asked(recent, key, cells=1):
    made = []
    recent.get(key, lambda: made.append(key) or key, lambda _: cells)
    return bool(made)


def test_what_was_asked_for_is_not_computed_again():
    recent = Recent(most=2)
    assert [asked(recent, key) for key in "abab"] == [True, True, False, False]


def test_the_one_asked_for_longest_ago_goes_first():
    recent = Recent(most=2)
    assert [asked(recent, key) for key in "abaca"] == [True, True, False, True, False]
    assert asked(recent, "b")


def test_a_value_larger_than_all_there_is_room_for_is_kept_alone():
    recent = Recent(most=2)
    asked(recent, "a")
    assert asked(recent, "large", cells=9)
    assert not asked(recent, "large", cells=9)
    assert asked(recent, "a")


def test_a_value_may_ask_for_another_one():
    recent = Recent(most=5)
    outer = recent.get("outer", lambda: recent.get("inner", lambda: 1, lambda _: 1) + 1, lambda _: 1)
    assert outer == 2
    assert not asked(recent, "inner")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=60))
def test_whatever_is_dropped_the_answer_is_the_same(asks):
    recent = Recent(most=6)
    sizes = {}
    for key, cells in asks:
        sizes.setdefault(key, cells)
        assert recent.get(key, lambda key=key: key * 10, lambda _, key=key: sizes[key]) == key * 10
