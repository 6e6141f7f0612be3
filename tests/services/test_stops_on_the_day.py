"""Stops that end by themselves and consents that expire are judged on the working day, by lists and at saving alike."""

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.errors import RuleBroken
from core.services import clock
from core.services.access import LOCAL_USER
from core.services.advocates import advocates, pool
from core.services.asking import accept_ask
from core.services.clock import now
from core.services.crm_export import crm_frame
from core.services.home import open_month
from core.services.importing import run_import
from core.services.pool_view import PoolQuery, exported, pool_table
from core.services.profile import profile, profile_key
from core.services.requests import open_matches
from tests.homes import using
from tests.services.small_company import ANNA, FILES, put

LAST, DAY, FREE = dt.date(2026, 10, 31), dt.date(2026, 11, 23), dt.date(2026, 11, 8)
"""End of the data, the working day, and the day on which nobody need hold back any more after the answer of c1."""
KNOWN = {
    "survey_responses": FILES["survey_responses"] + "r3,a,c1,nps,3,2026-08-10T09:00:00\n",
    "consents": "contact_id,use,status,granted_on,expires_on\n"
    "c1,email,granted,2026-01-01,\nc2,email,granted,2026-01-01,\n"
    "c1,call,granted,2026-01-01,\nc2,call,granted,2026-01-01,2026-11-10\n",
    "opportunities": "opportunity_id,account_id,name,kind,amount_cents,currency,created_on,outcome,reference_required\n"
    "d1,,Deal,new,1000000,EUR,2026-10-01,open,true\n",
    "reference_requests": "request_id,opportunity_id,state,needed_by\nq1,d1,open,2026-12-10\n",
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """c1 was a detractor on 10 August and is a promoter since October; c2 permits calls until 10 November."""
    folder = tmp_path_factory.mktemp("stops")
    with using(folder / "home"):
        begun = dt.datetime.combine(DAY, dt.time(9), dt.UTC)
        run_import(LOCAL_USER, [put(folder / "inbox", **(FILES | KNOWN))], begun, source="crm", as_of=LAST)
    return folder / "home"


@pytest.fixture
def newest(imported, tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "real_now", lambda: dt.datetime.combine(DAY, dt.time(10), dt.UTC))
    with using(Path(shutil.copytree(imported, tmp_path / "home"))):
        yield open_month()


def of(month, who, day):
    return pool(month, day).set_index("contact_id").loc[who]


def test_a_detractor_is_left_in_peace_until_the_day_that_was_named_and_no_longer(newest):
    waiting = [of(newest, "c1", day) for day in (None, FREE - dt.timedelta(days=1))]
    assert [(row["state"], row["earliest"].date()) for row in waiting] == [("blocked", FREE)] * 2
    free = of(newest, "c1", DAY)
    assert (free["state"], free["earliest"].date()) == ("ask", DAY)
    assert list(newest.on(DAY).standings) == list(newest.on(DAY).next_asks["state"])
    early = dt.datetime.combine(FREE, dt.time(9), dt.UTC) - dt.timedelta(days=1)
    with pytest.raises(RuleBroken, match=r"detractor on 10 Aug \(until 8\sNov\s2026\)"):
        accept_ask(ANNA, newest, "c1", free["activity"], "", "t0", early)
    accept_ask(ANNA, newest, "c1", free["activity"], "", "t1", now())


def test_no_list_or_file_names_a_day_that_has_passed(newest):
    view = advocates(newest, DAY)
    assert "c1" in set(view.ask["contact_id"])
    assert not (view.pool["earliest"] < pd.Timestamp(DAY)).any()
    until = [
        crm_frame(newest, "salesforce", day).set_index("Contact_External_Id__c").iloc[:, -1] for day in (LAST, DAY)
    ]
    assert [days["c1"] for days in until] == [str(FREE), ""]


def test_the_guardrails_of_a_profile_are_those_of_the_day(newest):
    for day, states in ((None, {"clear", "blocked"}), (DAY, {"clear"})):
        people = pool(newest, day)
        assert {guard.state for guard in profile(newest, "c1", people, day=day).guards} == states
    assert profile_key(newest, "c2", people) != profile_key(newest, "c2", people, DAY)


def test_a_consent_that_expired_since_the_data_end_is_neither_proposed_nor_shown_nor_saved(newest):
    assert list(newest.reference_pool["contact_id"]) == ["c2"]
    assert list(newest.on(DAY).reference_pool["contact_id"]) == ["c1"]
    assert [item.assigned for item in open_matches(newest, DAY)] == ["c1"]
    assert of(newest, "c2", DAY)["activity"] != "reference"
    people = pool(newest, DAY)
    table = pool_table(newest, people, DAY)
    assert list(table.rows.set_index("contact_id").loc[["c1", "c2"], "Agreed to"]) == ["calls, e-mail", "e-mail"]
    file = exported(newest, table, PoolQuery(), DAY).set_index("Contact")
    assert list(file.loc[["c1", "c2"], "Consent: calls"]) == ["granted", "expired"]
    with pytest.raises(RuleBroken, match="consent to calls expired after 10 Nov"):
        accept_ask(ANNA, newest, "c2", "reference", "", "t1", now())


def test_the_working_day_moves_no_figure(newest):
    figure, people = newest.kpis["advocate_pool_size"], newest.pool_figures.capacity.people
    assert list(newest.on(DAY).next_asks["state"]) != list(newest.next_asks["state"])
    fresh = open_month()
    assert list(fresh.on(DAY).standings) != list(fresh.standings)
    assert (fresh.kpis["advocate_pool_size"], fresh.pool_figures.capacity.people) == (figure, people)
