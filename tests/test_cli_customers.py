"""Commands about customers: the path for scripts, spreadsheets and readers."""

import csv
import io
import json

from typer.testing import CliRunner

from core.cli import app
from core.model.journey import STAGES


def run(*words, code=0):
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result


def test_the_path_for_scripts_spreadsheets_and_readers(in_demo):
    whole = json.loads(run("path", "--month", "2026-10", "--json").stdout)
    assert [stage["id"] for stage in whole["stages"]] == list(STAGES)
    parts = json.loads(run("path", "--month", "2026-10", "--by", "segment", "--json").stdout)
    assert sum(part["customers"] for part in parts) == whole["customers"]
    assert round(sum(part["arr"] for part in parts)) == round(whole["arr"])
    rows = list(csv.DictReader(io.StringIO(run("path", "--month", "2026-10", "--csv").stdout)))
    assert len(rows) == whole["customers"]
    assert {row["stage"] for row in rows} <= set(STAGES)
    assert "First value: " in run("path", "--month", "2026-10").stdout


def test_a_wrong_month_or_split_is_refused(in_demo):
    assert "expected a month as YYYY-MM" in run("path", "--month", "soon", code=1).stderr
    assert "--by: expected segment" in run("path", "--by", "owner", code=1).stderr


def test_without_milestones_the_path_says_what_to_load(in_ravenstack):
    assert "First value: not known: load milestones" in run("path").stdout
