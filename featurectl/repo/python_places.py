"""Where the parts of a definition stand in a Python file: in the call that made it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType

    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile

Span = tuple[int, int, int, int]  # line, end line, column, end column, as code objects give them

_FIRST = ("name", "type", "view")  # the fields that may be given by position


@dataclass(frozen=True)
class PythonSource:
    """A Python file's text and its calls."""

    file: TextFile

    @cached_property
    def _calls(self) -> dict[int, list[ast.Call]]:
        """The calls by the line that they begin in, outer ones first."""
        found: dict[int, list[ast.Call]] = {}
        for node in ast.walk(ast.parse(self.file.text)):
            if isinstance(node, ast.Call):
                found.setdefault(node.lineno, []).append(node)
        return found

    def call(self, line: int, span: Span | None, name: str) -> ast.Call | None:
        """The call at a span; where Python gives none (before 3.11), the one of ``name`` there."""
        calls = self._calls.get(line if span is None else span[0], [])
        if span is not None:
            return next((call for call in calls if _span(call) == span), None)
        return next((call for call in calls if _called(call) == name), None)

    def location(self, node: ast.expr | ast.keyword) -> Location:
        """A node's place, underlined to its end or to the end of its first line."""
        line = self.file.lines[node.lineno - 1]
        start = _characters(line, node.col_offset)
        if isinstance(node, ast.keyword):
            end = start + len(node.arg or "**")
        elif node.end_lineno == node.lineno and node.end_col_offset is not None:
            end = _characters(line, node.end_col_offset)
        else:
            end = len(line.rstrip())
        return self.file.location(node.lineno, start + 1, max(1, end - start))

    def span_location(self, line: int, span: Span | None) -> Location:
        """The place of what was being run; the whole line where Python gives no span."""
        text = self.file.lines[line - 1] if line <= len(self.file.lines) else ""
        if span is None or span[0] != line:
            start = len(text) - len(text.lstrip())
            return self.file.location(line, start + 1, max(1, len(text.strip())))
        start = _characters(text, span[2])
        end = _characters(text, span[3]) if span[1] == line else len(text.rstrip())
        return self.file.location(line, start + 1, max(1, end - start))


@dataclass(frozen=True)
class PythonPlaces:
    """The places of what one call says; the call's own line where it isn't found."""

    source: PythonSource
    line: int
    made_by: ast.Call | None

    def value(self, *path: str) -> Location:
        """Where the value at the path begins."""
        return self._location(self._find(path)[1])

    def key(self, *path: str) -> Location:
        """Where the key at the path stands: a keyword, or the key in a dict."""
        key, node = self._find(path)
        return self._location(key or node)

    def _location(self, node: ast.expr | ast.keyword | None) -> Location:
        if node is None:
            return self.source.span_location(self.line, None)
        return self.source.location(node.func if isinstance(node, ast.Call) else node)

    def _find(self, path: tuple[str, ...]) -> tuple[ast.expr | ast.keyword | None, ast.expr | None]:
        key: ast.expr | ast.keyword | None = None
        node: ast.expr | None = self.made_by
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            key, node = found
        return key, node


def span_of(code: CodeType, last_instruction: int) -> Span | None:
    """The place of an instruction, or None on Pythons before 3.11."""
    if not hasattr(code, "co_positions"):
        return None
    found: Any = next(islice(code.co_positions(), last_instruction // 2, None), None)
    return None if found is None or None in found else found


def _step(
    node: ast.expr | None, step: str
) -> tuple[ast.expr | ast.keyword | None, ast.expr] | None:
    """One step of a path: a keyword of a call, a key of a dict, an item of a list."""
    if isinstance(node, ast.Call):
        return _argument(node, step)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return next(
            ((k, v) for k, v in pairs if isinstance(k, ast.Constant) and k.value == step), None
        )
    if isinstance(node, (ast.List, ast.Tuple)) and step.isdigit() and int(step) < len(node.elts):
        return None, node.elts[int(step)]
    return None


def _argument(call: ast.Call, name: str) -> tuple[ast.keyword | None, ast.expr] | None:
    for keyword in call.keywords:
        if keyword.arg == name or (keyword.arg, name) == ("alias", "as"):
            return keyword, keyword.value
    return (None, call.args[0]) if name in _FIRST and call.args else None


def _span(call: ast.Call) -> tuple[int, int | None, int, int | None]:
    return call.lineno, call.end_lineno, call.col_offset, call.end_col_offset


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _characters(line: str, offset: int) -> int:
    """Characters before a place that Python counts in bytes of UTF-8."""
    return len(line.encode()[:offset].decode(errors="ignore"))
