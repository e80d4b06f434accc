"""The host runs tools: one catalogue over one world, with a time limit, behind every transport."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolservers.catalog import Catalog
from toolservers.errors import ErrorKind, ToolError
from toolservers.result import ToolResult
from toolservers.world import World

logger = logging.getLogger(__name__)
MAX_OUTPUT_CHARS = 8_000  # about 2,000 tokens


@dataclass(frozen=True)
class ToolHost:
    """Calls tools by name; every failure comes back as a `ToolResult`, never as an exception."""

    catalog: Catalog
    world: World
    timeout: float = 10.0

    async def call(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        try:
            return await self._run(name, arguments)
        except ToolError as error:
            return ToolResult.failure(error)
        except TimeoutError:
            return ToolResult.failure(ToolError(f"{name}: no answer within {self.timeout:g} s", ErrorKind.TIMEOUT))
        except Exception:  # a bug in a tool is logged whole and shown masked: the host's insides are not the agent's
            logger.exception("tool %s failed on %.500r", name, arguments)
            return ToolResult.failure(ToolError(f"{name}: internal error"))

    async def _run(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        tool = self.catalog.get(name)
        if tool is None:
            raise ToolError(f"no tool is called {name[:64]!r}", ErrorKind.UNKNOWN_TOOL)
        async with asyncio.timeout(self.timeout):
            result = ToolResult(await tool.call(self.world, arguments))
        if len(result.text) > MAX_OUTPUT_CHARS:
            raise ToolError(f"{name}: the output is over {MAX_OUTPUT_CHARS} characters; ask for fewer items")
        return result
