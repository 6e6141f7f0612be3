import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.advocacy.codes import ALPHABET, BASE, LENGTH, code_of, number_of
from core.errors import RuleBroken

NUMBERS = st.integers(0, BASE**8)
KINDS = st.sampled_from(["advocate", "referral"])
SIGNS = string.ascii_uppercase + string.digits


def plain(code):
    return code.replace("-", "")


@given(NUMBERS, KINDS)
def test_a_code_says_its_number_however_it_is_typed(number, kind):
    code = code_of(number, kind)
    assert number_of(code, kind) == number
    assert number_of(f" {code.lower().replace('-', ' ')} ", kind) == number


@given(NUMBERS, KINDS, st.data())
def test_any_one_wrong_sign_is_found(number, kind, data):
    code = plain(code_of(number, kind))
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(SIGNS))
    assume(wrong != code[place])
    with pytest.raises(RuleBroken, match="Read it out once more"):
        number_of(code[:place] + wrong + code[place + 1 :], kind)


@given(NUMBERS, KINDS, st.data())
def test_any_two_neighbours_exchanged_are_found(number, kind, data):
    code = plain(code_of(number, kind))
    place = data.draw(st.integers(0, len(code) - 2))
    assume(code[place] != code[place + 1])
    with pytest.raises(RuleBroken):
        number_of(code[:place] + code[place + 1] + code[place] + code[place + 2 :], kind)


def test_every_wrong_sign_and_exchange_of_some_codes_is_found():
    """Not a sample: all of them, for codes that hold every sign."""
    for number in (0, 1, BASE**LENGTH - 1, 123_456_789, 7_654_321, 29_292_929):
        code = plain(code_of(number, "referral"))
        wrong = {code[:at] + sign + code[at + 1 :] for at in range(len(code)) for sign in SIGNS} - {code}
        turned = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(len(code) - 1)} - {code}
        for text in wrong | turned:
            with pytest.raises(RuleBroken):
                number_of(text, "referral")


@given(NUMBERS, NUMBERS, KINDS)
def test_two_numbers_never_share_a_code(one, other, kind):
    assert (code_of(one, kind) == code_of(other, kind)) == (one == other)


@given(NUMBERS)
def test_an_advocate_id_is_no_referral_code(number):
    with pytest.raises(RuleBroken):
        number_of("R" + code_of(number, "advocate")[1:], "referral")


@pytest.mark.parametrize("text", ["", "A", "A-22-2", "hello", "A-222222-L-2"])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(RuleBroken):
        number_of(text, "advocate")


def test_codes_are_short_and_hold_no_sign_that_is_taken_for_another():
    assert len(plain(code_of(BASE**LENGTH - 1, "advocate"))) == 8
    assert not set(ALPHABET) & set("01OIBSU")
    with pytest.raises(ValueError, match="below 0"):
        code_of(-1, "advocate")
