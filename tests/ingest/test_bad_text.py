"""The bad-input kit: encoding, separators and headers."""

import pytest

from core.model.presets import Preset, TableRule
from tests.ingest.conftest import ACCOUNTS
from tests.ingest.kit import ACCEPT, REJECT, WARN, Case, accounts, as_params, judge

UMLAUTS = accounts("A-1,Müller & Søn,2025-01-01", "A-2,Čížek,2025-02-01")
WESTERN = accounts("A-1,Müller & Søn,2025-01-01", "A-2,Zoë,2025-02-01")
NAMES = {"accounts": {"name": ["Müller & Søn", "Zoë"]}}
PLAIN = {"accounts": {"name": ["Aster", "Birch"]}}


def stated(encoding="utf-8", **rules):
    """A mapping that says how the accounts file is written."""
    tables = {
        "accounts": TableRule(files=("accounts.csv",), encoding=encoding, **rules),
        "subscriptions": TableRule(files=("subscriptions.csv",)),
    }
    return Preset(id="stated", label="Stated", source="test", tables=tables)


def encoded(name, content, outcome, *rest, **more):
    return Case(name, {"accounts.csv": content}, outcome, *rest, **more)


ENCODINGS = [
    encoded("utf-8", WESTERN, ACCEPT, rows=NAMES),
    encoded("utf-8 with mark", b"\xef\xbb\xbf" + WESTERN.encode(), ACCEPT, rows=NAMES),
    encoded("utf-16 little with mark", b"\xff\xfe" + WESTERN.encode("utf-16-le"), ACCEPT, rows=NAMES),
    encoded("utf-16 big with mark", b"\xfe\xff" + WESTERN.encode("utf-16-be"), ACCEPT, rows=NAMES),
    encoded("utf-16 little without mark", WESTERN.encode("utf-16-le"), REJECT, "encoding", 1),
    encoded("utf-16 big without mark", WESTERN.encode("utf-16-be"), REJECT, "encoding", 1),
    encoded("utf-16 stated", WESTERN.encode("utf-16-le"), ACCEPT, rows=NAMES, mapping=stated("utf-16-le")),
    encoded("utf-32", ACCOUNTS.encode("utf-32"), REJECT, "encoding"),
    encoded("windows-1252", WESTERN.encode("cp1252"), REJECT, "encoding", 2),
    encoded("windows-1252 stated", WESTERN.encode("cp1252"), ACCEPT, rows=NAMES, mapping=stated("windows-1252")),
    encoded("iso-8859-15 stated", WESTERN.encode("iso-8859-15"), ACCEPT, rows=NAMES, mapping=stated("iso-8859-15")),
    encoded("mac-roman stated", WESTERN.encode("mac-roman"), ACCEPT, rows=NAMES, mapping=stated("mac-roman")),
    encoded(
        "windows-1250 stated",
        accounts("A-1,Čížek,2025-01-01", "A-2,Zoë,2025-02-01").encode("cp1250"),
        ACCEPT,
        rows={"accounts": {"name": ["Čížek", "Zoë"]}},
        mapping=stated("windows-1250"),
    ),
    encoded("windows-1250", UMLAUTS.replace("ø", "ö").encode("cp1250"), REJECT, "encoding", 2),
    encoded("stated but utf-8", WESTERN, REJECT, "encoding", mapping=stated("windows-1252")),
    encoded("stated and ascii", ACCOUNTS, ACCEPT, rows=PLAIN, mapping=stated("windows-1252")),
    encoded(
        "stated but undefined byte",
        b"account_id,name,start_date\nA-1,\x81,2025-01-01\n",
        REJECT,
        "encoding",
        2,
        mapping=stated("windows-1252"),
    ),
    encoded("one bad byte", WESTERN.encode().replace("ø".encode(), b"\xf8"), REJECT, "encoding", 2),
    encoded("cut in a character", ACCOUNTS.encode() + b"A-3,Zo\xc3", REJECT, "encoding", 4),
    encoded("surrogate", ACCOUNTS.replace("Birch", "B\ud800h").encode("utf-8", "surrogatepass"), REJECT, "encoding", 3),
    encoded("overlong", ACCOUNTS.encode().replace(b"Birch", b"B\xc0\xafh"), REJECT, "encoding", 3),
    encoded("NUL", ACCOUNTS.replace("Birch", "B\0rch"), REJECT, "control_character", 3),
    encoded("bell", ACCOUNTS.replace("Aster", "A\x07"), REJECT, "control_character", 2),
    encoded("escape", ACCOUNTS.replace("Aster", "\x1b[31m"), REJECT, "control_character", 2),
    encoded("mojibake", WESTERN.encode().decode("cp1252"), WARN, "mojibake"),
    encoded("lost characters", ACCOUNTS.replace("Birch", "B\ufffdrch"), WARN, "replaced"),
    encoded("bidi override in text", ACCOUNTS.replace("Birch", "B\u202ehcri"), WARN, "direction"),
    encoded("bidi override in an id", ACCOUNTS.replace("A-2", "A-\u202e2"), REJECT, "hidden_character", 3),
    encoded("zero width in an id", ACCOUNTS.replace("A-2", "A-2\u200b"), REJECT, "hidden_character", 3),
    encoded("decomposed accent in an id", ACCOUNTS.replace("A-2", "A\u0308-2"), REJECT, "hidden_character", 3),
]

BAR = ACCOUNTS.replace(",", "|")
QUOTED = accounts('A-1,"Aster ""A"", Inc",2025-01-01', 'A-2,"two\nlines",2025-02-01')
ROWS = "A-1,Aster,2025-01-01\nA-2,Birch,2025-02-01\n"

DIALECTS = [
    encoded("semicolons", ACCOUNTS.replace(",", ";"), WARN, "delimiter", rows=PLAIN),
    encoded("tabs", ACCOUNTS.replace(",", "\t"), WARN, "delimiter", rows=PLAIN),
    encoded("bars", BAR, WARN, "delimiter", rows=PLAIN),
    encoded("sep line", "sep=;\n" + ACCOUNTS.replace(",", ";"), WARN, "delimiter", rows=PLAIN),
    encoded("sep line in capitals", "SEP=|\n" + BAR, WARN, "delimiter", rows=PLAIN),
    encoded("sep line with an odd separator", "sep=^\n" + ACCOUNTS.replace(",", "^"), REJECT, "delimiter", 1),
    encoded("tsv", ACCOUNTS.replace(",", "\t"), WARN, "delimiter", rows=PLAIN),
    encoded(
        "header by comma, rows by semicolon",
        "account_id,name,start_date\n" + ROWS.replace(",", ";"),
        REJECT,
        "delimiter",
        1,
    ),
    encoded(
        "mixed in the rows",
        "account_id,name,start_date\nA-1;Aster;2025-01-01\nA-2,Birch,2025-02-01\n",
        REJECT,
        "delimiter",
        1,
    ),
    encoded("two separators everywhere", "account_id,name;start_date\nA-1,Aster;2025-01-01\n", REJECT, "delimiter", 1),
    encoded("comma without quotes", ACCOUNTS.replace("Birch", "Birch, Inc"), REJECT, "row_shape", 3),
    encoded("short row", ACCOUNTS.replace(",2025-02-01", ""), REJECT, "row_shape", 3),
    encoded("trailing separator in rows", ACCOUNTS.replace("-01\n", "-01,\n"), REJECT, "row_shape", 2, count=1),
    encoded("open quote", ACCOUNTS.replace("Birch", '"Birch'), REJECT, "row_shape", 3),
    encoded("text after a quote", ACCOUNTS.replace("Birch", '"Birch" Inc'), REJECT, "row_shape", 3),
    encoded("comment line", "account_id,name,start_date\n# made today\n" + ROWS, REJECT, "row_shape", 2),
    encoded(
        "quotes, commas and line breaks inside",
        QUOTED,
        ACCEPT,
        rows={"accounts": {"name": ['Aster "A", Inc', "two\nlines"]}},
    ),
    encoded("line number after a line break inside", QUOTED + "A-3,Cedar,never\n", REJECT, "date", 5, "start_date"),
    encoded("CRLF", ACCOUNTS.replace("\n", "\r\n"), ACCEPT, rows=PLAIN),
    encoded("CR", ACCOUNTS.replace("\n", "\r"), WARN, "line_ends", rows=PLAIN),
    encoded("mixed line ends", ACCOUNTS.replace("\n", "\r\n", 1), WARN, "line_ends", rows=PLAIN),
    encoded("no last line end", ACCOUNTS.rstrip("\n"), ACCEPT, rows=PLAIN),
    encoded("blank lines between", ACCOUNTS.replace("A-2", "\n\nA-2"), ACCEPT, rows=PLAIN),
    encoded("blank lines on top", "\n\n" + ACCOUNTS, WARN, "leading_lines", rows=PLAIN),
    encoded("line number after blank lines on top", "\n\n" + ACCOUNTS + "A-3,Cedar,never\n", REJECT, "date", 6),
    encoded("row of commas", ACCOUNTS + ",,\n", WARN, "blank_rows", rows=PLAIN),
]

HEADERS = [
    encoded(
        "reordered", "name,start_date,account_id\nAster,2025-01-01,A-1\nBirch,2025-02-01,A-2\n", ACCEPT, rows=PLAIN
    ),
    encoded(
        "other case and spaces", ACCOUNTS.replace("account_id", " Account ID "), WARN, "renamed_column", rows=PLAIN
    ),
    encoded(
        "another column",
        "account_id,name,start_date,colour\nA-1,Aster,2025-01-01,red\nA-2,Birch,2025-02-01,\n",
        WARN,
        "ignored_columns",
        rows=PLAIN,
    ),
    encoded(
        "column twice", "account_id,name,name,start_date\nA-1,a,b,2025-01-01\n", REJECT, "duplicate_column", 1, "name"
    ),
    encoded(
        "column twice in another case",
        "account_id,name,Name,start_date\nA-1,a,b,2025-01-01\n",
        REJECT,
        "duplicate_column",
        1,
    ),
    encoded("missing column", "account_id,name\nA-1,Aster\nA-2,Birch\n", REJECT, "missing_column", None, "start_date"),
    encoded("blank name", "account_id,,name,start_date\nA-1,x,a,2025-01-01\n", REJECT, "header", 1),
    encoded("translated", "Kundennummer,Name,Beginn\n" + ROWS, REJECT, "missing_column", None, "account_id"),
    encoded("title above", "All accounts\n\n" + ACCOUNTS, REJECT, "header", 1),
    encoded("title row with commas", "All accounts,,\n" + ACCOUNTS, REJECT, "header", 1),
    encoded("repeated in the middle", ACCOUNTS + ACCOUNTS.replace("A-", "B-"), REJECT, "date", 4, "start_date"),
    encoded("another table", "ticket_id,severity\nT-1,2\n", REJECT, "missing_column"),
    encoded("one column", "account_id\nA-1\nA-2\n", REJECT, "missing_column"),
    encoded("none", ROWS, REJECT, "missing_column"),
    encoded("header alone", "account_id,name,start_date\n", REJECT, "no_rows"),
    encoded("no bytes", b"", REJECT, "empty_file"),
    encoded("white space alone", b"  \n \n", REJECT, "header", 1),
    encoded("line ends alone", b"\n\n\n", REJECT, "header", 1),
    encoded("mark alone", b"\xef\xbb\xbf", REJECT, "header", 1),
    encoded("5,000 columns", ",".join(f"c{n}" for n in range(5000)) + "\n", REJECT, "header", 1, count=1),
    encoded(
        "formula as a name",
        ACCOUNTS.replace("start_date", '"=HYPERLINK(1)"'),
        REJECT,
        "missing_column",
        None,
        "start_date",
    ),
    encoded(
        "script as a name",
        ACCOUNTS.replace("start_date", "<script>alert(1)</script>"),
        REJECT,
        "missing_column",
        None,
        "start_date",
    ),
]


@pytest.mark.parametrize("case", as_params(ENCODINGS + DIALECTS + HEADERS))
@pytest.mark.sampled(3)
def test_text_files_end_as_expected(case, tmp_path):
    judge(case, tmp_path)


def test_the_odd_words_are_shown_under_each_encoding(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_bytes(WESTERN.encode("cp1252"))
    from core.ingest.prepare import prepare

    with prepare([path]) as prepared:
        (problem,) = prepared.problems
    assert '"Müller", "Søn"' in problem.message
    assert "windows-1252" in problem.message
    assert "windows-1250" in problem.message
    assert "as windows-1252" in problem.message and "Say which one reads right" in problem.message


def test_a_damaged_cell_of_a_utf8_file_is_not_taken_for_another_encoding(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_bytes(WESTERN.encode().replace("ø".encode(), b"\xf8"))
    from core.ingest.prepare import prepare

    with prepare([path]) as prepared:
        (problem,) = prepared.problems
    assert "as in the rest of the file" in problem.message


def test_how_a_file_was_read_is_told(tmp_path):
    (tmp_path / "accounts.csv").write_bytes(WESTERN.replace(",", ";").encode("cp1252"))
    from core.ingest.prepare import prepare

    with prepare([tmp_path], stated("windows-1252")) as prepared:
        (read,) = prepared.files
    assert (read.encoding, read.delimiter) == ("windows-1252", ";")
    assert [(each.target, each.kind, each.style) for each in read.readings] == [("start_date", "date", "YYYY-MM-DD")]
