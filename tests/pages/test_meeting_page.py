import datetime as dt
import re
from html import unescape

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.month import build_month
from core.services import clock
from core.services.access import LOCAL_USER
from core.services.decisions import DecisionDraft, add_action, close_action, record_decision
from core.services.home import records_database
from core.settings import ROOT, settings
from core.store.database import database
from core.store.tables import Action, Decision, Review
from pages._app import cached
from tests.companies import account, day, source, subscription
from tests.screens import head, title

pytestmark = pytest.mark.sampled(2)

AT = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)
EVIL = "**Bold** <b>x</b> [a](http://evil.example) :red[y] | cell"
EVIL_NAME = EVIL.replace("/", "")


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


@pytest.fixture
def october(tmp_path, monkeypatch):
    """Thirty-five customers at 100 a month, open on the screen as October 2026, on 4 November."""
    names = [f"c{number}" for number in range(35)]
    rows = [subscription(name, "2024-01-01", None, 100) for name in names]
    company = source(tmp_path, {"accounts": [account(name) for name in names], "subscriptions": rows})
    month = build_month(day("2026-10-31"), company)
    monkeypatch.setattr(cached, "newest_month", lambda: month)
    monkeypatch.setattr(clock, "real_now", lambda: AT)
    return company, month


def draft(**changes):
    values = {
        "title": EVIL, "choice": "a", "rejected": "b", "owner": "Ana", "kpi": "arr", "expected": 100.0,
        "expected_low": None, "expected_high": None, "review_on": day("2026-10-31"),
    }  # fmt: skip
    return DecisionDraft(**values | changes)


def opened():
    page = AppTest.from_file(str(ROOT / "pages" / "meeting.py"), default_timeout=60).run()
    assert not page.exception
    return page


def field(page, kind, start):
    """The one widget whose key starts like this."""
    (found,) = [item for item in page.get(kind) if str(item.key).startswith(f"meeting_{start}_")]
    return found


def press(page, start):
    field(page, "button", start).click().run()
    assert not page.exception


def fill(page, **texts):
    kinds = {"choice": "text_area", "rejected": "text_area", "text": "text_area", "expected": "number_input"}
    for name, value in texts.items():
        start = f"{name}_pp" if name == "expected" else name
        field(page, kinds.get(name, "text_input"), start).set_value(value)


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model)).all()


def markdown(page):
    return [head(page), *(item.value for kind in (page.markdown, page.caption) for item in kind)]


def said(page):
    return " | ".join(markdown(page)).replace("\\", "")


def cells(page):
    """Every cell of the lists, as HTML."""
    bodies = (part.proto.body for part in page.get("html"))
    return [cell for body in bodies for cell in re.findall(r"<td[^>]*>(.*?)</td>", body)]


def tables(page):
    """Every cell as it reads; the small line below the first parted by a space."""
    return [unescape(re.sub(r"<[^>]*>", " ", cell)).strip() for cell in cells(page)]


def test_an_empty_home_says_what_to_load_and_offers_no_form():
    page = opened()
    assert title(page) == "Nothing is decided yet: load a month to decide on"
    assert "No month is loaded, so a decision cannot carry a number." in said(page)
    assert "**subscriptions**: Overview: ARR" in said(page)
    assert len(page.text_input) == 0


def test_without_data_decisions_and_actions_are_still_listed(october, monkeypatch):
    decision = record_decision(LOCAL_USER, october[1], draft(title="Kept", review_on=day("2027-01-31")), "t", AT)
    add_action(LOCAL_USER, decision, "Call them", "Bo", day("2026-11-20"), "a", AT)
    monkeypatch.setattr(cached, "newest_month", lambda: None)
    page = opened()
    assert {"Kept", "ARR €42 k, October 2026".replace("€42 k", "€42\N{NO-BREAK SPACE}k")} <= set(tables(page))
    assert any(cell.startswith("Call them") for cell in tables(page))


def test_a_refused_save_lists_every_problem_and_keeps_what_was_typed(october):
    page = opened()
    fill(page, title="Fund it", choice="Two calls a week")
    press(page, "decide")
    assert len(page.error) == 1
    listed = page.code[0].value
    assert [word for word in ("rejected", "owner", "expected change") if word not in listed] == []
    assert field(page, "text_input", "title").value == "Fund it"
    assert field(page, "text_area", "choice").value == "Two calls a week"
    assert rows(Decision) == []


def test_a_decision_is_recorded_with_its_number_and_an_action_is_next(october):
    page = opened()
    field(page, "selectbox", "kpi").set_value("net_revenue_retention").run()
    token = page.session_state["meeting_decision_token"]
    fill(
        page, title="Fund it", choice="Two calls a week", rejected="Nothing: it loses deals", owner="Ana", expected=2.5
    )
    press(page, "decide")
    (row,) = rows(Decision)
    assert (row.title, row.kpi, row.expected, row.review_on) == (
        "Fund it",
        "net_revenue_retention",
        0.025,
        day("2027-01-31"),
    )
    assert row.seen["value"] == 1.0
    assert page.session_state["meeting_decision_token"] != token
    assert [item.value.replace("\\", "") for item in page.toast] == ["Recorded: Fund it. Add who does what by when."]
    assert field(page, "selectbox", "of").value == row.id
    fill(page, text="Book the calls", doer="Bo")
    field(page, "date_input", "due").set_value(day("2026-11-20"))
    press(page, "add")
    assert [(item.text, item.decision_id) for item in rows(Action)] == [("Book the calls", row.id)]
    assert field(page, "text_area", "text").value == ""


def test_the_fields_say_the_unit_and_are_empty_after_it_changes(october):
    page = opened()
    field(page, "selectbox", "kpi").set_value("net_revenue_retention").run()
    fill(page, expected=2.0)
    assert field(page, "number_input", "expected_pp").label == "Expected change, pp"
    field(page, "selectbox", "kpi").set_value("arr").run()
    changed = field(page, "number_input", "expected_EUR")
    assert (changed.label, changed.value) == ("Expected change, EUR", None)


def test_an_overdue_action_is_marked_and_closed_with_evidence(october):
    company, _ = october
    earlier = build_month(day("2026-08-31"), company)
    decision = record_decision(LOCAL_USER, earlier, draft(title="Fund it"), "t", AT)
    action = add_action(LOCAL_USER, decision, "Book the calls", "Bo", day("2026-10-01"), "a", AT)
    page = opened()
    assert title(page) == "1 decision is due for a look-back, 1 action is overdue"
    assert any('class="rc-tag rc-bad">▲ overdue, 34' in cell for cell in cells(page))
    assert not any(str(item.key).startswith("meeting_proof_") for item in page.text_input)
    field(page, "selectbox", "done").set_value(action).run()
    press(page, "shut")
    assert "what shows that it is done is missing" in page.code[0].value
    fill(page, proof="Minutes of 4 November")
    press(page, "shut")
    assert [(row.status, row.evidence) for row in rows(Action)] == [("done", "Minutes of 4 November")]
    assert "No action is open." in said(page)
    assert "Minutes of 4 November" in tables(page)


def test_an_action_due_too_early_is_told_the_rule_and_the_only_decision_is_chosen(october):
    decision = record_decision(LOCAL_USER, october[1], draft(review_on=day("2027-01-31")), "t", AT)
    page = opened()
    assert not any("done" in str(item.label).lower() for item in (*page.selectbox, *page.text_input))
    page.get("button_group")[0].set_value("Add an action").run()
    assert field(page, "selectbox", "of").value == decision
    fill(page, text="Book the calls", doer="Bo")
    field(page, "date_input", "due").set_value(day("2026-10-01"))
    press(page, "add")
    listed = page.code[0].value.replace("\N{NO-BREAK SPACE}", " ")
    assert listed.endswith("the due date must be after 31 Oct 2026; found 1 Oct 2026")
    assert rows(Action) == []


def test_a_promise_that_is_due_stands_between_then_and_now(october):
    company, _ = october
    record_decision(LOCAL_USER, build_month(day("2026-07-31"), company), draft(title="Fund it"), "t", AT)
    page = opened()
    assert [item.label for item in page.metric] == [
        "Then, July 2026",
        "Promised by 31\N{NO-BREAK SPACE}Oct\N{NO-BREAK SPACE}2026",
        "Now",
    ]
    assert "short of the promise" in said(page)
    assert "It did not move." in said(page)
    assert "not the effect of the decision" in said(page)


def test_a_look_back_is_recorded_with_its_lesson_and_leaves_the_list_of_what_is_due(october):
    company, _ = october
    number = record_decision(LOCAL_USER, build_month(day("2026-07-31"), company), draft(title="Fund it"), "t", AT)
    page = opened()
    assert not any(str(item.key).startswith("meeting_lesson_") for item in page.text_area)
    field(page, "selectbox", "look").set_value(number).run()
    press(page, "review_send")
    listed = page.code[0].value
    assert [part for part in ("what we learned is missing", "what is done next is missing") if part not in listed] == []
    field(page, "button_group", "step").set_value("stop").run()
    field(page, "text_area", "lesson").set_value(EVIL)
    press(page, "review_send")
    (row,) = rows(Review)
    assert (row.lesson, row.next_step, row.inside, row.got) == (EVIL, "stop", False, 0.0)
    assert "1 look-back held: 0 kept, 1 not kept, 0 cannot be said yet" in said(page)
    assert "No decision is due." in said(page)
    assert any('class="rc-tag rc-bad">! short of the promise' in cell for cell in cells(page))
    assert EVIL in tables(page)
    assert not any(EVIL in cell for cell in cells(page))


def test_a_look_back_leads_to_its_months_and_their_rows(october):
    company, _ = october
    decision = record_decision(LOCAL_USER, build_month(day("2026-07-31"), company), draft(title="Fund it"), "t", AT)
    page = opened()
    page.button(key=f"meeting_rows_{decision}").click().run()
    assert not page.exception, page.exception
    assert [tab.label.replace("\\", "") for tab in page.tabs] == ["Months", "ARR, October 2026", "ARR, July 2026"]
    assert "One month against another" in said(page)
    assert said(page).count("rows, sums:") == 2


def test_looking_again_asks_for_the_day_it_needs(october):
    company, _ = october
    number = record_decision(LOCAL_USER, build_month(day("2026-07-31"), company), draft(title="Fund it"), "t", AT)
    page = opened()
    field(page, "selectbox", "look").set_value(number).run()
    assert not any(str(item.key).startswith("meeting_again_") for item in page.date_input)
    field(page, "button_group", "step").set_value("look_again").run()
    assert field(page, "date_input", "again").value == day("2027-01-31")
    field(page, "text_area", "lesson").set_value("Too early to tell")
    press(page, "review_send")
    assert [(item.status, item.review_on) for item in rows(Decision)] == [("decided", day("2027-01-31"))]


def test_text_of_records_is_never_markup(october):
    company, _ = october
    earlier = build_month(day("2026-07-31"), company)
    for number in (1, 2):
        decision = record_decision(LOCAL_USER, earlier, draft(owner=EVIL_NAME), f"t{number}", AT)
        add_action(LOCAL_USER, decision, EVIL, EVIL_NAME, day("2026-10-01"), f"a{number}", AT)
    close_action(LOCAL_USER, 1, 1, EVIL, AT)
    page = opened()
    shown = [text for text in markdown(page) if "Bold" in text]
    raw = ("**Bold**", "<b>", "[a](", ":red[y]", "http://e", "http:e")
    assert [text for text in shown if any(mark in text for mark in raw)] == []
    listed = [cell for cell in cells(page) if "Bold" in cell]
    assert len(shown) + len(listed) >= 10
    assert not any("<b>" in cell or "<a" in cell for cell in listed)


def test_two_decisions_of_one_name_can_be_told_apart(october):
    for number in (1, 2):
        record_decision(
            LOCAL_USER,
            october[1],
            draft(review_on=day("2027-01-31"), title="Same", choice=f"choice {number}"),
            f"t{number}",
            AT,
        )
    page = opened()
    page.selectbox(key="meeting_reasons").set_value(1).run()
    assert [item.value for item in page.text] == ["choice 1", "b"]
