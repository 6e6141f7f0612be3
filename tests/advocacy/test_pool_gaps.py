import datetime as dt

import numpy as np
import pandas as pd
import pytest

from core.advocacy.pool_gaps import champions_left, coverage, never_asked, referrer_watch
from core.model.pool import pool_rules

AS_OF = dt.date(2026, 10, 31)
DAY = pd.Timestamp


def deals(*rows):
    names = ["opportunity_id", "kind", "segment", "stage", "amount_cents"]
    return pd.DataFrame(rows, columns=names).assign(name="Deal").astype({"segment": "str", "stage": "str"})


def segments(*names):
    return pd.Series(list(names), dtype="str")


def covered(rows, references):
    return coverage(rows, references, pool_rules().coverage)


def test_a_reference_serves_one_deal_of_its_segment_the_largest_first():
    rows = deals(("d1", "new", "SMB", "Proposal", 100.0), ("d2", "new", "SMB", "negotiation", 300.0),
                 ("d3", "new", "Enterprise", "proposal", 900.0))  # fmt: skip
    found = covered(rows, segments("SMB", "Mid-market"))
    assert found.covered.value == pytest.approx(1 / 3)
    assert found.uncovered_cents == 1000.0
    assert found.deals.set_index("opportunity_id")["covered"].to_dict() == {"d1": False, "d2": True, "d3": False}
    first = found.rows.iloc[0]
    assert (first["segment"], first["uncovered"], first["references"]) == ("Enterprise", 1, 0)


def test_early_stages_and_renewals_need_no_reference():
    rows = deals(("d1", "new", "SMB", "discovery", 100.0), ("d2", "renewal", "SMB", "proposal", 100.0))
    found = covered(rows, segments())
    assert found.covered.value is None
    assert found.covered.reason == "no open deal is in a late stage"
    assert not len(found.rows)


def test_an_amount_without_a_rate_leaves_the_sum_unknown():
    assert covered(deals(("d1", "new", "SMB", "proposal", np.nan)), segments()).uncovered_cents is None


def person(name, **other):
    row = {"contact_id": name, "account_id": "a1", "account_name": "A", "segment": "SMB", "nps_score": 9.0,
           "nps_on": DAY("2026-09-01"), "health": 80.0, "last_ask_on": pd.NaT, "left_on": pd.NaT,
           "account_active": True, "state": "ask"}  # fmt: skip
    return row | other


def people(*rows):
    frame = pd.DataFrame(list(rows))
    days = dict.fromkeys(("nps_on", "last_ask_on", "left_on"), "datetime64[us]")
    return frame.astype(days | {"contact_id": "str", "account_id": "str"})


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param({}, True, id="never asked"),
        pytest.param({"last_ask_on": DAY("2025-10-01")}, True, id="asked more than a year ago"),
        pytest.param({"last_ask_on": DAY("2026-01-01")}, False, id="asked this year"),
        pytest.param({"nps_score": 8.0}, False, id="no promoter"),
        pytest.param({"nps_on": DAY("2025-09-01")}, False, id="an old answer"),
        pytest.param({"health": 60.0}, False, id="the account is not healthy"),
        pytest.param({"health": np.nan}, False, id="health is unknown"),
        pytest.param({"left_on": DAY("2026-10-01")}, False, id="left the company"),
        pytest.param({"account_active": False}, False, id="no customer any more"),
    ],
)
def test_never_asked(change, found):
    told = never_asked(people(person("c1", **change)), AS_OF, pool_rules().promoters, promoter_from=9, healthy_from=70,
                       age=365)  # fmt: skip
    assert (len(told.rows) == 1) == found


def test_a_share_of_a_few_promoters_is_not_shown_but_the_rows_are():
    rows = people(person("c1"), person("c2", last_ask_on=DAY("2026-09-01")))
    found = never_asked(rows, AS_OF, pool_rules().promoters, promoter_from=9, healthy_from=70, age=365)
    assert found.share.value is None
    assert found.share.reason.startswith("too few: 1 of 2")
    assert list(found.rows["contact_id"]) == ["c1"]


def referred(**change):
    row = {"account_id": "a9", "account_name": "Referred", "segment": "SMB", "mrr_cents": 100.0, "active": True,
           "health": 80.0, "contact_id": "c1", "referrer_account": "Host", "referrer_left": False,
           "referrer_active": True, "referrer_health": 80.0}  # fmt: skip
    return row | change


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param({}, None, id="all is well"),
        pytest.param({"referrer_left": True}, "the referrer left the company", id="referrer left"),
        pytest.param({"referrer_active": False}, "the referrer's account is no customer any more", id="account gone"),
        pytest.param({"referrer_health": 30.0}, "the referrer's account is at risk", id="at risk"),
        pytest.param({"active": False}, "is no customer any more: tell the referrer", id="referred gone"),
        pytest.param({"active": False, "referrer_left": True}, None, id="both gone: nobody to tell"),
        pytest.param({"referrer_health": np.nan}, None, id="health unknown"),
        pytest.param(
            {"referrer_left": True, "referrer_active": False}, "the referrer left the company", id="worst first"
        ),
    ],
)
def test_referrer_watch(change, what):
    found = referrer_watch(pd.DataFrame([referred(**change)]), 40)
    assert list(found.rows["what"]) == ([] if what is None else [what])
    assert found.share.n == int(referred(**change)["active"])


def test_champions_who_left_lately_and_who_could_follow():
    rows = people(
        person("gone", left_on=DAY("2026-09-01"), state="blocked"),
        person("long_gone", left_on=DAY("2026-01-01"), state="blocked"),
        person("idle", left_on=DAY("2026-09-01"), state="blocked"),
        person("follows"),
        person("stopped", state="blocked"),
    )
    acts = pd.Series({"gone": 2, "long_gone": 1})
    found = champions_left(rows, acts, pd.Series([], dtype="str"), AS_OF, pool_rules().champions)
    assert list(found.rows["contact_id"]) == ["gone"]
    assert (found.rows["acts"].iloc[0], found.rows["successors"].iloc[0]) == (2, 1)
    assert found.left.value == 1
    enrolled = champions_left(rows, acts, pd.Series(["idle"]), AS_OF, pool_rules().champions)
    assert sorted(enrolled.rows["contact_id"]) == ["gone", "idle"]
