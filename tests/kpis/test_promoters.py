"""The promoter rate and the Net Promoter Score: one answer per person, the latest of twelve months."""

import datetime as dt
import json
from pathlib import Path

import pytest

from core.kpis import REGISTRY, evaluate
from core.kpis.promoters import nps
from core.kpis.result import State
from tests.companies import account, subscription

DECEMBER = dt.date(2025, 12, 1)
BASE = {"accounts": [account("a"), account("b")], "subscriptions": [subscription("a", "2023-01-01", None, 10)]}
CASES = json.loads((Path(__file__).parents[1] / "published" / "advocacy.json").read_text(encoding="utf-8"))


def answer(contact, day, score, survey="nps", place=0):
    return {
        "response_id": f"{contact}{day}{place}",
        "account_id": "a",
        "contact_id": contact,
        "survey": survey,
        "score": score,
        "answered_at": dt.datetime.fromisoformat(f"{day}T09:00:00+00:00") + dt.timedelta(hours=place),
    }


def people(promoters, passives, detractors, account_of=lambda place: "a"):
    """Contacts and one answer each, in the middle of 2025."""
    scores = [9] * promoters + [8] * passives + [3] * detractors
    contacts = [{"contact_id": f"p{place}", "account_id": account_of(place)} for place in range(len(scores))]
    answers = [answer(f"p{place}", "2025-06-01", score) for place, score in enumerate(scores)]
    return BASE | {"contacts": contacts, "survey_responses": answers}


def test_only_the_latest_answer_of_a_person_counts(company):
    answers = [
        answer("changed", "2025-03-01", 10),
        answer("changed", "2025-09-01", 5),
        answer("twice in a day", "2025-05-05", 2),
        answer("twice in a day", "2025-05-05", 9, place=1),
        answer("too old", "2024-12-31", 10),
        answer("old and new", "2024-06-01", 3),
        answer("old and new", "2025-01-01", 10),
        answer("passive", "2025-12-31", 8),
        answer("later", "2026-01-01", 10),
        answer("csat", "2025-05-01", 5, survey="csat"),
        answer(None, "2025-05-01", 10),
    ]
    frame = company(BASE | {"survey_responses": answers}).frame("answers_year", DECEMBER).set_index("contact_id")
    assert frame["score"].to_dict() == {"changed": 5, "twice in a day": 9, "old and new": 10, "passive": 8}
    assert (frame["promoters"].sum(), frame["passives"].sum(), frame["detractors"].sum()) == (2, 1, 1)
    everything = sum(row["score"] >= 9 for row in answers if row["survey"] == "nps") / (len(answers) - 1)
    assert everything == pytest.approx(0.6) and frame["promoters"].mean() == 0.5, "all answers give another figure"


def test_an_earlier_month_sees_the_answer_that_was_latest_then(company):
    answers = [answer("p", "2025-03-01", 10), answer("p", "2025-09-01", 5)]
    data = company(BASE | {"survey_responses": answers})
    assert data.frame("answers_year", dt.date(2025, 8, 1))["score"].tolist() == [10]
    assert data.frame("answers_year", dt.date(2026, 9, 1)).empty


def test_the_score_of_50_answers_has_the_interval_of_the_closed_form(company):
    # p = .5, d = .2, n = 50: 30 +- 1.96 * 100 * sqrt((.7 - .09) / 50) = 30 +- 21.65
    result = evaluate(REGISTRY["promoter_rate"], company(people(25, 15, 10)), DECEMBER)
    parts = {part.label: part.value for part in result.parts}
    assert (result.value, result.n, result.numerator) == (0.5, 50, 25)
    assert parts["Net Promoter Score (NPS)"] == pytest.approx(30)
    assert (parts["NPS at least"], parts["NPS at most"]) == (
        pytest.approx(8.35, abs=0.01),
        pytest.approx(51.65, abs=0.01),
    )
    assert (parts["Passives"], parts["Detractors"]) == (15.0, 10.0)


def test_twenty_nine_answers_are_counts_without_a_score(company):
    result = evaluate(REGISTRY["promoter_rate"], company(people(20, 5, 4)), DECEMBER)
    parts = {part.label: part.value for part in result.parts}
    assert (result.state, result.reason) == (State.TOO_FEW, "too few: 20 of 29, about 34 needed to show such a rate")
    assert (parts["Net Promoter Score (NPS)"], parts["NPS at least"], parts["Detractors"]) == (None, None, 4.0)


def test_the_score_by_account_is_another_figure_and_named_apart(company):
    rows = people(60, 0, 40, account_of=lambda place: f"acc{min(place, 40)}")
    rows["accounts"] = [account(f"acc{place}") for place in range(41)]
    parts = {part.label: part.value for part in REGISTRY["promoter_rate"].parts(company(rows), DECEMBER, None)}
    # 40 accounts with one promoter each; one account with 20 promoters and 40 detractors: (40 * 100 - 100 / 3) / 41
    assert parts["Net Promoter Score (NPS)"] == pytest.approx(20)
    assert parts["NPS, mean over accounts"] == pytest.approx((40 * 100 - 100 / 3) / 41)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_published_scores(case):
    promoters, detractors = case["inputs"]["promoters_pct"], case["inputs"]["detractors_pct"]
    assert nps(promoters, detractors, 100) == pytest.approx(case["expected"]["nps"], abs=case["tolerance"])


def test_nobody_answered_is_no_score():
    assert nps(0, 0, 0) is None


def test_without_answers_there_is_a_reason(company):
    old = company(BASE | {"survey_responses": [answer("p", "2023-01-01", 9)]})
    result = evaluate(REGISTRY["promoter_rate"], old, DECEMBER)
    assert (result.value, result.state) == (None, State.UNDEFINED)
    assert "nobody has answered" in result.reason
    missing = evaluate(REGISTRY["promoter_rate"], company(BASE), DECEMBER)
    assert (missing.state, missing.reason) == (State.MISSING, "not loaded: survey responses")
