"""Propensity and pool health as parts of a Month of the demo company."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.model.pool import pool_rules
from core.month import build_month
from core.services.home import current_state, open_engine, open_source
from core.stats.months import month_end


@pytest.fixture(scope="module")
def source(demo_home):
    from tests.homes import using

    with using(demo_home):
        state = current_state()
        yield open_source(state, open_engine(state))


@pytest.fixture(scope="module")
def month(source):
    return build_month(month_end(source.months[0]), source)


def test_asks_of_the_month_are_learned_from_and_the_order_follows_the_verdict(month):
    found = month.propensity
    assert found.asks > 1_000
    assert found.test is not None
    chances = month.on(None).ask_chances
    assert len(chances) == len(month.next_asks)
    asking = (month.next_asks["state"] == "ask").to_numpy()
    assert np.isnan(chances[~asking]).all()
    assert np.isfinite(chances[asking]).all() == found.used


def test_the_order_holds_everybody_an_ask_is_open_to_once(month):
    order = month.on(None).ask_order
    assert sorted(order) == sorted(np.flatnonzero((month.next_asks["state"] == "ask").to_numpy()))
    if not month.propensity.used:
        ready = month.scores.contacts["readiness"].to_numpy()[order]
        asked = month.advocacy_input.number("asks_365d")[order]
        rank = (ready * pool_rules().ranking.kept_per_ask ** asked).round()
        assert (np.diff(rank) <= 0).all()


def test_an_ask_sent_today_teaches_nothing_yet(source, month):
    """What was learned is kept: saving an ask does not learn anew."""
    learned = month.propensity
    asks = source.records["asks"]
    sent = (
        asks[asks["state"] == "sent"]
        .iloc[[0]]
        .assign(
            ask_id="new", asked_on=pd.Timestamp(month.as_of), responded_on=pd.NaT, response=None, completed_on=pd.NaT
        )
    )
    records = dict(source.records) | {"asks": pd.concat([asks, sent.astype(asks.dtypes)], ignore_index=True)}
    later = build_month(month.as_of, replace(source, records=records, records_key="later"), month.facts)
    assert later.propensity.test is learned.test
    assert later.propensity._history is not learned._history or not learned.used


def test_an_older_answer_that_comes_to_light_is_learned(source, month):
    asks = source.records["asks"]
    old = asks.index[(asks["state"] == "sent") & asks["completed_on"].notna()][0]
    undone = asks.assign(completed_on=asks["completed_on"].where(asks.index != old))
    records = dict(source.records) | {"asks": undone}
    later = build_month(month.as_of, replace(source, records=records, records_key="undone"), month.facts)
    assert later.propensity.done == month.propensity.done - 1


def test_an_earlier_month_knows_only_what_was_known_then(source, month):
    then = build_month(month_end(source.months[12]), source)
    assert then.propensity.asks < month.propensity.asks
    asked = then.pool_figures.concentration.rows["last_ask_on"]
    assert asked.max() <= pd.Timestamp(then.as_of)


def test_pool_figures_agree_with_the_records(month):
    found, asks = month.pool_figures, month.records["asks"]
    since = pd.Timestamp(month.as_of) - pd.Timedelta(days=365)
    sent = asks[(asks["state"] == "sent") & (asks["asked_on"] > since)]
    assert found.concentration.top_share.n == len(sent)
    assert found.balance.per_ask.n == len(sent)
    standing = month.standings
    late = month.next_asks["earliest"] > pd.Timestamp(month.as_of) + pd.Timedelta(days=91)
    resting = set(month.next_asks.loc[late, "contact_id"])
    able = month.next_asks["state"].isin(["ask", "rest"]) & ~month.next_asks["contact_id"].isin(resting)
    assert found.capacity.people == int(able.sum()) < int(standing.isin(["ask", "rest"]).sum())
    assert found.funnels.whole.sent == len(sent)
    assert found.funnels.whole.bounced == int((~sent["delivered"].fillna(True).astype(bool)).sum())
    late = month.open_deals
    late = late[(late["kind"] == "new") & late["stage"].isin(["proposal", "negotiation"])]
    assert found.coverage.covered.n == len(late)
    assert set(found.promoters.rows["contact_id"]) <= set(month.advocacy_input.ids)
    assert (found.promoters.rows["nps_score"] >= 9).all()


def test_referred_customers_are_watched_with_their_referrer(month):
    rows = month.pool_figures.referrers.rows
    assert len(rows) > 0
    accounts = month.facts.accounts.set_index("account_id")
    people = month.facts.contacts.set_index("contact_id")
    left = rows[rows["what"] == "the referrer left the company"]
    assert people.loc[left["contact_id"], "left_on"].notna().all()
    assert set(rows["account_id"]) <= set(accounts.index)


def test_everybody_still_there_has_a_next_give(month):
    gives = month.next_gives
    assert list(gives["contact_id"]) == list(month.advocacy_input.ids)
    there = month.advocacy_input.contacts["left_on"].isna()
    assert gives.loc[there, "label"].notna().all()
    assert (gives.loc[there, "earliest"] >= pd.Timestamp(month.as_of)).all()


def test_nobody_is_owed_anything_who_opted_out_left_or_was_erased(source, month):
    debt, asks = month.pool_figures.debt, source.records["asks"]
    who = debt.rows["contact_id"].iloc[0]
    people = source.records["people"]
    erased = people.assign(erased_at=people["erased_at"].mask(people["contact_id"] == who, pd.Timestamp(month.as_of)))
    after = build_month(month.as_of, replace(source, records={**source.records, "people": erased, "asks": asks}))
    whose = debt.rows["contact_id"]
    assert set(after.pool_figures.debt.rows["contact_id"]) == set(whose) - {who}
    assert after.pool_figures.debt.left_out == debt.left_out | {"erased": int((whose == who).sum())}
    assert set(debt.left_out) == {"left the company", "opted out"}
    consents, contacts = source.records["consents"], month.advocacy_input.contacts.set_index("contact_id")
    refused = set(consents.loc[(consents["use"] == "email") & (consents["status"] != "granted"), "contact_id"])
    assert refused.isdisjoint(whose)
    assert contacts.loc[whose, "left_on"].isna().all()


def test_people_not_among_the_contacts_are_still_owed_what_was_promised(source, month):
    debt, asks = month.pool_figures.debt, source.records["asks"]
    some = asks["contact_id"].isin(debt.rows["contact_id"].iloc[:20])
    unknown = asks.assign(contact_id=asks["contact_id"].mask(some, asks["contact_id"] + "-unknown"))
    after = build_month(month.as_of, replace(source, records={**source.records, "asks": unknown})).pool_figures.debt
    assert set(after.rows["ask_id"]) == set(debt.rows["ask_id"])
    assert after.rows["contact_id"].str.endswith("-unknown").sum() >= 20
    assert after.left_out == debt.left_out
