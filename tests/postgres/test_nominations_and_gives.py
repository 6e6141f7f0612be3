"""Nominations, permissions and gives with records in PostgreSQL: the same tests, and who wins of two at once."""

import datetime as dt

import pytest

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.services.giving import record_give
from core.services.home import open_month
from core.services.nominations import decide_nomination
from core.store.tables import AuditEntry, Enrolment, Nomination, Reward
from tests.postgres.homes import built
from tests.services.small_company import ANNA, BEN, NOW, VERA, load
from tests.services.test_nominations import (
    propose,
    rows,
    test_a_contributor_nominates_once_with_a_reason,
    test_a_nomination_needs_a_reason_a_role_and_somebody_who_is_not_nominated,
    test_a_return_needs_a_reason_and_the_person_may_be_nominated_again,
    test_an_approval_enrols_the_person_and_is_kept_with_who_and_when,
    test_only_customer_marketing_decides_and_of_two_one_wins,
)
from tests.services.test_requests_service import in_threads

__all__ = [
    "test_a_contributor_nominates_once_with_a_reason",
    "test_a_nomination_needs_a_reason_a_role_and_somebody_who_is_not_nominated",
    "test_a_return_needs_a_reason_and_the_person_may_be_nominated_again",
    "test_an_approval_enrols_the_person_and_is_kept_with_who_and_when",
    "test_only_customer_marketing_decides_and_of_two_one_wins",
]


@pytest.fixture(scope="module")
def company(postgres_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("on_postgres")
    with built(postgres_server, folder, lambda: load(folder / "in")) as home:
        yield home


@pytest.fixture
def month(company, tmp_path):
    with company.copied(tmp_path):
        yield open_month()


def test_one_token_in_three_threads_is_one_nomination_and_of_two_people_one_wins(month):
    assert len(set(in_threads(*[lambda: propose(month)] * 3))) == 1
    both = in_threads(lambda: propose(month, contact="c2", token="x"), lambda: propose(month, ANNA, "c2", token="y"))
    assert sorted(type(item).__name__ for item in both) == ["RuleBroken", "int"]
    assert "nominated this person on" in str(next(item for item in both if isinstance(item, RuleBroken)))
    own = rows(Nomination)[0].id
    decided = in_threads(
        lambda: decide_nomination(ANNA, own, 1, approve=True, answer="", at=NOW),
        lambda: decide_nomination(ANNA, own, 1, approve=False, answer="not yet", at=NOW),
    )
    assert sum(isinstance(item, StaleRecord) for item in decided) == 1
    assert len(rows(Nomination)) == 2
    assert len(rows(Enrolment)) <= 1


TODAY = NOW.date()


def give(month, contact="c1", token="t", actor=BEN, day=TODAY):
    return record_give(actor, month, contact, "personal_thanks", day, token, NOW)


def test_one_token_in_three_threads_is_one_give(month):
    assert len(set(in_threads(*[lambda: give(month)] * 3))) == 1
    (row,) = rows(Reward)
    assert (row.contact_id, row.kind, row.granted_on) == ("c1", "personal_thanks", TODAY)
    assert [entry.act for entry in rows(AuditEntry)].count("note give") == 1
    after = open_month().next_gives.set_index("contact_id").loc["c1"]
    assert after["earliest"].date() > open_month().as_of


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"contact": "nobody"}, RuleBroken), ({"day": dt.date(2026, 11, 5)}, RuleBroken), ({"actor": VERA}, NotAllowed)],
)
def test_a_give_that_cannot_be_saves_nothing(month, changed, error):
    with pytest.raises(error):
        give(month, **changed)
    assert rows(Reward) == []
