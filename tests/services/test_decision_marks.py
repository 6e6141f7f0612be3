"""Which decisions a line over time is marked with, and where."""

import datetime as dt

from core.services.decision_marks import DecisionMark, decision_marks, marks_of
from core.stats.months import shift_month

OCTOBER = dt.date(2026, 10, 1)
YEAR = [shift_month(OCTOBER, back) for back in range(-12, 1)]


def test_a_mark_stands_in_the_month_of_the_meeting_and_not_in_that_of_the_figure(in_demo):
    marks = [mark for mark in decision_marks() if mark.kpi == "referral_leads"]
    assert [mark.month for mark in marks] == [dt.date(2026, 4, 1)]
    assert marks[0].words.replace("\N{NO-BREAK SPACE}", " ").startswith("14 Apr 2026: Move €")
    assert marks_of(marks, "referral_leads", YEAR) == ((6, marks[0].words),)


def test_what_lies_outside_the_line_or_is_about_another_figure_is_left_out():
    marks = [DecisionMark("arr", shift_month(OCTOBER, back), str(back)) for back in (-13, -12, 0, 1)]
    assert marks_of(marks, "arr", YEAR) == ((0, "-12"), (12, "0"))
    assert marks_of(marks, "mrr", YEAR) == ()
