"""The Path screen: its answer, the accounts behind every number, one account, the customers behind a step."""

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
    path_step_rows,
    stage_named,
)
from core.services.path_words import answer, median_words, next_steps, share_words, usual_words, why_stuck
from tests.companies import day
from tests.journey.paths import company, customer, reached

RULES = journey_rules()


def said(*args, **other):
    return answer(customer_path(company(*args, **({"since": "2024-01-01"} | other)), RULES), "EUR").replace("\xa0", " ")


def test_the_answer_names_the_stage_where_most_arr_waits_too_long():
    customers = [customer("a", mrr=1000), customer("b", mrr=10), customer("c", mrr=10)]
    events = [*reached("a", first_login="2025-02-01"), *reached("b", activated="2025-02-01"),
              *reached("c", activated="2025-02-01")]  # fmt: skip
    assert said(customers, events) == "Most ARR is held up at First login: 1 account, €12 k, awaits activation"


def test_the_answer_claims_nothing_where_nobody_is_late_or_nothing_is_known():
    assert said([]) == "No customer has revenue in this month"
    assert said([customer("a", "2026-06-29")]).startswith("Nobody waits longer than usual: the only customer")
    alone = said([customer("a"), customer("b")], loaded=frozenset({"accounts", "subscriptions"}))
    assert alone == "How far 2 customers came is not known: load milestones"


def test_a_step_of_few_customers_is_told_by_counts():
    path = customer_path(company([customer("a"), customer("b")], reached("a", first_login="2025-01-05")), RULES)
    few = customer_path(
        company([customer("a"), customer("b")], reached("a", first_login="2025-01-05"), since="2024-01-01"), RULES
    ).steps[0]
    assert share_words(few) == "1 of 2 go on in 30 days"
    assert median_words(few) == "1 of 2 got there"
    assert "the rule of the model: only 1 got there" in usual_words(few)
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
    assert why_stuck(late) == ["15\xa0days late"]
    assert why_stuck(silent)[0].endswith("silent for 120\xa0days")
    assert why_stuck(well) == [""]
    assert next_steps(well) == [(RULES.stages[0].next_step, RULES.stages[0].who)]
    assert next_steps(silent) == [(RULES.silence.next_step, RULES.silence.who)]


@pytest.fixture
def october(in_demo):
    return open_month(day("2026-10-01"))


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


def test_one_account_says_where_it_stands_what_to_do_and_whom_it_knows(october):
    listed = path_accounts(october, which=LATE)
    shown = account_path(october, listed.ids[0], pool(october))
    assert shown.name == listed.rows["Account"][0]
    assert [label for label, _, _ in shown.line] == [stage.label for stage in RULES.stages]
    assert [state for _, _, state in shown.line].count("here") == 1
    assert "late" in shown.why
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
