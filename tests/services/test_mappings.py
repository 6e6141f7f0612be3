"""Mappings saved per source, and the import that uses them."""

from dataclasses import replace

import pytest
from sqlmodel import select

from core.errors import ModelError, NotAllowed, RuleBroken, StaleRecord
from core.model.presets import ColumnRule, Preset, TableRule, load_preset
from core.services.access import LOCAL_USER, Actor
from core.services.home import records_database
from core.services.importing import run_import
from core.services.mappings import mapping_from, mapping_toml, save_mapping, saved_mapping, suggested_mapping
from core.store.tables import AuditEntry
from tests.homes import NOW

FINANCE = Actor("Fin", frozenset({"finance"}))
VIEWER = Actor("View", frozenset({"viewer"}))
MAPPING = Preset(
    id="crm",
    label="CRM",
    source="test",
    tables={
        "accounts": TableRule(
            files=("kunden.csv",),
            columns={
                "account_id": ColumnRule(column="Nr"),
                "name": ColumnRule(column="Firma"),
                "start_date": ColumnRule(column="Seit"),
            },
        )
    },
)


def entries():
    with records_database().read() as session:
        return [(entry.actor, entry.act, entry.record) for entry in session.exec(select(AuditEntry)).all()]


def test_a_mapping_is_remembered_with_its_author(in_empty):
    assert saved_mapping("crm") is None
    saved = save_mapping(FINANCE, " crm ", MAPPING, NOW)
    assert (saved.source, saved.mapping, saved.author, saved.version) == ("crm", MAPPING, "Fin", 1)
    assert saved_mapping("crm").mapping == MAPPING
    assert entries() == [("Fin", "save mapping", "mappings/crm")]


def test_the_same_mapping_again_saves_nothing(in_empty):
    save_mapping(FINANCE, "crm", MAPPING, NOW)
    assert save_mapping(FINANCE, "crm", MAPPING, NOW, 1).version == 1
    assert len(entries()) == 1


def test_a_stale_version_is_refused_and_the_saved_one_stays(in_empty):
    save_mapping(FINANCE, "crm", MAPPING, NOW)
    second = save_mapping(FINANCE, "crm", replace(MAPPING, label="Second"), NOW, 1)
    for stale in (None, 1, 3):
        with pytest.raises(StaleRecord, match="nothing was saved"):
            save_mapping(FINANCE, "crm", replace(MAPPING, label="Late"), NOW, stale)
    assert saved_mapping("crm").mapping.label == "Second"
    assert second.version == 2


def test_a_first_save_with_a_version_is_refused(in_empty):
    with pytest.raises(StaleRecord):
        save_mapping(FINANCE, "crm", MAPPING, NOW, 4)


def test_only_finance_may_save_or_look_into_files(in_empty, tmp_path):
    with pytest.raises(NotAllowed):
        save_mapping(VIEWER, "crm", MAPPING, NOW)
    with pytest.raises(NotAllowed):
        suggested_mapping(VIEWER, [tmp_path])
    assert saved_mapping("crm") is None


def test_a_mapping_the_contract_does_not_know_is_refused(in_empty):
    with pytest.raises(ModelError, match="acounts"):
        save_mapping(FINANCE, "crm", replace(MAPPING, tables={"acounts": MAPPING.tables["accounts"]}), NOW)
    with pytest.raises(RuleBroken, match="needs a name"):
        save_mapping(FINANCE, "  ", MAPPING, NOW)
    assert saved_mapping("crm") is None


def test_an_edited_text_is_read_or_refused_by_name():
    assert mapping_from(mapping_toml(load_preset("stripe"))) == load_preset("stripe")
    with pytest.raises(ModelError, match="not readable as TOML"):
        mapping_from("id = ")
    with pytest.raises(ModelError, match="closest is severity"):
        mapping_from('id="x"\nlabel="x"\nsource="x"\n[tables.tickets]\nfiles=["t.csv"]\ncolumns.severty={column="p"}\n')


def test_an_import_takes_the_mapping_saved_for_its_source(in_empty, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "kunden.csv").write_text("Nr,Firma,Seit\n1,Aster,2025-01-01\n")
    save_mapping(FINANCE, "crm", MAPPING, NOW)
    report = run_import(LOCAL_USER, [folder], NOW, source="crm")
    assert report.source == "crm"
    assert [(item.table, item.new) for item in report.tables] == [("accounts", 1)]


def test_a_preset_given_by_name_comes_before_the_saved_mapping(in_empty, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "account.csv").write_text("Id,Name,CreatedDate\n1,Aster,2025-01-01\n")
    save_mapping(FINANCE, "crm", MAPPING, NOW)
    report = run_import(LOCAL_USER, [folder], NOW, source="crm", preset="salesforce")
    assert [(item.table, item.new) for item in report.tables] == [("accounts", 1)]
