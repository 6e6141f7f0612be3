"""Views of the pool that a person keeps: by name, for oneself, on record, nothing overwritten."""

import datetime as dt

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.services.access import Actor
from core.services.home import records_database
from core.services.pool_view import PoolQuery, PoolTable
from core.services.saved_views import MOST, NAME_LENGTH, forget_view, keep_view, saved_views, usable, views_revision
from core.store.tables import AuditEntry
from tests.services.advocacy_company import home as home

NOW = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
ANNA = Actor("Anna", frozenset({"customer_marketing"}))
BEN = Actor("Ben", frozenset({"contributor"}))
GOLD = PoolQuery(tiers=("Gold", "VIP"), segments=("SMB",), least=60, sort="Last ask", turned=True)

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.sampled(2)]


def keep(name="My gold", query=GOLD, version=None, token="t", actor=ANNA):
    return keep_view(actor, name, query, version, token, NOW)


def test_a_view_is_kept_for_its_owner_alone_and_comes_back_as_it_was():
    before = views_revision()
    assert [keep().version for _ in range(3)] == [1, 1, 1], "three clicks with one token keep one view"
    assert views_revision() > before
    (found,) = saved_views(ANNA)
    assert (found.name, found.query, found.version) == ("My gold", GOLD, 1)
    assert saved_views(BEN) == ()
    with records_database().read() as session:
        assert [(line.actor, line.act) for line in session.exec(select(AuditEntry)).all()] == [("Anna", "keep view")]


def test_a_searched_text_is_not_kept():
    keep(query=PoolQuery(search="Ada Aster", tiers=("Gold",)))
    assert saved_views(ANNA)[0].query == PoolQuery(tiers=("Gold",))
    with records_database().read() as session:
        assert "Ada" not in str(session.exec(select(AuditEntry)).one().detail)


def test_a_view_is_replaced_or_forgotten_only_as_it_was_seen():
    keep()
    with pytest.raises(StaleRecord):
        keep(query=PoolQuery(), token="u")
    assert keep(query=PoolQuery(least=80), version=1, token="u").version == 2
    with pytest.raises(StaleRecord):
        forget_view(ANNA, "My gold", 1, "f", NOW)
    for _ in range(2):
        forget_view(ANNA, "My gold", 2, "f", NOW)
    assert saved_views(ANNA) == ()
    assert keep(token="again").version == 4, "what was forgotten stays on record"
    assert len(saved_views(ANNA)) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("  ", "give the view a name", id="no name"),
        pytest.param("x" * (NAME_LENGTH + 1), "longer than", id="too long"),
        pytest.param("vip and gold", "name of a ready view", id="that of a ready view"),
    ],
)
def test_a_name_that_is_none_is_refused(name, said):
    with pytest.raises(RuleBroken, match=said):
        keep(name)
    assert saved_views(ANNA) == ()


def test_who_may_not_write_keeps_nothing_and_nobody_keeps_too_many():
    with pytest.raises(NotAllowed):
        keep(actor=Actor("Vera", frozenset({"viewer"})))
    for place in range(MOST):
        keep(f"view {place}", token=f"t{place}")
    with pytest.raises(RuleBroken, match="forget one first"):
        keep("one more", token="more")
    assert len(saved_views(ANNA)) == MOST


def test_what_another_month_no_longer_has_is_left_out_of_a_view():
    table = PoolTable(rows=None, segments=("SMB",), roles=("CFO",), asks=("Review",))
    kept = PoolQuery(segments=("SMB", "Gone"), roles=("Clerk",), asks=("Review",), tiers=("Gold",), least=10)
    assert usable(kept, table) == PoolQuery(segments=("SMB",), asks=("Review",), tiers=("Gold",), least=10)
