"""What one look at the bytes notes: seven zeros in a row, wherever they begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.survey import MOST_LOOKED_AT, ZEROS, survey


@given(text=st.text(alphabet="01", max_size=60), end=st.booleans())
def test_seven_zeros_in_a_row_are_found_wherever_they_begin(text, end, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "survey.csv"
    path.write_text(f"id\n{text}" + "\n" * end)
    assert survey(path, "utf-8-sig").padded == (ZEROS.decode() in text)


@pytest.mark.parametrize("last", ["", "0000000"])
def test_a_file_full_of_short_runs_of_zeros_is_searched_to_its_end(last, tmp_path):
    path = tmp_path / "zeros.csv"
    path.write_text("id\n" + "0000,\n0" * (2 * MOST_LOOKED_AT) + f"\n{last}\n")
    assert survey(path, "utf-8-sig").padded == bool(last)
