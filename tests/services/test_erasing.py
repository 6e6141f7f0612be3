"""A request to be forgotten: what goes, what stays, who may, and that no import brings the person back."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from core.cli import app
from core.errors import CouncilError, NotAllowed, RuleBroken
from core.services import erasing
from core.services.access import LOCAL_USER
from core.services.advocates import pool
from core.services.erased_cells import ERASED
from core.services.erasing import erase_person
from core.services.home import open_month, records_database
from core.services.import_undo import undo_import
from core.services.importing import import_runs, run_import
from core.services.profile import profile
from core.services.record_conflicts import open_conflicts, resolve_conflict
from core.services.staying_erased import masked_address
from core.settings import settings
from core.store import records
from core.store.tables import AuditEntry, ImportRecord, Person, Referral
from tests.homes import using
from tests.services.small_company import ANNA, BEN, NOW, load, put

PEOPLE = (
    "person_id,contact_id,full_name,email,erased_at\n"
    "h1,c1,Vesna Gonewell,Vesna@gone.example,\nh2,c2,Ada Staying,ada@stay.example,\nh3,,V. G.,vesna@GONE.example ,\n"
)
REFERRALS = (
    "referral_id,contact_id,prospect_id,submitted_at\n"
    "f1,c2,vesna@gone.example,2026-10-30T10:00:00\nf2,c1,zoe@other.example,2026-10-30T10:00:00\n"
)


pytestmark = pytest.mark.sampled(3)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The company with the names of its people. For copying only."""
    folder = tmp_path_factory.mktemp("erasing")
    with using(folder / "home") as home:
        load(folder / "in", people=PEOPLE, referrals=REFERRALS)
        return home


@pytest.fixture
def company(home, tmp_path):
    with using(Path(shutil.copytree(home, tmp_path / "home"))):
        yield tmp_path


def everything(*tables):
    with records_database().read() as session:
        return " ".join(str(row.model_dump()) for table in tables for row in session.exec(select(table)).all())


def names(month):
    return set(pool(month)["person"])


def figures(month):
    return {name: month.kpis[name].value for name in ("arr", "reference_fill_rate")}


def test_the_name_and_every_copy_of_the_address_go_and_the_sums_stay(company):
    before = open_month()
    assert "Vesna Gonewell, Team Lead" in names(before)
    assert erase_person(ANNA, before, "c1", NOW) == 3
    kept = everything(Person, Referral, AuditEntry, ImportRecord).lower()
    assert "vesna" not in kept
    assert "gonewell" not in kept
    assert masked_address("vesna@gone.example") in kept
    after = open_month()
    assert names(after) == names(before) - {"Vesna Gonewell, Team Lead"}
    assert figures(after) == figures(before)
    with records_database().read() as session:
        (line,) = session.exec(select(AuditEntry).where(AuditEntry.act == "erase person")).all()
        assert (line.actor, line.record, line.detail) == ("Anna", "contacts/c1", {"rows": 3})
        assert session.get(Referral, "f1").prospect_id == "h1"
        assert not session.get(Referral, "f1").edited
    with pytest.raises(CouncilError, match=r"^This person was erased on .* and is shown nowhere any more\n") as refused:
        profile(after, "c1")
    assert "c1" not in str(refused.value)
    assert erase_person(ANNA, after, "c1", NOW) == 0


def test_no_import_brings_the_person_back_and_the_report_says_so(company):
    erase_person(ANNA, open_month(), "c1", NOW)
    more = "h9,,Vesna Gonewell,vesna@gone.example,\nh8,c1,V. Gonewell,v@new.example,\nh7,,New One,n@new.example,\n"
    report = run_import(LOCAL_USER, [put(company / "more", people=PEOPLE + more, referrals=REFERRALS)], NOW)
    (note,) = (item for item in report.warnings if item.rule == "erased")
    assert note.message.startswith("4 rows name people who were erased here")
    told = {item.table: (item.new, item.changed) for item in report.tables}
    assert (told["people"], told["referrals"]) == ((1, 0), (0, 0))
    assert report.conflicts == ()
    kept = everything(Person, Referral)
    assert "esna" not in kept
    assert "v@new.example" not in kept
    assert "New One" in kept


@pytest.mark.parametrize("way", ["new ids", "a file of two with the same mailbox"])
def test_under_new_ids_the_person_stays_erased_with_the_new_contact(company, way):
    erase_person(ANNA, open_month(), "c1", NOW)
    head = PEOPLE.splitlines()[0]
    more = "h9,c9,Vesna G.,VESNA@gone.example ,\n" + ("h8,c8,V. G.,vesna@gone.example,\n" if "two" in way else "")
    contacts = "account_id,contact_id,persona,joined_on\n" + "".join(
        f"a,{name},CFO,2024-01-01\n" for name in ("c8", "c9")
    )
    files = put(company / "more", people=f"{head}\n{more}", contacts=contacts)
    for told in range(2):
        report = run_import(LOCAL_USER, [files], NOW)
        (note,) = (item for item in report.warnings if item.rule == "erased")
        assert note.message.startswith("2 rows name" if "two" in way else "1 row names"), told
    kept = everything(Person, Referral)
    assert "esna" not in kept
    month = open_month()
    assert "c9" not in set(pool(month)["contact_id"])
    assert ("c8" in set(pool(month)["contact_id"])) == ("two" not in way)
    with records_database().read() as session:
        (again,) = session.exec(select(Person).where(Person.contact_id == "c9")).all()
        assert (again.full_name, again.email) == (ERASED, ERASED)
        assert again.erased_at == session.get(Person, "h1").erased_at


CONTACTS = "account_id,contact_id,persona,joined_on\na,c9,CFO,2024-01-01\n"
AGAIN = f"{PEOPLE.splitlines()[0]}\nh9,c9,Vesna G.,vesna@gone.example,\n"


def askable():
    return set(pool(open_month())["contact_id"])


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
def on_either(request, company, monkeypatch):
    if request.param == "SQLite":
        yield company
        return
    monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    settings.cache_clear()
    load(company / "in", people=PEOPLE, referrals=REFERRALS)
    yield company
    records_database().close()
    monkeypatch.undo()
    settings.cache_clear()


def test_a_contact_an_import_erases_is_a_change_of_that_import_with_an_audit_line(on_either):
    company = on_either
    run_import(LOCAL_USER, [put(company / "contact", contacts=CONTACTS)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    before, runs = everything(Person), len(import_runs())
    assert "c9" in askable()
    report = run_import(LOCAL_USER, [put(company / "again", people=AGAIN)], NOW)
    assert [(item.table, item.new, item.changed) for item in report.tables] == [("people", 1, 0)]
    assert (report.run_id, len(import_runs())) == (import_runs()[0].id, runs + 1)
    assert "c9" not in askable()
    with records_database().read() as session:
        lines = session.exec(select(AuditEntry).where(AuditEntry.record == "contacts/c9")).all()
        assert [(line.actor, line.act, line.detail["same_as"]) for line in lines] == [
            (LOCAL_USER.name, "erase person", "h1")
        ]
    undo_import(LOCAL_USER, NOW)
    assert everything(Person) == before
    assert "c9" in askable()


@pytest.mark.parametrize("order", [("crm", "mail"), ("mail", "crm")])
def test_a_contact_two_sources_erase_stays_erased_until_both_are_taken_back(company, order):
    run_import(LOCAL_USER, [put(company / "contact", contacts=CONTACTS)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    before, again = everything(Person), put(company / "again", people=AGAIN)
    for source in ("crm", "mail"):
        run_import(LOCAL_USER, [again], NOW, source=source)
    runs = len(import_runs())
    run_import(LOCAL_USER, [again], NOW, source="mail")
    assert len(import_runs()) == runs, "the same again leaves no trace"
    first, second = order
    undo_import(LOCAL_USER, NOW, source=first)
    assert "c9" not in askable()
    undo_import(LOCAL_USER, NOW, source=second)
    assert "c9" in askable()
    assert everything(Person) == before


def test_another_source_with_another_address_does_not_keep_a_contact_erased(company):
    run_import(LOCAL_USER, [put(company / "contact", contacts=CONTACTS)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    run_import(LOCAL_USER, [put(company / "again", people=AGAIN)], NOW, source="crm")
    other = put(company / "other", people=AGAIN.replace("vesna@gone.example", "vera@new.example"))
    run_import(LOCAL_USER, [other], NOW, source="mail")
    undo_import(LOCAL_USER, NOW, source="crm")
    assert "c9" in askable()


def test_a_contact_somebody_erased_after_an_import_had_stays_so_without_that_import(company):
    run_import(LOCAL_USER, [put(company / "contact", contacts=CONTACTS)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    run_import(LOCAL_USER, [put(company / "again", people=AGAIN)], NOW)
    assert erase_person(ANNA, open_month(), "c9", NOW) == 0
    undo_import(LOCAL_USER, NOW)
    assert "c9" not in askable()


@pytest.mark.parametrize("files", [1, 2])
def test_a_known_person_under_a_new_contact_stays_erased_with_it(company, files):
    run_import(LOCAL_USER, [put(company / "contact", contacts=CONTACTS)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    head, *rows = f"{PEOPLE.splitlines()[0]}\nh1,c9,Vesna,new@mail.example,\nh7,c9,Vesna,new2@mail.example,".split("\n")
    for number in range(files):
        own = rows[number : number + 1] if files == 2 else rows
        run_import(LOCAL_USER, [put(company / f"more{number}", people="\n".join([head, *own, ""]))], NOW)
    assert "esna" not in everything(Person)
    assert "c9" not in askable()
    with records_database().read() as session:
        (mark,) = session.exec(select(Person).where(Person.contact_id == "c9")).all()
        assert mark.erased_at == session.get(Person, "h1").erased_at


def test_a_contact_of_somebody_else_who_is_known_here_is_not_erased_with_a_known_person(company):
    erase_person(ANNA, open_month(), "c1", NOW)
    moved = f"{PEOPLE.splitlines()[0]}\nh1,c2,Vesna,new@mail.example,\n"
    run_import(LOCAL_USER, [put(company / "moved", people=moved)], NOW)
    assert "c2" in askable()
    assert "esna" not in everything(Person)


def test_every_address_of_a_colleague_with_two_rows_tells_the_mailbox_apart(company):
    two = PEOPLE.replace("ada@stay.example", "vesna@gone.example") + "h5,c2,Ada Staying,ada@own.example,\n"
    run_import(LOCAL_USER, [put(company / "two", people=two)], NOW)
    erase_person(ANNA, open_month(), "c1", NOW)
    new = f"{PEOPLE.splitlines()[0]}\nh7,c7,New Colleague,vesna@gone.example,\n"
    run_import(LOCAL_USER, [put(company / "new", people=new)], NOW)
    with records_database().read() as session:
        assert session.get(Person, "h7").full_name == "New Colleague"


def test_a_known_colleague_who_takes_over_the_mailbox_stays(company):
    erase_person(ANNA, open_month(), "c1", NOW)
    taken = PEOPLE.replace("ada@stay.example", "vesna@gone.example")
    run_import(LOCAL_USER, [put(company / "taken", people=taken)], NOW)
    with records_database().read() as session:
        assert (session.get(Person, "h2").full_name, session.get(Person, "h2").erased_at) == ("Ada Staying", None)


def test_a_trial_run_of_an_import_erases_nobody(company):
    erase_person(ANNA, open_month(), "c1", NOW)
    head = PEOPLE.splitlines()[0]
    files = put(company / "more", people=f"{head}\nh9,c9,Vesna G.,vesna@gone.example,\n")
    before = everything(Person)
    run_import(LOCAL_USER, [files], NOW, dry_run=True)
    assert everything(Person) == before


def test_a_colleague_with_the_same_mailbox_stays_and_a_new_one_comes_in(company):
    shared = PEOPLE.replace("ada@stay.example", "vesna@gone.example")
    run_import(LOCAL_USER, [put(company / "shared", people=shared)], NOW)
    assert erase_person(ANNA, open_month(), "c1", NOW) == 3
    head = PEOPLE.splitlines()[0]
    more = f"{head}\nh7,c7,New Colleague,vesna@gone.example,\nh9,,Vesna Gonewell,vesna@gone.example,\n"
    report = run_import(LOCAL_USER, [put(company / "more", people=more)], NOW)
    assert [item.message[:5] for item in report.warnings if item.rule == "erased"] == ["1 row"]
    with records_database().read() as session:
        found = {row.person_id: row.full_name for row in session.exec(select(Person)).all()}
    assert found == {"h1": ERASED, "h2": "Ada Staying", "h3": ERASED, "h7": "New Colleague"}


def test_an_erasure_waits_for_imports_and_acts_on_referrals_in_the_order_of_a_match(company, monkeypatch):
    waited = []
    monkeypatch.setattr(erasing, "serialise", lambda session, name: waited.append(name))
    erase_person(ANNA, open_month(), "c1", NOW)
    assert waited == ["requests", "asks"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param("h1,c1,Vesna Gonewell,vesna@gone.example,", 1, id="the file knows nothing of it"),
        pytest.param("h1,c1,Erased,x@gone.example,2026-11-05T09:00:00", 0, id="the file says it too"),
    ],
)
def test_an_erasure_that_a_file_brought_and_nobody_edited_stays(company, row, told):
    head = PEOPLE.splitlines()[0]
    first = f"{head}\nh1,c1,Vesna Gonewell,vesna@gone.example,2026-11-01T09:00:00\n"
    run_import(LOCAL_USER, [put(company / "first", people=first)], NOW)
    report = run_import(LOCAL_USER, [put(company / "second", people=f"{head}\n{row}\n")], NOW)
    assert [item.rule for item in report.warnings].count("erased") == told
    with records_database().read() as session:
        assert session.get(Person, "h1").erased_at.day == 1
    assert not any("Vesna" in name for name in names(open_month()))


def test_a_conflict_from_before_brings_nothing_back(company):
    with records_database().write() as session:
        records.save(session, Person, {"person_id": "h1"}, 1, {"erased_at": NOW})
        records.save(session, Person, {"person_id": "h2"}, 1, {"email": "new@stay.example"})
    load(company / "again", people=PEOPLE)
    assert [(item.key, item.column) for item in open_conflicts()] == [("h2", "email")]
    erase_person(ANNA, open_month(), "c2", NOW)
    assert open_conflicts() == ()
    with pytest.raises(RuleBroken, match="decided already"):
        resolve_conflict(LOCAL_USER, 1, "theirs", NOW)


def test_a_contact_nobody_named_is_erased_too(in_empty, tmp_path):
    load(tmp_path / "in")
    assert erase_person(ANNA, open_month(), "c1", NOW) == 1
    assert erase_person(ANNA, open_month(), "c1", NOW) == 0
    assert set(pool(open_month())["contact_id"]) == {"c2"}


def test_who_may_not_and_whom_nobody_knows(company):
    with pytest.raises(NotAllowed):
        erase_person(BEN, open_month(), "c1", NOW)
    with pytest.raises(RuleBroken, match="this contact is not known"):
        erase_person(ANNA, open_month(), "c404", NOW)
    assert "Vesna" in everything(Person)


def test_the_command_asks_first_and_tells_no_name(company):
    refused = CliRunner().invoke(app, ["erase", "c1"], input="n\n")
    assert refused.exit_code == 1
    assert "Vesna" in everything(Person)
    done = CliRunner().invoke(app, ["erase", "c1", "--yes"])
    assert (done.exit_code, done.output) == (0, "Contact c1 is erased: rows changed: 3.\n")
    assert "Vesna" not in everything(Person)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(" Ada@X.example", "ada@x.example ", True, id="case and spaces"),
        pytest.param("ada@x.example", "bo@x.example", False, id="another person"),
        pytest.param("ada@x.example", masked_address("ada@x.example"), True, id="masked once and twice"),
    ],
)
def test_an_address_is_known_again_by_what_is_kept_of_it(one, other, same):
    assert (masked_address(one) == masked_address(other)) is same
    assert masked_address(one).endswith("@x.example")
    assert "ada" not in masked_address(one)
