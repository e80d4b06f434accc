"""The one real world that all tests share, built on first use in the user's cache folder."""

from __future__ import annotations

import pytest

from toolservers.world import World, open_world


def pytest_collection_finish(session: pytest.Session) -> None:
    """Builds the world before the first test that needs it, outside that test's time limit."""
    needed = any("world" in getattr(item, "fixturenames", ()) for item in session.items)
    if needed and not session.config.option.collectonly:
        open_world()


@pytest.fixture(scope="session")
def world() -> World:
    return open_world()
