"""Commands around the data: what scripts read of imports, the tie-out and the state of the data."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.schema import TABLES
from core.services.home import current_state

pytestmark = pytest.mark.sampled(2)


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def test_imports_lists_every_run_and_undo_takes_the_newest_back(in_empty, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id,name,start_date\nA-1,Aster,2025-01-01\n")
    assert "Nothing was imported yet" in run("imports").stdout
    run("import", folder)
    (made,) = json.loads(run("imports", "--json").stdout)
    assert (made["undoable"], made["undone_at"], made["tables"][0]["new"]) == (True, None, 1)
    before = current_state()
    assert "Would take back import 1" in run("undo", "--dry-run").stdout
    assert current_state() == before
    assert json.loads(run("undo", "--json").stdout)["facts"] == [{"table": "accounts", "rows_now": 1, "rows_then": 0}]
    assert "taken back by Local user" in run("imports").stdout
    assert "no import to take back" in run("undo", code=1).stderr


def test_undo_counts_accounts_not_their_versions(in_empty, tmp_path):
    file = tmp_path / "accounts.csv"
    file.write_text("account_id,name,start_date\nA-1,Aster,2025-01-01\nA-2,Birch,2025-02-01\n")
    run("import", file)
    file.write_text(file.read_text().replace("Birch", "Birch Ltd"))
    run("import", file, "--as-of", "2025-03-31")
    assert "accounts: 2 rows, values as before" in run("undo", "--dry-run").stdout


def test_the_tie_out_for_scripts_and_spreadsheets(in_demo):
    result = json.loads(run("tie-out", "--month", "2026-10", "--json").stdout)
    assert (result["month"], result["currency"], len(result["lines"])) == ("2026-10", "EUR", 3)
    rows = list(csv.DictReader(io.StringIO(run("tie-out", "--month", "2026-10", "--csv").stdout)))
    assert [row["account_id"] for row in rows if row["state"] == "differs"] == [
        item["account_id"] for item in result["differences"]
    ]
    assert "ARR at month end: ties" in run("tie-out", "--month", "2026-10").stdout
    assert "expected a month as YYYY-MM" in run("tie-out", "--month", "soon", code=1).stderr


def test_a_company_without_finance_says_what_is_lacking(in_ravenstack):
    assert "finance_totals are not loaded" in run("tie-out").stdout


@pytest.mark.parametrize("home", ["in_demo", "in_ravenstack"])
def test_the_state_of_the_data_for_scripts(home, request):
    request.getfixturevalue(home)
    state = json.loads(run("data", "--json").stdout)
    assert [item["table"] for item in state["tables"]] == list(TABLES)
    assert state["sources"][0]["rows"] > 0
    text = run("data").stdout
    assert ("Not loaded: nothing" in text) == (home == "in_demo")
