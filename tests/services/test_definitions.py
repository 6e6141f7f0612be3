from core.kpis import REGISTRY
from core.services.definitions import definitions_markdown
from core.settings import ROOT


def test_the_definitions_in_docs_are_those_of_the_registry():
    written = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert written == definitions_markdown(), "run: make docs"


def test_every_kpi_is_defined_with_formula_and_source():
    text = definitions_markdown()
    for name, item in REGISTRY.items():
        assert f"`{name}`" in text
        assert item.formula in text
