"""Rests are judged on the working day by lists and at saving; figures, scores and older months know no such day."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from core.errors import RuleBroken
from core.month import reuse
from core.services import clock
from core.services.access import LOCAL_USER
from core.services.advocacy_preview import preview
from core.services.advocate_rows import advocates_frame
from core.services.advocates import advocates, pool
from core.services.advocates_words import pool_words, profile_words, today_words
from core.services.asking import accept_ask, mark_sent
from core.services.asking_bulk import Pick, accept_many
from core.services.clock import now, start_demo_time, today
from core.services.crm_export import crm_frame
from core.services.home import DEMO_SOURCE, open_month
from core.services.importing import run_import
from core.services.path_accounts import account_path
from core.services.pool_view import pool_table
from core.services.profile import profile
from core.services.request_choices import draft_reach, pool_choices
from core.services.worklists import before_sending, worklists
from tests.homes import using
from tests.services.small_company import ANNA, FILES, put

LAST, DAY, FREE = dt.date(2026, 10, 31), dt.date(2026, 11, 21), dt.date(2026, 11, 9)
"""End of the data, the working day, and the day on which the rest of c1 is over."""
ASKS = (
    "ask_id,contact_id,activity,state,asked_on,delivered\n"
    "k1,c1,speaking,sent,2026-10-10,true\n"
    "k2,c2,speaking,sent,2026-09-10,true\n"
    "k3,c2,case_study,sent,2026-11-05,true\n"
)
SEPTEMBER = {
    "survey_responses": "r3,b,c2,nps,10,2026-09-10T09:00:00\n",
    "usage": "b,2026-09-21,9,10,100\nb,2026-09-14,9,10,100\n",
}
"""What makes c2 ready in September."""


def moment(day):
    return dt.datetime.combine(day, dt.time(10), dt.UTC)


@pytest.fixture(scope="module", params=["real", "demo"])
def imported(request, tmp_path_factory):
    """c1 rests until 9 November, c2 from the 5th on, after the data end: a company, and the demo 200 days late."""
    folder, begun = tmp_path_factory.mktemp(request.param), moment(LAST + dt.timedelta(days=1))
    with using(folder / "home"):
        source = "crm"
        if request.param == "demo":
            source, begun = DEMO_SOURCE, begun + dt.timedelta(days=200)
            start_demo_time(LOCAL_USER, LAST, begun)
        calls = FILES["consents"] + "c1,call,granted,2026-01-01\nc2,call,granted,2026-01-01\n"
        known = {"asks": ASKS, "consents": calls, **{name: FILES[name] + rows for name, rows in SEPTEMBER.items()}}
        files = put(folder / "inbox", **(FILES | known))
        run_import(LOCAL_USER, [files], moment(DAY), source=source, as_of=LAST)
    return folder / "home", begun


@pytest.fixture
def newest(imported, tmp_path, monkeypatch):
    """The newest month of that company on its 21 November."""
    home, begun = imported
    monkeypatch.setattr(clock, "real_now", lambda: begun + (DAY - LAST - dt.timedelta(days=1)))
    with using(Path(shutil.copytree(home, tmp_path / "home"))):
        yield open_month()


def states(month, day):
    return dict(zip(*(pool(month, day)[name] for name in ("contact_id", "state")), strict=True))


def test_the_lists_of_the_day_ask_whose_rest_is_over_and_spare_whose_rest_began_since(newest):
    assert (newest.as_of, today()) == (LAST, DAY)
    assert states(newest, None) == states(newest, LAST) == {"c1": "rest", "c2": "rest"}
    assert states(newest, FREE - dt.timedelta(days=1)) == {"c1": "rest", "c2": "rest"}
    assert states(newest, FREE) == states(newest, today()) == {"c1": "ask", "c2": "rest"}
    view = advocates(newest, today())
    assert (list(view.ask["contact_id"]), view.counts["ask"], view.counts["rest"]) == (["c1"], 1, 1)
    assert "rests" not in advocates(newest).note
    row = view.pool.set_index("contact_id").loc["c1"]
    assert row["earliest"].date() == DAY
    files = advocates_frame(newest, DAY).set_index("contact_id")["state"], crm_frame(newest, "hubspot", DAY).iloc[:, 2]
    assert [list(file) for file in files] == [["ask", "rest"], ["Ask now", "Resting"]]


@pytest.mark.parametrize("drawn", [True, False])
def test_at_saving_a_rest_that_is_over_refuses_nobody_and_one_begun_since_does(newest, drawn):
    if drawn:
        assert states(newest, DAY)["c1"] == "ask"
    with pytest.raises(RuleBroken, match="asked on 5 Nov"):
        accept_ask(ANNA, newest, "c2", "review", "", "t2", now())
    with pytest.raises(RuleBroken, match="asked on 10 Oct"):
        accept_ask(ANNA, newest, "c1", "review", "", "t0", moment(FREE) - dt.timedelta(days=1))
    ask_id = accept_ask(ANNA, newest, "c1", "review", "", "t1", now())
    with pytest.raises(RuleBroken, match="asked on 10 Oct"):
        mark_sent(ANNA, newest, ask_id, FREE - dt.timedelta(days=1), now())
    month = open_month()
    lists = worklists(month, pool(month, DAY), DAY)
    assert before_sending(month, lists.send, LAST)[0].startswith("stop: asked on 10 Oct")
    assert before_sending(month, lists.send, DAY) == ["clear to send"]
    mark_sent(ANNA, month, ask_id, FREE, now())


def test_many_at_once_are_judged_on_the_day_as_well(newest):
    report = accept_many(ANNA, newest, [Pick(who, who, "review") for who in ("c1", "c2")], "many", now())
    assert report.done == ("c1",)
    assert [name for name, _ in report.refused] == ["c2"]


def test_references_and_next_steps_are_those_of_the_day_as_well(newest):
    assert list(newest.reference_pool["contact_id"]) == []
    assert list(newest.on(DAY).reference_pool["contact_id"]) == ["c1"]
    assert pool_choices(newest, DAY)["persona"] == ("Team Lead",)
    assert draft_reach(newest, "none", {}, DAY) == ("1 of 1 person who may be asked meets everything.",)
    assert list(newest.on(DAY).standings) == ["ask", "rest"]
    assert list(newest.standings) == ["rest", "rest"]


def test_a_heading_names_the_working_day_once_and_what_is_judged_on_it(newest):
    view, lists = advocates(newest, DAY), newest.on(DAY)
    today_note, pool_note, profile_note = (
        words[2].replace("\xa0", " ")
        for words in (
            today_words(view, worklists(newest, view.pool, DAY), DAY),
            pool_words(lists, view, pool_table(newest, view.pool)),
            profile_words(lists, profile(newest, "c1", view.pool), "", "SMB"),
        )
    )
    assert today_note.startswith(
        "Data as of 31 Oct 2026 · who may be asked and what is late: today, 21 Nov 2026 · 2 contacts"
    )
    assert pool_note.startswith("Data as of 31 Oct 2026 · who may be asked: today, 21 Nov 2026 · everybody known")
    assert profile_note.endswith("SMB · as of 31 Oct 2026 · who may be asked: today, 21 Nov 2026")
    assert [note.count("today") for note in (today_note, pool_note, profile_note)] == [1, 1, 1]


def test_what_tells_who_may_be_asked_or_would_move_says_on_which_day_rests_are_judged(newest):
    said = account_path(newest, "b", pool(newest, DAY), DAY), account_path(newest, "b", pool(newest), None)
    assert [path.judged.replace("\xa0", " ") for path in said] == ["Who may be asked: today, 21 Nov 2026", ""]
    changes = {"stops.renewal.days": 90.0}
    known = preview(newest, changes, DAY).known, preview(newest, changes).known
    assert [words.replace("\xa0", " ") for words in known] == [
        "of 2 contacts · as of 31 Oct 2026 · who may be asked: today, 21 Nov 2026",
        "of 2 contacts · as of 31 Oct 2026",
    ]


def test_an_older_month_is_judged_on_its_last_day(newest):
    september = open_month(dt.date(2026, 9, 1))
    assert states(september, DAY) == states(september, None)
    assert states(september, DAY)["c2"] == "rest"
    assert september.on(DAY) is september.on(None)


def test_the_working_day_moves_no_figure_and_works_out_no_score(newest, monkeypatch):
    figures = newest.kpis["advocate_pool_size"], newest.pool_figures, newest.scores
    with monkeypatch.context() as patch:
        patch.setattr(reuse, "score", lambda *_: pytest.fail("scores are worked out anew"))
        for day in (DAY, DAY + dt.timedelta(days=1)):
            assert advocates(newest, day).counts["ask"] == 1
    assert figures[0].value == 0
    assert newest.pool_figures.capacity.people == figures[1].capacity.people
    assert (newest.kpis["advocate_pool_size"] is figures[0], newest.scores is figures[2]) == (True, True)
    fresh = open_month()
    assert states(fresh, DAY)["c1"] == "ask"
    assert fresh.kpis["advocate_pool_size"] == figures[0]
