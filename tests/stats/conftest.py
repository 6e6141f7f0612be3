import json
from pathlib import Path

import pytest
from hypothesis import settings

PUBLISHED = Path(__file__).parents[1] / "published" / "statistics.json"

# A busy machine is no reason to fail a property.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def published():
    return {case["id"]: case for case in json.loads(PUBLISHED.read_text(encoding="utf-8"))}
