import datetime as dt
import json
from collections import ChainMap
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.kpis import REGISTRY
from core.kpis.result import State
from core.maturity.evidence import Outcome
from core.services import maturity as service
from core.services.access import Actor
from core.services.decision_measures import CouncilRecord, _meetings, decision_measure
from core.services.home import records_database
from core.services.maturity_evidence import (
    FIGURES,
    capability_evidence,
    maturity_model,
    measures_of,
    not_computed,
    rules_in_words,
)
from core.services.maturity_records import agree, rate, set_target
from core.services.maturity_words import flag_means
from core.services.targets import Targets
from core.settings import settings
from core.store.database import database
from core.store.tables import AuditEntry, Rating
from tests.companies import account, source, subscription

QUARTER = dt.date(2026, 10, 1)
AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
ADMIN = Actor("Local user", frozenset({"admin"}))
ASSESSOR = Actor("Ana", frozenset({"assessor"}))
VALIDATOR = Actor("Vera", frozenset({"validator"}))
FIRST, SECOND = "milestone_mapping", "advocacy_activation"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty installation of its own."""
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    yield tmp_path
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


def answers(capability, level, ahead="no"):
    """Everything in most cases up to a level, and one answer on the level after it."""
    item = maturity_model()[1][capability]
    full = {c.id: "most" for number in range(2, level + 1) for c in item.criteria_of(number)}
    return full | {c.id: ahead for c in item.criteria_of(level + 1)}


def save(rater, level, capability=FIRST, role="user", version=None, actor=ADMIN, day=QUARTER):
    return rate(actor, day, capability, rater, role, answers(capability, level), version, AT)


def row(capability=FIRST, looking="", month=None):
    view = service.maturity(month, QUARTER, looking)
    return next(item for item in view.rows if item.capability.id == capability)


def test_an_empty_home_shows_six_unrated_capabilities_and_where_to_start():
    view = service.maturity(None, dt.date(2026, 11, 20))
    assert view.answer == "No capability is rated yet: start with Milestone mapping"
    assert view.quarter == QUARTER
    assert [item.capability.code for item in view.rows] == ["A1", "A2", "A3", "A4", "A5", "A6"]
    assert {(item.claimed, item.reported, item.status, item.assessment) for item in view.rows} == {
        (None, None, "not_rated", None)
    }
    assert view.summary == ""


def test_the_claim_is_the_whole_level_of_the_raters_median():
    save("Ana", 2)
    save("Ben", 3)
    found = row()
    assert [line.level for line in found.raters] == [2, 3]
    assert found.claimed == 2
    assert found.basis == "median of 2, not agreed"


def test_an_agreed_level_takes_the_place_of_the_median():
    save("Ana", 2)
    agree(VALIDATOR, QUARTER, FIRST, 3, "one stream was forgotten", None, AT)
    found = row()
    assert (found.claimed, found.basis, found.agreed.author) == (3, "agreed by Vera with 1 of 3 raters", "Vera")


def test_two_raters_never_overwrite_one_another():
    save("Ana", 2)
    save("Ben", 4)
    save("Ana", 3, version=1)
    assert {line.rater: (line.level, line.version) for line in row().raters} == {"Ana": (3, 2), "Ben": (4, 1)}


def test_a_name_typed_with_other_capitals_is_the_same_rater():
    save("Ana Ruiz", 2)
    save(" ana  ruiz", 3, version=1)
    assert [(line.rater, line.level) for line in row().raters] == [("Ana Ruiz", 3)]


def test_a_round_with_one_rated_capability_calls_nothing_the_weakest():
    save("Ana", 2)
    assert service.maturity(None, QUARTER).answer == (
        "Milestone mapping is rated 2 by one person, not agreed; five not rated yet"
    )


def test_quarters_are_kept_apart():
    save("Ana", 4, day=dt.date(2026, 9, 30))
    save("Ana", 2, day=dt.date(2026, 12, 31))
    assert row().claimed == 2
    assert service.maturity(None, dt.date(2026, 7, 1)).rows[0].claimed == 4


@pytest.mark.parametrize("version", [pytest.param(1, id="older version"), pytest.param(None, id="as if it were new")])
def test_a_stale_rating_is_refused_with_both_sides(version):
    save("Ana", 2)
    save("Ana", 3, version=1)
    with pytest.raises(StaleRecord, match="Ana's rating of Milestone mapping") as refused:
        save("Ana", 1, version=version)
    assert refused.value.theirs.startswith("level 3")
    assert refused.value.yours.startswith("level 1")
    assert row().claimed == 3


def test_a_stale_agreement_and_a_stale_target_are_refused_with_both_sides():
    agree(VALIDATOR, QUARTER, FIRST, 2, "first", None, AT)
    with pytest.raises(StaleRecord) as refused:
        agree(ADMIN, QUARTER, FIRST, 3, "second", None, AT)
    assert "first" in refused.value.theirs and "second" in refused.value.yours
    due = service.due_months(QUARTER)[0]
    set_target(VALIDATOR, QUARTER, FIRST, 3, due, "Ana", "all tiers", None, AT)
    with pytest.raises(StaleRecord) as refused:
        set_target(VALIDATOR, QUARTER, FIRST, 5, due, "Ben", "ambition", 7, AT)
    assert "Ana" in refused.value.theirs and "Ben" in refused.value.yours
    assert (row().claimed, row().target.level) == (2, 3)


def test_the_same_save_twice_is_one_row_and_one_line_of_audit():
    due = service.due_months(QUARTER)[0]
    for _ in range(2):
        save("Ana", 2)
        agree(VALIDATOR, QUARTER, FIRST, 2, "fits", None, AT)
        set_target(VALIDATOR, QUARTER, FIRST, 3, due, "Ana", "all tiers", None, AT)
    with records_database().read() as session:
        acts = [(entry.actor, entry.act) for entry in session.exec(select(AuditEntry)).all()]
        assert len(session.exec(select(Rating)).all()) == 1
    assert acts == [("Local user", "rate"), ("Vera", "agree"), ("Vera", "set target")]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda who: save("Cleo", 2, actor=who), id="rate"),
        pytest.param(lambda who: agree(who, QUARTER, FIRST, 2, "fits", None, AT), id="agree"),
        pytest.param(
            lambda who: set_target(who, QUARTER, FIRST, 3, dt.date(2027, 3, 31), "Ana", "why", None, AT), id="target"
        ),
    ],
)
def test_a_viewer_may_change_nothing(act):
    with pytest.raises(NotAllowed, match="Cleo may not"):
        act(Actor("Cleo", frozenset({"viewer"})))
    assert (row().claimed, row().target) == (None, None)


def test_an_assessor_rates_in_their_own_name_only_and_does_not_agree():
    assert save("Ana", 2, actor=ASSESSOR).level == 2
    with pytest.raises(NotAllowed, match="in the name of Ben"):
        save("Ben", 5, actor=ASSESSOR)
    with pytest.raises(NotAllowed, match="validator"):
        agree(ASSESSOR, QUARTER, FIRST, 5, "mine", None, AT)


def test_a_rating_without_name_role_or_answers_names_all_three():
    with pytest.raises(RuleBroken) as refused:
        rate(ADMIN, QUARTER, FIRST, "  ", "boss", {}, None, AT)
    assert all(words in str(refused.value) for words in ("your name", "your role", "at least one criterion"))


def test_an_unknown_capability_or_criterion_is_refused():
    with pytest.raises(RuleBroken, match="milestone_mapping"):
        rate(ADMIN, QUARTER, "telepathy", "Ana", "user", {"x": "most"}, None, AT)
    with pytest.raises(RuleBroken, match='"telepathy" is no criterion'):
        rate(ADMIN, QUARTER, FIRST, "Ana", "user", {"telepathy": "most"}, None, AT)


@pytest.mark.parametrize(
    ("level", "reason", "words"),
    [
        pytest.param(2, "  ", "reason is missing", id="no reason"),
        pytest.param(0, "fits", "1 to 5; found 0", id="below the scale"),
        pytest.param(6, "fits", "1 to 5; found 6", id="above the scale"),
    ],
)
def test_an_agreement_needs_a_reason_and_a_level_of_the_scale(level, reason, words):
    with pytest.raises(RuleBroken, match=words):
        agree(VALIDATOR, QUARTER, FIRST, level, reason, None, AT)
    assert row().agreed is None


def test_a_target_names_everything_it_lacks():
    with pytest.raises(RuleBroken) as refused:
        set_target(VALIDATOR, QUARTER, FIRST, 9, dt.date(2026, 12, 31), "", " ", None, AT)
    assert all(words in str(refused.value) for words in ("found 9", "when the quarter ends", "owner", "reason"))


def test_a_target_can_be_due_from_the_day_after_the_quarter():
    save("Ana", 2)
    set_target(VALIDATOR, QUARTER, FIRST, 4, dt.date(2027, 1, 1), "Ana", "all tiers", None, AT)
    assert (row().target.level, row().gap) == (4, 2)
    assert min(service.due_months(QUARTER)) == dt.date(2027, 3, 31)


def test_a_rater_sees_the_others_only_after_saving_their_own():
    save("Ana", 4)
    before = row(looking="Ben")
    assert (before.hidden, before.rater_count, before.raters, before.claimed) == (True, 1, (), None)
    assert "level 4" not in service.maturity(None, QUARTER, "Ben").answer
    save("Ben", 2)
    after = row(looking="ben")
    assert (after.hidden, len(after.raters), after.claimed) == (False, 2, 3)


def test_an_agreed_level_is_open_to_everybody():
    save("Ana", 4)
    agree(VALIDATOR, QUARTER, FIRST, 3, "fits", None, AT)
    assert (row(looking="Ben").hidden, row(looking="Ben").claimed) == (False, 3)


def test_raters_who_stand_apart_are_told_to_talk():
    save("Ana", 4, role="owner")
    save("Ben", 2)
    save("Cleo", 2)
    assert row().flags == ("2 levels apart: talk first", "its owner rates it higher than the others: talk first")
    assert "at least 1 level above the middle answer of the others" in flag_means()


def test_levels_four_and_five_are_reported_as_three_without_evidence():
    save("Ana", 5)
    found = row()
    assert (found.claimed, found.reported, found.testable, found.status) == (5, 3, False, "not_testable")
    assert found.assessment.reported == 3


def test_the_answer_names_the_weakest_and_how_many_reach_level_three():
    for capability, level in zip(list(maturity_model()[1])[:6], (2, 3, 1, 3, 2, 2), strict=True):
        save("Ana", level, capability)
    view = service.maturity(None, QUARTER)
    assert view.answer == "Weakest: Sales integration at level 1; two of six reach level 3"
    assert "minimum 1, mean 2.2, 4 below level 3" in view.summary


def test_one_rated_capability_is_not_called_a_mean_of_six():
    save("Ana", 2)
    assert "1 of 6 rated: minimum 2, mean 2, 1 below level 3" in service.maturity(None, QUARTER).summary


def test_the_next_level_lists_what_a_raters_answers_lack():
    given = answers(FIRST, 2) | {"milestone_list": "half"}
    rate(ADMIN, QUARTER, FIRST, "Ana", "user", given, None, AT)
    step = service.next_level(row(), given)
    assert (step.level, step.label, len(step.half)) == (3, "Defined", 3)
    assert step.most == ("A milestone list exists for at least one product tier.",)
    assert service.next_level(row(SECOND), {}).level == 2


def test_the_highest_level_has_no_next():
    save("Ana", 5)
    assert service.next_level(row(), answers(FIRST, 5)) is None


def test_rules_that_cannot_be_tested_name_the_tables_to_load():
    rule = row("executive_reporting").rules[1]
    assert rule.outcome is Outcome.UNTESTABLE
    assert {"spend", "subscriptions"} <= set(rule.unlocked_by)
    paid = next(line for line in rule.lines if line.metric == "cac_paid")
    assert paid.words == "cannot be tested: load subscriptions, spend"


def test_every_figure_the_rules_name_is_computed():
    for capability in maturity_model()[1].values():
        rules = rules_in_words(capability, capability_evidence(capability, None, Targets()), None)
        assert not_computed(rules, capability) == ()
    line = next(
        line
        for rule in row("attribution_finance_tie_out").rules
        for line in rule.lines
        if line.metric == "restatement_rate"
    )
    assert line.words == "cannot be tested: load subscriptions"


def test_meetings_count_where_a_decision_was_taken_and_every_figure_is_of_one_state(month):
    days = [dt.date(2026, number, 14) for number in (7, 8, 9)]
    record = CouncilRecord((), (), tuple(zip(days, (True, False, True), strict=True)))
    found = decision_measure(record, month, "cov_meetings_on_frozen_pack", 1)
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert decision_measure(CouncilRecord((), ()), month, "cov_meetings_on_frozen_pack", 1).value is None


def test_a_meeting_of_two_states_or_without_a_decision_is_not_on_kept_figures():
    noon = dt.datetime(2026, 7, 14, 12, tzinfo=dt.UTC)

    def decided(day, key):
        return SimpleNamespace(decided_at=noon + dt.timedelta(days=day), seen={"month_key": key})

    def looked(day, key):
        return SimpleNamespace(reviewed_at=noon + dt.timedelta(days=day), actual={"month_key": key})

    decisions = [decided(0, "a"), decided(0, "a"), decided(1, "a"), decided(1, "b"), decided(3, None)]
    kept = dict(_meetings(decisions, [looked(0, "a"), looked(2, "a")]))
    assert list(kept.values()) == [True, False, False, False]


def test_an_evidence_measure_asks_for_its_tables():
    line = row().rules[0].lines[0]
    assert line.text.startswith("Sends started by an event at least 10")
    assert line.words == "cannot be tested: load interactions"
    assert "Sends started by an event" not in row().not_computed


def test_every_figure_of_a_rule_has_a_name_and_known_tables():
    lines = [line for item in service.maturity(None, QUARTER).rows for rule in item.rules for line in rule.lines]
    assert lines and all("_" not in line.text for line in lines)
    assert all(figure.needs for figure in FIGURES.values())


@pytest.fixture
def month(tmp_path):
    """A company of 400 customers of which a quarter left, with nothing but subscriptions loaded."""
    from core.month import build_month

    names = [f"c{number:03d}" for number in range(400)]
    rows = [
        subscription(name, "2023-01-01", "2026-05-01" if place < 100 else None, 100) for place, name in enumerate(names)
    ]
    rows.append(subscription("new", "2026-11-01", None, 100))
    company = source(tmp_path, {"accounts": [account(name) for name in [*names, "new"]], "subscriptions": rows})
    return build_month(dt.date(2026, 10, 31), company)


def test_a_measured_figure_below_its_threshold_fails_with_the_figure(month):
    lines = {
        (rule.level, line.metric): line
        for rule in row("attribution_finance_tie_out", month=month).rules
        for line in rule.lines
    }
    failed = lines[4, "net_revenue_retention"]
    assert (failed.outcome, failed.threshold) == (Outcome.FAILS, 1.0)
    assert failed.compared == pytest.approx(0.75)
    said = failed.words.replace("\N{NO-BREAK SPACE}", " ")
    assert said == "fails: 75.0 % where at least 100 % is needed, in each of 3 months"
    assert failed.unlocked_by == ()
    assert lines[3, "net_revenue_retention"].outcome is Outcome.HOLDS


def test_a_loaded_table_is_not_asked_for_again(month):
    rule = row("executive_reporting", month=month).rules[1]
    assert "subscriptions" not in rule.unlocked_by and "spend" in rule.unlocked_by


def test_a_claim_far_above_the_measured_level_is_unsupported(month):
    save("Ana", 4, "attribution_finance_tie_out")
    found = row("attribution_finance_tie_out", month=month)
    assert (found.status, found.testable, found.measured, found.reported) == ("unsupported", True, 1, 3)
    assert service.maturity(month, QUARTER).finding == "1 of 1 claims stands two levels or more above what is measured"


def test_the_json_has_one_object_a_capability_and_survives_a_round_trip():
    save("Ana", 4)
    set_target(VALIDATOR, QUARTER, FIRST, 5, dt.date(2027, 3, 31), "Ana", "why", None, AT)
    found = json.loads(json.dumps(service.maturity_json(service.maturity(None, QUARTER))))
    assert [set(item) for item in found] == [{"id", "claimed", "measured", "reported", "target", "status", "rules"}] * 6
    first, second = found[0], found[1]
    assert {key: first[key] for key in ("id", "claimed", "measured", "reported", "target", "status")} == {
        "id": FIRST,
        "claimed": 4,
        "measured": None,
        "reported": 3,
        "target": 5,
        "status": "not_testable",
    }
    assert (second["claimed"], second["reported"], second["target"]) == (None, None, None)
    assert [rule["level"] for rule in first["rules"]] == [2, 3, 4, 5]
    assert first["rules"][0]["unlocked_by"] == ["interactions"]
    assert first["rules"][0]["conditions"][0]["outcome"] == "untestable"


def test_measured_is_a_number_in_the_json_once_a_rule_can_be_tested(month):
    found = {item["id"]: item for item in service.maturity_json(service.maturity(month, QUARTER))}
    assert found["attribution_finance_tie_out"]["measured"] == 1
    assert found[FIRST]["measured"] is None


@pytest.mark.parametrize(
    ("paid", "months", "state", "ratio", "outcome"),
    [
        pytest.param(2000.0, 13, State.OK, 0.5, Outcome.HOLDS, id="cheaper"),
        pytest.param(800.0, 13, State.OK, 1.25, Outcome.FAILS, id="dearer"),
        pytest.param(2000.0, 2, State.OK, 0.5, Outcome.UNTESTABLE, id="two months of paid"),
        pytest.param(2000.0, 13, State.IMPLAUSIBLE, 0.5, Outcome.UNTESTABLE, id="one is implausible"),
        pytest.param(None, 13, State.TOO_FEW, None, Outcome.UNTESTABLE, id="one is not shown"),
    ],
)
def test_referral_cac_is_held_against_paid_cac_where_both_are_shown(month, paid, months, state, ratio, outcome):
    blank = month.kpis["cac_paid"]
    kpis = {
        "cac_referral": replace(blank, label="CAC, referral", value=1000.0, n=40, state=State.OK, reason=None),
        "cac_paid": replace(blank, value=paid, n=35, state=state, reason=None if state is State.OK else "look"),
    }
    history = {"cac_referral": (1000.0,) * 13, "cac_paid": (None,) * (13 - months) + (paid,) * months}
    given = SimpleNamespace(
        kpis=ChainMap(kpis, month.kpis),
        shown=lambda name, back: history[name][-1 - back] if name in history else month.shown(name, back),
        loaded=month.loaded | {"spend"},
        currency="EUR",
        month=month.month,
        kpi_input=month.kpi_input,
    )
    lines = {
        (rule.level, line.metric): line for rule in row("executive_reporting", month=given).rules for line in rule.lines
    }
    line = lines[4, "cac_referral_to_paid_ratio"]
    assert (line.outcome, line.compared) == (outcome, ratio)
    assert measures_of(given, ["cac_referral_to_paid_ratio"], Targets())["cac_referral_to_paid_ratio"].n == 35
    assert "not computed" not in line.words


def test_a_ratio_of_kpis_that_are_not_loaded_asks_for_their_tables(month):
    rule = next(item for item in row("executive_reporting", month=month).rules if item.level == 4)
    line = next(item for item in rule.lines if item.metric == "cac_referral_to_paid_ratio")
    assert line.words == "cannot be tested: load spend"


def test_a_rule_reads_the_kpi_of_its_name(month):
    found = measures_of(
        month, ["win_rate_lift_pp", "net_revenue_retention", "win_rate_referred", "no_such_figure"], Targets()
    )
    assert set(found) == {"win_rate_lift_pp", "net_revenue_retention", "win_rate_referred"}
    rules = row("sales_integration", month=month).rules
    line = next(item for rule in rules for item in rule.lines if item.metric == "win_rate_lift_pp")
    assert line.text.startswith(REGISTRY["win_rate_lift_pp"].label)
    assert line.words == "cannot be tested: load opportunities"


def test_a_claim_of_five_without_measurement_says_what_would_make_it_count_as_four():
    save("Ana", 5)
    proof = service.proof_needed(row())
    assert proof.level == 4
    assert [line.split(" at ")[0] for line in proof.lines] == [
        "Sends started by an event",
        "Time to first value",
        "Feature adoption",
    ]
    assert "at least 80" in proof.lines[0]
    assert service.maturity(None, QUARTER).finding == "1 claim above level 3 has no measured evidence"


def test_a_claim_that_counts_in_full_needs_no_proof():
    assert service.proof_needed(row()) is None
    save("Ana", 3)
    assert service.proof_needed(row()) is None
    assert service.maturity(None, QUARTER).finding == "No claim can be tested yet"


def test_the_finding_counts_unmeasured_claims_beside_those_that_exceed_their_measurement(month):
    save("Ana", 5)
    save("Ana", 4, SECOND)
    save("Ana", 4, "attribution_finance_tie_out")
    assert service.maturity(month, QUARTER).finding == (
        "2 claims above level 3 have no measured evidence; 1 exceeds its own"
    )


def test_an_agreement_of_a_full_round_names_its_author_alone():
    for rater in ("Ana", "Ben", "Cleo"):
        save(rater, 3)
    agree(ADMIN, QUARTER, FIRST, 3, "fits", None, AT, "  Ben ")
    assert row().basis == "agreed by Ben"


def test_a_validator_agrees_in_their_own_name_only():
    with pytest.raises(NotAllowed, match="in the name of Ben"):
        agree(VALIDATOR, QUARTER, FIRST, 3, "fits", None, AT, "Ben")
    assert row().agreed is None


def test_a_target_below_the_level_that_counts_is_refused():
    due = dt.date(2027, 3, 31)
    with pytest.raises(RuleBroken, match="not below the level that counts today, 3; found 2"):
        set_target(VALIDATOR, QUARTER, FIRST, 2, due, "Ana", "why", None, AT, 3)
    assert row().target is None
    assert set_target(VALIDATOR, QUARTER, FIRST, 3, due, "Ana", "hold it", None, AT, 3).level == 3


def test_equal_levels_are_not_called_the_weakest():
    for capability in list(maturity_model()[1])[:5]:
        save("Ana", 3, capability)
    assert service.maturity(None, QUARTER).answer == "Five of six capabilities are rated, all at level 3"
    save("Ana", 3, list(maturity_model()[1])[5])
    assert service.maturity(None, QUARTER).answer == "All six capabilities stand at level 3"


def test_one_self_rating_that_counts_for_less_says_both_levels():
    save("Ana", 5)
    assert service.maturity(None, QUARTER).answer == (
        "Milestone mapping is rated 5 by one person, not agreed, and counts as 3; five not rated yet"
    )
