"""The council on the command line: what is due, what was found, recording a look-back."""

import json

from typer.testing import CliRunner

from core.cli import app
from core.glossary import SPACE


def run(*arguments):
    result = CliRunner().invoke(app, [*arguments])
    return result.exit_code, result.output.replace(SPACE, " ")


def test_a_due_decision_is_listed_looked_back_at_and_then_among_those_held(in_demo_copy):
    due = json.loads(run("look-backs", "--json")[1])["due"]
    number = str(due[0]["decision_id"])
    code, said = run("look-back", number, "--lesson", "Ask sooner", "--next", "stop")
    assert (code, "; stop it." in said, due[0]["title"] in said) == (0, True, True)
    after = json.loads(run("look-backs", "--json")[1])
    assert [item["decision_id"] for item in after["due"]] == [item["decision_id"] for item in due[1:]]
    assert after["held"][0]["lesson"] == "Ask sooner"
    assert "Ask sooner" in run("look-backs")[1]


def test_a_wrong_day_and_a_missing_decision_are_told(in_demo_copy):
    again = ("--next", "look_again", "--again", "soon")
    assert run("look-back", "4", "--lesson", "x", *again) == (
        1,
        '--again: expected a day as YYYY-MM-DD, found "soon"\n',
    )
    code, said = run("look-back", "99", "--lesson", "x", "--next", "stop")
    assert (code, "choose the decision" in said) == (1, True)
