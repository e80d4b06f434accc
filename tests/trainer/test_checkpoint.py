"""Run states: whole or not at all, and only for the run that wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from policies.hybrid import CheckpointError
from trainer.checkpoint import RunState, load_state, save_state


def state() -> RunState:
    return RunState("print", 1, 7, {"w": torch.arange(3.0)}, {"lr": 0.5}, {"sft": {"short": {"solved": 2}}})


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    save_state(state(), tmp_path / "state.pt")
    loaded = load_state(tmp_path / "state.pt", "print")
    assert loaded is not None
    assert (loaded.stage, loaded.step, loaded.optimizer, loaded.results) == (1, 7, {"lr": 0.5}, state().results)
    assert loaded.model["w"].tolist() == [0, 1, 2]


def test_no_file_is_no_state(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state.pt", "print") is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:len(data) // 2], lambda data: b"", lambda data: b"\x00" * len(data)])
def test_a_corrupt_file_is_named(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "state.pt"
    save_state(state(), path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(CheckpointError, match=r"state\.pt is not a run state"):
        load_state(path, "print")


def test_another_runs_state_is_refused(tmp_path: Path) -> None:
    save_state(state(), tmp_path / "state.pt")
    with pytest.raises(CheckpointError, match="other settings"):
        load_state(tmp_path / "state.pt", "another")


def test_a_full_disk_leaves_the_last_state(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    save_state(state(), path)
    before = path.read_bytes()
    path.with_suffix(".partial").symlink_to("/dev/full")
    with pytest.raises(CheckpointError, match="untouched"):
        save_state(state(), path)
    assert path.read_bytes() == before
    assert not path.with_suffix(".partial").exists()
