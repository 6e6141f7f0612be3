"""The Path screen: its answer, the accounts behind every number, one account, the customers behind a step."""

import copy
import dataclasses
import datetime as dt
import io

import pandas as pd
import pytest

from core.errors import CouncilError
from core.journey.path import customer_path
from core.model.journey import STAGES, journey_rules
from core.services.advocates import pool
from core.services.export import csv_text
from core.services.home import open_month
from core.services.path import path_json, path_view
from core.services.path_accounts import (
    HERE,
    LATE,
    REACHED,
    SILENT,
    account_path,
    accounts_frame,
    path_accounts,
    stage_named,
)
from core.services.path_step_rows import path_step_rows
from core.services.path_words import (
    answer,
    late_record,
    limit_words,
    median_words,
    next_steps,
    share_words,
    usual_words,
    why_stuck,
)
from tests.journey.paths import company, customer, reached

pytestmark = pytest.mark.sampled(2)

RULES = journey_rules()


def said(*args, **other):
    return answer(customer_path(company(*args, **({"since": "2024-01-01"} | other)), RULES), "EUR").replace("\xa0", " ")


def test_the_answer_names_the_stage_where_most_arr_waits_too_long():
    customers = [customer("a", mrr=1000), customer("b", mrr=10), customer("c", mrr=10)]
    events = [*reached("a", first_login="2025-02-01"), *reached("b", activated="2025-02-01"),
              *reached("c", activated="2025-02-01")]  # fmt: skip
    assert said(customers, events) == (
        "Most ARR is held up at First login: 1 account, €12 k, waits longer than our 30-day target for activation"
    )


def test_the_answer_claims_nothing_where_nobody_is_late_or_nothing_is_known():
    assert said([]) == "No customer has revenue in this month"
    assert said([customer("a", "2026-06-29")]).startswith("Nobody is late on the path: the only customer")
    alone = said([customer("a"), customer("b")], loaded=frozenset({"accounts", "subscriptions"}))
    assert alone == "How far 2 customers came is not known: load milestones"


def test_a_step_of_few_customers_is_told_by_counts():
    path = customer_path(company([customer("a"), customer("b")], reached("a", first_login="2025-01-05")), RULES)
    few = customer_path(
        company([customer("a"), customer("b")], reached("a", first_login="2025-01-05"), since="2024-01-01"), RULES
    ).steps[0]
    assert share_words(few) == "1 of 2 go on in 30 days"
    assert median_words(few) == "1 of 2 got there"
    assert usual_words(few) == "Late after 14 days, our target, not what is usual: only 1 got there"
    assert limit_words(few) == "late after 14 days, our target"
    assert share_words(path.steps[0]) == "nobody reached it 30 days ago"


def test_why_and_next_step_follow_from_the_state():
    late, silent, well = (
        customer_path(company([customer("a", start)], since=SINCE, touches=[("a", give, None)]), RULES).accounts
        for start, SINCE, give in (
            ("2026-06-01", "2026-06-25", "2026-06-26"),
            ("2026-03-01", "2026-01-01", "2026-03-02"),
            ("2026-06-29", "2026-06-01", "2026-06-29"),
        )
    )
    assert why_stuck(late) == ["15\xa0days longer than our 14-day target"]
    assert why_stuck(silent)[0].endswith("silent for 120\xa0days")
    assert why_stuck(well) == [""]
    assert next_steps(well) == [(RULES.stages[0].next_step, RULES.stages[0].who)]
    assert next_steps(silent) == [(RULES.silence.next_step, RULES.silence.who)]


@pytest.mark.parametrize(
    ("stage", "states", "stopped"),
    [
        pytest.param("advocate", {"blocked", "rest"}, True, id="an act, nobody may be asked"),
        pytest.param("advocate", {"blocked", "ask"}, False, id="an act, one may be asked"),
        pytest.param("advocate", None, False, id="an act, contacts not known"),
        pytest.param("verified_outcome", {"blocked"}, True, id="a survey, all to be left in peace"),
        pytest.param("verified_outcome", {"blocked", "cultivate"}, False, id="a survey, one may be written to"),
        pytest.param("first_value", {"blocked"}, False, id="nothing is asked"),
    ],
)
def test_no_next_step_asks_where_no_contact_may_be_asked(stage, states, stopped):
    accounts = customer_path(
        company([customer("a")], reached("a", **{stage: "2026-06-01"}), touches=[("a", "2026-06-20", None)]), RULES
    ).accounts
    ((step, who),) = next_steps(accounts, {"a": states} if states else {})
    rule = RULES.stages[STAGES.index(stage)]
    assert (step, who) == (RULES.nobody_to_ask.next_step if stopped else rule.next_step, rule.who)


def test_where_the_customers_themselves_take_longer_than_our_target_nobody_is_called_late(october):
    line = next(line for line in path_view(october).stages if line.id == "advocate")
    step = next(step for step in path_json(october)[0]["steps"] if step["start"] == "advocate")
    assert (step["usual_days"], step["limit_from"], line.late) == (None, None, 0)
    assert line.usual == "Nobody is called late: fewer than half of the customers get there within our 365-day target"
    longest = path_accounts(october, stage="advocate").rows.sort_values("Days here").index[-1]
    shown = account_path(october, path_accounts(october, stage="advocate").ids[longest], pool(october))
    assert shown.stands.endswith("fewer than half go on within our 365-day target")
    assert "longer than" not in shown.why


def test_the_next_step_of_an_account_never_contradicts_what_its_contacts_show(october):
    people = pool(october)
    family = october.facts.accounts.set_index("account_id")["unit_id"]
    may_be_asked = set(people.loc[people["state"] == "ask", "account_id"].map(family))
    listed = path_accounts(october, stage="advocate")
    told = listed.rows["Next step"].eq(RULES.stages[STAGES.index("advocate")].next_step)
    assert {account for account, asks in zip(listed.ids, told, strict=True) if asks} <= may_be_asked
    stopped = [account for account in listed.ids if account not in may_be_asked]
    assert account_path(october, stopped[0], people).step in (RULES.nobody_to_ask.next_step, RULES.silence.next_step)


@pytest.mark.parametrize("segment", ["SMB", "Enterprise"])
def test_a_segment_says_the_limit_its_accounts_are_late_by(october, segment):
    whole, part = path_view(october).stages, path_view(october, segment).stages
    assert [(line.usual, line.limit) for line in part] == [(line.usual, line.limit) for line in whole]


@pytest.fixture
def october(in_demo, demo_months):
    return demo_months(dt.date(2026, 10, 1))


@pytest.mark.parametrize("segment", [None, "SMB"])
def test_every_number_of_the_chart_leads_to_accounts_that_sum_to_it(october, segment):
    for line in path_view(october, segment).stages:
        for which, count in ((HERE, line.here), (LATE, line.late), (REACHED, line.reached), (SILENT, line.silent)):
            found = path_accounts(october, segment, line.id, which)
            assert len(found.ids) == len(found.rows) == count
        here = path_accounts(october, segment, line.id)
        assert here.rows["ARR"].sum() == pytest.approx(line.here_arr)
        late = path_accounts(october, segment, line.id, LATE)
        assert late.rows["ARR"].sum() == pytest.approx(line.late_arr)
        assert late.rows["Late by"].notna().all()


def test_the_list_is_searched_by_name_and_owner_and_starts_with_the_late(october):
    every = path_accounts(october)
    assert every.rows["Late by"].notna().is_monotonic_decreasing
    first = every.rows["Account"][0]
    assert list(path_accounts(october, search=first.upper()).rows["Account"]) == [first]
    owner = every.rows["Owner"][0]
    assert set(path_accounts(october, search=owner).rows["Owner"]) == {owner}
    assert path_accounts(october, search="*").ids == ()
    with pytest.raises(CouncilError, match="expected one of Here, Late, Silent, Reached"):
        path_accounts(october, which="Lost")


def test_the_column_of_silence_is_shown_only_where_a_row_has_it(october):
    silent, everybody = (path_accounts(october, which=which) for which in ("Silent", "Here"))
    assert silent.shown["Silent for"].notna().all()
    name = everybody.rows.loc[everybody.rows["Silent for"].isna(), "Account"].iloc[0]
    heard = path_accounts(october, search=name)
    assert "Silent for" not in heard.shown and "Silent for" in heard.rows
    assert list(heard.shown)[-1] == "Owner"


def test_one_account_says_where_it_stands_what_to_do_and_whom_it_knows(october):
    listed = path_accounts(october, which=LATE)
    shown = account_path(october, listed.ids[0], pool(october))
    assert shown.name == listed.rows["Account"][0]
    assert [label for label, _, _ in shown.line] == [stage.label for stage in RULES.stages]
    assert [state for _, _, state in shown.line].count("here") == 1
    assert "longer than our 365-day target" in shown.why
    assert "usual" not in shown.stands + shown.why
    waiting = path_accounts(october, stage="verified_outcome")
    in_time = waiting.ids[list(waiting.rows["Late by"].isna()).index(True)]
    assert account_path(october, in_time, pool(october)).stands.endswith(", our target is 365")
    assert shown.step == listed.rows["Next step"][0]
    family = october.facts.accounts.query("unit_id == @shown.account_id")["account_id"]
    assert len(shown.people) == october.facts.contacts["account_id"].isin(family).sum()
    with pytest.raises(CouncilError, match="is not active on 31"):
        account_path(october, "nobody", pool(october))


@pytest.mark.parametrize("segment", [None, "Enterprise"])
def test_the_customers_behind_a_step_sum_to_its_figures(october, segment):
    steps = {step["start"]: step for step in path_json(october, by_segment=segment is not None)[0]["steps"]}
    assert len(steps) == len(STAGES) - 1
    for stage, step in steps.items():
        rows = path_step_rows(october, stage, segment)
        assert rows.frame["Old enough"].sum() == step["old_enough"]
        assert rows.frame["Went on in time"].sum() == step["went_on"]
        assert rows.frame["Got there"].sum() == step["arrived"]
        assert f"{step['went_on']:,} of {step['old_enough']:,} old enough" in rows.tie
    assert path_step_rows(october, "referrer") is None


def test_segments_sum_to_the_company(october):
    view = path_view(october)
    assert sum(line.customers for line in view.segments) == view.customers
    assert sum(line.late for line in view.segments) == sum(line.late for line in view.stages)
    assert [line.late_arr for line in view.segments] == sorted((line.late_arr for line in view.segments), reverse=True)
    assert path_view(october, "SMB").segments == ()


def test_figures_that_may_not_be_shown_are_null_for_scripts(in_ravenstack):
    (result,) = path_json(open_month())
    assert result["customers"] > 0
    assert result["silent"] is None
    assert result["steps"] == []
    unknown = [stage for stage in result["stages"] if stage["unknown"]]
    assert len(unknown) == len(STAGES) - 1
    assert all(stage["reached"] is None and stage["here"] is None for stage in unknown)


def test_a_file_holds_every_account_and_runs_no_formula(october):
    frame = accounts_frame(october)
    assert len(frame) == len(october.path.accounts)
    text = csv_text(frame.assign(account_name="=1+1"))
    assert set(pd.read_csv(io.StringIO(text))["account_name"]) == {"'=1+1"}


def test_stages_are_found_by_the_name_the_address_carries():
    assert stage_named("First value") == "first_value"
    assert stage_named("All stages") is None


@pytest.mark.parametrize(
    ("days", "stage", "words"),
    [
        pytest.param(
            ("2026-01-01", "2026-08-10", "2026-02-01"), "activated", "by first value at the latest", id="late"
        ),
        pytest.param(("2026-01-01", "2026-01-10", "2026-02-01"), "activated", "", id="in order"),
        pytest.param(
            ("2026-03-01", "2026-02-10", "2026-02-01"), "first_login", "by first value at the latest", id="first"
        ),
        pytest.param(("2026-03-01", "2026-02-10", None), "first_login", "by activated at the latest", id="next"),
        pytest.param(("2026-01-01", None, "2026-02-01"), "activated", "", id="not on record"),
        pytest.param(("2026-01-01", "2026-08-10", "2026-02-01"), "first_value", "", id="the last has none behind it"),
        pytest.param(("2026-01-01", "2026-08-10", "2026-02-01"), "promoter", "", id="not of the onboarding"),
    ],
)
def test_a_milestone_written_down_after_a_later_one_has_no_day_of_its_own(days, stage, words):
    row = pd.Series([pd.NaT if at is None else pd.Timestamp(at) for at in (*days, "2020-01-01")],
                    index=["first_login_on", "activated_on", "first_value_on", "promoter_on"])  # fmt: skip
    assert late_record(row, stage) == words


def test_an_account_whose_activation_was_written_down_late_shows_no_day_of_it(october):
    accounts = october.path.accounts
    one = accounts.dropna(subset=["activated_on", "first_value_on"]).iloc[0]
    late = one["first_value_on"] + pd.Timedelta(days=9)
    changed = accounts.assign(
        activated_on=accounts["activated_on"].mask(accounts["account_id"] == one["account_id"], late)
    )
    month = copy.copy(october)
    month.__dict__["path"] = dataclasses.replace(october.path, accounts=changed)
    line = {label: day for label, day, _ in account_path(month, one["account_id"], pool(october)).line}
    assert line["Activated"] == "by first value at the latest"


def test_a_later_bar_that_is_longer_is_explained(october):
    view = path_view(october)
    bars = {line.id: line for line in view.stages}
    assert bars["advocate"].reached > bars["promoter"].reached
    assert "in any order" in view.subtitle
    assert f"{bars['promoter'].reached} now" in bars["promoter"].figures
    assert f"{bars['advocate'].reached} reached" in bars["advocate"].figures
