"""The SQL that every engine reads alike: what a rollup may say, as rules over its text.

DuckDB, Spark, Trino, Snowflake, BigQuery, Databricks and PostgreSQL run the same file. A rollup filters, joins,
groups and counts; ratios, medians and dates are finished in pandas or joined from the `calendar` table.
`problems(sql)` applies, in this order: WORDS (forbidden spellings, each with its way out), FUNCTIONS (the only
ones there are), sums, windows, and the names of select items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

FUNCTIONS = frozenset({"count", "sum", "min", "max", "cast", "coalesce", "row_number", "lead", "lag"})
"""The only functions of a rollup."""

CAST_TYPES = frozenset({"bigint", "date"})

ORDERED_WINDOWS = frozenset({"row_number", "lead", "lag"})
"""Window functions whose answer depends on an order; COUNT over a partition does not."""

WORDS: tuple[tuple[str, str, str], ...] = (
    # name, pattern over lower-case text without comments and with empty literals, what to do instead
    ("date part", r"\bextract\s*\(|\bdate_(trunc|part|diff|add|sub)\b|\bdatediff\b", "join calendar"),
    ("interval", r"\binterval\b", "join calendar and compare day_no"),
    ("current date", r"\bcurrent_(date|time|timestamp)\b|\bnow\s*\(", "pass :as_of"),
    ("median", r"\b(median|quantile\w*|percentile\w*|approx\w*)\b", "group to a histogram, finish in pandas"),
    ("qualify", r"\bqualify\b", "filter a ROW_NUMBER in an outer query"),
    ("arg_max", r"\b(arg_m(ax|in)|m(ax|in)_by|any_value|first|last)\s*\(", "filter a ROW_NUMBER in an outer query"),
    ("group by all", r"\b(group|order)\s+by\s+all\b", "name the columns"),
    ("positions", r"\b(group|order)\s+by\s+\d", "name the columns"),
    ("division", r"/", "divide in pandas: integers divide differently"),
    ("modulo", r"%", "compute it in pandas"),
    ("short cast", r"::", "CAST(x AS BIGINT)"),
    ("parameter", r"\?|\$\w|%s|@\w", "name it :name"),
    ("quoted name", r'["`\[\]{}]', "rename the column"),
    ("union", r"\bunion\b(?!\s+all\b)|\b(intersect|except|minus)\b", "UNION ALL, or a join"),
    (
        "join",
        r"\b(right|full|cross|natural|lateral|asof|semi|anti|positional)\s+(outer\s+)?join\b",
        "JOIN or LEFT JOIN",
    ),
    ("using", r"\busing\s*\(", "ON a.x = b.x"),
    ("distinct on", r"\bdistinct\s+on\b", "filter a ROW_NUMBER in an outer query"),
    ("filter", r"\bfilter\s*\(", "COUNT(CASE WHEN … THEN 1 END)"),
    ("nulls", r"\bnulls\s+(first|last)\b", "order by columns that are never empty"),
    ("pattern", r"\b(ilike|similar\s+to|rlike|regexp\w*|glob)\b|~", "recode at import"),
    ("concatenation", r"\|\|", "join text in pandas"),
    ("limit", r"\b(limit|offset|fetch|top|sample|tablesample|pivot|unpivot)\b", "filter a ROW_NUMBER"),
    ("equality", r"==", "="),
    ("writing", r"\b(insert|update|delete|merge|create|drop|alter|copy|attach|pragma|set|call)\b", "a rollup reads"),
    ("semicolon", r";", "one statement, without it"),
)

KEYWORDS = frozenset(
    {"select", "distinct", "from", "join", "on", "where", "and", "or", "not", "in", "exists", "between", "is"}
    | {"case", "when", "then", "else", "as", "over", "by", "having"}
)
"""Words that may stand before a bracket without being a function."""

LITERAL_OR_COMMENT = re.compile(r"('(?:[^']|'')*')|--[^\n]*|/\*.*?\*/", re.DOTALL)
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*$")
CALL = re.compile(r"\b([a-z_][a-z0-9_]*)\s*\(")


def problems(sql: str) -> list[str]:
    """Everything in a rollup's text that some engine would refuse or read differently; empty when it is portable."""
    text = plain(sql)
    found = [f"{name}: {remedy}" for name, pattern, remedy in WORDS if re.search(pattern, text)]
    return [*found, *_functions(text), *_sums(text), *_windows(text), *_items(text)]


def plain(sql: str) -> str:
    """Lower-case text without comments, on one line, with every literal emptied."""
    text = LITERAL_OR_COMMENT.sub(lambda match: "''" if match[1] else " ", sql)
    return re.sub(r"\s+", " ", text).strip().lower()


def _functions(text: str) -> Iterator[str]:
    for name in CALL.findall(text):
        if name not in FUNCTIONS | KEYWORDS:
            yield f"function {name}: only {', '.join(sorted(FUNCTIONS))}"
    for match in re.finditer(r"\bcast\s*\(", text):
        kind = re.search(r"\bas (\w+)$", _inside(text, match.end()).strip())
        if kind is None or kind[1] not in CAST_TYPES:
            yield f"cast to {kind[1] if kind else '?'}: only {', '.join(sorted(CAST_TYPES))}"


def _sums(text: str) -> Iterator[str]:
    """Unwrapped, a sum of integers is HUGEINT, DECIMAL or NUMERIC and reaches pandas as a float or an object."""
    covered: set[int] = set()
    for match in re.finditer(r"\bcast\s*\(", text):
        inside = _inside(text, match.end())
        if re.search(r"\bas bigint\s*$", inside):
            covered.update(range(match.end(), match.end() + len(inside)))
    if any(match.start() not in covered for match in re.finditer(r"\bsum\s*\(", text)):
        yield "sum: CAST(SUM(x) AS BIGINT)"


def _windows(text: str) -> Iterator[str]:
    for match in re.finditer(r"\bover\b\s*(\(?)", text):
        window = _inside(text, match.end()) if match[1] else ""
        function = _function_before(text, match.start())
        if function in ORDERED_WINDOWS and "order by" not in window:
            yield f"window: {function} without ORDER BY a unique key"
        if function in {"sum", "min", "max"}:
            yield f"window: {function} over a window; running figures are finished in pandas"
    for function in ORDERED_WINDOWS:
        if len(re.findall(rf"\b{function}\s*\(", text)) > len(re.findall(rf"\b{function}\s*\([^()]*\)\s*over\b", text)):
            yield f"window: {function} takes plain columns and needs OVER"


def _function_before(text: str, end: int) -> str:
    """Name of the call whose closing bracket stands right before `end`."""
    depth = 0
    for position in range(end - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if text[position] == "(" and depth == 0:
            name = re.search(r"([a-z_]\w*)\s*$", text[:position])
            return name[1] if name else ""
    return ""


def _items(text: str) -> Iterator[str]:
    for match in re.finditer(r"\bselect\b( distinct\b)?", text):
        if re.search(r"\b(in|exists)\s*\(\s*$", text[: match.start()]):
            continue  # its columns have no reader
        for item in _split(_select_list(text[match.end() :])):
            expression, alias = _alias(item)
            if alias is None:
                if not IDENTIFIER.match(item):
                    yield f"select item without AS: {item}"
            elif alias in _aggregated(expression):
                yield f"aggregate named like its input: {item}"


def _alias(item: str) -> tuple[str, str | None]:
    match = re.search(r" as ([a-z_][a-z0-9_]*)$", item)
    return (item[: match.start()], match[1]) if match else (item, None)


def _aggregated(expression: str) -> set[str]:
    """Column names inside the aggregates of an expression."""
    names: set[str] = set()
    for match in re.finditer(r"\b(sum|count|min|max)\s*\(", expression):
        names.update(re.findall(r"[a-z_][a-z0-9_]*", _inside(expression, match.end())))
    return names


def _select_list(rest: str) -> str:
    """Text up to the FROM of the same level, or to the end of the sub-query."""
    depth = 0
    for match in re.finditer(r"[()]|\bfrom\b", rest):
        if match[0] == "from" and depth == 0:
            return rest[: match.start()]
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth < 0:
            return rest[: match.start()]
    return rest


def _split(text: str) -> Iterator[str]:
    """Parts between the commas outside brackets."""
    depth, start = 0, 0
    for position, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()


def _inside(text: str, start: int) -> str:
    """Text from after an opening bracket to the one that closes it."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    return text[start:]
