"""Folders that measuring needs, gone when the process ends."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path


def scratch(prefix: str = "council-bench-") -> Path:
    """A new folder among the temporary files; what is in it is deleted with this process, unless it was moved."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
