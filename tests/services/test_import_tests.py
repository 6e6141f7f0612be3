"""Data tests of an import counted by hand, their share in a month's loads, and the parts nobody needs any more."""

import datetime as dt
import os

import pytest
from sqlmodel import select

from core.ingest.skipping import ImportRefused
from core.maturity.evidence import MeasureState
from core.services.access import LOCAL_USER
from core.services.home import open_month, records_database
from core.services.import_as_of import later_in_store
from core.services.import_sweep import sweep_parts
from core.services.import_tests import LOAD_TESTS, Load, load_measure, loads, passed_in
from core.services.import_undo import undo_import
from core.services.maturity_evidence import capability_evidence, maturity_model, rules_in_words
from core.services.targets import Targets
from core.settings import settings
from core.store.tables import ManifestRow
from tests.inbox import ACCOUNTS, NOW, SUBSCRIPTIONS, Inbox

OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


@pytest.fixture
def inbox(in_empty, tmp_path):
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)


def counted(report):
    return {item.table: (item.tests, item.passed) for item in report.tables}


def test_every_rule_of_the_contract_is_one_test(inbox):
    # accounts: rows, key, and the type of account_id, name, start_date and segment.
    # subscriptions: rows, key, overlap, order of the two days, one reference; types of nine columns; words of
    # currency and is_trial; range of quantity and of the amount.
    told = counted(inbox.load())
    assert told["accounts"] == (6, 6)
    assert told["subscriptions"] == (18, 18)


def test_a_row_left_out_fails_the_rule_it_broke_once(inbox):
    broken = SUBSCRIPTIONS + "S-3,A-1,Pro,x,100,EUR,2025-03-01,,false\nS-4,A-1,Pro,y,100,EUR,2025-03-01,,maybe\n"
    inbox.put(subscriptions=broken + "S-5,A-9,Pro,1,100,EUR,2025-03-01,2025-01-01,false\n")
    with pytest.raises(ImportRefused) as refused:
        inbox.load()
    report = inbox.load(skip=refused.value.leave_out())
    assert counted(report)["subscriptions"] == (18, 14)  # type, words, reference, order of days
    assert counted(report)["accounts"] == (6, 6)
    (load,) = loads()
    assert (load.run, load.passed) == (24, 20)


def test_an_import_taken_back_was_a_load_too(inbox):
    inbox.load()
    undo_import(LOCAL_USER, NOW)
    assert passed_in(loads(), NOVEMBER) == (24, 24)
    assert passed_in(loads(), OCTOBER) == (0, 0)


class Known:
    month = NOVEMBER


def test_the_share_is_that_of_the_weakest_month():
    found = (
        Load(dt.date(2026, 11, 3), 10, 10),
        Load(dt.date(2026, 11, 30), 30, 28),
        Load(dt.date(2026, 10, 1), 20, 10),
        Load(dt.date(2026, 8, 31), 20, 20),
    )
    one, two = load_measure(found, Known, 1), load_measure(found, Known, 2)
    assert (one.value, one.n, one.months_measured) == (pytest.approx(0.95), 40, 2)
    assert (two.value, two.low) == (0.5, None)


def test_a_month_without_loads_says_nothing():
    assert load_measure((), Known, 3).state is MeasureState.UNDEFINED
    assert load_measure((Load(dt.date(2026, 9, 1), 4, 4),), Known, 1).value is None


def test_the_rule_of_the_capability_is_tested_on_the_loads_of_its_month(inbox):
    inbox.load(at=dt.datetime(2025, 2, 28, tzinfo=dt.UTC), as_of=dt.date(2025, 2, 28))
    capability = maturity_model()[1]["data_and_attribution"]
    month = open_month()
    lines = [
        line
        for rule in rules_in_words(capability, capability_evidence(capability, month, Targets(())), month)
        for line in rule.lines
        if line.metric == LOAD_TESTS
    ]
    assert [line.words for line in lines] == [
        "cannot be tested: measured in 1 of 3 closed months",
        "cannot be tested: measured in 1 of 6 closed months",
    ]


def facts():
    return {path.name for path in settings().facts_dir.glob("*/*.parquet")}


def aged(hours=48):
    then = (NOW - dt.timedelta(hours=hours)).timestamp()
    for path in settings().facts_dir.glob("*/*"):
        os.utime(path, (then, then))


def test_an_import_sweeps_parts_of_imports_taken_back_and_keeps_the_others(inbox):
    inbox.load()
    first = facts()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "99000")).load()
    undone = facts() - first
    undo_import(LOCAL_USER, NOW)
    aged()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "70000")).load()
    assert undone
    assert first < facts()
    assert not undone & facts()
    undo_import(LOCAL_USER, NOW)


def test_young_parts_stay_for_imports_under_way(inbox):
    inbox.load()
    stray = settings().facts_dir / "accounts" / "half.tmp"
    stray.write_text("half")
    aged(hours=1)
    assert sweep_parts(NOW) == ()
    aged(hours=25)
    assert sweep_parts(NOW) == ("accounts/half.tmp",)


def test_a_home_of_an_earlier_version_says_that_no_day_is_known(inbox):
    inbox.load()
    with records_database().write() as session:
        for row in session.exec(select(ManifestRow)).all():
            row.known_until = None
    found = later_in_store()
    assert (found.rows, found.newest) == ((), dt.date(2025, 2, 1))
    assert "nothing says up to when they are complete" in found.words
