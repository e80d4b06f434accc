"""The toy tools, and a host for them."""

from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace
from typing import Annotated, Any

from pydantic import Field

from toolservers.annotations import Digits, Entity
from toolservers.catalog import Catalog
from toolservers.errors import ToolError
from toolservers.host import ToolHost
from toolservers.tool import Kind, Output, tool
from toolservers.world import World


class Echo(Output):
    text: Annotated[str, Entity("text")]
    world: str | None = None


class Sum(Output):
    total: Annotated[float, Digits(12)]


class Length(Output):
    length: int


@tool(Kind.RETRIEVAL, example={"text": "hello"})
async def echo(
    world: World, text: Annotated[str, Entity("text"), Field(json_schema_extra={"x-mcp-header": "Text"})],
) -> Echo:
    """The text itself."""
    return Echo(text=text, world=world.version)


@tool(Kind.PROCESSING, example={"a": 1, "b": 2})
async def add(a: float, b: float = 0.1) -> Sum:
    """The sum of two numbers."""
    return Sum(total=a + b)


@tool(Kind.PROCESSING, example={"value": [1]})
async def measure(value: Any) -> Length:
    """How long a value is when written down."""
    return Length(length=len(str(value)))


@tool(Kind.PROCESSING, example={})
async def refuse() -> Echo:
    """Never works."""
    raise ToolError("there is no answer — not for “anyone”")


@tool(Kind.PROCESSING, example={})
async def crash() -> Echo:
    """Has a bug."""
    raise RuntimeError("secret")


@tool(Kind.PROCESSING, example={})
async def flood() -> Echo:
    """Says too much."""
    return Echo(text="x" * 10_000)


@tool(Kind.PROCESSING, example={})
async def wait() -> Echo:
    """Never ends."""
    await asyncio.Event().wait()
    return Echo(text="")


@tool(Kind.PROCESSING, example={})
async def hang() -> Echo:
    """Stops the whole server, event loop and all."""
    signal.pause()
    return Echo(text="")


@tool(Kind.PROCESSING, example={})
async def die() -> Echo:
    """Ends the server in mid-call."""
    os.write(2, b"these are my last words\n")
    os._exit(3)


def toy_host(timeout: float = 10.0) -> ToolHost:
    world: Any = SimpleNamespace(version="w1")
    return ToolHost(Catalog([echo, add, measure, refuse, crash, flood, wait, hang, die]), world, timeout)
