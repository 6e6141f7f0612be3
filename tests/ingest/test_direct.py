"""A plain file read straight into types gives what reading cell by cell gives, or nothing."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.ingest import typed
from core.ingest.prepare import prepare

HEADER = "account_id,week_start,active_users,licensed_seats,core_events"
CELL = st.text("0123456789+-_.eExX \t", max_size=18)
ROW = st.tuples(CELL, CELL)


@pytest.fixture
def told(monkeypatch):
    """Which files were staged directly."""
    answers = {}

    def spy(connection, scan, *rest, real=typed.stage_directly):
        answers[scan.name] = real(connection, scan, *rest)
        return answers[scan.name]

    monkeypatch.setattr(typed, "stage_directly", spy)
    return answers


def outcome(folder):
    with prepare([folder]) as read:
        rows = read.arrow("usage").to_pylist() if read.facts else None
        return rows, read.problems, read.warnings, read.rows, [file.rows for file in read.files]


def usage(company, *rows):
    return company.put(usage="\n".join((HEADER, *rows)) + "\n")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=3))
@example(rows=[("0x1F", "1")])
@example(rows=[("0000000000000012", "007")])
@example(rows=[("1_000", "+5")])
@example(rows=[(" 12 ", "-0")])
@example(rows=[("1e2", "12.")])
@example(rows=[("9999999999999999", "999999999")])
def test_every_spelling_of_a_number_is_read_as_cell_by_cell(company, rows):
    monday = dt.date(2025, 3, 3)
    usage(company, *(f"A-1,{monday + dt.timedelta(7 * n)},{a},,{b}" for n, (a, b) in enumerate(rows)))
    with pytest.MonkeyPatch.context() as patch:
        direct = outcome(company.inbox)
        patch.setattr(typed, "stage_directly", lambda *_: False)
        assert direct == outcome(company.inbox)


@pytest.mark.parametrize("day", ["2025-03-03", " 2025-03-03", "2025-3-3", "2025-02-30", "20250303", "2025-03-03 00:00"])
def test_every_spelling_of_a_day_is_read_as_cell_by_cell(company, monkeypatch, day):
    usage(company, f"A-1,{day},1,2,3")
    direct = outcome(company.inbox)
    monkeypatch.setattr(typed, "stage_directly", lambda *_: False)
    assert direct == outcome(company.inbox)


def test_a_plain_file_is_staged_directly(company, told):
    usage(company, "A-1,2025-03-03,1,2,3", "A-2,2025-03-03,,2,3")
    rows, problems, *_ = outcome(company.inbox)
    assert told == {"accounts.csv": True, "subscriptions.csv": True, "usage.csv": True}
    assert problems == ()
    assert [(row["active_users"], row["features_used"]) for row in rows] == [(1, None), (None, None)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("A-1,2025-03-03,0x10,2,3", id="hexadecimal"),
        pytest.param("A-1,2025-03-03,1,2", id="a cell missing"),
        pytest.param(",,,,", id="no text at all"),
        pytest.param('"A-1",2025-03-03,1,2,3', id="quotes"),
        pytest.param("", id="an empty line"),
    ],
)
def test_what_does_not_fit_is_read_cell_by_cell(company, told, row):
    usage(company, "A-2,2025-03-03,1,2,3", row)
    outcome(company.inbox)
    assert told["usage.csv"] is False


def test_problems_between_rows_name_the_line_of_a_large_file(company, told):
    """More rows than one block of the reader or one group of the database holds."""
    rows = [f"A-1,{dt.date(2025, 3, 3) + dt.timedelta(7 * n)},1,2,3" for n in range(3_000)]
    body = [f"{row.replace('A-1', f'A-{place}')}" for place in range(1, 101) for row in rows]
    company.put(accounts="account_id,name,start_date\n" + "".join(f"A-{n},N,2025-01-01\n" for n in range(1, 101)))
    usage(company, *body[:250_000], "A-777,2025-03-03,1,2,3", body[7])
    with prepare([company.inbox]) as read:
        found = {(p.rule, p.line) for p in read.problems}
    assert told["usage.csv"] is True
    assert found == {("reference", 250_002), ("duplicate_key", 250_003)}
