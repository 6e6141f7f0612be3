"""Rollups stay inside the SQL that every engine reads alike."""

import pytest

from tests.architecture.sources import ROOT
from tests.architecture.sql_subset import WORDS, problems

ROLLUPS = sorted((ROOT / "core" / "rollups" / "sql").glob("*.sql"))

FORBIDDEN = [
    ("date part", "SELECT DATE_TRUNC('month', a.day) AS m FROM a"),
    ("date part", "SELECT EXTRACT(YEAR FROM a.day) AS y FROM a"),
    ("interval", "SELECT a.day AS d FROM a WHERE a.day > :x - INTERVAL '3' DAY"),
    ("current date", "SELECT a.day AS d FROM a WHERE a.day > CURRENT_DATE"),
    ("median", "SELECT MEDIAN(a.n) AS n2 FROM a"),
    ("median", "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY n) AS n2 FROM a"),
    ("qualify", "SELECT a.x AS x FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY a.x) = 1"),
    ("arg_max", "SELECT ARG_MAX(a.x, a.y) AS x2 FROM a"),
    ("group by all", "SELECT a.x AS x, COUNT(*) AS n FROM a GROUP BY ALL"),
    ("positions", "SELECT a.x AS x, COUNT(*) AS n FROM a GROUP BY 1"),
    ("division", "SELECT a.x / a.y AS share FROM a"),
    ("division", "-- the account's share\nSELECT a.x / a.y AS share FROM a -- isn't it"),
    ("modulo", "SELECT a.x % 2 AS odd FROM a"),
    ("short cast", "SELECT a.x::BIGINT AS x FROM a"),
    ("parameter", "SELECT a.x AS x FROM a WHERE a.y = ?"),
    ("parameter", "SELECT a.x AS x FROM a WHERE a.y = $1"),
    ("parameter", "SELECT a.x AS x FROM a WHERE a.y = $name"),
    ("parameter", "SELECT a.x AS x FROM a WHERE a.y = %s"),
    ("quoted name", 'SELECT a."order" AS x FROM a'),
    ("quoted name", "SELECT `a`.x AS x FROM a"),
    ("union", "SELECT a.x AS x FROM a UNION SELECT b.x AS x FROM b"),
    ("union", "SELECT a.x AS x FROM a EXCEPT SELECT b.x AS x FROM b"),
    ("join", "SELECT a.x AS x FROM a FULL OUTER JOIN b ON a.x = b.x"),
    ("join", "SELECT a.x AS x FROM a CROSS JOIN b"),
    ("using", "SELECT a.x AS x FROM a JOIN b USING (x)"),
    ("distinct on", "SELECT DISTINCT ON (a.x) a.x AS x FROM a"),
    ("filter", "SELECT COUNT(*) FILTER (WHERE a.x > 1) AS n FROM a"),
    ("nulls", "SELECT ROW_NUMBER() OVER (ORDER BY a.x NULLS LAST) AS n FROM a"),
    ("pattern", "SELECT a.x AS x FROM a WHERE a.y ILIKE 'b'"),
    ("concatenation", "SELECT a.x || a.y AS z FROM a"),
    ("limit", "SELECT a.x AS x FROM a LIMIT 5"),
    ("equality", "SELECT a.x AS x FROM a WHERE a.y == 1"),
    ("writing", "DELETE FROM a"),
    ("semicolon", "SELECT a.x AS x FROM a;"),
    ("function", "SELECT STRFTIME(a.day) AS d FROM a"),
    ("function", "SELECT YEAR (a.day) AS y FROM a"),
    ("function", "SELECT a.x AS x FROM read_parquet('x') AS a"),
    ("cast to", "SELECT CAST(a.x AS VARCHAR) AS x FROM a"),
    ("sum", "SELECT SUM(a.x) AS total FROM a"),
    ("sum", "SELECT CAST(a.y AS BIGINT) AS y, SUM(a.x) AS total FROM a"),
    ("sum", "SELECT CAST(SUM(a.x) AS DATE) AS total FROM a"),
    ("window", "SELECT ROW_NUMBER() OVER (PARTITION BY a.x) AS n FROM a"),
    ("window", "SELECT LEAD(a.x) OVER () AS following FROM a"),
    ("window", "SELECT CAST(SUM(a.x) OVER (ORDER BY a.day) AS BIGINT) AS running FROM a"),
    ("window", "SELECT LAG(COALESCE(a.x, 0)) OVER (ORDER BY a.x) AS previous FROM a"),
    ("window", "SELECT ROW_NUMBER() OVER w AS n FROM a WINDOW w AS (ORDER BY a.x)"),
    ("select item", "SELECT a.x FROM a"),
    ("select item", "SELECT * FROM a"),
    ("select item", "SELECT a.x AS x, COUNT(*) FROM a GROUP BY a.x"),
    ("select item", "WITH b AS (SELECT a.x FROM a) SELECT b.x AS x FROM b"),
    ("aggregate named", "SELECT MAX(a.day) AS day FROM a"),
    ("aggregate named", "SELECT CAST(SUM(a.x) AS BIGINT) AS x FROM a"),
]

LEGAL = [
    pytest.param("SELECT a.x AS x FROM a -- a/b; DATE_TRUNC is not said here", id="comment"),
    pytest.param("-- the account's\nSELECT a.x AS x FROM a -- isn't", id="apostrophes in comments"),
    pytest.param("SELECT a.x AS x FROM a WHERE a.y = 'it''s 3/4 -- [x]; ?'", id="literal"),
    pytest.param("SELECT x, COUNT(*) AS n FROM a GROUP BY x", id="bare column"),
    pytest.param("SELECT DISTINCT a.x AS x FROM a", id="distinct"),
    pytest.param("SELECT COUNT(DISTINCT a.x) AS xs FROM a", id="count distinct"),
    pytest.param("SELECT CAST(COALESCE(SUM(a.x), 0) AS BIGINT) AS total FROM a", id="sum inside coalesce"),
    pytest.param("SELECT CAST(SUM(CASE WHEN a.x > 1 THEN a.y ELSE 0 END) AS BIGINT) AS total FROM a", id="sum of case"),
    pytest.param("SELECT COUNT(*) OVER (PARTITION BY a.x) AS n FROM a", id="count over a partition"),
    pytest.param("SELECT LEAD(a.x, 1) OVER (PARTITION BY a.z ORDER BY a.y, a.id) AS following FROM a", id="lead"),
    pytest.param("SELECT a.x AS x FROM a LEFT JOIN b ON (a.x = b.x AND b.day <= :as_of)", id="left join"),
    pytest.param("SELECT a.x AS x FROM a WHERE a.x IN (SELECT b.x FROM b) AND EXISTS (SELECT 1 FROM c)", id="in"),
    pytest.param("SELECT a.x AS x FROM a UNION ALL SELECT b.x AS x FROM b", id="union all"),
    pytest.param("SELECT a.first AS first, a.last_day AS last_day, a.settled AS settled FROM a", id="names like words"),
    pytest.param(
        "WITH v AS (SELECT a.id AS id, ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY COALESCE(a.f, :b) DESC) AS n"
        " FROM a) SELECT v.id AS id FROM v WHERE v.n = 1",
        id="newest version",
    ),
]


@pytest.mark.parametrize("path", ROLLUPS, ids=lambda path: path.stem)
def test_a_rollup_stays_in_the_subset(path):
    assert problems(path.read_text(encoding="utf-8")) == []


def test_every_rollup_is_short_and_answers_one_question():
    long = [path.name for path in ROLLUPS if len(path.read_text(encoding="utf-8").splitlines()) > 60]
    assert ROLLUPS and not long, f"split by question: {long}"


@pytest.mark.parametrize(("name", "sql"), FORBIDDEN)
def test_a_forbidden_form_is_caught(name, sql):
    assert any(problem.startswith(name) for problem in problems(sql)), problems(sql)


@pytest.mark.parametrize("sql", LEGAL)
def test_legal_sql_passes(sql):
    assert problems(sql) == []


def test_every_word_rule_is_shown_to_catch_something():
    assert {name for name, _, _ in WORDS} <= {name for name, _ in FORBIDDEN}
