"""What makes a query give other rows the next time: the clock, chance, settings, and no order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.errors import RequestError
from featurectl.queries.sql_place import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOCK = frozenset(
    {
        "ago",
        "current_date",
        "current_datetime",
        "current_localtime",
        "current_localtimestamp",
        "current_time",
        "current_timestamp",
        "get_current_time",
        "get_current_timestamp",
        "localtime",
        "localtimestamp",
        "now",
        "pg_conf_load_time",
        "pg_postmaster_start_time",
        "sysdate",
        "today",
        "transaction_timestamp",
        "utc_date",
        "utc_time",
        "utc_timestamp",
    }
)
_CHANCE = frozenset(
    {
        "approx_quantile",
        "approx_top_k",
        "gen_random_uuid",
        "rand",
        "randn",
        "random",
        "reservoir_quantile",
        "setseed",
        "uuid",
        "uuidv4",
        "uuidv7",
    }
)
_SURROUNDINGS = frozenset(
    {
        "current_catalog",
        "current_connection_id",
        "current_database",
        "current_query",
        "current_query_id",
        "current_role",
        "current_schema",
        "current_schemas",
        "current_setting",
        "current_transaction_id",
        "current_user",
        "current_version",
        "currval",
        "error",
        "getenv",
        "getvariable",
        "in_search_path",
        "nextval",
        "pg_backend_pid",
        "session_user",
        "setval",
        "sleep_ms",
        "stats",
        "txid_current",
        "user",
        "vector_type",
        "version",
        "write_log",
    }
)
# What the engine takes for a function where it finds no column of that name, quoted or not.
_WORDS = frozenset(
    {
        "current_catalog", "current_date", "current_role", "current_schema", "current_time",
        "current_timestamp", "current_user", "localtime", "localtimestamp", "session_user", "user",
    }
)  # fmt: skip
_IN_ORDER = frozenset(
    {
        "any_value",
        "arbitrary",
        "arg_max",
        "arg_max_null",
        "arg_min",
        "arg_min_null",
        "argmax",
        "argmin",
        "array_agg",
        "first",
        "group_concat",
        "last",
        "list",
        "listagg",
        "max_by",
        "min_by",
        "mode",
        "string_agg",
    }
)
_REASONS = (
    (_CLOCK, "it is another time whenever the query runs", "write the time itself"),
    (_CHANCE, "it gives other values whenever the query runs", "--sample takes rows by chance"),
    (_SURROUNDINGS, "it tells of this process, not of the sources", "leave it out"),
)
_ALSO = {
    "arrayagg": ("list",),
    "groupconcat": ("string_agg", "listagg"),
    "currentversion": ("version",),
}
_RANKS = frozenset({"first_value", "lag", "last_value", "lead", "nth_value", "ntile", "row_number"})


def chance_errors(sql: str, query: exp.Query) -> Iterator[RequestError]:
    """An error for each part of the query that could give another result from the same sources."""
    for node in query.walk():
        if isinstance(node, exp.Func):
            yield from _function(sql, node)
        elif isinstance(node, exp.Window):
            yield from _window(sql, node)
        elif isinstance(node, exp.Column) and not node.table and node.name.lower() in _WORDS:
            why = f"{node.name} could be a column, or the engine's own word"
            yield _error(sql, node, why, f"name the table of the column: t.{node.name}")
        elif isinstance(node, (exp.Placeholder, exp.Parameter)):
            yield _error(sql, node, "a parameter has no value here", "write the value")
        elif isinstance(node, exp.TableSample):
            yield _error(sql, node, "a sample gives other rows each time", "use --sample", "sample")
        elif isinstance(node, exp.Join) and node.method.upper() == "POSITIONAL":
            yield _error(sql, node, "rows are paired by chance", "join on columns", "positional")
        elif isinstance(node, exp.Query):
            yield from _some_rows(sql, node)


def _function(sql: str, node: exp.Func) -> Iterator[RequestError]:
    names = [name.lower() for name in _names(node)]
    told = next((name for name in names if re.search(rf"\b{name}\b", sql, re.IGNORECASE)), names[0])
    for refused, why, what in _REASONS:
        if refused & {*names}:
            yield _error(sql, node, f"{told}: {why}", what, told)
    if names == ["age"] and len(node.expressions) == 1:
        yield _error(sql, node, f"age of one time: {_REASONS[0][1]}", _REASONS[0][2], told)
    if _IN_ORDER & {*names} and not _is_ordered(node):
        why = f"{told}: what it gives depends on the order of the rows"
        yield _error(sql, node, why, f"give it one: {told}(… ORDER BY …)", told)


def _names(node: exp.Func) -> list[str]:
    if isinstance(node, exp.Anonymous):
        return [node.name]
    return [*node.sql_names(), *_ALSO.get(node.key, ())]


def _is_ordered(node: exp.Func) -> bool:
    around = node.parent
    while isinstance(around, (exp.IgnoreNulls, exp.Filter)):
        around = around.parent
    if isinstance(around, (exp.Window, exp.WithinGroup)):
        return isinstance(around, exp.WithinGroup) or bool(around.args.get("order"))
    return node.find(exp.Order) is not None


def _window(sql: str, node: exp.Window) -> Iterator[RequestError]:
    function = node.this
    if isinstance(function, (exp.IgnoreNulls, exp.RespectNulls)):
        function = function.this
    names = [name.lower() for name in _names(function)] if isinstance(function, exp.Func) else []
    if _RANKS & {*names} and not node.args.get("order"):
        why = f"{names[0]}: rows without an order are numbered by chance"
        yield _error(sql, function, why, "give it one: OVER (… ORDER BY …)", *names)


def _some_rows(sql: str, node: exp.Query) -> Iterator[RequestError]:
    if node.args.get("order"):
        return
    distinct = node.args.get("distinct")
    limit = node.args.get("limit") or exp.null()
    if node.args.get("limit") or node.args.get("offset"):
        what, word = "LIMIT without ORDER BY keeps rows by chance", "limit"
    elif isinstance(distinct, exp.Distinct) and distinct.args.get("on"):
        what, word = "DISTINCT ON without ORDER BY keeps rows by chance", "distinct"
    else:
        return
    order = "say which come first: ORDER BY"
    yield _error(sql, limit, what, order, word, "offset", "fetch")


def _error(sql: str, node: exp.Expr, why: str, what: str, *words: str) -> RequestError:
    return RequestError("FC331", why, location=place_of(sql, node, *words), help=[what])


def refused_functions() -> frozenset[str]:
    """The names of the functions that are refused wherever they stand."""
    return _CLOCK | _CHANCE | _SURROUNDINGS
