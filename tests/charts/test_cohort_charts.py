"""The triangle and the curves of the Cohorts screen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.base import ADVOCATE, CHARACTER, NEUTRAL, PAID, REFERRED, TOTAL
from core.charts.cohort_compare import comparison_html
from core.charts.cohort_curves import GAP, PLOT, age_curves, label_places
from core.charts.cohorts import STRONG, TriangleCell, cohort_triangle
from core.cohorts.curves import Curve, Point
from core.cohorts.figures import Figure

WORDS = {"title": "A finding", "subtitle": "A definition"}


def cell(row, column, value, *, text="90 %", hatched=False, lines=("told",)):
    return TriangleCell(row, column, text, value, hatched, lines, (f"20{row}", column))


def drawn(cells, chosen=None):
    return cohort_triangle(cells, ["2024 · 88", "2025 · 84"], ["3", "6"], chosen, **WORDS).data[0]


def test_a_cell_lies_at_its_cohort_and_age_and_returns_them_when_clicked():
    bars = drawn([cell(0, 0, 0.9), cell(1, 1, 0.8)])
    assert [base + length / 2 for base, length in zip(bars.base, bars.x, strict=True)] == pytest.approx([0, 1])
    assert list(bars.y) == [0, 1]
    assert [list(key) for key in bars.customdata] == [["200", 0], ["201", 1]]


def test_the_tint_grows_with_the_value_and_leaves_text_readable():
    bars = drawn([cell(0, 0, 0.7), cell(0, 1, 0.9), cell(1, 0, 0.8)])
    low, high, middle = bars.marker.opacity
    assert low < middle < high == STRONG


def test_without_a_value_there_is_no_tint_and_what_is_unripe_is_hatched():
    bars = drawn([cell(0, 0, 0.9), cell(0, 1, None, text="4 of 9"), cell(1, 0, None, text="", hatched=True)])
    assert bars.marker.opacity[1] < 0.08
    assert list(bars.marker.pattern.shape) == ["", "", "/"]
    assert list(bars.marker.color) == [ADVOCATE, ADVOCATE, NEUTRAL]


def test_the_chosen_cell_alone_is_outlined():
    figure = cohort_triangle([cell(0, 0, 0.9), cell(0, 1, 0.8)], ["2024"], ["3", "6"], ("200", 1), **WORDS)
    (outline,) = figure.layout.shapes
    assert (outline.x0, outline.x1) == pytest.approx((0.53, 1.47))
    assert not cohort_triangle([cell(0, 0, 0.9)], ["2024"], ["3", "6"], None, **WORDS).layout.shapes


def test_a_click_needs_both_styles_of_text():
    """plotly.js 4.2 loses a click on a bar with text when one of them is missing."""
    bars = drawn([cell(0, 0, 0.9)])
    assert bars.selected.textfont.color == bars.unselected.textfont.color == TOTAL


def test_text_of_data_is_no_markup():
    bars = drawn([cell(0, 0, 0.9, lines=("<a href='x'>2024</a>", "second"))])
    assert "&lt;a" in bars.hovertext[0]
    assert bars.hovertext[0].count("<br>") == 1


def curve(name, kind, values, *, step=1):
    points = tuple(
        Point(
            place * step,
            Figure(value, value - 0.05, value + 0.05, 60, "ok", None, 1, 1)
            if value is not None
            else Figure(None, None, None, 9, "too_few", "too few", 1, 1),
        )
        for place, value in enumerate(values)
    )
    return Curve(name, kind, 60, points)


def test_groups_of_a_channel_keep_its_colour():
    figure = age_curves(
        [curve("Referral", "referral", [1, 0.9, 0.9, 0.9]), curve("Paid", "paid", [1, 0.8, 0.8, 0.8])],
        "ratio", "", 2, ("Paid", "Referral"), **WORDS,
    )  # fmt: skip
    lines = {trace.name: trace.line.color for trace in figure.data if trace.line.width}
    assert lines == {"Referral": REFERRED, "Paid": PAID}
    assert {note.text for note in figure.layout.annotations} == {"Referral", "Paid"}


def test_a_name_in_the_middle_covers_no_curve_that_runs_on_behind_it():
    short, long = (
        curve("Other", "other", [0.71, 0.68], step=34),
        curve("Paid", "paid", [0.8, 0.72, 0.68, 0.66], step=12),
    )
    other, paid = label_places([short, long], 1, 0.04)
    assert paid == pytest.approx(0.66, abs=0.02)
    assert not 0.66 - 0.0199 < other < 0.68 + 0.0199, "Paid falls from 0.68 to 0.66 behind it"


@given(
    values=st.lists(st.tuples(st.integers(3, 8), st.floats(0.2, 1), st.floats(0.2, 1)), min_size=1, max_size=6),
)
def test_names_never_cover_each_other(values):
    curves = [
        curve(str(place), "other", np.linspace(first, last, length).tolist())
        for place, (length, first, last) in enumerate(values)
    ]
    places = label_places(curves, 1, 0.03)
    ends = [each.points[-1].age for each in curves]
    for one in range(len(curves)):
        for two in range(one):
            if ends[one] == ends[two]:
                assert abs(places[one] - places[two]) >= 0.03 - 1e-6


def test_groups_without_a_meaning_take_accent_and_ink_for_the_two_compared():
    groups = [curve(name, name, [1, 0.9, 0.9, 0.9]) for name in ("SMB", "Mid", "Large")]
    figure = age_curves(groups, "ratio", "", 2, ("Mid", "Large"), **WORDS)
    lines = {trace.name: trace.line.color for trace in figure.data if trace.line.width}
    assert lines == {"Mid": ADVOCATE, "Large": TOTAL, "SMB": NEUTRAL}


def test_a_point_that_may_not_be_shown_is_a_gap():
    figure = age_curves([curve("All", "All", [1, None, 0.9, 0.9])], "ratio", "", None, **WORDS)
    (line,) = [trace for trace in figure.data if trace.line.width]
    assert np.isnan(np.array(line.y, dtype=float)).tolist() == [False, True, False, False]


def test_a_curve_that_ends_at_once_is_not_drawn_and_none_at_all_is_an_empty_figure():
    assert not age_curves([curve("Few", "Few", [1, 1])], "ratio", "", 12, **WORDS).data
    assert age_curves([], "ratio", "", None, **WORDS).layout.meta == WORDS


def test_money_is_drawn_in_units_of_the_currency():
    points = tuple(Point(age, Figure(100_000.0, 90_000.0, 110_000.0, 60, "ok", None, 1, 1)) for age in (0, 3, 6))
    figure = age_curves([Curve("All", "All", 60, points)], "money", "EUR", None, **WORDS)
    (line,) = [trace for trace in figure.data if trace.line.width]
    assert list(line.y) == [1000, 1000, 1000]
    assert "€1" in line.hovertext[0]


def test_the_two_groups_stand_with_what_their_difference_is_not_and_text_of_data_is_no_markup():
    facts = [("<b>Paid</b>", "90 %", "80 to 95 %, n 50"), ("Referral", "95 %", "")]
    drawn = comparison_html(facts, "A difference, <i>not</i> an effect", "")
    assert "&lt;b&gt;Paid&lt;/b&gt;" in drawn
    assert "A difference, &lt;i&gt;not&lt;/i&gt; an effect" in drawn
    assert "look" not in drawn
    assert "look</span> More than 20 % apart" in comparison_html(facts, "", "More than 20 % apart")


def test_along_the_calendar_columns_and_points_are_named_by_their_quarter():
    triangle = cohort_triangle([cell(0, 0, 0.9)], ["2024"], ["2025 Q4", "2026 Q1"], None, **WORDS)
    assert list(triangle.layout.xaxis.ticktext) == ["2025<br>Q4", "2026<br>Q1"]
    points = tuple(Point(age, Figure(0.9, 0.8, 1.0, 60, "ok", None, 54, 60)) for age in (47, 50))
    one = Curve("All", "All", 60, points, by_month=True)
    figure = age_curves(
        [one], "ratio", "EUR", None, months=[(44, "2025 Q3"), (47, "2025 Q4"), (50, "2026 Q1")], **WORDS
    )
    line = next(trace for trace in figure.data if trace.name == "All")
    assert list(line.x) == [1, 2]
    assert line.hovertext[1].startswith("All, end of 2026 Q1: ")
    assert list(figure.layout.xaxis.ticktext) == ["2025 Q3", "2025 Q4", "2026 Q1"]


def test_a_name_covers_no_curve_between_two_of_its_points_and_a_line_leads_to_it():
    short = curve("Organic", "organic", [1, 0.95, 0.95, 0.82])
    long = curve("Paid", "paid", [1, 0.9, 0.88, 0.85, 0.6, 0.6, 0.6, 0.6, 0.6])
    organic, _ = label_places([short, long], 1, 0.04)
    end = 3 + 8 * (GAP + CHARACTER * len("Organic")) / PLOT
    under = 0.85 + (0.6 - 0.85) * (end - 3)
    assert not under - 0.0199 < organic < 0.85 + 0.0199, "Paid falls behind the name"
    figure = age_curves([short, long], "ratio", "", None, **WORDS)
    (leader,) = figure.layout.shapes
    assert (leader.x0, leader.x1, leader.y0) == (3, 3, 0.82)
