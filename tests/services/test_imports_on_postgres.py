"""The whole round of imports, corrections, conflicts and undo with records in PostgreSQL."""

import threading

import pytest

from core.errors import StaleRecord
from core.services import import_undo
from core.services.access import LOCAL_USER
from core.services.corrections import correct, corrections
from core.services.home import record_frame, records_database
from core.services.import_undo import undo_import
from core.services.record_conflicts import open_conflicts, resolve_conflict
from core.settings import settings
from core.store import records
from core.store.record_undo import take_back
from core.store.revisions import serialise
from core.store.tables import Outcome
from tests.homes import NOW
from tests.inbox import OUTCOMES, SUBSCRIPTIONS, cells


@pytest.fixture
def on_postgres(inbox, postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    settings.cache_clear()
    yield inbox
    records_database().close()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("engine", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("lock", ["rows", "acts"])
def test_who_writes_between_the_check_and_the_end_of_an_undo_waits_and_loses_nothing(
    engine, lock, request, inbox, monkeypatch
):
    inbox = request.getfixturevalue("on_postgres") if engine == "PostgreSQL" else inbox
    inbox.put(outcomes=OUTCOMES).load()
    inbox.put(outcomes=OUTCOMES + "O-3,A-1,2025-05-01,7\n").load()
    said: list[BaseException | str] = []

    def write():
        try:
            with records_database().write() as session:
                if lock == "acts":  # as permissions, giving and the acts on requests begin
                    serialise(session, "outcomes")
                    assert session.get(Outcome, "O-3") is None
                    said.append("gone")
                else:  # as deciding a conflict begins
                    records.save(session, Outcome, {"outcome_id": "O-3"}, 1, {"value_cents": 700})
        except (StaleRecord, AssertionError) as error:
            said.append(error)

    other = threading.Thread(target=write)

    def checked_and_interrupted(session, images):
        found = take_back(session, images)
        other.start()
        other.join(0.3)
        assert not said, "it waits until the import is taken back"
        return found

    monkeypatch.setattr(import_undo, "take_back", checked_and_interrupted)
    undo_import(LOCAL_USER, NOW)
    other.join(10)
    (outcome,) = said
    assert outcome == "gone" if lock == "acts" else isinstance(outcome, StaleRecord)
    assert sorted(record_frame("outcomes")["outcome_id"]) == ["O-1", "O-2"]


def test_columns_the_file_does_not_hold_stay_as_they_are(on_postgres):
    inbox = on_postgres.put(outcomes=OUTCOMES)
    inbox.load()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"value_cents": 700})
    inbox.put(outcomes="outcome_id,account_id,agreed_on\nO-1,A-1,2025-03-01\nO-2,A-1,2025-03-01\n").load()
    assert open_conflicts() == ()
    frame = record_frame("outcomes").set_index("outcome_id")
    assert (frame.loc["O-1", "value_cents"], frame.loc["O-2", "account_id"]) == (700, "A-1")


def test_import_correct_conflict_and_undo(on_postgres):
    inbox = on_postgres.put(outcomes=OUTCOMES)
    inbox.load()
    key = {"subscription_id": "S-1", "start_date": "2025-01-01"}
    correct(LOCAL_USER, "subscriptions", key, "mrr_cents", 90_000, "credit note", NOW)
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"account_id": "A-2"})
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("60000", "61000"), outcomes=OUTCOMES + "O-3,A-1,2025-05-01,7\n")
    inbox.load()
    (conflict,) = open_conflicts()
    resolve_conflict(LOCAL_USER, conflict.id, "ours", NOW)
    assert cells("subscriptions", "subscription_id", "mrr_cents") == {"S-1": 90_000, "S-2": 61_000}
    undo_import(LOCAL_USER, NOW)
    assert cells("subscriptions", "subscription_id", "mrr_cents") == {"S-1": 90_000, "S-2": 60_000}
    assert sorted(record_frame("outcomes")["outcome_id"]) == ["O-1", "O-2"]
    assert [item.new for item in corrections()] == ["90000"]
