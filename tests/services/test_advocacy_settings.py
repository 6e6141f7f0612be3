"""Settings of advocacy: previewed, checked, saved once with their audit row, from a month on, by an admin alone."""

import datetime as dt
import threading

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.model.advocacy import load_advocacy_rules
from core.month import build_month
from core.services.advocacy_preview import preview
from core.services.advocacy_settings import save_settings, settings_view
from core.services.home import current_state, records_database
from core.store.tables import AuditEntry, ModelSetting
from tests.companies import account, day, source, subscription
from tests.services.advocacy_company import ADA, CLEO, NOW, OCTOBER, company, home, month_now, states, untouched

__all__ = ["company", "home", "untouched"]
RENEWAL = {"stops.renewal.days": 200.0}
FIT = "scores.readiness.weights.fit"


@pytest.fixture
def month(company, home):
    return month_now(company)


def save(month, changes=RENEWAL, reason="Renewals are decided late", valid_from=OCTOBER, version=0, actor=ADA):
    return save_settings(actor, month, changes, reason, valid_from, version, NOW)


def stored(model):
    with records_database().read() as session:
        return session.exec(select(model)).all()


def test_a_setting_is_saved_with_its_audit_row_and_reaches_the_next_month_object(company, month):
    before = current_state()
    assert set(states(month).values()) == {"ask", "blocked"}
    assert save(month) == 1
    assert set(states(month_now(company)).values()) == {"blocked"}
    (entry,) = [entry for entry in stored(AuditEntry) if entry.act == "save settings"]
    assert (entry.actor, entry.detail["changes"], entry.detail["valid_from"]) == ("Ada", RENEWAL, "2026-10-01")
    after = current_state()
    assert (after.records_key != before.records_key) and (after.figures_records_key == before.figures_records_key)


def test_an_earlier_month_is_as_it_was(company, month):
    save(month)
    earlier = month_now(company, "2026-09-30")
    assert earlier.advocacy_rules == load_advocacy_rules()
    assert "ask" in states(earlier).values()


def test_the_same_click_three_times_saves_once(company, month):
    results = []
    clicks = [threading.Thread(target=lambda: results.append(save(month))) for _ in range(3)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert results == [1, 1, 1]
    assert len(stored(ModelSetting)) == 1
    assert len([entry for entry in stored(AuditEntry) if entry.act == "save settings"]) == 1


def test_of_two_people_the_second_is_shown_what_the_first_saved(company, month):
    save(month)
    with pytest.raises(StaleRecord, match=r"200 days.*You wanted: Fit \(readiness\): 20"):
        save(month, {FIT: 20.0}, version=0)
    assert save(month_now(company), {FIT: 20.0}, version=1) == 2


def test_only_an_admin_changes_how_people_are_scored(month):
    with pytest.raises(NotAllowed, match="Cleo may not change how people are scored"):
        save(month, actor=CLEO)
    assert stored(ModelSetting) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"changes": {"stops.detractor.days": 5.0}}, "left in peace for: expected 30 to 365 days, found 5"),
        ({"changes": {"stops.detractor.days": float("nan")}}, "found nan"),
        ({"changes": {"stops.detractor.days": 90.5}}, "expected a whole number, found 90.5"),
        ({"changes": {"stops.consent": 0.0}}, '"stops.consent" is no number that can be set'),
        ({"changes": {"signals.fit.worth": 0.0}}, "is no number that can be set"),
        ({"changes": {f"{FIT}@Nowhere": 5.0}}, 'cannot be set for segment "Nowhere"'),
        ({"changes": {"triggers.days@SMB": 60.0}}, 'cannot be set for segment "SMB"'),
        ({"changes": {}}, "no number was changed"),
        ({"reason": "  "}, "the reason is missing"),
        ({"reason": "x" * 401}, "longer than 400"),
        ({"valid_from": dt.date(2026, 9, 1)}, "months that are over keep theirs; found 2026-09-01"),
        ({"valid_from": dt.date(2026, 11, 2)}, "first day of a month"),
        (
            {"changes": dict.fromkeys((f"scores.engagement.weights.{name}" for name in
             load_advocacy_rules().scores["engagement"].weights), 0.0)}, "the weights must add up to more than 0",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_saved(untouched, wrong, message):
    with pytest.raises(RuleBroken) as refused:
        save(untouched, **wrong)
    assert message in str(refused.value)
    assert stored(ModelSetting) == []


def test_several_faults_are_named_together(untouched):
    with pytest.raises(RuleBroken, match=r"expected 30 to 365 days.*the reason is missing"):
        save(untouched, {"stops.renewal.days": 3.0}, reason="")


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_the_view_shows_what_is_in_force_since_when_and_where_defaults_come_from(company, month):
    save(month, {f"{FIT}@SMB": 50.0, "limits.between_asks.days": 45.0})
    now = month_now(company)
    fit = {segment: {item.path: item for item in settings_view(now, segment).numbers}[FIT] for segment in (None, "SMB")}
    assert [(item.value, item.default, item.back) for item in fit.values()] == [(8, 8, 8), (50, 8, 8)]
    assert fit["SMB"].since == "Ada, from October 2026: Renewals are decided late"
    assert fit[None].since == ""
    view = settings_view(now)
    assert view.version == 2
    assert all(item.source for item in view.numbers)
    assert [line.value for line in view.history] == ["45 days", "50"]
    assert [line.what for line in view.history] == ["Rest between two asks", "Fit (readiness), SMB"]
    assert not any(item.path == "triggers.days" for item in settings_view(now, "SMB").numbers)


def test_the_segment_of_an_account_in_a_family_can_have_its_own_numbers(tmp_path, untouched):
    rows = {
        "accounts": [account("top", segment="Enterprise"), account("child", parent_id="top", segment="Start-up")],
        "subscriptions": [subscription("top", "2024-01-01", None, 100), subscription("child", "2026-10-31", None, 1)],
        "contacts": [{"contact_id": "c", "account_id": "child", "joined_on": day("2024-01-01")}],
    }
    month = build_month(day("2026-10-31"), source(tmp_path, rows))
    assert settings_view(month).segments == ("Enterprise", "Start-up")
    assert preview(month, {f"{FIT}@Start-up": 20.0}).moved == 0
    with pytest.raises(RuleBroken, match='cannot be set for segment "Nobody"'):
        preview(month, {f"{FIT}@Nobody": 20.0})


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_a_number_put_back_to_its_default_takes_the_setting_back(company, month):
    save(month, {FIT: 50.0})
    now = month_now(company)
    fit = next(item for item in settings_view(now).numbers if item.path == FIT)
    assert (fit.value, fit.entered(8.0)) == (50, None)
    save(now, {FIT: fit.entered(8.0)}, version=1)
    assert month_now(company).advocacy_rules == load_advocacy_rules()
    assert settings_view(month_now(company)).history[0].value == "as in the model file"


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_the_preview_names_exactly_who_moves_and_saves_nothing(company, month):
    found = preview(month, {"stops.renewal.days@SMB": 200.0})
    assert found.answer == "2 people move: 2 can no longer be asked"
    assert set(found.rows["contact_id"]) == {"c3", "c4"}
    assert found.moves.to_dict("records") == [{"From": "ask now", "To": "leave in peace", "People": 2}]
    assert found.shown["What to do"].tolist() == ["ask now → leave in peace"] * 2
    assert stored(ModelSetting) == []
    save(month, {"stops.renewal.days@SMB": 200.0})
    after = states(month_now(company))
    assert {who for who, state in states(month).items() if after[who] != state} == set(found.rows["contact_id"])


def test_a_preview_of_what_cannot_be_set_is_refused_and_of_nothing_new_moves_nobody(untouched):
    assert preview(untouched, {"stops.renewal.days": 90.0}).answer == "Nobody moves"
    with pytest.raises(RuleBroken, match="expected 30 to 365 days, found 3"):
        preview(untouched, {"stops.renewal.days": 3.0})


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_either_end_of_every_range_makes_a_month_that_can_be_built(company, month):
    version = 0
    for item in settings_view(month).numbers[::7]:
        for value in (item.range.least, item.range.most):
            version = save(month_now(company), {item.path: float(value)}, version=version)
        version = save(month_now(company), {item.path: None}, version=version)
    assert month_now(company).advocacy_rules == load_advocacy_rules()
