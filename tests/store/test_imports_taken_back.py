"""What an import leaves for its undo, and conflicts with edited records, on SQLite and on PostgreSQL."""

import datetime as dt

import pandas as pd
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from core.schema import TABLES, Kind
from core.store import records
from core.store.cells import cell_text, cell_value, key_of, row_key
from core.store.database import MIGRATIONS, Database
from core.store.import_runs import commit_manifest, known_until, newest_manifest, standing_runs, without_run
from core.store.manifest import Manifest, Part
from core.store.record_conflicts import note_conflicts
from core.store.record_undo import forget, take_back
from core.store.tables import ImportRecord, ImportRun, Outcome, RecordConflict

NOW = dt.datetime(2026, 11, 4, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    opened = Database(url_of(request, tmp_path))
    opened.migrate()
    yield opened
    opened.close()


def url_of(request, folder):
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'council.db'}"
    return request.getfixturevalue("postgres_url")


def referrals(**changes):
    base = {
        "referral_id": ["r1", "r2"],
        "contact_id": ["c1", "c2"],
        "prospect_id": ["p1", "p2"],
        "submitted_at": [pd.Timestamp("2026-03-01T10:00:00")] * 2,
        "qualified_at": [pd.Timestamp("2026-04-01T10:00:00"), pd.NaT],
    }
    return pd.DataFrame(base | changes)


def load(db, frame, table="referrals", source="crm"):
    with db.write() as session:
        done = records.upsert(session, table, frame, source)
        note_conflicts(session, table, source, done, NOW)
    return done


def image(done, table="referrals"):
    return ImportRecord(run_id=1, table_name=table, inserted=list(done.inserted), changed=list(done.replaced))


def stored(db, table="referrals"):
    with db.read() as session:
        return records.frame(session, table).sort_values(TABLES[table].key[0]).reset_index(drop=True)


def test_records_come_back_value_for_value(db):
    load(db, referrals())
    before = stored(db)
    added = pd.concat([referrals(contact_id=["c9", "c2"], qualified_at=[pd.NaT] * 2), referrals().iloc[:1]])
    added.iloc[2, 0] = "r3"
    done = load(db, added)
    assert (done.new, done.changed) == (1, 1)
    with db.write() as session:
        (undone,) = take_back(session, [image(done)])
    assert (undone.removed, undone.restored, undone.edited) == (1, 1, ())
    pd.testing.assert_frame_equal(stored(db), before)


def test_rows_worked_on_or_gone_since_are_named_and_a_row_already_removed_is_no_obstacle(db):
    load(db, referrals())
    added = pd.concat([referrals(contact_id=["c8", "c9"]), referrals().assign(referral_id=["r3", "r4"])])
    done = load(db, added)
    with db.write() as session:
        records.save(session, records.RECORDS["referrals"], {"referral_id": "r1"}, 2, {"contact_id": "c7"})
        session.delete(session.get(records.RECORDS["referrals"], "r2"))
        session.delete(session.get(records.RECORDS["referrals"], "r3"))
    with db.write() as session:
        (undone,) = take_back(session, [image(done)])
        session.rollback()
    assert [(item.key, item.column, item.ours, item.theirs) for item in undone.edited] == [
        ('["r1"]', "contact_id", "c7", "c1"),
        ('["r2"]', "referral_id", None, "r2"),
    ]


def test_a_row_that_was_only_touched_goes_back_and_one_a_later_import_changed_does_not(db):
    model = records.RECORDS["referrals"]
    load(db, referrals())
    done = load(db, referrals(contact_id=["c8", "c9"]))
    later = load(db, referrals(contact_id=["c8", "c7"]), source="desk")
    with db.write() as session:
        assert records.touch(session, model, {"referral_id": "r1"}, 2)
        made = commit_manifest(session, Manifest(), "", "import", NOW)
        session.add_all([run(made), run(made, "desk")])
        session.flush()
        session.add(ImportRecord(run_id=2, table_name="referrals", inserted=[], changed=list(later.replaced)))
    with db.write() as session:
        (undone,) = take_back(session, [image(done)])
        session.rollback()
    assert (undone.restored, [item.key for item in undone.edited]) == (1, ['["r2"]'])
    with db.write() as session:
        session.get(ImportRun, 2).undone_at = NOW
        take_back(session, [ImportRecord(run_id=2, table_name="referrals", inserted=[], changed=list(later.replaced))])
        session.flush()
        (undone,) = take_back(session, [image(done)])
    assert (undone.restored, undone.edited) == (2, ())
    assert stored(db)["contact_id"].tolist() == ["c1", "c2"]


def test_an_erased_row_is_gone_from_what_undo_and_conflicts_keep(db):
    load(db, referrals())
    changed = load(db, referrals(contact_id=["c8", "c9"]))
    with db.write() as session:
        made = commit_manifest(session, Manifest(), "", "import", NOW)
        session.add(run(made))
        session.flush()
        session.add(image(changed))
        for key in ('["r1"]', '["r2"]'):
            session.add(
                RecordConflict(table_name="referrals", key=key, column_name="x", ours="a", source="crm", since=NOW)
            )
    with db.write() as session:
        forget(session, "referrals", {"referral_id": "r1"})
    with db.read() as session:
        kept = session.get(ImportRecord, (1, "referrals"))
        assert [item["key"] for item in kept.changed] == ['["r2"]']
        assert [item.key for item in session.exec(select(RecordConflict)).all()] == ['["r2"]']


def outcomes(account):
    return pd.DataFrame({"outcome_id": ["o"], "account_id": [account], "agreed_on": [dt.date(2026, 1, 1)]})


def conflicts(db):
    with db.read() as session:
        return [(item.ours, item.theirs, item.state) for item in session.exec(select(RecordConflict)).all()]


def test_a_conflict_is_noted_once_and_follows_the_source(db):
    load(db, outcomes("a"), "outcomes")
    with db.write() as session:
        records.save(session, Outcome, {"outcome_id": "o"}, 1, {"account_id": "b"})
    load(db, outcomes("a"), "outcomes")
    load(db, outcomes("a"), "outcomes")
    assert conflicts(db) == [("b", "a", "open")]
    load(db, outcomes("c"), "outcomes")
    assert conflicts(db) == [("b", "c", "open")]
    load(db, outcomes("b"), "outcomes")
    assert conflicts(db) == [("b", "c", "agreed")]
    load(db, outcomes("c"), "outcomes")
    assert conflicts(db) == [("b", "c", "agreed"), ("b", "c", "open")]


def run(manifest, source="crm", table="subscriptions", as_of=None, previous=None):
    return ImportRun(
        at=NOW, actor="Ann", source=source, mode="update", files=[{"table": table}], changes={}, warnings=[],
        manifest_id=manifest.id, previous_manifest_id=previous, as_of=as_of,
    )  # fmt: skip


def test_runs_that_stand_tell_how_far_the_company_is_known(db):
    with db.write() as session:
        made = commit_manifest(session, Manifest(), "", "import", NOW)
        session.add(run(made, as_of=dt.date(2026, 3, 31)))
        session.add(run(made, as_of=dt.date(2026, 4, 30), table="tickets"))
        undone = run(made, as_of=dt.date(2026, 5, 31))
        undone.undone_at = NOW
        session.add(undone)
    with db.read() as session:
        assert known_until(standing_runs(session)) == dt.date(2026, 4, 30)
        assert standing_runs(session, "desk") == []
        assert newest_manifest(session).hash == Manifest().hash


@pytest.fixture(params=["sqlite", "postgres"])
def old(request, tmp_path):
    """A database as the first version made it, with two imports."""
    opened = Database(url_of(request, tmp_path))
    migrate_to(opened, "0001")
    with opened.engine.begin() as connection:
        for number in (1, 2):
            values = {"id": number, "at": NOW}
            connection.execute(text("INSERT INTO manifests VALUES (:id, 'h', '[]', :at)"), values)
            connection.execute(
                text(
                    "INSERT INTO import_runs (id, at, actor, source, mode, files, changes, warnings, manifest_id) "
                    "VALUES (:id, :at, 'a', 's', 'update', '[]', '{}', '[]', :id)"
                ),
                values,
            )
    yield opened
    opened.close()


def migrate_to(opened, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with opened.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def test_imports_of_the_first_version_know_what_they_replaced(old):
    old.migrate()
    with old.read() as session:
        rows = session.exec(select(ImportRun).order_by(ImportRun.id)).all()
    assert [(row.previous_manifest_id, row.undone_at, row.as_of) for row in rows] == [
        (None, None, None),
        (1, None, None),
    ]


def part(table, source, sha):
    return Part(table, source, "2025-01", f"{table}/{sha}.parquet", 1, sha)


def test_only_parts_of_the_source_and_of_its_changed_tables_go_back():
    before = Manifest((part("accounts", "crm", "a"), part("tickets", "crm", "t")))
    after = Manifest((part("accounts", "crm", "b"), part("tickets", "crm", "t"), part("usage", "crm", "u")))
    later = Manifest((*after.parts[:1], part("tickets", "crm", "t2"), part("usage", "app", "v"), *after.parts[2:]))
    assert without_run(later, before, after, "crm") == Manifest(
        (part("accounts", "crm", "a"), part("tickets", "crm", "t2"), part("usage", "app", "v"))
    )


INSTANTS = st.datetimes(timezones=st.just(dt.UTC), min_value=dt.datetime(1950, 1, 1), max_value=dt.datetime(2100, 1, 1))  # noqa: DTZ001
CELLS = {
    Kind.TEXT: st.text(), Kind.ID: st.text(min_size=1), Kind.CENTS: st.integers(), Kind.FLAG: st.booleans(),
    Kind.FRACTION: st.floats(allow_nan=False), Kind.DATE: st.dates(), Kind.INSTANT: INSTANTS,
}  # fmt: skip


@given(data=st.data())
@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_survives_being_written_as_text(kind, data):
    value = data.draw(CELLS[kind])
    assert cell_value(cell_text(value), kind) == value
    assert cell_value(cell_text(None), kind) is None


@given(contact=st.text(min_size=1), day=st.dates())
def test_a_key_survives_being_written_as_text(contact, day):
    assert key_of(row_key([contact, day]), TABLES["enrolments"]) == {"contact_id": contact, "enrolled_on": day}
