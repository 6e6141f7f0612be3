"""The whole round of imports, corrections, conflicts and undo with records in PostgreSQL."""

import threading

import pytest
from sqlalchemy.exc import DBAPIError

from core.errors import CouncilError, StaleRecord
from core.services import corrections as correcting
from core.services import erasing, import_undo, importing
from core.services.access import LOCAL_USER
from core.services.corrections import correct, corrections
from core.services.erasing import erase_person
from core.services.home import record_frame, records_database
from core.services.import_undo import undo_import
from core.services.permissions import save_consent
from core.services.record_conflicts import open_conflicts, resolve_conflict
from core.settings import settings
from core.store import records
from core.store.record_undo import take_back
from core.store.revisions import serialise
from core.store.tables import Outcome
from tests.homes import NOW
from tests.inbox import ACCOUNTS, OUTCOMES, SUBSCRIPTIONS, cells

KEY = {"subscription_id": "S-1", "start_date": "2025-01-01"}
CONTACTS = "contact_id,account_id\nC-1,A-1\nC-2,A-2\n"
PEOPLE = "person_id,contact_id,full_name,email\nP-1,C-1,Vesna Gonewell,vesna@gone.example\n"
CONSENTS = "contact_id,use,status,granted_on\nC-1,call,granted,2025-03-01\n"


@pytest.fixture
def on_postgres(inbox, postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    settings.cache_clear()
    yield inbox
    records_database().close()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
def on_either(request, inbox):
    return request.getfixturevalue("on_postgres") if request.param == "PostgreSQL" else inbox


@pytest.fixture
def beside(monkeypatch):
    """Starts `act` beside what calls `module.name`, once that has done its part of a transaction still open."""

    def start(module, name, act):
        ended: list[object] = []

        def run():
            try:
                act()
                ended.append("done")
            except (CouncilError, DBAPIError) as error:
                ended.append(error)

        other, own = threading.Thread(target=run), getattr(module, name)

        def interrupted(*given, **words):
            found = own(*given, **words)
            monkeypatch.setattr(module, name, own)
            other.start()
            other.join(0.5)
            assert not ended, "it waits for the end of what is under way"
            return found

        def outcome():
            other.join(20)
            return ended[0]

        monkeypatch.setattr(module, name, interrupted)
        return outcome

    return start


def mrr():
    return cells("subscriptions", "subscription_id", "mrr_cents")


def test_an_import_beside_a_correction_is_refused_and_the_correction_stays(on_either, beside):
    on_either.load()
    outcome = beside(correcting, "audit", on_either.put(accounts=ACCOUNTS + "A-3,Cedar,2025-03-01,SMB\n").load)
    correct(LOCAL_USER, "subscriptions", KEY, "mrr_cents", 90_000, "credit note", NOW)
    assert isinstance(error := outcome(), CouncilError) and "Start again" in str(error)
    assert (mrr()["S-1"], [item.new for item in corrections()]) == (90_000, ["90000"])
    assert "A-3" not in cells("accounts", "account_id", "name")


def test_a_correction_beside_an_import_is_refused_and_the_import_stays(on_either, beside):
    on_either.load()
    outcome = beside(
        importing, "keep", lambda: correct(LOCAL_USER, "subscriptions", KEY, "mrr_cents", 90_000, "credit note", NOW)
    )
    on_either.put(subscriptions=SUBSCRIPTIONS.replace("60000", "61000")).load()
    assert isinstance(error := outcome(), CouncilError) and "Start again" in str(error)
    assert (mrr(), corrections()) == ({"S-1": 120_000, "S-2": 61_000}, ())


def test_a_consent_recorded_beside_an_import_of_it_is_told_what_the_import_said(on_either, beside):
    on_either.put(contacts=CONTACTS).load()
    outcome = beside(importing, "keep", lambda: save_consent(LOCAL_USER, "C-1", "call", "refused", None, "", None, NOW))
    on_either.put(consents=CONSENTS).load()
    assert isinstance(error := outcome(), StaleRecord) and "status = granted" in str(error)
    assert record_frame("consents")["status"].tolist() == ["granted"]


def test_a_conflict_decided_beside_an_import_that_says_something_else_stays_open(on_either, beside):
    on_either.put(outcomes=OUTCOMES).load()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"value_cents": 700})
    on_either.put(outcomes=OUTCOMES.replace(",100", ",200")).load()
    (seen,) = open_conflicts()
    outcome = beside(importing, "keep", lambda: resolve_conflict(LOCAL_USER, seen.id, "ours", NOW, seen.version))
    on_either.put(outcomes=OUTCOMES.replace(",100", ",300")).load()
    assert isinstance(error := outcome(), StaleRecord) and "value_cents = 700 here, 300 at the source" in str(error)
    assert [(item.ours, item.theirs) for item in open_conflicts()] == [("700", "300")]


@pytest.mark.parametrize("first", ["import", "erasing"])
def test_nobody_who_is_erased_beside_an_import_is_brought_back_by_it(on_either, beside, first):
    on_either.put(contacts=CONTACTS, people=PEOPLE).load()
    erase = lambda: erase_person(LOCAL_USER, None, "C-1", NOW)  # noqa: E731 - the month is for contacts without a name
    again = on_either.put(people=PEOPLE.replace("vesna@", "v.gonewell@")).load
    module, name, act, other = (
        (importing, "keep", erase, again) if first == "import" else (erasing, "audit", again, erase)
    )
    outcome = beside(module, name, act)
    other()
    assert outcome() == "done"
    assert record_frame("people")["full_name"].tolist() == ["erased"]


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
