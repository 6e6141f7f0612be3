"""Pictures of the demo company for the README: `python -m tests.browser.pictures`, run by `make docs`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.app.server import ROOT, Served, served
from tests.browser.conftest import FLAGS, Visit

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
    """Serve the demo company from an empty home and take the pictures."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(
            [sys.executable, "-m", "core", "import", str(ROOT / "data" / "demo")],
            cwd=ROOT,
            env=os.environ | {"COUNCIL_HOME": home},
            check=True,
            capture_output=True,
        )
        with served(Path(home)) as server:
            take(server, ROOT / "docs" / "pictures")


if __name__ == "__main__":
    main()
