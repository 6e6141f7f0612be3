"""What application code may not say, and that each rule catches what it names."""

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.sources import Source, application

BY_ID = {rule.id: rule for rule in RULES}

FORBIDDEN = [
    ("streamlit in core", "core/kpis/a.py", "import streamlit as st"),
    ("streamlit in core", "core/kpis/a.py", "def f():\n    from streamlit.runtime import x"),
    ("unsafe_allow_html", "pages/a.py", "st.markdown(x, unsafe_allow_html=True)"),
    ("st.html", "pages/a.py", "st.html(x)"),
    ("components", "pages/a.py", "from streamlit.components import v1"),
    ("components", "pages/a.py", "st.components.v1.html(x)"),
    ("pickle", "core/store/a.py", "import pickle"),
    ("pickle", "core/store/a.py", "from joblib import load"),
    ("pickle", "core/store/a.py", "pd.read_pickle(path)"),
    ("pickle", "pages/a.py", "@st.cache_data(persist='disk')\ndef f(): ..."),
    ("read_excel", "core/ingest/a.py", "pd.read_excel(upload)"),
    ("clock in a calculation", "core/kpis/a.py", "import datetime as dt\ndt.datetime.now(dt.UTC)"),
    ("clock in a calculation", "core/kpis/a.py", "date.today()"),
    ("clock in a calculation", "core/month/a.py", "time.time()"),
    ("clock in a calculation", "core/stats/a.py", "field(default_factory=date.today)"),
    ("clock in a calculation", "core/stats/a.py", "pd.Timestamp.now()"),
    ("seed in a calculation", "core/stats/a.py", "rng = np.random.default_rng(1)"),
    ("seed in a calculation", "core/stats/a.py", "rng = default_rng()"),
    ("seed in a calculation", "core/stats/a.py", "np.random.seed(1)"),
    ("seed in a calculation", "core/advocacy/a.py", "LogisticRegression(random_state=0)"),
    ("seed in a calculation", "core/advocacy/a.py", "import random"),
    ("print", "core/kpis/a.py", "print(1)"),
    ("environment", "core/store/a.py", "os.environ['X']"),
    ("environment", "core/store/a.py", "from os import getenv"),
    ("raw export", "core/services/advocates.py", "frame.to_csv(path)"),
    ("raw export", "core/month/a.py", "build().frame.to_excel(path)"),
    ("screen in a transaction", "pages/a.py", "with store.write() as session:\n    st.success('x')"),
    ("screen in a transaction", "pages/a.py", "with session.begin():\n    if x:\n        st.rerun()"),
    ("frame as cache key", "pages/_app/cached.py", "@st.cache_data\ndef f(x: pd.DataFrame): ..."),
    (
        "frame as cache key",
        "pages/_app/cached.py",
        "@st.cache_resource(max_entries=2)\ndef f(*, x: 'Series | None'): ...",
    ),
    ("cache outside cached.py", "pages/a.py", "@st.cache_data\ndef f(): ..."),
    ("SQL with values in its text", "core/store/a.py", "session.execute(text(f'DELETE FROM {x}'))"),
    ("SQL with values in its text", "core/store/a.py", "sa.text('SELECT {}'.format(x))"),
    ("SQL with values in its text", "core/store/a.py", "text('SELECT ' + x)"),
    ("hidden page", "pages/_app/router.py", "st.Page('a.py', visibility='hidden')"),
    ("eval", "core/model/a.py", "eval(rule)"),
    ("eval", "core/cli.py", "run(x, shell=True)"),
]

PERMITTED = [
    ("clock in a calculation", "core/services/a.py", "datetime.now(UTC)"),
    ("clock in a calculation", "core/kpis/a.py", "time.perf_counter()\nresult.now\nas_of.today"),
    (
        "seed in a calculation",
        "core/stats/a.py",
        "def f(rng: np.random.Generator):\n    fit(random_state=rng.integers(9))",
    ),
    ("seed in a calculation", "core/budget/a.py", "np.random.default_rng([stem, *line.encode()])"),
    ("print", "core/cli.py", "print(1)"),
    ("print", "core/kpis/a.py", "console.printed"),
    ("environment", "core/settings.py", "os.environ['X']"),
    ("environment", "core/store/a.py", "import os\nos.replace(a, b)"),
    ("raw export", "core/services/export.py", "frame.to_csv(path)"),
    ("screen in a transaction", "pages/a.py", "with st.form('x'):\n    st.write(1)"),
    ("frame as cache key", "pages/_app/cached.py", "@st.cache_data\ndef f(month_hash: str) -> pd.DataFrame: ..."),
    ("SQL with values in its text", "core/store/a.py", "text('SELECT 1')\nread_text(f'{x}')"),
    ("eval", "core/model/a.py", "model.eval(x)\nsession.exec(select(x))"),
    ("streamlit in core", "pages/a.py", "import streamlit as st"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_application_keeps_the_rule(rule: Rule):
    places = [place for source in application() for place in rule.broken_by(source)]
    assert not places, f"{rule.id}: {rule.why}\n" + "\n".join(places)


@pytest.mark.parametrize(("rule", "path", "code"), FORBIDDEN)
def test_a_rule_catches(rule, path, code):
    assert BY_ID[rule].broken_by(Source(path, code))


@pytest.mark.parametrize(("rule", "path", "code"), PERMITTED)
def test_a_rule_lets_pass(rule, path, code):
    assert not BY_ID[rule].broken_by(Source(path, code))


def test_every_rule_is_shown_to_catch_something():
    assert {rule for rule, _, _ in FORBIDDEN} == set(BY_ID)
