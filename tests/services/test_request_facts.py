"""What the headline and the figure of full fits claim of the people who may be asked."""

from types import SimpleNamespace

import pandas as pd
import pytest

from core.advocacy.matching import match
from core.model.requests import ATTRIBUTES, load_request_rules
from core.services import request_facts
from core.services.request_facts import requests_answer, requests_facts

NEEDED = pd.Timestamp("2026-12-01")
P = {"industry": "Retail", "use_case": "Planning", "region": "North"}
Q = {"industry": "Retail", "use_case": "Billing", "region": "West"}
WANTED = {"R1": {"industry": "Retail", "region": "North"}, "R2": {"use_case": "Planning", "region": "South"}}
"""P meets all of R1 and part of R2, Q part of R1 and nothing of R2: both are served only if P gives R2."""


def found(wanted, people):
    blank = {f"wanted_{name}": None for name in ATTRIBUTES}
    requests = [
        {"request_id": name, "opportunity_id": name, "unit_id": None, "needed_by": NEEDED}
        | blank
        | {f"wanted_{attribute}": value for attribute, value in WANTED[name].items()}
        for name in wanted
    ]
    figures = {"size": "SMB", "persona": "CFO", "employees": 80, "readiness": 70.0, "asks_365d": 0}
    pool = [{"contact_id": name, "unit_id": name} | figures | own for name, own in people.items()]
    rules = load_request_rules().matching
    return {item.request_id: item for item in match(pd.DataFrame(requests), pd.DataFrame(pool), rules)}


def rows(wanted):
    own = {"status": "in_time", "due_at": NEEDED, "needed_by": NEEDED, "name": None, "to_match": True}
    return pd.DataFrame([{"request_id": name, "ask_state": None, "person_hours": None} | own for name in wanted])


@pytest.mark.parametrize(
    ("wanted", "people", "words"),
    [
        pytest.param(("R1", "R2"), {"p": P, "q": Q}, "no request has a full fit left to it, 2 a near fit", id="taken"),
        pytest.param(("R1",), {"q": Q}, "nobody who may be asked meets everything, 1 has a near fit", id="no such"),
        pytest.param(("R1",), {"p": P, "q": Q}, "1 has a full fit to ask today", id="a full fit"),
    ],
)  # fmt: skip
def test_nobody_is_said_to_meet_everything_only_where_nobody_does(wanted, people, words):
    matches = found(wanted, people)
    assert any(item.full for item in matches.values()) is ("p" in people)
    assert requests_answer(rows(wanted), matches, ()).split("; ")[1] == words


def test_the_figure_of_full_fits_does_not_say_there_is_one_where_there_is_none(monkeypatch):
    monkeypatch.setattr(request_facts, "_filled", lambda _: ("Filled in time", "", ""))
    lists = SimpleNamespace(
        reference_pool=range(57), month=SimpleNamespace(kpis={"reference_fill_rate": None}, currency="")
    )
    facts = requests_facts(lists, rows(WANTED), found(WANTED, {"p": P, "q": Q}), ())
    told = {label: words for label, *words in facts}
    assert told["Full fit to ask today"] == [
        "0 of 2",
        "somebody who meets all that is wanted, among 57 who may be asked; near fit, part of what is wanted: 2",
    ]
