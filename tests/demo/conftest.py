import pytest

from core.demo import Company, generate


@pytest.fixture(scope="session")
def company() -> Company:
    return generate(400, 36, 19)


@pytest.fixture(scope="session")
def large() -> Company:
    return generate(4500, 36, 11)
