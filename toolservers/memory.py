"""The memory transport: a tool host in this process, called without any framing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from toolservers.connection import ToolSpec, check_call
from toolservers.errors import ToolError
from toolservers.host import ToolHost
from toolservers.result import ToolResult


class MemoryConnection:
    """A `Connection` to a `ToolHost` that lives here. The host's world is shared, so closing frees nothing."""

    def __init__(self, host: ToolHost) -> None:
        self.host = host

    @property
    def world(self) -> str | None:
        return self.host.world.version

    @cached_property
    def _specs(self) -> dict[str, ToolSpec]:
        return {name: ToolSpec.of(tool) for name, tool in self.host.catalog.items()}

    async def tools(self) -> Mapping[str, ToolSpec]:
        return self._specs

    async def call(self, name: str, arguments: Mapping[str, Any], *, episode: str | None = None) -> ToolResult:
        try:
            check_call(name, arguments)  # the limits of the wire hold here too
        except ToolError as error:
            return ToolResult.failure(error)
        return await self.host.call(name, arguments)

    async def aclose(self) -> None:
        return None
