import shutil

import pytest

from core.errors import ModelError
from core.model.capabilities import load_capabilities
from core.model.maturity import load_maturity
from core.schema import TABLES
from core.settings import MODEL_DIR

MATRICES = {
    "nurture_to_advocacy": [f"A{place}" for place in range(1, 7)],
    "post_sale_nurture": [f"B{place}" for place in range(1, 8)],
    "advocacy_referral_journeys": [f"C{place}" for place in range(1, 7)],
}


@pytest.fixture
def folder(tmp_path):
    shutil.copy(MODEL_DIR / "maturity.toml", tmp_path)
    shutil.copytree(MODEL_DIR / "capabilities", tmp_path / "capabilities")
    return tmp_path


@pytest.fixture
def edit(folder, known_metrics):
    """Change one text of one file, load everything, and return the complaint."""

    def change(name, old, new, count=1):
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, count))
        with pytest.raises(ModelError) as error:
            load_capabilities(known_metrics, load_maturity(folder), folder)
        return str(error.value)

    return change


def test_the_nineteen_capabilities_load_in_the_order_of_their_codes(capabilities):
    codes = {matrix: [c.code for c in capabilities.values() if c.matrix == matrix] for matrix in MATRICES}
    assert codes == MATRICES
    assert list(capabilities)[:2] == ["milestone_mapping", "advocacy_activation"]
    assert [c.code for c in capabilities.values()] == [code for each in MATRICES.values() for code in each]


def test_every_level_can_be_told_and_every_scored_level_measured(capabilities):
    for capability in capabilities.values():
        first, *others = capability.levels
        assert len(first.signs) >= 2
        assert [level.level for level in others] == [2, 3, 4, 5]
        assert all(len(level.criteria) >= 2 and level.evidence for level in others)


def test_needs_name_tables_that_can_be_imported_or_that_the_product_keeps(capabilities, rules):
    kept_by_the_product = {"decisions", "import_runs", "meetings", "restatements"}
    for entry in [*(capability.coverage for capability in capabilities.values()), *rules.measures]:
        assert set(entry.needs) <= set(TABLES) | kept_by_the_product


def test_shares_are_written_as_fractions(capabilities):
    for capability in capabilities.values():
        for condition in capability.conditions:
            assert not condition.metric.endswith("_pct")
            if condition.metric.startswith("cov_") or condition.metric.endswith("_rate"):
                assert condition.value is None or 0 <= condition.value <= 1


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        pytest.param(
            "capabilities/milestone_mapping.toml",
            'code = "A1"',
            'code = "A1"\ncolour = "red"',
            ("capabilities/milestone_mapping.toml", "colour"),
            id="unknown key",
        ),
        pytest.param(
            "capabilities/milestone_mapping.toml",
            "months = 1 }",
            'months = 1, when = "now" }',
            ("capabilities/milestone_mapping.toml", "levels.1.evidence.0.when"),
            id="unknown key in a condition",
        ),
        pytest.param(
            "capabilities/advocacy_activation.toml",
            "level = 4",
            "level = 5",
            ("capabilities/advocacy_activation.toml", "levels: expected 1, 2, 3, 4, 5", "found 1, 2, 3, 5, 5"),
            id="missing level",
        ),
        pytest.param(
            "capabilities/sales_integration.toml",
            '"win_rate_lift_pp", op',
            '"win_rate_boost", op',
            ("capabilities/sales_integration.toml", "levels.4.evidence.1.metric", "win_rate_boost"),
            id="unknown metric in a rule",
        ),
        pytest.param(
            "capabilities/sales_integration.toml",
            'primary_kpis = ["stage_acceleration_rate"',
            'primary_kpis = ["stage_speed"',
            ("capabilities/sales_integration.toml", "primary_kpis", "stage_speed"),
            id="unknown primary KPI",
        ),
        pytest.param(
            "capabilities/community_programmes.toml",
            "\nsource =",
            "\n#",
            ("capabilities/community_programmes.toml", "source", "required"),
            id="missing source",
        ),
        pytest.param(
            "capabilities/community_programmes.toml",
            'matrix = "nurture_to_advocacy"',
            'matrix = "nurture"',
            ("capabilities/community_programmes.toml", "matrix", "nurture_to_advocacy"),
            id="unknown matrix",
        ),
        pytest.param(
            "capabilities/community_programmes.toml",
            'code = "A4"',
            'code = "A3"',
            ("capabilities/sales_integration.toml", "code", "A3"),
            id="code taken twice",
        ),
        pytest.param(
            "capabilities/executive_reporting.toml",
            'id = "every_figure_opens_its_rows"',
            'id = "no_private_spreadsheets"',
            ("capabilities/executive_reporting.toml", "levels", "no_private_spreadsheets"),
            id="criterion id twice",
        ),
        pytest.param(
            "capabilities/executive_reporting.toml",
            "value = 0.8, months = 3",
            "value = 0.4, months = 3",
            ("capabilities/executive_reporting.toml", "levels.4.evidence", "less than a lower level"),
            id="coverage falls with the level",
        ),
        pytest.param(
            "capabilities/executive_reporting.toml",
            '{ metric = "cov_meetings_on_frozen_pack", op = ">=", value = 0.9, months = 6 },',
            "",
            ("capabilities/executive_reporting.toml", "levels.5.evidence", "cov_meetings_on_frozen_pack"),
            id="outcome rule without coverage",
        ),
        pytest.param(
            "capabilities/milestone_mapping.toml",
            'ref = "target", months',
            'ref = "target", value = 3, months',
            ("capabilities/milestone_mapping.toml", "levels.4.evidence.1", "either value or ref"),
            id="two thresholds",
        ),
        pytest.param(
            "capabilities/milestone_mapping.toml",
            'op = "measured", months = 3',
            'op = "measured", value = 1, months = 3',
            ("capabilities/milestone_mapping.toml", "levels.3.evidence.1", "measured"),
            id="measured with a threshold",
        ),
        pytest.param(
            "capabilities/milestone_mapping.toml",
            'label = "Managed"',
            'label = "Steered"',
            ("capabilities/milestone_mapping.toml", "levels.4.label", "Managed"),
            id="label differs from the scale",
        ),
        pytest.param(
            "maturity.toml",
            "decimal_cap = 0.9",
            "decimal_cap = 0.9\nbonus = 1",
            ("maturity.toml", "level.bonus"),
            id="unknown key of the rules",
        ),
        pytest.param(
            "maturity.toml",
            '  { level = 3, label = "Defined"',
            '  # { level = 3, label = "Defined"',
            ("maturity.toml", "scale.levels", "found 1, 2, 4, 5"),
            id="scale lacks a level",
        ),
        pytest.param(
            "maturity.toml",
            ", unsupported = 0.3",
            "",
            ("maturity.toml", "priority.confidence.unsupported", "missing"),
            id="confidence lacks a status",
        ),
        pytest.param(
            "maturity.toml",
            "medium = 2, ",
            "",
            ("maturity.toml", "priority.effort.medium", "missing"),
            id="effort lacks a size",
        ),
        pytest.param(
            "maturity.toml",
            '"advocacy_engine", "advocacy_programmes"]',
            '"advocacy_machine", "advocacy_programmes"]',
            ("maturity.toml", "overlaps", "advocacy_machine"),
            id="unknown capability shares evidence",
        ),
        pytest.param(
            "maturity.toml",
            '"advocacy_engine", "advocacy_programmes"]',
            '"advocacy_engine", "onboarding_nurture"]',
            ("maturity.toml", "overlaps", "onboarding_nurture", "twice"),
            id="capability shares evidence twice",
        ),
        pytest.param(
            "maturity.toml",
            'kpi = "expansion_arr"',
            'kpi = "expansion_money"',
            ("maturity.toml", "stakes", "expansion_money"),
            id="unknown KPI is worth money",
        ),
        pytest.param(
            "maturity.toml",
            'unplanned = "medium"',
            'unplanned = "huge"',
            ("maturity.toml", "priority.unplanned"),
            id="unknown effort",
        ),
        pytest.param(
            "maturity.toml",
            "value = 0.25",
            "value = 0.75",
            ("maturity.toml", "answers.values", "worth less"),
            id="answers out of order",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(edit, name, old, new, told):
    message = edit(name, old, new)
    for part in told:
        assert part in message


def test_faults_of_several_files_are_told_together(folder, known_metrics):
    for name in ("milestone_mapping", "sales_integration"):
        path = folder / "capabilities" / f"{name}.toml"
        path.write_text(path.read_text().replace('matrix = "nurture_to_advocacy"', 'matrix = "other"'))
    with pytest.raises(ModelError, match=r"(?s)milestone_mapping\.toml.*sales_integration\.toml"):
        load_capabilities(known_metrics, load_maturity(folder), folder)
