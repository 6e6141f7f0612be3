"""Fixtures of the services' tests."""

from pathlib import Path

import pytest

from tests.inbox import ACCOUNTS, SUBSCRIPTIONS, Inbox


@pytest.fixture
def inbox(in_empty: Path, tmp_path: Path) -> Inbox:
    """An empty home, and a folder with two accounts and their subscriptions."""
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)
