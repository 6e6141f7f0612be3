from dataclasses import replace

import pytest

from core.model.requests import load_request_rules
from core.month import build_month
from core.services.home import open_month
from core.services.pool_asks import CUT_LABELS, capacity_answer, capacity_section, funnel_rows
from core.services.pool_health import pool_health
from core.services.propensity import propensity_view
from core.services.request_deals import deals_without
from tests.companies import account, day, source, subscription
from tests.services.small_company import NOW

IDS = [
    "load",
    "capacity",
    "funnel",
    "coverage",
    "promoters",
    "debt",
    "balance",
    "watch",
    "referrers",
    "champions",
    "tiers",
]


@pytest.fixture(scope="module")
def month(demo_home, demo_months):
    from tests.homes import using

    with using(demo_home):
        yield demo_months()


@pytest.fixture(scope="module")
def health(month):
    return pool_health(month)


@pytest.fixture
def bare(tmp_path):
    """One account, nobody in it."""
    rows = {"accounts": [account("a")], "subscriptions": [subscription("a", "2024-01-01", None, 100)]}
    company = source(tmp_path, rows)
    return build_month(day("2024-03-31"), company)


def test_every_section_says_its_finding_its_figures_and_what_they_rest_on(health):
    assert [section.id for section in health.sections] == IDS
    for section in health.sections:
        assert section.title
        assert section.cards
        assert section.empty
        assert all(card.value and card.note and card.help for card in section.cards)
    assert health.missing == ()
    assert " h asked for in a quarter find nobody who may be asked (" in health.answer


def test_the_gini_index_is_called_what_it_grows_with(health):
    section = next(section for section in health.sections if section.id == "load")
    (card,) = (card for card in section.cards if "Gini" in card.label)
    assert card.label == "Unevenness of asks (Gini)"
    assert card.note.endswith("0 all asked alike, 1 one person asked for everything")
    assert "how unevenly" in dict(health.method)["Load"]


def test_the_last_row_of_every_cut_of_the_asks_is_the_sum_of_the_others(month):
    part = month.pool_figures.funnels
    for cut, label in CUT_LABELS.items():
        rows = funnel_rows(part, cut)
        counts = rows[["Sent", "Bounced", "Open", "Asked", "Accepted", "Done", "Used"]]
        assert counts.iloc[:-1].sum().tolist() == counts.iloc[-1].tolist()
        assert rows[label].iloc[-1] == "All"
        assert not rows[label].isin(["review", "asked_by"]).any()


def test_an_act_nobody_can_be_asked_for_is_said_and_not_summed(month, health):
    section = next(section for section in health.sections if section.id == "capacity")
    rows = section.table.set_index("What it says")
    apart = rows.loc[["nobody can be asked for it"], "Hours asked for"].sum()
    assert apart == month.pool_figures.capacity.unmet > 0
    assert "act by act" in section.definition
    lacking = rows.loc[["nobody can be asked for it"], "Activity"]
    assert all(name in health.answer for name in lacking)
    asked = month.pool_figures.capacity.demand.value + apart
    assert f"{apart:,.0f} of {asked:,.0f} h" in section.title


def test_a_deal_somebody_could_serve_and_one_somebody_was_asked_for_are_two_figures(month, health):
    section = next(section for section in health.sections if section.id == "coverage")
    cards = {card.label: card for card in section.cards}
    late = set(month.pool_figures.coverage.deals["opportunity_id"])
    listed = {line.opportunity_id for line in deals_without(month, load_request_rules().deals)}
    assert 0 < len(late & listed) < len(late)
    assert cards["Without a request"].value == f"{len(late & listed)} of {len(late)}"
    assert "People enough to give all" in section.title and cards["Could have one"].value.startswith("100")


def test_where_every_act_finds_somebody_the_finding_is_the_share_that_is_asked_for(month):
    served = replace(month.pool_figures.capacity, unmet=0.0)
    assert " of what the pool can bear" in capacity_answer(served)
    assert capacity_section(served).title.startswith("Next quarter's asks take ")


def test_the_referred_customers_to_watch_are_those_of_the_share_and_those_who_pay_no_longer(month, health):
    section = next(section for section in health.sections if section.id == "referrers")
    part = month.pool_figures.referrers
    endangered = round(part.share.value * part.share.n)
    gone = len(part.rows) - endangered
    assert gone > 0
    assert f": {endangered} still paying whose referrer is gone or at risk, {gone} no longer paying" in section.title


def test_rows_name_people_and_never_ids_alone(health):
    for section in health.sections:
        if "contact_id" in section.table:
            who = "Referrer" if section.id == "referrers" else "Person"
            assert section.table[who].notna().all(), section.id


def test_the_count_in_a_title_is_the_count_of_the_rows(health):
    by = {section.id: section for section in health.sections}
    for name in ("promoters", "debt", "referrers", "champions"):
        assert by[name].title.startswith(f"{len(by[name].table):,} ")


def test_tiers_are_those_of_the_kpi(month, health):
    tiers = health.sections[-1]
    shown = sum(int(card.value) for card in tiers.cards)
    assert shown == month.kpis["tier_mix"].n
    parts = {part.label: part.value for part in month.kpis["tier_mix"].parts}
    up, down = parts["Moved up in 90 days"], parts["Moved down in 90 days"]
    assert tiers.title == f"{up:.0f} people moved up a tier in 90 days, {down:.0f} moved down"
    assert (tiers.table["Move"] == "up").sum() == up


def test_without_contacts_or_asks_every_section_says_so(bare):
    found = pool_health(bare)
    assert found.answer == "Nobody is in the pool yet"
    assert {name for name, _ in found.missing} >= {"contacts", "asks", "interactions"}
    assert all(section.title.startswith("Not known: nothing is loaded of ") for section in found.sections)
    assert all(not section.cards and section.table.empty for section in found.sections)


def test_propensity_says_whether_it_ranks_and_why(month):
    view = propensity_view(month)
    assert view.used == month.propensity.used
    assert view.reason in view.answer
    assert len(view.groups) == len(view.test.groups)
    assert view.groups["Asks"].sum() == view.test.asks
    labels = [card.label for card in view.cards]
    assert labels[0] == "Asks to learn from"
    assert "A second ask in a quarter" in labels
    assert all(card.value and card.note for card in view.cards)


def test_propensity_without_asks_says_how_many_it_needs(bare):
    view = propensity_view(bare)
    assert not view.used
    assert view.answer == "Not tested: too few: 0 asks are old enough to learn from, 200 needed"
    assert len(view.cards) == 1
    assert view.groups.empty


def test_an_empty_home_has_no_month(in_empty):
    from core.errors import CouncilError

    with pytest.raises(CouncilError):
        open_month(None)


def test_somebody_the_contacts_do_not_hold_is_named_by_id_and_somebody_erased_by_none(tmp_path):
    asked = {"activity": "review", "state": "sent", "asked_on": day("2026-08-01"), "delivered": True}
    done = {"response": "yes", "completed_on": day("2026-08-10")}
    names = ("c1", "c2", "c9")
    rows = {
        "accounts": [account("a")],
        "subscriptions": [subscription("a", "2024-01-01", None, 100)],
        "contacts": [{"contact_id": name, "account_id": "a", "valid_from": day("1900-01-01")} for name in names[:2]],
        "people": [
            {"person_id": "h2", "contact_id": "c2", "full_name": "Bo", "email": "bo@a.example", "erased_at": NOW}
        ],
        "asks": [{"ask_id": f"k-{name}", "contact_id": name, **asked, **done} for name in names],
    }
    found = pool_health(build_month(day("2026-10-31"), source(tmp_path, rows)))
    tables = {section.id: section.table for section in found.sections}
    owed = tables["debt"].drop_duplicates("contact_id").set_index("contact_id")
    assert owed["Person"].to_dict() == {"c1": "role not stated", "c9": "c9, not in the contacts file"}
    assert owed["Account"].to_dict() == {"c1": "A", "c9": "not known"}
    assert set(tables["load"]["Person"]) == {*owed["Person"], "Somebody who was erased"}
