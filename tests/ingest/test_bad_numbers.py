"""The bad-input kit: numbers. Plain ones are read, another style is named and read once it is stated."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from core.ingest.numbers import plain_number, plain_number_sql
from core.ingest.prepare import prepare
from core.model.numbers import BODIES, number_style
from core.model.presets import ColumnRule, Preset, TableRule, parse
from tests.ingest.conftest import ACCOUNTS
from tests.ingest.kit import ACCEPT, REJECT, Case, as_params, judge

HEADER = "response_id,account_id,survey,score,answered_at\n"


def money(number="", table_number=""):
    """A mapping with an amount in currency units."""
    columns = {name: ColumnRule(column=name) for name in ("subscription_id", "account_id", "start_date")} | {
        "product": ColumnRule(constant="Pro"),
        "quantity": ColumnRule(constant="1"),
        "mrr_cents": ColumnRule(column="amount", scale=100, number=number),
        "currency": ColumnRule(constant="EUR"),
        "is_trial": ColumnRule(constant="false"),
    }
    tables = {
        "accounts": TableRule(files=("accounts.csv",)),
        "subscriptions": TableRule(files=("subscriptions.csv",), columns=columns, number=table_number),
    }
    return Preset(id="money", label="Money", source="test", tables=tables)


def amounts(*cells):
    rows = "".join(f'S-{n:05},A-1,2025-01-01,"{cell}"\n' for n, cell in enumerate(cells))
    return {"subscriptions.csv": f"subscription_id,account_id,start_date,amount\n{rows}"}


def refused(name, cells, rule="number_style", line=None, number="", **more):
    return Case(name, amounts(*cells), REJECT, rule, line, "amount", mapping=money(number), **more)


def read(name, cells, cents, number="", table_number=""):
    rows = {"subscriptions": {"mrr_cents": cents}}
    return Case(name, amounts(*cells), ACCEPT, rows=rows, mapping=money(number, table_number))


STYLES = [
    read("plain", ["1234.56", "7", "0.10"], [123456, 700, 10]),
    read("exponent", ["1.2E3", "5"], [120000, 500]),
    read("trailing zeros", ["12.3400", "7.0"], [1234, 700]),
    refused("decimal comma", ["1234,56", "7,10"], count=1),
    read("decimal comma stated", ["1234,56", "7,10"], [123456, 710], "1234,56"),
    refused("point thousands, decimal comma", ["1.234,56", "7,10"], count=1),
    read("point thousands, decimal comma stated", ["1.234,56", "7,10", "-0,00"], [123456, 710, 0], "1.234,56"),
    refused("comma thousands", ["1,234.56", "7.10"], count=1),
    read("comma thousands stated", ["1,234.56", "1234.5", "1,234,567"], [123456, 123450, 123456700], "1,234.56"),
    refused("apostrophe thousands", ["1'234.50", "7.10"], count=1),
    read("apostrophe thousands stated", ["1'234.50", "7.10"], [123450, 710], "1'234.56"),
    refused("space thousands", ["1 234,50", "7,10"], count=1),
    read("space thousands stated", ["1 234,50", "1\u00a0234,5", "1\u202f234"], [123450, 123450, 123400], "1 234,56"),
    refused("ambiguous comma", ["1,234", "5,678"], count=1),
    refused("ambiguous point", ["1.234", "5.678"], count=1),
    refused("ambiguous point of round thousands", ["1.200", "15.000"], count=1),
    read("point proved by another cell", ["1.200", "15.5"], [120, 1550]),
    read("point proved far down", ["1.200", *["7"] * 2500, "15.5"], [120, *[700] * 2500, 1550]),
    read("point stated as thousands", ["1.200", "15.000"], [120000, 1500000], "1.234,56"),
    read("point stated as decimal", ["1.200", "15.000"], [120, 1500], "1234.56"),
    refused("leading dollar", ["$1200", "$7.10"], count=1),
    read("leading dollar stated", ["$1,200.00", "-$7.10".replace("-", ""), "0"], [120000, 710, 0], "$1,234.56"),
    refused("trailing euro", ["1.200,00 €", "7,10 €"], count=1),
    read("trailing euro stated", ["1.200,00 €", "7,10€"], [120000, 710], "1.234,56 €"),
    read("currency code stated", ["EUR 1200.00", "EUR 7.10"], [120000, 710], "EUR 1234.56"),
    refused("two currency signs", ["$1200", "€7.10"], "number", 2),
    refused("parentheses", ["(1200)", "7.10"], count=1),
    refused("negative in parentheses stated", ["(1200.00)"], "range", 2, "(1234.56)"),
    refused("per cent of money", ["45%"], "number", 2),
    refused("stated style, one other cell", ["1.234,56", "12.5"], "number", 3, "1.234,56"),
    refused("stated style, no number", ["1.234,56", "ten"], "number", 3, "1.234,56"),
    refused("stated style, wrong groups", ["1.234,56", "12.34,5"], "number", 3, "1.234,56"),
    refused("stated style, other sign", ["$1.00", "€2.00"], "number", 3, "$1234.56"),
    refused("mixed styles", ["1234.56", "1.234,56"], "number_style", None),
    refused("mixed styles name the cell", ["1234.56", "1.234,56"], "number", 3),
    read("stated for the table", ["1.234,56", "7,10"], [123456, 710], "", "1.234,56"),
]
NUMBERS = [
    *(
        refused(name, [cell], "number", 2, count=1)
        for name, cell in {
            "NaN": "NaN",
            "inf": "inf",
            "too large a power": "1e400",
            "hexadecimal": "0x1F",
            "underscores": "1_000",
            "Arabic digits": "١٢٣",
            "full-width digits": "１２",
            "typographic minus": "\u22125",
            "30 digits": "1" * 30,
            "word": "ten",
            "two points": "1.2.3",
            "trailing letters": "12x",
            "a formula": "=1+1",
            "a date": "2025-01-01",
            "minus alone": "-",
        }.items()
    ),
    refused("three decimals of money", ["12.3456"], "exact", 2),
    refused("negative revenue", ["-5"], "range", 2),
    refused("blank", [""], "required", 2),
    refused("overflow", ["999999999999999E9"], "overflow", 2),
    refused("three errors at once", ["-5", "ten", "12.3456"], "range", 2, count=3),
    refused("5,000 errors", ["x"] * 5000, "more", None, count=1001),
]
SCORES = [
    Case(
        f"score {score}",
        {"survey_responses.csv": f"{HEADER}R-1,A-1,nps,{score},2025-03-01\n"},
        outcome,
        rule,
        line,
        "score" if rule else None,
    )
    for score, outcome, rule, line in [
        ("10", ACCEPT, None, None),
        ("7.0", ACCEPT, None, None),
        ("11", REJECT, "range", 2),
        ("-1", REJECT, "range", 2),
        ("7.5", REJECT, "exact", 2),
        ("ten", REJECT, "number", 2),
    ]
]


def share(cell, outcome, *rest, number=""):
    tables = {
        "accounts": TableRule(files=("accounts.csv",), number=number),
        "subscriptions": TableRule(files=("subscriptions.csv",)),
    }
    content = f"account_id,name,start_date,icp_fit\nA-1,Aster,2025-01-01,{cell}\nA-2,Birch,2025-01-01,\n"
    mapping = Preset(id="share", label="Share", source="test", tables=tables) if number else None
    rows = {"accounts": {"icp_fit": [0.45, None]}} if outcome == ACCEPT else {}
    return Case(f"share {cell} {number}", {"accounts.csv": content}, outcome, *rest, mapping=mapping, rows=rows)


SHARES = [
    share("0.45", ACCEPT),
    share("45%", REJECT, "number_style", None, "icp_fit"),
    share("45%", ACCEPT, number="1234.56%"),
    share("45 %", ACCEPT, number="1234,56 %"),
    share("145%", REJECT, "range", 2, "icp_fit", number="1234.56%"),
    share("45", REJECT, "range", 2, "icp_fit"),
    share("45", REJECT, "number_style", None, "icp_fit", number="1234.56%"),
]


@pytest.mark.parametrize("case", as_params(STYLES + NUMBERS + SCORES + SHARES))
@pytest.mark.sampled(3)
def test_numbers_end_as_expected(case, tmp_path):
    judge(case, tmp_path)


def told(tmp_path, *cells):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "subscriptions.csv").write_text(amounts(*cells)["subscriptions.csv"])
    with prepare([tmp_path], money()) as prepared:
        (problem,) = prepared.problems
    return problem.message


def test_the_style_of_the_whole_column_and_its_setting_are_named(tmp_path):
    message = told(tmp_path, "1.234,56", "7,10")
    assert 'The whole column reads as "1.234,56"' in message
    assert "read it so, or export it with plain decimal points" in message


def test_both_readings_of_an_ambiguous_column_are_said(tmp_path):
    message = told(tmp_path, "1,234", "5,678")
    assert '1234 when numbers are written as "1,234.56"' in message
    assert '1.234 when numbers are written as "1234,56"' in message


@pytest.mark.parametrize("example", ["12", "1,234,56", "1234.567", "", "12%34.56", "€1234.56€"])
def test_a_number_that_is_no_example_of_a_style_is_refused(example):
    with pytest.raises(ValueError, match=r"1234\.56"):
        number_style(example)


def test_a_wrong_style_in_a_mapping_names_its_key():
    body = {"id": "x", "label": "x", "source": "x", "tables": {"accounts": {"files": ["a.csv"], "number": "12"}}}
    with pytest.raises(ModelError, match=r"tables\.accounts\.number"):
        parse(body, Preset, "x.toml")


STATED = st.builds(
    lambda body, frame: frame.replace("#", body),
    st.sampled_from(sorted(BODIES)),
    st.sampled_from(["#", "$#", "# €", "CHF #", "(#)", "(kr. #)", "#%", "(£#)"]),
)


@given(example=STATED, cents=st.integers(0, 10**13), grouped=st.booleans(), minus=st.booleans())
def test_what_is_written_in_a_style_is_read_back_exactly(example, cents, grouped, minus):
    style = number_style(example)
    text = f"{cents // 100:,}" if grouped else str(cents // 100)
    text = text.replace(",", style.group) + f"{style.decimal}{cents % 100:02d}"
    inside = example.strip("()")
    for body in BODIES:
        if inside.strip("$€£CHFkr. %") == body:
            text = inside.replace(body, text)
    text = f"({text})" if minus and style.parentheses else f"-{text}" if minus else text
    plain = plain_number(text, style)
    assert plain is not None
    assert Decimal(plain) == Decimal(-cents if minus else cents) / 100


@given(example=STATED, cell=st.text("0123456789.,' ()-+$€%e", max_size=12))
def test_sql_and_messages_agree_on_what_a_style_is(example, cell):
    style = number_style(example)
    (found,) = DUCK.execute(f"SELECT {plain_number_sql('raw', style)} FROM (SELECT ? AS raw)", [cell]).fetchone()
    assert found == plain_number(cell, style)


DUCK = duckdb.connect()


def test_thousands_of_a_column_of_whole_numbers_leave_one_reading(company):
    rows = 'account_id,name,start_date,employees\nA-1,Aster,2025-01-01,"1,200"\nA-2,Birch,2025-01-01,450\n'
    (problem,) = company.put(accounts=rows).problems()
    assert [remedy.value for remedy in problem.remedies] == ["1,234.56"]
