"""Community engagement and content reach on companies small enough to work by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.community import _summed, community_engagement_rate
from core.kpis.registry import kpi_rows, totals
from core.kpis.result import State
from tests.companies import account, day, subscription

DECEMBER = dt.date(2025, 12, 1)
BASE = {
    "accounts": [account("a", segment="SMB"), account("b", parent_id="a"), account("c", segment="Enterprise")],
    "subscriptions": [subscription("a", "2024-01-01", None, 10), subscription("c", "2024-01-01", None, 10)],
}


def contact(name, who="a", left=None, joined="2024-01-01"):
    return {
        "contact_id": name,
        "account_id": who,
        "joined_on": day(joined) if joined else None,
        "left_on": day(left) if left else None,
    }


def touch(name, when, kind="community", contact=None, who="a", channel="community", deal=None, asset=None):
    return {
        "interaction_id": name,
        "account_id": who,
        "contact_id": contact,
        "opportunity_id": deal,
        "at": dt.datetime.fromisoformat(f"{when}T10:00"),
        "channel": channel,
        "kind": kind,
        "direction": "neutral",
        "started_by": "person",
        "asset_id": asset,
    }


def asset(name):
    return {"asset_id": name, "kind": "story", "account_id": "a", "link": "https://example.com"}


def deal(name, created="2025-01-01", **other):
    return {
        "opportunity_id": name,
        "name": f"Deal {name}",
        "kind": "new",
        "segment": "Enterprise",
        "amount_cents": 1,
        "currency": "EUR",
        "created_on": day(created),
        "outcome": "open",
        **other,
    }


@pytest.fixture
def gathered(company):
    def build(touches, contacts, month=DECEMBER):
        return company(BASE | {"contacts": contacts, "interactions": touches}, month)

    return build


def marks(data, month=DECEMBER):
    frame = data.frame("community_members", month).set_index("contact_id")
    return {name: (int(row["contributors"]), int(row["onlookers"])) for name, row in frame.iterrows()}


def test_members_are_those_seen_before_the_window_and_still_there(gathered):
    contacts = [contact(name) for name in ("acted", "early", "silent", "new", "looks", "views")]
    contacts += [contact("left", left="2025-12-04"), contact("leaves", left="2025-12-05")]
    known = ("acted", "early", "silent", "left", "leaves", "looks", "stranger")
    touches = [touch(f"{name} before", "2025-06-01", contact=name) for name in known] + [
        touch("1", "2025-12-31", contact="acted"),
        touch("2", "2025-12-04", contact="acted"),
        touch("3", "2025-12-03", contact="early"),
        touch("4", "2025-12-04", contact="new"),
        touch("5", "2025-12-20", "content_view", contact="looks"),
        touch("6", "2025-06-01", "content_view", contact="views", channel="webinar"),
        touch("7", "2025-12-20", contact="stranger"),
        touch("8", "2025-12-20", contact=None),
    ]
    data = gathered(touches, contacts)
    assert marks(data) == {"acted": (1, 0), "early": (0, 0), "silent": (0, 0), "leaves": (0, 0), "looks": (0, 1)}
    item = REGISTRY["community_engagement_rate"]
    result = evaluate(item, data, DECEMBER)
    assert result.value == 1 / 5 == item.function(**totals(item, kpi_rows(item, data, DECEMBER)))
    assert [(part.value, part.n) for part in result.parts] == [(50, 2), (1, 5)], "per 100 accounts; lurkers apart"
    acts = sum(row["contact_id"] is not None and row["at"].month == 12 for row in touches)
    assert acts / 5 > 0.5, "counting touches instead of people would read 120 %"


def test_who_comes_later_is_no_member_yet(gathered):
    contacts = [contact("k"), contact("late", joined="2025-12-10")]
    touches = [touch("1", "2025-11-01", contact="k"), touch("2", "2025-11-02", contact="late")]
    data = gathered([*touches, touch("3", "2026-01-20", contact="late")], contacts, dt.date(2026, 1, 1))
    assert marks(data, dt.date(2025, 12, 1)) == {"k": (0, 0)}
    assert marks(data, dt.date(2026, 1, 1)) == {"k": (0, 0), "late": (1, 0)}


def test_no_member_is_undefined(gathered):
    data = gathered([touch("1", "2025-12-09", contact="k")], [contact("k")])
    result = evaluate(REGISTRY["community_engagement_rate"], data, DECEMBER)
    assert (result.state, result.value) == (State.UNDEFINED, None)
    assert "nobody had been seen" in result.reason


def test_reach_counts_each_company_once_whatever_it_saw(company):
    touches = [
        touch("1", "2025-12-01", "content_view", asset="m1"),
        touch("2", "2025-12-02", "content_view", asset="m2", who="b", channel="webinar"),
        touch("3", "2025-12-31", "content_view", asset="m1", who="c", deal="d1"),
        touch("4", "2025-12-03", "content_view", asset="m1", who=None, deal="d2"),
        touch("5", "2025-12-04", "content_view", asset="m2", who=None, deal="d2"),
        touch("6", "2025-12-04", "content_view", asset="white paper of our own", who=None, deal="d3"),
        touch("7", "2025-12-04", "content_view", who=None, deal="d4"),
        touch("8", "2025-12-04", "content_view", asset="m1", who=None),
        touch("9", "2025-11-30", "content_view", asset="m1", who=None, deal="d5"),
        touch("10", "2025-12-04", "marketing_touch", asset="m1", who=None, deal="d6"),
    ]
    rows = BASE | {"interactions": touches, "assets": [asset("m1"), asset("m2")], "opportunities": [deal("d2")]}
    data = company(rows)
    item = REGISTRY["content_reach_accounts"]
    result = evaluate(item, data, DECEMBER)
    assert (result.value, result.n, result.low) == (3, 3, None)
    assert item.function(**totals(item, kpi_rows(item, data, DECEMBER))) == 3
    names = data.frame("companies_reached", DECEMBER)["account_name"].tolist()
    assert sorted(names) == ["A", "C", "Deal d2"], "a family is one company, a deal without an account another"
    assert [part.value for part in result.parts] == [2, 1, 1]
    assert len(touches) > 3 * result.value, "impressions are no reach"


def test_reach_by_segment_follows_account_and_deal(company):
    touches = [
        touch("1", "2025-12-01", "content_view", asset="m1"),
        touch("2", "2025-12-01", "content_view", asset="m1", who=None, deal="d"),
        touch("3", "2025-12-01", "content_view", asset="m1", who=None, deal="later"),
    ]
    deals = [deal("d"), deal("later", created="2026-01-10")]
    data = company(
        BASE | {"interactions": touches, "assets": [asset("m1")], "opportunities": deals}, dt.date(2026, 1, 1)
    )
    found = {
        segment: evaluate(REGISTRY["content_reach_accounts"], data, DECEMBER, segment=segment).n
        for segment in (None, "SMB", "Enterprise")
    }
    assert found == {None: 3, "SMB": 1, "Enterprise": 1}, "a deal that did not exist yet had no segment"


def test_nothing_seen_is_undefined(company):
    data = company(
        BASE | {"interactions": [touch("1", "2025-11-01", "content_view", asset="m")], "assets": [asset("m")]}
    )
    result = evaluate(REGISTRY["content_reach_accounts"], data, DECEMBER)
    assert (result.state, result.reason) == (State.UNDEFINED, "nobody saw such content in the month")


@pytest.mark.parametrize(("contributors", "members", "expected"), [(0, 0, None), (0, 4, 0.0), (3, 4, 0.75)])
def test_community_formula(contributors, members, expected):
    assert community_engagement_rate(contributors=contributors, members=members) == expected


def test_views_are_of_their_own_company_and_month_in_any_year():
    months = np.array(["1965-03", "1969-12", "2025-12", "1965-03", "1965-03", "1969-12"], "datetime64[M]")
    views = pd.DataFrame({"month": months.astype("datetime64[us]"), "views": [1, 2, 4, 8, 16, 32]})
    found = _summed(np.array([0, 1, 1, 1, 1, -1]), views)
    assert [column.tolist() for column in found] == [[0, 1, 1, 1], [-58, -58, -1, 671], [1, 24, 2, 4]]
