"""What can go wrong with the world: one error, whose message names the file or package and the fix."""

from __future__ import annotations


class WorldError(Exception):
    """The world cannot be built or opened."""
