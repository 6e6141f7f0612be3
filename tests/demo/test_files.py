"""The files: same bytes for the same arguments, contract types, nothing half-written, small enough."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.demo import Company, generate, write
from core.schema import TABLES, Kind
from core.settings import DEMO_DIR


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_same_arguments_give_the_same_bytes(tmp_path, form):
    write(generate(80, 24, 5), tmp_path / "a", form)
    write(generate(80, 24, 5), tmp_path / "b", form)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    write(generate(80, 24, 6), tmp_path / "c", form)
    assert contents(tmp_path / "a") != contents(tmp_path / "c")
    assert set(contents(tmp_path / "a")) == {f"{name}.{form}" for name in TABLES} | {"truth.json"}


def test_parquet_has_the_types_of_the_contract(tmp_path):
    write(generate(80, 24, 5), tmp_path / "out", "parquet")
    types = {
        Kind.DATE: pa.date32(),
        Kind.MONTH: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", "UTC"),
        Kind.CENTS: pa.int64(),
        Kind.INTEGER: pa.int64(),
        Kind.FRACTION: pa.float64(),
        Kind.FLAG: pa.bool_(),
    }
    for name, table in TABLES.items():
        schema = pq.read_schema(tmp_path / "out" / f"{name}.parquet")
        assert {f.name: f.type for f in schema} == {c.name: types.get(c.kind, pa.string()) for c in table.columns}


def test_csv_reads_as_the_contract_writes(tmp_path):
    company = generate(80, 24, 5)
    write(company, tmp_path / "out", "csv")
    tickets = pd.read_csv(tmp_path / "out" / "tickets.csv", dtype=str)
    assert tickets["opened_at"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()
    assert set(tickets["escalated"]) == {"true", "false"}
    spend = pd.read_csv(tmp_path / "out" / "spend.csv", dtype=str)
    assert spend["month"].str.fullmatch(r"\d{4}-\d\d-01").all()
    assert spend["planned_cents"].str.fullmatch(r"\d+").all()
    rows = pd.read_csv(tmp_path / "out" / "subscriptions.csv")
    assert len(rows) == len(company.tables["subscriptions"])
    assert rows["mrr_cents"].sum() == company.tables["subscriptions"]["mrr_cents"].sum()


def test_an_earlier_company_is_replaced_as_a_whole(tmp_path):
    out = tmp_path / "out"
    write(generate(80, 24, 5), out, "csv")
    write(generate(80, 24, 5), out, "parquet")
    assert not list(out.glob("*.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failed_write_leaves_the_earlier_company(tmp_path):
    out, company = tmp_path / "out", generate(80, 24, 5)
    write(company, out, "parquet")
    before = contents(out)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write(Company(company.tables, {"broken": float("nan")}), out, "parquet")
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_default_company_is_small(tmp_path, company):
    write(company, tmp_path / "out", "parquet")
    assert sum(len(data) for data in contents(tmp_path / "out").values()) < 5_000_000


def test_the_shipped_company_is_the_default_one(tmp_path, company):
    write(company, tmp_path / "out", "parquet")
    assert json.loads((DEMO_DIR / "truth.json").read_text()) == company.truth
    assert {path.stem for path in DEMO_DIR.glob("*.parquet")} == set(TABLES)
    for name in TABLES:
        shipped = pq.read_table(DEMO_DIR / f"{name}.parquet")
        assert shipped.equals(pq.read_table(tmp_path / "out" / f"{name}.parquet")), name
