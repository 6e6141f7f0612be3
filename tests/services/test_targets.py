"""Targets: set once, never for months that are over, never over another's, and judged only as far as the data allow."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.model.targets import target_rules
from core.services.access import LOCAL_USER, Actor
from core.services.home import current_state, records_database
from core.services.overview import overview
from core.services.targets import TargetLine, Targets, read_targets, set_target, standing
from core.store.tables import AuditEntry
from tests.homes import NOW

OCTOBER, NOVEMBER, DECEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1), dt.date(2026, 12, 1)
FINANCE = Actor("Fay", frozenset({"finance"}))


def save(kpi="net_revenue_retention", value=1.05, month=OCTOBER, *, actor=FINANCE, segment=None, version=None, **other):
    words = {"owner": "RevOps", "reason": "Plan of the year."} | other
    return set_target(
        actor, kpi, segment, month, value, words["owner"], words["reason"], version, NOW, newest=OCTOBER, currency="EUR"
    )


def result(value, low=None, high=None, *, better="higher", state=State.OK, unit="ratio"):
    return KpiResult(
        id="net_revenue_retention", label="NRR", unit=unit, better=better, month=OCTOBER, value=value, low=low,
        high=high, n=100, n_label="accounts", state=state, reason=None,
    )  # fmt: skip


def audited():
    with records_database().read() as session:
        return session.exec(select(AuditEntry).where(AuditEntry.act == "set target")).all()


def test_a_target_holds_from_its_month_until_the_next_one(in_empty):
    save(value=1.05)
    save(value=1.10, month=DECEMBER)
    targets = read_targets()
    months = (dt.date(2026, 9, 1), OCTOBER, NOVEMBER, DECEMBER)
    values = [targets.value("net_revenue_retention", month, "EUR") for month in months]
    assert values == [None, 1.05, 1.05, 1.10]


def test_a_target_taken_back_is_none_from_that_month_on_and_stays_in_the_history(in_empty):
    save(value=1.05)
    save(value=None, month=NOVEMBER, reason="Replaced by a target per segment.")
    targets = read_targets()
    assert targets.line("net_revenue_retention", OCTOBER) is not None
    assert targets.line("net_revenue_retention", NOVEMBER) is None
    assert [line.value for line in targets.history("net_revenue_retention")] == [1.05, None]


def test_a_segment_has_its_own_target_and_lends_none(in_empty):
    save(value=1.2, segment="Enterprise")
    targets = read_targets()
    assert targets.value("net_revenue_retention", OCTOBER, "EUR", "Enterprise") == 1.2
    assert targets.value("net_revenue_retention", OCTOBER, "EUR", "SMB") is None
    assert targets.value("net_revenue_retention", OCTOBER, "EUR") is None


def test_money_of_another_currency_is_no_target(in_empty):
    save("arr", 2e6)
    assert read_targets().value("arr", OCTOBER, "EUR") == 2e6
    assert read_targets().value("arr", OCTOBER, "USD") is None


def test_the_same_save_twice_is_one_line_and_one_audit_row(in_empty):
    first = save()
    again = save()
    assert again == first
    assert len(audited()) == 1


def test_a_change_is_audited_and_raises_the_revision_screens_are_kept_by(in_empty):
    before = current_state().targets
    first = save()
    second = save(value=1.08, version=first.version)
    assert (first.version, second.version) == (1, 2)
    assert [entry.detail["value"] for entry in audited()] == [1.05, 1.08]
    assert {entry.actor for entry in audited()} == {"Fay"}
    assert current_state().targets == before + 2


@pytest.mark.parametrize("version", [None, 7])
def test_a_stale_version_is_refused_with_both_sides(in_empty, version):
    save(value=1.05, reason="The plan.")
    with pytest.raises(StaleRecord) as refused:
        save(value=1.2, version=version, reason="Mine.")
    assert "105.0" in str(refused.value)
    assert "120.0" in str(refused.value)
    assert read_targets().value("net_revenue_retention", OCTOBER, "EUR") == 1.05


@pytest.mark.parametrize("role", ["viewer", "contributor", "customer_marketing", "assessor", "validator"])
def test_other_roles_may_set_none(in_empty, role):
    with pytest.raises(NotAllowed, match="finance or approver or admin"):
        save(actor=Actor("Val", frozenset({role})))
    assert read_targets().lines == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kpi": "no_such"}, 'found "no_such"'),
        ({"month": dt.date(2026, 9, 1)}, "October 2026 or later"),
        ({"month": dt.date(2026, 10, 2)}, "first day of a month"),
        ({"value": float("nan")}, "must be a number"),
        ({"value": 105.0}, "30.0 % to 200.0 %"),
        ({"kpi": "csat_rate", "value": 1.01}, "0.0 % to 100.0 %"),
        ({"kpi": "arr", "value": -1.0}, "or more"),
        ({"kpi": "cac_paid", "value": 5e4, "segment": "SMB"}, "not split by segment"),
        ({"owner": " ", "reason": ""}, "the owner is missing; the reason is missing"),
        ({"reason": "x" * 401}, "longer than 400"),
    ],
)
def test_what_is_wrong_is_listed_and_nothing_is_saved(in_empty, change, words):
    with pytest.raises(RuleBroken) as refused:
        save(**{"actor": LOCAL_USER, **change})
    assert words in str(refused.value).replace("\N{NO-BREAK SPACE}", " ")
    assert read_targets().lines == ()


@pytest.mark.parametrize(
    ("figure", "target", "expected"),
    [
        pytest.param(result(1.08, 1.06, 1.1), 1.05, ("on target", "good"), id="above with its whole band"),
        pytest.param(result(1.05), 1.05, ("on target", "good"), id="exactly there"),
        pytest.param(result(1.08, 1.0, 1.16), 1.05, ("target in band", "neutral"), id="band on both sides"),
        pytest.param(result(1.02, 1.0, 1.16), 1.05, ("target in band", "neutral"), id="missed, target in the band"),
        pytest.param(result(0.95, 0.93, 0.97), 1.05, ("off target", "bad"), id="a tenth short with its whole band"),
        pytest.param(result(0.9, 0.83, 0.94), 0.95, ("off target", "bad"), id="gross retention of the demo company"),
        pytest.param(result(0.236, 0.17, 0.33), 0.35, ("off target", "bad"), id="invites of the demo company"),
        pytest.param(result(0.95), 1.05, ("near target", "neutral"), id="no band, inside a tenth"),
        pytest.param(result(0.94), 1.05, ("off target", "bad"), id="no band, beyond a tenth"),
        pytest.param(result(0.7, 0.65, 0.75), 1.05, ("off target", "bad"), id="far below"),
        pytest.param(
            result(60.0, better="lower", unit="days"), 50.0, ("off target", "bad"), id="lower is better, above"
        ),
        pytest.param(result(54.0, better="lower", unit="days"), 50.0, ("near target", "neutral"), id="lower, near"),
        pytest.param(result(40.0, better="lower", unit="days"), 50.0, ("on target", "good"), id="lower, below"),
        pytest.param(result(0.7, state=State.WIDE), 1.05, ("", "neutral"), id="wide is not judged"),
        pytest.param(result(0.7, state=State.TOO_FEW), 1.05, ("", "neutral"), id="too few is not judged"),
        pytest.param(result(2.9, state=State.IMPLAUSIBLE), 1.05, ("", "neutral"), id="implausible is no success"),
        pytest.param(result(0.7, better="neither"), 1.05, ("", "neutral"), id="no direction"),
        pytest.param(result(None), 1.05, ("", "neutral"), id="no figure"),
        pytest.param(result(1.0), None, ("", "neutral"), id="no target"),
    ],
)
def test_standing_claims_no_more_than_the_figure_supports(figure, target, expected):
    assert standing(figure, target) == expected


def test_targets_of_the_product_hold_until_the_council_sets_its_own(in_empty):
    own = target_rules().default["asks_per_contact_90d"]
    assert read_targets().value("asks_per_contact_90d", OCTOBER, "EUR") == own.value
    save("asks_per_contact_90d", 1.0)
    assert read_targets().value("asks_per_contact_90d", OCTOBER, "EUR") == 1.0


def test_targets_of_the_product_are_of_kpis_and_never_of_money():
    assert set(target_rules().default) <= set(REGISTRY)
    assert all(REGISTRY[name].unit != "money" for name in target_rules().default)


def test_the_overview_shows_the_target_and_how_the_figure_stands(in_demo):
    from core.services.home import open_month

    month = open_month()
    line = TargetLine("arr", None, OCTOBER, 30e6, month.currency, "CFO", "Fay", "Plan.", NOW, 1)
    cards = {card.result.id: card for card in overview(month, None, Targets((line,), 1)).cards}
    assert cards["arr"].target == 30e6
    assert (cards["arr"].status, cards["arr"].tone) == ("off target", "bad")
    assert cards["net_revenue_retention"].target is None
    other = overview(month, None, Targets((replace(line, currency="JPY"),), 2)).cards
    assert {card.target for card in other} == {None}
