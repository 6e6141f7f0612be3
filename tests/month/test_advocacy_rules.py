"""The rules of a month: the model file with the settings of that month, read in one place, never by the Overview."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from core.model.advocacy import load_advocacy_rules
from core.model.advocacy_settings import Setting
from core.month import build_month
from core.month.source import overrides_frame
from core.settings import ROOT
from tests.companies import account, day, source, subscription

OCTOBER = dt.date(2026, 10, 1)
ANSWERS = (("r1", "c1", 7, "2026-09-15"), ("r2", "c2", 7, "2026-09-15"), ("r3", "c3", 9, "2026-10-01"))


def setting(key, value, month=OCTOBER, version=1):
    return Setting(key, value, month, version, "Ada", "Because it is so.", dt.datetime(2026, 11, 4, tzinfo=dt.UTC))


def by_hand(number, contact, value, set_on, expires_on, ended_on=None):
    return {"override_id": number, "contact_id": contact, "score": "readiness", "value": value, "author": "Ada",
            "reason": "Met at the user group", "set_on": day(set_on), "expires_on": day(expires_on),
            "ended_on": day(ended_on) if ended_on else None, "version": 1}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Three accounts in two segments, each with one contact and one answer."""
    rows = {
        "accounts": [account("a", segment="SMB"), account("b", segment="Enterprise"), account("c", segment="SMB")],
        "subscriptions": [
            *(subscription(name, "2024-01-01", None, 100) for name in "abc"),
            subscription("a", "2026-10-31", None, 1),
        ],
        "contacts": [
            {"contact_id": f"c{place}", "account_id": name, "joined_on": day("2024-01-01")}
            for place, name in enumerate("abc", start=1)
        ],
        "survey_responses": [
            {"response_id": name, "account_id": "abc"[int(contact[1]) - 1], "contact_id": contact, "survey": "nps",
             "score": score, "answered_at": dt.datetime.fromisoformat(on)}
            for name, contact, score, on in ANSWERS
        ],
        "asks": [
            {"ask_id": f"k{place}", "contact_id": "c1", "activity": activity, "state": "sent", "asked_on": day(on),
             "trigger": "NPS 9"}
            for place, (activity, on) in enumerate((("review", "2026-08-01"), ("reference", "2026-09-20")))
        ],
        "milestones": [{"account_id": "a", "kind": "first_value", "reached_on": day("2025-01-01")}],
    }  # fmt: skip
    return source(tmp_path_factory.mktemp("company"), rows)


def month_of(company, *settings, month="2026-10-31", overrides=()):
    told = replace(company, settings=settings, overrides=overrides_frame(overrides), judgement_key=f"{len(settings)}-0")
    return build_month(day(month), told)


def stopped(month):
    guards = month.guards
    return set(guards.loc[(guards["guard"] == "detractor") & (guards["state"] == "blocked"), "contact_id"])


def test_a_month_without_settings_has_the_rules_of_the_model_file(company):
    assert month_of(company).advocacy_rules == load_advocacy_rules()
    assert stopped(month_of(company)) == set()


def test_who_is_a_detractor_follows_the_setting_down_to_the_rollup(company):
    month = month_of(company, setting("stops.detractor.score_at_most", 7.0))
    assert stopped(month) == {"c1", "c2"}
    assert month.contact_facts["last_detractor_on"].notna().tolist() == [True, True, False]


def test_a_segment_has_its_own_detractors(company):
    month = month_of(company, setting("stops.detractor.score_at_most@Enterprise", 7.0))
    assert stopped(month) == {"c2"}
    assert month.contact_facts["last_detractor_on"].notna().tolist() == [False, True, False]


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A start-up that belongs to an enterprise, one person at each, both passive."""
    rows = {
        "accounts": [account("top", segment="Enterprise"), account("child", parent_id="top", segment="Start-up")],
        "subscriptions": [subscription("top", "2024-01-01", None, 100), subscription("child", "2026-10-31", None, 1)],
        "contacts": [{"contact_id": f"at {name}", "account_id": name, "joined_on": day("2024-01-01")}
                     for name in ("top", "child")],
        "survey_responses": [
            {"response_id": name, "account_id": name, "contact_id": f"at {name}", "survey": "nps", "score": 7,
             "answered_at": dt.datetime.fromisoformat("2026-09-15")} for name in ("top", "child")
        ],
    }  # fmt: skip
    return source(tmp_path_factory.mktemp("family"), rows)


@pytest.mark.parametrize(("segment", "who"), [("Start-up", {"at child"}), ("Enterprise", {"at top"})])
def test_a_person_is_judged_by_the_segment_of_the_own_account_and_not_of_its_family(family, segment, who):
    own = [setting(f"{path}@{segment}", value) for path, value in (
        ("stops.detractor.score_at_most", 7.0), ("scores.health.minimum_coverage", 0.01))]  # fmt: skip
    month = month_of(family, *own)
    assert stopped(month) == who
    scored = month.scores.contacts.set_index("contact_id")["health"].notna()
    assert set(scored.index[scored]) == who, "a number of the score is read the same way"
    assert month.facts.segments == ("Enterprise",), "figures count the family once, as its top account"


def test_an_earlier_month_keeps_the_rules_it_had(company):
    later = setting("stops.detractor.score_at_most", 7.0)
    assert stopped(month_of(company, later, month="2026-09-30")) == set()
    assert month_of(company, later, month="2026-09-30").advocacy_rules == load_advocacy_rules()


def test_settings_reach_the_evidence_that_counts_asks_by_rule(company):
    usual, strict = month_of(company), month_of(company, setting("limits.between_asks.days", 60.0))
    rows = [month.kpi_input.frame("asks_quarter", OCTOBER)["rule_asks"].tolist() for month in (usual, strict)]
    assert rows == [[1, 1], [1, 0]]


def test_the_key_of_a_month_changes_with_a_setting_and_that_of_its_figures_does_not(company):
    before, after = month_of(company), month_of(company, setting("limits.between_asks.days", 60.0))
    assert before.key != after.key
    assert before.figures_key == after.figures_key


@pytest.mark.parametrize(
    ("rows", "newest", "earlier"),
    [
        pytest.param([by_hand(1, "c1", 80, "2026-09-10", "2026-12-31")], 80, 80, id="in force"),
        pytest.param([by_hand(1, "c1", 80, "2026-11-04", "2026-12-31")], 80, None, id="set since the data end"),
        pytest.param([by_hand(1, "c1", 80, "2026-09-10", "2026-10-30")], None, 80, id="expired"),
        pytest.param([by_hand(1, "c1", 80, "2026-09-10", "2026-10-31")], 80, 80, id="last day"),
        pytest.param([by_hand(1, "c1", 80, "2026-09-10", "2026-12-31", "2026-11-04")], None, 80, id="ended"),
        pytest.param(
            [by_hand(1, "c1", 80, "2026-09-10", "2026-12-31", "2026-11-04"),
             by_hand(2, "c1", 20, "2026-11-04", "2026-12-31")], 20, 80, id="replaced",
        ),
    ],
)  # fmt: skip
def test_a_score_set_by_hand_holds_from_its_day_to_its_day(company, rows, newest, earlier):
    for month, wanted in (("2026-10-31", newest), ("2026-09-30", earlier)):
        found = month_of(company, overrides=rows, month=month).scores
        assert found.overrides["value"].tolist() == ([] if wanted is None else [wanted])
        shown = found.contacts.set_index("contact_id")["readiness"]
        assert shown["c1"] == wanted if wanted is not None else shown.isna().all()


def test_the_rules_are_read_in_one_place():
    reads = re.compile(r"\bload_advocacy_rules\(")
    found = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "core").rglob("*.py") if reads.search(path.read_text())
    }
    assert found == {"core/model/advocacy.py", "core/model/advocacy_settings.py", "core/services/advocacy_numbers.py"}
