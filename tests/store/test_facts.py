import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputProblems
from core.store.facts import merge_arrow, sweep
from core.store.facts_shape import relation, shape
from core.store.manifest import Manifest, Part

TICKETS = pa.schema(
    [
        ("ticket_id", pa.string()),
        ("account_id", pa.string()),
        ("severity", pa.int64()),
        ("opened_at", pa.timestamp("us")),
        ("escalated", pa.bool_()),
    ]
)
ACCOUNTS = pa.schema(
    [("account_id", pa.string()), ("valid_from", pa.date32()), ("name", pa.string()), ("start_date", pa.date32())]
)
JANUARY, FEBRUARY, MARCH = (dt.date(2025, month, 1) for month in (1, 2, 3))


def tickets(*rows):
    """Rows of (id, severity, day or None)."""
    values = [
        {
            "ticket_id": i,
            "account_id": "A-1",
            "severity": s,
            "opened_at": d and dt.datetime.combine(d, dt.time(9)),
            "escalated": False,
        }
        for i, s, d in rows
    ]
    return pa.Table.from_pylist(values, schema=TICKETS)


def accounts(*rows):
    """Rows of (id, name) or (id, name, valid_from)."""
    values = [
        {"account_id": row[0], "name": row[1], "valid_from": row[2] if len(row) > 2 else None, "start_date": JANUARY}
        for row in rows
    ]
    return pa.Table.from_pylist(values, schema=ACCOUNTS)


def stored(folder, manifest, table):
    rows = [pq.read_table(folder / file).to_pylist() for file in manifest.files(table)]
    return [row for part in rows for row in part]


def names(folder, manifest):
    found = {(row["account_id"], row["valid_from"]): row["name"] for row in stored(folder, manifest, "accounts")}
    assert len(found) == manifest.rows("accounts")
    return found


def counts(merged):
    changes = merged.changes
    return (changes.new, changes.changed, changes.same, changes.disappeared)


def test_rows_lie_in_one_part_for_each_month(tmp_path):
    merged = merge_arrow(tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY), ("T-2", 2, MARCH)), "desk")
    assert [(p.table, p.source, p.month, p.rows) for p in merged.manifest.parts] == [
        ("tickets", "desk", "2025-01", 1),
        ("tickets", "desk", "2025-03", 1),
    ]
    assert all((tmp_path / part.file).is_file() for part in merged.manifest.parts)


def test_rows_without_a_day_lie_in_one_part_of_their_own(tmp_path):
    days = [JANUARY, None, FEBRUARY, None, None, MARCH]
    rows = [(f"T-{number:04}", 1, days[number % 6]) for number in range(3_000)]
    merged = merge_arrow(tmp_path, Manifest(), "tickets", tickets(*rows), "desk")
    assert [(part.month, part.rows) for part in merged.manifest.parts] == [
        ("", 1_500), ("2025-01", 500), ("2025-02", 500), ("2025-03", 500)
    ]  # fmt: skip
    assert sorted(row["ticket_id"] for row in stored(tmp_path, merged.manifest, "tickets")) == [row[0] for row in rows]


def test_the_same_rows_in_another_order_change_nothing(tmp_path):
    rows = [("T-1", 1, JANUARY), ("T-2", 2, JANUARY), ("T-3", 3, MARCH)]
    first = merge_arrow(tmp_path, Manifest(), "tickets", tickets(*rows), "desk")
    second = merge_arrow(tmp_path, first.manifest, "tickets", tickets(*reversed(rows)), "desk")
    assert second.manifest.hash == first.manifest.hash
    assert counts(second) == (0, 0, 3, 0)


def test_equal_rows_give_equal_bytes_whatever_their_order_and_history(tmp_path):
    rows = [(f"T-{n}", n % 4 + 1, JANUARY) for n in range(500)]
    once = merge_arrow(tmp_path / "a", Manifest(), "tickets", tickets(*rows), "desk").manifest
    half = merge_arrow(tmp_path / "b", Manifest(), "tickets", tickets(*rows[250:]), "desk").manifest
    both = merge_arrow(tmp_path / "b", half, "tickets", tickets(*reversed(rows)), "desk").manifest
    assert both.hash == once.hash


def test_every_column_but_the_one_sorted_by_has_a_dictionary_also_within_lists(tmp_path):
    rows = [
        {"account_id": f"A-{n}", "day": JANUARY, "core_events": n, "features": ["x", f"y{n % 3}"]} for n in range(9)
    ]
    schema = pa.schema(
        [
            ("account_id", pa.string()),
            ("day", pa.date32()),
            ("core_events", pa.int64()),
            ("features", pa.list_(pa.string())),
        ]
    )
    merged = merge_arrow(tmp_path, Manifest(), "usage_days", pa.Table.from_pylist(rows, schema=schema), "logs")
    (part,) = merged.manifest.files("usage_days")
    group = pq.ParquetFile(tmp_path / part).metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    assert {column.path_in_schema: column.has_dictionary_page for column in columns} == {
        "account_id": False, "day": True, "core_events": True, "features.list.element": True
    }  # fmt: skip


def test_only_touched_months_are_rewritten(tmp_path):
    first = merge_arrow(
        tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY), ("T-2", 2, MARCH)), "desk"
    ).manifest
    second = merge_arrow(tmp_path, first, "tickets", tickets(("T-2", 3, MARCH)), "desk").manifest
    assert second.parts[0] == first.parts[0]
    assert second.parts[1] != first.parts[1]


def test_a_row_whose_event_date_changed_moves_to_the_other_part(tmp_path):
    first = merge_arrow(
        tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY), ("T-2", 1, JANUARY)), "desk"
    ).manifest
    merged = merge_arrow(tmp_path, first, "tickets", tickets(("T-1", 1, MARCH)), "desk")
    assert counts(merged) == (0, 1, 0, 0)
    assert [(part.month, part.rows) for part in merged.manifest.parts] == [("2025-01", 1), ("2025-03", 1)]


def test_replacing_months_leaves_other_months_alone(tmp_path):
    rows = tickets(("T-1", 1, JANUARY), ("T-2", 1, MARCH), ("T-3", 1, MARCH))
    first = merge_arrow(tmp_path, Manifest(), "tickets", rows, "desk").manifest
    merged = merge_arrow(tmp_path, first, "tickets", tickets(("T-3", 2, MARCH)), "desk", mode="replace_months")
    assert counts(merged) == (0, 1, 0, 1)
    assert {row["ticket_id"] for row in stored(tmp_path, merged.manifest, "tickets")} == {"T-1", "T-3"}


def test_replacing_the_table_takes_everything_else_away(tmp_path):
    rows = tickets(("T-1", 1, JANUARY), ("T-2", 1, MARCH))
    first = merge_arrow(tmp_path, Manifest(), "tickets", rows, "desk").manifest
    merged = merge_arrow(tmp_path, first, "tickets", tickets(("T-2", 1, MARCH)), "desk", mode="replace_table")
    assert counts(merged) == (0, 0, 1, 1)
    assert [part.month for part in merged.manifest.parts] == ["2025-03"]


def test_a_key_of_another_source_is_refused(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY)), "desk").manifest
    with pytest.raises(InputProblems, match='another source already \\(desk\\), for example ticket_id "T-1"'):
        merge_arrow(tmp_path, first, "tickets", tickets(("T-1", 1, MARCH)), "crm")


def test_sources_keep_their_own_parts(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY)), "desk").manifest
    second = merge_arrow(tmp_path, first, "tickets", tickets(("C-1", 1, JANUARY)), "crm", mode="replace_table").manifest
    assert [(part.source, part.rows) for part in second.parts] == [("crm", 1), ("desk", 1)]


def test_an_empty_key_cell_counts_as_equal(tmp_path):
    def margin(rate):
        return pa.table(
            {"month": pa.array([JANUARY], pa.date32()), "product": pa.array([None], pa.string()), "rate": [rate]}
        )

    first = merge_arrow(tmp_path, Manifest(), "gross_margin", margin(0.7), "erp").manifest
    assert counts(merge_arrow(tmp_path, first, "gross_margin", margin(0.7), "erp")) == (0, 0, 1, 0)
    assert counts(merge_arrow(tmp_path, first, "gross_margin", margin(0.8), "erp")) == (0, 1, 0, 0)


def test_the_first_load_holds_from_the_beginning(tmp_path):
    merged = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster")), "crm", as_of=MARCH)
    assert names(tmp_path, merged.manifest) == {("A-1", None): "Aster"}


def test_changed_attributes_hold_from_the_as_of_date(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster"), ("A-2", "Birch")), "crm").manifest
    update = accounts(("A-1", "Aster Ltd"), ("A-2", "Birch"), ("A-3", "Cedar"))
    second = merge_arrow(tmp_path, first, "accounts", update, "crm", as_of=FEBRUARY)
    assert counts(second) == (1, 1, 1, 0)
    assert names(tmp_path, second.manifest) == {
        ("A-1", None): "Aster",
        ("A-1", FEBRUARY): "Aster Ltd",
        ("A-2", None): "Birch",
        ("A-3", None): "Cedar",
    }
    again = merge_arrow(tmp_path, second.manifest, "accounts", update, "crm", as_of=MARCH)
    assert again.manifest.hash == second.manifest.hash


def test_an_older_file_loaded_again_changes_nothing(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster")), "crm", as_of=JANUARY).manifest
    second = merge_arrow(tmp_path, first, "accounts", accounts(("A-1", "Aster Ltd")), "crm", as_of=MARCH).manifest
    assert (
        merge_arrow(tmp_path, second, "accounts", accounts(("A-1", "Aster")), "crm", as_of=JANUARY).manifest == second
    )


def test_of_many_versions_the_one_valid_on_the_day_is_compared(tmp_path):
    manifest, april = Manifest(), dt.date(2025, 4, 1)
    for name, day in (("Aster", JANUARY), ("Aster Ltd", FEBRUARY), ("Aster Group", MARCH)):
        manifest = merge_arrow(tmp_path, manifest, "accounts", accounts(("A-1", name)), "crm", as_of=day).manifest
    for name, day in (("Aster Group", april), ("Aster Ltd", FEBRUARY), ("Aster", JANUARY)):
        again = merge_arrow(tmp_path, manifest, "accounts", accounts(("A-1", name)), "crm", as_of=day)
        assert again.manifest == manifest
    back = merge_arrow(tmp_path, manifest, "accounts", accounts(("A-1", "Aster")), "crm", as_of=april)
    assert names(tmp_path, back.manifest)[("A-1", april)] == "Aster"


def test_a_second_file_of_the_same_day_corrects_the_version(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster")), "crm").manifest
    second = merge_arrow(tmp_path, first, "accounts", accounts(("A-1", "Astr")), "crm", as_of=MARCH).manifest
    third = merge_arrow(tmp_path, second, "accounts", accounts(("A-1", "Aster Ltd")), "crm", as_of=MARCH)
    assert counts(third) == (0, 1, 0, 0)
    assert names(tmp_path, third.manifest) == {("A-1", None): "Aster", ("A-1", MARCH): "Aster Ltd"}


def test_versions_stated_in_the_file_are_taken_as_they_stand(tmp_path):
    rows = accounts(("A-1", "Aster"), ("A-1", "Aster Ltd", FEBRUARY))
    first = merge_arrow(tmp_path, Manifest(), "accounts", rows, "crm").manifest
    assert names(tmp_path, first) == {("A-1", None): "Aster", ("A-1", FEBRUARY): "Aster Ltd"}
    assert merge_arrow(tmp_path, first, "accounts", rows, "crm", as_of=MARCH).manifest == first


def test_changed_attributes_without_a_date_are_refused(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster")), "crm").manifest
    with pytest.raises(InputProblems, match="from which day"):
        merge_arrow(tmp_path, first, "accounts", accounts(("A-1", "Aster Ltd")), "crm")


def test_replacing_accounts_keeps_the_older_versions_of_those_that_stay(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "accounts", accounts(("A-1", "Aster"), ("A-2", "Birch")), "crm").manifest
    second = merge_arrow(tmp_path, first, "accounts", accounts(("A-1", "Aster Ltd")), "crm", "replace_table", MARCH)
    assert counts(second) == (0, 1, 0, 1)
    assert names(tmp_path, second.manifest) == {("A-1", None): "Aster", ("A-1", MARCH): "Aster Ltd"}


def test_sweep_removes_what_no_manifest_lists(tmp_path):
    first = merge_arrow(tmp_path, Manifest(), "tickets", tickets(("T-1", 1, JANUARY)), "desk").manifest
    second = merge_arrow(tmp_path, first, "tickets", tickets(("T-1", 2, JANUARY)), "desk").manifest
    (tmp_path / "tickets" / "half.tmp").write_bytes(b"half")
    assert sweep(tmp_path, [first, second]) == ("tickets/half.tmp",)
    assert sweep(tmp_path, [second]) == first.files("tickets")
    assert stored(tmp_path, second, "tickets")


def test_a_part_of_an_older_contract_reads_as_empty_in_new_columns(tmp_path):
    old = tmp_path / "old.parquet"
    pq.write_table(pa.table({"ticket_id": ["T-1"], "account_id": ["A-1"]}), old)
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT ticket_id, csat FROM {relation(shape('tickets'), [old])}").fetchall()
    assert rows == [("T-1", None)]


def test_a_manifest_survives_its_text_and_ignores_the_order_of_parts():
    parts = [Part("usage", "a", f"2025-0{n}", f"usage/{n}.parquet", n, "ab" * 32) for n in (3, 1, 2)]
    manifest = Manifest(tuple(parts))
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert manifest.hash == Manifest(tuple(reversed(parts))).hash
    assert manifest.hash != Manifest(tuple(parts[1:])).hash
    assert manifest.files("usage") == ("usage/1.parquet", "usage/2.parquet", "usage/3.parquet")


@pytest.mark.parametrize(
    "text", ['[{"table": "x"}]', '[{"table":"x","source":"s","month":"","file":"../x","rows":1,"sha":""}]']
)
def test_text_that_is_no_manifest_is_refused(text):
    with pytest.raises(ValueError, match="not a manifest"):
        Manifest.from_json(text)


def test_two_parts_of_one_place_are_refused():
    part = Part("usage", "a", "2025-01", "usage/1.parquet", 1, "ab")
    with pytest.raises(ValueError, match="at most one part"):
        Manifest((part, Part("usage", "a", "2025-01", "usage/2.parquet", 1, "cd")))


ROW = st.tuples(st.sampled_from("abcdef"), st.integers(1, 3), st.sampled_from([JANUARY, FEBRUARY, MARCH]))
STEP = st.tuples(
    st.sampled_from(["update", "replace_months", "replace_table"]), st.lists(ROW, unique_by=lambda r: r[0], max_size=6)
)


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=3))
def test_any_sequence_of_imports_equals_a_dictionary(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("facts")
    manifest, oracle = Manifest(), {}
    for mode, rows in steps:
        new = {key: (severity, day) for key, severity, day in rows}
        months = {day for _, day in new.values()}
        kept = {
            key: value
            for key, value in oracle.items()
            if mode == "update" or (mode == "replace_months" and value[1] not in months)
        }
        expected = (
            len(new.keys() - oracle.keys()),
            sum(key in oracle and oracle[key] != value for key, value in new.items()),
            sum(oracle.get(key) == value for key, value in new.items()),
            len(oracle.keys() - kept.keys() - new.keys()),
        )
        merged = merge_arrow(folder, manifest, "tickets", tickets(*rows), "desk", mode)
        manifest, oracle = merged.manifest, kept | new
        found = {r["ticket_id"]: (r["severity"], r["opened_at"].date()) for r in stored(folder, manifest, "tickets")}
        assert found == oracle
        assert manifest.rows("tickets") == len(oracle)
        assert counts(merged) == expected
    fresh = [(key, severity, day) for key, (severity, day) in oracle.items()]
    assert merge_arrow(folder, Manifest(), "tickets", tickets(*fresh), "desk").manifest.hash == manifest.hash
