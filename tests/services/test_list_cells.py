"""Lists of the day in their tables: three lines a cell, no word cut, no more stops than there is room for."""

import pandas as pd
import pytest

from core.services.list_cells import in_short

WHO = {"Account": ["Anvil Works"], "Person": ["Ada Lovell, Team Lead"]}


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("stop: one; two; three; four", "stop: one; two; and 2 more"),
        ("stop: one; two; three", "stop: one; two; three"),
        ("clear to send; one; two; three", "clear to send; one; two; three"),
    ],
)
def test_a_table_has_the_first_two_stops_and_says_how_many_there_are_besides(words, short):
    rows = pd.DataFrame({**WHO, "Before sending": [words]})
    assert in_short(rows)["Before sending"].tolist() == [short]
    assert rows["Before sending"].tolist() == [words]
    assert "Before sending" not in in_short(pd.DataFrame(WHO))


@pytest.mark.parametrize(
    ("person", "account", "cell"),
    [
        pytest.param("Ada Lovell, Team Lead", "Anvil Works", "Ada Lovell, Team Lead · Anvil Works", id="fits"),
        pytest.param(
            "Maximiliana Featherstone, Vice President Customer Experience",
            "Anvil Works and Sons of Upper Silesia",
            "Maximiliana Featherstone, Vice President … · Anvil Works and Sons …",
            id="ends after a whole word",
        ),
        pytest.param("Ada", "A" * 40, "Ada · " + "A" * 23 + "…", id="one word longer than the cell"),
    ],
)
def test_who_and_the_account_stand_in_one_cell(person, account, cell):
    shown = in_short(pd.DataFrame({"Account": [account], "Person": [person]}))
    assert shown.to_dict("list") == {"Person": [cell]}


@pytest.mark.parametrize("column", ["Why", "Before sending"])
def test_a_reason_ends_after_a_whole_word_where_three_lines_are_full(column):
    reason = "said no on 30 Sep and rests until 29 Mar 2027, readiness 66 where 75 are needed for it, speaking"
    (cell,) = in_short(pd.DataFrame({**WHO, column: [reason]}))[column]
    assert cell == "said no on 30 Sep and rests until 29 Mar 2027, readiness 66 where 75 …"
