# ruff: noqa: DTZ001 - instants in the store are UTC without a zone
import datetime as dt
import json
from pathlib import Path

import pytest

from core.ingest.load import load
from core.ingest.prepare import prepare
from core.model.presets import load_preset
from core.store.manifest import Manifest

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FOLDER = SHARED / "ravenstack"
DAY_FIRST, ISO = FOLDER / "ravenstack_subscriptions.csv", FOLDER / "ravenstack_subscriptions_iso_dates.csv"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"public data set RavenStack is not at {FOLDER}")


@pytest.fixture(scope="module")
def reference():
    return json.loads((SHARED / "reference.json").read_text())["ravenstack"]


@pytest.fixture(scope="module")
def imported():
    with prepare([FOLDER], load_preset("ravenstack")) as prepared:
        yield prepared


def test_every_row_of_the_data_set_fits(imported, reference):
    expected = reference["rows"]["value"]
    assert imported.problems == ()
    assert imported.rows == {
        "accounts": expected["accounts"],
        "subscriptions": expected["subscriptions"],
        "tickets": expected["support_tickets"],
        "usage_events": expected["feature_usage"],
    }


def test_month_end_mrr_is_that_of_the_reference(imported, reference):
    rows = imported.facts["subscriptions"]
    for day, expected in reference["mrr_at_month_end"]["value"].items():
        (cents,) = imported.connection.execute(
            f"SELECT CAST(SUM(mrr_cents) AS BIGINT) FROM {rows} WHERE NOT is_trial "
            f"AND start_date <= DATE '{day}' AND (end_date IS NULL OR end_date > DATE '{day}')"
        ).fetchone()
        assert cents == expected * 100, day
    assert len(reference["mrr_at_month_end"]["value"]) == 24


def test_day_first_and_iso_file_give_identical_rows(imported):
    preset = load_preset("ravenstack")
    accounts = FOLDER / "ravenstack_accounts.csv"
    with prepare([accounts, DAY_FIRST], preset) as one, prepare([accounts, ISO], preset) as other:
        assert one.problems == other.problems == ()
        assert one.arrow("subscriptions").equals(other.arrow("subscriptions"))
        assert one.arrow("subscriptions").num_rows == 5000


def test_the_iso_file_beside_the_other_is_named_and_not_read(imported):
    (warning,) = [w for w in imported.warnings if w.rule == "same_table"]
    assert warning.place == ISO.name
    assert "not read" in warning.message
    assert ISO.name not in [file.name for file in imported.files]


def test_three_counts_of_churn_are_a_conflict_warning(imported, reference):
    expected = reference["contradictions"]["value"]
    (conflict,) = imported.conflicts
    assert [count.count for count in conflict.counts] == [
        expected["accounts_flagged_churned"],
        expected["accounts_with_a_churn_event"],
        expected["subscriptions_flagged_churned"],
    ]
    (warning,) = [w for w in imported.warnings if w.rule == "conflict"]
    assert all(text in warning.message for text in ("110", "352", "486", "ravenstack_churn_events.csv"))


def test_ticket_severity_and_times_follow_the_mapping(imported):
    row = imported.connection.execute(
        f"SELECT severity, opened_at, first_response_at, closed_at, escalated, csat "
        f"FROM {imported.facts['tickets']} WHERE ticket_id = 'T-0024de'"
    ).fetchone()
    opened = dt.datetime(2023, 7, 27)
    assert row == (2, opened, opened + dt.timedelta(minutes=74), dt.datetime(2023, 7, 28, 3), False, None)


def test_what_the_data_do_not_say_stays_empty(imported):
    accounts = imported.arrow("accounts")
    for column in ("employees", "segment", "go_live_on", "icp_fit", "valid_from"):
        assert accounts[column].null_count == 500, column


def test_weeks_hold_every_event_once(imported, tmp_path):
    loaded = load(imported, tmp_path, Manifest())
    files = [str(tmp_path / file) for file in loaded.manifest.files("usage")]
    events, mondays = imported.connection.execute(
        "SELECT CAST(SUM(core_events) AS BIGINT), BOOL_AND(isodow(week_start) = 1) FROM read_parquet(?)", [files]
    ).fetchone()
    (expected,) = imported.connection.execute("SELECT CAST(SUM(count) AS BIGINT) FROM good_usage_events").fetchone()
    assert (events, mondays) == (expected, True)


def test_importing_again_changes_nothing(imported, tmp_path):
    first = load(imported, tmp_path, Manifest())
    files = sorted(path.name for path in tmp_path.rglob("*.parquet"))
    second = load(imported, tmp_path, first.manifest)
    assert second.manifest.hash == first.manifest.hash
    assert sorted(path.name for path in tmp_path.rglob("*.parquet")) == files
    assert all(c.new == c.changed == c.disappeared == 0 and c.same for c in second.changes.values())
