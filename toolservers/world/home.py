"""The folder that holds what is downloaded and built: `$DIVEGYM_HOME`, else the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder, created if need be."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.environ.get("DIVEGYM_HOME") or f"{cache}/divegym").expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
