import pytest

from core.budget.curve import ResponseCurve
from core.budget.effect import Gain, MoveEffect
from core.charts.base import ADVOCATE, NEUTRAL, PAID, TOTAL
from core.charts.budget import Shown, gain_plot, response_chart


def effect(expected, low, high):
    gain = Gain(expected, low // 2, high // 2, low, high)
    halved = Gain(expected // 2, low // 4, high // 4, low // 2, high // 2)
    return MoveEffect(
        gain=gain, halved=halved, probability_better=0.58, label="not distinguishable from no change",
        optimism_cents=0, moved_cents=1, spend_change_cents=0, evidence="opinion", first_effect_months=2,
        last_effect_months=6, extrapolated=(),
    )  # fmt: skip


def curve(name, spend=(0, 100_000, 200_000, 300_000)):
    margin = tuple(value // 2 for value in spend)
    return ResponseCurve(name, name.title(), spend, margin, margin, tuple(2 * m for m in margin), (False,) * len(spend))


def shown(name="search", proposed=200_000, group="paid", observed=200_000):
    return Shown(curve(name), 100_000, proposed, observed, group)


def drawn(lines):
    return response_chart(lines, "EUR", title="Finding", subtitle="Definition")


def marks(figure):
    points = [trace for trace in figure.data if trace.mode == "markers"]
    return [(trace.marker.symbol, trace.x[0], trace.y[0]) for trace in points]


def labels(figure):
    return [trace for trace in figure.data if trace.mode == "markers+text"]


def test_the_gain_and_its_half_stand_in_units_of_the_currency():
    figure = gain_plot(effect(2_500_000, -16_000_000, 22_000_000), "EUR", title="Finding", subtitle="Definition")
    assert [trace.x[0] for trace in labels(figure)] == [25_000, 12_500]
    assert list(figure.layout.yaxis.ticktext) == ["This plan", "If effects are halved"]
    ends = [tuple(trace.x) for trace in figure.data if trace.mode == "lines"]
    assert (-160_000, 220_000) in ends and (-80_000, 110_000) in ends
    assert figure.layout.meta["title"] == "Finding"


@pytest.mark.parametrize(("expected", "place"), [(100_000, "top right"), (-100_000, "top left")])
def test_a_small_gain_is_written_beside_the_line_at_zero(expected, place):
    figure = gain_plot(effect(expected, -9_000_000, 9_000_000), "EUR", title="F", subtitle="D")
    assert {trace.textposition for trace in labels(figure)} == {place}


def test_a_curve_marks_today_and_the_proposal_on_itself():
    assert marks(drawn([shown()])) == [("circle", 1_000, 500), ("diamond", 2_000, 1_000)]


def test_a_line_that_does_not_move_has_one_mark():
    assert marks(drawn([shown(proposed=100_000)])) == [("circle", 1_000, 500)]


def test_beyond_the_largest_spend_seen_the_curve_is_dotted():
    dashes = {tuple(t.x): t.line.dash for t in drawn([shown()]).data if t.mode == "lines" and t.line.width > 1}
    assert dashes == {(0, 1_000, 2_000): "solid", (2_000, 3_000): "dot"}


def test_colours_tell_the_class_and_two_lines_of_a_class_differ():
    figure = drawn([shown("search"), shown("social"), shown("community", group=None)])
    assert [note.font.color for note in figure.layout.annotations] == [PAID, TOTAL, ADVOCATE]
    assert NEUTRAL not in {note.font.color for note in figure.layout.annotations}


def test_labels_are_shown_as_typed():
    line = Shown(curve("<b>x</b>"), 100_000, 100_000, None, "other")
    assert drawn([line]).layout.annotations[0].text == "&lt;B&gt;X&lt;/B&gt;"


def test_a_line_never_spent_on_is_left_out_and_alone_gives_no_chart():
    never = Shown(ResponseCurve("new", "New", (), (), (), (), (), "never spent"), 0, 0, None, "paid")
    assert drawn([never]) is None
    assert [note.text for note in drawn([never, shown()]).layout.annotations] == ["Search"]
