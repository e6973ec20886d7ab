"""SQL that gives entity rows: read, judged, and made to read the repository's sources alone.

What is let through gives the same rows from the same sources at any time: one query, over sources
by name, without files, settings, the clock or chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError, SqlglotError

from featurectl.errors import RequestError, did_you_mean, listed, raise_all
from featurectl.queries.chance import chance_errors
from featurectl.queries.expression import DIALECT, number
from featurectl.queries.sql_place import error_at, place_of, place_of_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_STARTS = (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.FROM)
_SERIES = (exp.GenerateSeries, exp.Unnest)  # functions in place of a table that read nothing
_ONE_QUERY = "give one SELECT (with CTEs, UNION and so on, if need be)"


@dataclass(frozen=True)
class EntitySql:
    """A query that was let through, and the sources that it reads, by their right names."""

    query: exp.Query
    sources: tuple[str, ...]


def parse_entity_sql(sql: str, sources: Collection[str]) -> EntitySql:
    """The query, once it is one that can be run again; ``sources`` may be named in it.

    Raises:
        RequestError: FC331 it is not, with the place; ManyErrors: in several places.
    """
    query = _parsed(sql)
    known = {name.lower(): name for name in sources}
    errors: list[RequestError] = []
    used: dict[str, None] = {}
    for found in _outer_tables(query):
        name = known.get(found.name.lower()) if _is_plain(found) else None
        if name is None:
            errors.append(_no_source(sql, found, sources))
            continue
        used[name] = None
        if not found.alias:
            alias = exp.TableAlias(this=exp.to_identifier(found.name, quoted=True))
            found.set("alias", alias)
        found.set("this", exp.to_identifier(_internal(name), quoted=True))
    raise_all([*errors, *_lateral_errors(sql, query), *chance_errors(sql, query)])
    return EntitySql(query, tuple(used))


def over_sources(
    parsed: EntitySql, rows: Mapping[str, exp.Select], columns: int | None
) -> exp.Query:
    """The query over the rows of its sources, in an order that leaves nothing to chance.

    It is the query's own order, then that of all its ``columns`` (their number): rows that are
    equal in all of them are the same row. With None there is none, and no row either: only the
    names and types are asked for.
    """
    query = parsed.query.copy()
    if columns is not None:
        _order(query, columns)
    for name in reversed(parsed.sources):
        query = _with(query, _internal(name), rows[name])
    return exp.select("*").from_(query.subquery("q")).limit(0) if columns is None else query


def quoted_sql(query: exp.Query) -> str:
    """The query's text, every name quoted: none is taken for a word of the language."""
    return query.sql(dialect=DIALECT, identify=True)


def _parsed(sql: str) -> exp.Query:
    text = _one_statement(sql)
    try:
        found = sqlglot.parse_one(text, dialect=DIALECT)
        found = found.unnest() if isinstance(found, exp.Subquery) else found
        changed = next(found.find_all(exp.DML, exp.DDL, exp.Command), None)
    except ParseError as error:
        raise _syntax(sql, error) from error
    except RecursionError as error:
        raise RequestError("FC331", "the SQL is nested too deeply") from error
    if not isinstance(found, (exp.Select, exp.SetOperation)) or _changes(changed):
        raise RequestError("FC331", "the SQL is no query", help=[_ONE_QUERY])
    return found


def _one_statement(sql: str) -> str:
    """The text before its semicolon, where nothing follows one."""
    tokens = _tokens(sql)
    ends = [token for token in tokens if token.token_type == TokenType.SEMICOLON]
    words = [token for token in tokens if token.token_type != TokenType.SEMICOLON]
    if not words:
        raise RequestError("FC331", "the SQL is empty", help=[_ONE_QUERY])
    if words[0].token_type not in _STARTS:
        raise error_at(sql, words[0].start, words[0].end, "this is no query", [_ONE_QUERY])
    for word in words:
        if ends and word.start > ends[0].start:
            raise error_at(sql, word.start, word.end, "this is a second statement", [_ONE_QUERY])
    return sql[: ends[0].start] if ends else sql


def _changes(found: exp.Expr | None) -> bool:
    return found is not None and not isinstance(found, exp.Query)


def _tokens(sql: str) -> list[Token]:
    try:
        sql.encode()
        return list(sqlglot.tokenize(sql, dialect=DIALECT))
    except (SqlglotError, UnicodeEncodeError) as error:
        why = "a quote or a comment does not end"
        if isinstance(error, UnicodeEncodeError):
            why = "it is no UTF-8"
        raise RequestError("FC331", f"the SQL can't be read: {why}", help=[_ONE_QUERY]) from error


def _syntax(sql: str, error: ParseError) -> RequestError:
    told = error.errors[0] if error.errors else {}
    near = str(told.get("highlight") or "")
    place = place_of_text(sql, int(told.get("line") or 1), int(told.get("col") or 1), near)
    what = f'the SQL can\'t be read at "{near}"' if near else "the SQL can't be read"
    return RequestError("FC331", what, location=place)


def _outer_tables(query: exp.Query) -> Iterator[exp.Table]:
    """The tables that are none of the query's own CTEs."""
    for found in list(query.find_all(exp.Table)):
        if not (_is_plain(found) and _is_cte(found)) and not isinstance(found.this, _SERIES):
            yield found


def _is_plain(found: exp.Table) -> bool:
    return isinstance(found.this, exp.Identifier) and not found.args.get("db")


def _is_cte(found: exp.Table) -> bool:
    """Whether a CTE has the table's name where it stands: of a query around it, defined before."""
    around = list(_ancestors(found))
    for outer in around:
        with_ = outer.args.get("with_") or outer.args.get("with")
        for cte in with_.expressions if with_ else ():
            is_inside = any(cte is each for each in around)
            is_seen = not is_inside or bool(with_ and with_.args.get("recursive"))
            if is_seen and cte.alias.lower() == found.name.lower():
                return True
            if is_inside:
                break
    return False


def _ancestors(found: exp.Expr) -> Iterator[exp.Expr]:
    each = found.parent
    while each is not None:
        yield each
        each = each.parent


def _no_source(sql: str, found: exp.Table, sources: Collection[str]) -> RequestError:
    name = ".".join(part.name for part in found.parts)
    what = f'there is no source "{name}"'
    if not isinstance(found.this, exp.Identifier):
        what = f"{_called(found.this)} is no source of the repository"
    return RequestError(
        "FC331",
        what,
        location=place_of(sql, found),
        caret=did_you_mean(found.name, sources),
        notes=[f"sources: {listed(sorted(sources))}"],
    )


def _called(function: exp.Expr) -> str:
    return function.sql(DIALECT).partition("(")[0].lower()


def _lateral_errors(sql: str, query: exp.Query) -> Iterator[RequestError]:
    """Functions beside the tables, which could read anything."""
    for found in query.find_all(exp.Lateral):
        if isinstance(found.this, exp.Func) and not isinstance(found.this, _SERIES):
            what = f"{_called(found.this)} is no source of the repository"
            yield RequestError("FC331", what, location=place_of(sql, found))


def _internal(name: str) -> str:
    return f"source {name}"


def _order(query: exp.Query, columns: int) -> None:
    order = query.args.get("order")
    keys = list(order.expressions) if order else []
    if any(key.this.name.lower() == "all" and not _is_quoted(key.this) for key in keys):
        return
    keys += [exp.Ordered(this=number(place + 1)) for place in range(columns)]
    query.set("order", exp.Order(expressions=keys))


def _is_quoted(key: exp.Expr) -> bool:
    return isinstance(key.this, exp.Identifier) and bool(key.this.quoted)


def _with(query: exp.Query, name: str, rows: exp.Select) -> exp.Query:
    own = query.ctes
    alias = exp.to_identifier(name, quoted=True)
    found = query.with_(alias, as_=rows, materialized=False, copy=False)
    with_ = found.args.get("with_") or found.args["with"]
    with_.set("expressions", [with_.expressions[-1], *own])
    return found
