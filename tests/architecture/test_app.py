"""app.py only builds the application; data/model is read in one place."""

import ast

import pytest

from tests.architecture.sources import Source, dotted, imports, python_files

FILE_ACCESS = {"open", "read_text", "read_bytes", "glob", "rglob", "iterdir", "write_text", "scandir", "walk"}


def beyond_assembly(source: Source) -> list[str]:
    """Statements of app.py that are neither docstring, import nor `app = st.App(...)`."""
    return [
        source.at(node)
        for index, node in enumerate(source.tree.body)
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not _builds_app(node)
    ]


def _builds_app(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return isinstance(value, ast.Call) and dotted(value.func).rsplit(".", 1)[-1] == "App"


def file_access(source: Source) -> list[str]:
    """Calls that open or list files, and paths imported from the settings other than MODEL_DIR."""
    called = [source.at(n) for n in source.nodes if isinstance(n, ast.Call) and _last(n) in FILE_ACCESS]
    paths = [
        source.at(n) for name, n in imports(source) if name.startswith("core.settings.") and "MODEL_DIR" not in name
    ]
    return called + paths


def _last(node: ast.Call) -> str:
    return dotted(node.func).rsplit(".", 1)[-1]


def test_app_only_builds_the_application():
    (app,) = python_files("app.py")
    assert not beyond_assembly(app)


def test_the_model_reads_files_in_one_module_and_from_one_folder():
    readers = {source.path for source in python_files("core/model") if file_access(source)}
    assert readers == {"core/model/toml.py"}
    (toml,) = python_files("core/model/toml.py")
    assert {name for name, _ in imports(toml) if name.startswith("core.settings.")} == {"core.settings.MODEL_DIR"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(
            '"""Doc."""\nimport streamlit as st\nfrom pages._app.guard import G\napp = st.App("x", middleware=[G])',
            0,
            id="plain",
        ),
        pytest.param("from streamlit.starlette import App\napp: App = App('x')", 0, id="imported class"),
        pytest.param("def f(): ...\napp = st.App('x')", 1, id="function"),
        pytest.param("import os\nLIMIT = 3\nif LIMIT: pass\nprint(1)", 3, id="logic"),
    ],
)
def test_beyond_assembly_finds(text, count):
    assert len(beyond_assembly(Source("app.py", text))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("from core.model.toml import load\nx = load('a.toml', A)", 0, id="through toml"),
        pytest.param("from core.settings import DEMO_DIR", 1, id="another folder"),
        pytest.param("from pathlib import Path\nPath('x').read_text()\nopen('y')", 2, id="own reading"),
    ],
)
def test_file_access_finds(text, count):
    assert len(file_access(Source("core/model/a.py", text))) == count
