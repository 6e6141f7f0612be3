import pytest

from core.errors import ModelError
from core.ingest.mapping import check_mapping
from core.model.presets import Preset, TableRule, load_preset, load_presets, read_mapping
from tests.ingest.conftest import ACCOUNTS

MAPPING = """
id = "crm"
label = "CRM"
source = "test"

[tables.accounts]
files = ["crm_*.csv", "old.csv"]
dates = ["DD.MM.YYYY"]

[tables.accounts.columns]
account_id = { column = "Id" }
name = { column = "Company" }
start_date = { column = "Since" }
employees = { column = "Staff" }

[[conflicts]]
id = "customers"
label = "how many customers there are"
advice = "Agree on one."
counts = [
    { label = "rows", file = "crm_*.csv", column = "Id" },
    { label = "companies", file = "crm_*.csv", column = "Company", distinct = true },
]
"""


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "crm.toml"
    path.write_text(MAPPING)
    return read_mapping(path)


@pytest.mark.parametrize("name", sorted(load_presets()))
def test_every_preset_fits_the_contract(name):
    check_mapping(load_preset(name))


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(ModelError, match="ravenstack"):
        load_preset("ravenstak")


def test_a_mapping_with_unknown_names_is_refused_with_the_closest():
    wrong = Preset(
        id="x",
        label="x",
        source="x",
        tables={
            "acounts": TableRule(files=("a.csv",), columns={}),
            "tickets": TableRule(files=("t.csv",), columns={"severty": {"column": "p"}}),
        },
    )
    with pytest.raises(ModelError, match=r"(?s)closest is accounts.*closest is severity"):
        check_mapping(wrong)


@pytest.mark.parametrize("rule", ["{}", '{ column = "a", constant = "b" }'])
def test_a_column_comes_from_a_column_or_a_constant(tmp_path, rule):
    path = tmp_path / "bad.toml"
    path.write_text(
        f'id = "b"\nlabel = "b"\nsource = "b"\n[tables.accounts]\nfiles = ["a.csv"]\ncolumns.name = {rule}\n'
    )
    with pytest.raises(ModelError, match="either column or constant"):
        read_mapping(path)


def test_several_files_of_one_pattern_are_one_table(company, mapping):
    for path in company.inbox.iterdir():
        path.unlink()
    company.put(
        crm_1="Id,Company,Since\nA-1,Aster,31.01.2025\n",
        crm_2="Id,Company,Since\nA-1,Aster,31.01.2025\nA-2,Birch,01.02.2025\n",
        old="Id\nA-9\n",
    )
    (problem,) = company.problems(mapping)
    assert (problem.place, problem.line, problem.rule) == ("crm_2.csv", 2, "duplicate_key")
    assert "crm_1.csv, line 2" in problem.message


def test_columns_the_file_lacks_stay_empty_and_are_reported(company, mapping):
    for path in company.inbox.iterdir():
        path.unlink()
    company.put(crm_1="Id,Company,Since,Notes\nA-1,Aster,31.01.2025,x\n", old="Id\nA-9\n", other=ACCOUNTS)
    with company.prepare(mapping) as prepared:
        assert prepared.problems == ()
        assert prepared.arrow("accounts")["employees"].null_count == 1
        assert {(w.place, w.rule) for w in prepared.warnings} == {
            ("crm_1.csv", "missing_column"),
            ("old.csv", "same_table"),
            ("other.csv", "no_table"),
        }
        assert prepared.files[0].ignored == ("Notes",)


@pytest.mark.parametrize(("companies", "expected"), [(("Aster", "Aster"), [2, 1]), (("Aster", "Birch"), [])])
def test_counts_that_disagree_are_a_conflict(company, mapping, companies, expected):
    for path in company.inbox.iterdir():
        path.unlink()
    company.put(crm_1="Id,Company,Since\n" + "".join(f"A-{n},{name},31.01.2025\n" for n, name in enumerate(companies)))
    with company.prepare(mapping) as prepared:
        assert [count.count for conflict in prepared.conflicts for count in conflict.counts] == expected
        assert [w.rule for w in prepared.warnings if w.rule == "conflict"] == ["conflict"] * bool(expected)
