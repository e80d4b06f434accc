from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import settings

from toolservers import catalog

settings.register_profile("untimed", deadline=None)  # the first call imports libraries
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def call() -> Callable[..., Awaitable[dict[str, Any]]]:
    """Calls a processing tool of the domain by name; such tools read no world."""

    async def run(name: str, **arguments: Any) -> dict[str, Any]:
        return await catalog.load("financial")[name].call(None, arguments)  # type: ignore[arg-type]

    return run
