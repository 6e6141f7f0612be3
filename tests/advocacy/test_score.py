import gc
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy import score as module
from core.advocacy.score import score
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from tests.advocacy.random_input import AS_OF, EVERY_TABLE, case, ideal, random_input

RULES = load_advocacy_rules()
FEW = settings(max_examples=5, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def before(days: int) -> pd.Timestamp:
    return pd.Timestamp(AS_OF) - pd.Timedelta(days=days)


def weighing(**weights: float):
    """The shipped rules with other weights of readiness."""
    readiness = replace(RULES.scores["readiness"], weights=weights, minimum_coverage=0.4)
    return replace(RULES, scores=RULES.scores | {"readiness": readiness})


def readiness_parts(scores) -> pd.DataFrame:
    return scores.parts[scores.parts["score"] == "readiness"].set_index("signal")


def test_waterfall_worked_by_hand():
    signals = RULES.signals | {
        "nps": replace(RULES.signals["nps"], half_life_days=100),
        "outcomes": replace(RULES.signals["outcomes"], half_life_days=200),
    }
    rules = replace(weighing(nps=3, outcomes=2, fit=1, usage=4), signals=signals)
    contact = ideal(nps_score=9, nps_on=before(100), outcomes_verified=1, last_outcome_on=before(200), icp_fit=0.5)

    scores = score(case(contact, loaded=EVERY_TABLE - {"usage"}), rules)

    # weights 1.5 (halved), 2, 1 of 10; values 0.9, 0.7 / 2, 0.5: (1.35 + 0.7 + 0.5) / 4.5
    row = scores.contacts.iloc[0]
    assert row["readiness"] == pytest.approx(100 * 2.55 / 4.5)
    assert row["coverage"] == pytest.approx(0.45)
    parts = readiness_parts(scores)
    assert parts["points"].round(4).dropna().to_dict() == {"nps": 30.0, "outcomes": 15.5556, "fit": 11.1111}
    assert parts.loc["nps", ["weight", "value"]].tolist() == pytest.approx([1.5, 0.9])
    assert parts.loc["outcomes", ["weight", "value"]].tolist() == pytest.approx([2, 0.35])
    assert parts.loc["nps", "raw"] == "NPS 9 on 13 Aug"
    assert parts.loc["outcomes", "raw"] == "1 outcome verified, last on 5 May"
    assert parts.loc["fit", "raw"] == "fit 50 %"
    assert parts.loc["usage", "why_missing"] == 'table "usage" is not loaded'
    assert parts.loc["usage", ["value", "points", "raw"]].isna().all()
    assert parts.loc["nps":"fit", "why_missing"].isna().all()


def test_too_little_known_is_no_score_but_a_reason():
    rules = weighing(nps=3, usage=5, fit=2)
    scores = score(case(ideal(nps_on=before(0), icp_fit=None), loaded=EVERY_TABLE - {"usage"}), rules)
    row = scores.contacts.iloc[0]
    assert np.isnan(row["readiness"])
    assert row["coverage"] == pytest.approx(0.3)
    assert row["readiness_reason"] == "30 % of it is known, 40 % needed; missing: Usage against seats, Fit"
    assert readiness_parts(scores)["points"].isna().all()


def test_nothing_known_is_no_score():
    scores = score(case(loaded=frozenset()), RULES)
    assert scores.contacts[["health", "readiness", "engagement"]].isna().all().all()
    assert (scores.contacts[["coverage", "health_coverage", "engagement_coverage"]] == 0).all().all()


def test_no_contacts_give_empty_frames():
    empty = case(ideal())
    empty = replace(empty, contacts=empty.contacts.iloc[:0])
    scores = score(empty, RULES)
    assert scores.contacts.empty
    assert scores.parts.empty


@pytest.mark.parametrize("days", [180, 360])
def test_an_old_answer_says_less_but_does_not_turn_bad(days):
    parts = readiness_parts(score(case(ideal(nps_on=before(days))), RULES))
    full = RULES.scores["readiness"].weights["nps"]
    assert parts.loc["nps", "value"] == 1
    assert parts.loc["nps", "weight"] == pytest.approx(full * 0.5 ** (days / 180))


@pytest.mark.parametrize(("days", "missing"), [(365, None), (366, "older than 365 days")])
def test_an_answer_past_its_age_limit_is_absent(days, missing):
    reason = readiness_parts(score(case(ideal(nps_on=before(days))), RULES)).loc["nps", "why_missing"]
    assert reason == missing if missing else pd.isna(reason)


def test_no_verified_outcome_counts_as_none_and_an_unknown_one_is_absent():
    none = readiness_parts(score(case(ideal(outcomes_verified=0, last_outcome_on=None)), RULES)).loc["outcomes"]
    unknown = readiness_parts(score(case(ideal(outcomes_verified=None)), RULES)).loc["outcomes"]
    assert (none["value"], none["points"]) == (0, 0)
    assert np.isnan(unknown["value"])


def test_a_segment_has_its_own_weights():
    rules = replace(weighing(nps=1, fit=1), segments={"Enterprise": {"scores.readiness.weights.fit": 3}})
    people = [
        ideal(nps_on=before(0), icp_fit=0.0),
        ideal(contact_id="c2", segment="Enterprise", nps_on=before(0), icp_fit=0.0),
    ]
    assert score(case(*people), rules).contacts["readiness"].tolist() == pytest.approx([50, 25])


def test_health_is_of_the_account_and_readiness_of_the_person():
    people = [ideal(), ideal(contact_id="c2", nps_score=0)]
    contacts = score(case(*people), RULES).contacts
    assert contacts["health"].nunique() == 1
    assert contacts["readiness"].is_monotonic_decreasing
    assert contacts["readiness"].nunique() == 2


def test_who_left_does_not_speak_for_the_account():
    stays, gone = ideal(nps_score=7), ideal(contact_id="c2", nps_score=10, left_on=before(400))
    parts = score(case(stays, gone), RULES).parts
    raw = parts[(parts["signal"] == "account_nps") & (parts["contact_id"] == "c1")]["raw"].item()
    assert raw == "NPS 7, 1 person, last on 1 Nov"


@FEW
@given(seed=seeds)
def test_points_sum_to_the_score(seed):
    scores = score(random_input(np.random.default_rng(seed)), RULES)
    sums = scores.parts.groupby(["score", "contact_id"], observed=True)["points"].sum(min_count=1)
    for name in ("health", "readiness", "engagement"):
        whole = scores.contacts.set_index("contact_id")[name]
        assert np.allclose(sums[name].reindex(whole.index), whole, atol=1e-9, equal_nan=True)
        assert whole.dropna().between(0, 100 + 1e-9).all()
        assert (whole.isna() == scores.contacts.set_index("contact_id")[f"{name}_reason"].notna()).all()


@FEW
@given(seed=seeds)
def test_every_part_is_either_measured_or_says_why_not(seed):
    parts = score(random_input(np.random.default_rng(seed)), RULES).parts
    assert (parts["value"].isna() == parts["why_missing"].notna()).all()
    assert (parts["raw"].isna() == parts["why_missing"].notna()).all()
    assert parts["value"].dropna().between(0, 1).all()


BETTER = {
    "nps": ("nps_score", lambda old: (old + 1).clip(upper=10)),
    "csat": ("csat_score", lambda old: (old + 1).clip(upper=5)),
    "outcomes": ("outcomes_verified", lambda old: old + 1),
    "usage": ("users_4w", lambda old: old * 1.3),
    "usage_trend": ("events_4w", lambda old: old * 1.3),
    "responsiveness": ("answered_365d", lambda old: old + 1),
    "tenure": ("joined_on", lambda old: old - pd.Timedelta(days=100)),
    "sponsor": ("sponsor_known", lambda old: old.where(old.isna(), 1.0)),
    "fit": ("icp_fit", lambda old: (old + 0.1).clip(upper=1)),
    "willingness_shown": ("completed_365d", lambda old: old + 1),
    "account_nps": ("nps_score", lambda old: (old + 1).clip(upper=10)),
    "support": ("open_severe_tickets", lambda old: (old - 1).clip(lower=0)),
    "last_contact": ("last_interaction_on", lambda old: old.where(old.isna(), pd.Timestamp(AS_OF))),
}


def points_of(inputs, signal: str) -> pd.DataFrame:
    parts = score(inputs, RULES).parts
    return parts.loc[parts["signal"] == signal, ["score", "contact_id", "value", "points"]].dropna()


@pytest.mark.parametrize("signal", BETTER)
def test_a_better_signal_never_lowers_its_points(signal):
    column, improve = BETTER[signal]
    inputs = random_input(np.random.default_rng(7), 150)
    better = replace(inputs, contacts=inputs.contacts.assign(**{column: improve(inputs.contacts[column])}))
    keys = ["score", "contact_id"]
    old, new = (points_of(each, signal).set_index(keys) for each in (inputs, better))
    both = old.join(new, suffixes=("", "_new"), how="inner")
    assert (both["points_new"] >= both["points"] - 1e-9).all()
    assert (both["points_new"] > both["points"] + 1e-9).any()


@FEW
@given(seed=seeds)
def test_the_order_of_the_contacts_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    inputs = random_input(rng)
    shuffled = replace(inputs, contacts=inputs.contacts.iloc[rng.permutation(len(inputs.contacts))])
    first, second = (score(each, RULES).contacts.set_index("contact_id").sort_index() for each in (inputs, shuffled))
    numbers = first.select_dtypes("number").columns
    assert np.allclose(first[numbers], second[numbers], equal_nan=True)


@pytest.mark.parametrize("table", sorted({signal.table for signal in RULES.signals.values()}))
def test_a_table_that_is_not_loaded_lowers_coverage_and_not_the_score(table):
    inputs = random_input(np.random.default_rng(3), 60)
    parts = score(inputs, RULES).parts
    without = score(replace(inputs, loaded=EVERY_TABLE - {table}), RULES)
    absent = [name for name, signal in RULES.signals.items() if signal.table == table]
    left = parts[~parts["signal"].isin(absent) & parts["value"].notna() & (parts["score"] == "readiness")]
    worth = (left["weight"] * left["value"]).groupby(left["contact_id"]).sum()
    expected = 100 * worth / left.groupby("contact_id")["weight"].sum()
    shown = without.contacts.set_index("contact_id")["readiness"].dropna()
    assert len(shown)
    assert np.allclose(shown, expected.reindex(shown.index))


def test_a_stated_no_says_to_which_acts_and_a_yes_to_another_act_outweighs_it():
    refused = [("c2", "video", "no"), ("c2", "review", "no"), ("c3", "video", "no"), ("c3", "review", "likes")]
    inputs = case(
        ideal(), *(ideal(contact_id=name, account_id=f"a_{name}") for name in ("c2", "c3")), interests=refused
    )
    parts = score(inputs, weighing(willingness_stated=1)).parts
    own = parts[(parts["score"] == "readiness") & (parts["signal"] == "willingness_stated")].set_index("contact_id")
    order = [name for name in load_activities().ladder if name in ("review", "video")]
    assert own.loc["c2", "raw"] == f"said no to {order[0]}, {order[1]}"
    assert own.loc["c3", "raw"] == "likes it"


def test_scores_that_nobody_reads_hold_no_signal(monkeypatch):
    measured, values = module._measured, []

    def watched(*args, **told):
        found = measured(*args, **told)
        values.append(weakref.ref(found.value))
        return found

    monkeypatch.setattr(module, "_measured", watched)
    scores = score(random_input(np.random.default_rng(0), module.FEW + 1), RULES)
    gc.collect()
    assert values
    assert not any(value() is not None for value in values)
    assert len(scores.reasons) == module.FEW + 1
