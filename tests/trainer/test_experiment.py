"""Steps to target: trials are repeatable, resumable and comparable; the summary counts what they reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.hybrid import CheckpointError, HybridModel
from policies.policy import TokenPolicy
from policies.renderer import CompactRenderer
from trainer.config import TrainSettings
from trainer.experiment import StepsToTarget, Trial, draw, summarise

TRIALS = [Trial("cispo", 0, 2, (0.1, 0.4, 0.6)), Trial("cispo", 1, 2, (0.5,)), Trial("cispo", 2, 2, (0.0, 0.1)),
          Trial("grpo", 0, 2, (0.1, 0.2)), Trial("grpo", 1, 2, (0.1, 0.5)), Trial("grpo", 2, 2, (0.1, 0.2)),
          Trial("dapo", 0, 2, (0.1, 0.2, 0.3, 0.7)), Trial("dapo", 1, 2, (0.1, 0.9)), Trial("dapo", 2, 2, (1.0,))]


@pytest.fixture
def design(tmp_path: Path, world: object, settings: TrainSettings, renderer: CompactRenderer) -> StepsToTarget:
    shape = settings.model.model_copy(update={"vocab_size": renderer.tokenizer.vocab_size})
    TokenPolicy(HybridModel(shape), renderer.tokenizer).save(tmp_path / "sft")
    rl = settings.rl.model_copy(update={"steps": 2})
    return StepsToTarget(settings.model_copy(update={"rl": rl}), tmp_path / "sft", tmp_path / "out", seeds=1, every=1)


@pytest.mark.timeout(300)
def test_trials_run_in_processes_and_are_read_the_second_time(design: StepsToTarget) -> None:
    done: list[int] = []
    trials = design.run(jobs=2, progress=done.append)
    assert done == [1, 2, 3]
    assert [(trial.objective, len(trial.successes)) for trial in trials] == [("cispo", 3), ("grpo", 3), ("dapo", 3)]
    saved = design.out / "grpo-0.json"
    saved.write_text(json.dumps({**json.loads(saved.read_text()), "successes": [0.25]}))
    assert design.run()[1] == Trial("grpo", 0, 1, (0.25,))


def test_a_folder_of_another_design_is_refused(design: StepsToTarget) -> None:
    design.out.mkdir()
    (design.out / "design.json").write_text("{}")
    with pytest.raises(CheckpointError, match="another design"):
        design.run()


def test_a_trial_that_starts_at_the_target_takes_no_step(design: StepsToTarget) -> None:
    at_once = StepsToTarget(design.settings, design.start, design.out, target=0.0, seeds=1, every=1)
    design.out.mkdir()
    assert at_once.trial("cispo", 0) == Trial("cispo", 0, 1, (0.0,))


def test_the_summary_counts_a_miss_as_never() -> None:
    assert summarise(TRIALS, 0.5) == {
        "cispo": {"steps": [4, 0, None], "reached": "2/3", "median": 4},
        "grpo": {"steps": [None, 2, None], "reached": "1/3", "median": None},
        "dapo": {"steps": [6, 2, 0], "reached": "3/3", "median": 2}}


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    draw(TRIALS, 0.5, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
