"""Which column is which: on the headers of public exports, and on what must not be guessed."""

import json
from pathlib import Path

import pytest

from core.ingest.mapping import IMPORTABLE, check_mapping
from core.ingest.matching import Sheet, match_columns, match_file
from core.ingest.prepare import prepare
from core.ingest.suggest import look_into, suggest
from core.model.synonyms import load_synonyms
from core.schema import TABLES
from tests.homes import SHARED

HEADERS = SHARED / "data" / "import_headers" / "export_headers.json"

RIGHT = {
    "salesforce_opportunity_export": {
        "opportunities": {
            "opportunity_id": {"Id"},
            "account_id": {"AccountId"},
            "name": {"Name"},
            "kind": {"Type"},
            "source": {"LeadSource"},
            "amount_cents": {"Amount"},
            "currency": {"CurrencyIsoCode"},
            "created_on": {"CreatedDate"},
            "closed_on": {"CloseDate"},
            "outcome": {"IsClosed", "StageName"},
            "owner_id": {"OwnerId"},
        }
    },
    "hubspot_all_contacts_export": {
        "contacts": {
            "contact_id": {"Record ID"},
            "account_id": {"Associated Company IDs"},
            "persona": {"Job Title", "Persona"},
            "joined_on": {"Create Date"},
        },
        "people": {
            "person_id": {"Record ID"},
            "contact_id": {"Record ID"},
            "full_name": {"First Name"},
            "email": {"Email"},
        },
        "survey_responses": {
            "response_id": {"Record ID"},
            "account_id": {"Associated Company IDs"},
            "contact_id": {"Record ID"},
            "score": {"Last NPS survey rating"},
            "answered_at": {"Last NPS survey date"},
        },
        "consents": {"contact_id": {"Record ID"}, "granted_on": {"Last Modified Date"}},
    },
    "hubspot_all_deals_export": {
        "opportunities": {
            "opportunity_id": {"Record ID"},
            "account_id": {"Associated Company IDs"},
            "name": {"Deal Name"},
            "source": {"Lead source"},
            "amount_cents": {"Amount"},
            "closed_on": {"Close Date"},
            "outcome": {"Deal Stage"},
            "owner_id": {"Deal owner"},
        }
    },
    "zoho_deals_export": {
        "opportunities": {
            "opportunity_id": {"Record Id"},
            "account_id": {"Account Name.id"},
            "name": {"Deal Name"},
            "kind": {"Type"},
            "source": {"Lead Source"},
            "amount_cents": {"Amount"},
            "closed_on": {"Closing Date"},
            "outcome": {"Stage"},
        }
    },
    "stripe_subscriptions_export": {
        "subscriptions": {
            "subscription_id": {"id"},
            "account_id": {"Customer ID"},
            "mrr_cents": {"Amount"},
            "start_date": {"Trial End (UTC)", "Trial Start (UTC)", "Start Date (UTC)"},
            "end_date": {"Ended At (UTC)", "Trial End (UTC)"},
        }
    },
}
"""Export -> table -> column of the contract -> columns of the file that hold it, read by a person."""


@pytest.fixture(scope="module")
def exports():
    if not HEADERS.exists():
        pytest.skip(f"the headers of public exports are not at {HEADERS}")
    return {name: tuple(item["columns"]) for name, item in json.loads(HEADERS.read_text()).items()}


def judged(header, name, **options):
    """Right, wrong and unassigned columns."""
    suggestion = suggest([Sheet(f"{name}.csv", header)], **options)
    found = [(m.table, c.column, c.found) for m in suggestion.files for c in m.columns]
    right = {(t, c, f) for t, c, f in found if f in RIGHT[name].get(t, {}).get(c, ())}
    wanted = {(t, c) for t, columns in RIGHT[name].items() for c in columns}
    return right, [item for item in found if item not in right], wanted - {(t, c) for t, c, _ in right}


@pytest.mark.parametrize("name", RIGHT)
def test_every_column_of_a_public_export_is_found_and_none_is_wrong(exports, name):
    right, wrong, unassigned = judged(exports[name], name)
    assert wrong == []
    assert unassigned == set()
    assert len(right) >= 5


@pytest.mark.parametrize("name", RIGHT)
def test_without_the_presets_columns_may_be_missed_and_none_is_wrong(exports, name):
    _, wrong, _ = judged(exports[name], name, presets={})
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("salesforce_opportunity_export", "salesforce"),
        ("hubspot_all_deals_export", "hubspot"),
        ("stripe_subscriptions_export", "stripe"),
    ],
)
def test_a_system_is_recognised_by_its_headers_whatever_the_file_is_called(exports, name, preset):
    suggestion = suggest([Sheet("export 17.csv", exports[name])])
    assert suggestion.preset == preset
    (rule,) = {match.rule for match in suggestion.files if match.table} - {"dashboard_trials"}
    assert suggestion.mapping.tables[rule].files[0] == "export 17.csv"


def test_a_required_column_that_is_not_there_is_listed_with_its_meaning(exports):
    suggestion = suggest([Sheet("deals.csv", exports["hubspot_all_deals_export"])])
    lacking = {(item.table, item.column) for item in suggestion.lacking}
    assert lacking == {("accounts", ""), ("subscriptions", ""), ("opportunities", "created_on")}
    assert all(item.meaning for item in suggestion.lacking)


@pytest.mark.parametrize("name", ["salesforce", "hubspot", "stripe"])
def test_of_a_connector_folder_only_the_tables_the_preset_reads_are_taken(name):
    folder = SHARED / "data" / f"import_{name}"
    if not folder.is_dir():
        pytest.skip(f"the public connector tables are not at {folder}")
    suggestion = suggest(look_into([folder])[0])
    assert suggestion.preset == name
    known = {pattern for rule in suggestion.mapping.tables.values() for pattern in rule.files}
    assert {match.file for match in suggestion.files if match.table} <= known
    assert len(suggestion.files) >= len(list(folder.glob("*.csv")))


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_file_of_the_contract_is_taken_as_it_is(table):
    header = tuple(column.name for column in TABLES[table].columns)
    suggestion = suggest([Sheet(f"{table}.csv", header)])
    (match,) = suggestion.files
    assert (match.table, match.confidence, match.unread) == (table, 1.0, ())
    assert {column.column: column.found for column in match.columns} == {name: name for name in header}
    assert suggestion.mapping.tables[table].columns == {}


def test_files_nobody_can_place_are_left_alone():
    (match,) = suggest([Sheet("notes.csv", ("alpha", "beta", "gamma"))]).files
    assert match.table is None
    assert match.columns == ()


def test_two_tables_that_fit_equally_well_are_not_guessed_between(exports):
    match = match_file(Sheet("export 17.csv", exports["zoho_deals_export"]), load_synonyms())
    assert match.table is None
    assert match.reason == "contacts and opportunities fit equally well"


REPORT = (
    "Opportunity ID", "Account ID", "Opportunity Name", "Type", "Stage", "Amount", "Close Date", "Created Date",
    "Lead Source", "Opportunity Owner", "Closed", "Won",
)  # fmt: skip
CELLS = {"Type": ("New Business",), "Stage": ("Closed Won",), "Amount": ("$29,911.00",), "Created Date": ("8/18/2026",)}


def test_of_two_tables_that_fit_equally_well_the_one_the_file_is_called_after_is_taken():
    assert match_file(Sheet("opportunities.csv", REPORT, CELLS), load_synonyms()).table == "opportunities"


def test_a_file_called_as_a_table_whose_columns_have_other_names_is_matched_column_by_column():
    header = ("Contact ID", "Account ID", "Title", "Created Date")
    (match,) = suggest([Sheet("contacts.csv", header)]).files
    assert (match.table, match.unread) == ("contacts", ())
    assert {each.column: each.found for each in match.columns}["persona"] == "Title"


def test_columns_of_a_system_without_its_marks_are_no_reason_to_take_its_preset():
    suggestion = suggest([Sheet("customers.csv", ("id", "name", "created"))])
    assert suggestion.preset == ""


def test_each_column_of_a_file_is_used_once():
    matches = match_columns(Sheet("a.csv", ("Id", "Name", "Account Name")), TABLES["accounts"], load_synonyms())
    assert len({match.found for match in matches}) == len(matches)
    assert {match.column: match.found for match in matches} == {"account_id": "Id", "name": "Name"}


def test_cells_that_are_no_dates_unmake_a_match_by_name():
    header = ("account_id", "Account Name", "Create Date")
    table, known = TABLES["accounts"], load_synonyms()
    days = match_columns(Sheet("a.csv", header, {"Create Date": ("2025-01-02", "2025-01-03")}), table, known)
    words = match_columns(Sheet("a.csv", header, {"Create Date": ("soon", "later")}), table, known)
    assert "start_date" in {match.column for match in days}
    assert "start_date" not in {match.column for match in words}


def test_addresses_are_recognised_by_their_cells_alone():
    sheet = Sheet("people.csv", ("person_id", "full_name", "Kontakt"), {"Kontakt": ("a@b.example", "c@d.example")})
    found = {match.column: match for match in match_columns(sheet, TABLES["people"], load_synonyms())}
    assert (found["email"].found, found["email"].confidence) == ("Kontakt", load_synonyms().confidence.values_alone)


def test_ids_found_in_another_file_raise_the_confidence():
    sheet = Sheet("contacts.csv", ("contact_id", "Company ID"), {"Company ID": ("A-1", "A-2")})
    table, known = TABLES["contacts"], load_synonyms()
    apart = {m.column: m for m in match_columns(sheet, table, known)}["account_id"]
    together = {m.column: m for m in match_columns(sheet, table, known, {"accounts": frozenset({"A-1"})})}["account_id"]
    assert together.confidence > apart.confidence
    assert "ids are those of accounts" in together.reason


def test_synonyms_name_columns_of_the_contract():
    for name, words in load_synonyms().tables.items():
        assert set(words.columns) <= set(IMPORTABLE[name].by_name), name


def test_an_unknown_export_becomes_a_mapping_that_imports(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "Customers 2026.csv").write_text(
        "Customer ID,Customer Name,Country,Customer Since,Phone\n1,Aster,FR,2024-01-01,+33\n2,Birch,DE,2024-02-01,+49\n"
    )
    (folder / "Abo subscriptions.csv").write_text(
        "Subscription ID,Customer ID,Plan,Seats,MRR,Currency,Start Date,End Date,Is Trial\n"
        "s1,1,Pro,3,120.50,EUR,2024-01-01,,no\ns2,2,Pro,1,10,EUR,2024-02-01,2024-09-01,no\n"
    )
    suggestion = suggest(look_into([folder])[0])
    check_mapping(suggestion.mapping)
    assert suggestion.lacking == ()
    with prepare([folder], suggestion.mapping) as prepared:
        assert prepared.problems == ()
        assert prepared.rows == {"accounts": 2, "subscriptions": 2}
        assert prepared.arrow("subscriptions")["mrr_cents"].to_pylist() == [12_050, 1_000]
        assert [file.ignored for file in prepared.files if file.table == "accounts"] == [("Phone",)]


def test_paths_that_hold_nothing_readable_suggest_nothing(tmp_path: Path):
    (tmp_path / "empty.csv").write_text("")
    assert look_into([tmp_path])[0] == ()
    assert suggest(()).files == ()


def test_files_of_two_systems_are_both_recognised(tmp_path):
    """Matched by its words alone, a yearly amount would be read as one of a month."""
    (tmp_path / "hubspot-crm-exports-all-companies-1.csv").write_text(
        "Record ID,Company name,Company owner,Create Date\n1,Aster,,2025-01-01\n"
    )
    (tmp_path / "customers.csv").write_text("id,Name,Created (UTC)\ncus_1,Aster,2025-01-01 10:00\n")
    (tmp_path / "subscriptions.csv").write_text(
        "id,Customer ID,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start Date (UTC),Ended At (UTC)\n"
        "sub_1,cus_1,Team,1,eur,year,1200.00,active,2025-01-01 10:00,2025-01-01 10:00,\n"
    )
    suggestion = suggest(look_into([tmp_path])[0])
    assert suggestion.preset == "hubspot+stripe"
    with prepare([tmp_path], suggestion.mapping) as prepared:
        assert not prepared.problems
        assert (prepared.rows["accounts"], prepared.rows["subscriptions"]) == (2, 1)
        assert prepared.arrow("subscriptions").column("mrr_cents").to_pylist() == [10_000]
