"""What Advocates says: the best few first, honest counts, and why everybody else is left alone."""

import json

import pandas as pd
import pytest

from core.advocacy.check import check_ask
from core.errors import CouncilError
from core.model.activities import load_activities
from core.model.pool import pool_rules
from core.month import build_month
from core.services.advocate_rows import advocates_frame, advocates_json
from core.services.advocates import Missing, _answer, advocates, pool
from core.services.export import csv_text
from core.services.home import open_month
from core.services.profile import profile
from tests.companies import account, day, source, subscription

KEYS = ["contact_id", "account_id", "health", "readiness", "engagement", "parts", "coverage", "state", "tier",
        "next_ask", "blocked_by", "not_checked", "overrides"]  # fmt: skip


@pytest.fixture(scope="module")
def demo(demo_home, demo_months):
    """The newest month of the demo company with its view."""
    from tests.homes import using

    with using(demo_home):
        month = demo_months()
        return month, advocates(month)


def counts(ask=0, rest=0, cultivate=0, blocked=0, not_checked=0):
    return {"ask": ask, "rest": rest, "cultivate": cultivate, "blocked": blocked, "not_checked": not_checked}


def answer(asking=(), earliest=(), missing=(), **states):
    gaps = tuple(Missing(name, "something") for name in missing)
    return _answer(counts(**states), list(asking), pd.Series(earliest, dtype="datetime64[us]"), gaps)


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (["Aster"], "1 person can be asked, the first on the list at Aster"),
        (["Aster", "Birch"], "2 people can be asked, the first on the list at Aster and Birch"),
        (
            ["Aster", "Aster", "Birch", "Cedar", "Elm"],
            "5 people can be asked, the first on the list at Aster, Birch and Cedar",
        ),
    ],
)
def test_the_headline_names_the_best_few_accounts_and_the_size_of_the_pool(asking, words):
    assert answer(asking, ask=len(asking)) == words


def test_with_nobody_to_ask_the_headline_says_when_the_next_can_be_asked():
    text = answer(earliest=["2026-12-03", "2026-11-20"], rest=2)
    assert text == "Nobody to ask today; the next can be asked on 20\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026"


def test_what_could_not_be_checked_is_no_pool_of_people_to_ask():
    text = answer(not_checked=12, missing=["consents", "tickets"])
    assert text == "Nobody can be asked yet: 12 cannot be checked until consents, tickets are loaded"


def test_without_contacts_the_headline_says_so():
    assert answer(missing=["contacts"]) == "No contacts are loaded, so nobody can be asked yet"


def test_every_contact_of_the_demo_company_is_in_one_state(demo):
    month, view = demo
    assert sum(view.counts.values()) == len(month.facts.contacts) == len(view.pool)
    assert len(view.ask) == view.counts["ask"] > 0
    assert len(view.rest) == len(view.pool) - view.counts["ask"]
    assert view.pool["contact_id"].is_unique


def ranks(month, view):
    """Readiness of those to ask, a tenth off for each ask of the last year, to the point."""
    ready = view.pool.set_index("contact_id")["readiness"].reindex(view.ask["contact_id"])
    load = month.advocacy_input.contacts.set_index("contact_id")["asks_365d"].reindex(view.ask["contact_id"])
    return (ready * pool_rules().ranking.kept_per_ask ** load).round().reset_index(drop=True)


def test_the_list_is_ranked_by_readiness_and_the_headline_starts_with_its_top(demo):
    month, view = demo
    assert ranks(month, view).is_monotonic_decreasing
    first = view.ask["Account"].iloc[0]
    assert view.answer.startswith(f"{len(view.ask)} people can be asked, the first on the list at {first}, ")


def test_the_method_says_what_the_order_foretells(demo):
    month, view = demo
    worth = dict(view.method)["What the order is worth"]
    share, band = month.propensity.test.ranks["rule"]
    assert "a place to begin, not a forecast" in worth
    assert f"{100 * share:.1f}" in worth
    assert ("no better than chance" in worth) == (band.low <= 0.5 <= band.high)


def test_nothing_stands_against_the_first_asks_of_the_list(demo):
    month, view = demo
    rules, activities = month.advocacy_rules, load_activities()
    table = view.pool.set_index("contact_id")
    for contact in view.ask["contact_id"].head(3):
        assert check_ask(month.advocacy_input, contact, table.loc[contact, "activity"], rules, activities) == []


def test_people_who_are_not_asked_are_listed_nearest_first_with_a_reason(demo):
    _, view = demo
    assert not view.rest["Why"].isna().any()
    assert (view.rest["Why"].str.len() > 0).all()
    undated = view.rest["Earliest"] == "no date"
    assert not undated.iloc[0]
    assert undated.iloc[-1]
    assert undated.is_monotonic_increasing


def test_names_and_roles_stand_together_and_no_cell_is_empty(demo):
    _, view = demo
    for rows in (view.ask, view.rest):
        assert not rows.isna().any(axis=None)
    assert view.ask["Person"].str.contains(", ").all()


def test_at_the_same_points_a_recent_milestone_comes_first(demo):
    month, view = demo
    quiet = view.ask["Why now"].str.startswith("ready, ")
    mixed = 0
    for _, rows in quiet.groupby(ranks(month, view)):
        assert rows.is_monotonic_increasing
        mixed += rows.nunique() == 2
    assert mixed


def test_no_line_on_a_guardrail_says_its_label_twice(demo):
    month, view = demo
    for contact in view.pool["contact_id"].head(30):
        for guard in profile(month, contact, view.pool).guards:
            assert guard.text.count(guard.label) <= 1
            assert guard.text.startswith(guard.reason)


def test_the_points_of_a_profile_sum_to_its_readiness(demo):
    month, view = demo
    for contact in view.ask["contact_id"].head(20):
        person = profile(month, contact, view.pool)
        assert sum(part.points or 0 for part in person.parts) == pytest.approx(person.readiness)
        assert all((part.points is None) == bool(part.missing) for part in person.parts)


def test_a_profile_shows_what_blocks_first_and_until_when(demo):
    month, view = demo
    blocked = view.rest[view.rest["Why"].str.startswith("detractor")].iloc[0]
    person = profile(month, blocked["contact_id"], view.pool)
    assert person.guards[0].state == "blocked"
    assert person.guards[0].until == blocked["Earliest"]
    order = [("blocked", "not checked", "clear").index(guard.state) for guard in person.guards]
    assert order == sorted(order)
    assert person.activity is None


def test_a_profile_of_somebody_unknown_is_refused(demo):
    with pytest.raises(CouncilError, match=r"^This link leads to nobody who is known on ") as refused:
        profile(demo[0], "C-nobody")
    assert "C-nobody" not in str(refused.value) and "Look for the person by name" in str(refused.value)


def checked_json(month):
    entries = advocates_json(month)
    json.dumps(entries, allow_nan=False)
    return entries


def test_the_json_of_the_demo_company_has_the_agreed_shape_and_no_nan(demo):
    month, view = demo
    entries = checked_json(month)
    assert all(list(entry) == KEYS for entry in entries)
    assert len(entries) == len(view.pool)
    for entry in entries:
        assert (entry["next_ask"] is not None) == (entry["state"] == "ask")
        if entry["next_ask"]:
            assert list(entry["next_ask"]) == ["activity", "why", "earliest", "asker", "value"]
        if entry["readiness"] is not None:
            assert sum(entry["parts"].values()) == pytest.approx(entry["readiness"])
        else:
            assert entry["parts"] == {}


def test_the_json_of_a_company_without_contacts_is_an_empty_list(in_ravenstack):
    assert checked_json(open_month()) == []


def test_a_company_with_contacts_alone_checks_nobody_and_proposes_nothing(tmp_path):
    rows = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2024-01-01", None, 100), subscription("a", "2026-06-30", None, 1)],
        "contacts": [{"contact_id": "c1", "account_id": "a", "joined_on": day("2024-01-01")}],
    }
    month = build_month(day("2026-06-30"), source(tmp_path, rows))
    (entry,) = checked_json(month)
    assert entry["state"] == "not_checked"
    assert entry["next_ask"] is None
    assert "consents" in entry["not_checked"]
    view = advocates(month)
    assert view.answer.startswith("Nobody can be asked yet: 1 cannot be checked until")
    assert {gap.table for gap in view.missing} >= {"consents", "tickets", "asks"}
    person = profile(month, "c1", view.pool)
    assert {guard.state for guard in person.guards} == {"clear", "not checked"}
    assert (person.name, person.readiness) == ("not named", None)
    assert "satisfaction (NPS)" in person.definition


def test_an_account_name_that_could_run_in_a_spreadsheet_is_neutralised(tmp_path):
    rows = {
        "accounts": [account("a") | {"name": "=HYPERLINK(1)"}],
        "subscriptions": [subscription("a", "2024-01-01", None, 100), subscription("a", "2026-06-30", None, 1)],
        "contacts": [{"contact_id": "c1", "account_id": "a", "joined_on": day("2024-01-01")}],
    }
    month = build_month(day("2026-06-30"), source(tmp_path, rows))
    text = csv_text(advocates_frame(month))
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text


def test_no_name_leaves_with_the_file(demo):
    month, _ = demo
    names = set(month.records["people"]["full_name"])
    frame = advocates_frame(month)
    assert not any(frame[column].isin(names).any() for column in frame.select_dtypes("str"))


def test_the_pool_keeps_every_contact_beside_its_own_scores(demo):
    month, _ = demo
    table = pool(month).set_index("contact_id")
    scores = month.scores.contacts.sample(frac=1, random_state=1).set_index("contact_id")
    pd.testing.assert_series_equal(table["readiness"], scores["readiness"].reindex(table.index))


def test_the_tiers_of_the_json_are_those_the_tier_mix_counts(demo):
    month, _ = demo
    tiers = [entry["tier"] for entry in advocates_json(month) if entry["tier"] is not None]
    mix = month.kpis["tier_mix"]
    assert len(tiers) == mix.n
    assert sum(tier in ("vip", "gold") for tier in tiers) / len(tiers) == pytest.approx(mix.value)
