"""A Streamlit tab without a browser: what one session asks of the server, measured from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Run:
    """What one script run sent, and how long it took in ms."""

    messages: list[ForwardMsg] = field(default_factory=list)
    ms: float = 0.0

    @property
    def kinds(self) -> set[str]:
        """Kinds of message: navigation, page_not_found, delta, …"""
        return {message.WhichOneof("type") for message in self.messages}

    @property
    def elements(self) -> list[tuple[str, object]]:
        """Elements drawn, each with its kind."""
        drawn = [
            message.delta.new_element
            for message in self.messages
            if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element"
        ]
        return [(element.WhichOneof("type"), getattr(element, element.WhichOneof("type"))) for element in drawn]

    @property
    def texts(self) -> list[str]:
        """Bodies of headings, Markdown, text and alerts, in the order drawn."""
        return [element.body for kind, element in self.elements if kind in ("heading", "markdown", "text", "alert")]

    @property
    def pages(self) -> list[str]:
        """Address parts of the screens in the navigation."""
        return [
            page.url_pathname
            for message in self.messages
            if message.WhichOneof("type") == "navigation"
            for page in message.navigation.app_pages
        ]


class Tab:
    """One browser tab's worth of server work on loopback. Use as a context manager.

    Args:
        port: Port the application is served on.
        page: Path of the screen, "" for the first.
        query: Query string.
        host: Host name in the address and the origin.
        origin: Origin header; the page's own unless given, None for none at all.
    """

    def __init__(
        self, port: int, page: str = "", query: str = "", host: str = "127.0.0.1", origin: str | None = "own"
    ) -> None:
        self.page, self.query = page, query
        self.address = f"ws://{host}:{port}/_stcore/stream"
        self.origin = f"http://{host}:{port}" if origin == "own" else origin
        self.page_hash = ""
        self.ids: dict[str, str] = {}
        self._seen: dict[str, None] = {}
        self._open = ExitStack()
        self._socket: ClientConnection

    def __enter__(self) -> Tab:
        self._socket = self._open.enter_context(
            connect(self.address, subprotocols=["streamlit"], origin=self.origin, max_size=None, compression=None)
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def rerun(self, press: str | None = None, query: str | None = None, timeout: float = 60) -> Run:
        """Run the script once, as a load, a filter change or a pressed button would.

        Args:
            press: Key of a button to press.
            query: New query string, as if the address had changed.
            timeout: Seconds until the run must have ended.
        """
        if query is not None:
            self.query = query
        run, started = Run(), time.perf_counter()
        self._socket.send(self._request(press))
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(timeout=timeout))
            run.messages.append(message)
            self._note(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in DONE:
                run.ms = (time.perf_counter() - started) * 1000
                return run

    def _request(self, press: str | None) -> bytes:
        back = BackMsg()
        script = back.rerun_script
        script.query_string = self.query
        script.page_name, script.page_script_hash = ("", self.page_hash) if self.page_hash else (self.page, "")
        script.widget_states.SetInParent()
        script.cached_message_hashes.extend(self._seen)
        script.context_info.timezone = "UTC"
        script.context_info.url = f"{self.origin}/{self.page}"
        if press is not None:
            state = script.widget_states.widgets.add()
            state.id, state.trigger_value = self.ids[press], True
        return back.SerializeToString()

    def _note(self, message: ForwardMsg) -> None:
        """Remember what the browser would: the page, the ids of widgets by key, big messages it keeps."""
        if message.metadata.cacheable and message.hash:
            self._seen[message.hash] = None
        if message.WhichOneof("type") == "navigation":
            self.page_hash = message.navigation.page_script_hash
        if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            widget = getattr(getattr(element, element.WhichOneof("type")), "id", "")
            if widget.startswith("$$ID-"):
                self.ids[widget.split("-", 2)[2]] = widget


def rerun_times(
    port: int, page: str = "", queries: Iterable[str] = ("",), runs: int = 40, think: float = 0.1
) -> list[float]:
    """Milliseconds of each rerun of a screen after its first run.

    Args:
        port: Port the application is served on.
        page: Path of the screen.
        queries: Query strings to go through in turn, as filter changes would.
        runs: How many reruns.
        think: Seconds between two of them. Streamlit takes about 40 ms to retire the thread of a run; a rerun asked
            for sooner waits for that, which no reader notices and no page can change.
    """
    wanted = list(queries)
    times = []
    with Tab(port, page, wanted[0]) as tab:
        tab.rerun()
        for index in range(runs):
            time.sleep(think)
            times.append(tab.rerun(query=wanted[index % len(wanted)]).ms)
    return times


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settle(pid: int, quiet: float = 0.5, at_most: float = 60.0) -> None:
    """Wait until a process rests: what it builds beside its visitors after the start is not the cost of a rerun.

    Args:
        pid: The process.
        quiet: How long it must hardly work. [s]
        at_most: Longest wait. [s]

    Raises:
        RuntimeError: It did not rest within `at_most`.
    """
    deadline = time.monotonic() + at_most
    while time.monotonic() < deadline:
        before = cpu_seconds(pid)
        time.sleep(quiet)
        if cpu_seconds(pid) - before <= 0.1 * quiet:
            return
    raise RuntimeError(f"process {pid} still works after {at_most:.0f} s")


def p50(times: list[float]) -> float:
    """Median."""
    return median(times)


def p95(times: list[float]) -> float:
    """95th percentile, interpolated."""
    return quantiles(times, n=20, method="inclusive")[-1]
