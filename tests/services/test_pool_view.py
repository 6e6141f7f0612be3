import csv
import io

import pandas as pd

from core.services.advocates import pool
from core.services.export import csv_text
from core.services.pool_view import PoolQuery, PoolTable, exported, found, pool_table
from tests.homes import using


def test_a_choice_says_what_it_is_narrowed_to():
    narrowed = PoolQuery(search="mill", tiers=("VIP", "Gold"), segments=("SMB",), least=60, sort="Account").narrowed
    assert narrowed == 'VIP or Gold · SMB · readiness 60 to 100 · with "mill"'


def test_everybody_is_narrowed_to_nothing_whatever_the_order():
    assert PoolQuery(sort="Account", turned=True).narrowed == ""


def test_longest_not_asked_begins_with_who_was_never_asked_and_latest_asked_ends_with_them():
    rows = pd.DataFrame(
        {
            "Account": ["A", "B", "C"],
            "Last ask": pd.to_datetime(["2026-05-01", None, "2026-01-01"]),
        }
    )
    table = PoolTable(rows, (), (), ())
    assert list(rows["Account"].take(found(table, PoolQuery(sort="Last ask", turned=True)))) == ["B", "C", "A"]
    assert list(rows["Account"].take(found(table, PoolQuery(sort="Last ask")))) == ["A", "C", "B"]


def test_whole_numbers_leave_in_the_file_as_whole_numbers_and_no_name_does(demo_home, demo_months):
    with using(demo_home):
        month = demo_months()
        table = pool_table(month, pool(month))
        text = csv_text(exported(month, table, PoolQuery(tiers=("VIP",))))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 13
    assert all(row[name].isdigit() for row in rows for name in ("Readiness", "Asks, 12 months", "Done, 12 months"))
    assert not any(name.split(",")[0] in text for name in table.rows["Person"])
