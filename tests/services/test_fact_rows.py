"""The stored rows behind a drill: offered for correction, and marked once corrected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleBroken
from core.services.access import Actor
from core.services.cell_words import cell_words, column_label, typed_cell, typing_words
from core.services.corrections import correct
from core.services.fact_rows import MARK, correctable_tables, fact_rows, marked, row_labels
from core.services.home import open_month
from core.services.rows import rows_behind
from tests.homes import NOW
from tests.inbox import SUBSCRIPTIONS

FAY = Actor("Fay", frozenset({"finance"}))
FAMILY = (
    "account_id,name,start_date,segment,parent_id\nA-1,Aster,2025-01-01,SMB,\nA-2,Birch,2025-01-01,SMB,\n"
    "A-3,Aster North,2025-01-01,SMB,A-1\n"
)
PAID = SUBSCRIPTIONS + "S-3,A-3,Pro,1,30000,EUR,2025-01-01,,false\n"


def fix(table, key, column, value):
    return correct(FAY, table, key, column, value, "credit note", NOW)


def test_a_drilled_account_leads_to_its_subscriptions_and_those_of_the_companies_below(inbox):
    inbox.put(accounts=FAMILY, subscriptions=PAID).load()
    behind = rows_behind(open_month(), "arr")
    assert correctable_tables(behind) == ("subscriptions", "accounts")
    place = row_labels(behind).index("Aster")
    found = fact_rows(behind, place, "subscriptions")
    assert {row.key["subscription_id"] for row in found} == {"S-1", "S-3"}
    assert found[0].cells["mrr_cents"] in {"120000", "30000"}
    assert "subscription_id" not in found[0].cells
    assert {row.key["account_id"] for row in fact_rows(behind, place, "accounts")} == {"A-1", "A-3"}


def test_only_the_rows_that_rest_on_a_corrected_value_are_marked(inbox):
    inbox.put(accounts=FAMILY, subscriptions=PAID).load()
    behind = rows_behind(open_month(), "arr")
    assert marked(behind) is behind
    fix("subscriptions", {"subscription_id": "S-3", "start_date": "2025-01-01"}, "mrr_cents", "20000")
    after = marked(rows_behind(open_month(), "arr"))
    by_name = after.frame.set_index("account_name")[MARK]
    assert by_name["Aster"].replace("\N{NO-BREAK SPACE}", " ") == (
        "subscriptions, MRR: 300.00 → 200.00 (Fay, 4 Nov 2026)"
    )
    assert all(text == "" for name, text in by_name.items() if name != "Aster")
    assert MARK in after.shown


def test_a_correction_of_another_table_marks_nothing(inbox):
    inbox.put(
        tickets="ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n"
    ).load()
    fix("tickets", {"ticket_id": "T-1"}, "severity", "2")
    behind = rows_behind(open_month(), "arr")
    assert marked(behind) is behind


def test_spend_and_customers_of_a_drill_without_ids_are_found_by_month_and_name(in_demo_copy):
    behind = rows_behind(open_month(), "cac_paid")
    kinds = list(behind.frame["kind"])
    line, customer = kinds.index("spend"), kinds.index("customer")
    (spend,) = fact_rows(behind, line, "spend")
    assert f"{behind.frame.iloc[line]['month']:%Y-%m-%d}" == spend.key["month"]
    paid = fact_rows(behind, customer, "subscriptions")
    assert paid
    fix("spend", spend.key, "media_cents", "123456")
    fix("subscriptions", paid[0].key, "quantity", "7")
    after = marked(rows_behind(open_month(), "cac_paid")).frame
    texts = after[after[MARK] != ""].set_index("kind")[MARK].to_dict()
    assert "1,234.56" in texts["spend"]
    assert "→ 7" in texts["customer"]
    assert len(texts) == (after[MARK] != "").sum() == 2


@given(st.integers(-(10**12), 10**12))
def test_an_amount_is_typed_as_it_is_read(cents):
    shown = cell_words("subscriptions", "mrr_cents", str(cents))
    assert typed_cell("subscriptions", "mrr_cents", shown) == str(cents)


@pytest.mark.parametrize("typed", ["12,50", "1.200,00", "abc", "1.234", "1,2,3", "NaN", "--5"])
def test_an_amount_that_could_mean_something_else_is_refused(typed):
    with pytest.raises(RuleBroken, match=r"such as 1200\.00"):
        typed_cell("subscriptions", "mrr_cents", typed)


def test_other_cells_are_kept_as_typed_and_empty_text_empties():
    assert typed_cell("subscriptions", "end_date", " 2026-01-01 ") == "2026-01-01"
    assert typed_cell("subscriptions", "end_date", "  ") is None
    assert cell_words("subscriptions", "end_date", None) == "(empty)"
    assert column_label("mrr_due_cents") == "MRR due"
    assert typing_words("subscriptions", "mrr_cents").endswith("Type an amount such as 1200.00.")
    assert typing_words("tickets", "opened_at").endswith("in UTC unless an offset such as +02:00 follows.")
