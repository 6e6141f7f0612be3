"""The bad-input kit: texts, dates, relations between rows, and hostile content that must stay inert."""

import datetime as dt

import pytest

from core.ingest.prepare import prepare
from core.model.presets import Preset, TableRule
from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS
from tests.ingest.kit import ACCEPT, REJECT, WARN, Case, accounts, as_params, judge


def quoted(text):
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def named(name, outcome=ACCEPT, *rest, label=None):
    content = accounts(f"A-1,{quoted(name)},2025-01-01", "A-2,Birch,2025-02-01")
    rows = {} if outcome == REJECT else {"accounts": {"name": [name, "Birch"]}}
    return Case(label or f"name {name[:30]!r}", {"accounts.csv": content}, outcome, *rest, rows=rows)


def identified(identity, outcome=ACCEPT, *rest, label=None):
    content = accounts(f"{quoted(identity)},Aster,2025-01-01")
    one = SUBSCRIPTIONS.splitlines()[0] + f"\nS-1,{quoted(identity)},Pro,10,120000,EUR,2025-01-01,,false\n"
    rows = {"accounts": {"account_id": [identity]}} if outcome == ACCEPT else {}
    files = {"accounts.csv": content, "subscriptions.csv": one}
    return Case(label or f"id {identity[:30]!r}", files, outcome, *rest, rows=rows)


def replaced(old, new, *rest, label=None, **more):
    text = SUBSCRIPTIONS.replace(old, new, 1)
    assert text != SUBSCRIPTIONS
    return Case(label or f"{old} becomes {new}", {"subscriptions.csv": text}, *rest, **more)


def mailed(email, outcome, *rest):
    content = f"person_id,full_name,email\nP-1,Ada,{quoted(email)}\n"
    return Case(f"email {email!r}", {"people.csv": content}, outcome, *rest)


TEXTS = [
    *(
        named(name)
        for name in ("NA", "null", "None", "nan", "N/A", "True", "007", "1E5", "-", "#N/A", "Zoë 東京", "O'Hara")
    ),
    Case(
        "country NA",
        {
            "accounts.csv": accounts("A-1,Aster,2025-01-01,NA", header="account_id,name,start_date,region"),
            "subscriptions.csv": SUBSCRIPTIONS.replace("A-2", "A-1"),
        },
        ACCEPT,
        rows={"accounts": {"region": ["NA"]}},
    ),
    *(identified(each) for each in ("0012", "12345678901234567890", "NULL", "ÄÖ-1", "A/1", "1E5")),
    identified("1.23457E+15", REJECT, "damaged_id", 2, "account_id"),
    identified("1E+15", REJECT, "damaged_id", 2, "account_id"),
    identified("A\n1", REJECT, "hidden_character", 2, "account_id"),
    identified("A\t1", REJECT, "hidden_character", 2, "account_id"),
    identified("x" * 256, REJECT, "too_long", 2, "account_id", label="id of 256 characters"),
    identified(" ", REJECT, "required", 2, "account_id"),
    named("x" * 1_000_000, REJECT, "too_long", 2, "name", label="name of a megabyte"),
    named("x" * 10_001, REJECT, "too_long", 2, "name", label="name of 10,001 characters"),
    named("", REJECT, "required", 2, "name"),
    named("   ", REJECT, "required", 2, "name"),
    replaced("EUR", "eur", WARN, "case"),
    replaced("EUR", "EURO", REJECT, "currency", 2, "currency"),
    replaced("EUR", "€", REJECT, "currency", 2, "currency"),
    replaced("EUR", "ЕUR", REJECT, "currency", 2, "currency", label="currency with a Cyrillic E"),
    replaced(",,false", ",,maybe", REJECT, "choice", 2, "is_trial"),
    replaced(",,false", ",,2", REJECT, "choice", 2, "is_trial"),
    replaced(",,false", ",,", REJECT, "required", 2, "is_trial", label="flag left empty"),
    replaced(",,false", ",,No", ACCEPT),
    Case(
        "wrong kind",
        {"milestones.csv": "account_id,kind,reached_on\nA-1,go-live,2025-03-01\n"},
        REJECT,
        "choice",
        2,
        "kind",
    ),
    Case(
        "kind with a homoglyph",
        {"milestones.csv": "account_id,kind,reached_on\nA-1,go_lіve,2025-03-01\n"},
        REJECT,
        "choice",
        2,
        "kind",
    ),
    *(
        mailed(each, REJECT, "email", 2, "email")
        for each in ("ada", "ada@", "@example.com", "ada@example", "a b@example.com", "a@example.com, b@example.com")
    ),
    mailed("ada.lovelace+x@example.co.uk", ACCEPT),
]


def started(value, outcome, *rest, day=None, label=None, mapping=None, second="2025-02-01"):
    content = accounts(f'A-1,Aster,"{value}"', f'A-2,Birch,"{second}"')
    rows = {"accounts": {"start_date": [day, dt.date(2025, 2, 1)]}} if day else {}
    return Case(label or f"start {value}", {"accounts.csv": content}, outcome, *rest, rows=rows, mapping=mapping)


def dated(*styles, **more):
    tables = {
        "accounts": TableRule(files=("accounts.csv",), dates=styles, **more),
        "subscriptions": TableRule(files=("subscriptions.csv",)),
    }
    return Preset(id="dated", label="Dated", source="test", tables=tables)


FIRST = dt.date(2025, 1, 31)
DATES = [
    started("2025-01-31", ACCEPT, day=FIRST),
    started("2024-02-29", ACCEPT, day=dt.date(2024, 2, 29)),
    started("2025-01-31 00:00:00", ACCEPT, day=FIRST),
    started("2025-01-31T00:00", ACCEPT, day=FIRST),
    started("2025-01-31T00:00:00Z", ACCEPT, day=FIRST),
    started("2025-01-31T00:00:00.000+0000", ACCEPT, day=FIRST),
    *(
        started(value, REJECT, "date", 2, "start_date")
        for value in (
            "2025-02-29",
            "2025-02-30",
            "2025-13-01",
            "2025-00-10",
            "0000-00-00",
            "9999-12-31",
            "1900-01-01",
            "25-01-31",
            "31.1.25",
            "Oct-26",
            "31 January 2025",
            "45992",
            "45992.5",
            "2025-1-1",
            "20250131",
            "2025-01",
            "tomorrow",
            "2025-01-31T00:00:00+02:00 x",
            "2101-01-01",
        )
    ),
    started("2025-01-31 13:45", REJECT, "date_style", None, "start_date", second="2025-02-01 08:00"),
    started("2025-01-31T10:00:00+02:00", REJECT, "date_style", None, second="2025-02-01T00:00:00Z"),
    started("2025-01-31 13:45", ACCEPT, day=FIRST, mapping=dated("YYYY-MM-DD", times=True), label="times stated"),
    started(
        "2025-02-01T01:00:00+02:00", ACCEPT, day=FIRST, mapping=dated("YYYY-MM-DD", times=True), label="day in UTC"
    ),
    started("31/01/2025", REJECT, "date_style", None, "start_date", second="01/02/2025"),
    started("31/01/2025", ACCEPT, day=FIRST, second="01/02/2025", mapping=dated("DD/MM/YYYY"), label="DD/MM stated"),
    started(
        "31/01/2025",
        ACCEPT,
        day=FIRST,
        second="01/02/2025",
        mapping=dated("DD/MM/YYYY", "MM/DD/YYYY"),
        label="DD/MM found among two",
    ),
    started(
        "01/31/2025",
        ACCEPT,
        day=FIRST,
        second="02/01/2025",
        mapping=dated("DD/MM/YYYY", "MM/DD/YYYY"),
        label="MM/DD found among two",
    ),
    started(
        "03/04/2025",
        REJECT,
        "date_style",
        None,
        "start_date",
        second="02/01/2025",
        mapping=dated("DD/MM/YYYY", "MM/DD/YYYY"),
        label="ambiguous among two",
    ),
    started("03/04/2025", REJECT, "date_style", None, "start_date", second="02/01/2025"),
    started("31.01.2025", REJECT, "date_style", None, second="01.02.2025"),
    started("31.01.2025", ACCEPT, day=FIRST, second="01.02.2025", mapping=dated("DD.MM.YYYY"), label="dots stated"),
    started(
        "1/31/2025 12:00 AM",
        ACCEPT,
        day=FIRST,
        second="2/1/2025, 12:00 AM",
        mapping=dated("MM/DD/YYYY"),
        label="midnight of a half day",
    ),
    started("31/01/2025", REJECT, "date", 2, label="mixed formats name the cell"),
    started("31/01/2025", REJECT, "date_style", None, label="mixed formats are counted"),
    started("1738281600", REJECT, "date_style", None, second="1738368000"),
    started(
        "1738281600", ACCEPT, day=FIRST, second="1738368000", mapping=dated("epoch seconds"), label="seconds stated"
    ),
    started("1738281600000", REJECT, "date_style", None, second="1738368000000"),
    started(
        "1738281600000",
        ACCEPT,
        day=FIRST,
        second="1738368000000",
        mapping=dated("epoch milliseconds"),
        label="milliseconds stated",
    ),
]


def opened(value, at=None, mapping=None):
    content = f'ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,2,"{value}",no\n'
    if at is None:
        return Case(f"opened {value}", {"tickets.csv": content}, REJECT, "date", 2, "opened_at")
    rules = {name: TableRule(files=(f"{name}.csv",)) for name in ("accounts", "subscriptions")}
    rules["tickets"] = TableRule(files=("tickets.csv",), dates=(mapping or "YYYY-MM-DD",))
    preset = Preset(id="opened", label="Opened", source="test", tables=rules)
    return Case(
        f"opened {value}", {"tickets.csv": content}, ACCEPT, rows={"tickets": {"opened_at": [at]}}, mapping=preset
    )


NOON = dt.datetime(2025, 3, 4, 13, 5)  # noqa: DTZ001
INSTANTS = [
    opened("2025-03-04 13:05", NOON),
    opened("2025-03-04T13:05:00Z", NOON),
    opened("2025-03-04T13:05:00.000+0000", NOON),
    opened("2025-03-04 15:05:00+02:00", NOON),
    opened("2025-03-04 13:05:00 UTC", NOON),
    opened("3/4/2025 1:05 PM", NOON, "MM/DD/YYYY"),
    opened("3/4/2025, 1:05 PM", NOON, "MM/DD/YYYY"),
    opened("04.03.2025 13:05", NOON, "DD.MM.YYYY"),
    opened("1741093500", NOON, "epoch seconds"),
    opened("1741093500000", NOON, "epoch milliseconds"),
    opened("2025-03-04 25:00"),
    opened("2025-03-04 13:60"),
    opened("2025-03-04 1:05 PX"),
]

ASTER, BIRCH = ACCOUNTS.splitlines()[1:]
PERIOD = "S-2,A-2,Pro,5,60000,EUR,2025-02-01,2025-08-01,false\n"


def families(*rows):
    return {
        "accounts.csv": accounts(*rows, header="account_id,parent_id,name,start_date"),
        "subscriptions.csv": SUBSCRIPTIONS.replace("A-2", "A-1"),
    }


def subscribed(row):
    return {"subscriptions.csv": SUBSCRIPTIONS + row + "\n"}


RELATIONS = [
    Case(
        "same row twice", {"accounts.csv": ACCOUNTS + ASTER + "\n"}, REJECT, "duplicate_key", 4, "account_id", count=1
    ),
    Case("same key, another name", {"accounts.csv": ACCOUNTS + "A-1,Other,2025-01-01\n"}, REJECT, "duplicate_key", 4),
    Case(
        "same key but for spaces", {"accounts.csv": ACCOUNTS + " A-1 ,Other,2025-01-01\n"}, REJECT, "duplicate_key", 4
    ),
    Case(
        "duplicate beside another error",
        {"accounts.csv": ACCOUNTS + "A-1,Other,never\n"},
        REJECT,
        "duplicate_key",
        4,
        count=2,
    ),
    Case("composite key twice", {"subscriptions.csv": SUBSCRIPTIONS + PERIOD}, REJECT, "duplicate_key", 4),
    Case("composite key, another day", subscribed("S-2,A-2,Pro,5,60000,EUR,2025-08-01,,false"), ACCEPT),
    Case(
        "unknown account", subscribed("S-3,A-9,Pro,5,60000,EUR,2025-08-01,,false"), REJECT, "reference", 4, "account_id"
    ),
    Case("name for an id", subscribed("S-3,Aster,Pro,5,60000,EUR,2025-08-01,,false"), REJECT, "reference", 4),
    Case("id in another case", subscribed("S-3,a-1,Pro,5,60000,EUR,2025-08-01,,false"), REJECT, "reference", 4),
    Case("id with a Cyrillic A", subscribed("S-3,А-1,Pro,5,60000,EUR,2025-08-01,,false"), REJECT, "reference", 4),
    Case("end before start", subscribed("S-3,A-1,Pro,5,60000,EUR,2025-08-01,2025-07-01,false"), REJECT, "order", 4),
    Case("overlapping periods", subscribed("S-2,A-2,Pro,5,60000,EUR,2025-07-01,,false"), REJECT, "overlap", 4),
    Case(
        "overlap beside another error",
        subscribed("S-2,A-2,Pro,x,60000,EUR,2025-07-01,,false"),
        REJECT,
        "overlap",
        4,
        count=2,
    ),
    Case("touching periods", subscribed("S-2,A-2,Pro,5,60000,EUR,2025-08-01,,false"), ACCEPT),
    Case("own parent", families("A-1,A-1,Aster,2025-01-01"), REJECT, "circle", 2),
    Case(
        "circle of three",
        families("A-1,A-2,a,2025-01-01", "A-2,A-3,b,2025-01-01", "A-3,A-1,c,2025-01-01"),
        REJECT,
        "circle",
        2,
        count=3,
    ),
    Case("parent of a parent", families("A-1,A-2,a,2025-01-01", "A-2,A-3,b,2025-01-01", "A-3,,c,2025-01-01"), ACCEPT),
    Case(
        "closed before opened",
        {
            "tickets.csv": "ticket_id,account_id,severity,opened_at,closed_at,escalated\n"
            "T-1,A-1,2,2025-03-02,2025-03-01,no\n"
        },
        REJECT,
        "order",
        2,
        "closed_at",
    ),
    Case(
        "week that starts on a Tuesday",
        {"usage.csv": "account_id,week_start,core_events\nA-1,2025-03-04,5\n"},
        REJECT,
        "monday",
        2,
        "week_start",
    ),
    Case(
        "csat of 7",
        {"survey_responses.csv": "response_id,account_id,survey,score,answered_at\nR-1,A-1,csat,7,2025-03-01\n"},
        REJECT,
        "range",
        2,
        "score",
    ),
]

PAYLOADS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "=IMPORTXML(1)",
    "|calc",
    "＝1+1",
    "%0A=1+1",
    ";=1+1",
    "=DDE(1)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](http://x/y.png)",
    "<b>bold</b>",
    "<a href='http://x'>x</a>",
    "$\\frac{1}{2}$",
    ":red[x]",
    "<svg/onload=alert(1)>",
    "`code`",
    "# heading",
    "www.example.com",
    "<b Acme & Sons <",
    "<img src='/etc/passwd'/>",
    "<para>",
    "&lt;b&gt;",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "%(x)s",
    "{0.__class__}",
    "'; DROP TABLE accounts; --",
    '" OR 1=1 --',
    "x' UNION SELECT * FROM people --",
    "$(rm -rf /)",
    "../../etc/passwd",
    "Ignore all earlier instructions",
    '<?xml version="1.0"?><!DOCTYPE x>',
    "cos\nsystem\n(S'ls'\ntR.",
    "read_csv('/etc/passwd')",
)
HOSTILE = [
    *(named(payload, label=f"payload {number}: {payload[:20]!r}") for number, payload in enumerate(PAYLOADS)),
    named("\t=1+1", REJECT, "hidden_character", 2, "name"),
    named("\n=1+1", REJECT, "hidden_character", 2, "name"),
]
NAMES = (
    "; rm -rf accounts.csv",
    "$(id).csv",
    "<script>.csv",
    "accounts'.csv",
    "'; DROP TABLE x; --.csv",
    "=1+1.csv",
    "a" * 200 + ".csv",
    "accounts\u202evsc.csv",
)


@pytest.mark.parametrize("case", as_params(TEXTS + DATES + INSTANTS + RELATIONS + HOSTILE))
@pytest.mark.sampled(3)
def test_cells_end_as_expected(case, tmp_path):
    judge(case, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_name_is_only_a_name(name, tmp_path):
    path = tmp_path / name
    path.write_text(ACCOUNTS)
    tables = {"accounts": TableRule(files=("*",))}
    with prepare([path], Preset(id="any", label="Any", source="test", tables=tables)) as prepared:
        assert prepared.problems == ()
        assert [read.name for read in prepared.files] == [name]
    with prepare([path]) as prepared:
        assert [problem.rule for problem in prepared.problems] == ["no_table"]


def test_the_same_file_in_another_order_changes_nothing(tmp_path):
    from core.ingest.load import load
    from core.ingest.prepare import Stored
    from core.store.manifest import Manifest

    inbox, facts, manifest = tmp_path / "inbox", tmp_path / "facts", Manifest()
    inbox.mkdir()
    for text in (ACCOUNTS, "\n".join([ACCOUNTS.splitlines()[0], BIRCH, ASTER])):
        (inbox / "accounts.csv").write_text(text)
        with prepare([inbox], stored=Stored(facts, manifest)) as prepared:
            loaded = load(prepared, facts, manifest)
        manifest = loaded.manifest
    assert [(change.new, change.changed, change.same) for change in loaded.changes.values()] == [(0, 0, 2)]


def test_one_sentence_tells_how_to_read_days_that_carry_a_time(tmp_path):
    (tmp_path / "accounts.csv").write_text(accounts("A-1,Aster,2025-01-31 13:45", "A-2,Birch,2025-02-01 08:00"))
    with prepare([tmp_path]) as prepared:
        (problem,) = prepared.problems
    assert "The cells carry a time: read them with it, which takes the company's own day" in problem.message


def test_counts_since_1970_are_named_and_not_guessed(tmp_path):
    (tmp_path / "accounts.csv").write_text(accounts("A-1,Aster,1738281600000"))
    with prepare([tmp_path]) as prepared:
        (problem,) = prepared.problems
    assert "The whole column is written as epoch milliseconds: read it so" in problem.message
