"""How many rules of the contract an import was held against, and how many of them every row kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.ingest.check import StagedTable
from core.ingest.rules import ROW_RULES
from core.ingest.skipping import SkippedRow
from core.ingest.typed import StagedFile
from core.schema import Column, Kind

KINDS: dict[str, str] = {
    "row_shape": "rows",
    "duplicate_key": "key",
    "reference": "reference",
    "overlap": "overlap",
    "order": "order",
    "choice": "words",
    "recode": "words",
    "currency": "words",
    "range": "range",
    "circle": "circle",
}
"""Rule of a problem -> kind of test; any other rule of a cell is a test of its type."""
TYPED = "type"


@dataclass(frozen=True, slots=True)
class Tally:
    """The data tests of one table in one import.

    Attributes:
        run: Tests run: one for each rule of the contract.
        passed: Tests that every row kept.
    """

    run: int
    passed: int


def tally(
    tables: Mapping[str, StagedTable],
    loaded: Collection[str],
    skipped: Iterable[SkippedRow],
    compared: int = 0,
    disagreed: int = 0,
) -> dict[str, Tally]:
    """Count the tests of each table.

    A test is one rule on one table: that rows split as the header says; for each column that is read its type, its
    closed list of words and its range; the key; each reference; each rule between the cells of a row; that periods do
    not overlap and that accounts have no circle of parents; each pair of counts that must agree. It failed when a row
    was left out for it, or when counts did not agree.

    Args:
        tables: Table -> its staged files.
        loaded: Tables whose ids are known, so that references to them were checked.
        skipped: Rows left out on request, with the rule each broke.
        compared: Counts of several files that were held against each other; they go to the first table.
        disagreed: Those of them that did not agree.

    Returns:
        Table -> its tests.
    """
    rows = tuple(skipped)
    counted = {}
    for table, staged in tables.items():
        tests = set(_tests(staged, loaded))
        failed = {test for row in rows for test in _failed(staged, row, tests)}
        counted[table] = Tally(len(tests), len(tests - failed))
    if counted and compared:
        first = next(iter(counted))
        kept = compared - disagreed
        counted[first] = Tally(counted[first].run + compared, counted[first].passed + kept)
    return counted


def _tests(staged: StagedTable, loaded: Collection[str]) -> Iterator[tuple[str, str]]:
    """Kind and column of each test of a table; the column is empty for rules of the whole row."""
    table, absent = staged.table, staged.absent
    yield "rows", ""
    if table.key:
        yield "key", ""
    for column in table.columns:
        if column.name not in absent:
            yield from ((kind, column.name) for kind in _of_column(column))
    for name, target in table.references.items():
        if target in loaded and name not in absent:
            yield "reference", name
    for rule in ROW_RULES.get(table.name, ()):
        if rule.column not in absent:
            yield "order", f"{rule.id} {rule.broken}"
    if table.name == "subscriptions":
        yield "overlap", ""
    if table.name == "accounts" and "parent_id" not in absent:
        yield "circle", ""


def _of_column(column: Column) -> Iterator[str]:
    yield TYPED
    if column.choices or column.kind in (Kind.CURRENCY, Kind.FLAG):
        yield "words"
    if column.low is not None or column.high is not None:
        yield "range"


def _failed(staged: StagedTable, row: SkippedRow, tests: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The tests of a table that a row left out says have failed."""
    own = [each for each in staged.files if each.scan.name == row.file]
    if not own:
        return
    kind, name = KINDS.get(row.rule, TYPED), _contract_name(own, row.column)
    rules = [each for each in ROW_RULES.get(staged.table.name, ()) if each.id == row.rule and each.column == name]
    yield from (("order", f"{each.id} {each.broken}") for each in rules[:1])
    if not rules:
        yield from ({(kind, name), (kind, "")} & tests)


def _contract_name(files: Sequence[StagedFile], spelled: str) -> str:
    """The contract's name of a column as a file spells it; the text itself where no file has it."""
    for file in files:
        for source in file.plan.sources:
            if source is not None and source.index is not None and file.scan.header[source.index] == spelled:
                return source.column.name
    return spelled
