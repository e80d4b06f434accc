"""Shorthand: tool calls as a person types them.

    fx_rate currency=USD on=2020-01-02; country_capital country="New Zealand"

A value is what the parameter's schema makes of it: text where the schema takes only text, else JSON, else text.
Quotes hold white space and semicolons together; objects and lists are written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from envs.messages import ToolCall
from toolservers.connection import ToolSpec

NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
BARE = re.compile(r"[^\s;]*")
JSON = json.JSONDecoder()


class ShorthandError(ValueError):
    """What was typed is not a call; the message quotes the place."""


def read_calls(line: str, tools: Mapping[str, ToolSpec]) -> tuple[ToolCall, ...]:
    """The calls of one line, separated by semicolons. Raises ShorthandError."""
    calls, at = [], 0
    while line[at:].strip(" ;"):
        call, at = _read_call(line, at, tools)
        calls.append(call)
        at = _skip_separator(line, at)
    return tuple(calls)


def read_argument(text: str, tool: ToolSpec | None = None) -> tuple[str, Any]:
    """One `name=value`, its quotes already taken off by a shell. Raises ShorthandError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ShorthandError(f"{text!r} is not name=value")
    return name, read_value(value, _schema(tool, name))


def read_value(text: str, schema: Mapping[str, Any] | None = None) -> Any:
    """The value that unquoted `text` stands for, under the parameter's JSON schema if there is one."""
    if schema is not None and takes_only_text(schema):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def takes_only_text(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON schema admits strings and nothing else but null."""
    branches = schema.get("anyOf")
    if branches:
        return all(takes_only_text(branch) or branch.get("type") == "null" for branch in branches)
    return schema.get("type") == "string"


def write_calls(calls: tuple[ToolCall, ...]) -> str:
    """The inverse of `read_calls`."""
    return "; ".join(" ".join([call.name, *(f"{name}={write_value(value)}" for name, value in call.arguments.items())])
                     for call in calls)


def write_value(value: Any) -> str:
    """Bare where that reads back as the same text, else JSON."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.:/+-]+", value) and read_value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read_call(line: str, at: int, tools: Mapping[str, ToolSpec]) -> tuple[ToolCall, int]:
    found = NAME.match(line, at)
    if found is None:
        raise ShorthandError(f"expected the name of a tool at {line[at:at + 30]!r}")
    name, at = found[1], found.end()
    arguments: dict[str, Any] = {}
    while at < len(line) and line[at:].lstrip()[:1] not in ("", ";"):
        key, value, at = _read_pair(line, at, tools.get(name))
        if key in arguments:
            raise ShorthandError(f"{key} is given twice")
        arguments[key] = value
    return ToolCall(name, arguments), at


def _read_pair(line: str, at: int, tool: ToolSpec | None) -> tuple[str, Any, int]:
    found = NAME.match(line, at)
    if found is None or line[found.end():found.end() + 1] != "=":
        raise ShorthandError(f"expected name=value at {line[at:].strip()[:30]!r}")
    at = found.end() + 1
    if line[at:at + 1] == "'":
        end = line.find("'", at + 1)
        if end < 0:
            raise ShorthandError(f"the quotation at {line[at:at + 30]!r} does not end")
        return found[1], line[at + 1:end], end + 1
    if line[at:at + 1] in ('"', "[", "{"):
        value, end = _read_json(line, at)
        return found[1], value, end
    bare = BARE.match(line, at)
    assert bare is not None  # it also matches nothing
    return found[1], read_value(bare[0], _schema(tool, found[1])), bare.end()


def _read_json(line: str, at: int) -> tuple[Any, int]:
    try:
        return JSON.raw_decode(line, at)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ShorthandError(f"not JSON: {line[at:at + 30]!r}") from error


def _schema(tool: ToolSpec | None, name: str) -> Mapping[str, Any] | None:
    properties = (tool.input_schema if tool else {}).get("properties", {})
    schema: Mapping[str, Any] | None = properties.get(name)
    return schema


def _skip_separator(line: str, at: int) -> int:
    rest = line[at:].lstrip()
    return len(line) - len(rest) + (1 if rest.startswith(";") else 0)
