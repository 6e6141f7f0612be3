"""The command line: what scripts and finance read."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.kpis import REGISTRY
from tests.homes import RAVENSTACK

pytestmark = pytest.mark.sampled(2)

KEYS = {"id", "value", "low", "high", "n", "unit", "status", "reason", "previous", "year_ago", "currency"}


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def test_kpis_of_a_month(in_demo):
    rows = json.loads(run("kpis", "--month", "2026-10", "--json").stdout)
    found = {row["id"]: row for row in rows}
    assert list(found) == list(REGISTRY)
    assert all(set(row) == KEYS for row in rows)
    assert found["arr"]["value"] == pytest.approx(12 * found["mrr"]["value"])
    assert 0.5 < found["net_revenue_retention"]["low"] < found["net_revenue_retention"]["value"]
    assert found["arr"]["currency"] == "EUR"


def test_kpis_by_segment(in_demo):
    rows = json.loads(run("kpis", "--month", "2026-10", "--by", "segment", "--json").stdout)
    assert {row["segment"] for row in rows} == {"Enterprise", "Mid-market", "SMB"}
    whole = json.loads(run("kpis", "--month", "2026-10", "--json").stdout)
    total = sum(row["value"] for row in rows if row["id"] == "mrr")
    assert total == pytest.approx(next(row["value"] for row in whole if row["id"] == "mrr"))


def test_a_figure_that_may_not_be_shown_is_null_with_its_reason(in_demo):
    rows = json.loads(run("kpis", "--by", "segment", "--json").stdout)
    hidden = [row for row in rows if row["status"] == "too_few"]
    assert hidden and all(row["value"] is None and row["reason"] for row in hidden)


def test_the_rows_of_a_figure_as_csv_sum_to_it(in_demo):
    text = run("rows", "net_revenue_retention", "--month", "2026-10", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    sums = {
        name: sum(float(row[name]) for row in rows)
        for name in ("starting_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")
    }
    value = (sums["starting_mrr"] + sums["expansion_mrr"] - sums["contraction_mrr"] - sums["churned_mrr"]) / sums[
        "starting_mrr"
    ]
    shown = json.loads(run("kpis", "--month", "2026-10", "--json").stdout)
    assert value == pytest.approx(next(row["value"] for row in shown if row["id"] == "net_revenue_retention"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("kpis", "--month", "2026-13"), "expected a month as YYYY-MM"),
        (("kpis", "--month", "2031-01"), "found 2031-01"),
        (("kpis", "--by", "region"), "expected segment"),
        (("rows", "nrr"), "net_revenue_retention"),
        (("import", ".", "--as-of", "2020-99-99"), "--as-of: expected a day as YYYY-MM-DD"),
        (("import", ".", "--mapping", "nowhere.toml"), "there is no file"),
        (("import", ".", "--mode", "all"), "--mode: expected update"),
    ],
)
def test_what_was_asked_wrongly_is_said_on_one_line(in_demo, words, message):
    result = run(*words, code=1)
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_an_empty_home_says_what_to_do(in_empty):
    assert "import accounts and subscriptions" in run("kpis", code=1).stderr


def test_importing_ravenstack_twice_changes_nothing(in_empty):
    if not RAVENSTACK.exists():
        pytest.skip("the shared reference data are not beside the project")
    preview = json.loads(run("import", RAVENSTACK, "--preset", "ravenstack", "--dry-run", "--json").stdout)
    first = json.loads(run("import", RAVENSTACK, "--preset", "ravenstack", "--json").stdout)
    again = json.loads(run("import", RAVENSTACK, "--preset", "ravenstack", "--json").stdout)
    assert (preview["imported"], first["imported"]) == (False, True)
    assert preview["tables"] == first["tables"]
    assert {row["table"]: row["new"] for row in first["tables"]}["subscriptions"] == 5_000
    assert not again["changed"]
    conflict = next(item["message"] for item in first["warnings"] if item["rule"] == "conflict")
    assert all(number in conflict for number in ("110", "352", "486"))


def test_a_bad_file_lists_every_problem_and_imports_nothing(in_empty, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "accounts.csv").write_text("account_id,name,start_date\nA,Alpha,2024-01-01\n")
    (folder / "subscriptions.csv").write_text(
        "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
        "S1,A,base,1,1200.5,EUR,2024-01-01,,false\n"
        "S2,A,base,1,1200,EUR,2024-13-01,,false\n"
        "S3,Z,base,1,1200,EURO,2024-01-01,,maybe\n"
    )
    result = run("import", folder, "--json", code=1)
    problems = json.loads(result.stdout)["problems"]
    found = {(item["line"], item["column"]) for item in problems}
    assert found == {(2, "mrr_cents"), (3, "start_date"), (4, "account_id"), (4, "currency"), (4, "is_trial")}
    assert "import accounts" in run("kpis", code=1).stderr, "nothing is half-written"


def test_the_demo_company_is_loaded_once(in_empty):
    assert "Imported." in run("ensure-demo").stdout
    assert "nothing was loaded" in run("ensure-demo").stdout


def test_a_generated_company_can_be_imported_from_csv(in_empty, tmp_path):
    out = tmp_path / "company"
    run("demo", "--accounts", 40, "--months", 14, "--seed", 3, "--out", out, "--format", "csv")
    assert (out / "truth.json").exists()
    run("import", out)
    rows = json.loads(run("kpis", "--json").stdout)
    assert next(row["value"] for row in rows if row["id"] == "arr") > 0


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("advocates",), {"contact_id", "account_id", "readiness", "parts", "next_ask", "blocked_by", "not_checked"}),
        (("maturity",), {"id", "claimed", "measured", "reported", "target", "status", "rules"}),
    ],
)
def test_lists_as_json(in_demo, words, keys):
    rows = json.loads(run(*words, "--month", "2026-10", "--json").stdout)
    assert rows and keys <= set(rows[0])


def test_maturity_lists_every_capability_of_the_three_matrices(in_demo):
    rows = json.loads(run("maturity", "--month", "2026-10", "--json").stdout)
    assert len({row["id"] for row in rows}) == 19
    assert all(condition["metric"] for row in rows for rule in row["rules"] for condition in rule["conditions"])


def test_the_optimum_keeps_the_total(in_demo):
    result = json.loads(run("optimise", "--month", "2026-10", "--json").stdout)
    lines = result["lines"]
    assert sum(line["proposed"] for line in lines) == pytest.approx(sum(line["current"] for line in lines), abs=0.005)
    assert all(abs(line["proposed"] / line["current"] - 1) <= 0.2 + 1e-9 for line in lines)


@pytest.mark.parametrize(
    ("command", "words"),
    [("kpis", "October 2026"), ("advocates", "can be asked"), ("maturity", "rated"), ("optimise", "Expected gain")],
)
def test_without_json_a_person_can_read_it(in_demo, command, words):
    text = run(command).stdout
    assert words in text
    assert "NaN" not in text and "None" not in text
