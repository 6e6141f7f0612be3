import json

import pytest
from typer.testing import CliRunner

from core.advocacy.codes import code_of
from core.cli import app

pytestmark = pytest.mark.sampled(2)


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_pool_prints_its_findings_and_their_figures(in_demo):
    result = run("pool")
    assert result.exit_code == 0
    assert "find nobody who may be asked" in result.output
    shown = json.loads(run("pool", "--json").output)
    assert shown["sections"]["debt"]["rows"] > 0
    rows = run("pool", "--rows", "debt").output.splitlines()
    assert len(rows) == shown["sections"]["debt"]["rows"] + 1


def test_an_unknown_section_is_refused_with_those_there_are(in_demo):
    result = run("pool", "--rows", "nothing")
    assert result.exit_code == 1
    assert "load, capacity" in result.output


def test_propensity_prints_its_verdict(in_demo):
    assert "later asks" in run("propensity").output
    shown = json.loads(run("propensity", "--json").output)
    assert shown["reason"]
    assert len(shown["groups"]) > 1


@pytest.mark.parametrize(
    ("text", "said", "exit_code"),
    [
        pytest.param(code_of(7, "advocate"), "advocate number 7", 0, id="advocate"),
        pytest.param(code_of(9, "referral").lower(), "referral number 9", 0, id="referral in small letters"),
        pytest.param(code_of(9, "referral")[:-1] + "2", "Read it out once more", 1, id="misread"),
        pytest.param("X-222222-2", "neither an advocate id", 1, id="nothing of the kind"),
    ],
)
def test_code(text, said, exit_code):
    result = run("code", text)
    assert said in result.output
    assert result.exit_code == exit_code
