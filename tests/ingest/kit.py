"""The bad-input kit: a file, and what has to become of it. Nothing may be half read, half written or guessed."""

from dataclasses import dataclass, field

import pytest

from core.errors import InputProblems
from core.ingest.load import load
from core.ingest.prepare import Stored, prepare
from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS

ACCEPT, WARN, REJECT = "accept", "warn", "reject"


@dataclass(frozen=True)
class Case:
    """One file of the kit.

    Attributes:
        id: Its name.
        files: File name -> content; they replace the two sound files of the same name. What is long to make is a
            function that makes it, so that collecting the tests does not.
        outcome: accept without a warning, accept with the warning `rule`, or reject by `rule`.
        rule: Rule of the problem or warning.
        line: Line it names.
        column: Column it names.
        rows: Table -> column -> values that must be read, in the order of the key.
        mapping: How the files are read; None for the contract's own names.
        count: How many problems there are; None for any number.
    """

    id: str
    files: dict
    outcome: str
    rule: str | None = None
    line: int | None = None
    column: str | None = None
    rows: dict = field(default_factory=dict)
    mapping: object = None
    count: int | None = None


def as_params(cases):
    """The cases for parametrize; two of one name would hide each other."""
    assert len({case.id for case in cases}) == len(cases)
    return [pytest.param(case, id=case.id) for case in cases]


def accounts(*cells, header="account_id,name,start_date"):
    """Text of an accounts file from rows of text."""
    return f"{header}\n" + "".join(f"{row}\n" for row in cells)


def as_bytes(content):
    """Content of a file as it is written."""
    made = content() if callable(content) else content
    return made if isinstance(made, bytes) else made.encode()


def judge(case, folder):
    """Import the case into an empty store and hold it against what is expected."""
    inbox, facts = folder / "inbox", folder / "facts"
    inbox.mkdir()
    sound = {"accounts.csv": ACCOUNTS, "subscriptions.csv": SUBSCRIPTIONS}
    replaced = {name.rsplit(".", 1)[0] for name in case.files}
    files = {name: text for name, text in sound.items() if name.rsplit(".", 1)[0] not in replaced} | case.files
    for name, content in files.items():
        (inbox / name).write_bytes(as_bytes(content))
    scratch = folder / "scratch"
    scratch.mkdir()
    with prepare([inbox], case.mapping, stored=Stored(facts, _none()), scratch=scratch) as prepared:
        if case.outcome == REJECT:
            _rejected(case, prepared, facts)
        else:
            _accepted(case, prepared)
    assert not list(scratch.iterdir()), "temporary files stayed"


def _rejected(case, prepared, facts):
    told = [(p.rule, p.line, p.column) for p in prepared.problems]
    assert told, "silently accepted"
    assert any(
        p.rule == case.rule and p.line == case.line and (case.column is None or p.column == case.column)
        for p in prepared.problems
    ), [str(p) for p in prepared.problems]
    assert case.count is None or len(told) == case.count, told
    assert prepared.facts == {}
    assert prepared.records == {}
    with pytest.raises(InputProblems) as refused:
        load(prepared, facts, _none())
    assert "Traceback" not in str(refused.value)
    assert all(len(str(problem)) < 900 for problem in prepared.problems)
    assert not facts.exists()


def _accepted(case, prepared):
    assert prepared.problems == (), [str(p) for p in prepared.problems]
    rules = {warning.rule for warning in prepared.warnings}
    assert rules == ({case.rule} if case.outcome == WARN else set()), [str(w) for w in prepared.warnings]
    for table, columns in case.rows.items():
        rows = (
            prepared.arrow(table).to_pylist() if table in prepared.facts else prepared.records[table].to_dict("records")
        )
        for column, values in columns.items():
            assert [row[column] for row in rows] == values


def _none():
    from core.store.manifest import Manifest

    return Manifest()
