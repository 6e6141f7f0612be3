"""Rounds, drafts, second persons, evidence, roadmap and checklist; one home, every test in a quarter of its own."""

import datetime as dt
import itertools

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.maturity.stakes import Stake
from core.model.checklist import checklist
from core.services import maturity as service
from core.services import maturity_gaps
from core.services.access import Actor
from core.services.home import records_database
from core.services.maturity_checklist import answer_item, checklist_view
from core.services.maturity_checks import set_not_applicable, validate_level
from core.services.maturity_drafts import Draft, drafts_of, drop_draft, save_draft
from core.services.maturity_evidence import maturity_model
from core.services.maturity_export import one_page
from core.services.maturity_gaps import gaps_of
from core.services.maturity_history import history_of, radar_of
from core.services.maturity_proof import ProofDraft, add_evidence, evidence_of, review_evidence
from core.services.maturity_records import agree, rate, set_target
from core.services.maturity_roadmap import StepDraft, close_step, plan_step, steps_of
from core.services.maturity_rounds import Respondent, close_round, newest_respondents, open_round, round_of, turnout
from core.services.targets import Targets
from core.store.tables import AuditEntry
from tests.homes import using

ADMIN = Actor("Local user", frozenset({"admin"}))
ASSESSOR = Actor("Ana", frozenset({"assessor"}))
VALIDATOR = Actor("Vera", frozenset({"validator"}))
VIEWER = Actor("Vic", frozenset({"viewer"}))
AT = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
DAY = AT.date()
MATRIX, FIRST, SECOND, THIRD = (
    "nurture_to_advocacy", "milestone_mapping", "advocacy_activation", "sales_integration",
)  # fmt: skip
PEOPLE = (Respondent("Ana", "owner"), Respondent("Ben", "user"), Respondent("Cleo", "control"))
_years = itertools.count(2030)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with using(tmp_path_factory.mktemp("maturity")) as folder:
        yield folder


@pytest.fixture
def quarter():
    """A quarter no other test touches."""
    return dt.date(next(_years), 4, 1)


def answers(level, capability=FIRST):
    item = maturity_model()[1][capability]
    return {c.id: "most" for number in range(2, level + 1) for c in item.criteria_of(number)}


def row(quarter, capability=FIRST, looking=""):
    view = service.maturity(None, quarter, looking)
    return next(item for item in view.rows if item.capability.id == capability)


def acts(record):
    with records_database().read() as session:
        found = session.exec(select(AuditEntry)).all()
    return [entry.act for entry in found if entry.record.startswith(record)]


def opened(quarter, people=PEOPLE, version=None, actor=VALIDATOR, until=DAY):
    return open_round(actor, MATRIX, quarter, people, DAY, until, version, AT)


def test_a_round_wants_three_people_with_one_of_each_role(quarter):
    with pytest.raises(RuleBroken) as told:
        opened(quarter, (Respondent("Ana", "owner"), Respondent("ana", "boss")), until=DAY - dt.timedelta(days=1))
    for words in (
        "at least 3 people",
        "Uses its result",
        "RevOps or finance",
        '"boss"',
        "ana stands twice",
        "before it",
    ):
        assert words in str(told.value)
    assert round_of(MATRIX, quarter) is None


def test_a_round_does_not_open_with_a_last_day_that_is_over(quarter):
    line = opened(quarter)
    closed = close_round(VALIDATOR, MATRIX, quarter, DAY, line.version, AT)
    later = AT + dt.timedelta(days=1)
    with pytest.raises(RuleBroken, match="is over; choose one from"):
        open_round(VALIDATOR, MATRIX, quarter, PEOPLE, DAY, DAY, closed.version, later)
    assert not round_of(MATRIX, quarter).is_open
    assert open_round(VALIDATOR, MATRIX, quarter, PEOPLE, DAY, later.date(), closed.version, later).is_open


def test_the_same_round_opened_three_times_is_one_round_and_one_act(quarter):
    before = len(acts("rounds/"))
    lines = [opened(quarter) for _ in range(3)]
    assert len({line.version for line in lines}) == 1
    assert len(acts("rounds/")) == before + 1
    with pytest.raises(StaleRecord):
        opened(quarter, (*PEOPLE, Respondent("Dan", "other")))
    changed = opened(quarter, (*PEOPLE, Respondent("Dan", "other")), version=1)
    assert len(changed.respondents) == 4
    assert newest_respondents("post_sale_nurture") == ()


def test_a_closed_round_takes_no_answers_until_it_is_opened_again(quarter):
    line = opened(quarter)
    closed = close_round(VALIDATOR, MATRIX, quarter, DAY, line.version, AT)
    assert (closed.is_open, closed.closed_by, closed.closed_on) == (False, "Vera", DAY)
    assert close_round(VALIDATOR, MATRIX, quarter, DAY, line.version, AT) == closed
    for act in (
        lambda: rate(ASSESSOR, quarter, FIRST, "Ana", "owner", answers(2), None, AT),
        lambda: save_draft(ASSESSOR, quarter, FIRST, "Ana", "owner", answers(2), AT),
        lambda: agree(VALIDATOR, quarter, FIRST, 2, "seen", None, AT),
        lambda: set_not_applicable(VALIDATOR, quarter, FIRST, True, "none", None, AT),
    ):
        with pytest.raises(
            RuleBroken, match="the round was closed on 20\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2027 by Vera"
        ):
            act()
    again = opened(quarter, version=closed.version)
    assert again.is_open and again.closed_on is None
    rate(ASSESSOR, quarter, FIRST, "Ana", "owner", answers(2), None, AT)


def test_the_turnout_counts_each_respondent_and_names_who_rated_unasked(quarter):
    line = opened(quarter)
    rate(ADMIN, quarter, FIRST, "ana", "owner", answers(2), None, AT)
    rate(ADMIN, quarter, SECOND, "Ana", "owner", answers(2, SECOND), None, AT)
    rate(ADMIN, quarter, FIRST, "Zoe", "other", answers(2), None, AT)
    found = {item.name: (item.rated, item.of) for item in turnout(line, MATRIX, quarter)}
    assert found == {"Ana": (2, 6), "Ben": (0, 6), "Cleo": (0, 6), "Zoe": (1, 6)}


def test_a_draft_is_nobody_elses_and_handing_in_ends_it(quarter):
    one, two = maturity_model()[1][FIRST].criteria_of(2)[:2]
    save_draft(ASSESSOR, quarter, FIRST, "Ana", "", {one.id: "most"}, AT)
    save_draft(ASSESSOR, quarter, FIRST, " ana ", "owner", {two.id: "half"}, AT)
    assert drafts_of(quarter, "Ana") == {FIRST: Draft("owner", {one.id: "most", two.id: "half"})}
    assert drafts_of(quarter, "Ben") == drafts_of(quarter, "") == {}
    assert row(quarter).rater_count == 0
    rate(ASSESSOR, quarter, FIRST, "Ana", "owner", {one.id: "most"}, None, AT)
    assert drafts_of(quarter, "Ana") == {}


def test_two_windows_of_one_rater_keep_each_others_clicks_and_take_back_their_own(quarter):
    one, two = maturity_model()[1][FIRST].criteria_of(2)[:2]
    before = len(acts("rating_drafts/"))
    save_draft(ASSESSOR, quarter, FIRST, "Ana", "user", {one.id: "most"}, AT)
    save_draft(ASSESSOR, quarter, FIRST, "Ana", "user", {two.id: "some"}, AT)
    found = save_draft(ASSESSOR, quarter, FIRST, "Ana", "user", {one.id: None}, AT)
    assert found.answers == {two.id: "some"}
    assert len(acts("rating_drafts/")) == before + 1, "a click is no act of its own"
    drop_draft(ASSESSOR, quarter, FIRST, "Ana", AT)
    drop_draft(ASSESSOR, quarter, FIRST, "Ana", AT)
    assert drafts_of(quarter, "Ana") == {}


def test_a_draft_builds_on_what_was_handed_in(quarter):
    one, two = maturity_model()[1][FIRST].criteria_of(2)[:2]
    found = save_draft(ASSESSOR, quarter, FIRST, "Ana", "user", {two.id: "most"}, AT, {one.id: "half"})
    assert found.answers == {one.id: "half", two.id: "most"}


@pytest.mark.parametrize(
    ("rater", "role", "given", "error"),
    [
        ("", "user", {"milestone_list": "most"}, RuleBroken),
        ("Ana", "boss", {"milestone_list": "most"}, RuleBroken),
        ("Ana", "user", {"milestone_list": "always"}, RuleBroken),
        ("Ana", "user", {"no_such": "most"}, RuleBroken),
        ("Ben", "user", {"milestone_list": "most"}, NotAllowed),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(quarter, rater, role, given, error):
    with pytest.raises(error):
        save_draft(ASSESSOR, quarter, FIRST, rater, role, given, AT)
    assert drafts_of(quarter, rater) == {}


def test_a_level_is_validated_by_somebody_who_neither_rated_nor_agreed(quarter):
    rate(ADMIN, quarter, FIRST, "Ana", "owner", answers(3), None, AT)
    with pytest.raises(RuleBroken, match="no level is agreed"):
        validate_level(VALIDATOR, quarter, FIRST, True, "seen", None, DAY, AT)
    agree(VALIDATOR, quarter, FIRST, 3, "the list", None, AT)
    assert row(quarter).validation_words == "waits for a second person"
    for name, words in (("Vera", "Vera agreed on it"), ("ANA", "ANA rated it")):
        with pytest.raises(RuleBroken, match=words):
            validate_level(ADMIN, quarter, FIRST, True, "seen", None, DAY, AT, name)
    with pytest.raises(RuleBroken, match="what you looked at is missing"):
        validate_level(ADMIN, quarter, FIRST, True, " ", None, DAY, AT, "Otto")
    first = validate_level(ADMIN, quarter, FIRST, True, "the list", None, DAY, AT, "Otto")
    assert validate_level(ADMIN, quarter, FIRST, True, "the list", None, DAY, AT, "Otto") == first
    assert row(quarter).validation_words == "validated by Otto"


def test_an_agreement_that_changes_voids_the_word_on_it(quarter):
    agreed = agree(VALIDATOR, quarter, FIRST, 3, "the list", None, AT)
    word = validate_level(ADMIN, quarter, FIRST, True, "the list", None, DAY, AT, "Otto")
    agree(VALIDATOR, quarter, FIRST, 4, "more", agreed.version, AT)
    assert row(quarter).validation_words == "validated at level 3, agreed anew since"
    validate_level(ADMIN, quarter, FIRST, False, "no plan", word.version, DAY, AT, "Otto")
    assert row(quarter).validation_words == "sent back by Otto"


def test_a_low_level_stands_without_a_second_person(quarter):
    agree(VALIDATOR, quarter, FIRST, 2, "the list", None, AT)
    assert row(quarter).validation_words == "stands without a second person"


def test_what_does_not_apply_counts_as_one_with_target_one_and_is_no_weakness(quarter):
    agree(VALIDATOR, quarter, SECOND, 3, "seen", None, AT)
    with pytest.raises(RuleBroken, match="the reason is missing"):
        set_not_applicable(VALIDATOR, quarter, FIRST, True, "", None, AT)
    line = set_not_applicable(VALIDATOR, quarter, FIRST, True, "no product events", None, AT)
    view = service.maturity(None, quarter)
    found = next(item for item in view.rows if item.capability.id == FIRST)
    assert (found.claimed, found.reported, found.assessment.target, found.status) == (1, 1, 1, "not_applicable")
    assert found.status_words == "Does not apply: no product events"
    assert view.answer == "Advocacy activation stands at level 3; four not rated yet"
    assert "1 of them does not apply and counts as 1" in view.summary
    set_not_applicable(VALIDATOR, quarter, FIRST, False, "there are now", line.version, AT)
    assert row(quarter).status == "not_rated"


@pytest.mark.parametrize(
    "act",
    [
        lambda q: opened(q, actor=VIEWER),
        lambda q: save_draft(VIEWER, q, FIRST, "Vic", "user", {}, AT),
        lambda q: validate_level(VIEWER, q, FIRST, True, "x", None, DAY, AT),
        lambda q: set_not_applicable(VIEWER, q, FIRST, True, "x", None, AT),
        lambda q: add_evidence(VIEWER, FIRST, ProofDraft("t", "", "n", DAY), f"no-{q}", AT),
        lambda q: plan_step(VIEWER, FIRST, StepDraft("s", "o", DAY, 2, "small"), f"no-{q}", DAY, AT),
        lambda q: answer_item(VIEWER, q, "crm_true", "most", "", None, AT),
        lambda q: validate_level(VALIDATOR, q, FIRST, True, "x", None, DAY, AT, "Otto"),
    ],
)
def test_without_the_right_nothing_is_saved(quarter, act):
    with records_database().read() as session:
        before = len(session.exec(select(AuditEntry)).all())
    with pytest.raises(NotAllowed):
        act(quarter)
    with records_database().read() as session:
        assert len(session.exec(select(AuditEntry)).all()) == before


def proof(title, capability=FIRST, token=None, link="", note="wiki", dated=DAY, author="Ana"):
    return add_evidence(ADMIN, capability, ProofDraft(title, link, note, dated), token or f"proof-{title}", AT, author)


def test_evidence_is_recorded_once_accepted_by_another_and_retracted_with_a_reason():
    first = proof("One list")
    assert proof("One list") == first, "three fast clicks save once"
    with pytest.raises(RuleBroken, match="takes a second person"):
        review_evidence(ADMIN, first, True, "", 1, DAY, AT, "ana")
    review_evidence(ADMIN, first, True, "", 1, DAY, AT, "Otto")
    with pytest.raises(StaleRecord):
        review_evidence(ADMIN, first, False, "old", 1, DAY, AT, "Vera")
    with pytest.raises(RuleBroken, match="the reason is missing"):
        review_evidence(ADMIN, first, False, " ", 2, DAY, AT, "Ana")
    review_evidence(ADMIN, first, False, "superseded", 2, DAY, AT, "Ana")
    (line,) = (item for item in evidence_of([FIRST], DAY)[FIRST] if item.id == first)
    assert (line.state, line.reviewer, line.remark) == ("retracted", "Ana", "superseded")
    assert acts(f"evidence/{first}") == ["record evidence", "accept evidence", "retract evidence"]


def test_evidence_names_everything_it_lacks_and_takes_no_address_that_runs():
    with pytest.raises(RuleBroken) as told:
        add_evidence(ADMIN, FIRST, ProofDraft(" ", "", "", None), "empty", AT)
    for words in ("a title is missing", "a link, or a note", "its date is missing"):
        assert words in str(told.value)
    for link in ("javascript:alert(1)", "file:///etc/passwd", "wiki/page", "https://"):
        with pytest.raises(RuleBroken, match="begins with https"):
            proof("A page", link=link, token=f"bad-{link}")
    with pytest.raises(RuleBroken, match="lies ahead"):
        proof("Tomorrow", dated=DAY + dt.timedelta(days=1))


def test_capabilities_that_overlap_share_evidence_and_not_scores(quarter):
    proof("Advocacy handbook", capability="advocacy_engine")
    proof("Last year", capability="advocacy_engine", dated=DAY - dt.timedelta(days=400))
    (new, old) = evidence_of([SECOND, FIRST], DAY)[SECOND]
    assert (new.title, new.shared, new.capability, new.old) == ("Advocacy handbook", True, "Advocacy engine", False)
    assert old.old
    assert "Advocacy handbook" not in {line.title for line in evidence_of([FIRST], DAY)[FIRST]}
    agree(VALIDATOR, quarter, "advocacy_engine", 3, "seen", None, AT)
    assert row(quarter, SECOND).claimed is None


def step(name, capability=FIRST, due=DAY + dt.timedelta(days=60), projected=3, effort="small"):
    draft = StepDraft(name, "Ana Ruiz", due, projected, effort)
    return plan_step(ADMIN, capability, draft, f"step-{capability}-{name}", DAY, AT, "Ana")


def test_a_roadmap_holds_three_capabilities_of_a_matrix_at_a_time():
    matrix = "advocacy_referral_journeys"
    names = [name for name, item in maturity_model()[1].items() if item.matrix == matrix]
    ids = [step("First", name) for name in names[:3]]
    assert step("First", names[0]) == ids[0], "three fast clicks save once"
    step("A second one", names[0])
    with pytest.raises(RuleBroken, match="holds 3 capabilities at a time"):
        step("First", names[3])
    close_step(ADMIN, ids[1], True, 1, DAY, AT)
    close_step(ADMIN, ids[1], True, 1, DAY, AT)
    step("First", names[3])
    with pytest.raises(StaleRecord):
        close_step(ADMIN, ids[1], False, 1, DAY, AT)
    late = steps_of(names, DAY + dt.timedelta(days=61))
    assert [line.late for line in late] == [True, True, True, True, False]
    assert (late[-1].state, late[-1].closed_on) == ("done", DAY)


def test_a_step_names_everything_it_lacks():
    with pytest.raises(RuleBroken) as told:
        plan_step(ADMIN, FIRST, StepDraft("", " ", DAY, 6, "huge"), "lacking", DAY, AT)
    for words in ("the step is missing", "the owner", "from 1 to 5; found 6", "the effort", "due after"):
        assert words in str(told.value)


def test_gaps_are_ranked_and_claims_that_do_not_count_are_named(quarter):
    due = dt.date(quarter.year + 1, 3, 31)
    for name, level, aim in ((FIRST, 1, 3), (SECOND, 4, 4), (THIRD, 2, 3)):
        agree(VALIDATOR, quarter, name, level, "seen", None, AT)
        kept = row(quarter, name).target
        set_target(VALIDATOR, quarter, name, aim, due, "Ana", "needed", kept.version if kept else None, AT)
    view = service.maturity(None, quarter)
    found = gaps_of(view, None, Targets(), ())
    assert [(line.capability_id, line.levels, line.money) for line in found.lines] == [
        (FIRST, 2, "–"),
        (THIRD, 1, "–"),
        (SECOND, 1, "–"),
    ]
    assert found.claimed_only == ("Advocacy activation claims 4, counts as 3",)
    assert found.finding.replace("\N{NO-BREAK SPACE}", " ") == "Close first: Milestone mapping, 2 levels short"
    assert found.lines[0].effort == "medium, not planned"


def test_history_keeps_what_was_agreed_and_shows_the_way_to_the_target(quarter):
    name, later = "community_programmes", dt.date(quarter.year, 7, 1)
    agree(VALIDATOR, quarter, name, 4, "bold", None, AT)
    agree(VALIDATOR, later, name, 3, "soberly", None, AT)
    kept = row(later, name).target
    version = kept.version if kept else None
    set_target(VALIDATOR, later, name, 5, dt.date(later.year + 1, 3, 31), "Ana", "needed", version, AT)
    view = service.maturity(None, later)
    found = history_of(view)
    line = next(item for item in found.rows if item.label == "Community programmes")
    cells = dict(zip(found.quarters, line.cells, strict=True))
    assert (cells[quarter].claimed, cells[quarter].reported) == (4, 3), "without evidence a 4 counted as 3"
    assert (cells[later].claimed, cells[later].reported) == (3, 3)
    assert found.finding == f"No level has changed since Q2 {quarter.year}"
    assert line.progress.replace("\N{NO-BREAK SPACE}", " ") == "0.0 % of the way from 3 to 5"
    assert next(item for item in view.rows if item.capability.id == name).trend == f"as in Q2 {quarter.year}"
    drawn = radar_of(view)
    place = drawn.labels.index("Community programmes")
    assert (drawn.now[place], drawn.before[place], drawn.targets[place]) == (3, 3, 5)
    assert service.maturity(None, later).summary.startswith("Levels that count, 1 of 6 rated: minimum 3, mean 3")


def test_the_page_to_take_along_holds_every_part_and_runs_nothing(quarter):
    agree(VALIDATOR, quarter, FIRST, 3, "<script>alert(1)</script>", None, AT)
    kept = row(quarter).target
    words = (4, dt.date(quarter.year + 1, 3, 31), "<b>Ana</b>", "needed", kept.version if kept else None, AT)
    set_target(VALIDATOR, quarter, FIRST, *words)
    identifier = step("Write <i>it</i> down", FIRST)
    view, steps = service.maturity(None, quarter), steps_of([FIRST], DAY)
    page = one_page(view, gaps_of(view, None, Targets(), steps), history_of(view), steps).decode()
    assert "Write &lt;i&gt;it&lt;/i&gt; down" in page
    assert "<script" not in page and "<i>" not in page and "http" not in page
    for word in ("Milestone mapping", "Close first", "Roadmap", f"Q2 {quarter.year}", "minimum 3"):
        assert word in page
    close_step(ADMIN, identifier, False, 1, DAY, AT)


def test_the_checklist_is_answered_by_the_quarter_beside_the_agreed_level(quarter):
    agree(VALIDATOR, quarter, "risk_and_renewal", 2, "late", None, AT)
    version = answer_item(ASSESSOR, quarter, "support_differs", "most", "", None, AT)
    assert answer_item(ASSESSOR, quarter, "support_differs", "most", "", None, AT) == version
    with pytest.raises(StaleRecord):
        answer_item(VALIDATOR, quarter, "support_differs", "no", "", None, AT)
    view = checklist_view(quarter)
    line = next(item for item in view.lines if item.id == "support_differs")
    assert (line.answer, line.author, line.ahead) == ("most", "Ana", True)
    assert line.beside == "Risk and renewal: level 2 agreed"
    assert view.answer == "1 of 11 hold in most or all cases, 0 in less than half; 10 open"
    assert not any(item.answer for item in checklist_view(dt.date(2029, 1, 1)).lines)
    for item, answer in (("no_such", "most"), ("crm_true", "always")):
        with pytest.raises(RuleBroken):
            answer_item(ASSESSOR, quarter, item, answer, "", None, AT)


def test_every_line_of_the_checklist_names_a_capability_there_is():
    assert {item.capability for item in checklist().item} - {""} <= set(maturity_model()[1])
    assert len(checklist().item) == 11


def test_money_two_gaps_rest_on_is_said_to_be_shared_and_a_figure_on_target_has_none(quarter, monkeypatch):
    due = dt.date(quarter.year + 1, 3, 31)
    for name in (FIRST, SECOND, THIRD):
        agree(VALIDATOR, quarter, name, 2, "seen", None, AT)
        kept = row(quarter, name).target
        set_target(VALIDATOR, quarter, name, 3, due, "Ana", "needed", kept.version if kept else None, AT)
    stakes = {
        name: Stake("gross_revenue_retention", 0.9, wanted, True, money)
        for name, wanted, money in ((FIRST, 0.95, 500.0), (SECOND, 0.95, 500.0), (THIRD, 0.9, None))
    }
    monkeypatch.setattr(maturity_gaps, "stake_of", lambda capability, *_: stakes[capability.id])
    lines = {line.capability_id: line for line in gaps_of(service.maturity(None, quarter), None, Targets(), ()).lines}
    assert lines[FIRST].why_money.endswith("; shared with Advocacy activation")
    assert lines[SECOND].why_money.endswith("; shared with Milestone mapping")
    assert (lines[THIRD].money, lines[THIRD].rank) == ("–", 3)
    assert lines[THIRD].why_money.startswith("no money: its figure is on target")
