"""What the Cohorts screen writes of few customers: a per cent stands nowhere but for a figure that may be shown."""

import re
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.cohort_curves import age_curves
from core.services.cohort_cells import cell_lines, cell_text, triangle_title
from core.services.cohort_curves import curve_title
from core.services.cohort_words import answer, column_words, facts, figure_words
from core.services.cohorts import CohortQuery, cohorts
from tests.cohorts.worlds import company

SHARES = st.sampled_from(["logo", "gross", "net"])
FIGURE = re.compile(r"\d[\d.,]*\s%")


def blocks():
    """Up to six kinds of customers, each up to sixty times: months of MRR, and how they were won."""
    mrr = st.lists(st.sampled_from([0, 50, 100, 100, 100, 300]), min_size=12, max_size=12)
    one = st.tuples(mrr, st.sampled_from(["referral", "paid"]), st.integers(1, 60))
    return st.lists(one, min_size=1, max_size=6)


def month_of(drawn):
    people = [(mrr, channel) for mrr, channel, times in drawn for _ in range(times)]
    rows = {f"c{number}": mrr for number, (mrr, _) in enumerate(people)}
    channels = {f"c{number}": channel for number, (_, channel) in enumerate(people)}
    return SimpleNamespace(cohort_input=company(rows, months=12, channels=channels), currency="EUR")


@settings(max_examples=8, deadline=None)
@given(blocks(), SHARES, st.sampled_from(["age", "quarter", "month"]))
def test_no_rate_is_written_that_the_small_sample_rule_forbids(drawn, measure, along):
    view = cohorts(month_of(drawn), CohortQuery(measure=measure, width="quarter", monthly=True, along=along))
    if view.triangle is None:
        return
    for row in (*view.triangle.cohorts, view.triangle.all):
        for cell in row.cells:
            lines = " ".join(cell_lines(view, "a cohort", cell))
            assert bool(FIGURE.search(cell_text(view, cell))) == cell.figure.shown
            assert bool(FIGURE.search(lines)) == cell.figure.shown, lines
    months = [(at, column_words(view, at)) for at in view.triangle.ages] if along != "age" else ()
    figure = age_curves(view.curves, view.measure.unit, "EUR", None, title="", subtitle="", months=months)
    lines = {trace.name: trace for trace in figure.data if trace.hoverinfo == "text"}
    for curve in view.curves:
        for point, text in zip(curve.points, lines[curve.name].hovertext if curve.drawn else (), strict=curve.drawn):
            assert bool(FIGURE.search(text)) == point.figure.shown, text


@settings(max_examples=8, deadline=None)
@given(blocks(), SHARES, st.sampled_from(["age", "quarter", "month"]))
def test_answer_titles_and_facts_name_only_figures_that_may_be_shown(drawn, measure, along):
    view = cohorts(month_of(drawn), CohortQuery(measure=measure, along=along))
    pairs = [pair for pair in (view.comparison, view.trend) if pair is not None]
    known = [found for pair in pairs for found in pair.figures] + ([view.everybody] if view.everybody else [])
    if along != "age" and view.triangle is not None:
        ends = [curve.points[-1] for curve in view.curves if curve.points]
        known += [end.figure for end in ends if end.age == view.triangle.ages[-1]]
    allowed = {figure_words(found, view.measure, "EUR") for found in known if found.shown}
    for sentence in (answer(view), triangle_title(view), curve_title(view)):
        bands = re.sub(r"\([^)]*\)", "", sentence)
        assert {match.group() for match in FIGURE.finditer(bands)} <= allowed, sentence
    if view.comparison is not None:
        (_, one, _), (_, other, _), (_, raw, _), (_, alike, _) = facts(view)
        for written, found in zip((one, other), view.comparison.figures, strict=True):
            assert bool(FIGURE.search(written)) == found.shown
        for written, found in ((raw, view.comparison.raw), (alike, view.comparison.alike)):
            assert bool(re.search(r"\d", written)) == (found.value is not None), written
