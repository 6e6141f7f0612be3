"""Importing on the command line: the day, the options that mend a refused import, rows left out, mixed folders."""

import json
import subprocess

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.services.home import has_database
from core.services.import_request import preset_of
from core.settings import settings
from tests.inbox import ACCOUNTS, SUBSCRIPTIONS, Inbox

pytestmark = pytest.mark.sampled(2)

SLASHED = "account_id,name,start_date\nA-1,Aster,{first}\nA-2,Birch,{second}\n"


@pytest.fixture
def inbox(in_empty, tmp_path):
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_day_and_its_consequence_are_said_before_and_after(inbox):
    told = plain(run("import", inbox.folder, "--dry-run").stdout)
    assert "As of 1 Feb 2025 (the newest event in the files; state another day with --as-of)." in told
    assert "The newest month will be January 2025." in told
    assert "1 subscription ends after 1 Feb 2025 (the last on 1 Aug 2025) and counts as running" in told
    assert not settings().council_home.exists(), "a dry run leaves a new home as it is"
    done = json.loads(run("import", inbox.folder, "--as-of", "2025-03-31", "--json").stdout)
    assert (done["as_of"], done["newest_month"]) == ("2025-03-31", "2025-03")
    assert done["later"] == [{"table": "subscriptions", "what": "ends", "rows": 1, "last": "2025-08-01"}]


def test_a_later_day_is_stated_by_the_command_the_warning_names(inbox):
    warned = run("import", inbox.folder).stdout
    assert "python -m core as-of 2025-08-01" in warned
    assert "The newest month is July 2025." in plain(run("as-of", "2025-08-01").stdout)
    assert "ends after" not in run("data", "--month", "2025-07").stdout
    assert "already" in run("as-of", "2025-08-01", code=1).stderr
    assert "expected a day as YYYY-MM-DD" in run("as-of", "soon", code=1).stderr


@pytest.mark.parametrize(
    ("first", "second", "sentence", "options"),
    [
        pytest.param(
            "25/01/2025", "02/03/2025", "The whole column is written as DD/MM/YYYY: read it so",
            ["accounts.csv:start_date=DD/MM/YYYY"], id="days first",
        ),
        pytest.param(
            "02/03/2025", "04/05/2025", "can be read as DD/MM/YYYY or as MM/DD/YYYY: say which one is meant",
            ["accounts.csv:start_date=DD/MM/YYYY", "accounts.csv:start_date=MM/DD/YYYY"], id="either way",
        ),
        pytest.param(
            "2025-01-31 13:45", "2025-02-01 08:00", "The cells carry a time",
            ["accounts.csv:start_date=YYYY-MM-DD with a time"], id="with a time",
        ),
    ],
)  # fmt: skip
def test_one_sentence_and_one_option_mend_a_column_of_dates(inbox, first, second, sentence, options):
    inbox.only(accounts=SLASHED.format(first=first, second=second))
    refused = run("import", inbox.folder, "--dry-run", code=1).stderr
    assert sentence in refused
    assert all(f'--read "{option}"' in refused for option in options)
    assert not any(word in refused for word in ("mapping", "TOML", "dates ="))
    assert "2 new" in run("import", inbox.folder, "--read", options[0]).stdout


def test_dates_with_short_years_are_one_sentence(inbox):
    inbox.only(accounts=SLASHED.format(first="25/01/25", second="02/03/25"))
    refused = run("import", inbox.folder, code=1).stderr
    assert "1 problem" in refused
    assert "the years have two digits" in refused and "years of four digits" in refused
    assert "--read" not in refused


def test_a_column_of_text_where_dates_belong_is_one_sentence_and_one_option(inbox):
    text = "account_id,name,start_date,signed\nA-1,Aster,Gold,2025-01-01\nA-2,Birch,Silver,2025-02-01\n"
    inbox.only(accounts=text)
    refused = run("import", inbox.folder, code=1).stderr
    assert 'no cell of this column is a date, found "Gold"' in refused
    assert '--take "accounts.csv:start_date=COLUMN"' in refused
    assert "2 new" in run("import", inbox.folder, "--take", "accounts.csv:start_date=signed").stdout


def options_of(refused):
    """The words a shell hands over when what `refused` asks to add is typed as it stands."""
    asked = [line.partition(":")[2] for line in refused.splitlines() if line.startswith("Add to the command")]
    first = " ".join(line.removeprefix(" one of:").split("  or  ")[0] for line in asked)
    return subprocess.run(["sh", "-c", f"printf '%s\\n' {first}"], capture_output=True, text=True).stdout.splitlines()


REPORT = "Id,AccountId,Name,StageName,IsClosed,IsWon,Type,Amount,CloseDate,CreatedDate\n"


@pytest.mark.parametrize(
    ("accounts", "deal"),
    [
        pytest.param("Id,Name,CreatedDate\nA1,Aster,2026-01-02\n",
                     'O1,A1,Seats,Closed Won,1,1,New,"$29,911.00",2026-09-30,2026-08-18\n', id="a dollar sign"),
        pytest.param("Id,Name,CreatedDate\nA1,Aster,2026-01-02\n",
                     "O1,A1,Seats,Closed Won,1,1,New,100,9/30/2026,8/18/2026\n", id="a day in closed rows only"),
        pytest.param("Id,Name,CreatedDate\nA1,Müller,2026-01-02\n",
                     "O1,A1,Seats,Closed Won,1,1,New,100,2026-09-30,2026-08-18\n", id="a file looked up as well"),
        pytest.param("Id,Name,CreatedDate\nA1,Aster,2026-01-02\n",
                     'O1,A1,Seats,Closed Won,1,1,New,"1.234,56 €",2026-09-30,2026-08-18\n', id="euros, not dollars"),
    ],
)  # fmt: skip
def test_what_a_refused_import_asks_to_add_mends_it(inbox, accounts, deal):
    inbox.only(opportunities=REPORT + deal)
    (inbox.folder / "accounts.csv").write_bytes(accounts.encode("windows-1252"))
    words, refused = ["import", inbox.folder, "--preset", "salesforce", "--dry-run"], ""
    for _ in range(2):
        refused = run(*words, code=1).stderr
        assert "--skip" not in refused, "a setting of a whole file or column is no row to leave out"
        words += options_of(refused)
        if CliRunner().invoke(app, [str(word) for word in words]).exit_code == 0:
            break
    assert "opportunities: 1 new" in run(*words).stdout


def test_a_fault_of_a_file_that_several_tables_read_is_told_once(inbox):
    inbox.only(contacts="Id,AccountId,Email,CreatedDate,HasOptedOutOfEmail\nC1,A1,a@b.example,25/01/2026,1\n")
    refused = run("import", inbox.folder, "--preset", "salesforce", code=1).stderr
    assert refused.count("read it so") == 1


def test_a_column_that_is_not_found_and_a_day_that_is_not_stated_name_their_options(inbox):
    run("import", inbox.folder)
    inbox.only(accounts=ACCOUNTS.replace("SMB", "Large"))
    assert "--as-of YYYY-MM-DD" in run("import", inbox.folder, code=1).stderr
    inbox.only(accounts="account_id,customer,start_date\nA-3,Cedar,2025-01-01\n")
    refused = run("import", inbox.folder, code=1).stderr
    assert "--take" in refused and "mapping suggest" in refused
    assert "1 new" in run("import", inbox.folder, "--take", "accounts.csv:name=customer").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--read", "accounts.csv"), "expected FILE:COLUMN=VALUE"),
        (("--read", "nowhere.csv:start_date=DD/MM/YYYY"), 'no file "nowhere.csv"'),
        (("--read", "accounts.csv:start_date=soon"), "expected one of YYYY-MM-DD"),
        (("--read", "accounts.csv:colour=DD/MM/YYYY"), 'has no "colour"'),
        (("--take", "accounts.csv:colour=x"), 'has no "colour"'),
        (("--preset", "salesforce", "--mapping", "pyproject.toml"), "not both"),
    ],
)
def test_what_is_stated_wrongly_is_said(inbox, words, message):
    assert message in run("import", inbox.folder, *words, code=1).stderr
    assert not has_database()


def test_rows_with_problems_are_left_out_on_request_only(inbox):
    inbox.put(accounts=ACCOUNTS + "A-3,Cedar,2025-13-01,SMB\n")
    assert "leave out exactly the row listed: --skip" in run("import", inbox.folder, code=1).stderr
    done = json.loads(run("import", inbox.folder, "--skip", "--json").stdout)
    assert [(item["file"], item["line"]) for item in done["skipped"]] == [("accounts.csv", 4)]


def test_presets_put_together_read_the_files_of_both_systems():
    both = preset_of(["salesforce", "stripe"])
    assert both.id == "salesforce+stripe"
    filled = {rule.table or name for name, rule in both.tables.items()}
    assert {"opportunities", "subscriptions", "accounts"} <= filled
    assert len(both.tables) == sum(len(preset_of([name]).tables) for name in ("salesforce", "stripe"))
    assert preset_of([]) is None


def test_a_cell_is_corrected_listed_marked_and_given_back(inbox):
    run("import", inbox.folder, "--as-of", "2025-03-31")
    key = ("--key", "subscription_id=S-1", "--key", "start_date=2025-01-01")
    said = run(
        "correct", "subscriptions", *key, "--column", "mrr_cents", "--value", "900.00", "--reason", "typo"
    ).stdout
    assert "1,200.00 → 900.00" in said
    assert said == run("corrections").stdout
    rows = json.loads(run("rows", "arr", "--json").stdout)["rows"]
    assert sum("→" in str(row) for row in rows) == 1
    assert (
        "nothing was corrected"
        in run(
            "correct", "subscriptions", *key, "--column", "mrr_cents", "--value", "x", "--reason", "r", code=1
        ).stderr
    )
    assert "withdrawn" in run("withdraw", 1, "--reason", "it was right").stdout
    assert "Nothing is corrected" in run("corrections").stdout
    assert len(json.loads(run("corrections", "--ended", "--json").stdout)) == 1


def test_a_conflict_is_listed_and_decided(inbox):
    from core.services.home import records_database
    from core.store import records
    from core.store.tables import Outcome
    from tests.inbox import OUTCOMES

    inbox.put(outcomes=OUTCOMES).load()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"value_cents": 500})
    inbox.load()
    assert "here 5.00, files says 1.00" in run("conflicts").stdout
    assert "expected ours or theirs" in run("resolve", 1, "--keep", "both", code=1).stderr
    assert json.loads(run("resolve", 1, "--keep", "theirs", "--json").stdout)["open"] == 0
    assert "No cell is in conflict" in run("conflicts").stdout


def test_kpis_as_csv_hold_what_the_json_holds(in_demo):
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(run("kpis", "--month", "2026-10", "--csv").stdout)))
    told = json.loads(run("kpis", "--month", "2026-10", "--json").stdout)
    assert [row["id"] for row in rows] == [item["id"] for item in told]


def test_the_meanings_stand_beside_the_templates(tmp_path):
    run("template", "accounts", "--out", tmp_path)
    run("template", "subscriptions", "--out", tmp_path)
    text = (tmp_path / "MEANINGS.md").read_text()
    assert "## accounts.csv" in text and "## subscriptions.csv" in text
    assert "- mrr_cents:" in text
    assert "there already" in run("template", "all", "--out", tmp_path, code=1).stderr


DEALS = "opportunity_id,account_id,name,kind,amount_cents,currency,created_on,closed_on,outcome,reference_required\n"


def test_unknown_words_are_told_once_a_column_and_translated_on_the_command(inbox):
    rows = [
        f"O-{n},A-1,Seats,new,100,EUR,2025-01-05,2025-01-20,{'Closed = Won' if n < 8 else 'Lost?'},no\n"
        for n in range(9)
    ]
    inbox.put(opportunities=DEALS + "".join(rows))
    refused = run("import", inbox.folder, "--dry-run", code=1).stderr
    assert 'found in 9 rows "Closed = Won" (8), "Lost?" (1).' in refused
    assert refused.count("expected one of open, won, lost") == 1
    (asked,) = [line.partition(": ")[2] for line in refused.splitlines() if "with its meaning" in line]
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {asked}"], capture_output=True, text=True).stdout.splitlines()
    wrong = run("import", inbox.folder, *words, code=1).stderr
    assert "the meaning one of open, won, lost" in wrong
    meant = [word.replace("Won=MEANING", "Won=won").replace("?=MEANING", "?=lost") for word in words]
    assert "opportunities: 9 new" in run("import", inbox.folder, *meant, "--dry-run").stdout


def test_a_mistyped_column_is_no_text_for_every_row(inbox):
    inbox.put(accounts="account_id,Customer Name,start_date\nA-1,Aster,2025-01-01\nA-2,Birch,2025-02-01\n")
    refused = run("import", inbox.folder, "--take", "accounts.csv:name=custmer name", code=1).stderr
    assert 'closest: "Customer Name"' in refused
    assert '--take "accounts.csv:name==custmer name"' in refused
    run("import", inbox.folder, "--take", "accounts.csv:name=customer_name")
    assert "2 same" in run("import", inbox.folder, "--take", "accounts.csv:name=Customer Name").stdout
