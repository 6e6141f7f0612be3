"""A walk through everything the product shows and writes: nobody who was erased is named there.

In a copy of the demo company everybody who referred, helped a deal, was asked lately or was referred is erased under a
name and an address of their own making, one of them in one of two rows; neither may be found on a screen, in a file or
in what a command prints.
"""

import datetime as dt
import shutil
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from sqlmodel import select
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from core.cli import app
from core.kpis import MEASURES, REGISTRY
from core.services.advocates import pool
from core.services.data_conflicts import data_conflicts
from core.services.home import open_month, records_database
from core.services.pool_view import PoolQuery, exported, pool_table
from core.services.referrals import lane_view
from core.services.request_log import referral_versions
from core.services.rows import rows_behind
from core.settings import ROOT
from core.store.cells import row_key
from core.store.revisions import bump
from core.store.tables import Ask, Person, RecordConflict, ReferenceRequest, Referral
from pages._app.screens import PAGES, SCREENS
from tests.homes import using

ON = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
GIVEN, FAMILY = "Zzwraith", "Goneby"
LATELY = 60
"""Referrals, and asks, whose people are erased: the newest."""
VIEWS = [
    *({"file": screen.file} for screens in SCREENS.values() for screen in screens),
    *({"file": "data", "view": view} for view in ("Sources", "Tie-out", "Conflicts", "Runs")),
    *({"file": "advocates", "show": view} for view in ("Pool", "Pool health")),
    *({"file": "advocates", "list": name} for name in ("To send", "Answers", "To thank", "To tell", "To give")),
    {"file": "advocates", "show": "Pool", "pool_find": GIVEN[1:-1]},
    {"file": "advocates", "contact": "somebody erased"},
    {"file": "requests", "part": "Referral fast lane"},
    {"file": "requests", "part": "Referral fast lane", "referral": "one by an address"},
    {"file": "requests", "part": "Pilot plan"},
]
COMMANDS = [
    "conflicts", "conflicts --json", "data", "data --json", "advocates", "advocates --json", "advocates --csv",
    "export advocates --for salesforce", "export advocates --for hubspot", "match", "match --json", "sla", "sla --json",
    "pool", "pool --json", "pool --rows debt", "propensity", "path --json", "path --csv", "imports --json",
    "look-backs", "rows cov_leads_from_flow", "rows referral_leads",
]  # fmt: skip


@pytest.fixture(scope="module")
def walked(demo_home, tmp_path_factory):
    """The copy, and ids of a contact who was erased and of a referral that names its person by the address."""
    with using(Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("walked") / "home"))):
        st.cache_resource.clear()
        month.cache_clear()
        yield erased()
    st.cache_resource.clear()
    month.cache_clear()


@cache
def month():
    return open_month()


def erased():
    with records_database().write() as session:
        referrals = session.exec(select(Referral).order_by(Referral.submitted_at)).all()[-LATELY:]
        asks = session.exec(select(Ask).where(Ask.state != "never").order_by(Ask.ask_id)).all()
        helped = session.exec(select(ReferenceRequest.contact_id).where(ReferenceRequest.contact_id.is_not(None))).all()
        whom = (
            {row.contact_id for row in (*referrals, *asks[-LATELY:])}
            | set(helped)
            | {row.prospect_id for row in referrals}
        )
        whom |= {row.contact_id for row in asks if row.state != "sent"}
        people = [row for row in session.exec(select(Person)).all() if {row.person_id, row.contact_id} & whom]
        for place, row in enumerate(people):
            row.full_name, row.email, row.erased_at = f"{GIVEN}{place} {FAMILY}", address(place), ON
        sides = {"ours": f"{GIVEN} {FAMILY}", "theirs": f"{GIVEN} Before", "source": "crm", "since": ON}
        for state in ("open", "ours"):
            session.add(RecordConflict(table_name="people", key=row_key([people[0].person_id]), column_name="full_name",
                                       state=state, resolved_by="Ada", resolved_at=ON, **sides))  # fmt: skip
        contact = next(row.contact_id for row in people if row.contact_id)
        further = Person(person_id="further", contact_id=contact, full_name=f"{GIVEN} {FAMILY}", email=address("else"))
        session.add(further)
        referrals[-2].prospect_id, referrals[-1].prospect_id = further.email, f" {address(0).title()} "
        bump(session, ["people", "referrals", "record_conflicts"])
        assert len(people) > LATELY
        return {
            "contact": contact,
            "referral": referrals[-1].referral_id,
        }


def address(place):
    return f"{GIVEN}{place}@{FAMILY}.example".lower()


def assert_nobody_named(text):
    for name in (GIVEN, FAMILY):
        found = text.lower().find(name.lower())
        assert found < 0, text[max(found - 200, 0) : found + 200]


def everything(test):
    """Every message the run sent to the browser, cells of tables included."""

    def below(block):
        for child in block.children.values():
            yield str(child.proto) if hasattr(child, "proto") else ""
            if hasattr(child, "children"):
                yield from below(child)

    return "\n".join(below(test._tree))


@pytest.mark.sampled(15)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: " ".join(view.values()))
def test_no_screen_names_them(walked, view):
    query = {name: walked.get(name, value) for name, value in view.items() if name != "file"}
    test = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    test = test.switch_page(str(PAGES / f"{view['file']}.py")).run()
    assert not test.exception, test.exception
    seen = everything(test)
    assert len(seen) > 2_000
    assert_nobody_named(seen)


@pytest.mark.sampled(15)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_them(walked, command):
    result = CliRunner().invoke(app, command.split())
    assert result.exit_code == 0, result.output
    assert_nobody_named(result.output)


@pytest.mark.long
def test_no_rows_of_a_figure_and_no_file_name_them(walked):
    frames = [rows_behind(month(), name).frame for name in (*REGISTRY, *MEASURES)]
    frames += [item.rows for item in data_conflicts(month())]
    frames.append(exported(month(), pool_table(month(), pool(month())), PoolQuery()))
    for frame in frames:
        assert_nobody_named(frame.to_csv())
    lane = lane_view(month(), referral_versions())
    assert walked["referral"] in {line.referral_id for line in lane.lines}
    assert_nobody_named(repr(lane))
