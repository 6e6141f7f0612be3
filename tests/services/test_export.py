import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.export import csv_bytes, file_name, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u00a0=1",
        "\ufeff=1",
        "＝1+1",
        "＠x",
        "|x",
    ],
)
def test_what_could_run_gets_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", ["-3.5", "+4 %", "1,284", "Acme = Sons", "a@b.test", "", " ", 5, -2.5, None, True])
def test_what_cannot_run_stays_as_it_is(value):
    assert safe_cell(value) is value


@given(st.text())
def test_no_text_starts_with_a_formula_unless_it_is_a_number(text):
    first = str(safe_cell(text)).lstrip(" \u00a0\ufeff\u200b")[:1]
    assert first not in ("=", "@", "\t", "|") and (first not in ("+", "-") or safe_cell(text) == text)


def test_a_file_reads_back_with_every_cell_safe():
    frame = pd.DataFrame({"Account": ["=1+1", "Zürich, AG", None], "=MRR": [1200, -3, 0]})
    rows = list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"), newline="")))
    assert rows == [["Account", "'=MRR"], ["'=1+1", "1200"], ["Zürich, AG", "-3"], ["", "0"]]


def test_a_file_name_changes_with_its_content():
    one, other = (file_name("Rows: Net revenue (EUR)", content, "csv") for content in (b"1", b"2"))
    assert one != other
    assert one.startswith("rows-net-revenue-eur-")
    assert one.endswith(".csv")
    assert file_name("…/..", b"1", "csv").startswith("export-")


def test_a_number_has_nine_digits_and_an_amount_its_cents_whatever_its_size():
    frame = pd.DataFrame({"n": [5 / 6, 0.1 + 0.2, -1234.5678901234, 987_654_321.12, 1e-7 / 3, None]})
    lines = csv_bytes(frame).decode("utf-8-sig").split("\r\n")[1:7]
    assert lines == ["0.833333333", "0.3", "-1234.56789", "987654321.12", "3.33333333e-08", '""']
