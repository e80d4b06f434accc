"""The state of a run between two steps: one file, replaced atomically, from which the run goes on exactly."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from policies.hybrid.checkpoint import CheckpointError


@dataclass
class RunState:
    """`step` is the next step of stage number `stage`; all randomness of a step derives from its number."""

    fingerprint: str
    """Of the settings and the world: a run goes on only as what it began."""
    stage: int = 0
    step: int = 0
    model: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    """Evaluations made so far, by name."""


def save_state(state: RunState, path: Path) -> None:
    """Raises CheckpointError if the file cannot be written; the one that was there stays whole."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            torch.save(asdict(state), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
        partial.unlink(missing_ok=True)
        raise CheckpointError(f"could not save {path}: {error}; the previous checkpoint is untouched") from error


def load_state(path: Path, fingerprint: str) -> RunState | None:
    """The saved state, or None if there is none. Raises CheckpointError if it is corrupt or of another run."""
    if not path.exists():
        return None
    try:
        saved = torch.load(path, weights_only=True)
        state = RunState(**saved)
    except (OSError, RuntimeError, TypeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} is not a run state ({error}); delete it to start the run again") from error
    if state.fingerprint != fingerprint:
        raise CheckpointError(f"{path} belongs to a run with other settings or another world; choose another --out")
    return state
