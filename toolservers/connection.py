"""A connection to tools: what an environment holds, whichever transport carries the calls.

A call never raises: a tool's failure, a dead server and a timeout all come back as a `ToolResult`, and the same
call gives the same text over every transport.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult
from toolservers.tool import Tool, explain

PREFIX = "com.divegym/"  # of every `_meta` key that is ours
WORLD_KEY = PREFIX + "world"  # of a listing: the version of the world behind its tools
MAX_CALL_BYTES = 64 * 1024  # name and arguments
DEFAULT_TIMEOUT = 10.0  # seconds


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a client sees it. `meta` carries kind, domain, group and entity types under `com.divegym/` keys."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, tool: Tool) -> ToolSpec:
        entities = {
            "parameters": {name: one.entity for name, one in tool.parameters.items() if one.entity},
            "output": {name: one.entity for name, one in tool.fields.items() if one.entity},
        }
        meta = {"kind": str(tool.kind), "domain": tool.domain, "group": tool.group, "entities": entities}
        return cls(tool.name, tool.description, tool.input_schema, tool.output_schema,
                   {PREFIX + key: value for key, value in meta.items()})

    @property
    def kind(self) -> str:
        """"retrieval" or "processing"; empty if the server does not say."""
        return str(self.meta.get(PREFIX + "kind", ""))

    @property
    def domain(self) -> str:
        """Name of the domain; empty if the server does not say."""
        return str(self.meta.get(PREFIX + "domain", ""))


class Connection(Protocol):
    """Tools within reach. Safe for any number of concurrent calls; bound to the event loop it was opened on."""

    @property
    def world(self) -> str | None:
        """Version of the world that the tools look things up in; None if the server does not say."""

    async def tools(self) -> Mapping[str, ToolSpec]:
        """The tools on offer, in name order."""

    async def call(self, name: str, arguments: Mapping[str, Any], *, episode: str | None = None) -> ToolResult:
        """Runs one tool. `episode` names the episode on whose behalf it runs. Raises nothing but CancelledError."""

    async def aclose(self) -> None:
        """Frees what the connection holds; calls still in flight fail as `transport`. May be called twice."""


def check_call(name: str, arguments: Mapping[str, Any]) -> None:
    """Raises `ToolError` (invalid arguments) for a call that no transport may carry: not JSON, or too large."""
    if not isinstance(arguments, Mapping):
        raise ToolError("arguments: Input should be an object", ErrorKind.INVALID_ARGUMENTS)
    try:
        size = len(orjson.dumps((name, arguments)))
    except orjson.JSONEncodeError as error:
        raise ToolError(explain(error), ErrorKind.INVALID_ARGUMENTS) from error
    if size > MAX_CALL_BYTES:
        raise ToolError(f"arguments: over {MAX_CALL_BYTES} bytes; send fewer", ErrorKind.INVALID_ARGUMENTS)
