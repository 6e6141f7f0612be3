"""What a refusal calls a person: by name and account, by the id only where nothing else is known."""

import datetime as dt

import pytest

from core.errors import RuleBroken
from core.services.ask_checks import against_asking, against_sending
from core.services.home import open_month
from tests.services.small_company import load

PEOPLE = "person_id,contact_id,full_name,email\nh1,c1,Vesna Early,v@early.example\nh9,c9,Zoe Nowhere,z@x.example\n"
CONTACTS = (
    "account_id,contact_id,persona,joined_on\na,c1,Team Lead,2024-01-01\nb,c2,CFO,2024-01-01\nb,c3,CTO,2024-01-01\n"
)


@pytest.mark.parametrize(
    ("contact", "called"),
    [
        pytest.param("c9", "Zoe Nowhere is", id="a name without a contact"),
        pytest.param("c404", 'Contact "c404" is', id="nothing is known"),
    ],
)
def test_who_is_not_known_is_named_as_far_as_can_be(in_empty, tmp_path, contact, called):
    load(tmp_path / "in", people=PEOPLE, contacts=CONTACTS)
    month = open_month()
    with pytest.raises(RuleBroken, match="not known on") as refused:
        against_sending(month, [(contact, "review")])
    assert str(refused.value).startswith(called)
    ((found,),) = against_asking(month, [(contact, "review")], dt.date(2026, 11, 4))
    assert found.text.startswith(f"{called} not known on ")
