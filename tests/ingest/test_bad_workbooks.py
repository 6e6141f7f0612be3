"""The bad-input kit: workbooks and containers. Nothing is unpacked or parsed before the container is checked."""

import datetime as dt
import gzip
import io
import json
import pickle
import re
import struct
import time
import tracemalloc
import warnings
import zipfile
from functools import cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ingest.prepare import prepare
from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS
from tests.ingest.kit import ACCEPT, REJECT, WARN, Case, as_bytes, as_params, judge
from tests.ingest.workbooks import (
    ASTER,
    BIRCH,
    HEAD,
    HEADER,
    SHEET,
    SOUND,
    number,
    packed,
    parts,
    row,
    sheet,
    text,
    workbook,
)

DAYS = {"accounts": {"start_date": [dt.date(2025, 1, 31), dt.date(2025, 2, 1)], "name": ["Aster", "Birch"]}}
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def book(name, content, outcome, *rest, rows=None, **more):
    wanted = DAYS if rows is None and outcome != REJECT else rows or {}
    return Case(name, {"accounts.xlsx": content}, outcome, *rest, rows=wanted, **more)


def typed(ref, inner, kind=""):
    """A sound sheet whose name in row 2 is this cell."""
    cell = f'<c r="{ref}"{kind}>{inner}</c>'
    return sheet(HEADER, row(2, text("A2", "A-1"), cell, number("C2", 45688, 1)), BIRCH)


def named(value):
    return {"accounts": {"name": [value, "Birch"]}}


def moved(cells, old, new):
    """A row in another place."""
    return re.sub(rf'r="([A-Z]?){old}"', rf'r="\g<1>{new}"', cells)


def lowered(by, *rows):
    """A sheet whose rows begin further down."""
    return sheet(*(moved(cells, place, place + by) for place, cells in enumerate(rows, 1)))


def entity(declared, use):
    body = SOUND.replace("Aster", use).replace(HEAD, "")
    return workbook(f"{HEAD}<!DOCTYPE worksheet [{declared}]>{body}")


@cache
def bomb():
    """Four hundred megabytes of spaces in a part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        with archive.open("xl/media/image1.xml", "w") as part:
            for _ in range(400):
                part.write(b" " * (1 << 20))
    return buffer.getvalue()


def crowded():
    return workbook(extra={f"xl/x{n}.xml": b"" for n in range(20_000)})


def lying():
    """A part that unpacks to more than its directory entry says."""
    data = bytearray(workbook(sheet(HEADER, ASTER, BIRCH, after=" " * 5_000_000)))
    at = data.rfind(SHEET.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 1000)
    return bytes(data)


def encrypted():
    data = bytearray(workbook())
    at = data.rfind(SHEET.encode()) - 46
    data[at + 8] |= 1
    return bytes(data)


def doubled():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return packed(parts(), twice=(SHEET,))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
EPOCH_1904 = '<workbookPr date1904="1"/>'

WORKBOOKS = [
    book("sound", workbook(), ACCEPT),
    book("formula with its value", workbook(typed("B2", "<f>A2</f><v>Aster</v>", ' t="str"')), ACCEPT),
    book("formula without a value", workbook(typed("B2", "<f>A2</f>")), REJECT, "sheet_cell", 2),
    book("formula with an empty value", workbook(typed("B2", "<f>A2</f><v></v>")), REJECT, "sheet_cell", 2),
    book(
        "formula in the last cell",
        workbook(sheet(HEADER, ASTER, row(3, "<c r='A3'><f>1</f></c>"))),
        REJECT,
        "sheet_cell",
        3,
    ),
    book("error cell", workbook(typed("B2", "<v>#N/A</v>", ' t="e"')), REJECT, "sheet_cell", 2),
    book("error of a formula", workbook(typed("B2", "<f>1/0</f><v>#DIV/0!</v>", ' t="e"')), REJECT, "sheet_cell", 2),
    book(
        "merged cells",
        workbook(sheet(HEADER, ASTER, BIRCH, after='<mergeCells><mergeCell ref="B2:B3"/></mergeCells>')),
        REJECT,
        "sheet_cell",
        2,
    ),
    book(
        "merged title",
        workbook(sheet(HEADER, ASTER, after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>')),
        REJECT,
        "sheet_cell",
        1,
    ),
    book(
        "merged beside the table",
        workbook(sheet(HEADER, ASTER, BIRCH, after='<mergeCells><mergeCell ref="H9:J9"/></mergeCells>')),
        ACCEPT,
    ),
    book("two filled sheets", workbook(SOUND, SOUND), REJECT, "workbook"),
    book("an empty second sheet", workbook(SOUND, sheet()), ACCEPT),
    book("hidden second sheet", workbook(SOUND, SOUND, states=("visible", "hidden")), WARN, "hidden"),
    book(
        "very hidden first sheet",
        workbook(sheet(row(1, text("A1", "x"))), SOUND, states=("veryHidden", "visible")),
        WARN,
        "hidden",
    ),
    book("all sheets hidden", workbook(SOUND, states=("hidden",)), REJECT, "empty_file"),
    book("no value", workbook(sheet()), REJECT, "empty_file"),
    book("hidden row", workbook(sheet(HEADER, ASTER, BIRCH.replace('r="3"', 'r="3" hidden="1"', 1))), WARN, "hidden"),
    book(
        "hidden column",
        workbook(sheet(HEADER, ASTER, BIRCH, before='<cols><col min="2" max="2" hidden="1"/></cols>')),
        WARN,
        "hidden",
    ),
    book("far cell", workbook(sheet(HEADER, ASTER, BIRCH, row(1048576, text("XFD1048576", "x")))), REJECT, "workbook"),
    book("far row", workbook(sheet(HEADER, ASTER, BIRCH, row(1000000, text("B1000000", "x")))), REJECT, "workbook"),
    book(
        "far column",
        workbook(sheet(HEADER.replace("</row>", text("ZZ1", "x") + "</row>"), ASTER, BIRCH)),
        REJECT,
        "header",
        1,
    ),
    book(
        "dates as numbers without a format", workbook(SOUND.replace('s="1"', 's="0"')), REJECT, "date", 2, "start_date"
    ),
    book(
        "dates as text",
        workbook(sheet(HEADER, ASTER.replace(number("C2", 45688, 1), text("C2", "2025-01-31")), BIRCH)),
        ACCEPT,
    ),
    book(
        "dates as foreign text",
        workbook(sheet(HEADER, row(2, text("A2", "A-1"), text("B2", "x"), text("C2", "31/01/2025")))),
        REJECT,
        "date_style",
        None,
        "start_date",
    ),
    book("date with a time", workbook(SOUND.replace("45688", "45688.5")), REJECT, "date_style", None, "start_date"),
    book(
        "1904 dates", workbook(SOUND.replace("45688", "44226").replace("45689", "44227"), properties=EPOCH_1904), ACCEPT
    ),
    book(
        "numbers as ids", workbook(SOUND.replace(text("B2", "Aster"), number("B2", 1001.0))), ACCEPT, rows=named("1001")
    ),
    book(
        "number of twenty digits as an id",
        workbook(SOUND.replace(text("A2", "A-1"), number("A2", "12345678901234567890"))),
        REJECT,
        "damaged_id",
        2,
    ),
    book("true as text", workbook(typed("B2", "<v>1</v>", ' t="b"')), ACCEPT, rows=named("true")),
    book("blank rows on top", workbook(lowered(3, HEADER, ASTER, BIRCH)), ACCEPT),
    book("blank row between", workbook(sheet(HEADER, ASTER, moved(BIRCH, 3, 5))), WARN, "blank_rows"),
    book(
        "formatted blank rows",
        workbook(sheet(HEADER, ASTER, BIRCH, *(row(n, f'<c r="A{n}" s="1"/>') for n in range(4, 400)))),
        ACCEPT,
    ),
    book(
        "dimension that lies", workbook(sheet(HEADER, ASTER, BIRCH, before='<dimension ref="A1:XFD1048576"/>')), ACCEPT
    ),
    book(
        "cells without places",
        workbook(sheet(HEADER, ASTER, BIRCH).replace(' r="A2"', "").replace(' r="B2"', "").replace(' r="C2"', "")),
        ACCEPT,
    ),
    book(
        "a title row",
        workbook(sheet(row(1, text("A1", "All accounts")), HEADER.replace('1"', '2"'))),
        REJECT,
        "header",
        1,
    ),
    book(
        "hyperlink",
        workbook(sheet(HEADER, ASTER, BIRCH, after='<hyperlinks><hyperlink ref="B2" display="x"/></hyperlinks>')),
        ACCEPT,
    ),
    book(
        "wrong cell names its row",
        workbook(SOUND.replace(number("C3", 45689, 1), text("C3", "never"))),
        REJECT,
        "date",
        3,
        "start_date",
    ),
    book(
        "wrong cell under a line break",
        workbook(SOUND.replace("Aster", "two&#10;lines").replace(number("C3", 45689, 1), text("C3", "never"))),
        REJECT,
        "date",
        3,
        "start_date",
    ),
    book("macro", workbook(extra={"xl/vbaProject.bin": b"x"}), REJECT, "workbook"),
    book("external link", workbook(extra={"xl/externalLinks/externalLink1.xml": "<x/>"}), REJECT, "workbook"),
    book("embedded object", workbook(extra={"xl/embeddings/oleObject1.bin": b"x"}), REJECT, "workbook"),
    book("old or encrypted workbook", OLE2, REJECT, "workbook"),
    book("encrypted part", encrypted(), REJECT, "container"),
    book("CSV renamed", ACCOUNTS.encode(), REJECT, "kind_of_file"),
    book("HTML renamed", b"<html><table></table></html>", REJECT, "kind_of_file"),
    book("PDF renamed", b"%PDF-1.7\n%%EOF", REJECT, "kind_of_file"),
    book("ZIP renamed", packed({"accounts.csv": ACCOUNTS}), REJECT, "workbook"),
    book("cut off", workbook()[:-200], REJECT, "container"),
    book("changed in the middle", workbook()[:700] + b"\0\0\0\0" + workbook()[704:], REJECT),
    book("no bytes", b"", REJECT, "kind_of_file"),
    book("part twice", doubled(), REJECT, "container"),
    book("path that leads outside", workbook(extra={"../../evil.xml": "<x/>"}), REJECT, "container"),
    book("path from the root", workbook(extra={"/etc/evil.xml": "<x/>"}), REJECT, "container"),
    book("20,000 parts", crowded, REJECT, "container"),
    book("bomb", bomb, REJECT, "container"),
    book("directory that lies", lying, REJECT, "workbook"),
    book("a billion laughs", entity(LAUGHS, "&l8;"), REJECT, "workbook"),
    book("quadratic entities", entity(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 1000), REJECT, "workbook"),
    book("file entity", entity('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), REJECT, "workbook"),
    book("document type alone", workbook(SOUND.replace(HEAD, HEAD + "<!DOCTYPE worksheet>")), REJECT, "workbook"),
    book("document type in another part", packed(parts() | {"xl/styles.xml": "<!DOCTYPE x><x/>"}), REJECT, "workbook"),
    book("broken XML", workbook(SOUND.replace("</sheetData>", "")), REJECT, "workbook"),
    book("cell in another row", workbook(SOUND.replace('r="B3"', 'r="B9"')), REJECT, "workbook"),
    book("row of a huge number", workbook(SOUND.replace('<row r="3"', '<row r="99999999999"')), REJECT, "workbook"),
    book("sheet that is missing", packed({k: v for k, v in parts().items() if k != SHEET}), REJECT, "workbook"),
    book("formula as text", workbook(SOUND.replace("Aster", "=1+1")), ACCEPT, rows=named("=1+1")),
]


def csv_file(name, content, outcome=REJECT, rule="kind_of_file", **more):
    return Case(name, {"accounts.csv": content}, outcome, rule, **more)


def zipped(outcome, *rest, name, rows=None, **files):
    inside = {key.replace("__", "/").replace("_csv", ".csv"): value for key, value in files.items()}
    return Case(name, {"accounts.zip": packed(inside)}, outcome, *rest, rows=rows or {})


BOTH = {"accounts.csv": ACCOUNTS, "subscriptions.csv": SUBSCRIPTIONS}
CONTAINERS = [
    csv_file("gzip", gzip.compress(ACCOUNTS.encode())),
    csv_file("gzip bomb", lambda: gzip.compress(b" " * 50_000_000)),
    csv_file("zip named csv", packed({"accounts.csv": ACCOUNTS})),
    csv_file("workbook named csv", workbook()),
    csv_file("pickle", pickle.dumps({"a": 1})),
    csv_file("json", json.dumps([{"account_id": "A-1"}]).encode()),
    csv_file("json object", b'{"error": "signed out"}'),
    csv_file("error page", b"<!DOCTYPE html><html>Sign in</html>"),
    csv_file("sqlite", b"SQLite format 3\0" + b"\0" * 80),
    csv_file("parquet named csv", b"PAR1" + b"\0" * 20),
    csv_file("pdf", b"%PDF-1.4"),
    Case("csv named parquet", {"accounts.parquet": ACCOUNTS}, REJECT, "kind_of_file"),
    Case("broken parquet", {"accounts.parquet": b"PAR1" + b"x" * 100 + b"PAR1"}, REJECT, "not_readable"),
    zipped(ACCEPT, name="zip of two tables", rows={"accounts": {"name": ["Aster", "Birch"]}}, accounts_csv=ACCOUNTS),
    zipped(ACCEPT, name="zip with a folder", folder__accounts_csv=ACCOUNTS),
    zipped(WARN, "not_read", name="zip with a readme", accounts_csv=ACCOUNTS, readme="x"),
    zipped(REJECT, "container", name="zip without a table", readme="x"),
    zipped(REJECT, "container", name="zip with a name twice", a__accounts_csv=ACCOUNTS, b__accounts_csv=ACCOUNTS),
    zipped(
        REJECT,
        "date",
        2,
        "start_date",
        name="zip with a wrong cell",
        accounts_csv=ACCOUNTS.replace("2025-01-01", "never"),
    ),
    Case("zip of a workbook", {"accounts.zip": packed({"accounts.xlsx": workbook()})}, ACCEPT, rows=DAYS),
    Case("zip that leads outside", {"accounts.zip": packed({"../accounts.csv": ACCOUNTS})}, REJECT, "container"),
    Case("zip in a zip", {"accounts.zip": packed({"in.zip": packed(BOTH)})}, REJECT, "container"),
    Case("csv named zip", {"accounts.zip": ACCOUNTS}, REJECT, "kind_of_file"),
    Case("zip bomb", {"accounts.zip": lambda: packed({"accounts.csv": b" " * 300_000_000})}, REJECT, "container"),
    Case(
        "20,000 good rows and one bad",
        {"accounts.csv": ACCOUNTS + "".join(f"X-{n},Name,2025-01-01\n" for n in range(20_000)) + "last,row,nonsense\n"},
        REJECT,
        "date",
        20_004,
        "start_date",
        count=1,
    ),
]


@pytest.mark.parametrize("case", as_params(WORKBOOKS + CONTAINERS))
@pytest.mark.sampled(3)
def test_containers_end_as_expected(case, tmp_path):
    if case.outcome == REJECT and case.rule is None:
        judge_any(case, tmp_path)
    else:
        judge(case, tmp_path)


def judge_any(case, folder):
    """A damaged container may break in more than one place: it has to be refused, whichever it is."""
    (folder / "accounts.xlsx").write_bytes(as_bytes(case.files["accounts.xlsx"]))
    with prepare([folder / "accounts.xlsx"]) as prepared:
        assert {problem.rule for problem in prepared.problems} <= {"container", "workbook"}
        assert prepared.problems


@pytest.mark.parametrize("content", [bomb, entity(LAUGHS, "&l8;")], ids=["bomb", "laughs"])
def test_a_bomb_costs_neither_time_nor_memory(content, tmp_path):
    path = tmp_path / "accounts.xlsx"
    path.write_bytes(as_bytes(content))
    tracemalloc.start()
    began = time.process_time()
    with prepare([path]) as prepared:
        assert prepared.problems
    spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 5
    assert peak < 50_000_000


def test_a_workbook_is_read_as_its_own_name_and_hash(tmp_path):
    path = tmp_path / "accounts.xlsx"
    path.write_bytes(workbook())
    from hashlib import sha256

    with prepare([path]) as prepared:
        (read,) = prepared.files
    assert (read.name, read.encoding) == ("accounts.xlsx", "xlsx")
    assert (read.sha256, read.size) == (sha256(path.read_bytes()).hexdigest(), path.stat().st_size)


@pytest.mark.parametrize(
    ("ending", "hint"),
    [
        (".xls", "old Excel"),
        (".json", "CSV UTF-8"),
        (".gz", "Unpack"),
        (".html", "web page"),
        (".sqlite", "database"),
        (".xlsm", "macros"),
        (".pkl", "never opened"),
        (".docx", "expected .csv"),
    ],
)
def test_files_of_another_kind_are_told_what_to_do(ending, hint, tmp_path):
    path = tmp_path / f"accounts{ending}"
    path.write_bytes(b"x")
    with prepare([path]) as prepared:
        assert [problem.rule for problem in prepared.problems][:1] == ["kind_of_file"]
        assert hint in prepared.problems[0].message


def test_parquet_is_read_by_its_types(tmp_path):
    frame = pd.DataFrame(
        {"account_id": ["A-1"], "name": ["Aster"], "start_date": [dt.date(2025, 1, 31)], "icp_fit": [0.125]}
    )
    frame.to_parquet(tmp_path / "accounts.parquet")
    with prepare([tmp_path]) as prepared:
        assert prepared.problems == ()
        assert prepared.arrow("accounts").to_pylist()[0]["icp_fit"] == 0.125


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), zipped=st.booleans())
def test_a_changed_byte_never_escapes_as_an_error(at, byte, zipped, tmp_path):
    data = bytearray(packed(BOTH) if zipped else workbook())
    data[int(at * len(data))] = byte
    path = tmp_path / ("tables.zip" if zipped else "accounts.xlsx")
    path.write_bytes(bytes(data))
    with prepare([path]) as prepared:
        assert all(str(problem) for problem in prepared.problems)
