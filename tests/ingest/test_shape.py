"""Each feature of the mapping language, on a file of a few rows."""

import datetime as dt

import pytest

from core.errors import ModelError
from core.ingest.mapping import check_mapping
from core.model.presets import Preset, TableRule
from core.model.toml import parse

ACCOUNTS = {
    "files": ["crm.csv"],
    "columns": {
        "account_id": {"column": "Id"},
        "name": {"column": "Name"},
        "start_date": {"column": "Since"},
    },
}


def preset(**tables):
    return parse({"id": "crm", "label": "CRM", "source": "test", "tables": tables}, Preset, "test")


def accounts(**columns):
    return preset(accounts={**ACCOUNTS, "columns": {**ACCOUNTS["columns"], **columns}})


@pytest.fixture
def staged(company):
    """Rows of one column per table after an import of the given files."""

    def read(mapping, table="accounts", columns="account_id", **files):
        for path in company.inbox.iterdir():
            path.unlink()
        company.put(**files)
        with company.prepare(mapping) as prepared:
            assert [str(problem) for problem in prepared.problems] == []
            rows = prepared.arrow(table).select(columns.split()).to_pylist()
            return [tuple(row.values()) for row in rows], [w for w in prepared.warnings if w.rule != "no_table"]

    return read


@pytest.fixture
def problems(company):
    def read(mapping, **files):
        for path in company.inbox.iterdir():
            path.unlink()
        return company.put(**files).problems(mapping)

    return read


def test_header_names_agree_whatever_their_spelling(staged):
    rows, _ = staged(
        accounts(owner_id={"column": "owner_id"}),
        columns="account_id owner_id",
        crm="ID,name,SINCE,OwnerId\nA-1,Aster,2025-01-01,U-1\n",
    )
    assert rows == [("A-1", "U-1")]


def test_the_first_filled_place_is_taken(staged):
    rule = {"column": "Country", "otherwise": [{"column": "Land"}, {"join": ["City", "State"]}]}
    rows, _ = staged(
        accounts(region=rule),
        columns="region",
        crm="Id,Name,Since,Country,Land,City,State\n"
        "A-1,a,2025-01-01,France,x,x,x\nA-2,b,2025-01-01, ,Spain,x,x\n"
        "A-3,c,2025-01-01,,,Lyon,Rhône\nA-4,d,2025-01-01,,,,\n",
    )
    assert rows == [("France",), ("Spain",), ("Lyon Rhône",), (None,)]


def test_a_place_counts_only_where_its_condition_holds(staged):
    rule = {
        "column": "End",
        "when": {"Closed": ["TRUE", "1"]},
        "otherwise": [{"column": "End", "when": {"Lost": [""]}}],
    }
    rows, _ = staged(
        accounts(go_live_on=rule),
        columns="go_live_on",
        crm="Id,Name,Since,End,Closed,Lost\nA-1,a,2025-01-01,2025-02-01,true,x\nA-2,b,2025-01-01,2025-02-02,no,x\n"
        "A-3,c,2025-01-01,2025-02-03,no,\n",
    )
    assert rows == [(dt.date(2025, 2, 1),), (None,), (dt.date(2025, 2, 3),)]


def test_a_key_of_a_json_cell_is_read_and_anything_else_in_it_is_empty(staged):
    rows, _ = staged(
        accounts(owner_id={"column": "Meta", "json": "crm id"}),
        columns="owner_id",
        crm='Id,Name,Since,Meta\nA-1,a,2025-01-01,"{""crm id"": ""U-7""}"\n'
        "A-2,b,2025-01-01,{}\nA-3,c,2025-01-01,not json\n",
    )
    assert rows == [("U-7",), (None,), (None,)]


def test_of_several_ids_the_first_is_taken_and_a_prefix_is_put_before(staged):
    rows, _ = staged(
        accounts(owner_id={"column": "Owners", "split": ";", "prefix": "sf-"}),
        columns="owner_id",
        crm="Id,Name,Since,Owners\nA-1,a,2025-01-01,U-1;U-2\nA-2,b,2025-01-01,\n",
    )
    assert rows == [("sf-U-1",), (None,)]


def test_recoding_ignores_case_and_other_words_get_their_own(staged):
    rule = {"column": "Kind", "recode": {"Key Account": "Enterprise"}, "recode_other": "Other"}
    rows, _ = staged(
        accounts(segment=rule),
        columns="segment",
        crm="Id,Name,Since,Kind\nA-1,a,2025-01-01,KEY account\nA-2,b,2025-01-01,small\nA-3,c,2025-01-01,\n",
    )
    assert rows == [("Enterprise",), ("Other",), (None,)]


def test_a_word_that_is_not_recoded_is_a_problem_with_its_line(problems):
    mapping = preset(
        accounts={
            **ACCOUNTS,
            "leave_out": {"Deleted": ["true"]},
            "columns": {**ACCOUNTS["columns"], "segment": {"column": "Kind", "recode": {"Key": "Enterprise"}}},
        }
    )
    (problem,) = problems(
        mapping,
        crm="Id,Name,Since,Kind,Deleted\nA-1,a,2025-01-01,odd,true\nA-2,b,2025-01-01,KEY,\nA-3,c,2025-01-01,odd,\n",
    )
    assert (problem.line, problem.column, problem.found, problem.rule) == (4, "Kind", "odd", "recode")


def test_empty_cells_read_as_the_default_are_counted(staged):
    rule = {"column": "Land", "otherwise": [{"column": "Country"}], "default": "Unknown"}
    rows, warnings = staged(
        accounts(region=rule), columns="region", crm="Id,Name,Since,Land\nA-1,a,2025-01-01,Spain\nA-2,b,2025-01-01,\n"
    )
    assert rows == [("Spain",), ("Unknown",)]
    assert [(w.column, w.message.split(" ")[0]) for w in warnings if w.rule == "default"] == [("Land", "1")]


def test_a_missing_column_with_a_default_says_so(staged):
    rows, warnings = staged(
        accounts(region={"column": "Land", "default": "Unknown"}),
        columns="region",
        crm="Id,Name,Since\nA-1,a,2025-01-01\n",
    )
    assert rows == [("Unknown",)]
    assert [w.rule for w in warnings] == ["default"]


def test_a_missing_required_column_names_every_place_it_may_come_from(problems):
    rule = {"column": "start", "otherwise": [{"column": "Customer Since"}]}
    (problem,) = problems(accounts(start_date=rule), crm="Id,Name\nA-1,a\n")
    assert (problem.rule, problem.column) == ("missing_column", "start")
    assert "accounts.start_date" in problem.message
    assert '"Customer Since"' in problem.message


def test_texts_that_stand_for_an_empty_cell_are_empty(staged):
    mapping = preset(
        accounts={
            **ACCOUNTS,
            "empty": ["000AAA", "--"],
            "columns": {**ACCOUNTS["columns"], "owner_id": {"column": "Owner"}},
        }
    )
    rows, _ = staged(
        mapping, columns="owner_id", crm="Id,Name,Since,Owner\nA-1,a,2025-01-01,000AAA\nA-2,b,2025-01-01,U-1\n"
    )
    assert rows == [(None,), ("U-1",)]


def test_rows_are_left_out_and_counted_by_reason(staged):
    mapping = preset(accounts={**ACCOUNTS, "leave_out": {"Deleted": ["true", "1"]}, "only": {"Type": ["Customer", ""]}})
    rows, warnings = staged(
        mapping,
        crm="Id,Name,Since,Deleted,Type\nA-1,a,2025-01-01,TRUE,customer\nA-2,b,2025-01-01,false,customer\n"
        "A-3,c,2025-01-01,,Prospect\nA-4,d,2025-01-01,0,\n,,,,\n",
    )
    assert rows == [("A-2",), ("A-4",)]
    told = sorted(w.message for w in warnings if w.rule == "left_out")
    assert told == [
        "1 row was not read as accounts: Deleted is true or 1.",
        "1 row was not read as accounts: Type is none of Customer, empty.",
    ]


def test_a_file_without_the_column_has_nothing_to_leave_out(staged):
    mapping = preset(accounts={**ACCOUNTS, "leave_out": {"Deleted": ["", "true"]}, "only": {"Type": ["x"]}})
    rows, _ = staged(mapping, crm="Id,Name,Since\nA-1,a,2025-01-01\n")
    assert rows == [("A-1",)]


LOOKUP = {
    **ACCOUNTS,
    "lookups": {
        "owner": {"files": ["owners.csv"], "by": "Owner", "key": "id", "only": {"active": ["yes"]}},
        "team": {"files": ["teams.csv"], "by": "owner.team", "key": "id"},
    },
    "columns": {**ACCOUNTS["columns"], "segment": {"column": "team.name"}, "owner_id": {"column": "owner.mail"}},
}


def test_look_ups_chain_and_keep_the_order_of_the_rows(staged):
    count = 3_000
    lines = "".join(f"A-{n:05},n,2025-01-01,o{n % 3}\n" for n in range(count))
    rows, _ = staged(
        preset(accounts=LOOKUP),
        columns="account_id segment owner_id",
        crm="Id,Name,Since,Owner\n" + lines,
        owners="id,team,mail,active\no0,t1,zero,yes\no1,t2,one,yes\no1,t1,twice,yes\no2,t1,two,no\n",
        teams="id,name\nt1,North\nt2,South\n",
    )
    expected = [("North", "zero"), ("South", "one"), (None, None)]
    assert rows == [(f"A-{n:05}", *expected[n % 3]) for n in range(count)]


def test_a_problem_of_a_looked_up_cell_names_its_line(problems):
    mapping = preset(accounts={**LOOKUP, "columns": {**ACCOUNTS["columns"], "employees": {"column": "owner.mail"}}})
    (problem,) = problems(
        mapping,
        crm="Id,Name,Since,Owner\nA-1,a,2025-01-01,o1\nA-2,b,2025-01-01,o2\n",
        owners="id,team,mail,active\no1,t,12,yes\no2,t,many,yes\n",
    )
    assert (problem.line, problem.column, problem.found) == (3, "owner.mail", "many")


def test_a_missing_look_up_file_is_named_where_it_is_needed(problems):
    mapping = preset(accounts={**LOOKUP, "columns": {**ACCOUNTS["columns"], "name": {"column": "owner.mail"}}})
    (problem,) = problems(mapping, crm="Id,Since,Owner\nA-1,2025-01-01,o1\n")
    assert "owners.csv" in problem.message


@pytest.mark.parametrize(
    ("amount", "seats", "interval", "count", "cents"),
    [
        pytest.param("10.00", "3", "month", "1", 3_000, id="monthly times seats"),
        pytest.param("120.00", "", "YEAR", "", 1_000, id="yearly"),
        pytest.param("100.00", "1", "year", "1", 833, id="rounded to whole cents"),
        pytest.param("90.00", "1", "month", "3", 3_000, id="every three months"),
        pytest.param("84.00", "1", "week", "1", 36_500, id="weekly, a year of 365 days"),
    ],
)
def test_amounts_become_months(staged, amount, seats, interval, count, cents):
    rows, _ = staged(monthly(), table="subscriptions", columns="mrr_cents", **priced(amount, seats, interval, count))
    assert rows == [(cents,)]


@pytest.mark.parametrize(
    ("style", "amount", "cents"),
    [
        pytest.param("1,234.56", '"1,188.00"', 9_900, id="thousands"),
        pytest.param("1,234.56", "12.00", 100, id="small one beside"),
        pytest.param("$1,234.56", '"$1,188.00"', 9_900, id="sign"),
        pytest.param("1.234,56", '"1.188,00"', 9_900, id="points between thousands"),
        pytest.param("1.234,56", "1.188", 9_900, id="whole, points between thousands"),
        pytest.param("1234.56", "1.188", 10, id="three decimals"),
    ],
)
@pytest.mark.parametrize("place", ["column", "table"])
def test_amounts_in_a_stated_style_become_months(staged, style, amount, cents, place):
    mapping = monthly({"number": style}) if place == "column" else monthly(number=style)
    rows, _ = staged(mapping, table="subscriptions", columns="mrr_cents", **priced(amount, "1", "year", "1"))
    assert rows == [(cents,)]


def test_an_amount_whose_point_may_stand_between_thousands_is_asked_about(problems):
    (problem,) = problems(monthly(), **priced("1.188", "1", "year", "1"))
    assert {remedy.value for remedy in problem.remedies} == {"1234.56", "1.234,56"}


@pytest.mark.parametrize(
    ("seats", "interval", "count", "found"),
    [
        pytest.param('"1,000"', "month", "1", "10.00 × 1,000", id="seats"),
        pytest.param("1", "monthly", "1", "10.00 / monthly", id="interval"),
        pytest.param("1", "month", "three", "10.00 / three", id="number of intervals"),
    ],
)
def test_a_number_or_interval_that_cannot_be_read_is_no_one(problems, seats, interval, count, found):
    (problem,) = problems(monthly(), **priced("10.00", seats, interval, count))
    assert (problem.line, problem.column, problem.found) == (2, "price", found)


def monthly(amount=None, **table):
    columns = {
        "subscription_id": {"column": "id"},
        "account_id": {"constant": "A-1"},
        "product": {"constant": "Pro"},
        "quantity": {"constant": "1"},
        "mrr_cents": {
            "column": "price",
            "scale": 100,
            "multiply": ["seats"],
            "interval": ["every"],
            "interval_count": ["times"],
            **(amount or {}),
        },
        "currency": {"constant": "EUR"},
        "start_date": {"constant": "2025-01-01"},
        "is_trial": {"constant": "false"},
    }
    return preset(accounts=ACCOUNTS, subscriptions={"files": ["s.csv"], "columns": columns, **table})


def priced(amount, seats, interval, count):
    return {
        "crm": "Id,Name,Since\nA-1,a,2025-01-01\n",
        "s": f"id,price,seats,every,times\nS-1,{amount},{seats},{interval},{count}\n",
    }


CONTACTS = {"contact_id": {"column": "id"}, "account_id": {"column": "account"}}


def test_rows_of_unknown_accounts_are_left_out_where_the_mapping_says_so(staged):
    mapping = preset(accounts=ACCOUNTS, contacts={"files": ["c.csv"], "columns": CONTACTS, "unknown": "leave_out"})
    rows, warnings = staged(
        mapping,
        table="contacts",
        columns="contact_id",
        crm="Id,Name,Since\nA-1,a,2025-01-01\n",
        c="id,account\nC-1,A-1\nC-2,A-9\n",
    )
    assert rows == [("C-1",)]
    assert [w.message for w in warnings] == [
        "1 row was not read as contacts: their account_id is not among the accounts."
    ]


def test_rows_of_unknown_accounts_are_refused_otherwise(problems):
    mapping = preset(accounts=ACCOUNTS, contacts={"files": ["c.csv"], "columns": CONTACTS})
    (problem,) = problems(mapping, crm="Id,Name,Since\nA-1,a,2025-01-01\n", c="id,account\nC-1,A-1\nC-2,A-9\n")
    assert (problem.line, problem.rule) == (3, "reference")


def test_several_rules_fill_one_table_and_one_applies_only_to_files_with_its_columns(staged):
    mapping = preset(
        accounts=ACCOUNTS,
        resellers={**ACCOUNTS, "table": "accounts", "files": ["resellers.csv"]},
        partners={**ACCOUNTS, "table": "accounts", "files": ["crm.csv"], "if_has": ["Partner Tier"]},
    )
    rows, warnings = staged(
        mapping,
        columns="account_id name",
        crm="Id,Name,Since\nA-1,a,2025-01-01\n",
        resellers="Id,Name,Since\nR-1,r,2025-01-01\n",
    )
    assert rows == [("A-1", "a"), ("R-1", "r")]
    assert ["Partner Tier" in w.message for w in warnings] == []


def test_of_a_repeated_history_the_earliest_row_stays(staged):
    columns = {"opportunity_id": {"column": "deal"}, "stage": {"column": "to"}, "entered_on": {"column": "on"}}
    rule = {"files": ["h.csv"], "columns": columns, "earliest_by": ["opportunity_id", "stage"]}
    rows, warnings = staged(
        preset(stage_history=rule),
        table="stage_history",
        columns="opportunity_id stage entered_on",
        h="deal,to,on\nO-1,open,2025-03-01\nO-1,open,2025-01-01\nO-1,won,2025-04-01\nO-2,open,2025-05-01\n",
    )
    days = [dt.date(2025, 1, 1), dt.date(2025, 4, 1), dt.date(2025, 5, 1)]
    assert sorted(day for *_, day in rows) == days
    assert [w.message.split(" ")[0] for w in warnings] == ["1"]


@pytest.mark.parametrize(("word", "kept"), [("leave_out", ["S-3"]), ("refuse", ["S-2", "S-3"])])
def test_periods_of_no_day_are_left_out_where_the_mapping_says_so(staged, problems, word, kept):
    names = "subscription_id account_id product quantity mrr_cents currency start_date end_date is_trial"
    rule = {"files": ["s.csv"], "columns": {name: {"column": name} for name in names.split()}, "no_period": word}
    head, row = names.replace(" ", ",") + "\n", "S-{},A-1,Pro,1,100,EUR,2025-01-05,{},false\n"
    ended = row.format(1, "2025-01-01") if word == "leave_out" else ""
    rows, _ = staged(
        preset(accounts=ACCOUNTS, subscriptions=rule),
        table="subscriptions",
        columns="subscription_id",
        crm="Id,Name,Since\nA-1,a,2025-01-01\n",
        s=head + ended + row.format(2, "2025-01-05") + row.format(3, ""),
    )
    assert [name for (name,) in rows] == kept


def test_columns_nothing_names_are_listed_as_not_read(company):
    for path in company.inbox.iterdir():
        path.unlink()
    company.put(crm="Id,Name,Since,Deleted,Notes,Owner\nA-1,a,2025-01-01,,x,o1\n")
    with company.prepare(preset(accounts={**LOOKUP, "leave_out": {"Deleted": ["true"]}})) as prepared:
        assert prepared.files[0].ignored == ("Notes",)


def test_notes_of_a_mapping_are_told_first(company):
    for path in company.inbox.iterdir():
        path.unlink()
    company.put(crm="Id,Name,Since\nA-1,a,2025-01-01\n")
    mapping = parse(
        {"id": "crm", "label": "CRM", "source": "t", "tables": {"accounts": ACCOUNTS}, "notes": ["No subscriptions."]},
        Preset,
        "t",
    )
    assert company.warnings(mapping)[0].message == "No subscriptions."


@pytest.mark.parametrize("name", ["Owner", "a b", "1a", "x; DROP TABLE y"])
def test_names_of_look_ups_are_plain_words(name):
    rule = TableRule(files=("a.csv",), columns={}, lookups={name: {"files": ["b.csv"], "by": "a", "key": "b"}})
    with pytest.raises(ModelError, match="small letters"):
        check_mapping(Preset(id="x", label="x", source="x", tables={"accounts": rule}))


def test_quotes_in_a_mapping_are_text_and_never_a_statement(staged):
    odd = "it's; DROP TABLE x --"
    mapping = preset(
        accounts={
            **ACCOUNTS,
            "leave_out": {"Type": [odd]},
            "empty": [odd],
            "columns": {**ACCOUNTS["columns"], "region": {"column": "Type", "recode": {"ok": odd}, "default": odd}},
        }
    )
    rows, _ = staged(mapping, columns="region", crm="Id,Name,Since,Type\nA-1,a,2025-01-01,ok\nA-2,b,2025-01-01,\n")
    assert rows == [(odd,), (odd,)]
