"""Files somebody uploaded: kept in a private folder of their session until they are imported or put aside."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import BinaryIO

from core.errors import Problem
from core.ingest.archive import unpack
from core.ingest.kinds import READ, not_read

UPLOADED = ("csv", "tsv", "txt", "xlsx", "zip", "parquet")
"""Endings an upload may have; text is read as CSV."""
_UNSAFE = re.compile(r"[^\w .()+-]")
_CHUNK = 1 << 20
_PREFIX = "council-upload-"
PATIENCE = 180.0
"""Seconds the files of a lost connection are kept; Streamlit keeps such a session for 120."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file.

    Attributes:
        name: Its name, safe to use.
        size: Bytes.
    """

    name: str
    size: int

    @property
    def size_words(self) -> str:
        """Its size for people."""
        return size_words(self.size)


class UploadFolder:
    """A folder only this process can read; it goes with the session, or as soon as it is closed."""

    def __init__(self) -> None:
        _sweep()
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self.notes: tuple[Problem, ...] = ()
        self._timer: Timer | None = None
        self._cleanup = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def add(self, name: str, content: BinaryIO) -> tuple[Problem, ...]:
        """Keep a file; one of the same name is replaced, an archive is opened and its tables are kept.

        Args:
            name: Name as uploaded; what could leave the folder or hide in it is replaced.
            content: Its bytes, copied in pieces.

        Returns:
            Why it was not kept; empty when it was. What was left out of an archive is added to `notes`.
        """
        safe = safe_name(name)
        ending = Path(safe).suffix
        if ending not in READ:
            return (not_read(Path(safe)),)
        target = self.path / safe
        with target.open("wb") as copy:
            shutil.copyfileobj(content, copy, _CHUNK)
        if ending != ".zip":
            return ()
        inside = Path(tempfile.mkdtemp(dir=self.path)) / "archive"
        try:
            files, problems, notes = unpack(target, inside)
            self.notes += tuple(notes)
            for file in files:
                file.replace(self.path / safe_name(file.name))
        finally:
            target.unlink()
            shutil.rmtree(inside.parent)
        return tuple(problems)

    def remove(self, name: str) -> None:
        """Put one file aside."""
        (self.path / safe_name(name)).unlink(missing_ok=True)

    @property
    def files(self) -> tuple[Upload, ...]:
        """The files that are kept, by name."""
        if not self.path.is_dir():
            return ()
        return tuple(Upload(path.name, path.stat().st_size) for path in sorted(self.path.iterdir()) if path.is_file())

    def keep(self) -> None:
        """Its session is there: undo `let_go`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def let_go(self, seconds: float = PATIENCE) -> None:
        """Its session is gone, perhaps only for a moment: close it unless `keep` is called in time."""
        self.keep()
        self._timer = Timer(seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Remove the folder and all in it."""
        self._cleanup()


def safe_name(name: str) -> str:
    """A file name that stays in its folder: no path, no leading dot, no odd character; text becomes CSV.

    Returns:
        At most 120 characters, the ending in small letters.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNSAFE.sub("_", last).lstrip(".~ ") or "file"
    stem, ending = Path(plain).stem[:100], Path(plain).suffix.lower()[:20]
    return f"{stem}{'.csv' if ending == '.txt' else ending}"


def size_words(size: float) -> str:
    """Bytes for people: 640 B, 12 kB, 3.4 MB."""
    if size < 1_000:
        return f"{size:.0f} B"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def _sweep() -> None:
    """Remove what a server that was killed has left: folders of processes that are gone."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if left.is_dir() and owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
