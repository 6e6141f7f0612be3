import json
from collections import Counter
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.glob("*.json"))


def cases(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_names_its_source_and_what_it_expects(path):
    for case in cases(path):
        assert case["source"].strip() and case["about"].strip(), case["id"]
        assert case["inputs"] and case["expected"], case["id"]
        assert case["authority"] in {"primary", "secondary"}, case["id"]
        assert case["use_as"] in {"test", "arithmetic_only", "negative_test"}, case["id"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_tolerance_by_field_covers_exactly_the_expected_fields(path):
    for case in cases(path):
        if isinstance(case["tolerance"], dict):
            assert set(case["tolerance"]) == set(case["expected"]), case["id"]


def test_ids_are_unique_over_all_files():
    counts = Counter(case["id"] for path in FILES for case in cases(path))
    assert FILES and max(counts.values()) == 1


def test_a_published_figure_that_is_wrong_says_why():
    wrong = [case for path in FILES for case in cases(path) if case["use_as"] != "test"]
    assert wrong and all(case.get("note") for case in wrong)
