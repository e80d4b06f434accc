"""Metrics of a run: JSON lines for machines, TensorBoard for people. Rows after a resumed step are taken back first.

`metrics.jsonl` holds only what the seed determines; seconds go to `timings.jsonl`, so that two runs can be compared.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import orjson
from torch.utils.tensorboard import SummaryWriter

Row = dict[str, float | int | str]


class MetricsLog:
    """Appends rows keyed by (phase, step). `resume_at` maps every phase to the last step whose rows stay."""

    def __init__(self, directory: Path, resume_at: Mapping[str, int]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for name in ("metrics.jsonl", "timings.jsonl"):
            _truncate(directory / name, resume_at)
        self._directory = directory
        self._boards = {phase: SummaryWriter(str(directory / "tensorboard" / phase), purge_step=step + 1)
                        for phase, step in resume_at.items()}

    def write(self, phase: str, step: int, values: Mapping[str, float], seconds: Mapping[str, float]) -> None:
        _append(self._directory / "metrics.jsonl", {"phase": phase, "step": step, **values})
        _append(self._directory / "timings.jsonl", {"phase": phase, "step": step, **seconds})
        board = self._boards[phase]
        for name, value in {**values, **{f"seconds/{name}": value for name, value in seconds.items()}}.items():
            board.add_scalar(name, value, step)

    def close(self) -> None:
        for board in self._boards.values():
            board.close()


def read_metrics(directory: Path, phase: str) -> list[Row]:
    """The rows of one phase, in order of steps."""
    path = directory / "metrics.jsonl"
    rows: list[Row] = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    return [row for row in rows if row["phase"] == phase]


def _append(path: Path, row: Row) -> None:
    with path.open("ab") as file:
        file.write(orjson.dumps(row) + b"\n")


def _truncate(path: Path, resume_at: Mapping[str, int]) -> None:
    """Drops the rows that will be written again, and a last line that a kill cut short."""
    if not path.exists():
        return
    kept = []
    for line in path.read_bytes().splitlines():
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if row["step"] <= resume_at.get(row["phase"], 0):
            kept.append(line)
    temporary = path.with_suffix(".partial")
    temporary.write_bytes(b"".join(line + b"\n" for line in kept))
    os.replace(temporary, path)
