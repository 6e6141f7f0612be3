"""One working day: the demo company lives in its own time, every other company in the real one."""

import datetime as dt

import pytest
from sqlmodel import col, select

from core.demo.files import last_day
from core.glossary import SPACE
from core.services import clock
from core.services.access import LOCAL_USER
from core.services.clock import (
    DEMO_TIME,
    demo_words,
    distance,
    event_day,
    instant_of,
    local_day,
    moment_words,
    now,
    real_time,
    start_demo_time,
    today,
)
from core.services.home import DEMO_SOURCE, current_state, records_database, utc
from core.services.import_undo import undo_import
from core.services.importing import ensure_demo, run_import
from core.settings import DEMO_DIR, settings
from core.store.audit import audit
from core.store.tables import AuditEntry, ImportRun
from tests.services.small_company import FILES, put

REAL = dt.datetime(2027, 5, 4, 23, 30, tzinfo=dt.UTC)
LAST = dt.date(2026, 10, 31)
"""Last day of the data of the companies here."""
DAYS = dt.timedelta(days=(REAL.date() - LAST).days - 1)
FACTS = ("accounts", "subscriptions", "contacts")


@pytest.fixture
def real(monkeypatch):
    """Sets the real clock; it stands at `REAL` first."""

    def stand(at):
        monkeypatch.setattr(clock, "real_now", lambda: at)

    stand(REAL)
    return stand


def load(folder, source, at=REAL):
    run_import(LOCAL_USER, [put(folder, **{name: FILES[name] for name in FACTS})], at, source=source, as_of=LAST)


def demo(folder, at=REAL):
    """As `ensure_demo`, with a company of two accounts."""
    load(folder, DEMO_SOURCE, start_demo_time(LOCAL_USER, LAST, at))


def test_without_a_home_and_in_a_real_company_it_is_the_real_moment(in_empty, real, tmp_path):
    assert (now(), today(), demo_words()) == (REAL, REAL.date(), "")
    assert not in_empty.exists(), "asking for the time makes nothing"
    load(tmp_path / "files", "crm")
    assert (now(), real_time(REAL), distance()) == (REAL, REAL, dt.timedelta(0))


def test_the_demo_words_are_those_of_the_state_that_was_read(in_empty, real, tmp_path):
    before = current_state()
    demo(tmp_path / "demo")
    assert (demo_words(before), demo_words(current_state())) == ("", demo_words())
    assert demo_words() != ""


def test_a_demo_home_that_was_made_before_distances_were_noted_counts_from_the_real_day(in_empty, real, tmp_path):
    load(tmp_path / "files", DEMO_SOURCE)
    assert (now(), demo_words()) == (REAL, "")


def test_the_demo_company_begins_the_day_after_its_data_and_moves_on_with_the_real_days(in_empty, real, tmp_path):
    demo(tmp_path / "files")
    assert now() == dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC)
    assert demo_words().replace(SPACE, " ") == "Demo company: here it is 1 Nov 2026"
    assert (distance(), real_time(now())) == (DAYS, REAL)
    real(REAL + dt.timedelta(days=9, minutes=20))
    assert now() == dt.datetime(2026, 11, 10, 23, 50, tzinfo=dt.UTC)


def test_a_real_clock_behind_the_data_is_moved_ahead(in_empty, real, tmp_path):
    early = dt.datetime(2025, 1, 1, 8, tzinfo=dt.UTC)
    real(early)
    demo(tmp_path / "files", early)
    assert now() == dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)


def test_today_is_told_in_the_zone_of_the_company(in_empty, real, tmp_path, monkeypatch):
    demo(tmp_path / "files")
    monkeypatch.setenv("COUNCIL_ZONE", "Europe/Berlin")
    settings.cache_clear()
    assert today() == dt.date(2026, 11, 2)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("hour", [2, 23])
def test_the_demo_begins_on_the_day_after_its_data_in_every_zone(in_empty, real, tmp_path, monkeypatch, zone, hour):
    monkeypatch.setenv("COUNCIL_ZONE", zone)
    settings.cache_clear()
    at = REAL.replace(hour=hour)
    real(at)
    demo(tmp_path / "files", at)
    assert (today(), local_day(now())) == (dt.date(2026, 11, 1), today())


def test_data_of_ones_own_beside_the_demo_end_its_time_and_taking_them_back_brings_it_again(in_empty, real, tmp_path):
    demo(tmp_path / "files")
    own = put(tmp_path / "own", accounts=FILES["accounts"].replace("\na,", "\nx,").replace("\nb,", "\ny,"))
    run_import(LOCAL_USER, [own], now(), source="crm", as_of=dt.date(2027, 5, 1))
    assert (now(), demo_words()) == (REAL, "")
    undo_import(LOCAL_USER, now(), source="crm")
    assert now() == REAL - DAYS


def own_data_joined_and_undone(folder, real, act_at, undone_at):
    """The demo with data of one's own beside it for a while, in which somebody does something; the audit log after."""
    demo(folder / "files")
    for number in range(1 if act_at else 2):
        rows = FILES["accounts"].replace("\na,", "\nx,").replace("\nb,", f"\ny{number},")
        own = put(folder / f"own{number}", accounts=rows)
        run_import(LOCAL_USER, [own], now(), source="crm", as_of=dt.date(2027, 5, 1))
    if act_at:
        real(act_at)
        with records_database().write() as session:
            audit(session, now(), "Anna", "nominate", "nominations/1")
    real(undone_at)
    for _ in range(1 if act_at else 2):
        undo_import(LOCAL_USER, now(), source="crm")
    with records_database().read() as session:
        return session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()


def test_the_time_of_the_demo_never_goes_back_behind_what_somebody_did_meanwhile(in_empty, real, tmp_path):
    act, undone = REAL + dt.timedelta(hours=3), REAL + dt.timedelta(days=2, hours=1)
    *_, nominated, note, undo = own_data_joined_and_undone(tmp_path, real, act, undone)
    assert now() == undone - dt.timedelta(days=1) >= act, "a whole number of days, as few as the act asks for"
    assert (nominated.at, undo.at, note.record) == (act, now(), DEMO_TIME)
    said = "the latest act, after which the company goes on, was on 5 May 2027"
    told = {name: str(value).replace(SPACE, " ") for name, value in note.detail.items()}
    assert told == {"days_behind": "1", "today": "2027-05-06", "because": said}
    assert note.at == undone, "the line itself keeps the real instant"
    with records_database().read() as session:
        (own,) = session.exec(select(ImportRun).where(ImportRun.source == "crm")).all()
    assert utc(own.undone_at) == now()


def test_an_act_while_the_undo_waited_does_not_put_the_demo_into_the_future(in_empty, real, tmp_path):
    undone = REAL + dt.timedelta(hours=3)
    *_, note, _ = own_data_joined_and_undone(tmp_path, real, undone + dt.timedelta(seconds=1), undone)
    assert (now(), note.detail["days_behind"]) == (undone, 0)


def test_without_an_act_meanwhile_the_demo_is_as_before_and_nothing_is_noted(in_empty, real, tmp_path):
    undone = REAL + dt.timedelta(days=2)
    *_, again, first, second = own_data_joined_and_undone(tmp_path, real, None, undone)
    assert now() == undone - DAYS
    assert [(line.act, line.at) for line in (again, first, second)] == [
        ("import", REAL),
        ("undo", undone),
        ("undo", now()),
    ]


def test_days_and_moments_are_told_in_the_zone_of_the_company(in_empty, monkeypatch):
    late = dt.datetime(2026, 11, 4, 23, 30, tzinfo=dt.UTC)
    assert moment_words(late).replace(SPACE, " ") == "4 Nov 2026, 23:30 UTC"
    monkeypatch.setenv("COUNCIL_ZONE", "Europe/Berlin")
    settings.cache_clear()
    assert moment_words(late).replace(SPACE, " ") == "5 Nov 2026, 00:30 Europe/Berlin"
    assert event_day(late) == event_day(late.replace(tzinfo=None)) == dt.date(2026, 11, 5)
    assert event_day(dt.datetime(2026, 11, 4)) == dt.date(2026, 11, 4), "a day that was kept without an hour"  # noqa: DTZ001
    assert instant_of(dt.date(2026, 11, 5), dt.time(0, 30)) == late
    monkeypatch.setenv("COUNCIL_ZONE", "America/Los_Angeles")
    settings.cache_clear()
    assert event_day(dt.datetime(2026, 11, 4, tzinfo=dt.UTC)) == dt.date(2026, 11, 4)


def test_files_of_ones_own_are_held_against_the_real_day(in_empty, real, tmp_path):
    demo(tmp_path / "files")
    own = put(tmp_path / "own", accounts=FILES["accounts"].replace("\na,", "\nx,").replace("\nb,", "\ny,"))
    for day, told in ((dt.date(2027, 5, 4), False), (dt.date(2027, 5, 9), True)):
        report = run_import(LOCAL_USER, [own], now(), source="crm", as_of=day, dry_run=True)
        assert any("has not come yet" in item.message for item in report.warnings) == told


def test_a_demo_that_is_taken_back_and_loaded_again_begins_anew(in_empty, real, tmp_path):
    demo(tmp_path / "files")
    undo_import(LOCAL_USER, now(), source=DEMO_SOURCE)
    assert now() == REAL
    later = REAL + dt.timedelta(days=30)
    real(later)
    demo(tmp_path / "files", later)
    assert now().date() == dt.date(2026, 11, 1), "the same facts, made on another day"


def test_the_whole_demo_lives_in_its_time_and_the_log_keeps_the_real_one(in_demo):
    assert last_day(DEMO_DIR) == LAST
    assert dt.timedelta(0) <= now() - dt.datetime(2026, 11, 1, tzinfo=dt.UTC) < dt.timedelta(days=3)
    with records_database().read() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
        (run,) = session.exec(select(ImportRun)).all()
    note, loaded = entries[:2]
    assert (note.record, loaded.act) == (DEMO_TIME, "import")
    days = dt.timedelta(days=note.detail["days_behind"])
    assert (distance(), run.at, loaded.at) == (days, note.at - days, note.at - days)
    assert all(entry.at.date() <= LAST for entry in entries[2:]), "what its people did lies before its today"


def test_a_second_demo_is_refused_before_anything_is_noted(in_empty, real, tmp_path):
    load(tmp_path / "files", "crm")
    assert ensure_demo(LOCAL_USER, REAL) is None
    with records_database().read() as session:
        assert not session.exec(select(AuditEntry).where(AuditEntry.record == DEMO_TIME)).all()
