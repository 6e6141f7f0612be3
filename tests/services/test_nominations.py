"""Nominations: who proposes, who decides, what an approval does, and that each is saved once."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.services.advocates import pool
from core.services.home import open_month, records_database
from core.services.nominations import decide_nomination, nominate, nominations
from core.store.tables import AuditEntry, Enrolment, Nomination
from tests.homes import using
from tests.services.small_company import ANNA, BEN, NOW, VERA, load


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nominations")
    with using(folder / "home"):
        load(folder / "in")
    return folder / "home"


@pytest.fixture
def month(imported, tmp_path):
    with using(Path(shutil.copytree(imported, tmp_path / "home"))):
        yield open_month()


def rows(kind):
    with records_database().read() as session:
        return list(session.exec(select(kind)).all())


def propose(month, actor=BEN, contact="c1", reason="speaks at every user group", token="t"):
    return nominate(actor, month, contact, reason, token, NOW)


def test_a_contributor_nominates_once_with_a_reason(month):
    assert len({propose(month) for _ in range(3)}) == 1
    (line,) = nominations(pool(month))
    assert (line.contact_id, line.account, line.state) == ("c1", "Aster", "open")
    assert line.by.startswith("Ben, 4")
    (entry,) = [entry for entry in rows(AuditEntry) if entry.act == "nominate"]
    assert (entry.actor, entry.detail["contact"]) == ("Ben", "c1")


def test_a_nomination_needs_a_reason_a_role_and_somebody_who_is_not_nominated(month):
    with pytest.raises(RuleBroken, match="say why"):
        propose(month, reason=" ")
    with pytest.raises(NotAllowed):
        propose(month, VERA)
    with pytest.raises(RuleBroken, match="not known"):
        propose(month, contact="nobody")
    propose(month)
    with pytest.raises(RuleBroken, match="Ben nominated this person on 4"):
        propose(month, ANNA, token="another")
    assert len(rows(Nomination)) == 1


def test_an_approval_enrols_the_person_and_is_kept_with_who_and_when(month):
    own = propose(month)
    for _ in range(3):
        decide_nomination(ANNA, own, 1, approve=True, answer="", at=NOW)
    (row,) = rows(Enrolment)
    assert (row.contact_id, row.enrolled_on, row.tier) == ("c1", NOW.date(), "community")
    (line,) = nominations(pool(open_month()))
    assert line.state == "approved"
    assert line.answer.startswith("approved by Anna on 4")
    with pytest.raises(RuleBroken, match="in the programme already"):
        propose(month, token="again")


def test_a_return_needs_a_reason_and_the_person_may_be_nominated_again(month):
    own = propose(month)
    with pytest.raises(RuleBroken, match="say why it is returned"):
        decide_nomination(ANNA, own, 1, approve=False, answer=" ", at=NOW)
    decide_nomination(ANNA, own, 1, approve=False, answer="ask again after the renewal", at=NOW)
    assert not rows(Enrolment)
    assert nominations(pool(month), "c1")[0].answer.endswith(": ask again after the renewal")
    assert propose(month, token="later") != own


def test_only_customer_marketing_decides_and_of_two_one_wins(month):
    own = propose(month)
    with pytest.raises(NotAllowed):
        decide_nomination(BEN, own, 1, approve=True, answer="", at=NOW)
    decide_nomination(ANNA, own, 1, approve=False, answer="no", at=NOW)
    with pytest.raises(StaleRecord, match="returned by Anna"):
        decide_nomination(ANNA, own, 1, approve=True, answer="", at=NOW)
    assert not rows(Enrolment)
