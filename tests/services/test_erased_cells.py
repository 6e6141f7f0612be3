"""Names and addresses of people who were erased are on no side of a difference, whatever a source says later."""

import datetime as dt

import pandas as pd
import pytest
from sqlmodel import select

from core.errors import RuleBroken
from core.services.access import LOCAL_USER
from core.services.data_screen_conflicts import conflicts_view
from core.services.erased_cells import ERASED
from core.services.home import records_database
from core.services.import_undo import EditedSince, undo_import
from core.services.record_conflicts import open_conflicts, resolve_conflict
from core.store import records
from core.store.tables import Person, RecordConflict
from tests.homes import NOW

PEOPLE = (
    "person_id,contact_id,full_name,email\nH-1,,Vesna Gonewell,vesna@gone.example\nH-2,,Ada Staying,ada@stay.example\n"
)
SAID_LATER = PEOPLE.replace("Vesna Gonewell", "Vesna Oldname").replace("ada@", "a.staying@")


def edited(inbox):
    """Both addresses were edited here after the import, and the source says the older ones once more."""
    inbox.put(people=PEOPLE).load(source="crm")
    change("H-1", 1, email="v@gone.example")
    change("H-2", 1, email="staying@stay.example")


def change(person, version, **values):
    with records_database().write() as session:
        records.save(session, Person, {"person_id": person}, version, values)


def erase(person, version):
    change(person, version, erased_at=NOW)


def said():
    return [(item.key, item.column, item.ours, item.theirs) for item in open_conflicts()]


def test_a_conflict_from_before_shows_neither_side_and_cannot_be_decided_for_the_source(inbox):
    edited(inbox)
    inbox.put(people=SAID_LATER).load(source="crm")
    erase("H-1", 2)
    assert said() == [
        ("H-1", "full_name", ERASED, ERASED),
        ("H-1", "email", ERASED, ERASED),
        ("H-2", "email", "staying@stay.example", "a.staying@stay.example"),
    ]
    with pytest.raises(RuleBroken, match="This person was erased"):
        resolve_conflict(LOCAL_USER, open_conflicts()[1].id, "theirs", NOW)
    for item in open_conflicts():
        resolve_conflict(LOCAL_USER, item.id, "ours", NOW)
    decided = conflicts_view(None, ()).decided
    assert not decided.map(lambda cell: "gone" in cell.lower()).to_numpy().any()
    assert decided["Ours"].tolist() == ["staying@stay.example", ERASED, ERASED]


def test_what_a_source_says_of_the_name_later_is_neither_told_nor_kept(inbox):
    edited(inbox)
    erase("H-1", 2)
    report = inbox.put(people=SAID_LATER).load(source="crm")
    assert {item[1] for item in report.conflicts} == {"H-2"}
    with records_database().read() as session:
        kept = session.exec(select(RecordConflict.theirs)).all()
    assert kept == ["a.staying@stay.example"]


def test_a_refused_undo_names_nobody_who_was_erased(inbox):
    edited(inbox)
    erase("H-1", 2)
    with pytest.raises(EditedSince) as refused:
        undo_import(LOCAL_USER, NOW + dt.timedelta(days=1))
    assert "people H-1, full_name: now erased" in str(refused.value)
    assert "gone" not in str(refused.value).lower()
    assert "Ada Staying" in str(refused.value)


def test_a_further_row_of_the_same_contact_is_hidden_too(inbox):
    edited(inbox)
    inbox.put(people=SAID_LATER).load(source="crm")
    change("H-2", 2, contact_id="C-1")
    with records_database().write() as session:
        other = {"person_id": ["H-3"], "contact_id": ["C-1"], "full_name": ["Ada S."], "email": ["ada@stay.example"]}
        records.upsert(session, "people", pd.DataFrame(other | {"erased_at": [NOW]}), "web")
    assert ("H-2", "email", ERASED, ERASED) in said()
