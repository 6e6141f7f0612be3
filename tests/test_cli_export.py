"""`python -m core export advocates`: the names other systems use, nobody past a stop, no formula, no name."""

import csv
import io

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.model.crm_fields import crm_systems
from core.services.clock import today
from core.services.home import open_month

pytestmark = pytest.mark.sampled(2)


def run(*words, code=0):
    result = CliRunner().invoke(app, ["export", "advocates", *words])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("system", ["salesforce", "hubspot"])
def test_every_contact_is_written_under_the_systems_own_names(in_demo, system):
    fields = crm_systems().named[system]
    rows = list(csv.DictReader(io.StringIO(run("--for", system).stdout)))
    asks = open_month().on(today()).next_asks.set_index("contact_id")
    assert list(rows[0]) == [fields.contact, fields.tier, fields.status, fields.last_ask, fields.blocked_until]
    assert len(rows) == len(asks)
    for row in rows:
        state = asks.loc[row[fields.contact], "state"]
        assert (row[fields.status] == "Ask now") == (state == "ask")
        assert state != "ask" or row[fields.blocked_until] == ""
    assert {row[fields.tier] for row in rows} == {"", "VIP", "Gold", "Silver", "Community"}


def test_no_name_and_no_address_leaves_with_the_file(in_demo):
    text = run("--for", "salesforce").stdout
    people = open_month().records["people"]
    assert "@" not in text
    assert not any(name in text for name in people["full_name"].head(200))


def test_a_file_is_written_where_it_is_asked_for(in_demo, tmp_path):
    target = tmp_path / "advocates.csv"
    assert "1,296 contacts" in run("--for", "hubspot", "--out", str(target)).stdout
    assert target.read_bytes().startswith(b"\xef\xbb\xbfcontact_external_id,")


def test_an_unknown_system_is_refused_with_those_there_are(in_demo):
    assert 'expected salesforce or hubspot, found "sap"' in run("--for", "sap", code=1).stderr
