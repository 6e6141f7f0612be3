"""The project's own files, read and parsed once for all architecture tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file.

    Attributes:
        path: Relative to the project, with slashes: "core/kpis/result.py".
        text: Its content.
    """

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def names(self) -> tuple[tuple[str, ast.AST], ...]:
        """Every name and attribute chain that is read, dotted, with its node."""
        return tuple((dotted(node), node) for node in self.nodes if isinstance(node, ast.Attribute | ast.Name))

    @property
    def module(self) -> str:
        """Dotted name; a package's is the folder's."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def at(self, node: ast.AST) -> str:
        """Where a node is, for a message: "core/a.py:12"."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def python_files(*folders: str) -> tuple[Source, ...]:
    """Python files below folders (or single files) of the project, in order of path."""
    found = []
    for folder in folders:
        top = ROOT / folder
        found += sorted(top.rglob("*.py")) if top.is_dir() else [top] if top.exists() else []
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in found)


def core() -> tuple[Source, ...]:
    return python_files("core")


def screens() -> tuple[Source, ...]:
    return python_files("pages", "app.py")


def application() -> tuple[Source, ...]:
    """Everything that runs in production."""
    return python_files("core", "pages", "app.py")


def is_migration(source: Source) -> bool:
    """Migrations describe tables at length, once, and are never edited again."""
    return "/migrations/" in source.path


def dotted(node: ast.AST) -> str:
    """ "a.b.c" of a name or attribute chain; a call in the chain reads as its function; else ""."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Name):
            return ".".join([node.id, *reversed(parts)])
        else:
            return ".".join(["", *reversed(parts)]) if parts else ""


def imports(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """Every imported name, dotted; `from a import b` gives both "a" and "a.b"."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(source, node)
            yield base, node
            yield from ((f"{base}.{alias.name}", node) for alias in node.names)


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def tracked_files() -> list[Path]:
    """What Git holds or would add; outside a repository every file but the environment."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    skipped = {".venv", ".git", "build", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped.intersection(path.parts)]


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.module.split(".") if source.path.endswith("__init__.py") else source.module.split(".")[:-1]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
