"""What later imports moved: each month's figures by the facts that first covered it, beside those of today."""

import datetime as dt
from dataclasses import replace

import pytest

from core.maturity.evidence import MeasureState
from core.services.access import LOCAL_USER
from core.services.home import current_state, manifest_of, open_month
from core.services.import_undo import undo_import
from core.services.maturity_evidence import capability_evidence, maturity_model, rules_in_words
from core.services.restatements import REVENUE, restatement_measure, vintages
from core.services.targets import Targets
from core.settings import settings
from tests.inbox import ACCOUNTS, NOW, SUBSCRIPTIONS, Inbox

LATER = NOW + dt.timedelta(days=30)
OCTOBER = dt.date(2025, 10, 31)
DEARER = SUBSCRIPTIONS.replace("120000", "126000")
"""The same company, the first customer at 5 % more from the start."""
MORE = SUBSCRIPTIONS + "S-3,A-2,Pro,5,60000,EUR,2025-11-10,,false\n"
"""A subscription of the month after."""


@pytest.fixture
def inbox(in_empty, tmp_path):
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)


def measured(months=1):
    return restatement_measure(vintages(), open_month(), months)


def test_a_price_set_right_later_is_a_restatement_of_every_month_it_held_in(inbox):
    inbox.load(as_of=OCTOBER)
    inbox.only(subscriptions=DEARER).load(at=LATER, as_of=OCTOBER)
    found = measured(2)
    assert found.value == pytest.approx(0.05)
    assert (found.months_measured, found.low) == (2, None)


def test_a_month_that_only_gained_later_rows_is_not_restated(inbox):
    inbox.load(as_of=OCTOBER)
    inbox.only(subscriptions=MORE).load(at=LATER, as_of=dt.date(2025, 11, 30))
    found = measured()
    assert (found.value, found.months_measured) == (0.0, 1)
    assert found.n >= 1


def test_a_month_nothing_could_have_moved_yet_waits(inbox):
    """November is covered by the last import alone: October, by two, is the newest month that can be judged."""
    inbox.load(as_of=OCTOBER)
    inbox.only(subscriptions=MORE.replace("120000", "126000")).load(at=LATER, as_of=dt.date(2025, 11, 30))
    assert open_month().month == dt.date(2025, 11, 1)
    assert measured().value == pytest.approx(0.05)


def test_one_import_alone_says_nothing_and_the_rule_says_why(inbox):
    inbox.load(as_of=OCTOBER)
    found = measured()
    assert (found.value, found.state) == (None, MeasureState.UNDEFINED)
    capability, month = maturity_model()[1]["attribution_finance_tie_out"], open_month()
    rules = rules_in_words(capability, capability_evidence(capability, month, Targets(())), month)
    words = {line.words for rule in rules for line in rule.lines if line.metric == "restatement_rate"}
    assert words == {"cannot be tested: no import of subscriptions came after the one that first covered a month"}


@pytest.mark.long
def test_an_import_of_other_tables_is_no_chance_to_restate(inbox):
    inbox.load(as_of=OCTOBER)
    inbox.only(accounts=ACCOUNTS.replace("Birch", "Beech")).load(at=LATER, as_of=OCTOBER)
    assert measured().value is None


@pytest.mark.long
def test_an_import_that_was_taken_back_restates_nothing(inbox):
    inbox.load(as_of=OCTOBER)
    inbox.only(subscriptions=DEARER).load(at=LATER, as_of=OCTOBER)
    undo_import(LOCAL_USER, LATER)
    assert measured().value is None


def test_facts_whose_parts_are_gone_are_not_guessed(inbox):
    inbox.load(as_of=OCTOBER)
    first = vintages()[0]
    inbox.only(subscriptions=DEARER).load(at=LATER, as_of=OCTOBER)
    state = current_state()
    before, after = manifest_of(replace(state, manifest_hash=first.manifest_hash)), manifest_of(state)
    gone = {name for table in REVENUE for name in before.files(table)} - {
        name for table in REVENUE for name in after.files(table)
    }
    assert gone
    for name in gone:
        (settings().facts_dir / name).unlink()
    assert measured().value is None
