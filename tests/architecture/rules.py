"""What Python code of the application may not say: one row a rule, each a look at one file.

A rule takes a parsed file and yields the offending nodes. `RULES` is the whole list; `allowed` names files
or folders where the thing is at home.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.sources import Source, dotted, functions, imports

Find = Callable[[Source], Iterator[ast.AST]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Attributes: id; why it stands, with the way out; the search; where it looks; where the thing is allowed."""

    id: str
    why: str
    find: Find
    within: tuple[str, ...] = ("core/", "pages/", "app.py")
    allowed: tuple[str, ...] = ()

    def broken_by(self, source: Source) -> list[str]:
        """Places of a file that break the rule."""
        if not source.path.startswith(self.within) or source.path.startswith(self.allowed or ("\0",)):
            return []
        return [source.at(node) for node in self.find(source)]


def calls(*names: str) -> Find:
    """Calls or mentions of a dotted name, or of its last parts ("datetime.now" finds dt.datetime.now)."""

    endings = tuple(f".{wanted}" for wanted in names)

    def find(source: Source) -> Iterator[ast.AST]:
        yield from (node for name, node in source.names if name in names or name.endswith(endings))

    return find


def imported(*names: str) -> Find:
    """Imports of a module, of anything in it, or of a name from it."""

    def find(source: Source) -> Iterator[ast.AST]:
        for name, node in imports(source):
            if any(name == wanted or name.startswith(f"{wanted}.") for wanted in names):
                yield node

    return find


def keyword(name: str, value: object = ...) -> Find:
    """Calls that pass a keyword argument, with any value or with a given literal."""

    def find(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            if isinstance(node, ast.keyword) and node.arg == name:
                literal = node.value.value if isinstance(node.value, ast.Constant) else None
                if value is ... or literal == value:
                    yield node.value

    return find


def either(*finds: Find) -> Find:
    """Nodes that any of several searches finds."""

    def find(source: Source) -> Iterator[ast.AST]:
        for each in finds:
            yield from each(source)

    return find


def fixed_seed(source: Source) -> Iterator[ast.AST]:
    """`default_rng()`, `default_rng(7)`, `random_state=7`; one derived from what was passed in is not meant."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).endswith(("default_rng", "RandomState")):
            if all(isinstance(argument, ast.Constant) for argument in node.args):
                yield node
        elif isinstance(node, ast.keyword) and node.arg == "random_state" and isinstance(node.value, ast.Constant):
            yield node.value


def screen_in_transaction(source: Source) -> Iterator[ast.AST]:
    """A rerun can be raised from any st.* call and would leave the transaction half-way."""
    for block in source.nodes:
        if not isinstance(block, ast.With | ast.AsyncWith):
            continue
        opened = [dotted(item.context_expr).rsplit(".", 1)[-1] for item in block.items]
        if {"write", "begin"}.intersection(opened):
            inside = (node for statement in block.body for node in ast.walk(statement))
            yield from (node for node in inside if isinstance(node, ast.Name) and node.id == "st")


def cached_frame(source: Source) -> Iterator[ast.AST]:
    """Hashing a frame costs more than most of what is cached, and a mutated one is a wrong hit."""
    for function in functions(source):
        if any("cache_" in dotted(decorator) for decorator in function.decorator_list):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            for argument in arguments:
                if argument.annotation and any(
                    kind in ast.unparse(argument.annotation) for kind in ("Frame", "Series")
                ):
                    yield argument


def built_sql(source: Source) -> Iterator[ast.AST]:
    """`text(f"…")`: SQL with values in its text."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).rsplit(".", 1)[-1] == "text" and node.args:
            first = node.args[0]
            called_format = isinstance(first, ast.Call) and dotted(first.func).endswith(".format")
            if isinstance(first, ast.JoinedStr | ast.BinOp) or called_format:
                yield node


CLOCK = calls(
    *("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"),
    *("Timestamp.now", "Timestamp.today", "Timestamp.utcnow", "time.localtime", "time.gmtime"),
)
SEED = either(fixed_seed, calls("random.seed"), imported("random", "secrets"))

RULES = (
    Rule("streamlit in core", "core runs without a browser; draw in pages", imported("streamlit"), within=("core/",)),
    Rule("unsafe_allow_html", "data would become markup", keyword("unsafe_allow_html")),
    Rule(
        "st.html",
        "data would become markup; use native elements (the cards escape every text)",
        calls("st.html", "streamlit.html"),
        allowed=("pages/_app/widgets.py",),
    ),
    Rule(
        "components",
        "an iframe needs a hole in the content security policy",
        either(imported("streamlit.components"), calls("st.components", "st.iframe")),
    ),
    Rule(
        "pickle",
        "reading one runs its code; keep frames as Parquet",
        either(
            imported("pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"),
            calls("joblib.load", "read_pickle", "to_pickle"),
            keyword("persist"),
        ),
    ),
    Rule("read_excel", "an upload is read behind the zip checks of core.ingest", calls("pd.read_excel", "read_excel")),
    Rule(
        "clock in a calculation",
        "as_of is passed in, or no month could be computed again",
        CLOCK,
        within=("core/",),
        allowed=("core/services/", "core/store/", "core/cli"),
    ),
    Rule(
        "seed in a calculation",
        "rng is passed in; a seed of its own hides how much a figure varies",
        SEED,
        within=("core/",),
        allowed=("core/services/", "core/store/", "core/cli", "core/month/"),
    ),
    Rule("print", "the command line prints, nothing else", calls("print"), allowed=("core/cli", "core/__main__.py")),
    Rule(
        "environment",
        "core/settings.py reads it once, for all",
        either(calls("os.environ", "os.getenv", "os.putenv"), imported("os.environ", "os.getenv", "dotenv")),
        allowed=("core/settings.py",),
    ),
    Rule(
        "raw export",
        "a cell that starts with = is a formula to a spreadsheet; export through core/services/export.py",
        calls("to_csv", "to_excel"),
        allowed=("core/services/export.py", "core/demo/"),
    ),
    Rule("screen in a transaction", "draw after the transaction has ended", screen_in_transaction, within=("pages/",)),
    Rule("frame as cache key", "pass the Month's hash and filters", cached_frame),
    Rule(
        "cache outside cached.py",
        "one place decides what may be stale",
        calls("st.cache_data", "st.cache_resource"),
        allowed=("pages/_app/cached.py", "pages/_app/cached_definitions.py", "pages/_app/memory.py"),
    ),
    Rule("SQL with values in its text", "bind parameters as :name", built_sql, within=("core/",)),
    Rule(
        "hidden page", "a hidden page is still served; leave it out of the navigation", keyword("visibility", "hidden")
    ),
    Rule(
        "eval",
        "text is never code",
        either(calls("os.system", "os.popen"), keyword("shell", True), lambda source: _bare(source, "eval", "exec")),
    ),
)


def _bare(source: Source, *names: str) -> Iterator[ast.AST]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node
