"""The demo company's assessment: three quarters, an inflated claim that is lowered, every coverage measured."""

import datetime as dt

import pytest
from sqlmodel import select

from core.glossary import MINUS
from core.model.demo_assessment import demo_assessment
from core.services.demo_assessment import record_demo_assessment
from core.services.home import records_database
from core.services.maturity import maturity
from core.services.maturity_checklist import checklist_view
from core.services.maturity_drafts import drafts_of
from core.services.maturity_gaps import gaps_of
from core.services.maturity_history import history_of
from core.services.maturity_kpis import kpi_lines
from core.services.maturity_proof import evidence_of
from core.services.maturity_roadmap import steps_of
from core.services.maturity_rounds import round_of
from core.services.targets import Targets
from core.store.tables import Agreement, AuditEntry, Rating
from tests.homes import using

QUARTER = dt.date(2026, 10, 1)
FIRST, SECOND, OPEN = "nurture_to_advocacy", "post_sale_nurture", "advocacy_referral_journeys"


@pytest.fixture(scope="module")
def month(demo_home, demo_months):
    with using(demo_home):
        yield demo_months(dt.date(2026, 10, 1))


@pytest.fixture(scope="module")
def view(month):
    return maturity(month, QUARTER)


def test_one_matrix_is_agreed_for_three_quarters_by_three_raters_each(view):
    history = history_of(view)
    assert history.labels == ("Q2 2026", "Q3 2026", "Q4 2026")
    assert all(cell is not None and cell.agreed for row in history.rows for cell in row.cells)
    assert {len(row.raters) for row in view.rows} == {3}
    assert {line.role for row in view.rows for line in row.raters} == {"owner", "user", "control"}


def test_the_inflated_claim_is_lowered_called_unsupported_and_stands_against_its_figures(view):
    row = next(item for item in view.rows if item.capability.id == "advocacy_activation")
    assert (row.claimed, row.measured, row.reported, row.status) == (4, 2, 3, "unsupported")
    assert any("Invite to action" in words for words in row.falling)
    assert row.validation_words == "waits for a second person"


def test_what_was_measured_is_kept_with_the_agreement(month):
    with records_database().read() as session:
        rows = session.exec(select(Agreement).where(Agreement.quarter == QUARTER)).all()
    kept = {row.capability_id: (row.level, row.measured, row.reported, row.month) for row in rows}
    assert kept["advocacy_activation"] == (4, 2, 3, dt.date(2026, 9, 1))


def test_the_third_matrix_is_open_with_raters_apart_and_answers_not_handed_in(month):
    line = round_of(OPEN, QUARTER)
    assert line is not None and line.is_open
    rows = {row.capability.id: row for row in maturity(None, QUARTER, matrix=OPEN).rows}
    assert "2 levels apart: talk first" in rows["advocate_identification"].flags
    assert set(drafts_of(QUARTER, "Jorun Ashdale")) == {"advocacy_programmes"}
    assert round_of(FIRST, QUARTER).is_open is False


def test_the_gap_with_money_comes_first_and_the_roadmap_has_a_late_step(month, view):
    steps = steps_of([row.capability.id for row in view.rows], month.as_of)
    found = gaps_of(view, month, Targets(), steps)
    assert found.lines[0].capability_id == "attribution_finance_tie_out"
    assert found.lines[0].money.startswith("€")
    assert [line.money for line in found.lines[1:]] == ["–"] * (len(found.lines) - 1)
    assert [step.late for step in steps].count(True) == 1


def test_evidence_is_proposed_accepted_retracted_and_old(view):
    ids = [row.capability.id for row in view.rows]
    lines = [line for found in evidence_of(ids, dt.date(2026, 12, 31)).values() for line in found]
    assert {line.state for line in lines} == {"proposed", "accepted", "retracted"}
    assert any(line.old for line in lines)
    assert len([line for line in checklist_view(QUARTER).lines if line.answer]) == len(demo_assessment().checklist)


def test_the_figures_a_capability_answers_for_stand_with_their_year_and_their_target(month, view):
    row = next(item for item in view.rows if item.capability.id == "advocacy_activation")
    lines = {line.id: line for line in kpi_lines(row.capability, month, Targets())}
    assert tuple(lines) == row.capability.primary_kpis
    asked = lines["invite_to_action_rate"]
    assert (asked.good, len(asked.series), asked.words) == (False, 13, "no target")
    assert asked.change.startswith(MINUS) and asked.value.endswith("%")
    assert kpi_lines(row.capability, None, Targets()) == ()


def test_recording_it_again_changes_nothing(in_demo_copy):
    def count():
        with records_database().read() as session:
            return [len(session.exec(select(model)).all()) for model in (Rating, Agreement, AuditEntry)]

    before = count()
    record_demo_assessment()
    assert count() == before
