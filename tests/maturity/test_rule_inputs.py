"""What every rule reads: its figures, their tables, and the columns the rollups take from those."""

import re
from pathlib import Path

import pytest

import core.rollups
from core.kpis import MEASURES, REGISTRY
from core.schema import TABLES
from core.services.decision_measures import COUNTS
from core.services.maturity_evidence import maturity_model
from core.services.maturity_measures import RATIOS
from core.store.tables import RECORDS, Correction, Decision, ImportRun, Review
from tests.rollup_columns import columns_found

SQL = tuple(sorted((Path(core.rollups.__file__).parent / "sql").glob("*.sql")))
OF_THE_PRODUCT = {
    "decisions": Decision,
    "reviews": Review,
    "import_runs": ImportRun,
    "corrections": Correction,
    "restatements": None,
}
"""Tables the product keeps itself; of restatements there are none yet, so a rule on them cannot be tested."""


SOURCE = re.compile(r"(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!(?:WHERE|ON|JOIN|LEFT|INNER|GROUP|ORDER|UNION)\b)(\w+))?")


def columns_read(table):
    """Columns of a contract's table that rollups read, as they write them: `alias.column`, or bare of a lone table."""
    found, contract = set(), columns_found(table)
    for path in SQL:
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        for name, alias in SOURCE.findall(text):
            if name == table and alias:
                found |= set(re.findall(rf"\b{alias}\.(\w+)", text))
            elif name == table:
                found |= set(re.findall(r"\w+", text)) & set(contract)
    return {contract.get(name, name) for name in found}


def tables_of(metric, capability, rules):
    """Tables a figure of a rule is computed from."""
    if metric in RATIOS:
        return {table for part in RATIOS[metric] for table in REGISTRY[part].needs}
    for known in (REGISTRY, MEASURES):
        if metric in known:
            return set(known[metric].needs)
    if metric == capability.coverage.id:
        return set(capability.coverage.needs)
    return set(next(item.needs for item in rules.measures if item.id == metric))


def rules_of_all():
    rules, capabilities = maturity_model()
    return [
        pytest.param(capability, level, rules, id=f"{capability.id}-{level.level}")
        for capability in capabilities.values()
        for level in capability.levels
        if level.evidence
    ]


def listing(capability, level, rules):
    """Table and columns of every condition of one rule; records are read whole, facts through the rollups."""
    return {
        (condition.metric, table): sorted(
            columns_read(table)
            if table in TABLES and TABLES[table].group == "fact"
            else [column.name for column in TABLES[table].columns]
            if table in TABLES
            else list(OF_THE_PRODUCT[table].model_fields if OF_THE_PRODUCT[table] else ["none yet"])
        )
        for condition in level.evidence
        for table in tables_of(condition.metric, capability, rules)
    }


@pytest.mark.parametrize(("capability", "level", "rules"), rules_of_all())
def test_every_rule_reads_tables_and_columns_there_are(capability, level, rules):
    known = set(TABLES) | set(OF_THE_PRODUCT)
    for condition in level.evidence:
        tables = tables_of(condition.metric, capability, rules)
        assert tables, f"{condition.metric} names no table"
        assert tables <= known, f"{condition.metric}: the contract lacks {sorted(tables - known)}"
    for (metric, table), columns in listing(capability, level, rules).items():
        assert columns, f"{metric}: nothing reads a column of {table}"
        if table in TABLES:
            lacking = set(columns) - {column.name for column in TABLES[table].columns}
            assert not lacking, f"{metric}: the contract of {table} lacks {sorted(lacking)}"


def test_every_figure_of_a_rule_is_computed_or_said_not_to_be():
    rules, capabilities = maturity_model()
    named = {condition.metric for item in capabilities.values() for condition in item.conditions}
    computed = set(REGISTRY) | set(MEASURES) | set(COUNTS) | set(RATIOS)
    assert named - computed <= {item.id for item in rules.measures}


def test_every_coverage_measure_is_computed():
    computed = set(MEASURES) | set(COUNTS)
    assert {item.coverage.id for item in maturity_model()[1].values()} <= computed


def test_records_named_by_rules_can_be_imported():
    rules, capabilities = maturity_model()
    tables = {
        table
        for item in capabilities.values()
        for condition in item.conditions
        for table in tables_of(condition.metric, item, rules)
    }
    assert {table for table in tables & set(TABLES) if TABLES[table].group == "record"} <= set(RECORDS)
