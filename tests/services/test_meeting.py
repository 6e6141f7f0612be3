import datetime as dt
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.glossary import JOINER, SPACE
from core.kpis.result import State
from core.month import build_month
from core.services import decisions as service
from core.services import entering
from core.services.access import Actor
from core.services.decisions import DecisionDraft, add_action, close_action, record_decision
from core.services.home import records_database
from core.services.look_back import due_look_backs, look_back
from core.services.look_back_verdict import Figure, judge
from core.services.meeting import meeting
from core.settings import settings
from core.store.database import database
from core.store.tables import Action, AuditEntry, Decision
from tests.companies import account, day, source, subscription

AT = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)
APPROVER = Actor("Ana", frozenset({"approver"}))
MARKETER = Actor("Mara", frozenset({"customer_marketing"}))
DRAFT = DecisionDraft(
    title="Fund the reference programme",
    choice="Two reference calls a week.",
    rejected="More paid social: its last euro earns less.",
    owner="Ana",
    kpi="arr",
    expected=12_000.0,
    expected_low=6_000.0,
    expected_high=18_000.0,
    review_on=day("2027-01-31"),
)
ACCOUNTS = 40
"""Enough customers for a retention figure."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty installation of its own."""
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    yield
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Forty customers at 100 a month; in March ten rise to 150 and five leave, in December ten more start.

    ARR is 48,000 in October and 60,000 in January; retention is 100 % with a spread in both.
    """
    names = [f"c{number}" for number in range(ACCOUNTS + 10)]
    march = "2026-03-01"
    rows = [subscription(name, "2024-01-01", march, 100) for name in names[:15]]
    rows += [subscription(name, march, None, 150) for name in names[:10]]
    rows += [subscription(name, "2024-01-01", None, 100) for name in names[15:ACCOUNTS]]
    rows += [subscription(name, "2026-12-01", None, 100) for name in names[ACCOUNTS:]]
    return source(
        tmp_path_factory.mktemp("company"), {"accounts": [account(name) for name in names], "subscriptions": rows}
    )


@pytest.fixture(scope="module")
def october(company):
    return build_month(day("2026-10-31"), company)


@pytest.fixture(scope="module")
def january(company):
    return build_month(day("2027-01-31"), company)


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model).order_by(model.id)).all()


def acts():
    return [entry.act for entry in rows(AuditEntry)]


def decide(month, token="t", **changes):
    return record_decision(APPROVER, month, replace(DRAFT, **changes), token, AT)


def assign(decision, due="2026-11-20", token="a"):
    return add_action(MARKETER, decision, "Book the calls", "Bo", day(due), token, AT)


def refused(act):
    with pytest.raises(RuleBroken) as problem:
        act()
    return str(problem.value)


def plain(text):
    return text.replace(SPACE, " ").replace(JOINER, "")


def test_three_saves_with_one_token_are_one_decision_and_one_action(october):
    assert len({decide(october) for _ in range(3)}) == 1
    assert len({assign(1) for _ in range(3)}) == 1
    assert (len(rows(Decision)), len(rows(Action)), acts()) == (1, 1, ["decide", "add action"])


def test_a_click_that_passed_the_look_at_the_token_at_the_same_time_still_saves_one(october, monkeypatch):
    first = decide(october)
    real, looks = entering.id_of, []

    def blind_once(*args):
        looks.append(args)
        return None if len(looks) == 1 else real(*args)

    monkeypatch.setattr(entering, "id_of", blind_once)
    assert decide(october) == first
    assert (len(rows(Decision)), acts()) == (1, ["decide"])


@pytest.mark.parametrize("role", ["viewer", "contributor", "customer_marketing", "assessor", "validator"])
def test_only_approver_and_finance_record_a_decision(role, october):
    with pytest.raises(NotAllowed, match="record a decision"):
        record_decision(Actor("Eve", frozenset({role})), october, DRAFT, "t", AT)
    assert rows(Decision) == []


@pytest.mark.parametrize("role", ["viewer", "contributor", "assessor", "validator"])
def test_actions_are_refused_to_other_roles(role, october):
    eve = Actor("Eve", frozenset({role}))
    assign(decide(october))
    with pytest.raises(NotAllowed, match="add an action"):
        add_action(eve, 1, "x", "y", day("2026-12-01"), "b", AT)
    with pytest.raises(NotAllowed, match="close an action"):
        close_action(eve, 1, 1, "done", AT)
    assert [row.status for row in rows(Action)] == ["open"]


def test_everything_missing_is_listed_at_once_and_nothing_is_saved(october):
    empty = DecisionDraft(" ", "", "", "\n", "", None, 1.0, None, None, scenario_id=99)
    said = refused(lambda: record_decision(APPROVER, october, empty, "t", AT))
    parts = ("in one sentence", "what we do", "what we rejected", "the owner", "the KPI", "expected change is missing",
             "one end", "review date", "scenario is gone")  # fmt: skip
    assert [part for part in parts if part not in said] == []
    assert len(said.splitlines()) == 1 + len(parts)
    assert (rows(Decision), acts()) == ([], [])


def test_everything_an_action_lacks_is_listed_at_once(october):
    said = refused(lambda: add_action(APPROVER, None, "", " ", None, "a", AT))
    assert [part for part in ("to be done", "owner", "decision", "due date") if part not in said] == []
    assert "its decision is gone" in refused(lambda: assign(77))
    decide(october)
    assert plain(refused(lambda: assign(1, due="2026-10-31"))).endswith("after 31 Oct 2026; found 31 Oct 2026")
    assert (rows(Action), acts()) == ([], ["decide"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"expected": 20_000.0}, "within its range", id="above"),
        pytest.param({"expected": 5_999.0}, "within its range", id="below"),
        pytest.param({"expected_low": 18_000.0, "expected_high": 6_000.0}, "upside down", id="ends swapped"),
        pytest.param({"expected_low": None}, "one end", id="one end"),
        pytest.param({"expected_high": float("inf")}, "must be numbers", id="endless"),
        pytest.param({"expected": 0.0, "expected_low": None, "expected_high": None}, "other than 0", id="nothing"),
        pytest.param({"expected": float("nan")}, "other than 0", id="not a number"),
        pytest.param({"review_on": day("2026-10-31")}, "must be after 31 Oct 2026", id="review on the last day"),
        pytest.param(
            {"kpi": "cac_referral"}, "Acquisition cost, referral has no figure this month: not loaded", id="no figure"
        ),
        pytest.param({"kpi": "happiness"}, 'no KPI "happiness"', id="unknown"),
        pytest.param({"title": "x" * 161}, "longer than 160", id="long title"),
    ],
)
def test_a_number_without_meaning_is_refused(changes, words, october):
    assert words in plain(refused(lambda: decide(october, **changes)))
    assert rows(Decision) == []


@pytest.mark.parametrize("owner", ["Ann Lee and Bob", "Ann AND Bob", "Ann & Bob", "Ann/Bob", "Ann, Bob"])
def test_two_owners_are_refused(owner, october):
    said = f'the owner is one person: name one, without "and", "&", "/" or a comma; found "{owner}"'
    assert said in refused(lambda: decide(october, owner=owner))
    decide(october)
    assert said in refused(lambda: add_action(MARKETER, 1, "Book", owner, day("2026-11-20"), "a", AT))
    assert (len(rows(Decision)), rows(Action)) == (1, [])


def test_a_name_that_only_holds_the_letters_of_and_is_one_person(october):
    assert decide(october, owner="Sandra Anderson")


def test_an_implausible_figure_carries_no_decision(october):
    flagged = replace(october.kpis["arr"], state=State.IMPLAUSIBLE, reason="outside 30 % to 200 %")
    month = SimpleNamespace(
        kpis=dict(october.kpis) | {"arr": flagged}, as_of=october.as_of, month=october.month, key=october.key,
        currency="EUR", loaded=october.loaded,
    )  # fmt: skip
    view = meeting(month)
    assert "arr" not in {item.id for item in view.kpis} and view.kpis
    assert view.left_out == ("ARR: outside 30 % to 200 %",)
    assert "ARR is implausible and carries no decision: outside 30 % to 200 %" in refused(lambda: decide(month))
    assert rows(Decision) == []


def test_the_ends_of_the_range_belong_to_it(october):
    assert decide(october, "low", expected=6_000.0) != decide(october, "high", expected=18_000.0)


def test_a_failing_save_leaves_neither_row_nor_audit(october, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(service, "audit", fail)
    with pytest.raises(OSError, match="disk full"):
        decide(october)
    assert (rows(Decision), acts()) == ([], [])


def test_the_number_seen_stays_when_the_data_change(october, tmp_path):
    decide(october)
    other = source(tmp_path, {"accounts": [account("c")], "subscriptions": [subscription("c", "2026-01-01", None, 7)]})
    later = meeting(build_month(day("2026-10-31"), other))
    assert later.kpis[0].label == "ARR: €84"
    assert plain(later.decisions[0].seen) == "€48 k"
    assert rows(Decision)[0].seen["month_key"] == october.key


def test_a_second_closing_is_refused_with_both_sides(october):
    assign(decide(october))
    close_action(APPROVER, 1, 1, "Minutes of 3 November", AT)
    with pytest.raises(StaleRecord) as problem:
        close_action(MARKETER, 1, 1, "Calendar entry", AT)
    assert "evidence: Minutes of 3 November" in str(problem.value)
    assert "evidence: Calendar entry" in str(problem.value)
    with pytest.raises(StaleRecord, match="it is gone"):
        close_action(APPROVER, 55, 1, "x", AT)
    (row,) = rows(Action)
    assert (row.status, row.evidence, row.version) == ("done", "Minutes of 3 November", 2)
    assert acts() == ["decide", "add action", "close action"]


def test_the_same_closing_twice_is_one(october):
    assign(decide(october))
    for _ in range(3):
        close_action(APPROVER, 1, 1, " Minutes ", AT)
    assert acts().count("close action") == 1


def test_closing_needs_an_action_and_its_evidence(october):
    assign(decide(october))
    said = refused(lambda: close_action(APPROVER, None, 0, "  ", AT))
    assert ("choose the action" in said, "what shows that it is done is missing" in said) == (True, True)
    assert rows(Action)[0].status == "open"


def test_an_action_is_closed_on_the_day_of_the_companys_zone(october, monkeypatch):
    monkeypatch.setenv("COUNCIL_ZONE", "Pacific/Auckland")
    settings.cache_clear()
    assign(decide(october))
    close_action(APPROVER, 1, 1, "done", dt.datetime(2026, 11, 4, 20, tzinfo=dt.UTC))
    assert rows(Action)[0].closed_on == day("2026-11-05")


def test_what_is_due_comes_first_and_the_answer_counts_it(october, january):
    for token, review in (("x", "2027-06-30"), ("y", "2027-01-31"), ("z", "2026-12-31")):
        decide(october, token, title=token, review_on=day(review))
    for token, due in (("late", "2026-12-20"), ("later", "2027-02-01"), ("earliest", "2026-11-20")):
        assign(1, due, token)
    assign(2, "2026-11-10", "done")
    close_action(APPROVER, 4, 1, "ok", AT)
    view = meeting(january)
    assert [line.title for line in view.decisions] == ["z", "y", "x"]
    assert [line.is_due for line in view.decisions] == [True, True, False]
    assert view.answer == "2 decisions are due for a look-back, 2 actions are overdue"
    states = [plain(line.state) for line in (*view.open_actions, *view.done_actions)]
    assert states == ["▲ overdue, 72 days", "▲ overdue, 42 days", "○ open", "✓ done in time"]
    assert all(a.due <= b.due for a, b in pairwise(view.open_actions))


def test_an_action_due_on_the_last_day_is_not_overdue_yet(october, january):
    assign(decide(october), "2027-01-31")
    assert [(line.is_overdue, line.state) for line in meeting(january).actions] == [(False, "○ open")]


def test_the_review_is_offered_three_months_after_the_months_end(october):
    view = meeting(october)
    assert (view.review_on, view.first_review) == (day("2027-01-31"), day("2026-11-01"))


def test_a_change_is_entered_in_the_kpis_own_unit(october):
    choices = {item.id: item for item in meeting(october).kpis}
    assert (choices["arr"].unit, choices["arr"].amount(500.0)) == ("EUR", 500.0)
    retention = choices["net_revenue_retention"]
    assert (retention.unit, retention.amount(2.5), retention.amount(None)) == ("pp", 0.025, None)
    assert "n 40 accounts" in retention.figure


def test_without_a_month_decisions_are_listed_and_the_tables_named(october):
    decide(october)
    view = meeting(None)
    assert [line.title for line in view.decisions] == [DRAFT.title]
    assert (view.due, view.kpis, view.review_on) == ((), (), None)
    assert "cannot carry a number" in view.obstacle
    assert [gap.table for gap in view.gaps[:2]] == ["accounts", "subscriptions"]
    assert view.answer.startswith("Nothing can be told due without a month: 1 decision waits for a look-back")


def test_a_month_without_a_figure_says_that_no_decision_can_carry_a_number(tmp_path):
    two = [subscription("a", "2026-01-01", None, 5), subscription("b", "2026-01-01", None, 5, currency="USD")]
    month = build_month(day("2026-10-31"), source(tmp_path, {"accounts": [account("a")], "subscriptions": two}))
    view = meeting(month)
    assert (view.kpis, "several currencies" in view.obstacle) == ((), True)
    assert meeting(None).answer == "Nothing is decided yet: load a month to decide on"


def test_a_look_back_puts_then_promised_and_now_side_by_side(october, january):
    decide(october)
    assert meeting(october).decisions[0].look_back is None
    back = meeting(january).decisions[0].look_back
    figures = (back.then, back.promised, back.promised_note, back.now, back.change)
    assert [plain(text) for text in figures] == ["€48 k", "€60 k", "+€12 k (€6 k to €18 k)", "€60 k", "+€12 k"]
    assert (back.verdict, back.reading) == ("in line", "It rose as promised.")


@pytest.mark.parametrize(
    ("changes", "seen", "words"),
    [
        pytest.param({"kpi": "gone"}, {}, "no longer computed", id="KPI is gone"),
        pytest.param({"month": day("2027-01-01")}, {}, "No month after January 2027", id="same month"),
        pytest.param({"kpi": "cac_paid"}, {}, "January 2027 has no figure: not loaded: spend", id="no figure now"),
        pytest.param({}, {"currency": "USD"}, "Then in USD, now in EUR", id="another currency"),
        pytest.param({}, {"version": 0}, "definition changed", id="another definition"),
        pytest.param({}, {"state": "implausible"}, "implausible", id="implausible then"),
    ],
)
def test_figures_that_cannot_be_compared_give_the_reason_and_no_change(changes, seen, words, october, january):
    decide(october)
    (row,) = rows(Decision)
    item = Decision.model_validate(row.model_dump() | changes | {"seen": row.seen | seen})
    back = look_back(item, january)
    assert (back.change, back.verdict) == (None, "no figure")
    assert words in back.reading


@pytest.mark.parametrize(
    ("seen", "words"), [({}, "ARR: promised +€12 k (€6 k to €18 k), got +€12 k: inside"), ({"version": 0}, "changed")]
)
def test_one_line_of_a_due_decision_says_what_it_got_or_why_nothing_can_be_told(seen, words, october, january):
    decide(october)
    with records_database().write() as session:
        item = session.get(Decision, 1)
        item.seen = item.seen | seen
        session.add(item)
    (due,) = due_look_backs(january)
    assert words in plain(due.short)


THEN = Figure(1.00, (0.98, 1.02))
UP = (0.05, 0.10)


@pytest.mark.parametrize(
    ("now", "promised", "verdict"),
    [
        pytest.param(Figure(1.01, (0.99, 1.06)), UP, "not told yet", id="overlap, promise still fits"),
        pytest.param(Figure(1.01, (0.99, 1.03)), UP, "less than promised", id="overlap, promise out of reach"),
        pytest.param(Figure(1.07, (1.05, 1.09)), UP, "in line", id="rose as promised"),
        pytest.param(Figure(1.03, (1.025, 1.04)), UP, "less than promised", id="rose too little"),
        pytest.param(Figure(1.20, (1.15, 1.25)), UP, "more than promised", id="rose beyond the range"),
        pytest.param(Figure(1.20, (1.15, 1.25)), (0.05, float("inf")), "in line", id="no upper end"),
        pytest.param(Figure(0.90, (0.88, 0.92)), UP, "other way", id="fell"),
        pytest.param(Figure(1.20, None), UP, "not told yet", id="no interval"),
    ],
)
def test_a_verdict_claims_what_the_intervals_support(now, promised, verdict):
    assert judge(THEN, now, promised, is_rise=True)[0] == verdict


@given(
    ends=st.tuples(*[st.floats(-5, 5)] * 2).map(sorted),
    then=st.floats(-5, 5),
    least=st.floats(0.01, 4),
    width=st.floats(0, 4),
)
def test_a_promised_fall_is_judged_as_the_mirror_of_a_rise(ends, then, least, width):
    before, now = Figure(then, (then - 0.1, then + 0.1)), Figure(sum(ends) / 2, tuple(ends))
    mirrored = [Figure(-item.value, (-item.ends[1], -item.ends[0])) for item in (before, now)]
    rise = judge(before, now, (least, least + width), is_rise=True)[0]
    assert judge(*mirrored, (-least - width, -least), is_rise=False)[0] == rise


def test_overlapping_intervals_are_never_called_a_change(october, january):
    seen, now = (month.kpis["net_revenue_retention"] for month in (october, january))
    assert seen.low < 1 < seen.high and now.low < seen.high
    decide(october, kpi="net_revenue_retention", expected=0.02, expected_low=None, expected_high=None)
    back = meeting(january).decisions[0].look_back
    assert back.verdict == "not told yet"
    assert "no change can be told" in back.reading


def test_what_people_owe_is_told_from_today_and_a_promise_from_its_figures(october):
    decide(october, review_on=day("2026-11-15"))
    assign(1, "2026-11-10")
    assert [(line.is_overdue, line.state) for line in meeting(october).actions] == [(False, "○ open")]
    view = meeting(october, day("2026-11-22"))
    (line,) = view.decisions
    assert [plain(item.state) for item in view.actions] == ["▲ overdue, 12 days"]
    assert (line.is_due, view.answer) == (False, "1 action is overdue")
    assert plain(line.standing) == "15 Nov 2026 has come, its figures not yet"
    assert view.nothing_due == ("No decision can be looked back at yet: 1 whose day has come waits for later figures.")
    assert "overdue is told from 22 Nov 2026" in plain(view.note)


@pytest.mark.parametrize(
    ("today", "offered"),
    [
        pytest.param("2026-10-15", "2027-01-31", id="before the figures end"),
        pytest.param("2026-11-22", "2027-01-31", id="three weeks later"),
        pytest.param("2027-01-31", "2027-04-30", id="the offered day is over"),
    ],
)
def test_a_review_is_offered_after_today(october, today, offered):
    assert meeting(october, day(today)).review_on == day(offered)
