"""Record tables on SQLite and on PostgreSQL: nothing lost, nothing half-written, history append-only."""

import datetime as dt
import threading

import pandas as pd
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from core.errors import CouncilError, StaleRecord
from core.schema import TABLES
from core.store import database as store
from core.store import records
from core.store.audit import audit
from core.store.database import Database
from core.store.record_rows import RecordRows
from core.store.revisions import current, serialise
from core.store.tables import RECORDS, Action, AuditEntry, Decision, MaturityTarget, Outcome

NOW = dt.datetime(2026, 11, 4, tzinfo=dt.UTC)
SAVED = {"outcome_id": "o9", "account_id": "a", "agreed_on": dt.date(2026, 1, 1)}


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    url = (
        f"sqlite:///{tmp_path / 'council.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    opened = Database(url)
    opened.migrate()
    yield opened
    opened.close()


def outcomes(**changes):
    base = {
        "outcome_id": ["o1", "o2"],
        "account_id": ["a", "b"],
        "agreed_on": [dt.date(2026, 1, 1)] * 2,
        "value_cents": pd.array([100, None], dtype="Int64"),
    }
    return pd.DataFrame(base | changes)


def target(**changes):
    row = {
        "capability_id": "c",
        "level": 3,
        "due": dt.date(2027, 1, 1),
        "owner": "Ann",
        "reason": "because",
    }
    return MaturityTarget.model_validate(row | changes)


def revision(db, table):
    _, _, known = current(db)
    return known.get(table, 0)


def test_importing_the_same_rows_again_changes_nothing(db):
    with db.write() as session:
        first = records.upsert(session, "outcomes", outcomes(), "crm")
    with db.write() as session:
        again = records.upsert(session, "outcomes", outcomes().iloc[::-1], "crm")
    assert revision(db, "outcomes") == 1
    assert (first.new, first.same) == (2, 0)
    assert (again.new, again.changed, again.same) == (0, 0, 2)


def test_a_changed_row_is_taken_over_and_raises_the_revision(db):
    with db.write() as session:
        records.upsert(session, "outcomes", outcomes(), "crm")
    with db.write() as session:
        changes = records.upsert(session, "outcomes", outcomes(account_id=["a", "z"]), "crm")
    with db.read() as session:
        found = records.frame(session, "outcomes").set_index("outcome_id")
    assert revision(db, "outcomes") > 1
    assert (changes.changed, changes.same) == (1, 1)
    assert found.loc["o2", "account_id"] == "z"


def test_a_row_edited_here_is_reported_with_both_sides_and_left_as_it_is(db):
    with db.write() as session:
        records.upsert(session, "outcomes", outcomes(), "crm")
    with db.write() as session:
        records.save(session, Outcome, {"outcome_id": "o1"}, 1, {"verified_by": "Ann"})
    with db.write() as session:
        changes = records.upsert(session, "outcomes", outcomes(account_id=["other", "b"]), "crm")
    assert changes.changed == 0
    assert ("o1", "account_id", "a", "other") in changes.conflicts
    with db.read() as session:
        row = records.frame(session, "outcomes").set_index("outcome_id").loc["o1"]
    assert (row["account_id"], row["verified_by"]) == ("a", "Ann")


def test_a_frame_has_the_types_of_the_contract_even_when_empty(db):
    with db.read() as session:
        for name in RECORDS:
            empty = records.frame(session, name)
            assert set(empty.columns) >= {column.name for column in TABLES[name].columns}
    with db.write() as session:
        records.upsert(session, "outcomes", outcomes(), "crm")
    with db.read() as session:
        frame = records.frame(session, "outcomes")
    assert frame["agreed_on"].dtype == "datetime64[us]"
    assert frame["value_cents"].dtype == "Int64"
    assert frame["verified_by"].isna().all()


def test_instants_come_back_in_utc(db):
    sent = pd.Timestamp("2026-03-01T10:00:00+02:00")
    row = pd.DataFrame({"referral_id": ["r"], "contact_id": ["c"], "prospect_id": ["p"], "submitted_at": [sent]})
    with db.write() as session:
        records.upsert(session, "referrals", row, "crm")
    with db.read() as session:
        found = records.frame(session, "referrals")["submitted_at"].iloc[0]
    assert found == pd.Timestamp("2026-03-01T08:00:00")


def test_a_save_against_an_older_version_is_refused_with_both_sides(db):
    with db.write() as session:
        session.add(target())
    with db.write() as session:
        records.save(session, MaturityTarget, {"capability_id": "c"}, 1, {"owner": "Bob"})
    with pytest.raises(StaleRecord, match=r"owner = Bob.*owner = Cid") as refused, db.write() as session:
        records.save(session, MaturityTarget, {"capability_id": "c"}, 1, {"owner": "Cid"})
    assert "nothing was saved" in str(refused.value)
    with db.read() as session:
        assert session.get(MaturityTarget, "c").owner == "Bob"


def test_a_unit_of_work_that_stops_leaves_nothing(db):
    with pytest.raises(KeyboardInterrupt), db.write() as session:
        session.add(target())
        audit(session, NOW, "Ann", "set", "maturity_targets/c")
        session.flush()
        raise KeyboardInterrupt
    with db.read() as session:
        assert session.get(MaturityTarget, "c") is None
        assert session.exec(select(AuditEntry)).all() == []
    assert revision(db, "maturity_targets") == 0


@pytest.mark.parametrize("statement", ["DELETE FROM audit_log", "UPDATE audit_log SET actor = 'nobody'"])
def test_the_audit_log_only_grows(db, statement):
    with db.write() as session:
        audit(session, NOW, "Ann", "test", "x")
    with pytest.raises(DatabaseError, match="only grows"), db.write() as session:
        session.execute(text(statement))


def test_replacing_a_line_of_the_audit_log_is_refused_on_sqlite(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'council.db'}")
    opened.migrate()
    with opened.write() as session:
        audit(session, NOW, "Ann", "test", "x")
    with pytest.raises(DatabaseError, match="only grows"), opened.write() as session:
        session.execute(
            text("INSERT OR REPLACE INTO audit_log (id, at, actor, act, record, detail) VALUES (1, '', '', '', '', '')")
        )
    opened.close()


def test_a_save_that_waits_too_long_for_an_import_says_what_to_do(db, monkeypatch):
    hurry = store._POSTGRES_OPTIONS.replace("lock_timeout=5000", "lock_timeout=100")
    monkeypatch.setattr(store, "_POSTGRES_OPTIONS", hurry)
    monkeypatch.setattr(store, "_PRAGMAS", (*store._PRAGMAS, "busy_timeout=100"))
    hurried = Database(db.url)

    def save():
        with hurried.write() as session:
            serialise(session, "outcomes")
            session.add(Outcome.model_validate(SAVED))

    try:
        with db.write() as importing:
            serialise(importing, "outcomes")
            importing.exec(select(Outcome)).all()
            with pytest.raises(CouncilError, match="Nothing was saved; try again in a moment"):
                save()
        save()
    finally:
        hurried.close()
    with db.read() as session:
        assert len(records.frame(session, "outcomes")) == 1


def test_a_save_that_a_server_ends_for_another_one_says_what_to_do(postgres_url, monkeypatch):
    monkeypatch.setattr(store, "_POSTGRES_OPTIONS", f"{store._POSTGRES_OPTIONS} -c deadlock_timeout=100")
    opened, both, said = Database(postgres_url), threading.Barrier(2), []
    opened.migrate()
    with opened.write() as session:
        session.add_all([target(capability_id="a"), target(capability_id="b")])

    def save(order):
        try:
            with opened.write() as session:
                session.execute(update(MaturityTarget).where(MaturityTarget.capability_id == order[0]).values(level=1))
                both.wait(10)
                session.execute(update(MaturityTarget).where(MaturityTarget.capability_id == order[1]).values(level=1))
        except (CouncilError, DatabaseError) as error:
            said.append(error)

    threads = [threading.Thread(target=save, args=(order,)) for order in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.close()
    assert [type(error) for error in said] == [CouncilError]
    assert "Nothing was saved; try again in a moment" in str(said[0])


def test_references_between_records_are_enforced(db):
    row = {"token": "t", "decision_id": 99, "text": "do", "owner": "Ann", "due": dt.date(2027, 1, 1)}
    with pytest.raises(DatabaseError), db.write() as session:
        session.add(Action.model_validate(row))


def test_eight_writers_lose_no_update(db):
    with db.write() as session:
        session.add(target(level=0))

    def work():
        for _ in range(15):
            done = False
            while not done:
                try:
                    with db.write() as session:
                        row = session.get(MaturityTarget, "c")
                        records.save(
                            session, MaturityTarget, {"capability_id": "c"}, row.version, {"level": row.level + 1}
                        )
                    done = True
                except StaleRecord:
                    continue

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as session:
        assert session.get(MaturityTarget, "c").level == 120


def test_a_migrated_schema_is_the_one_the_tables_describe(db):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def test_migrating_again_changes_nothing(db):
    with db.write() as session:
        session.add(target())
    db.migrate()
    with db.read() as session:
        assert session.get(MaturityTarget, "c").owner == "Ann"


def test_an_error_names_no_value(db):
    secret = {"token": "t", "decision_id": 99, "text": "SECRET", "owner": "Ann", "due": dt.date(2027, 1, 1)}
    with pytest.raises(DatabaseError) as refused, db.write() as session:
        session.add(Action.model_validate(secret))
    assert "SECRET" not in str(refused.value)


def test_sqlite_keeps_to_the_settings_it_needs(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'council.db'}")
    opened.migrate()
    with opened.read() as session:
        read = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("foreign_keys", "journal_mode", "recursive_triggers", "secure_delete", "busy_timeout")
        }
    assert read == {
        "foreign_keys": 1, "journal_mode": "wal", "recursive_triggers": 1, "secure_delete": 1, "busy_timeout": 10_000,
    }  # fmt: skip
    opened.close()


def test_decisions_carry_their_token_once(db):
    row = {
        "token": "same", "month": dt.date(2026, 10, 1), "title": "t", "choice": "c", "rejected": "", "owner": "o",
        "kpi": "arr", "seen": {}, "expected": 1.0, "review_on": dt.date(2027, 1, 1), "decided_by": "x",
        "decided_at": NOW,
    }  # fmt: skip
    with db.write() as session:
        session.add(Decision.model_validate(row))
    with pytest.raises(DatabaseError), db.write() as session:
        session.add(Decision.model_validate(row))


def test_a_table_read_as_a_frame_is_what_its_rows_say(db):
    """Read past SQLAlchemy's types: days, instants, truth and empty cells come out as the rows hold them."""
    asks = pd.DataFrame(
        {
            "ask_id": ["1", "2"],
            "contact_id": ["p", "q"],
            "activity": ["review", "reference"],
            "state": ["sent", "proposed"],
            "delivered": pd.array([True, None], dtype="boolean"),
            "asked_on": [dt.date(1969, 12, 31), None],
        }
    )
    referrals = pd.DataFrame(
        {
            "referral_id": ["r"],
            "contact_id": ["p"],
            "prospect_id": ["x"],
            "submitted_at": [dt.datetime(2026, 3, 29, 1, 30, 0, 250, dt.UTC)],
        }
    )
    with db.write() as session:
        for name, rows in (("asks", asks), ("referrals", referrals), ("outcomes", outcomes())):
            records.upsert(session, name, rows, "crm")
    with db.read() as session:
        for name, model in RECORDS.items():
            rows = [row.model_dump() for row in session.exec(select(model)).all()]
            found = records.frame(session, name)
            expected = records.frame_of(name, [{key: row[key] for key in found.columns} for row in rows])
            pd.testing.assert_frame_equal(found, expected)


def test_a_large_table_is_read_part_by_part(db, monkeypatch):
    monkeypatch.setattr(records, "ROWS_AT_ONCE", 1)
    with db.write() as session:
        records.upsert(session, "outcomes", outcomes(), "crm")
    with db.read() as session:
        assert records.frame(session, "outcomes")["value_cents"].tolist() == [100, pd.NA]


def test_a_row_saved_while_it_is_imported_ends_the_import(db, monkeypatch):
    with db.write() as session:
        records.upsert(session, "outcomes", outcomes(), "crm")

    def stale(self, real=RecordRows.stored):
        return {key: row._replace(version=row.version + 1) for key, row in real(self).items()}

    monkeypatch.setattr(RecordRows, "stored", stale)
    with pytest.raises(CouncilError, match="at the same time"), db.write() as session:
        records.upsert(session, "outcomes", outcomes(account_id=["a", "z"]), "crm")
    with db.read() as session:
        assert records.frame(session, "outcomes")["account_id"].tolist() == ["a", "b"]


def test_more_rows_than_are_written_at_once_are_all_there(db, monkeypatch):
    monkeypatch.setattr("core.store.record_rows.WRITTEN_AT_ONCE", 7)
    many = pd.DataFrame({"outcome_id": [f"o{n}" for n in range(30)], "account_id": "a", "agreed_on": NOW.date()})
    with db.write() as session:
        first = records.upsert(session, "outcomes", many, "crm")
    with db.write() as session:
        held = session.get(Outcome, "o3")
        second = records.upsert(session, "outcomes", many.assign(account_id="b"), "crm")
        assert held.account_id == "b"
    assert (first.new, second.changed) == (30, 30)
    assert second.replaced[0]["before"]["account_id"] == "a"
    with db.read() as session:
        assert set(records.frame(session, "outcomes")["account_id"]) == {"b"}
        assert {row.version for row in session.exec(select(Outcome)).all()} == {2}
