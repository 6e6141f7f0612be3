"""The application in a process of its own on a free loopback port, and plain HTTP to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Served:
    """A running application: its port, process id and the file its output goes to."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by lower-case name, and body; `headers` replace the client's own, Host included."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def free_loopback_port() -> int:
    """A port nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(home: Path, script: str = "app.py") -> Iterator[Served]:
    """Serve the application over a home until the block ends.

    Args:
        home: Becomes COUNCIL_HOME; the log of the server is written there.
        script: What `streamlit run` is given, from the root of the project.
    """
    port = free_loopback_port()
    log = home / "server.log"
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("STREAMLIT_", "DATABASE_URL"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
            cwd=ROOT,
            env=settings | {"COUNCIL_HOME": str(home), "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            running = Served(port, process.pid, log)
            _wait(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(running: Served, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if running.get("/_stcore/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{running.log.read_text(errors='replace')}")
