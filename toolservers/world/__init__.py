"""The world: one read-only database of real facts, known by the hash of its contents."""

from toolservers.world.errors import WorldError
from toolservers.world.world import World, open_world

__all__ = ["World", "WorldError", "open_world"]
