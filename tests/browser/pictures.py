"""Pictures of the demo company for the README: `python -m tests.browser.pictures`, run by `make docs`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.app.server import ROOT, Served, served
from tests.browser.conftest import FLAGS, Visit
from tests.homes import built

PICTURES = {"overview": ("", "light"), "advocates": ("advocates", "light"), "budget": ("budget", "dark")}
"""Name of the picture, address of the screen and colour scheme."""


def take(server: Served, folder: Path) -> None:
    """Draw every picture from a running application, 1440 by 900 px."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for name, (address, scheme) in PICTURES.items():
            context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
            visit = Visit(context.new_page(), server)
            visit.open(address).screenshot(path=folder / f"{name}.png")
            context.close()
        browser.close()


def main() -> None:
    """Serve the demo company, loaded as its button does, and take the pictures."""
    with tempfile.TemporaryDirectory() as home:
        built(Path(home), "demo")
        with served(Path(home)) as server:
            take(server, ROOT / "docs" / "pictures")


if __name__ == "__main__":
    main()
