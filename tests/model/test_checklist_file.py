"""The checklist file: read whole, every wrong key named."""

import pytest

from core.errors import ModelError
from core.model.checklist import FILE, load_checklist
from core.settings import MODEL_DIR


@pytest.fixture
def edited(tmp_path):
    """The file with one text changed, in a folder of its own."""

    def change(old, new):
        text = (MODEL_DIR / FILE).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return change


def test_the_list_has_six_plays_and_what_they_rest_on():
    found = load_checklist()
    groups = [item.group for item in found.item]
    assert (groups.count("Plays"), groups.count("What they rest on")) == (6, 5)
    assert all(item.source for item in found.context)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "crm_true"', 'id = "education"', '"education" stands twice'),
        ('id = "crm_true"', 'id = "crm_true"\ncolour = "red"', "colour"),
        ('id = "crm_true"', 'id = "CRM"', "item"),
        ('label = "Money after the sale"', "", "label"),
    ],
)
def test_a_wrong_key_is_named(edited, old, new, told):
    with pytest.raises(ModelError) as error:
        load_checklist(edited(old, new))
    assert FILE in str(error.value) and told in str(error.value)
