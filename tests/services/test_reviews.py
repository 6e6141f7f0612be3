"""Look-backs: recorded once, by who may, on what is due; figures are read, never entered. SQLite and PostgreSQL."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.glossary import JOINER, SPACE
from core.month import build_month
from core.services import reviews as service
from core.services.access import Actor
from core.services.clock import local_day
from core.services.decisions import DecisionDraft, record_decision
from core.services.home import records_database
from core.services.look_back import INSIDE, OUTCOMES, due_look_backs
from core.services.meeting import meeting
from core.services.reviews import AGAIN, STEPS, ReviewDraft, record_of_reviews, record_review, review_lines
from core.settings import settings
from core.store.database import database
from core.store.tables import AuditEntry, Decision, Review
from tests.companies import account, day, source, subscription

DECIDED_AT = dt.datetime(2026, 11, 4, 23, 30, tzinfo=dt.UTC)
AT = dt.datetime(2027, 2, 3, 9, tzinfo=dt.UTC)
APPROVER = Actor("Ana", frozenset({"approver"}))
DECISION = DecisionDraft(
    title="Fund the reference programme",
    choice="Two calls a week.",
    rejected="More paid social.",
    owner="Ana",
    kpi="arr",
    expected=12_000.0,
    expected_low=6_000.0,
    expected_high=18_000.0,
    review_on=day("2027-01-31"),
)
DRAFT = ReviewDraft(1, "References shorten the talk.", "keep")


@pytest.fixture(autouse=True, params=["sqlite", "postgres"])
def home(request, tmp_path, monkeypatch):
    """An empty installation of its own, on either database."""
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COUNCIL_ZONE", "Europe/Berlin")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    settings.cache_clear()
    yield
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Forty customers at 100 a month, ten more from December: ARR is 48,000 in October and 60,000 in January."""
    names = [f"c{number}" for number in range(50)]
    rows = [subscription(name, "2024-01-01", None, 100) for name in names[:40]]
    rows += [subscription(name, "2026-12-01", None, 100) for name in names[40:]]
    tables = {"accounts": [account(name) for name in names], "subscriptions": rows}
    return source(tmp_path_factory.mktemp("company"), tables)


@pytest.fixture(scope="module")
def october(company):
    return build_month(day("2026-10-31"), company)


@pytest.fixture(scope="module")
def january(company):
    return build_month(day("2027-01-31"), company)


@pytest.fixture
def decided(october):
    """The decision of November, due for its look-back at the end of January."""
    return record_decision(APPROVER, october, DECISION, "d", DECIDED_AT)


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model).order_by(model.id)).all()


def look(month, token="t", version=1, **changes):
    return record_review(APPROVER, month, replace(DRAFT, **changes), version, token, AT)


def refused(act):
    with pytest.raises(RuleBroken) as problem:
        act()
    return str(problem.value).replace(SPACE, " ")


def test_a_look_back_keeps_the_figure_the_change_and_the_verdict_of_the_month(decided, january):
    look(january)
    (row,) = rows(Review)
    assert (row.actual["value"], row.actual["month"], row.got) == (60_000.0, "2027-01", 12_000.0)
    assert (row.verdict, row.inside, row.due_on) == ("inside the promised range", True, day("2027-01-31"))
    assert [(item.status, item.version) for item in rows(Decision)] == [("reviewed", 2)]
    assert [entry.act for entry in rows(AuditEntry)] == ["decide", "look back"]


def test_what_was_looked_back_at_is_no_longer_due_and_stands_with_its_lesson(decided, january):
    assert [item.decision_id for item in due_look_backs(january)] == [decided]
    look(january)
    view = meeting(january)
    assert (due_look_backs(january), view.due) == ((), ())
    assert view.decisions[0].standing == "inside the promised range; keep it as it is"
    (line,) = view.reviews
    assert (line.got.replace(SPACE, " ").replace(JOINER, ""), line.lesson) == ("+€12 k", DRAFT.lesson)
    assert view.record == "1 look-back held: 1 kept, 0 not kept, 0 cannot be said yet"


def test_looking_again_moves_the_day_and_leaves_the_promise_open(decided, january):
    look(january, next_step=AGAIN, again_on=day("2027-04-30"))
    (item,) = rows(Decision)
    assert (item.status, item.review_on, item.expected) == ("decided", day("2027-04-30"), 12_000.0)
    assert due_look_backs(january) == ()
    assert "30 Apr 2027" in meeting(january).nothing_due.replace(SPACE, " ")
    assert review_lines()[0].next_step.replace(SPACE, " ") == "look again later on 30 Apr 2027"


def test_undoing_a_decision_marks_it_reversed(decided, january):
    look(january, next_step="reverse")
    assert rows(Decision)[0].status == "reversed"


def test_three_sends_of_one_form_are_one_look_back(decided, january):
    assert len({look(january) for _ in range(3)}) == 1
    assert (len(rows(Review)), rows(Decision)[0].version) == (1, 2)


def test_a_second_look_back_from_an_older_screen_is_refused_with_what_was_found(decided, january):
    look(january)
    with pytest.raises(StaleRecord) as problem:
        look(january, "u", next_step="stop")
    assert "keep it as it is, by Ana: References shorten the talk." in str(problem.value)
    assert "its look-back is held already" in refused(lambda: look(january, "u", version=2))
    assert len(rows(Review)) == 1


@pytest.mark.parametrize("role", ["viewer", "contributor", "customer_marketing", "assessor", "validator"])
def test_only_approver_and_finance_look_back(role, decided, january):
    with pytest.raises(NotAllowed, match="record a look-back"):
        record_review(Actor("Eve", frozenset({role})), january, DRAFT, 1, "t", AT)
    assert (rows(Review), rows(Decision)[0].status) == ([], "decided")


def test_everything_missing_is_listed_at_once_and_nothing_is_saved(decided, january):
    said = refused(lambda: look(january, decision_id=None, lesson=" ", next_step=""))
    assert [part for part in ("choose the decision", "what we learned", "done next") if part not in said] == []
    assert (rows(Review), rows(Decision)[0].version) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"next_step": AGAIN}, "day of the next look-back is missing", id="again, no day"),
        pytest.param({"next_step": AGAIN, "again_on": day("2027-01-31")}, "after 31 Jan 2027", id="again, too early"),
        pytest.param({"again_on": day("2027-04-30")}, "with looking again only", id="a day nobody needs"),
        pytest.param({"lesson": "x" * 2_001}, "longer than 2,000", id="long lesson"),
        pytest.param({"next_step": "shrug"}, "done next is missing", id="unknown step"),
    ],
)
def test_a_step_and_its_day_must_fit(changes, words, decided, january):
    assert words in refused(lambda: look(january, **changes))
    assert rows(Review) == []


def test_a_decision_cannot_be_looked_back_at_before_its_day(decided, october, january):
    assert "not due before 31 Jan 2027" in refused(lambda: look(october))
    assert due_look_backs(october) == ()


def test_a_look_back_without_a_figure_keeps_the_reason_and_claims_nothing(decided, january):
    with records_database().write() as session:
        session.get(Decision, decided).kpi = "gone"
    look(january)
    (row,) = rows(Review)
    assert (row.got, row.inside, row.verdict) == (None, None, "cannot say yet")
    assert "no longer computed" in row.actual["reason"]


def test_a_failing_audit_leaves_neither_look_back_nor_changed_decision(decided, january, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(service, "audit", fail)
    with pytest.raises(OSError, match="disk full"):
        look(january)
    assert (rows(Review), rows(Decision)[0].status) == ([], "decided")


def test_a_due_look_back_gives_promise_change_and_verdict_as_numbers_and_words(decided, january):
    (back,) = due_look_backs(january)
    figures = (back.promised, back.promised_low, back.promised_high, back.got, back.unit, back.currency)
    assert figures == (12_000.0, 6_000.0, 18_000.0, 12_000.0, "money", "EUR")
    assert back.sentence.replace(SPACE, " ").replace(JOINER, "") == (
        "ARR: promised +€12 k (€6 k to €18 k) by 31 Jan 2027, got +€12 k: inside the promised range."
    )
    # Half past eleven in the evening, UTC, is the next day in the company's zone.
    assert back.decided_on == day("2026-11-05")


def test_without_a_month_nothing_is_due(decided):
    assert due_look_backs(None) == ()


def test_a_time_that_lost_its_zone_is_read_as_utc():
    assert local_day(DECIDED_AT.replace(tzinfo=None)) == local_day(DECIDED_AT) == day("2026-11-05")


def test_every_verdict_has_its_words_and_says_whether_the_promise_was_kept():
    assert set(OUTCOMES.values()) == set(INSIDE)
    assert record_of_reviews(()) == ""
    assert len(set(STEPS.values())) == len(STEPS)
