"""Two accounts with one person each, both of whom can be asked for a review; tables can be left out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from core.services.access import LOCAL_USER, Actor
from core.services.importing import run_import

NOW = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
ANNA = Actor("Anna", frozenset({"customer_marketing"}))
BEN = Actor("Ben", frozenset({"contributor"}))
VERA = Actor("Vera", frozenset({"viewer"}))

FILES = {
    "accounts": "account_id,name,start_date,icp_fit\na,Aster,2024-01-01,0.9\nb,Birch,2024-01-01,0.9\n",
    "subscriptions": "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "s1,a,Pro,10,120000,EUR,2024-01-01,,false\ns2,b,Pro,10,120000,EUR,2024-01-01,,false\n",
    "contacts": "contact_id,account_id,persona,joined_on\nc1,a,Team Lead,2024-01-01\nc2,b,CFO,2024-01-01\n",
    "milestones": "account_id,kind,reached_on\na,first_value,2026-09-01\nb,first_value,2026-09-01\n",
    "outcomes": "outcome_id,account_id,agreed_on,verified_on\no1,a,2026-01-01,2026-09-15\no2,b,2026-01-01,2026-09-15\n",
    "survey_responses": "response_id,account_id,contact_id,survey,score,answered_at\n"
    "r1,a,c1,nps,10,2026-10-10T09:00:00\nr2,b,c2,nps,10,2026-10-31T09:00:00\n",
    "tickets": "ticket_id,account_id,severity,opened_at,closed_at,escalated\n"
    "t1,a,3,2026-01-01T09:00:00,2026-01-02T09:00:00,false\n",
    "renewals": "renewal_id,account_id,due_on,mrr_due_cents,currency\nn1,a,2027-12-31,120000,EUR\n",
    "usage": "account_id,week_start,active_users,licensed_seats,core_events\n"
    "a,2026-10-19,9,10,100\nb,2026-10-19,9,10,100\n",
    "consents": "contact_id,use,status,granted_on\nc1,email,granted,2026-01-01\nc2,email,granted,2026-01-01\n",
    "asks": "ask_id,contact_id,activity,state,asked_on,delivered\nk1,c2,speaking,sent,2024-02-01,true\n",
}  # fmt: skip


def put(folder: Path, **files: str) -> Path:
    """Write files of tables into a folder."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def load(folder: Path, *without: str, **more: str) -> None:
    """Import the company into the home of this process, some tables left out, others added or replaced."""
    files = {name: text for name, text in (FILES | more).items() if name not in without}
    run_import(LOCAL_USER, [put(folder, **files)], NOW)
