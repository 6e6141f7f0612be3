"""Files that are broken on the outside: encoding, separator, header, shape of rows."""

import pytest

from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + ACCOUNTS.encode(), id="byte-order mark"),
        pytest.param(ACCOUNTS.encode("utf-16"), id="UTF-16 with mark"),
        pytest.param(ACCOUNTS.replace(",", ";").encode(), id="semicolons"),
        pytest.param(ACCOUNTS.replace(",", "\t").encode(), id="tabs"),
        pytest.param(b"sep=;\n" + ACCOUNTS.replace(",", ";").encode(), id="sep line of Excel"),
        pytest.param(ACCOUNTS.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(ACCOUNTS.replace("\n", "\r").encode(), id="CR"),
        pytest.param(ACCOUNTS.replace("\n", "\r\n", 1).encode(), id="mixed line ends"),
        pytest.param(ACCOUNTS.rstrip("\n").encode(), id="no last line end"),
        pytest.param((ACCOUNTS + "\n\n").encode(), id="blank lines"),
        pytest.param((ACCOUNTS + ",,\n").encode(), id="row of commas"),
        pytest.param(b"name,start_date,account_id\nAster,2025-01-01,A-1\nBirch,2025-02-01,A-2\n", id="reordered"),
        pytest.param(ACCOUNTS.replace("account_id", " Account ID ").encode(), id="header in other case"),
    ],
)
def test_harmless_variants_give_the_same_rows(company, content):
    company.put(accounts=content)
    with company.prepare() as prepared:
        assert prepared.problems == ()
        rows = prepared.arrow("accounts").select(["account_id", "name", "start_date"]).to_pylist()
    assert [(row["account_id"], row["name"], str(row["start_date"])) for row in rows] == [
        ("A-1", "Aster", "2025-01-01"),
        ("A-2", "Birch", "2025-02-01"),
    ]


def test_a_found_separator_is_reported(company):
    company.put(accounts=ACCOUNTS.replace(",", ";"))
    assert [w.rule for w in company.warnings()] == ["delimiter"]


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        pytest.param(b"", "empty_file", None, id="no bytes"),
        pytest.param(b"\xef\xbb\xbf", "header", 1, id="mark alone"),
        pytest.param(b"account_id,name,start_date\n", "no_rows", None, id="header alone"),
        pytest.param(ACCOUNTS.replace("Birch", "B\0rch").encode(), "control_character", 3, id="NUL"),
        pytest.param(ACCOUNTS.replace("Birch", "Bj\xf6rk").encode("cp1252"), "encoding", 3, id="cp1252"),
        pytest.param(ACCOUNTS.encode("utf-32"), "encoding", None, id="UTF-32"),
        pytest.param(
            b"account_id,name,name,start_date\nA-1,a,b,2025-01-01\n", "duplicate_column", 1, id="column twice"
        ),
        pytest.param(b"account_id,,name,start_date\nA-1,a,b,2025-01-01\n", "header", 1, id="column without name"),
        pytest.param(("x," * 600 + "y\n").encode(), "header", 1, id="600 columns"),
        pytest.param(ACCOUNTS.replace("Birch", "Birch, Inc").encode(), "row_shape", 3, id="comma without quotes"),
        pytest.param(ACCOUNTS.replace(",2025-02-01", "").encode(), "row_shape", 3, id="short row"),
        pytest.param(ACCOUNTS.replace("Birch", '"Birch').encode(), "row_shape", 3, id="open quote"),
        pytest.param(b"\x1f\x8b\x08\x00rubbish", "kind_of_file", None, id="gzip"),
    ],
)
def test_broken_files_are_refused_with_their_line(company, content, rule, line):
    problem = only(company.put(accounts=content).problems())
    assert (problem.place, problem.rule, problem.line) == ("accounts.csv", rule, line)


def test_a_missing_column_is_named_with_the_closest_one(company):
    problem = only(company.put(subscriptions=SUBSCRIPTIONS.replace("mrr_cents", "mrr_cent")).problems())
    assert (problem.rule, problem.column) == ("missing_column", "mrr_cents")
    assert '"mrr_cent"' in problem.message


def test_an_unknown_column_is_ignored_and_reported(company):
    company.put(accounts="account_id,name,start_date,colour\nA-1,Aster,2025-01-01,red\nA-2,Birch,2025-02-01,\n")
    (warning,) = company.warnings()
    assert warning.rule == "ignored_columns"
    assert "colour" in warning.message


def test_line_numbers_survive_line_breaks_in_quotes_and_blank_lines(company):
    company.put(
        accounts='account_id,name,start_date\nA-1,"two\nlines",2025-01-01\n\nA-2,Birch,2025-13-01\nA-3,"x""y",soon\n'
    )
    assert [(p.line, p.found) for p in company.problems() if p.column == "start_date"] == [
        (5, "2025-13-01"),
        (6, "soon"),
    ]


def test_line_numbers_count_refused_rows(company):
    company.put(accounts=ACCOUNTS + "A-3\nA-4,Cedar,never\nA-5,x,y,z\nA-6,Elm,never\n")
    problems = company.problems()
    assert sorted((p.line, p.rule) for p in problems) == [(4, "row_shape"), (5, "date"), (6, "row_shape"), (7, "date")]


def test_problems_of_all_files_and_kinds_are_listed_together(company):
    company.put(
        accounts=ACCOUNTS.replace("2025-01-01", "2025-99-01"),
        subscriptions=SUBSCRIPTIONS.replace("120000", "12.5").replace(",EUR,2025-02-01", ",Euro,2025-02-01"),
    )
    found = {(p.place, p.line, p.rule) for p in company.problems()}
    assert found == {
        ("accounts.csv", 2, "date"),
        ("subscriptions.csv", 2, "exact"),
        ("subscriptions.csv", 3, "currency"),
    }


def test_many_errors_are_capped_and_counted(company):
    rows = "".join(f"X-{n},Name,bad\n" for n in range(5000))
    problems = company.put(accounts=f"{ACCOUNTS}{rows}", subscriptions=SUBSCRIPTIONS).problems()
    own = [p for p in problems if p.place == "accounts.csv"]
    assert len(own) == 1001
    assert "and 4000 more" in own[-1].message


def test_a_good_file_with_a_bad_last_row_is_refused_whole(company):
    rows = "".join(f"X-{n},Name,2025-01-01\n" for n in range(20_000))
    company.put(accounts=f"{ACCOUNTS}{rows}last,row,nonsense\n")
    problem = only(company.problems())
    assert problem.line == 20_004


def test_a_named_file_that_holds_no_table_is_a_problem(company, tmp_path):
    from core.ingest.prepare import prepare

    stray = tmp_path / "acounts.csv"
    stray.write_text(ACCOUNTS)
    with prepare([stray]) as prepared:
        assert [(p.place, p.rule) for p in prepared.problems] == [("acounts.csv", "no_table")]
        assert "accounts.csv" in prepared.problems[0].message


def test_a_path_that_does_not_exist_is_a_problem(tmp_path):
    from core.ingest.prepare import prepare

    with prepare([tmp_path / "nowhere"]) as prepared:
        assert [p.rule for p in prepared.problems] == ["no_file"]


def test_a_folder_without_tables_is_a_problem(tmp_path):
    from core.ingest.prepare import prepare

    with prepare([tmp_path]) as prepared:
        assert [p.rule for p in prepared.problems] == ["no_table"]


def test_a_title_above_the_header_is_one_problem(company):
    (problem,) = company.put(
        accounts="Customers in 2026,,\naccount_id,name,start_date\nA-1,Aster,2025-01-01\n"
    ).problems()
    assert (problem.line, problem.rule, "Delete the lines above the header" in problem.message) == (1, "header", True)
