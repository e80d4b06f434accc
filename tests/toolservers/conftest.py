from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from toolservers import catalog
from toolservers.errors import ToolError
from toolservers.world import World, open_world


@pytest.fixture(scope="session")
def world() -> World:
    """The real world, built once and cached."""
    return open_world()


@pytest.fixture(scope="session")
def ask(world: World) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Calls a tool over the world by name."""

    async def run(name: str, **arguments: Any) -> dict[str, Any]:
        return await catalog.load()[name].call(world, arguments)

    return run


@pytest.fixture(scope="session")
def refusal(ask: Callable[..., Awaitable[dict[str, Any]]]) -> Callable[..., Awaitable[ToolError]]:
    """The error of a call that must fail."""

    async def run(name: str, **arguments: Any) -> ToolError:
        with pytest.raises(ToolError) as caught:
            await ask(name, **arguments)
        return caught.value

    return run
