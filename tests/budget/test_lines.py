"""Reading the frame of budget lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.budget.lines import COLUMNS, read_lines
from core.errors import InputProblems
from core.model.plays import load_plays
from tests.budget.worlds import frame_of, line_of


def test_a_line_takes_what_it_does_not_state_from_its_play():
    frame = frame_of({"a": 100_00}, {"a": "referral_programme"}, kind=["post_sale"], label=[None])
    (line,) = read_lines(frame, load_plays())
    assert (line.play, line.moves, line.lag_months) == ("referral_programme", "referral_revenue", 4)
    assert (line.label, line.owner_role) == ("a", "customer_marketing")


def test_a_stated_owner_wins_over_that_of_the_play():
    (line,) = read_lines(frame_of({"a": 1}, owner_role=["finance"]), load_plays())
    assert line.owner_role == "finance"


@pytest.mark.parametrize("empty", [None, np.nan, pd.NA])
def test_empty_cells_of_any_kind_read_as_nothing(empty):
    frame = frame_of({"a": 1}, play=[empty], channel=["Events"], committed_cents=[empty], observed_low_cents=[empty])
    (line,) = read_lines(frame, load_plays())
    assert (line.play, line.committed_cents, line.observed_low_cents) == ("events", 0, None)


def test_a_line_never_spent_on_says_so():
    free, spent = read_lines(frame_of({"new": 0, "old": 1}), load_plays())
    assert (free.reason, spent.reason) == ("never spent: no prior scale", None)


def test_missing_columns_are_named_together():
    frame = frame_of({"a": 1}).drop(columns=["kind", "committed_cents"])
    with pytest.raises(InputProblems, match="missing: kind, committed_cents"):
        read_lines(frame, load_plays())


def test_every_wrong_cell_is_listed():
    frame = frame_of({"a": 1, "b": -5, "c": 3}, line=["a", "a", " "], kind=["acquisition", "brand", "post_sale"])
    with pytest.raises(InputProblems) as caught:
        read_lines(frame, load_plays())
    found = {(problem.line, problem.column) for problem in caught.value.problems}
    assert {(3, "kind"), (3, "current_cents"), (4, "line"), (None, "line")} <= found


def test_spend_that_is_not_stated_is_refused():
    frame = frame_of({"a": 1}).assign(current_cents=[None])
    with pytest.raises(InputProblems, match="Enter 0 if nothing was spent"):
        read_lines(frame, load_plays())


def test_no_lines_are_no_problem():
    assert read_lines(pd.DataFrame(columns=list(COLUMNS)), load_plays()) == ()


@pytest.mark.parametrize(
    ("spend", "low", "high", "expected"),
    [
        pytest.param(100, 90, 110, False, id="inside"),
        pytest.param(110, 90, 110, False, id="at the edge"),
        pytest.param(111, 90, 110, True, id="beyond"),
        pytest.param(89, 90, 110, True, id="below"),
        pytest.param(101, None, None, True, id="nothing observed"),
        pytest.param(100, None, None, False, id="today's spend"),
    ],
)
def test_extrapolated(spend, low, high, expected):
    line = line_of("a", 100, observed_low_cents=low, observed_high_cents=high)
    assert line.extrapolated(spend) is expected
