"""A form saves once, and about one thing only: its token sent again about another is refused."""

import datetime as dt

import pytest
from sqlmodel import select

from core.errors import RuleBroken
from core.services.access import LOCAL_USER
from core.services.asking import accept_ask, set_aside
from core.services.decisions import DecisionDraft, add_action, record_decision
from core.services.giving import record_give
from core.services.home import open_month, records_database
from core.services.maturity_proof import ProofDraft, add_evidence
from core.services.maturity_roadmap import StepDraft, plan_step
from core.services.nominations import nominate
from core.services.permissions import verify_outcome
from core.services.pool_view import PoolQuery
from core.services.referral_acts import route_referral, tell_referrer
from core.services.request_acts import RequestDraft, open_request, withdraw_request
from core.services.saved_views import forget_view, keep_view
from core.services.score_overrides import set_override
from core.store.tables import AuditEntry
from tests.homes import using
from tests.services.small_company import ANNA, NOW, load

TODAY, LATER = NOW.date(), NOW.date() + dt.timedelta(days=60)
DEALS = (
    "opportunity_id,account_id,name,kind,segment,industry,region,amount_cents,currency,created_on,closed_on,outcome\n"
    "d1,,Cedar,new,SMB,Retail,North,500000,EUR,2026-09-01,,open\n"
    "d2,,Elm,new,SMB,Energy,North,700000,EUR,2026-09-01,,open\nd3,,Fir,new,SMB,Energy,North,1,EUR,2026-09-01,,open\n"
    "d4,,Oak,new,SMB,Energy,North,700000,EUR,2026-09-01,,open\n"
)
REFERRALS = (
    "referral_id,contact_id,prospect_id,submitted_at,first_contact_at\n"
    "f1,c1,z1,2026-10-30T10:00:00,\nf2,c2,z2,2026-10-30T10:00:00,\n"
    "f3,c1,z3,2026-10-20T10:00:00,2026-10-20T12:00:00\nf4,c2,z4,2026-10-20T10:00:00,2026-10-20T12:00:00\n"
)
REQUESTS = "request_id,opportunity_id,needed_by,state\nq1,d1,2026-11-20,open\nq2,d2,2026-11-20,open\n"


def decision(title, kpi="arr"):
    return DecisionDraft(title, "do", "not that", "Ana", kpi, 12_000.0, 6_000.0, 18_000.0, dt.date(2027, 1, 31))


ACTS = {
    "accept": (
        lambda month, token: accept_ask(ANNA, month, "c1", "review", "now", token, NOW),
        lambda month, token: accept_ask(ANNA, month, "c2", "review", "now", token, NOW),
    ),
    "set aside": (
        lambda month, token: set_aside(ANNA, "c1", "speaking", "busy", token, NOW, LATER),
        lambda month, token: set_aside(ANNA, "c2", "speaking", "busy", token, NOW, LATER),
    ),
    "set aside what was accepted": (
        lambda month, token: set_aside(ANNA, "c2", "review", "busy", token, NOW, LATER),
        lambda month, token: accept_ask(ANNA, month, "c2", "review", "now", token, NOW),
    ),
    "nominate": (
        lambda month, token: nominate(ANNA, month, "c1", "speaks well", token, NOW),
        lambda month, token: nominate(ANNA, month, "c2", "speaks well", token, NOW),
    ),
    "give": (
        lambda month, token: record_give(ANNA, month, "c1", "roadmap_preview", TODAY, token, NOW),
        lambda month, token: record_give(ANNA, month, "c2", "roadmap_preview", TODAY, token, NOW),
    ),
    "outcome": (
        lambda month, token: verify_outcome(ANNA, month, "c1", "saved a week", TODAY, token, NOW),
        lambda month, token: verify_outcome(ANNA, month, "c2", "saved a week", TODAY, token, NOW),
    ),
    "score by hand": (
        lambda month, token: set_override(ANNA, month, "c1", "readiness", 70, "met them", LATER, None, token, NOW),
        lambda month, token: set_override(ANNA, month, "c2", "readiness", 70, "met them", LATER, None, token, NOW),
    ),
    "keep a view": (
        lambda month, token: keep_view(ANNA, "Mine", PoolQuery(), None, token, NOW),
        lambda month, token: keep_view(ANNA, "Other", PoolQuery(), None, token, NOW),
    ),
    "forget a view": (
        lambda month, token: forget_view(ANNA, "Old", 1, token, NOW),
        lambda month, token: forget_view(ANNA, "Other", 1, token, NOW),
    ),
    "give a referral away": (
        lambda month, token: route_referral(ANNA, "f1", 1, "Ben", token, NOW),
        lambda month, token: route_referral(ANNA, "f2", 1, "Ben", token, NOW),
    ),
    "tell a referrer": (
        lambda month, token: tell_referrer(ANNA, "f3", 1, "contacted", "we called", token, NOW),
        lambda month, token: tell_referrer(ANNA, "f4", 1, "contacted", "we called", token, NOW),
    ),
    "withdraw a request": (
        lambda month, token: withdraw_request(ANNA, "q1", 1, "lost", token, NOW),
        lambda month, token: withdraw_request(ANNA, "q2", 1, "lost", token, NOW),
    ),
    "ask for a reference": (
        lambda month, token: open_request(ANNA, month, RequestDraft("d3", LATER), token, NOW),
        lambda month, token: open_request(ANNA, month, RequestDraft("d4", LATER), token, NOW),
    ),
    "decide": (
        lambda month, token: record_decision(LOCAL_USER, month, decision("Fund it"), token, NOW),
        lambda month, token: record_decision(LOCAL_USER, month, decision("Stop it"), token, NOW),
    ),
    "add an action": (
        lambda month, token: add_action(LOCAL_USER, 1, "Book calls", "Bo", LATER, token, NOW),
        lambda month, token: add_action(LOCAL_USER, 1, "Write it up", "Bo", LATER, token, NOW),
    ),
    "record evidence": (
        lambda month, token: add_evidence(LOCAL_USER, FIRST, ProofDraft("List", "", "shelf", TODAY), token, NOW),
        lambda month, token: add_evidence(LOCAL_USER, SECOND, ProofDraft("List", "", "shelf", TODAY), token, NOW),
    ),
    "plan a step": (
        lambda month, token: plan_step(LOCAL_USER, FIRST, STEP, token, TODAY, NOW),
        lambda month, token: plan_step(LOCAL_USER, SECOND, STEP, token, TODAY, NOW),
    ),
}
"""Every family of acts: one, and the same about another subject."""
FIRST, SECOND = "advocate_identification", "community_programmes"
STEP = StepDraft("Write the list", "Bo", LATER, 3, "small")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subjects")
    with using(folder / "home"):
        load(folder / "in", opportunities=DEALS, referrals=REFERRALS, reference_requests=REQUESTS)
        found = open_month()
        record_decision(LOCAL_USER, found, decision("The first"), "first", NOW)
        keep_view(ANNA, "Old", PoolQuery(), None, "first", NOW)
        yield found


def written():
    with records_database().read() as session:
        return len(session.exec(select(AuditEntry.id)).all())


@pytest.mark.parametrize("name", ACTS)
def test_the_token_of_one_subject_saves_nothing_about_another(month, name):
    act, other = ACTS[name]
    before = written()
    first = act(month, f"token-{name}")
    after = written()
    assert after > before
    assert act(month, f"token-{name}") == first
    with pytest.raises(RuleBroken, match="this form has saved something else already"):
        other(month, f"token-{name}")
    assert written() == after
