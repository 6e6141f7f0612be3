"""A mapping written as TOML reads back as the same mapping."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.mapping_toml import mapping_toml
from core.model.presets import Choice, ColumnRule, ConflictRule, CountRule, LookUp, Preset, TableRule, load_presets
from core.model.toml import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
CASES = st.dictionaries(TEXT, TEXTS, max_size=2)
CHOICES = st.builds(Choice, column=TEXT, json=TEXT, when=CASES)
COLUMNS = st.one_of(
    st.builds(ColumnRule, constant=TEXT),
    st.builds(ColumnRule, join=st.lists(TEXT, min_size=1, max_size=2).map(tuple), prefix=TEXT),
    st.builds(
        ColumnRule,
        column=TEXT,
        otherwise=st.lists(CHOICES, max_size=2).map(tuple),
        recode=st.dictionaries(TEXT, TEXT, max_size=2),
        default=TEXT,
        scale=st.integers(1, 1000),
        multiply=TEXTS,
        interval=TEXTS,
        dates=st.sampled_from([(), ("DD.MM.YYYY",)]),
        times=st.sampled_from([None, True, False]),
        number=st.sampled_from(["", "1.234,56"]),
    ),
)
TABLES = st.builds(
    TableRule,
    files=TEXTS,
    columns=st.dictionaries(TEXT, COLUMNS, max_size=3),
    times=st.booleans(),
    lookups=st.dictionaries(TEXT, st.builds(LookUp, files=TEXTS, by=TEXT, key=TEXT, only=CASES), max_size=2),
    leave_out=CASES,
    empty=TEXTS,
    unknown=st.sampled_from(["refuse", "leave_out"]),
)
CONFLICTS = st.builds(
    ConflictRule,
    id=TEXT,
    label=TEXT,
    advice=TEXT,
    counts=st.lists(st.builds(CountRule, label=TEXT, file=TEXT, column=TEXT, distinct=st.booleans()), max_size=2).map(
        tuple
    ),
)
PRESETS = st.builds(
    Preset,
    id=TEXT,
    label=TEXT,
    source=TEXT,
    tables=st.dictionaries(TEXT, TABLES, max_size=3),
    conflicts=st.lists(CONFLICTS, max_size=2).map(tuple),
    notes=TEXTS,
    marks=TEXTS,
)


@given(PRESETS)
def test_any_mapping_reads_back_as_it_was(preset):
    assert parse(tomllib.loads(mapping_toml(preset)), Preset, "test") == preset


@pytest.mark.parametrize("name", sorted(load_presets()))
def test_every_preset_reads_back_as_it_was(name):
    preset = load_presets()[name]
    assert parse(tomllib.loads(mapping_toml(preset)), Preset, name) == preset


def test_what_is_the_default_is_not_written():
    rule = TableRule(files=("a.csv",), columns={"name": ColumnRule(column="Name")})
    text = mapping_toml(Preset(id="x", label="X", source="s", tables={"accounts": rule}))
    assert text == (
        'id = "x"\nlabel = "X"\nsource = "s"\n\n[tables.accounts]\nfiles = ["a.csv"]\n\n'
        '[tables.accounts.columns]\nname = { column = "Name" }\n'
    )
