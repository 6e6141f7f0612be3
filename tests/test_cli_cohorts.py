"""`python -m core cohorts`: for people, scripts and spreadsheets."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from core.cli import app

pytestmark = pytest.mark.sampled(2)


def run(*words, code=0):
    result = CliRunner().invoke(app, ["cohorts", *words])
    assert result.exit_code == code, result.output
    return result


def test_for_people(in_demo):
    said = run("--by", "channel", "--measure", "net", "--month", "2026-10").stdout
    assert "October 2026" in said
    assert "A difference, not an effect" in said


def test_for_scripts(in_demo):
    found = json.loads(run("--by", "channel", "--measure", "net", "--month", "2026-10", "--json").stdout)
    assert (found["measure"], found["by"], found["unit"], found["currency"]) == ("net", "channel", "ratio", "EUR")
    first = found["comparison"]["first"]
    assert first["value"] == pytest.approx(first["numerator"] / first["denominator"])
    assert {row["cohort"] for row in found["triangle"]} >= {"All cohorts"}


def test_for_spreadsheets(in_demo):
    rows = list(csv.DictReader(io.StringIO(run("--width", "quarter", "--csv").stdout)))
    assert {row["state"] for row in rows} >= {"too_few", "unripe"}
    assert all(row["value"] == "" for row in rows if row["state"] in ("too_few", "unripe"))


def test_an_unknown_word_is_refused(in_demo):
    assert "--measure: expected one of logo" in run("--measure", "nrr", code=1).stderr
