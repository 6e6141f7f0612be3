"""Salesforce, HubSpot and Stripe: small exports with known answers, and the public connector tables as they are."""

# ruff: noqa: DTZ001 - instants in the store are UTC without a zone
import csv
import datetime as dt
import shutil

import pytest

from core.ingest.load import load
from core.ingest.prepare import Stored, prepare
from core.model.presets import load_preset
from core.settings import settings
from core.store.manifest import Manifest
from tests.homes import SHARED

DATA = SHARED / "data"


def put(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def read():
    """The staged rows of a table, all problems refused."""
    open_imports = []

    def run(preset, folder, **options):
        prepared = prepare([folder], load_preset(preset), **options)
        open_imports.append(prepared)
        assert [f"{problem.place} {problem}" for problem in prepared.problems] == []
        return prepared

    yield run
    for prepared in open_imports:
        prepared.close()


def rows(prepared, table, columns):
    names = columns.split()
    return [tuple(row.values()) for row in prepared.arrow(table).select(names).to_pylist()]


def table_of(name):
    folder = DATA / f"import_{name}"
    if not folder.is_dir():
        pytest.skip(f"the public connector tables are not at {folder}")
    return folder


SALESFORCE = {
    "account": "Id,IsDeleted,Name,Industry,BillingCountry,NumberOfEmployees,CreatedDate,OwnerId,Custom__c\n"
    "001A,0,Aster,Retail,France,850,2024-03-01T10:00:00.000Z,005A,x\n001B,1,Gone,,,,2024-03-01T10:00:00.000Z,005A,x\n",
    "contact": "Id,IsDeleted,AccountId,FirstName,LastName,Email,Title,CreatedDate\n"
    "003A,0,001A,Maria,Keller,maria@aster.example,COO,2024-04-01 08:00:00\n"
    "003B,0,001B,Old,One,old@gone.example,,2024-04-01 08:00:00\n"
    "003C,0,000000000000000AAA,No,Body,no@body.example,,2024-04-01 08:00:00\n"
    "003D,0,001A,No,Mail,,,2024-04-01 08:00:00\n",
    "opportunity": "Id,IsDeleted,AccountId,Name,StageName,Amount,CloseDate,Type,LeadSource,IsClosed,IsWon,"
    "CurrencyIsoCode,CreatedDate\n"
    "006A,0,001A,Platform,Ganada,1200.50,2024-06-30,New Customer,Referral,1,1,EUR,2024-05-02 00:00:00\n"
    "006B,0,001A,More seats,Abierta,,2027-01-31,Existing Business,,0,0,EUR,2024-05-02 00:00:00\n"
    "006C,0,000000000000000AAA,Lost one,Perdida,10,2024-06-30,,Web,1,0,USD,2024-05-02 00:00:00\n",
    "opportunityhistory": "Id,OpportunityId,StageName,Amount,CreatedDate\n"
    "008A,006A,Proposal,1,2024-05-10 12:00:00\n008B,006A,Proposal,2,2024-05-10 13:00:00\n"
    "008C,006A,Ganada,2,2024-06-30 09:00:00\n008D,006X,Proposal,1,2024-05-10 12:00:00\n",
    "task": "Id,IsDeleted,WhoId,WhatId,AccountId,Status,TaskSubtype,ActivityDate,CompletedDateTime\n"
    "00TA,0,003A,006A,001A,Completed,Email,2024-05-20,2024-05-21 10:30:00\n"
    "00TB,0,00QX,001A,001A,Completed,Call,2024-05-20,\n00TC,0,003A,,001A,Not Started,Call,2024-05-20,\n",
}


def test_a_folder_of_salesforce_objects_imports(tmp_path, read):
    prepared = read("salesforce", put(tmp_path / "sf", **SALESFORCE))
    assert rows(prepared, "accounts", "account_id name region employees start_date") == [
        ("001A", "Aster", "France", 850, dt.date(2024, 3, 1))
    ]
    assert rows(prepared, "contacts", "contact_id account_id persona joined_on") == [
        ("003A", "001A", "COO", dt.date(2024, 4, 1)),
        ("003D", "001A", None, dt.date(2024, 4, 1)),
    ]
    assert "subscriptions" not in prepared.rows
    assert any("no subscriptions" in w.message for w in prepared.warnings if w.rule == "note")


def test_names_and_addresses_of_salesforce_contacts_go_to_people(tmp_path, read):
    people = read("salesforce", put(tmp_path / "sf", **SALESFORCE)).records["people"]
    assert people[["contact_id", "full_name", "email"]].to_numpy().tolist() == [
        ["003A", "Maria Keller", "maria@aster.example"],
    ]


def test_salesforce_deals_are_closed_by_their_flags_whatever_the_stages_are_called(tmp_path, read):
    prepared = read("salesforce", put(tmp_path / "sf", **SALESFORCE))
    columns = "opportunity_id account_id kind amount_cents currency closed_on outcome industry"
    closed = dt.date(2024, 6, 30)
    assert rows(prepared, "opportunities", columns) == [
        ("006A", "001A", "new", 120_050, "EUR", closed, "won", "Retail"),
        ("006B", "001A", "expansion", 0, "EUR", None, "open", "Retail"),
        ("006C", None, "new", 1_000, "USD", closed, "lost", None),
    ]
    assert {w.column for w in prepared.warnings if w.rule == "default"} == {"Amount", "Type"}


def test_salesforce_history_keeps_the_first_day_in_each_stage(tmp_path, read):
    prepared = read("salesforce", put(tmp_path / "sf", **SALESFORCE))
    assert sorted(rows(prepared, "stage_history", "opportunity_id stage entered_on")) == [
        ("006A", "Ganada", dt.date(2024, 6, 30)),
        ("006A", "Proposal", dt.date(2024, 5, 10)),
    ]


def test_salesforce_tasks_that_were_done_are_touches_of_known_contacts_and_deals(tmp_path, read):
    prepared = read("salesforce", put(tmp_path / "sf", **SALESFORCE))
    assert rows(prepared, "interactions", "interaction_id contact_id opportunity_id at channel kind") == [
        ("00TA", "003A", "006A", dt.datetime(2024, 5, 21, 10, 30), "email", "task"),
        ("00TB", None, None, dt.datetime(2024, 5, 20), "phone", "task"),
    ]


def test_a_salesforce_report_is_read_by_its_labels(tmp_path, read):
    folder = put(
        tmp_path / "sf",
        opportunities="Opportunity ID,Account ID,Opportunity Name,Stage,Amount,Amount Currency,Close Date,Created Date,"
        "Type,Lead Source,Opportunity Owner\n"
        "006A,001A,Platform,Closed Won,100,EUR,2024-06-30,2024-05-02,Renewal,Web,Li\n"
        "006B,001A,Seats,Prospecting,100,EUR,2027-06-30,2024-05-02,Upsell,Web,Li\n",
        accounts="Account ID,Account Name,Created Date,Billing Country\n001A,Aster,2024-03-01,France\n",
    )
    columns = "opportunity_id kind outcome closed_on owner_id"
    assert rows(read("salesforce", folder), "opportunities", columns) == [
        ("006A", "renewal", "won", dt.date(2024, 6, 30), "Li"),
        ("006B", "expansion", "open", None, "Li"),
    ]


def test_a_stage_nobody_explained_is_a_problem_not_a_guess(tmp_path):
    folder = put(
        tmp_path / "sf",
        opportunities="Opportunity ID,Opportunity Name,Stage,Amount,Close Date,Created Date\n"
        "006A,Platform,Verbal yes,100,2024-06-30,2024-05-02\n",
    )
    with prepare([folder], load_preset("salesforce")) as prepared:
        found = [(p.line, p.column, p.found, p.rule) for p in prepared.problems]
    assert found == [(2, "Stage", "Verbal yes", "recode")]


def test_the_public_salesforce_tables_lack_one_column_and_the_problem_names_it():
    with prepare([table_of("salesforce")], load_preset("salesforce")) as prepared:
        assert [(p.place, p.column, p.rule) for p in prepared.problems] == [
            ("sf_account_data.csv", "created_date", "missing_column")
        ]
        contacts = next(file for file in prepared.files if file.table == "contacts")
        assert len(contacts.ignored) > 350


def with_column(source, target, column, cell):
    """A copy of a CSV file with one more column."""
    with source.open(newline="") as old, target.open("w", newline="") as new:
        reader, writer = csv.reader(old), csv.writer(new)
        for index, row in enumerate(reader):
            writer.writerow([*row, column if index == 0 else cell])


def test_the_public_salesforce_tables_import_once_accounts_have_that_column(tmp_path, read):
    folder = tmp_path / "sf"
    shutil.copytree(table_of("salesforce"), folder, copy_function=shutil.copyfile)
    source = table_of("salesforce") / "sf_account_data.csv"
    (folder / source.name).unlink()
    with_column(source, folder / source.name, "created_date", "2019-01-02 03:04:05")
    prepared = read("salesforce", folder)
    with source.open(newline="") as file:
        live = [
            row for row in csv.DictReader(file) if (row["is_deleted"], row["_fivetran_active"]) == ("false", "true")
        ]
    assert prepared.rows["accounts"] == len(live) > 0
    assert prepared.rows["opportunities"] == 0
    assert prepared.rows["interactions"] == 20


HUBSPOT = {
    "company": "id,is_deleted,property_name,property_createdate,property_country,property_industry\n"
    "1,false,Aster,2024-03-01 10:00:00,France,Retail\n2,true,Gone,2024-03-01 10:00:00,,\n",
    "contact": "id,_fivetran_deleted,property_email,property_firstname,property_lastname,property_associatedcompanyid,"
    "property_createdate,property_hs_feedback_last_nps_rating,property_hs_feedback_last_survey_date\n"
    "11,FALSE,maria@aster.example,Maria,Keller,1,2024-04-01 08:00:00,9,2024-09-01 07:00:00\n"
    "12,FALSE,x@gone.example,X,Y,2,2024-04-01 08:00:00,,\n",
    "deal": "deal_id,is_deleted,deal_pipeline_stage_id,property_dealname,property_amount,property_closedate,"
    "property_createdate,property_dealtype\n"
    "21,false,won1,Platform,100.25,2024-06-30 12:00:00,2024-05-02 09:00:00,newbusiness\n"
    "22,false,mid1,Seats,,2027-06-30 12:00:00,2024-05-02 09:00:00,existingbusiness\n",
    "deal_company": "company_id,deal_id\n1,21\n",
    "deal_pipeline_stage": "stage_id,label,is_closed,closed_won\nwon1,Signed,TRUE,TRUE\nmid1,Talking,FALSE,FALSE\n",
    "deal_stage": "deal_id,value,date_entered\n21,mid1,2024-05-03 1:02:03\n21,won1,2024-06-30 12:00:00\n",
    "ticket": "id,is_deleted,property_createdate,property_closed_date,property_hs_ticket_priority\n"
    "31,FALSE,2024-07-01 10:00:00,,URGENT\n32,FALSE,2024-07-01 10:00:00,,\n33,FALSE,2024-07-01 10:00:00,,LOW\n",
    "ticket_company": "ticket_id,company_id\n31,1\n32,1\n",
    "email_event": "id,type,created,recipient\ne1,SENT,2024-07-01 10:00:00,maria@aster.example\ne2,OPEN,2024-07-01,z\n",
    "engagement_meeting": "engagement_id,start_time\nm1,2024-08-01 10:00:00\n",
    "engagement_company": "company_id,engagement_id\n1,m1\n",
    "engagement_contact": "contact_id,engagement_id\n11,m1\n",
}


def test_a_folder_of_hubspot_tables_imports(tmp_path, read):
    prepared = read("hubspot", put(tmp_path / "hs", **HUBSPOT))
    assert rows(prepared, "accounts", "account_id name start_date") == [("1", "Aster", dt.date(2024, 3, 1))]
    assert rows(prepared, "contacts", "contact_id account_id") == [("11", "1")]
    assert rows(prepared, "survey_responses", "account_id contact_id survey score answered_at") == [
        ("1", "11", "nps", 9, dt.datetime(2024, 9, 1, 7))
    ]
    columns = "opportunity_id account_id kind amount_cents closed_on outcome region"
    assert rows(prepared, "opportunities", columns) == [
        ("21", "1", "new", 10_025, dt.date(2024, 6, 30), "won", "France"),
        ("22", None, "expansion", 0, None, "open", None),
    ]
    assert [row[1] for row in sorted(rows(prepared, "stage_history", "entered_on stage"))] == ["Talking", "Signed"]
    assert rows(prepared, "tickets", "ticket_id account_id severity") == [("31", "1", 1), ("32", "1", 3)]
    assert sorted(rows(prepared, "interactions", "interaction_id account_id contact_id kind")) == [
        ("e1", "1", "11", "marketing_touch"),
        ("m1", "1", "11", "check_in"),
    ]


def test_a_hubspot_list_export_is_read_by_its_labels(tmp_path, read):
    folder = put(
        tmp_path / "hs",
        **{
            "hubspot-crm-exports-all-companies-1": "Record ID,Company name,Create Date,Country/Region\n"
            "1,Aster,2024-03-01 10:00,France\n",
            "hubspot-crm-exports-all-contacts-1": "Record ID,First Name,Last Name,Email,Job Title,Create Date,"
            "Associated Company IDs,Last NPS survey rating,Last NPS survey date\n"
            "11,Maria,Keller,maria@aster.example,COO,2024-04-01 08:00,1;7,10,2024-09-01 07:00\n"
            "12,No,One,,,2024-04-01,,,\n",
            "hubspot-crm-exports-all-deals-1": "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Amount,"
            "Associated Company IDs\n21,Platform,Closed Won (Sales Pipeline),2024-06-30 12:00,2024-05-02 10:00,100,1\n",
        },
    )
    prepared = read("hubspot", folder)
    assert rows(prepared, "contacts", "contact_id account_id persona") == [("11", "1", "COO")]
    assert rows(prepared, "opportunities", "opportunity_id account_id outcome closed_on") == [
        ("21", "1", "won", dt.date(2024, 6, 30))
    ]
    assert rows(prepared, "survey_responses", "score") == [(10,)]


def test_the_primary_company_of_a_hubspot_list_export_is_taken_and_its_traffic_source_read(tmp_path, read):
    primary = "Associated Company IDs,Associated Company IDs (Primary)"
    folder = put(
        tmp_path / "hs",
        **{
            "hubspot-crm-exports-all-companies-1": "Record ID,Company name,Create Date,Original Traffic Source\n"
            "1,Aster,2024-03-01 10:00,Referrals\n7,Birch,2024-03-01 10:00,\n",
            "hubspot-crm-exports-all-contacts-1": f"Record ID,Create Date,{primary}\n"
            "11,2024-04-01,1;7,7\n12,2024-04-01,,\n",
            "hubspot-crm-exports-all-deals-1": "Record ID,Deal Name,Deal Stage,Currency,Close Date,Create Date,Amount,"
            f"Original Source Type,{primary}\n21,Platform,Closed won,EUR,2024-06-30,2024-05-02,100,Referrals,1;7,7\n",
            "hubspot-crm-exports-all-tickets-1": "Ticket ID,Create date,Associated Company IDs (Primary)\n"
            "31,2024-05-01,7\n",
        },
    )
    prepared = read("hubspot", folder)
    assert rows(prepared, "accounts", "account_id acquisition_channel") == [("1", "Referrals"), ("7", None)]
    assert rows(prepared, "contacts", "contact_id account_id") == [("11", "7")]
    assert rows(prepared, "opportunities", "account_id source") == [("7", "Referrals")]
    assert rows(prepared, "tickets", "account_id") == [("7",)]


def test_the_public_hubspot_tables_lack_the_company_of_a_contact_and_the_problem_names_it():
    with prepare([table_of("hubspot")], load_preset("hubspot")) as prepared:
        problems = {(p.place, p.column, p.rule) for p in prepared.problems}
    assert problems == {
        ("contact_data.csv", "property_associatedcompanyid", "missing_column"),
        ("contact_data.csv", "property_email", "email"),
    }


def test_the_public_hubspot_tables_import_without_that_file(tmp_path, read):
    folder = tmp_path / "hs"
    shutil.copytree(table_of("hubspot"), folder, copy_function=shutil.copyfile)
    (folder / "contact_data.csv").unlink()
    prepared = read("hubspot", folder)
    assert {name: prepared.rows[name] for name in ("accounts", "opportunities", "tickets", "interactions")} == {
        "accounts": 24,
        "opportunities": 44,
        "tickets": 0,
        "interactions": 106,
    }
    assert any(
        "25 rows were not read as tickets: ticket_company.company_id is empty" in w.message for w in prepared.warnings
    )


def test_tickets_without_their_companies_name_the_file_that_holds_them():
    with prepare([table_of("hubspot") / "ticket_data.csv"], load_preset("hubspot")) as prepared:
        (problem,) = prepared.problems
    assert problem.column == "ticket_company.company_id"
    assert "ticket_company_data.csv" in problem.message


STRIPE = {
    "customer": "id,name,created,livemode,metadata\n"
    "cus_1,Aster,2024-01-01 00:00:00,TRUE,{}\ncus_2,Birch,2024-01-01 00:00:00,TRUE,{}\n"
    "cus_9,Test,2024-01-01,FALSE,{}\n",
    "subscription": "id,customer_id,status,start_date,trial_start,trial_end,ended_at,cancel_at,canceled_at,"
    "cancel_at_period_end,current_period_end,livemode\n"
    "sub_1,cus_1,active,2024-02-01 10:00:00,,,,,,FALSE,2026-02-01 10:00:00,TRUE\n"
    "sub_2,cus_2,canceled,2024-02-01 10:00:00,2024-02-01 10:00:00,2024-02-15 10:00:00,2024-08-15 10:00:00,,"
    "2024-08-01 09:00:00,FALSE,2024-08-15 10:00:00,TRUE\n"
    "sub_3,cus_2,trialing,2024-09-01 10:00:00,2024-09-01 10:00:00,2024-09-15 10:00:00,,,,FALSE,2024-09-15,TRUE\n"
    "sub_4,cus_2,canceled,2024-10-01 10:00:00,2024-10-01 10:00:00,2024-10-15 10:00:00,2024-10-08 10:00:00,,"
    "2024-10-08 10:00:00,FALSE,2024-10-15,TRUE\n"
    "sub_5,cus_1,active,2024-02-01 10:00:00,,,,,2024-05-01 00:00:00,TRUE,2025-02-01 10:00:00,TRUE\n",
    "subscription_item": "id,subscription_id,plan_id,quantity\nsi_1,sub_1,p_month,3\nsi_2,sub_1,p_year,1\n"
    "si_3,sub_2,p_month,1\nsi_4,sub_3,p_month,1\nsi_5,sub_4,p_month,1\nsi_6,sub_5,price_q,2\nsi_7,sub_1,p_use,1\n",
    "plan": "id,amount,currency,interval,interval_count,product_id,usage_type\n"
    "p_month,2000,usd,month,1,prod_1,licensed\np_year,120000,usd,year,1,prod_2,licensed\np_use,5,usd,month,1,prod_2,metered\n",
    "price": "id,unit_amount,currency,recurring_interval,recurring_interval_count,product_id\n"
    "price_q,9000,usd,month,3,prod_2\n",
    "product": "id,name\nprod_1,Base\nprod_2,Plus\n",
}


def test_stripe_items_become_contract_lines(tmp_path, read):
    prepared = read("stripe", put(tmp_path / "st", **STRIPE))
    assert rows(prepared, "accounts", "account_id name") == [("cus_1", "Aster"), ("cus_2", "Birch")]
    start = dt.date(2024, 2, 1)
    columns = "subscription_id account_id product quantity mrr_cents currency start_date end_date is_trial"
    assert rows(prepared, "subscriptions", columns) == [
        ("si_1", "cus_1", "Base", 3, 6_000, "USD", start, None, False),
        ("si_2", "cus_1", "Plus", 1, 10_000, "USD", start, None, False),
        ("si_3", "cus_2", "Base", 1, 2_000, "USD", start, dt.date(2024, 2, 15), True),
        ("si_3", "cus_2", "Base", 1, 2_000, "USD", dt.date(2024, 2, 15), dt.date(2024, 8, 15), False),
        ("si_4", "cus_2", "Base", 1, 2_000, "USD", dt.date(2024, 9, 1), dt.date(2024, 9, 15), True),
        ("si_5", "cus_2", "Base", 1, 2_000, "USD", dt.date(2024, 10, 1), dt.date(2024, 10, 15), True),
        ("si_6", "cus_1", "Plus", 2, 6_000, "USD", start, dt.date(2025, 2, 1), False),
    ]
    assert any("metered" in w.message for w in prepared.warnings if w.rule == "left_out")


def test_a_currency_without_two_decimals_is_refused(tmp_path):
    files = {**STRIPE, "plan": STRIPE["plan"].replace("2000,usd", "2000,jpy")}
    with prepare([put(tmp_path / "st", **files)], load_preset("stripe")) as prepared:
        assert {(p.column, p.found, p.rule) for p in prepared.problems} == {("plan.currency", "jpy", "recode")}


def test_the_stripe_dashboard_list_is_read_by_its_labels(tmp_path, read):
    folder = put(
        tmp_path / "st",
        customers="id,Name,Created (UTC)\ncus_1,Aster,2024-01-01 00:00\n",
        subscriptions="id,Customer ID,Customer Name,Status,Amount,Interval,Created (UTC),Start Date (UTC),"
        "Trial Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC),Plan,Currency\n"
        "sub_1,cus_1,Aster,active,120.00,year,2024-02-01 10:00,2024-02-01 10:00,,,,,Base,eur\n"
        "sub_2,cus_1,Aster,canceled,10.00,month,2024-02-01 10:00,2024-02-01 10:00,2024-02-01 10:00,2024-02-08 10:00,"
        "2024-06-01 10:00,,Base,eur\n",
    )
    columns = "subscription_id product mrr_cents currency start_date end_date is_trial"
    assert rows(read("stripe", folder), "subscriptions", columns) == [
        ("sub_1", "Base", 1_000, "EUR", dt.date(2024, 2, 1), None, False),
        ("sub_2", "Base", 1_000, "EUR", dt.date(2024, 2, 1), dt.date(2024, 2, 8), True),
        ("sub_2", "Base", 1_000, "EUR", dt.date(2024, 2, 8), dt.date(2024, 6, 1), False),
    ]


@pytest.fixture
def in_new_york(monkeypatch):
    monkeypatch.setenv("COUNCIL_ZONE", "America/New_York")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("in_new_york")
def test_times_of_the_stripe_dashboard_are_utc_and_count_on_the_companys_day(tmp_path, read):
    folder = put(
        tmp_path / "st",
        customers="id,Name,Created (UTC)\ncus_1,Aster,2024-01-01 03:30\n",
        subscriptions="id,Customer ID,Customer Name,Status,Amount,Interval,Start Date (UTC),Trial Start (UTC),"
        "Trial End (UTC),Ended At (UTC),Plan,Currency\n"
        "sub_1,cus_1,Aster,canceled,120.00,year,2024-02-01 03:30,,,2024-06-01 03:30,Base,eur\n"
        "sub_2,cus_1,Aster,active,120.00,year,2024-02-01 00:00,2024-02-01 00:00,2024-03-01 03:30,,Base,eur\n",
    )
    prepared = read("stripe", folder)
    assert rows(prepared, "accounts", "account_id start_date") == [("cus_1", dt.date(2023, 12, 31))]
    assert rows(prepared, "subscriptions", "subscription_id start_date end_date") == [
        ("sub_1", dt.date(2024, 1, 31), dt.date(2024, 5, 31)),
        ("sub_2", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("sub_2", dt.date(2024, 2, 29), None),
    ]


@pytest.mark.usefixtures("in_new_york")
def test_times_of_stripe_objects_are_utc_and_count_on_the_companys_day(tmp_path, read):
    late = {name: text.replace("2024-02-01 10:00:00", "2024-02-01 03:30:00") for name, text in STRIPE.items()}
    found = rows(read("stripe", put(tmp_path / "st", **late)), "subscriptions", "subscription_id start_date")
    assert found[0] == ("si_1", dt.date(2024, 1, 31))


def test_a_crosswalk_puts_stripe_lines_on_the_accounts_of_the_crm(tmp_path, read):
    crm = read("salesforce", put(tmp_path / "sf", **SALESFORCE))
    facts = tmp_path / "facts"
    loaded = load(crm, facts, Manifest())
    folder = put(
        tmp_path / "st",
        **STRIPE,
        crosswalk="account_id,external_id,source\n001X,cus_1,billing\n001A,cus_1,stripe\n",
    )
    prepared = read("stripe", folder, stored=Stored(facts, loaded.manifest))
    assert rows(prepared, "accounts", "account_id") == [("cus_2",)]
    owners = dict(rows(prepared, "subscriptions", "subscription_id account_id"))
    assert (owners["si_1"], owners["si_6"], owners["si_3"]) == ("001A", "001A", "cus_2")


def test_revenue_of_customers_the_public_stripe_tables_do_not_hold_is_refused_by_name():
    with prepare([table_of("stripe")], load_preset("stripe")) as prepared:
        assert [(p.place, p.line, p.found, p.rule) for p in prepared.problems] == [
            ("subscription_item_data.csv", 2, "sdf6547", "reference"),
            ("subscription_item_data.csv", 3, "123fsdf", "reference"),
        ]


def test_the_public_stripe_tables_import_once_their_customers_are_there(tmp_path, read):
    folder = tmp_path / "st"
    shutil.copytree(table_of("stripe"), folder, copy_function=shutil.copyfile)
    text = (folder / "customer_data.csv").read_text()
    for old, new in (("cus_ImVzJQmSlYHjZL", "sdf6547"), ("cus_IzaB1l1LWzI6DZ", "123fsdf")):
        text = text.replace(old, new)
    (folder / "customer_data.csv").write_text(text)
    prepared = read("stripe", folder)
    assert prepared.rows["accounts"] == 12
    columns = "account_id mrr_cents currency start_date end_date is_trial"
    first, last = dt.date(2021, 2, 18), dt.date(2021, 2, 19)
    assert sorted(rows(prepared, "subscriptions", columns)) == [
        ("123fsdf", 300_000, "USD", first, last, True),
        ("sdf6547", 150_000, "USD", first, last, True),
    ]


@pytest.mark.parametrize(
    "label", [pytest.param("HasOptedOutOfEmail", id="export"), pytest.param("Email Opt Out", id="report")]
)
def test_opt_outs_of_salesforce_become_refused_consents(tmp_path, label):
    """A person who opted out there must not be asked here."""
    (tmp_path / "Account.csv").write_text("Id,Name,CreatedDate\nA1,Acme,2024-01-01\n")
    (tmp_path / "Contact.csv").write_text(
        f"Id,AccountId,CreatedDate,LastModifiedDate,{label},DoNotCall\n"
        "C1,A1,2024-01-01,2024-05-05,1,0\nC2,A1,2024-01-01,2024-05-06,0,1\nC3,A1,2024-01-01,2024-05-07,0,0\n"
    )
    with prepare([tmp_path], load_preset("salesforce")) as prepared:
        assert not prepared.problems
        found = prepared.records["consents"]
    assert sorted(zip(found["contact_id"], found["use"], found["status"], strict=True)) == [
        ("C1", "email", "refused"),
        ("C2", "call", "refused"),
    ]


@pytest.mark.parametrize(
    ("name", "head", "rows"),
    [
        pytest.param(
            "contact_data",
            "id,property_associatedcompanyid,property_createdate,property_lastmodifieddate,"
            "property_hs_email_optout",
            "11,1,2024-04-01,2024-05-05,true\n12,1,2024-04-01,2024-05-06,\n", id="connector",
        ),
        pytest.param(
            "hubspot-crm-exports-all-contacts-1", "Record ID,Associated Company IDs,Create Date,Last Modified Date,"
            "Unsubscribed from all email", "11,1,2024-04-01,2024-05-05,Yes\n12,1,2024-04-01,2024-05-06,No\n", id="list",
        ),
    ],
)  # fmt: skip
def test_opt_outs_of_hubspot_become_refused_consents(tmp_path, name, head, rows):
    """A person who opted out there must not be asked here."""
    (tmp_path / "company_data.csv").write_text("id,property_name,property_createdate\n1,Aster,2024-03-01\n")
    (tmp_path / f"{name}.csv").write_text(f"{head}\n{rows}")
    with prepare([tmp_path], load_preset("hubspot")) as prepared:
        assert not prepared.problems
        found = prepared.records["consents"]
    assert found[["contact_id", "use", "status", "granted_on"]].to_numpy().tolist() == [
        ["11", "email", "refused", dt.date(2024, 5, 5)]
    ]
