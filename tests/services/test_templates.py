"""Templates import as they are."""

import csv
import io

import pytest

from core.errors import CouncilError
from core.ingest.mapping import IMPORTABLE
from core.ingest.prepare import prepare
from core.services.templates import template_csv, template_notes, template_tables


def referenced(table):
    """The table and all that it refers to, however far."""
    found = [table]
    for name in found:
        found += [target for target in IMPORTABLE[name].references.values() if target not in found]
    return found


@pytest.mark.parametrize("table", sorted(IMPORTABLE))
def test_both_example_rows_import_cleanly(table, tmp_path):
    for name in referenced(table):
        (tmp_path / f"{name}.csv").write_text(template_csv(name), encoding="utf-8")
    with prepare([tmp_path]) as prepared:
        assert [f"{problem.place} {problem}" for problem in prepared.problems] == []
        assert prepared.rows[table] == 2
        assert [warning for warning in prepared.warnings if warning.place == f"{table}.csv"] == []


@pytest.mark.parametrize("table", sorted(IMPORTABLE))
def test_every_required_column_has_an_example_in_both_rows(table):
    rows = list(csv.DictReader(io.StringIO(template_csv(table))))
    for column in IMPORTABLE[table].columns:
        if column.required:
            assert all(row[column.name] for row in rows), column.name


def test_notes_say_what_the_contract_says():
    notes = {note.column: note for note in template_notes("tickets")}
    assert list(notes) == [column.name for column in IMPORTABLE["tickets"].columns]
    severity = notes["severity"]
    assert (severity.required, severity.allowed) == (True, "at least 1 and at most 4")
    assert notes["closed_at"].required is False
    assert {note.column: note.allowed for note in template_notes("spend")}["kind"] == "acquisition, post_sale"


def test_every_importable_table_has_a_template():
    assert list(template_tables()) == list(IMPORTABLE)


def test_an_unknown_table_is_refused_with_the_known_ones():
    with pytest.raises(CouncilError, match=r'no table "acounts".*accounts'):
        template_csv("acounts")
