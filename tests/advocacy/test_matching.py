"""Requests for references are served together, exactly, with reasons, and never past what forbids an ask."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.check import check_asks
from core.advocacy.matching import Relax, assign, free_for, match
from core.advocacy.score import score
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from core.model.requests import ATTRIBUTES, load_request_rules
from tests.advocacy.random_input import EVERY_TABLE, LADDER, random_input

RULES, ACTIVITIES, MATCHING = load_advocacy_rules(), load_activities(), load_request_rules().matching
FEW = settings(max_examples=2, deadline=None)
MORE = settings(max_examples=8, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def request(name="q1", **changed):
    row = {"request_id": name, "opportunity_id": f"o-{name}", "unit_id": None, "needed_by": pd.Timestamp("2026-12-01")}
    return row | {f"wanted_{attribute}": None for attribute in ATTRIBUTES} | changed


def person(name="c1", **changed):
    attributes = {"industry": "Retail", "use_case": "Planning", "size": "SMB", "region": "North", "persona": "CFO"}
    figures = {"employees": 80, "readiness": 70.0, "asks_365d": 0}
    return {"contact_id": name, "unit_id": f"a-{name}"} | attributes | figures | changed


def found(requests, people):
    columns = list(person())
    return {
        item.request_id: item for item in match(pd.DataFrame(requests), pd.DataFrame(people, columns=columns), MATCHING)
    }


def random_case(seed, n=None, m=None):
    rng = np.random.default_rng(seed)
    n, m = n or int(rng.integers(1, 5)), int(rng.integers(0, 7)) if m is None else m
    values = {name: [f"{name} {number}" for number in range(2)] for name in ATTRIBUTES}
    wanted = [
        {f"wanted_{name}": rng.choice(options) if rng.random() < 0.6 else None for name, options in values.items()}
        for _ in range(n)
    ]
    people = [
        {name: rng.choice(options) if rng.random() < 0.9 else None for name, options in values.items()}
        | {"readiness": float(rng.integers(60, 100)), "asks_365d": int(rng.integers(0, 6))}
        for _ in range(m)
    ]
    return (
        [request(f"q{number}", unit_id=f"a-c{rng.integers(0, 9)}", **row) for number, row in enumerate(wanted)],
        [person(f"c{number}", **row) for number, row in enumerate(people)],
    )


def best_by_trying_all(points, allowed):
    """Most pairs and, of those ways, the highest sum, by trying every order of columns and of nobody."""
    rows, columns = points.shape
    options = [*range(columns), *[-1] * rows]
    totals = set()
    for chosen in set(permutations(options, rows)):
        pairs = [(row, column) for row, column in enumerate(chosen) if column >= 0]
        if all(allowed[pair] for pair in pairs):
            totals.add((len(pairs), round(float(sum(points[pair] for pair in pairs)), 6)))
    return max(totals)


@MORE
@given(seeds)
def test_the_assignment_is_the_best_of_all_ways(seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(-4, 105, (int(rng.integers(1, 4)), int(rng.integers(1, 5)))).astype(float)
    allowed = rng.random(points.shape) < 0.6
    chosen = assign(points, allowed)
    made = [(row, column) for row, column in enumerate(chosen) if column >= 0]
    assert len({column for _, column in made}) == len(made)
    assert all(allowed[pair] for pair in made)
    total = round(float(sum(points[pair] for pair in made)), 6)
    assert (len(made), total) == best_by_trying_all(points, allowed)


def test_together_serves_both_where_one_after_the_other_serves_one():
    wide, narrow = request("q1"), request("q2", wanted_industry="Retail", needed_by=pd.Timestamp("2026-12-24"))
    people = [person("best", readiness=99.0), person("other", industry="Energy", readiness=61.0)]
    served = found([wide, narrow], people)
    assert {name: item.assigned for name, item in served.items()} == {"q1": "other", "q2": "best"}
    assert served["q1"].matches[0].contact_id == "other"
    assert served["q1"].matches[1].taken_by == "q2"


@MORE
@given(seeds)
def test_everybody_serves_once_fits_enough_and_is_of_another_company(seed):
    requests, people = random_case(seed)
    served = found(requests, people)
    given_by = [item.assigned for item in served.values() if item.assigned is not None]
    assert len(set(given_by)) == len(given_by)
    for row in requests:
        item = served[row["request_id"]]
        assert (item.reason is None) == (item.assigned is not None)
        for one in item.matches:
            assert one.fit >= MATCHING.least_fit
            assert f"a-{one.contact_id}" != row["unit_id"]


@MORE
@given(seeds)
def test_what_relaxing_promises_is_what_dropping_the_attribute_brings(seed):
    requests, people = random_case(seed, n=1, m=8)
    item = found(requests, people)["q0"]
    for option in item.relax:
        dropped = requests[0] | {f"wanted_{name}": None for name in option.drop}
        assert found([dropped], people)["q0"].full == item.full + option.more


@MORE
@given(seeds)
def test_the_order_of_the_rows_changes_nothing(seed):
    requests, people = random_case(seed)
    assert found(requests, people) == found(requests[::-1], people[::-1])


def test_reasons_name_what_is_met_what_differs_and_what_is_not_known():
    wanted = request(wanted_industry="retail ", wanted_region="South", wanted_use_case="Planning", wanted_size="SMB")
    (one,) = found([wanted], [person(region="North", size=None, asks_365d=2)])["q1"].matches
    assert one.reasons == (
        "same industry: retail ",
        "same use case: Planning",
        "size not known",
        "region differs: North",
        "asked 2 times in the last year",
    )
    assert one.fit == pytest.approx(100 * (30 + 25) / (30 + 25 + 20 + 15))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [("50-100", True), ("100 to 500", False), ("80+", True), ("81+", False), ("smb", True), ("Enterprise", False)],
)
def test_a_size_is_a_segment_or_a_number_of_people(wanted, fits):
    assert found([request(wanted_size=wanted)], [person()])["q1"].full == int(fits)


def test_at_the_same_fit_the_one_who_was_asked_less_is_taken():
    people = [person("c1", asks_365d=4), person("c2", asks_365d=0)]
    assert found([request(wanted_industry="Retail")], people)["q1"].assigned == "c2"


def test_an_attribute_outweighs_every_load():
    people = [person("c1", asks_365d=9, readiness=0.0), person("c2", persona="CEO", readiness=100.0)]
    everything = {f"wanted_{name}": person()[name] for name in ATTRIBUTES}
    assert found([request(**everything)], people)["q1"].assigned == "c1"


def test_nobody_left_is_told_from_nobody_that_fits():
    pair = [request("q1", wanted_industry="Retail"), request("q2", wanted_industry="Retail")]
    assert found(pair, [person()])["q2"].reason == "everybody who fits is needed more by another request"
    assert found([request(wanted_industry="Mining")], [person()])["q1"].reason.endswith("fits enough")
    assert found([request()], [])["q1"].reason == "nobody may be asked for a reference today"
    assert match(pd.DataFrame([request()]).iloc[:0], pd.DataFrame([person()]), MATCHING) == ()


def test_where_no_single_attribute_helps_the_smallest_set_that_does_is_named():
    wanted = request(wanted_industry="Mining", wanted_region="South")
    assert found([wanted], [person()])["q1"].relax == (Relax(("industry", "region"), 1),)


def only_who_may_be_asked(seed, people):
    inputs = random_input(np.random.default_rng(seed), people, good=0.95)
    activity = LADDER[seed % len(LADDER)]
    free = free_for(inputs, score(inputs, RULES), RULES, ACTIVITIES, activity)
    wanted = [(str(contact), activity) for contact in inputs.ids]
    objections = check_asks(inputs, wanted, RULES, ACTIVITIES)
    assert free.tolist() == [found == [] for found in objections]


@FEW
@given(seeds)
def test_nobody_is_matched_past_a_stop_a_missing_check_a_no_or_a_rest(seed):
    only_who_may_be_asked(seed, 30)


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(seeds)
def test_nobody_is_matched_past_a_stop_in_many_histories(seed):
    only_who_may_be_asked(seed, 60)


@pytest.mark.parametrize("absent", ["consents", "outcomes", "asks", "tickets"])
def test_without_the_table_of_a_check_nobody_is_matched(absent):
    inputs = random_input(np.random.default_rng(7), 40, good=1.0, loaded=EVERY_TABLE - {absent})
    assert not free_for(inputs, score(inputs, RULES), RULES, ACTIVITIES, "reference").any()


def test_scores_in_another_order_belong_to_the_same_people():
    inputs = random_input(np.random.default_rng(3), 60, good=1.0)
    scores = score(inputs, RULES)
    turned = scores.__class__(**{name: getattr(scores, name) for name in scores.__dataclass_fields__})
    object.__setattr__(turned, "contacts", scores.contacts.iloc[::-1].reset_index(drop=True))
    free = free_for(inputs, scores, RULES, ACTIVITIES, "reference")
    assert free.any()
    assert np.array_equal(free, free_for(inputs, turned, RULES, ACTIVITIES, "reference"))
