"""Commands about requests: matches and clocks for scripts and readers."""

import json

from typer.testing import CliRunner

from core.advocacy.fast_lane import STATES, STATUSES
from core.cli import app
from core.services.home import open_month


def run(*words, code=0):
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result


def test_matches_and_clocks_for_scripts_and_readers(in_demo):
    matches = json.loads(run("match", "--json").stdout)
    open_ones = open_month().reference_needs.query("to_match")
    assert {row["request_id"] for row in matches} == set(open_ones["request_id"])
    for row in matches:
        assert list(row) == ["request_id", "opportunity_id", "matches", "assigned", "relax"]
        assert row["assigned"] in [None, *(one["contact_id"] for one in row["matches"])]
        assert all(one["reasons"] for one in row["matches"])
    assert "a full fit to ask today" in run("match").stdout

    clocks = json.loads(run("sla", "--json").stdout)
    names = ["referral_id", "state", "due_at", "clock", "system_hours", "human_hours", "status", "told", "flags"]
    assert all(list(row) == names for row in clocks)
    assert {row["state"] for row in clocks} <= set(STATES)
    order = [STATUSES.index(row["status"]) for row in clocks]
    assert order == sorted(order)
    assert all((row["due_at"] is None) == (row["status"] == "no_clock") for row in clocks)
    assert "too long" in run("sla").stdout


def test_an_earlier_month_sees_nothing_later(in_demo):
    clocks = json.loads(run("sla", "--month", "2026-03", "--json").stdout)
    known = open_month().records["referrals"]
    early = set(known.loc[known["submitted_at"] < "2026-04-01", "referral_id"])
    assert {row["referral_id"] for row in clocks} == early
    assert all(said["at"] < "2026-04-01" for row in clocks for said in row["told"])


def test_a_wrong_month_is_refused(in_demo):
    assert "expected a month as YYYY-MM" in run("match", "--month", "soon", code=1).stderr
    assert "expected a month as YYYY-MM" in run("sla", "--month", "soon", code=1).stderr


def test_without_records_there_is_nothing_to_match(in_ravenstack):
    assert json.loads(run("match", "--json").stdout) == []
    assert json.loads(run("sla", "--json").stdout) == []
