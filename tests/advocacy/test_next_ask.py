import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.guardrails import guardrails
from core.advocacy.next_ask import next_asks
from core.advocacy.score import score
from core.advocacy.why import prompted
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from tests.advocacy.random_input import (
    AS_OF,
    EVERY_TABLE,
    GUARD_TABLES,
    LADDER,
    ask,
    case,
    ideal,
    random_input,
    with_asks,
)

pytestmark = pytest.mark.sampled(2)

RULES, ACTIVITIES = load_advocacy_rules(), load_activities()
FEW = settings(max_examples=5, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def on(days: int) -> pd.Timestamp:
    return pd.Timestamp(AS_OF) + pd.Timedelta(days=days)


def asks_of(inputs, **more) -> pd.DataFrame:
    return next_asks(inputs, score(inputs, RULES), guardrails(inputs, RULES), RULES, ACTIVITIES, **more)


def first(inputs, **more) -> pd.Series:
    return asks_of(inputs, **more).iloc[0]


def done(*activities: str) -> list[dict]:
    """Each was done lately, but asked for so long ago that no cool-down or cap holds."""
    return [ask(name, on(-400), response="yes", completed_on=on(-20)) for name in activities]


def willing(*activities: str) -> list[tuple[str, str, str]]:
    return [("c1", name, "likes") for name in activities]


def test_the_lowest_rung_comes_first():
    row = first(case(interests=willing("review")))
    assert (row["state"], row["activity"], row["label"]) == ("ask", "review", "Review")
    assert row["earliest"] == pd.Timestamp(AS_OF)
    assert row["why"] == "outcome verified on 12 Nov; likes to do it"
    assert row["asker"] == "Customer marketing"
    assert pd.isna(row["blocked_by"])
    assert pd.isna(row["not_checked"])


@pytest.mark.parametrize("height", range(1, len(LADDER)))
def test_each_act_done_leads_to_the_next_rung(height):
    row = first(case(asks=done(*LADDER[:height])))
    assert row["activity"] == LADDER[height]


def test_with_everything_done_the_person_rests_until_the_first_may_be_repeated():
    row = first(case(asks=done(*LADDER)))
    assert (row["state"], row["why"]) == ("rest", "Reference call done on 1 Nov")
    assert row["earliest"] == on(40)
    assert pd.isna(row["activity"])


def test_an_act_may_be_repeated_after_its_interval():
    acts = [ask("review", on(-500), response="yes", completed_on=on(-365)), *done(*LADDER[1:])]
    assert first(case(asks=acts))["activity"] == "review"


@pytest.mark.parametrize(
    ("asks", "interests"),
    [
        ([], [("c1", "review", "no")]),
        ([ask("review", on(-800), response="no")], []),
        ([ask("review", on(-800), response="no"), ask("review", on(-900), response="yes")], []),
        ([ask("review", None, state="never")], []),
    ],
)
def test_a_no_to_an_activity_is_respected(asks, interests):
    assert first(case(asks=asks, interests=interests))["activity"] == "testimonial"


def test_a_later_yes_overrules_an_earlier_no():
    acts = [ask("review", on(-900), response="no"), ask("review", on(-800), response="yes")]
    assert first(case(asks=acts))["activity"] == "review"


def test_who_said_no_to_everything_is_not_asked():
    row = first(case(interests=[("c1", name, "no") for name in LADDER]))
    assert (row["state"], row["blocked_by"]) == ("blocked", "said no to every activity that is left")
    assert pd.isna(row["towards"])


def test_without_consent_for_one_rung_the_next_is_taken():
    held = pd.DataFrame([{"contact_id": "c1", "use": "call", "status": "granted", "expires_on": None}])
    assert first(case(consents=held))["activity"] == "reference"


def test_a_first_value_opens_the_review_alone():
    row = first(case(ideal(outcomes_verified=0, last_outcome_on=None), asks=done("review")))
    assert row["state"] == "blocked"
    assert row["blocked_by"] == "no verified outcome yet"
    row = first(case(ideal(outcomes_verified=0, last_outcome_on=None)))
    assert row["activity"] == "review"


def test_every_stop_is_named_and_dated_only_when_all_end_by_themselves():
    detractor = ideal(nps_score=2, nps_on=on(-20))
    row = first(case(detractor))
    assert (row["state"], row["earliest"]) == ("blocked", on(70))
    row = first(case(detractor | {"open_severe_tickets": 1}))
    assert row["blocked_by"] == "1 open ticket of severity 1–2; detractor: NPS 2 on 1 Nov"
    assert pd.isna(row["earliest"])
    assert pd.isna(row["activity"])


def test_a_stop_ends_no_earlier_than_the_rest_behind_it():
    row = first(case(ideal(nps_score=2, nps_on=on(-80), deferred_until=on(50))))
    assert (row["state"], row["earliest"]) == ("blocked", on(50))


def test_low_readiness_is_cultivated_first():
    cool = ideal(outcomes_verified=1, last_outcome_on=on(-1500), nps_score=7, users_4w=5, icp_fit=0.0, csat_score=3)
    row = first(case(cool))
    readiness = score(case(cool), RULES).contacts["readiness"].item()
    assert (row["state"], row["why"]) == ("cultivate", f"readiness {readiness:.0f}, 50 needed")
    assert row["towards"] == "review"
    assert pd.isna(row["activity"])


def test_unknown_readiness_is_cultivated_and_says_what_is_lacking():
    unknown = ideal(nps_score=None, csat_score=None, users_4w=None, events_4w=None, icp_fit=None, sponsor_known=None)
    row = first(case(unknown))
    assert row["state"] == "cultivate"
    assert row["why"].startswith("readiness not known: 29 % of it is known, 50 % needed; missing: Satisfaction: NPS")


def test_an_ask_made_today_rests_the_person():
    row = first(case(asks=[ask("review", on(0))]))
    assert (row["state"], row["why"], row["earliest"]) == ("rest", "asked on 21 Nov", on(30))


def test_of_several_rests_the_last_one_counts():
    row = first(case(ideal(deferred_until=on(45)), asks=[ask("review", on(0))]))
    assert (row["why"], row["earliest"]) == ("deferred until 5 Jan 2027", on(45))


def test_an_accepted_ask_is_not_proposed_again():
    row = first(case(asks=[ask("review", None, state="accepted")]))
    assert (row["state"], row["why"]) == ("rest", "an accepted ask waits to be sent")
    assert pd.isna(row["earliest"])


@pytest.mark.parametrize(
    ("segment", "height", "asker"),
    [
        ("SMB", 0, "Customer marketing"),
        ("enterprise", 0, "CSM"),
        ("SMB", 2, "Account executive"),
        ("Strategic", 2, "CSM"),
        (None, 2, "Account executive"),
    ],
)
def test_who_asks_follows_activity_and_segment(segment, height, asker):
    assert first(case(ideal(segment=segment), asks=done(*LADDER[:height])))["asker"] == asker


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"nps_on": on(-2)}, "NPS 10 on 19 Nov"),
        ({"csat_on": on(-1)}, "CSAT 5 on 20 Nov"),
        ({"first_value_on": on(0)}, "first value reached on 21 Nov"),
        (
            {"last_escalation_closed_on": on(-31), "last_outcome_on": on(-90), "nps_on": on(-90)},
            "escalation solved on 21 Oct",
        ),
        ({"nps_on": on(-119), "csat_on": on(-130), "last_outcome_on": on(-130)}, "NPS 10 on 25 Jul"),
        (
            {"nps_on": on(-120), "csat_on": on(-130), "last_outcome_on": on(-130)},
            "ready, never asked; no milestone in 120 days",
        ),
    ],
)
def test_why_now_names_the_latest_milestone(changed, why):
    assert first(case(ideal(**changed)))["why"] == why


def test_without_a_recent_milestone_nothing_but_readiness_speaks_for_the_ask():
    quiet = ideal(nps_on=on(-130), csat_on=on(-130), last_outcome_on=on(-130))
    row = first(case(quiet, asks=[ask("reference", on(-200))], interests=willing("review")))
    assert row["why"] == "ready, last asked on 5 May; no milestone in 120 days; likes to do it"
    assert prompted(pd.Series([row["why"], first(case())["why"], None])).tolist() == [False, True, False]


def history(name: str, sent: int, completed: int) -> list[dict]:
    return [
        ask(name, on(-70 - k), contact_id=f"other{k}", completed_on=on(-5) if k < completed else None)
        for k in range(sent)
    ]


def test_expected_value_is_completion_rate_times_measured_value():
    inputs = case(asks=history("review", 20, 15))
    row = first(inputs, act_values={"review": 40_000})
    assert row["value_cents"] == pytest.approx(30_000)
    assert pd.isna(row["value_reason"])


@pytest.mark.parametrize(
    ("sent", "values", "reason"),
    [
        (20, {}, "no measured value of one review yet"),
        (19, {"review": 40_000}, "too few asks for a review to know how many are completed (19)"),
    ],
)
def test_an_unknown_expected_value_says_why(sent, values, reason):
    row = first(case(asks=history("review", sent, 10)), act_values=values)
    assert np.isnan(row["value_cents"])
    assert row["value_reason"] == reason


@pytest.mark.parametrize("table", sorted(set(GUARD_TABLES) - {"milestones"}))
def test_a_missing_table_is_named_and_nothing_is_proposed(table):
    row = first(case(ideal(first_value_on=None), loaded=EVERY_TABLE - {table}))
    assert row["state"] == "not_checked"
    assert f"(load {table})" in row["not_checked"]
    assert row[["activity", "earliest", "blocked_by"]].isna().all()


def test_milestones_are_only_missed_where_no_outcome_shows_value():
    loaded = EVERY_TABLE - {"milestones"}
    assert first(case(loaded=loaded))["activity"] == "review"
    row = first(case(ideal(outcomes_verified=0, last_outcome_on=None), loaded=loaded))
    assert (row["state"], row["not_checked"]) == ("not_checked", "verified value (load milestones)")


def test_guards_that_were_not_computed_propose_nothing():
    inputs = case()
    scores, guards = score(inputs, RULES), guardrails(inputs, RULES)
    for lacking in (guards.iloc[:0], guards[guards["guard"] != "open_issue"]):
        row = next_asks(inputs, scores, lacking, RULES, ACTIVITIES).iloc[0]
        assert row["state"] == "not_checked"


def test_guards_in_any_order_give_the_same_asks():
    inputs = random_input(np.random.default_rng(5), 60)
    guards = guardrails(inputs, RULES)
    mixed = guards.sample(frac=1, random_state=1)
    scores = score(inputs, RULES)
    pd.testing.assert_frame_equal(
        next_asks(inputs, scores, guards, RULES, ACTIVITIES), next_asks(inputs, scores, mixed, RULES, ACTIVITIES)
    )


def test_no_contacts_give_no_asks():
    inputs = case()
    assert asks_of(replace(inputs, contacts=inputs.contacts.iloc[:0])).empty


def must_not_be_asked(inputs, contact: pd.Series, activity: str) -> list[str]:
    """The hard stops and limits once more, contact by contact in plain Python."""
    today, own = inputs.as_of, contact["contact_id"]

    def day(value) -> dt.date | None:
        return None if pd.isna(value) else value.date()

    granted = {
        row.use
        for row in inputs.consents.itertuples()
        if row.contact_id == own and row.status == "granted" and (day(row.expires_on) or today) >= today
    }
    email = inputs.consents[(inputs.consents["contact_id"] == own) & (inputs.consents["use"] == "email")]["status"]
    sent = [row for row in inputs.asks.itertuples() if row.contact_id == own and row.state == "sent"]
    ages = [(today - day(row.asked_on)).days for row in sent]
    renewal, nps_on = day(contact["next_renewal_on"]), day(contact["nps_on"])
    outcome, first_value = contact["outcomes_verified"] > 0, day(contact["first_value_on"])
    item = ACTIVITIES.activities[activity]
    same = [row for row in sent if row.activity == activity]
    stated = inputs.interests[(inputs.interests["contact_id"] == own) & (inputs.interests["activity"] == activity)]
    stops = {
        "left": day(contact["left_on"]) is not None and day(contact["left_on"]) <= today,
        "inactive": not contact["account_active"],
        "opted out": bool(email.isin(["withdrawn", "refused"]).any()),
        "never": contact["never"],
        "issue": contact["open_severe_tickets"] + contact["open_escalations"] > 0,
        "detractor": (contact["nps_score"] <= 6 and (today - nps_on).days < 90)
        or (day(contact["last_detractor_on"]) is not None and (today - day(contact["last_detractor_on"])).days < 90),
        "renewal": renewal is not None and (renewal - today).days <= 90,
        "consent": not set(item.consent) <= granted,
        "value": not (outcome or (activity == "review" and first_value is not None)),
        "deferred": (day(contact["deferred_until"]) is not None and day(contact["deferred_until"]) > today)
        or any(
            row.contact_id == own and row.state == "deferred" and pd.isna(row.deferred_until)
            for row in inputs.asks.itertuples()
        ),
        "quarter": sum(age < 90 for age in ages) >= 2,
        "year": sum(age < 365 for age in ages) >= 6,
        "gap": any(age < 30 for age in ages),
        "after no": any(row.response == "no" and age < 180 for row, age in zip(sent, ages, strict=True)),
        "cooldown": any((today - day(row.asked_on)).days < item.cooldown_days for row in same),
        "done": any(day(row.completed_on) and (today - day(row.completed_on)).days < item.repeat_days for row in same),
        "said no": bool((stated["stance"] == "no").any()),
    }
    return [name for name, holds in stops.items() if holds]


@settings(max_examples=4, deadline=None)
@given(seed=seeds, good=st.sampled_from([0.7, 0.9, 0.97]))
def test_no_proposal_ever_passes_a_stop_or_a_limit(seed, good):
    inputs = random_input(np.random.default_rng(seed), 60, good=good)
    proposed = asks_of(inputs)
    proposed = proposed[proposed["state"] == "ask"].set_index("contact_id")["activity"]
    contacts = inputs.contacts.set_index("contact_id", drop=False)
    for contact_id, activity in proposed.items():
        assert must_not_be_asked(inputs, contacts.loc[contact_id], activity) == []


def test_the_random_histories_hold_every_state():
    states = asks_of(random_input(np.random.default_rng(11), 400, good=0.93))["state"].value_counts()
    assert set(states.index) == {"ask", "rest", "cultivate", "blocked"}
    assert states["ask"] > 40


@FEW
@given(seed=seeds, missing=st.sets(st.sampled_from(GUARD_TABLES), min_size=1))
def test_missing_tables_never_lead_to_a_proposal(seed, missing):
    loaded = frozenset(EVERY_TABLE - missing)
    rows = asks_of(random_input(np.random.default_rng(seed), 60, good=0.97, loaded=loaded))
    if missing <= {"milestones"}:
        return
    asked = rows["state"] == "ask"
    if missing <= {"milestones", "outcomes"}:
        assert (rows.loc[asked, "activity"] == "review").all()
    else:
        assert not asked.any()
    assert rows.loc[rows["state"] == "not_checked", "not_checked"].notna().all()


@FEW
@given(seed=seeds)
def test_the_order_and_names_of_contacts_change_nothing(seed):
    rng = np.random.default_rng(seed)
    inputs = random_input(rng, good=0.95)
    renamed = {old: f"x{place}" for place, old in enumerate(rng.permutation(inputs.ids.to_numpy(dtype=object)))}

    def anew(frame: pd.DataFrame) -> pd.DataFrame:
        mixed = frame.iloc[rng.permutation(len(frame))]
        return mixed.assign(contact_id=mixed["contact_id"].map(renamed))

    other = replace(
        inputs,
        contacts=anew(inputs.contacts),
        consents=anew(inputs.consents),
        interests=anew(inputs.interests),
        asks=anew(inputs.asks),
    )
    before, after = asks_of(inputs), asks_of(other)
    before = before.assign(contact_id=before["contact_id"].map(renamed))
    pd.testing.assert_frame_equal(*(each.set_index("contact_id").sort_index() for each in (before, after)))


@FEW
@given(seed=seeds)
def test_whoever_is_asked_today_rests(seed):
    inputs = random_input(np.random.default_rng(seed), good=0.95)
    rows = asks_of(inputs)
    asked = rows[rows["state"] == "ask"]
    made = [ask(row.activity, AS_OF, contact_id=row.contact_id) for row in asked.itertuples()]
    after = asks_of(with_asks(inputs, made)).set_index("contact_id").loc[asked["contact_id"]]
    assert (after["state"] != "ask").all()
    resting = after[after["state"] == "rest"]
    assert (resting["earliest"].dropna() >= on(30)).all()
    assert set(after["state"]) <= {"rest", "cultivate"}


@FEW
@given(seed=seeds)
def test_on_the_earliest_day_of_a_rest_no_rest_is_left(seed):
    inputs = random_input(np.random.default_rng(seed), good=0.95)
    rows = asks_of(inputs)
    resting = rows[(rows["state"] == "rest") & rows["earliest"].notna()].head(3)
    for row in resting.itertuples():
        later = replace(inputs, as_of=row.earliest.date())
        later = replace(later, contacts=later.contacts.assign(asks_90d=0.0, asks_365d=later.contacts["asks_365d"]))
        again = asks_of(with_asks(later, [])).set_index("contact_id").loc[row.contact_id]
        assert again["state"] != "rest" or again["earliest"] > row.earliest
