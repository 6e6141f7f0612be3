"""Size, documentation and reachability of the code."""

import ast

import pytest

from tests.architecture.sources import (
    Source,
    application,
    core,
    functions,
    imports,
    is_migration,
    python_files,
    screens,
)

MODULE_LINES = 300
PAGE_LINES = 120
FUNCTION_LINES = 30
ENTRY_POINTS = {"core.__main__", "core.stats.survival", "core.stats.xmr"}
"""Modules that something other than an import starts (migrations are started by Alembic), and the statistics that the
next figures rest on: durations and signal limits."""


def code_lines(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a body that hold code: without signature, docstring, comments and blank lines."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return 0
    lines = source.text.splitlines()[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.lstrip().startswith("#"))


def undocumented(source: Source) -> list[str]:
    """Public modules, classes, functions and methods without a sentence that says what they are."""

    def visit(node: ast.Module | ast.ClassDef) -> list[str]:
        found = [] if _says_something(node) else [f"{source.at(node)} {getattr(node, 'name', 'module')}"]
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _is_documented_kind(child):
                found += visit(child) if isinstance(child, ast.ClassDef) else _of_function(child)
        return found

    def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
        return [] if _says_something(node) else [f"{source.at(node)} {node.name}"]

    return visit(source.tree)


def _is_documented_kind(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    overridden = any(ast.unparse(mark) in ("override", "overload", "typing.overload") for mark in node.decorator_list)
    return not node.name.startswith("_") and not overridden


def _says_something(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return len((ast.get_docstring(node) or "").split()) >= 2


def unreached(sources: tuple[Source, ...]) -> set[str]:
    """Modules of core that no other module of the application imports."""
    wanted = {source.module for source in sources if source.path.startswith("core/") and not is_migration(source)}
    wanted -= {source.module for source in sources if source.path.endswith("/__init__.py")}
    reached = {name for source in sources for name, _ in imports(source) if name != source.module}
    return wanted - reached - ENTRY_POINTS


def listed(places: list[str], remedy: str) -> str:
    return f"{remedy}:\n" + "\n".join(places)


def test_modules_are_short():
    modules = [source for source in (*core(), *python_files("pages/_app")) if not is_migration(source)]
    long = [f"{source.path} {source.lines}" for source in modules if source.lines > MODULE_LINES]
    assert not long, listed(long, f"at most {MODULE_LINES} lines; split by question")


def test_pages_are_short():
    pages = [source for source in screens() if not source.path.startswith("pages/_app/")]
    long = [f"{source.path} {source.lines}" for source in pages if source.lines > PAGE_LINES]
    assert not long, listed(long, f"at most {PAGE_LINES} lines; a page asks, draws and stops")


def test_functions_are_short():
    sizes = [
        (f"{source.at(function)} {function.name}", code_lines(source, function))
        for source in core()
        if not is_migration(source)
        for function in functions(source)
    ]
    long = [f"{place} {size}" for place, size in sizes if size > FUNCTION_LINES]
    assert not long, listed(long, f"at most {FUNCTION_LINES} lines of code in a function")


def test_everything_public_in_core_is_documented():
    bare = [place for source in core() for place in undocumented(source)]
    assert not bare, listed(bare, "a sentence that says what it is")


def test_no_module_is_dead():
    dead = sorted(unreached(application()))
    assert not dead, listed(dead, "imported by nothing that runs; use it or remove it")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'def f(\n    a,\n    b,\n):\n    """Doc.\n\n    More.\n    """\n    x = 1\n\n    # why\n    return x',
            2,
            id="body",
        ),
        pytest.param('def f():\n    """Doc."""', 0, id="docstring only"),
        pytest.param("def f(): return 1", 1, id="one line"),
        pytest.param("def f():\n    def g():\n        return 1\n    return g", 3, id="nested counts"),
    ],
)
def test_code_lines_counts_the_body(text, expected):
    source = Source("core/a.py", text)
    assert code_lines(source, next(functions(source))) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param('"""A module."""\ndef f(): pass', ["f"], id="function"),
        pytest.param('"""..."""', ["module"], id="placeholder"),
        pytest.param('"""A module."""\nclass A:\n    """A class."""\n    def m(self): pass', ["m"], id="method"),
        pytest.param('"""A module."""\ndef _f(): pass\nclass _B:\n    def m(self): pass', [], id="private"),
        pytest.param('"""A module."""\ndef f():\n    """Says it."""\n    def inner(): pass', [], id="inner"),
    ],
)
def test_undocumented_finds(text, names):
    assert [place.split()[-1] for place in undocumented(Source("core/a.py", text))] == names


def test_a_module_imported_by_itself_alone_is_dead():
    sources = (
        Source("core/__init__.py", ""),
        Source("core/used.py", ""),
        Source("core/lonely.py", "from core import lonely, used"),
        Source("core/store/migrations/versions/r1.py", ""),
        Source("pages/a.py", "from core.shown import x"),
        Source("core/shown.py", ""),
    )
    assert unreached(sources) == {"core.lonely"}
