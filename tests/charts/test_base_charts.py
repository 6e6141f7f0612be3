import json
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import base
from core.charts.response import Response, response_curve
from core.charts.shapes import Estimate, Step, interval_plot, waterfall
from core.charts.text import figure_text
from core.glossary import JOINER, SPACE

WORDS = {"title": "Expansion outweighed churn", "subtitle": "ARR bridge, EUR"}
BRIDGE = [Step("Start", 10.0, True), Step("Won", 4.0), Step("Lost", -3.0), Step("End", 11.0, True)]


def colours_in(figure):
    """Every colour a figure names."""
    found = set()

    def look(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                look(inner, name)
        elif isinstance(value, list):
            for inner in value:
                look(inner, key)
        elif isinstance(value, str) and "color" in key:
            found.add(value)

    drawn = json.loads(figure.to_json())
    drawn["layout"].pop("template")
    look(drawn)
    return found


FIGURES = {
    "bridge": waterfall(BRIDGE, "money", "EUR", **WORDS),
    "score": waterfall(BRIDGE, "score", orientation="h", **WORDS),
    "intervals": interval_plot([Estimate("Plan", 3.0, -1.0, 7.0, 2.0, 4.0)], "count", **WORDS),
    "response": response_curve(
        [Response("Paid", [0, 1, 2, 3], [0, 2, 3, 3.5], [0, 1, 2, 2], [0, 3, 4, 5], 2, (1, 2), (2, 3))], **WORDS
    ),
}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_colours_follow_the_theme(figure):
    assert colours_in(figure) <= {*base.MEANINGS, "rgba(0,0,0,0)"}
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_picture_carries_its_words_and_real_colours(figure):
    before = figure.to_json()
    picture = base.titled(figure, [f"#AA00{index:02d}" for index in range(10)], width=640)
    assert "Expansion outweighed churn" in picture.layout.title.text
    assert "ARR bridge, EUR" in picture.layout.title.text
    assert not colours_in(picture) & set(base.MEANINGS)
    assert picture.layout.height > figure.layout.height
    assert figure.to_json() == before


def test_bars_of_a_bridge_start_where_the_last_one_ended():
    (bar,) = FIGURES["bridge"].data
    assert list(bar.base) == [0, 10, 14, 0]
    assert [start + length for start, length in zip(bar.base, bar.y, strict=True)] == [10, 14, 11, 11]
    assert list(bar.marker.color) == [base.TOTAL, base.POSITIVE, base.NEGATIVE, base.TOTAL]
    assert [text.replace(SPACE, " ").replace(JOINER, "") for text in bar.text] == ["€10", "+€4", "−€3", "€11"]


def test_bars_stand_on_zero():
    assert FIGURES["bridge"].layout.yaxis.range[0] == 0
    assert FIGURES["score"].layout.xaxis.range[0] == 0
    below = waterfall([Step("a", -5.0), Step("b", 2.0)], "score", **WORDS)
    assert below.layout.yaxis.range[0] < -5
    assert below.layout.yaxis.range[1] > 0


def test_a_step_says_the_raw_value_behind_its_points():
    figure = waterfall([Step("Satisfaction", 22.0, note="NPS 10 <b>")], "score", **WORDS)
    assert figure.data[0].text[0] == "+22 (NPS 10 &lt;b&gt;)"


def test_an_interval_shows_both_bands_and_zero():
    figure = FIGURES["intervals"]
    assert [(list(trace.x), trace.line.width) for trace in figure.data if trace.mode == "lines"] == [
        ([-1.0, 7.0], 5),
        ([2.0, 4.0], 11),
    ]
    assert figure.layout.xaxis.range[0] < -1
    assert [shape.x0 for shape in figure.layout.shapes] == [0]


def test_an_interval_without_inner_ends_has_one_band():
    figure = interval_plot([Estimate("Plan", 3.0, 2.0, 7.0)], "count", **WORDS)
    assert sum(trace.mode == "lines" for trace in figure.data) == 1
    assert figure.layout.xaxis.range[0] <= 0


def test_a_curve_is_dashed_and_hatched_where_nobody_has_been():
    lines = [trace for trace in FIGURES["response"].data if trace.mode == "lines" and trace.fill is None]
    areas = [trace for trace in FIGURES["response"].data if trace.fill]
    assert [(list(line.x), line.line.dash) for line in lines] == [([0, 1, 2], "solid"), ([2, 3], "dot")]
    assert [area.fillpattern.shape for area in areas] == [None, "/"]
    marks = [(trace.marker.symbol, trace.x[0]) for trace in FIGURES["response"].data if trace.mode == "markers"]
    assert marks == [("circle", 1), ("diamond", 2)]


def test_a_curve_observed_all_along_has_no_dashes():
    curve = Response("Paid", [0, 1], [0, 2], [0, 1], [0, 3], 1, (1, 2))
    figure = response_curve([curve], **WORDS)
    assert [trace.line.dash for trace in figure.data if trace.mode == "lines" and trace.fill is None] == ["solid"]


def test_labels_at_the_end_of_curves_do_not_cover_each_other():
    curves = [Response(name, [0, 1], [0, 2], [0, 1], [0, 3], 1, (1, 2)) for name in "abc"]
    figure = response_curve(curves, **WORDS)
    heights = sorted(note.y for note in figure.layout.annotations)
    room = (figure.layout.yaxis.range[1] - figure.layout.yaxis.range[0]) * 16 / (figure.layout.height - 50)
    assert heights[1] - heights[0] >= room * 0.99
    assert heights[2] - heights[1] >= room * 0.99


@given(st.lists(st.floats(-1e6, 1e6), max_size=8), st.floats(0.1, 1e3))
def test_spread_keeps_order_and_room(positions, room):
    placed = base.spread(positions, room)
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    for lower, upper in pairwise(order):
        assert placed[upper] - placed[lower] >= room - 1e-6
    if all(b - a >= room for a, b in pairwise(sorted(positions))):
        assert placed == pytest.approx(positions)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(0, 1, [0, 0.25, 0.5, 0.75, 1], id="unit"),
        pytest.param(-60, 690, [0, 200, 400, 600], id="across zero"),
        pytest.param(0, 0, [0], id="no extent"),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert base.axis_ticks(low, high, "count")["tickvals"] == pytest.approx(expected)


def test_ticks_are_written_in_the_unit():
    texts = base.axis_ticks(0, 600_000, "money", "EUR")["ticktext"]
    assert [text.replace(SPACE, " ") for text in texts] == ["€0", "€200 k", "€400 k", "€600 k"]


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        pytest.param(0, 1, "ratio", ["0 %", "25 %", "50 %", "75 %", "100 %"], id="shares"),
        pytest.param(0, 0.1, "ratio", ["0.0 %", "2.5 %", "5.0 %", "7.5 %", "10.0 %"], id="halves keep their decimal"),
        pytest.param(0, 20, "ratio", ["0 %", "500 %", "1,000 %", "1,500 %", "2,000 %"], id="many times over"),
        pytest.param(-0.02, 0.02, "pp", ["\u22122 pp", "\u22121 pp", "0 pp", "+1 pp", "+2 pp"], id="points"),
    ],
)
def test_per_cent_on_an_axis_are_whole_where_they_can_be(low, high, unit, expected):
    assert [text.replace(SPACE, " ") for text in base.axis_ticks(low, high, unit)["ticktext"]] == expected


def test_text_of_data_is_shown_as_typed():
    assert figure_text('<a href="x">A & B</a>\n') == '&lt;a href="x"&gt;A &amp; B&lt;/a&gt; '
    figure = waterfall([Step("<b>Acme</b>", 1.0)], "score", **WORDS)
    assert "<b>Acme" not in figure.to_json()


def test_words_of_a_figure_are_kept_as_given():
    figure = base.finish(go.Figure(), "A < B", "n 3", 200)
    assert figure.layout.meta == {"title": "A < B", "subtitle": "n 3"}
    assert "A &lt; B" in base.titled(figure, base.MEANINGS, 400).layout.title.text


def test_a_figure_that_is_sent_again_is_the_same_and_is_made_once():
    figure = waterfall(BRIDGE, "money", "EUR", **WORDS)
    figure.layout.template = {
        "data": {kind: [{"opacity": 0.5}] for kind in ("bar", "waterfall", "scatter")},
        "layout": {"colorway": ["#000001"], "colorscale": {"sequential": [[0, "#000001"], [1, "#000002"]]}},
    }
    sent = base.Sent(figure)
    was, now = json.loads(figure.to_json()), json.loads(sent.to_json())
    kinds = {trace.type for trace in figure.data}
    assert now["layout"].pop("template") == {
        "data": {kind: [{"type": kind, "opacity": 0.5}] for kind in kinds},
        "layout": {"colorway": ["#000001"]},
    }
    assert kinds < set(was["layout"]["template"]["data"])
    del was["layout"]["template"]
    assert now == was
    assert sent.to_dict() is sent.to_dict()
    assert sent.layout.meta["title"] == WORDS["title"]
