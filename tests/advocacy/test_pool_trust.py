import datetime as dt

import pandas as pd
import pytest

from core.advocacy.history import History
from core.advocacy.pool_trust import balance, promise_debt, watch_after
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 10, 31)
DAY = pd.Timestamp
DAYS = ("asked_on", "responded_on", "completed_on", "thanked_on", "used_on", "told_outcome_on")


def asks(*rows):
    frame = pd.DataFrame([dict.fromkeys(DAYS, pd.NaT) | {"response": None, "asked_by": None} | row for row in rows],
                         columns=[*DAYS, "ask_id", "contact_id", "activity", "response", "asked_by"])  # fmt: skip
    return frame.astype(dict.fromkeys(DAYS, "datetime64[us]") | {"contact_id": "str", "activity": "str"})


def done(**other):
    return {"ask_id": "k1", "contact_id": "c1", "activity": "review", "completed_on": DAY("2026-03-01")} | other


def debt(*rows, silent=None):
    whys = pd.Series(silent or {}, dtype="str")
    return promise_debt(asks(*rows), AS_OF, pool_rules().debt, whys, thanks_days=14, use_days=180)


@pytest.mark.parametrize(
    ("act", "owed"),
    [
        pytest.param(done(), "not thanked, not used, not told what came of it", id="nothing was done"),
        pytest.param(done(thanked_on=DAY("2026-03-05"), used_on=DAY("2026-04-01"), told_outcome_on=DAY("2026-04-02")),
                     None, id="everything was done"),
        pytest.param(done(thanked_on=DAY("2026-06-05"), used_on=DAY("2026-04-01"), told_outcome_on=DAY("2026-04-02")),
                     None, id="thanked late is thanked"),
        pytest.param(done(activity="reference", thanked_on=DAY("2026-03-05")), "not told what came of it",
                     id="a reference is used by being given"),
        pytest.param(done(completed_on=DAY("2026-10-25")), None, id="the time is not over"),
        pytest.param(done(completed_on=DAY("2026-10-10")), "not thanked", id="thanks are due first"),
        pytest.param(done(completed_on=DAY("2025-08-01")), None, id="longer ago than the window"),
    ],
)  # fmt: skip
def test_promise_debt(act, owed):
    assert list(debt(act).rows["owed"]) == ([] if owed is None else [owed])


def test_the_longest_overdue_stands_first_and_shares_count_what_is_due():
    rows = [done(ask_id=f"k{place}", completed_on=DAY("2026-10-01") - pd.Timedelta(days=place)) for place in range(40)]
    found = debt(*rows)
    assert found.rows["ask_id"].iloc[0] == "k39"
    assert found.rows["days"].is_monotonic_decreasing
    assert (found.share.value, found.share.n) == (1.0, 40)
    assert found.broken["not used"].n == 0
    assert found.broken["not used"].value is None


def test_what_is_owed_to_people_nobody_writes_to_is_no_debt_and_is_counted_by_reason():
    whose = ["a", "b", "c", "c", "d", "e"]
    rows = [done(ask_id=f"k{place}", contact_id=who) for place, who in enumerate(whose)]
    kept = dict.fromkeys(("thanked_on", "used_on", "told_outcome_on"), DAY("2026-03-05"))
    found = debt(*rows, done(ask_id="k9", contact_id="d") | kept,
                 silent={"b": "opted out", "c": "erased", "d": "opted out", "nobody": "erased"})  # fmt: skip
    assert set(found.rows["contact_id"]) == {"a", "e"}
    assert (found.share.n, {figure.n for figure in found.broken.values()}) == (2, {2})
    assert found.left_out == {"opted out": 2, "erased": 2}, "a promise that was kept is none"
    everybody = debt(*rows, silent=dict.fromkeys("abcde", "erased"))
    assert (len(everybody.rows), everybody.share.value, everybody.left_out) == (0, None, {"erased": 6})


def gives(*rows):
    frame = pd.DataFrame(rows, columns=["contact_id", "gives", "last_give_on"])
    return frame.astype({"contact_id": "str", "last_give_on": "datetime64[us]"})


def test_give_and_take_are_counted_per_person():
    asked = [{"ask_id": str(n), "contact_id": who, "activity": "review", "asked_on": DAY("2026-05-01")}
             for n, who in enumerate(["a", "a", "a", "b"])]  # fmt: skip
    old = {"ask_id": "9", "contact_id": "c", "activity": "review", "asked_on": DAY("2025-05-01")}
    found = balance(asks(*asked, old), gives(("a", 1, DAY("2026-06-01")), ("b", 4, DAY("2026-06-02"))), AS_OF,
                    pool_rules().balance)  # fmt: skip
    assert found.per_ask.value == pytest.approx(5 / 4)
    assert list(found.rows["contact_id"]) == ["a", "b"]
    assert list(found.rows["balance"]) == [-2, 3]
    assert found.short.n == 2


def test_without_an_ask_there_is_no_balance():
    found = balance(asks(), gives(), AS_OF, pool_rules().balance)
    assert found.per_ask.value is None
    assert found.per_ask.reason == "nobody was asked in 365 days"


ASKED = DAY("2026-08-01")


def after(*, answers=(), tickets=(), ask=None, csat=()):
    nothing = pd.DataFrame(
        {"account_id": pd.Series([], dtype="str"), "verified_on": pd.Series([], dtype="datetime64[us]")}
    )

    def said(rows):
        frame = pd.DataFrame(
            [("c1", DAY(day), score) for day, score in rows], columns=["contact_id", "answered_on", "score"]
        )
        return frame.astype({"contact_id": "str", "answered_on": "datetime64[us]", "score": "float64"})

    history = History(
        as_of=AS_OF,
        contacts=pd.DataFrame({"contact_id": ["c1"], "account_id": ["a1"]}),
        asks=asks({"ask_id": "k1", "contact_id": "c1", "activity": "review", "asked_on": ASKED} | (ask or {})),
        nps=said(answers),
        csat=said(csat),
        outcomes=nothing,
        usage=pd.DataFrame(),
    )
    opened = pd.DataFrame([("a1", severity, DAY(day)) for severity, day in tickets],
                          columns=["account_id", "severity", "opened_on"])  # fmt: skip
    opened = opened.astype({"account_id": "str", "severity": "float64", "opened_on": "datetime64[us]"})
    return watch_after(history, opened, pool_rules().watch)


ALIVE = {"ask": {"responded_on": DAY("2026-08-05")}}


@pytest.mark.parametrize(
    ("told", "what"),
    [
        pytest.param(ALIVE, None, id="nothing happened"),
        pytest.param(ALIVE | {"answers": [("2026-07-01", 9), ("2026-09-01", 7)]}, "NPS fell", id="NPS fell"),
        pytest.param(ALIVE | {"answers": [("2026-07-01", 9), ("2026-09-01", 8)]}, None, id="one point is often chance"),
        pytest.param(ALIVE | {"answers": [("2026-07-01", 9), ("2026-10-15", 3)]}, None, id="after the sixty days"),
        pytest.param(ALIVE | {"csat": [("2026-07-01", 5), ("2026-08-20", 4)]}, "CSAT fell", id="CSAT fell"),
        pytest.param(ALIVE | {"tickets": [(1, "2026-08-20")]}, "severe ticket", id="severe ticket"),
        pytest.param(ALIVE | {"tickets": [(3, "2026-08-20")]}, None, id="light ticket"),
        pytest.param(ALIVE | {"tickets": [(1, "2026-07-20")]}, None, id="a ticket before the ask"),
        pytest.param({}, "silence", id="nothing was ever heard"),
        pytest.param({"ask": {"responded_on": DAY("2026-10-20")}}, "silence", id="answered after the sixty days"),
        pytest.param({"answers": [("2026-10-20", 9)]}, "silence", id="a survey was answered after the sixty days"),
        pytest.param({"answers": [("2026-09-01", 9)]}, None, id="a survey answer is a sign"),
        pytest.param({"ask": {"asked_on": DAY("2026-10-20")}}, None, id="its time is not over"),
        pytest.param({"ask": {"asked_on": DAY("2026-03-20")}}, None, id="too long ago to be watched"),
    ],
)
def test_watch_after(told, what):
    assert list(after(**told).rows["what"]) == ([] if what is None else [what])


def test_each_share_rests_on_the_asks_that_can_tell():
    found = after(answers=[("2026-07-01", 9), ("2026-09-01", 6)])
    assert (found.fell.n, found.tickets.n, found.silent.n) == (1, 1, 1)
    assert after(**ALIVE).fell.n == 0
    assert found.fell.value is None, "a share of one ask is not shown"
