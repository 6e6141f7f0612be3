"""A real browser on a real server, once for all browser tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.app.server import ROOT, Served, served

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

READY = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-stale="true"],[data-testid="stAppSkeleton"],[data-testid="stSkeleton"]')
    && document.querySelector('h1');
}"""

PATIENCE = 60_000
"""Longest wait in ms for anything a busy machine owes us."""
MAIN = '[data-testid="stMain"]'

HARMLESS = ("/_stcore/host-config", "/_stcore/health", "Failed to load resource")
"""Streamlit asks for these below the address of a deep link, too, before it finds the root."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo company, imported through the command line into an empty home, and served."""
    home = tmp_path_factory.mktemp("browser")
    subprocess.run(
        [sys.executable, "-m", "core", "import", str(ROOT / "data" / "demo")],
        cwd=ROOT,
        env=os.environ | {"COUNCIL_HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    with served(home) as running:
        yield running


class Visit:
    """One tab: what it asked for, what its console said."""

    def __init__(self, page: Page, server: Served) -> None:
        self.page, self.server = page, server
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, url: str) -> None:
        if not url.startswith((self.server.url, f"ws://127.0.0.1:{self.server.port}", "data:", "blob:")):
            self.outside.append(url)

    def open(self, path: str = "") -> Page:
        """Open a screen and wait until it is drawn."""
        self.page.goto(f"{self.server.url}/{path}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the script has ended and everything is drawn.

        For after an opening or a change of the window alone. After a click or a key the script may not have started
        yet, and this returns at once: say with `sees` or `changing` what is to come.
        """
        self.page.wait_for_function(READY, timeout=PATIENCE)
        self.page.wait_for_timeout(300)

    def sees(self, text: str, within: str = MAIN) -> None:
        """Wait until a part of the screen says so, then until all of it is drawn.

        Raises:
            AssertionError: With what stands there instead.
        """
        expect(self.page.locator(within)).to_contain_text(text, use_inner_text=True, timeout=PATIENCE)
        self.settle()

    @contextmanager
    def changing(self, what: str = "h1") -> Iterator[None]:
        """Around a click or a key: wait until this part of the screen says something else, then until all is drawn.

        Raises:
            AssertionError: With the words that stayed.
        """
        before = self.page.locator(what).inner_text()
        yield
        expect(self.page.locator(what)).not_to_have_text(before, use_inner_text=True, timeout=PATIENCE)
        self.settle()


@pytest.fixture
def visit(browser: Browser, company: Served) -> Iterator[Visit]:
    """A tab of 1440 x 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    yield Visit(context.new_page(), company)
    context.close()


def picture(page: Page, name: str) -> Path:
    """A picture of the page under build/pictures, for people to look at."""
    target = ROOT / "build" / "pictures" / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    return target
