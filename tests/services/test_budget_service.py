import datetime as dt
import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from core.budget.allocation import allocate
from core.budget.effect import effect_of_allocation
from core.errors import CouncilError, NotAllowed, RuleBroken
from core.glossary import JOINER, SPACE
from core.model.demo_council import demo_council
from core.model.toml import model_hash
from core.month import build_month
from core.services.access import LOCAL_USER, Actor
from core.services.budget import effect_of, open_budget, optimise_json, optimum
from core.services.budget_curves import curve_words, curves_shown
from core.services.budget_view import Proposal, budget_view, problems_of
from core.services.budget_words import method, percent, question_of, stage_line
from core.services.home import current_state, open_month, records_database
from core.services.scenarios import ScenarioDraft, load_scenario, save_scenario, scenarios
from core.stats.months import shift_month
from core.store.tables import AuditEntry, Scenario, ScenarioLine
from tests.companies import account, day, source, subscription

pytestmark = pytest.mark.sampled(2)

AT = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)
FINANCE = Actor("Fia", frozenset({"finance"}))


def spend(line, month, euros, *, kind="acquisition", committed=0.0, currency="EUR", **other):
    return {
        "month": day(f"{month}-01"), "line": line, "kind": kind, "channel": None, "play": None,
        "journey_stage": "post_purchase" if kind == "post_sale" else "awareness",
        "planned_cents": 0, "committed_cents": round(committed * 100), "media_cents": round(euros * 100),
        "people_cents": 0, "platform_cents": 0, "rewards_cents": 0, "currency": currency, **other,
    }  # fmt: skip


MONTHS = [f"2025-{number:02d}" for number in range(11, 13)] + [f"2026-{number:02d}" for number in range(1, 11)]


def company(folder, rows, **tables):
    base = {"accounts": [account("a")], "subscriptions": [subscription("a", "2024-01-01", None, 100)]}
    return build_month(day("2026-10-31"), source(folder, base | ({"spend": rows} if rows else {}) | tables))


def yearly(line, euros, **other):
    """Twelve months of a line; the cents of the last make the year what was asked for."""
    cents = round(euros * 100)
    parts = [cents // 12] * 11 + [cents - cents // 12 * 11]
    return [spend(line, month, part / 100, **other) for month, part in zip(MONTHS, parts, strict=True)]


THREE = {"paid_search": 620_000.37, "partner_programme": 190_500.5, "reference_programme": 90_250.13}


@pytest.fixture
def month(tmp_path):
    rows = [row for line, euros in THREE.items() for row in yearly(line, euros, channel=line)]
    rows += [spend("paid_search", "2026-12", 0, committed=550_000)]
    return company(tmp_path, rows)


@pytest.fixture
def budget(month):
    return open_budget(month)


def said(*texts):
    return " | ".join(texts).replace(SPACE, " ")


def view_of(budget, plan, locked=frozenset()):
    return budget_view(budget, Proposal(plan, locked), optimum(budget, locked), "Edited, not saved")


def moved(budget, steps, giver="paid_search", taker="partner_programme"):
    step = budget.step_cents * steps
    return budget.current | {giver: budget.current[giver] - step, taker: budget.current[taker] + step}


def test_a_plan_typed_in_whole_thousands_keeps_the_total_to_the_cent(budget):
    assert budget.exact.total_cents == 90_075_100
    shown = {line: budget.steps(line, cents) for line, cents in budget.current.items()}
    assert shown == {"paid_search": 620, "partner_programme": 191, "reference_programme": 90}
    typed = shown | {"paid_search": 600, "partner_programme": 211}
    plan = {line: budget.cents(line, steps) for line, steps in typed.items()}
    assert sum(plan.values()) == budget.exact.total_cents
    assert plan["paid_search"] == budget.current["paid_search"] - 20 * 100_000
    assert {line: budget.steps(line, cents) for line, cents in plan.items()} == typed


@settings(max_examples=25, deadline=None)
@given(amounts=st.lists(st.integers(0, 40_000_000), min_size=2, max_size=6), cap=st.sampled_from([0.0, 0.1, 0.2, 1.0]))
def test_the_best_split_moves_whole_steps_within_bounds_and_total(tmp_path_factory, amounts, cap):
    rows = [row for number, cents in enumerate(amounts) for row in yearly(f"line_{number}", cents / 100)]
    if not sum(amounts):
        return
    budget = open_budget(company(tmp_path_factory.mktemp("company"), rows), cap)
    plan = optimum(budget).plan
    assert sum(plan.values()) == sum(amounts)
    for bound in budget.exact.bounds:
        assert bound.low_cents <= plan[bound.line] <= bound.high_cents
        assert (plan[bound.line] - budget.current[bound.line]) % budget.step_cents == 0


def test_a_small_company_moves_single_units(tmp_path):
    budget = open_budget(company(tmp_path, yearly("paid_search", 20_000) + yearly("events", 30_000)))
    assert budget.step_cents == 100
    assert view_of(budget, budget.current).unit == "€"


def test_the_rounded_split_loses_next_to_nothing_against_the_exact_one(budget):
    exact = allocate(budget.curves, budget.exact)
    rounded = effect_of(budget, optimum(budget).plan, optimum(budget))
    assert rounded.gain.expected_cents >= 0.97 * (exact.expected_then_cents - exact.expected_now_cents)


def test_signed_money_is_never_taken_and_is_said(budget):
    best = optimum(budget).plan
    assert best["paid_search"] >= 55_000_000
    plan = moved(budget, 80)
    (problem,) = [item for item in problems_of(budget, Proposal(plan)) if item.rule == "committed"]
    assert problem.message.startswith("Paid search: allowed 550,000 (committed) to 744,000 (cap) a year, today 620,000")
    assert "paid search €550 k" in said(*(text for _, text in view_of(budget, budget.current).points))


def test_signed_money_beyond_today_is_taken_from_the_line_with_most_room(tmp_path):
    rows = (
        yearly("events", 100_000) + yearly("paid_search", 900_000) + [spend("events", "2026-11", 0, committed=150_000)]
    )
    budget = open_budget(company(tmp_path, rows))
    assert budget.anchors == {"events": 15_000_000, "paid_search": 85_000_000}
    assert optimum(budget).plan == budget.anchors
    assert not problems_of(budget, Proposal(budget.anchors))


def test_a_locked_line_stays_at_today(budget):
    locked = frozenset({"partner_programme"})
    plan = optimum(budget, locked).plan
    assert plan["partner_programme"] == budget.current["partner_programme"]
    assert [item.rule for item in problems_of(budget, Proposal(moved(budget, 5), locked))] == ["lock"]


def test_every_line_that_breaks_a_rule_is_named_and_the_rest_is_counted(budget):
    plan = budget.current | {"partner_programme": 40_000_000, "reference_programme": None}
    view = view_of(budget, plan, frozenset({"paid_search"}))
    assert len(view.broken) == 2 and len(view.problems) == 3
    assert "Partner programme: allowed 153,000 (cap) to 229,000 (cap)" in view.broken[0]
    assert "Reference programme" in view.broken[1] and "found nothing" in view.broken[1]
    assert view.left_steps == 90 - 209
    assert not view.can_save and view.effect is None and view.facts == ()
    assert "€119 k too much" in said(view.answer)
    assert "€119 k more than the €901 k there is" in said(view.balance)


def test_money_still_to_place_is_said(budget):
    view = view_of(budget, budget.current | {"paid_search": budget.current["paid_search"] - 1_200_000})
    assert view.left_steps == 12
    assert "€12 k of €901 k still to place" in said(view.balance)
    assert view.broken == () and not view.can_save


def test_months_are_known_when_any_line_has_a_row_in_them(tmp_path):
    budget = open_budget(company(tmp_path, yearly("events", 1_200)[:6] + yearly("paid_search", 1_200)[6:]))
    assert set(budget.current.values()) == {60_000}


@pytest.mark.parametrize(
    ("steps", "words"),
    [(0, "€901 k in all, unchanged"), (7, "€901 k in all, €7 k over"), (-7, "€901 k in all, €7 k still to place")],
)
def test_the_note_says_whether_the_total_is_kept(budget, steps, words):
    plan = budget.current | {"paid_search": budget.current["paid_search"] + steps * budget.step_cents}
    assert f" · {words} · " in said(view_of(budget, plan).note)


def test_a_budget_whose_next_units_all_lose_money_says_so_first(budget):
    slopes = [float(row.earns.split(" → ")[0]) for row in view_of(budget, budget.current).rows]
    assert max(slopes) < 1
    ends = f"€{min(slopes):.2f} to €{max(slopes):.2f}"
    assert said(view_of(budget, moved(budget, 20)).note).startswith(
        f"No line is expected to earn its next €1 back within 12 months ({ends} by line). Edited, not saved · "
    )


def test_a_line_that_pays_back_keeps_the_note_silent_on_returns(budget):
    rich = replace(budget, curves=replace(budget.curves, ceiling=budget.curves.ceiling * 9))
    assert view_of(rich, rich.current).note.startswith("Edited, not saved · ")


def test_an_amount_below_nothing_is_named_as_that_even_when_the_total_holds(budget):
    plan = budget.current | {"paid_search": budget.cents("paid_search", -5)}
    plan["partner_programme"] += budget.current["paid_search"] - plan["paid_search"]
    view = view_of(budget, plan)
    assert view.left_steps == 0 and view.effect is None and not view.can_save
    assert view.rows[0].proposed == -5
    assert said(view.broken[0]) == "Paid search: spend cannot be negative, found −5,000. Enter 0 or more."
    assert "Partner programme: allowed" in view.broken[1]
    assert "one below 0" in view.answer


def test_the_method_keeps_average_cost_and_next_unit_apart():
    assert "is not the return of the next unit" in dict(method())["Average and next unit"]


def test_the_answer_claims_no_more_than_the_interval_supports(budget):
    effect = view_of(budget, moved(budget, 20)).effect
    assert effect.gain.outer_low_cents < 0 < effect.gain.outer_high_cents
    answer = said(view_of(budget, moved(budget, 20)).answer)
    start = "Opinion, not results: moving €20 k from paid search to partner programme is too close to call ("
    assert answer == f"{start}{round(effect.probability_better * 100)} % likely to beat today's split)"


def test_today_is_answered_with_the_best_line_and_how_likely_it_is_the_best(budget):
    view = view_of(budget, budget.current)
    assert said(view.answer).startswith("Opinion, not results: the next euro earns most in partner programme, €0.")
    assert said(view.answer).endswith("likely the best of 3 lines)")
    assert view.effect.label == "no change"


def test_an_optimised_plan_and_its_copy_by_hand_promise_the_same(budget):
    best = optimum(budget)
    bounds = budget.bounds()
    exact = effect_of_allocation(budget.curves, bounds, allocate(budget.curves, bounds))
    assert best.optimism_cents == pytest.approx(exact.optimism_cents, rel=0.5, abs=20_000)
    assert effect_of(budget, dict(best.plan), best).optimism_cents == best.optimism_cents
    assert effect_of(budget, budget.current, best).optimism_cents == 0
    against = {line: 2 * at - best.plan[line] for line, at in budget.current.items()}
    assert effect_of(budget, against, best).optimism_cents == 0


def test_the_points_say_who_gives_who_gets_what_binds_and_that_it_is_opinion(budget):
    best = optimum(budget)
    view = view_of(budget, best.plan)
    points = dict(view.points)
    assert points.keys() == {"What moves", "One more thousand", "Opinion", "Average and next €1", "Cannot move"}
    assert "Overview" in points["Average and next €1"]
    assert said(points["What moves"]).startswith("from paid search €")
    assert "stopped at the 20 % limit" in said(points["One more thousand"])
    assert "none is measured here yet" in points["Opinion"]
    capped = [row for row in view.rows if row.change.endswith("cap")]
    assert capped and all(said(row.change).startswith("+20 %") for row in capped)


def test_rows_show_range_change_and_both_returns(budget):
    row = view_of(budget, moved(budget, 20)).rows[0]
    assert (row.label, row.now, row.proposed, said(row.change)) == ("Paid search", 620, 600, "−3 %")
    assert row.allowed == "550–744"
    now, then = (float(part) for part in row.earns.split(" → "))
    assert 0 < now < then
    assert view_of(budget, moved(budget, 200)).rows[0].change.endswith("out")


def test_while_money_is_still_to_place_no_line_that_stays_is_shown_as_one_that_gets_or_gives(budget):
    """Beside the only line that moves stands the best earner, where it gives, or the worst, where it gets."""
    order = sorted(view_of(budget, budget.current).rows, key=lambda row: float(row.earns.split(" → ")[0]))
    worst, middle, best = (row.line for row in order)
    for change, pair in ((-20, (best, middle)), (20, (middle, worst))):
        plan = budget.current | {middle: budget.current[middle] + change * budget.step_cents}
        assert view_of(budget, plan).pair == pair


def test_the_curves_shown_start_with_who_gets_and_who_gives_most(budget):
    view = view_of(budget, moved(budget, 20))
    assert view.pair == ("partner_programme", "paid_search")
    title, _, (first, second) = curves_shown(budget, Proposal(moved(budget, 20)), view.pair)
    assert first[1:3] == (19_050_050, 21_050_050) and first[4] == "partner"
    assert second[4] == "paid"
    assert first[2] in first[0].spend_cents
    chance = re.search(r"\((\d+) % for", said(title))
    assert 50 <= int(chance[1]) < 90
    assert said(title) == (
        f"Next euro in partner programme or paid search: too close to call ({chance[1]} % for partner programme)"
    )
    assert curve_words(budget, ["paid_search"])[0] == "What more or less spend should bring"


@pytest.mark.parametrize(
    ("wins", "title"),
    [
        pytest.param(56, "Next euro in events or webinars: too close to call (56 % for events)", id="coin"),
        pytest.param(89, "Next euro in events or webinars: too close to call (89 % for events)", id="less"),
        pytest.param(90, "The next euro earns more in events than in webinars (90 % likely)", id="sure"),
        pytest.param(5, "The next euro earns more in webinars than in events (95 % likely)", id="other"),
    ],
)
def test_one_line_is_said_to_earn_more_only_where_that_is_distinguishable(wins, title):
    slopes = np.array([[1.0] * wins + [0.0] * (100 - wins), [0.5] * 100])
    lines = [SimpleNamespace(line=name, label=name.capitalize()) for name in ("events", "webinars")]
    curves = SimpleNamespace(current=None, slope_draws=lambda _: slopes)
    stub = SimpleNamespace(lines=lines, currency="EUR", curves=curves)
    assert said(curve_words(stub, ["events", "webinars"])[0]) == title


def test_the_journey_line_gives_the_share_after_the_purchase(tmp_path):
    rows = yearly("events", 300_000) + yearly("customer_community", 100_000, kind="post_sale")
    assert said(stage_line(open_budget(company(tmp_path, rows)))) == (
        "25 % of a year's spend is for customers we have; the rest wins new ones: awareness 75 %."
    )


@pytest.mark.parametrize(
    ("ratio", "signed", "expected"),
    [(0.587, False, "59 %"), (-0.2, True, "−20 %"), (0.002, True, "+<1 %"), (0.0, True, "0 %")],
)
def test_percentages_carry_no_stray_decimals(ratio, signed, expected):
    assert said(percent(ratio, signed=signed)) == expected


@pytest.mark.parametrize(("currency", "word"), [("EUR", "euro"), ("USD", "dollar"), ("BRL", "BRL")])
def test_the_question_speaks_the_currency(currency, word):
    assert question_of(currency) == f"Where does the next {word} earn most, and how sure are we?"


@pytest.mark.parametrize(
    ("rows", "tables", "words"),
    [
        pytest.param([], {}, "spend: not loaded. Import the table spend", id="not loaded"),
        pytest.param(yearly("events", 0), {}, "nothing was spent in the twelve months", id="nothing spent"),
        pytest.param([spend("old", "2024-01", 100)], {}, "known for 0 of the 12 from 2025-11 to 2026-10", id="too old"),
        pytest.param(
            [*yearly("events", 1_200)[4:], spend("late", "2026-12", 0, committed=9_000)],
            {},
            "^spend: a budget needs spend of twelve months; known for 8 of the 12 from 2025-11 to 2026-10$",
            id="part",
        ),
        pytest.param(
            yearly("events", 1_000, currency="USD"), {}, "no rate to EUR for USD. Import fx_rates", id="no rate"
        ),
    ],
)
def test_without_spend_the_budget_says_what_to_load(tmp_path, rows, tables, words):
    with pytest.raises(CouncilError, match=words):
        optimise_json(company(tmp_path, rows, **tables))


@pytest.mark.parametrize("cap", [-0.1, 20])
def test_a_cap_that_is_no_share_is_refused(month, cap):
    with pytest.raises(CouncilError, match="expected a share from 0 to 1"):
        optimise_json(month, cap)


def test_optimise_json_is_plain_and_keeps_total_and_caps(month):
    result = json.loads(json.dumps(optimise_json(month, 0.1), allow_nan=False))
    assert result.keys() == {"month", "currency", "total", "expected", "lines", "shadow_value", "reason"}
    assert result["total"] == 900_751.0
    assert sum(line["proposed"] for line in result["lines"]) == pytest.approx(900_751.0, abs=0.005)
    assert all(abs(line["proposed"] / line["current"] - 1) <= 0.1 + 1e-9 for line in result["lines"])
    expected = result["expected"]
    assert expected["low90"] < expected["low50"] < expected["gain"] < expected["high50"] < expected["high90"]
    assert expected["label"] == "not distinguishable from no change"
    assert result["reason"] == "the 90% interval of the gain holds 0; 3 of 3 lines rest on opinion"


def test_a_saved_scenario_keeps_lines_promise_and_origin_and_loads_back_equal(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    locked = frozenset({"events"})
    best = optimum(budget, locked)
    saved = save_scenario(FINANCE, month, ScenarioDraft(" Best ", budget.current, best.plan, locked), "t1", AT)
    with records_database().read() as session:
        row = session.get(Scenario, saved)
        lines = session.exec(select(ScenarioLine).where(ScenarioLine.scenario_id == saved)).all()
        entry = session.exec(select(AuditEntry).where(AuditEntry.record == f"scenarios/{saved}")).one()
    assert (row.name, row.author, row.status, row.month) == ("Best", "Fia", "draft", month.month)
    assert (row.manifest_hash, row.model_hash) == (current_state().manifest_hash, model_hash())
    assert {line.line: line.proposed_cents for line in lines} == best.plan
    assert sum(line.proposed_cents for line in lines) == row.total_cents
    promised = effect_of(budget, best.plan, best)
    assert row.effect["expected_cents"] == promised.gain.expected_cents
    assert row.effect["q05_cents"] < row.effect["q25_cents"] < row.effect["q75_cents"] < row.effect["q95_cents"]
    assert row.effect["halved_q95_cents"] < row.effect["q95_cents"]
    assert row.effect["probability_better"] == promised.probability_better
    assert (entry.actor, entry.act) == ("Fia", "save scenario")
    loaded = load_scenario(budget, saved)
    assert loaded.proposal == Proposal(best.plan, locked)
    assert loaded.origin == "Scenario “Best”, draft by Fia"


def swapped(budget):
    """Today's split but for one step between the first two lines."""
    first, second = list(budget.current)[:2]
    return moved(budget, 1, first, second)


def test_a_name_is_taken_once_a_month(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    save_scenario(FINANCE, month, ScenarioDraft("Plan A", budget.current, swapped(budget)), "t1", AT)
    again = ScenarioDraft(" plan a ", budget.current, optimum(budget).plan)
    with pytest.raises(RuleBroken, match=r"a scenario of .* is already called so"):
        save_scenario(FINANCE, month, again, "t2", AT)
    earlier = open_month(shift_month(month.month, -1))
    other = open_budget(earlier)
    save_scenario(FINANCE, earlier, ScenarioDraft("Plan A", other.current, swapped(other)), "t3", AT)
    assert [item.name for item in ours()] == ["Plan A", "Plan A"]


def test_a_plan_that_changes_nothing_is_refused(in_demo_copy):
    month = open_month()
    current = open_budget(month).current
    with pytest.raises(RuleBroken, match="The plan changes nothing"):
        save_scenario(FINANCE, month, ScenarioDraft("Stay", current, dict(current)), "t1", AT)
    assert saved_rows() == [0, 0, 0]


def test_the_list_shows_effect_and_status_newest_first(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    save_scenario(FINANCE, month, ScenarioDraft("Small", budget.current, swapped(budget)), "t1", AT)
    save_scenario(FINANCE, month, ScenarioDraft("Best", budget.current, optimum(budget).plan), "t2", AT)
    best, small = ours()
    assert (best.name, best.status, best.evidence, best.saved_on.replace(SPACE, " ")) == (
        "Best", "draft", "opinion", "4 Nov 2026",
    )  # fmt: skip
    assert best.gain.startswith(f"+{JOINER}€")
    assert best.chance.endswith("%" if best.effect["probability_better"] >= 0.5 else "a loss is likelier")
    assert (small.name, said(small.moved)) == ("Small", "€1 k")
    assert scenarios("USD") == ()


def test_the_same_token_saves_once(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    draft = ScenarioDraft("Once", budget.current, swapped(budget))
    first = save_scenario(FINANCE, month, draft, "t1", AT)
    again = ScenarioDraft(" Once ", budget.current, optimum(budget).plan)
    assert save_scenario(FINANCE, month, again, "t1", AT) == first
    with pytest.raises(RuleBroken, match="has saved something else already"):
        save_scenario(FINANCE, month, replace(again, name="Other"), "t1", AT)
    assert [item.name for item in ours()] == ["Once"]


def ours():
    """Saved plans beside the one in the history of the demo company's council."""
    return tuple(item for item in scenarios() if item.author != demo_council().author)


def saved_rows():
    """Scenarios, their lines and audit entries beside those of the demo company's council."""
    council = demo_council().author
    with records_database().read() as session:
        plans = session.exec(select(Scenario.id).where(Scenario.author != council)).all()
        lines = session.exec(select(ScenarioLine).where(col(ScenarioLine.scenario_id).in_(plans))).all()
        saves = select(AuditEntry).where(AuditEntry.act == "save scenario", AuditEntry.actor != council)
        return [len(plans), len(lines), len(session.exec(saves).all())]


def test_a_refused_plan_lists_every_problem_and_saves_nothing(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    first, second = budget.lines[:2]
    plan = budget.current | {first.line: first.current_cents * 2}
    del plan[second.line]
    with pytest.raises(RuleBroken) as refused:
        save_scenario(FINANCE, month, ScenarioDraft(" ", budget.current, plan), "t1", AT)
    for words in ("not saved", "A name is missing", f"{first.label}: allowed", f"{second.label}: allowed", "Total:"):
        assert words in str(refused.value)
    assert saved_rows() == [0, 0, 0]


def test_a_plan_made_on_other_amounts_is_refused(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    line = budget.lines[0]
    seen = budget.current | {line.line: line.current_cents + 1}
    with pytest.raises(RuleBroken, match="the plan was made on"):
        save_scenario(FINANCE, month, ScenarioDraft("Old", seen, budget.current), "t1", AT)


def test_a_plan_made_before_an_import_is_refused(in_demo_copy, month):
    current = open_budget(month).current
    with pytest.raises(RuleBroken, match="Data were imported since"):
        save_scenario(FINANCE, month, ScenarioDraft("Old", current, current), "t1", AT)


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        ({"finance"}, True), ({"approver"}, True), ({"customer_marketing"}, True), ({"admin"}, True),
        ({"viewer"}, False), ({"contributor", "assessor", "validator"}, False),
    ],
)  # fmt: skip
def test_who_may_save(in_demo_copy, roles, may):
    month = open_month()
    budget = open_budget(month)
    actor, draft = Actor("Ana", frozenset(roles)), ScenarioDraft("Plan", budget.current, swapped(budget))
    if may:
        assert save_scenario(actor, month, draft, "t1", AT) == scenarios()[0].id
        return
    with pytest.raises(NotAllowed, match="save a scenario"):
        save_scenario(actor, month, draft, "t1", AT)
    assert saved_rows() == [0, 0, 0]


def test_a_scenario_that_is_gone_says_so(in_demo_copy):
    with pytest.raises(CouncilError, match="gone"):
        load_scenario(open_budget(open_month()), 99)


def test_the_local_user_may_save(in_demo_copy):
    month = open_month()
    budget = open_budget(month)
    assert save_scenario(LOCAL_USER, month, ScenarioDraft("Plan", budget.current, swapped(budget)), "t1", AT)
