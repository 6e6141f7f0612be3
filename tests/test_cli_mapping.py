"""Templates and mappings on the command line."""

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.services.mappings import mapping_from

pytestmark = pytest.mark.sampled(2)

KUNDEN = "Customer ID,Customer Name,Customer Since\n1,Aster,2025-01-01\n"


@pytest.fixture
def run(in_empty):
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


def test_a_template_is_printed_with_its_notes_apart(run):
    result = run("template", "tickets")
    assert result.exit_code == 0
    assert result.stdout.startswith("ticket_id,account_id,severity")
    assert "severity: 1 (worst) to 4." in result.stderr


def test_templates_are_written_and_never_over_a_file(run, tmp_path):
    assert run("template", "all", "--out", tmp_path).exit_code == 0
    assert len(list(tmp_path.glob("*.csv"))) > 20
    again = run("template", "accounts", "--out", tmp_path)
    assert again.exit_code == 1
    assert "nothing was overwritten" in again.stderr


def test_a_mapping_is_suggested_saved_used_and_shown(run, tmp_path):
    (tmp_path / "customers.csv").write_text(KUNDEN)
    suggested = run("mapping", "suggest", tmp_path)
    assert mapping_from(suggested.stdout).tables["accounts"].columns["name"].column == "Customer Name"
    assert "Not found: a file for subscriptions" in suggested.stderr
    mapping = tmp_path / "crm.toml"
    mapping.write_text(suggested.stdout)
    assert run("mapping", "save", "crm", mapping).stdout == "crm: version 1 saved by Local user\n"
    assert run("mapping", "show", "crm").stdout == suggested.stdout
    imported = run("import", tmp_path / "customers.csv", "--source", "crm")
    assert (imported.exit_code, "accounts: 1 new" in imported.stdout) == (0, True)


def test_a_file_that_cannot_be_read_is_told_with_the_option_that_mends_it(run, tmp_path):
    (tmp_path / "customers.csv").write_bytes((KUNDEN + "2,Müller,2025-01-01\n").encode("cp1252"))
    told = run("mapping", "suggest", tmp_path).stderr
    assert "customers.csv: cannot be read: line 3: expected UTF-8" in told
    assert '--read "customers.csv=windows-1252"' in told
    mended = run("mapping", "suggest", tmp_path, "--read", "customers.csv=windows-1252")
    assert mapping_from(mended.stdout).tables["accounts"].encoding == "windows-1252"


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        pytest.param("Record ID,Company name,Company owner,Create Date", "--preset hubspot", id="system"),
        pytest.param("a,b,c,d", "mapping suggest FOLDER > mapping.toml", id="no system"),
    ],
)
def test_files_that_hold_no_table_are_told_with_what_reads_them(run, tmp_path, header, asked):
    (tmp_path / "hubspot-crm-exports-all-companies-1.csv").write_text(f"{header}\n1,Aster,,2025-01-01\n")
    refused = run("import", tmp_path)
    assert (refused.exit_code, asked in refused.stderr) == (1, True)


def test_a_mapping_without_a_table_is_said_to_be_one(run, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    empty = tmp_path / "mapping.toml"
    empty.write_text(run("mapping", "suggest", tmp_path / "notes.csv").stdout)
    assert "the mapping has no table" in run("import", tmp_path, "--mapping", empty).stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("mapping", "show", "crm"), "no mapping is saved"),
        (("mapping", "save", "crm"), "either a mapping file or --preset"),
        (("mapping", "suggest", "nowhere"), "no file or folder nowhere"),
        (("template", "acounts"), 'no table "acounts"'),
    ],
)
def test_what_cannot_be_done_is_said_in_words(run, arguments, words):
    result = run(*arguments)
    assert result.exit_code == 1
    assert words in result.stderr
