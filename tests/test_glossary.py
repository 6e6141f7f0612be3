import datetime as dt
import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import glossary
from core.glossary import (
    JOINER,
    QUANTITIES,
    SPACE,
    display,
    display_change,
    display_day,
    display_interval,
    display_month,
    plain_number,
)
from core.kpis import result


def plain(text):
    """The text with ordinary spaces and no joiners, for reading."""
    return text.replace(SPACE, " ").replace(JOINER, "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0, "€0", id="nothing"),
        pytest.param(0.004, "€0", id="less than a cent"),
        pytest.param(4.12, "€4.12", id="coins"),
        pytest.param(9.999, "€10", id="coins that round up"),
        pytest.param(41.2, "€41", id="tens"),
        pytest.param(412, "€412", id="hundreds"),
        pytest.param(999.6, "€1.0 k", id="rounds into thousands"),
        pytest.param(6_100, "€6.1 k", id="thousands"),
        pytest.param(9_995, "€10.0 k", id="rounds to ten thousand"),
        pytest.param(60_000, "€60 k", id="exact thousands"),
        pytest.param(412_000, "€412 k", id="hundred thousands"),
        pytest.param(999_499, "€999 k", id="just below the edge"),
        pytest.param(999_500, "€1.00 M", id="on the edge"),
        pytest.param(999_950, "€1.00 M", id="above the edge"),
        pytest.param(1_240_000, "€1.24 M", id="millions"),
        pytest.param(2_000_000, "€2 M", id="exact millions"),
        pytest.param(9_996_000, "€10.0 M", id="rounds to ten millions"),
        pytest.param(22_400_000, "€22.4 M", id="tens of millions"),
        pytest.param(1_512_000_000, "€1.51 bn", id="thousand millions"),
        pytest.param(1e13, "€10,000 bn", id="beyond the last scale"),
        pytest.param(-60_400, "−€60.4 k", id="sign before the symbol"),
        pytest.param(-0.001, "€0", id="no negative zero"),
        pytest.param(None, "–", id="undefined"),
        pytest.param(math.nan, "–", id="not a number"),
        pytest.param(math.inf, "–", id="infinite"),
    ],
)
def test_money(value, expected):
    assert plain(display(value, "money", "EUR")) == expected


@pytest.mark.parametrize(
    ("currency", "expected"),
    [("USD", "$1.24 M"), ("GBP", "£1.24 M"), ("CHF", "CHF 1.24 M"), ("SEK", "SEK 1.24 M"), ("", "1.24 M")],
)
def test_money_names_its_currency(currency, expected):
    assert plain(display(1_240_000, "money", currency)) == expected
    assert plain(display(-1_240_000, "money", currency)) == f"−{expected}"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(1.034, "ratio", "103.4 %", id="share above one"),
        pytest.param(0.34, "ratio", "34.0 %", id="whole per cent"),
        pytest.param(0.00049, "ratio", "0.0 %", id="rounds to nothing"),
        pytest.param(-0.0004, "ratio", "0.0 %", id="rounds to nothing from below"),
        pytest.param(0.0005, "ratio", "0.1 %", id="half rounds up"),
        pytest.param(12.5, "ratio", "1,250 %", id="many times over"),
        pytest.param(0.018, "pp", "+1.8 pp", id="points gained"),
        pytest.param(-0.0021, "pp", "−0.2 pp", id="points lost"),
        pytest.param(0.0, "pp", "0.0 pp", id="no points"),
        pytest.param(1284, "count", "1,284", id="count"),
        pytest.param(3.4, "count", "3.4", id="mean count"),
        pytest.param(1284.4, "count", "1,284", id="large mean count"),
        pytest.param(42, "days", "42 days", id="days"),
        pytest.param(1, "days", "1 day", id="one day"),
        pytest.param(-1, "days", "−1 day", id="a day less"),
        pytest.param(9.96, "months", "10 months", id="months round up to a whole"),
        pytest.param(2.5, "months", "2.5 months", id="half a month"),
        pytest.param(91.2, "score", "91", id="score"),
        pytest.param(3.4, "score", "3.4", id="level"),
    ],
)
def test_other_units(value, unit, expected):
    assert plain(display(value, unit)) == expected


def test_signs_as_asked_for():
    assert plain(display(310_000, "money", "EUR", signed=True)) == "+€310 k"
    assert display(0, "count", signed=True) == "0"
    assert plain(display(-0.004, "pp")) == "−0.4 pp"
    assert display(-9, "count") == "−9"


@pytest.mark.parametrize(
    ("value", "places", "signed", "expected"),
    [
        pytest.param(-15.4, 0, True, "−15", id="a minus sign, no hyphen"),
        pytest.param(-0.4, 0, True, "0", id="what reads zero has no sign"),
        pytest.param(1234.5, 1, False, "1,234.5", id="thousands parted"),
        pytest.param(0.0021, 4, True, "+0.0021", id="the plus as asked for"),
    ],
)
def test_bare_numbers(value, places, signed, expected):
    assert plain_number(value, places, signed=signed) == expected


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="found 'percent'"):
        display(1, "percent")


@given(
    value=st.floats(-1e12, 1e12),
    unit=st.sampled_from(get_args(glossary.Unit)),
    signed=st.booleans(),
)
def test_a_figure_never_breaks_and_mirrors_its_negative(value, unit, signed):
    text = display(value, unit, "EUR", signed=signed)
    other = display(-value, unit, "EUR", signed=signed)
    assert not set(text) & set(" \t\n-")
    assert text.lstrip(f"+−{JOINER}") == other.lstrip(f"+−{JOINER}")


@pytest.mark.parametrize("amount", [15_600, -15_600])
def test_a_sign_stays_with_its_currency_at_the_end_of_a_line(amount):
    assert display(amount, "money", "EUR", signed=True)[1:3] == f"{JOINER}€"
    assert JOINER not in display(amount, "days", signed=True)


@given(value=st.floats(1, 999e9))
def test_money_is_shown_to_three_digits(value):
    text = display(value, "money")
    number, _, letter = text.partition(SPACE)
    shown = float(number.replace(",", "")) * {"": 1, "k": 1e3, "M": 1e6, "bn": 1e9}[letter]
    assert shown == pytest.approx(value, rel=0.05 if shown < 10_000 else 0.005)
    assert sum(sign.isdigit() for sign in number) <= 3


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        pytest.param(1.01, 1.07, "ratio", "101 to 107 %", id="wide"),
        pytest.param(0.512, 0.524, "ratio", "51.2 to 52.4 %", id="narrow"),
        pytest.param(-0.012, 0.021, "pp", "−1 to 2 pp", id="points around zero"),
        pytest.param(-0.002, 0.021, "pp", "−0.2 to 2.1 pp", id="zero decides, and lies inside"),
        pytest.param(0.0002, 0.021, "pp", "0.02 to 2.10 pp", id="zero decides, and lies just outside"),
        pytest.param(0.996, 1.18, "ratio", "99.6 to 118.0 %", id="100 % decides, and lies inside"),
        pytest.param(1.004, 1.18, "ratio", "100.4 to 118.0 %", id="100 % decides, and lies outside"),
        pytest.param(1.0, 1.18, "ratio", "100 to 118 %", id="an end on the line"),
        pytest.param(0.999999999, 1.18, "ratio", "100 to 118 %", id="no decimal tells them apart"),
        pytest.param(0.9, 0.998, "ratio", "90.0 to 99.8 %", id="below 100 %"),
        pytest.param(0.9, 1.0, "ratio", "90 to 100 %", id="up to 100 %"),
        pytest.param(-0.002, 0.015, "pp", "−0.2 to 1.5 pp", id="narrow points around zero"),
        pytest.param(12, 40, "days", "12 to 40 days", id="days"),
        pytest.param(1_200_000, 1_310_000, "money", "€1.20 M to €1.31 M", id="money"),
        pytest.param(None, 1.0, "ratio", "–", id="no lower end"),
        pytest.param(0.5, None, "ratio", "–", id="no upper end"),
    ],
)
def test_intervals(low, high, unit, expected):
    assert plain(display_interval(low, high, unit, "EUR")) == expected


def test_an_interval_beside_its_target_shows_on_which_side_it_ends():
    assert plain(display_interval(0.90, 0.948, "ratio", line=0.95)) == "90.0 to 94.8 %"
    assert plain(display_interval(0.90, 0.94, "ratio", line=0.95)) == "90 to 94 %"


@pytest.mark.parametrize(
    ("low", "high", "line", "expected"),
    [
        pytest.param(0.9499999, 0.996, 0.95, "95.0 to 99.6 %", id="no decimal parts the lower end from the target"),
        pytest.param(0.996, 1.0499999, 1.05, "99.6 to 105.0 %", id="none parts the upper end"),
        pytest.param(0.9499999, 0.97, 0.95, "95 to 97 %", id="the other end needs none"),
    ],
)
def test_an_end_no_decimal_parts_from_its_line_takes_none_from_the_other(low, high, line, expected):
    assert plain(display_interval(low, high, "ratio", line=line)) == expected


@pytest.mark.parametrize(
    ("value", "earlier", "unit", "expected"),
    [
        pytest.param(1.034, 1.026, "ratio", "+0.8 pp", id="ratios change by points"),
        pytest.param(6_100, 6_350, "money", "−3.9 %", id="money changes by per cent"),
        pytest.param(6_100, 0, "money", "+€6.1 k", id="money from nothing"),
        pytest.param(212, 203, "count", "+9", id="counts change by counts"),
        pytest.param(40, 41, "days", "−1 day", id="days"),
        pytest.param(1.0, 1.0, "ratio", "0.0 pp", id="no change"),
        pytest.param(1.0, None, "ratio", "–", id="no earlier figure"),
    ],
)
def test_changes(value, earlier, unit, expected):
    assert plain(display_change(value, earlier, unit, "EUR")) == expected


def test_months_and_days_are_written_out():
    assert display_month(dt.date(2026, 10, 1)) == "October 2026"
    assert plain(display_day(dt.date(2026, 11, 4))) == "4 Nov 2026"


def test_quantities_are_named_once_and_explained():
    assert all(
        name == quantity.name and name.isidentifier() and name.islower() for name, quantity in QUANTITIES.items()
    )
    assert all(quantity.meaning.endswith(".") for quantity in QUANTITIES.values())
    labels = [quantity.label for quantity in QUANTITIES.values()]
    assert len(set(labels)) == len(labels)


def test_units_are_those_of_a_result():
    assert set(get_args(glossary.Unit)) == set(get_args(result.Unit))
