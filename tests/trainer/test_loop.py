"""A whole run, small: it learns nothing, but it is killed and goes on, and ends with the numbers of an unbroken one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from policies.hybrid import CheckpointError
from policies.policy import TokenPolicy
from trainer.config import TrainSettings
from trainer.loop import train

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from trainer.config import TrainSettings
from trainer.loop import train
from trainer.metrics import MetricsLog

phase, step = sys.argv[2], int(sys.argv[3])
write = MetricsLog.write

def fatal(self, at_phase, at_step, *rest):
    write(self, at_phase, at_step, *rest)
    if (at_phase, at_step) == (phase, step):
        os.kill(os.getpid(), signal.SIGKILL)

MetricsLog.write = fatal
asyncio.run(train(TrainSettings.model_validate_json(sys.stdin.read()), Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, world: object, settings: TrainSettings) -> Path:
    out = tmp_path_factory.mktemp("run") / "unbroken"
    asyncio.run(train(settings, out))
    return out


def killed(settings: TrainSettings, out: Path, phase: str, step: int) -> None:
    """Runs until the metrics of that step are written, and not an instruction longer."""
    child = subprocess.run([sys.executable, "-c", CHILD, str(out), phase, str(step)], timeout=300, check=False,
                           input=settings.model_dump_json().encode(), env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("phase", "step"), [("sft", 3), ("cispo", 2)])
@pytest.mark.timeout(300)
def test_a_killed_run_ends_like_an_unbroken_one(tmp_path: Path, unbroken: Path, settings: TrainSettings,
                                                phase: str, step: int) -> None:
    killed(settings, tmp_path / "run", phase, step)
    asyncio.run(train(settings, tmp_path / "run"))
    for name in ("metrics.jsonl", "results.json"):
        assert (tmp_path / "run" / name).read_text() == (unbroken / name).read_text()
    ours, theirs = (TokenPolicy.load(run / "cispo").model.state_dict() for run in (tmp_path / "run", unbroken))
    assert all((ours[name] == theirs[name]).all() for name in theirs)


def test_a_run_leaves_what_a_person_wants_to_see(unbroken: Path, settings: TrainSettings) -> None:
    assert (unbroken / "curve.png").read_bytes().startswith(b"\x89PNG")
    results = json.loads((unbroken / "results.json").read_text())
    assert list(results) == ["untrained", "sft", "cispo"]
    assert results["sft"]["short"]["tasks"] == settings.evaluation.tasks
    steps = {"sft": settings.sft.steps, "cispo": settings.rl.steps}
    rows = [json.loads(line) for line in (unbroken / "metrics.jsonl").read_text().splitlines()]
    assert {phase: [row["step"] for row in rows if row["phase"] == phase] for phase in steps} == {
        phase: list(range(1, count + 1)) for phase, count in steps.items()}
    assert "expected:" in (unbroken / "rollouts-cispo-frontier.txt").read_text()
    assert list((unbroken / "tensorboard").rglob("events*"))


def test_a_finished_run_is_not_run_again(unbroken: Path, settings: TrainSettings) -> None:
    before = (unbroken / "metrics.jsonl").stat().st_mtime_ns
    results = asyncio.run(train(settings, unbroken))
    assert results == json.loads((unbroken / "results.json").read_text())
    assert len((unbroken / "metrics.jsonl").read_text().splitlines()) == settings.sft.steps + settings.rl.steps
    assert before <= (unbroken / "metrics.jsonl").stat().st_mtime_ns


def test_other_settings_are_refused(unbroken: Path, settings: TrainSettings) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        asyncio.run(train(settings.model_copy(update={"seed": 1}), unbroken))
